"""Bounded memory of recent keys, so that nobody is told the same thing again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from cachetools import FIFOCache, TTLCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_REMEMBERED = 10_000


class Latest(FIFOCache[K, V]):
    """A dictionary that keeps the ``most`` entries set last; setting a key again makes it the newest."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        super().__init__(most)


class Recent(TTLCache[Hashable, None]):
    """A memory of the numbers and names seen within the last ``seconds``, at most 10,000 of them."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(_REMEMBERED, seconds, clock)

    def has(self, key: Hashable) -> bool:
        """Return whether the key was seen within ``seconds``, without recording it."""
        return key in self

    def first(self, key: Hashable) -> bool:
        """Return whether the key was not seen within ``seconds``; record it then."""
        if key in self:
            return False
        self[key] = None
        return True

    def forget(self, key: Hashable) -> None:
        """Remove the key, so that it counts as new again."""
        self.pop(key, None)
