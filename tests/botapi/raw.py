"""Calls to the server over plain HTTP, without a bot library in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.botapi.chats import Json
from tests.botapi.server import BotApi


class Caller:
    """``await call("getMe")`` gives the status and the result, or the description of the refusal."""

    def __init__(self, api: BotApi, session: aiohttp.ClientSession) -> None:
        self._api = api
        self._session = session

    async def __call__(self, method: str, token: str | None = None, **parameters: Any) -> tuple[int, Any]:
        status, body = await self.body(method, token, **parameters)
        return status, body["result"] if body["ok"] else body["description"]

    async def body(self, method: str, token: str | None = None, **parameters: Any) -> tuple[int, Json]:
        """The status and the whole answer."""
        url = f"{self._api.url}/bot{token or self._api.token}/{method}"
        async with self._session.post(url, json=parameters) as response:
            body: Json = await response.json()
        assert body["ok"] == (response.status == 200)
        return response.status, body

    async def result(self, method: str, **parameters: Any) -> Any:
        """The result of a call that is let through, an object or what else it is."""
        status, body = await self.body(method, **parameters)
        assert status == 200, body
        return body["result"]

    async def refused(self, method: str, **parameters: Any) -> str:
        """Why a call is refused, without the words every such answer begins with."""
        status, body = await self.body(method, **parameters)
        assert status >= 400, body
        return str(body["description"]).removeprefix("Bad Request: ")

    async def upload(self, method: str, name: str, data: bytes, **parameters: str) -> tuple[int, Json]:
        """A call that carries a file, as a form of several parts."""
        form = aiohttp.FormData(parameters, quote_fields=False)
        form.add_field("attached", data, filename=name, content_type="text/plain")
        form.add_field("document", "attach://attached")
        url = f"{self._api.url}/bot{self._api.token}/{method}"
        async with self._session.post(url, data=form) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, bytes]:
        """A file by its path on the server."""
        url = f"{self._api.url}/file/bot{self._api.token}/{path}"
        async with self._session.get(url) as response:
            return response.status, await response.read()


@asynccontextmanager
async def caller(api: BotApi) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(api, session)
