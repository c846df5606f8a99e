"""Rate limits: a token bucket of questions for each user and each group, refilled over time.

Buckets are kept in memory: after a restart every bucket is full. Only questions take from them, commands that cost
nothing do not. A question counts once, at the time it was sent, whenever it is worked on: one that had to wait for
the bot or the index, however long, was not asked too soon.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.telegram.runtime.recent import Latest
from bot.telegram.runtime.update import Work
from prompts import Language, counted

if TYPE_CHECKING:
    from bot.settings import Settings

_OWNERS = 4
"""Factor on the user limit for owners: they try things out, but a stuck script of theirs is limited too."""
_ROUNDED = 2.0
"""Seconds of age up to which a message counts as sent now: Telegram tells its time in whole seconds."""
_IN_MINUTES_FROM = 120


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit: ``most`` questions at once, and as many again in ``seconds``."""

    most: int
    seconds: float

    def times(self, factor: int) -> Rate:
        return Rate(self.most * factor, self.seconds)

    @property
    def each(self) -> float:
        """Seconds after which one more question is allowed."""
        return self.seconds / self.most


def rate(setting: str) -> Rate | None:
    """Parse a limit such as ``6/60``, 6 questions in 60 seconds; return None for ``0``, which sets no limit."""
    most, _, seconds = setting.partition("/")
    return Rate(int(most), float(seconds)) if seconds else None


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait for a question that came too soon."""

    seconds: int
    """Seconds until there is room for a question, at least 1."""
    whose: str
    """``user`` or ``chat``: the one whose limit is exceeded."""
    first: bool
    """Whether this is the first question to wait: a user told once is not told again until they may ask."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    notified: bool = False


class Limits:
    """The token buckets of users and groups."""

    def __init__(
        self,
        user: Rate | None,
        chat: Rate | None,
        owners: frozenset[int] = frozenset(),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rates = {"user": user, "chat": chat}
        self._owners = owners
        self._clock = clock
        # Beyond so many those that were not used for longest are forgotten, which fills them.
        self._buckets: Latest[tuple[str, int], _Bucket] = Latest()

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(rate(settings.rate_user), rate(settings.rate_chat), settings.owners)

    def take(self, user: int, chat: int | None = None, *, work: Work | None = None) -> Wait | None:
        """Take a question out of the user's bucket and, in a group, the group's.

        When one of them is empty, take from neither and return how long to wait. An inline query has no chat. The
        ``work`` on one update takes once, however often it is tried; without it, the question was sent now.
        """
        now = self._clock()
        if work and work.let_in:
            return None
        sent = work.since if work and work.since is not None and now - work.since > _ROUNDED else now
        keys = [("user", user)] + ([("chat", chat)] if chat is not None and chat != user else [])
        buckets = [
            (key, limit, self._bucket(key, limit, sent)) for key in keys if (limit := self._rate(*key))
        ]
        for (whose, _), limit, bucket in buckets:
            if bucket.left < 1:
                first, bucket.notified = not bucket.notified, True
                room = bucket.at + (1 - bucket.left) * limit.each
                return Wait(max(1, math.ceil(room - now - 1e-6)), whose, first)
        for _, _, bucket in buckets:
            bucket.left -= 1
            bucket.notified = False
        if work:
            work.let_in = True
        return None

    def _rate(self, whose: str, id: int) -> Rate | None:
        found = self._rates[whose]
        return found.times(_OWNERS) if found and whose == "user" and id in self._owners else found

    def _bucket(self, key: tuple[str, int], limit: Rate, at: float) -> _Bucket:
        """Return the bucket as full as it was at time ``at``, or as last computed if that is later."""
        bucket = self._buckets.get(key) or _Bucket(limit.most, at)
        passed = max(0.0, at - bucket.at)
        bucket.left = min(limit.most, bucket.left + passed / limit.each)
        bucket.at += passed
        self._buckets[key] = bucket
        return bucket


def span(seconds: int, language: Language) -> str:
    """Return a waiting time in words: seconds, and from two minutes on whole minutes."""
    if seconds < _IN_MINUTES_FROM:
        return counted("count_seconds", seconds, language)
    return counted("count_minutes", math.ceil(seconds / 60), language)
