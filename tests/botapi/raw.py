"""Calls to the server over plain HTTP, without a bot library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.botapi.chats import Json
from tests.botapi.server import BotApi


class Caller:
    """A caller: ``await call("getMe")`` returns the status with the result or the description of the refusal."""

    def __init__(self, api: BotApi, session: aiohttp.ClientSession) -> None:
        self._api = api
        self._session = session

    async def __call__(self, method: str, token: str | None = None, **parameters: Any) -> tuple[int, Any]:
        status, body = await self.body(method, token, **parameters)
        return status, body["result"] if body["ok"] else body["description"]

    async def body(self, method: str, token: str | None = None, **parameters: Any) -> tuple[int, Json]:
        """Return the status and the whole answer."""
        url = f"{self._api.url}/bot{token or self._api.token}/{method}"
        async with self._session.post(url, json=parameters) as response:
            body: Json = await response.json()
        assert body["ok"] == (response.status == 200)
        return response.status, body

    async def result(self, method: str, **parameters: Any) -> Any:
        """Return the result of a call that must succeed."""
        status, body = await self.body(method, **parameters)
        assert status == 200, body
        return body["result"]

    async def refused(self, method: str, **parameters: Any) -> str:
        """Return the description of a call that must be refused, without its prefix ``Bad Request: ``."""
        status, body = await self.body(method, **parameters)
        assert status >= 400, body
        return str(body["description"]).removeprefix("Bad Request: ")

    async def upload(self, method: str, name: str, data: bytes, **parameters: str) -> tuple[int, Json]:
        """Upload a file in a call, as a multipart form."""
        form = aiohttp.FormData(parameters, quote_fields=False)
        form.add_field("attached", data, filename=name, content_type="text/plain")
        form.add_field("document", "attach://attached")
        url = f"{self._api.url}/bot{self._api.token}/{method}"
        async with self._session.post(url, data=form) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, bytes]:
        """Download a file by its path on the server."""
        url = f"{self._api.url}/file/bot{self._api.token}/{path}"
        async with self._session.get(url) as response:
            return response.status, await response.read()


@asynccontextmanager
async def caller(api: BotApi) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(api, session)
