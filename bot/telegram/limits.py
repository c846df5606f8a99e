"""How often one may ask: a bucket of questions for each user and each group, filled up again as time goes by.

In memory: after a restart every bucket is full. Only questions take from them, commands that cost nothing do not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.telegram.place import Place
from bot.telegram.recent import Latest, Recent
from bot.telegram.work import update_id
from prompts import Language, counted

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.telegram.delivery import Delivery

_OWNERS = 4
"""Times as many as others: owners try things out, but a stuck script of theirs is no better than any other."""
_RETRIED_WITHIN = 3600.0
"""Seconds in which an update that is worked on again, after a failure, does not count again."""
_IN_MINUTES_FROM = 120


@dataclass(frozen=True, slots=True)
class Rate:
    """``most`` questions at once, and as many again in ``seconds``."""

    most: int
    seconds: float

    def times(self, factor: int) -> Rate:
        return Rate(self.most * factor, self.seconds)

    @property
    def each(self) -> float:
        """Seconds after which there is one more."""
        return self.seconds / self.most


def rate(setting: str) -> Rate | None:
    """What ``6/60`` means; None for ``0``, which sets no limit."""
    most, _, seconds = setting.partition("/")
    return Rate(int(most), float(seconds)) if seconds else None


@dataclass(frozen=True, slots=True)
class Wait:
    """A question that came too soon."""

    seconds: int
    """Until there is room for one, at least 1."""
    whose: str
    """``user`` or ``chat``: whose questions are too many."""
    first: bool
    """Whether it is the first that has to wait: who was told once is not told again until they may ask."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    told: bool = False


class Limits:
    """The buckets."""

    def __init__(
        self,
        user: Rate | None,
        chat: Rate | None,
        owners: frozenset[int] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = {"user": user, "chat": chat}
        self._owners = owners
        self._clock = clock
        # Beyond so many those that were not used for longest are forgotten, which fills them.
        self._buckets: Latest[tuple[str, int], _Bucket] = Latest()
        self._taken = Recent(_RETRIED_WITHIN, clock)

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(rate(settings.rate_user), rate(settings.rate_chat), settings.owners)

    def take(self, user: int, chat: int | None = None) -> Wait | None:
        """Take a question out of the user's bucket and, in a group, the group's; or out of neither, and how long to
        wait. An inline query has no chat. The same update takes once, however often it is tried."""
        if (number := update_id()) and not self._taken.first(number):
            return None
        keys = [("user", user)] + ([("chat", chat)] if chat is not None and chat != user else [])
        buckets = [(key, limit, self._bucket(key, limit)) for key in keys if (limit := self._rate(*key))]
        for (whose, _), limit, bucket in buckets:
            if bucket.left < 1:
                first, bucket.told = not bucket.told, True
                self._taken.forget(number)
                return Wait(max(1, math.ceil((1 - bucket.left) * limit.each - 1e-6)), whose, first)
        for _, _, bucket in buckets:
            bucket.left -= 1
            bucket.told = False
        return None

    async def hold_back(self, delivery: Delivery, here: Place, reply_to: int | None = None) -> bool:
        """Whether a question in a message comes too soon; then the asker has been told how long to wait, once."""
        wait = self.take(here.user, None if here.private else here.chat)
        if wait is None:
            return False
        if wait.first:
            await delivery.line(
                here, f"telegram_wait_{wait.whose}", reply_to=reply_to, time=span(wait.seconds, here.language)
            )
        return True

    def _rate(self, whose: str, id: int) -> Rate | None:
        found = self._rates[whose]
        return found.times(_OWNERS) if found and whose == "user" and id in self._owners else found

    def _bucket(self, key: tuple[str, int], limit: Rate) -> _Bucket:
        """The bucket as full as it is now."""
        now = self._clock()
        bucket = self._buckets.get(key) or _Bucket(limit.most, now)
        bucket.left = min(limit.most, bucket.left + (now - bucket.at) / limit.each)
        bucket.at = now
        self._buckets[key] = bucket
        return bucket


def span(seconds: int, language: Language) -> str:
    """A time to wait, in words: seconds, and from two minutes on whole minutes."""
    if seconds < _IN_MINUTES_FROM:
        return counted("count_seconds", seconds, language)
    return counted("count_minutes", math.ceil(seconds / 60), language)
