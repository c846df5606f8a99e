"""What is known of one source that is followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from corpus.decode import Reason

Kind = Literal["feed", "sitemap", "folder", "file", "channel"]
Standing = Literal["new", "ok", "silent", "failing"]

POLLED: frozenset[Kind] = frozenset({"feed", "sitemap", "folder", "file"})
"""Kinds that musnad looks at by itself; a channel's posts come to the bot."""

_FAILURES = 2
"""Failures in a row, fewer of which are an accident of the network."""
_UNKNOWN = timedelta(hours=1)
"""How long a source may fail that has no habit yet."""
_LONGEST = timedelta(days=1)
"""How long any source may fail, however seldom it has news."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a source could not be read, as `corpus.report.Skipped` says it."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """A source that is followed, with all times in UTC. Made by `Following` alone."""

    address: str
    """As it was given and as it is named everywhere: an address of the web, a path, or «t.me/channel»."""
    kind: Kind
    added: datetime
    outlet: str | None = None
    """The outlet given for all that comes from it, whatever it says."""
    title: str | None = None
    """What it calls itself."""
    private: bool = False
    """Whether it may stand on this machine or its network, as for a user who sits at it."""
    checked: datetime | None = None
    """When it was last looked at, whatever came of it."""
    succeeded: datetime | None = None
    """When it was last looked at and could be read."""
    newest: datetime | None = None
    """When its last new item came in; of what was there at first, when that was published where it is known."""
    newest_published: datetime | None = None
    """When the newest of its items was published, where items say so."""
    newest_title: str | None = None
    failures: int = 0
    """Failures in a row."""
    failing_since: datetime | None = None
    """The first of these failures."""
    error: Failure | None = None
    """Why it could not be read the last time; with no ``failures``, what was wrong with it although it could."""
    stopped: bool = False
    """Whether it is looked at no more: it is gone for good, and says so."""
    due: datetime | None = None
    """When it will be looked at next; None for a channel and for what is stopped."""
    location: str | None = None
    """Where it moved to for good."""
    etag: str | None = None
    last_modified: str | None = None
    items: int = 0
    """The number of its items that are known; `Following.items` has them."""
    pace: timedelta | None = None
    """The usual time between two new items; None while too few are known."""
    silent_from: datetime | None = None
    """The moment from which silence is longer than its habit; None while it has none."""

    @property
    def habit(self) -> timedelta | None:
        """How long it usually is silent at most, after its last new item: shorter by day than by night."""
        return self.silent_from - self.newest if self.silent_from and self.newest else None

    def standing(self, now: datetime) -> Standing:
        """Return how the source stands: ``silent`` or ``failing`` for longer than is its habit, ``new`` without one.

        Silence counts only once it was looked at after that: not while nobody looked.
        """
        if self.stopped or self._fails(now):
            return "failing"
        if self.silent_from is None:
            return "new"
        looked = now if self.kind == "channel" else self.succeeded
        return "silent" if looked and looked > self.silent_from else "ok"

    def _fails(self, now: datetime) -> bool:
        if self.failures < _FAILURES or self.failing_since is None:
            return False
        if self.silent_from is None:
            return now - self.failing_since > _UNKNOWN
        return now > min(self.silent_from, self.failing_since + _LONGEST)


@dataclass(frozen=True, slots=True)
class Known:
    """An item of a source as it was when it was last taken in."""

    key: str
    """What names it in its source: an id, an address, a path."""
    digest: str = ""
    """Of what the source carried of it; another one means that it changed. "" where it was not read."""
    url: str | None = None
    source: str | None = None
    """The name under which the archive has it; None for what held no article."""
    etag: str | None = None
    last_modified: str | None = None
    lastmod: str | None = None
    """The day or time of its last change, as a sitemap says it."""
    published: datetime | None = None
    seen: datetime | None = None
    """When it was first taken in."""
    looked: datetime | None = None
    """When its page was last looked at."""
    missed: int = 0
    """How many times in a row its page was not there."""
    gone: datetime | None = None
    """When its page was found gone (404 or 410); None while it is there."""


TIMES = (
    "added",
    "checked",
    "succeeded",
    "newest",
    "newest_published",
    "failing_since",
    "due",
    "silent_from",
)
"""The moments of a followed source, by their fields."""
