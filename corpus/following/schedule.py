"""When a source is looked at next: soon where something is to be expected, later where it failed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from corpus.following.followed import Followed
from corpus.following.look import Outcome


@dataclass(frozen=True, slots=True)
class Schedule:
    """Bounds on the time between two looks at a source."""

    least: timedelta = timedelta(minutes=2)
    """At sources that often have something new, and where something was left for the next look."""
    most: timedelta = timedelta(minutes=4)
    """At all others: with the time that it takes to take an item in, less than five minutes."""
    failed: timedelta = timedelta(hours=1)
    """The longest wait after failures, and what it begins with is ``least``."""
    retry_after: timedelta = timedelta(hours=24)
    """The longest wait that a server may ask for."""
    folders: timedelta = timedelta(seconds=30)
    chance: random.Random = field(default_factory=random.Random)

    def next(self, followed: Followed, outcome: Outcome, now: datetime) -> datetime:
        """Return when a source is due after a look. It was ``followed`` so far, with the failures before this one."""
        if outcome.failure:
            wait = min(self.least * 2 ** min(followed.failures, 16), self.failed)
            if outcome.retry_after is not None:
                asked = min(timedelta(seconds=outcome.retry_after), self.retry_after)
                return now + max(self._scattered(wait), asked)
            return now + self._scattered(wait)
        if followed.kind in ("folder", "file"):
            return now + min(self.folders, self.most)
        if not outcome.complete:
            return now + self.least
        wait = self.most
        if followed.pace is not None:
            wait = min(max(followed.pace / 4, self.least), self.most)
        # A server's hint how long its answer stays fresh makes no item later than ``most``: that only Retry-After does.
        hint = min(timedelta(seconds=outcome.fresh), self.most)
        due = now + max(self._scattered(wait), hint)
        silent = followed.silent_from
        # So that its silence shows as soon as it is longer than the habit.
        return max(silent, now + self.least) if silent and now < silent < due else due

    def _scattered(self, wait: timedelta) -> timedelta:
        """Return a wait made a little shorter at random, so that sources do not come due together."""
        return wait * self.chance.uniform(0.8, 1.0)
