"""The library's request class, strict about replies: one that is no reply of a Bot API server is a network error."""

from __future__ import annotations

import json
from typing import Any

from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest


class StrictRequest(HTTPXRequest):
    """The library's request class, except that every reply unlike Telegram's raises a TelegramError.

    The library takes a successful reply without a result, and an error that is no JSON object, for a fault of the
    program. They come from proxies, and pass.
    """

    async def do_request(self, url: str, method: str, *more: Any, **named: Any) -> tuple[int, bytes]:
        """Make a request and return its status and body; raise NetworkError for a success without a result."""
        code, payload = await super().do_request(url, method, *more, **named)
        # Files are downloaded by GET, and are no JSON.
        if method == "POST" and 200 <= code <= 299 and self.parse_json_payload(payload).get("result") is None:
            raise NetworkError(f"the server's reply holds no result ({code})")
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return a reply's JSON object; raise TelegramError when it is none."""
        try:
            found: Any = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise TelegramError("the server's reply is no JSON object")
        return found
