"""Bounds on the bytes of a chat model's reply: what comes through, and what is not read on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.llm.bounds import MOST_BYTES, MOST_PACKED, TooLongReplyError, bound


class Endless(httpx.AsyncByteStream):
    """A body that never ends, and counts what was read of it."""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.read += 65_536
            yield b"x" * 65_536


def read(stream: httpx.AsyncByteStream | bytes, packing: str = "") -> bytes:
    headers = {"content-encoding": packing} if packing else {}

    async def reply() -> bytes:
        def answer(request: httpx.Request) -> httpx.Response:
            if isinstance(stream, bytes):
                return httpx.Response(200, headers=headers, content=stream)
            return httpx.Response(200, headers=headers, stream=stream)

        hooks = {"response": [bound]}
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer), event_hooks=hooks) as client:
            return (await client.get("http://model.example/")).content

    return asyncio.run(reply())


def test_a_reply_comes_through() -> None:
    assert read(b"x" * 100_000) == b"x" * 100_000


@pytest.mark.parametrize(("packing", "most"), [("", MOST_BYTES), ("gzip", MOST_PACKED)])
def test_an_endless_reply_is_not_read_on(packing: str, most: int) -> None:
    stream = Endless()
    with pytest.raises((TooLongReplyError, httpx.DecodingError)):
        read(stream, packing)
    assert stream.read <= most + 65_536


def test_a_packing_without_a_bound_is_refused() -> None:
    with pytest.raises(TooLongReplyError, match="packed as br"):
        read(b"x", "br")
