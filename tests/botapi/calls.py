"""HTTP calls: parameters read from requests, and responses that refuse them."""

from __future__ import annotations

import json

from aiohttp import web

from tests.botapi.chats import Json
from tests.botapi.sending import Upload

_AS_TEXT = {
    "text", "parse_mode", "action", "language_code", "chat_id", "callback_query_id", "inline_query_id",
    "guest_query_id", "inline_message_id", "file_id", "url", "secret_token", "next_offset", "caption",
    "description", "short_description", "document",
}  # fmt: skip


async def parameters(request: web.Request) -> Json:
    """Return the parameters of a call from the query, a form or JSON, with JSON-encoded values decoded."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    else:
        for key, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                found[key] = Upload(value.filename, value.file.read(), value.content_type)
            elif isinstance(value, str):
                found[key] = value
    # A file may stand in its own field, which the parameter names.
    for key, value in found.items():
        if isinstance(value, str) and value.startswith("attach://"):
            found[key] = found.get(value.removeprefix("attach://"), value)
    return {key: value if key in _AS_TEXT else _decoded(value) for key, value in found.items()}


def refusal(code: int, description: str, more: Json | None = None) -> web.Response:
    body: Json = {"ok": False, "error_code": code, "description": description}
    if more:
        body["parameters"] = more
    return web.json_response(body, status=code)


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
