"""Bounds on the bytes of a chat model's reply, for the HTTP clients of its providers.

A reply is read whole before anyone looks at it, so that a server could fill the memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

MOST_BYTES = 4 * 1024 * 1024
"""Maximum number of bytes of a reply: many times what its tokens take, with all that providers put around them."""
MOST_PACKED = 64 * 1024
"""Maximum number of bytes of a packed reply, which unpacks to a thousand times as much at most."""

_PACKINGS = frozenset({"gzip", "x-gzip", "deflate"})


class TooLongReplyError(ValueError):
    """Raised when a reply is longer than any answer, or packed so that its length cannot be told."""


async def bound(response: Any) -> None:
    """Let a response be read up to its bound: a hook for responses of httpx and of packages made from it."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("", "identity", *_PACKINGS):
        raise TooLongReplyError(f"packed as {packing[:20]}")
    most = MOST_PACKED if packing in _PACKINGS else MOST_BYTES
    base = import_module(type(response).__module__.partition(".")[0]).AsyncByteStream
    response.stream = _bounded(base)(response.stream, most)


def _bounded(base: Any) -> Any:
    """Return a class of streams that the package of this base class takes for its own."""

    class Bounded(base):  # type: ignore[misc]
        def __init__(self, stream: Any, most: int) -> None:
            self._stream = stream
            self._left = most

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in self._stream:
                self._left -= len(chunk)
                if self._left < 0:
                    raise TooLongReplyError("a reply that is longer than any answer")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    return Bounded
