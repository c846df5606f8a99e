"""Bounded memory of recent keys, so that nobody is told the same thing again and again."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_REMEMBERED = 10_000


class Latest(OrderedDict[K, V]):
    """A dictionary that keeps the ``most`` entries set last; setting a key again makes it the newest."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)


class Recent:
    """A memory of the numbers and names seen within the last ``seconds``, at most 10,000 of them."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def has(self, key: Hashable) -> bool:
        """Return whether the key was seen within ``seconds``, without recording it."""
        return key in self._seen and self._clock() - self._seen[key] < self._seconds

    def first(self, key: Hashable) -> bool:
        now = self._clock()
        while self._seen and (
            len(self._seen) > _REMEMBERED or now - next(iter(self._seen.values())) >= self._seconds
        ):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now
        return True

    def forget(self, key: Hashable) -> None:
        """Remove the key, so that it counts as new again."""
        self._seen.pop(key, None)
