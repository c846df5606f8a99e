"""How the sources that are followed stand, for ``/healthz`` and ``/metrics``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from corpus.following import Followed, Standing

MOST = 100
"""Most sources that are named: those in trouble first, then those added first. All are counted."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it is named outside: never with what stands behind a ``?``, which may be a key."""

    name: str
    standing: Standing
    followed: Followed


def named(all_followed: Iterable[Followed], now: datetime) -> list[Source]:
    """Return the sources by name, at most ``MOST``; of two with one name, the second is numbered."""
    standing = [(each.standing(now), each) for each in all_followed]
    standing.sort(key=lambda each: each[0] not in ("failing", "silent"))
    seen: Counter[str] = Counter()
    sources = []
    for stands, followed in standing[:MOST]:
        name = public_name(followed)
        seen[name] += 1
        sources.append(Source(name if seen[name] == 1 else f"{name} #{seen[name]}", stands, followed))
    return sources


def public_name(followed: Followed) -> str:
    """Return the address of a source without what may be secret in it: a user, a password, a query."""
    if "://" not in followed.address:
        return followed.address
    parts = urlsplit(followed.address)
    return f"{parts.hostname or ''}{parts.path}".rstrip("/")


def counts(all_followed: Iterable[Followed], now: datetime) -> dict[str, int]:
    """Return how many sources stand how."""
    found = Counter(each.standing(now) for each in all_followed)
    every: tuple[Standing, ...] = ("ok", "new", "silent", "failing")
    return {standing: found[standing] for standing in every}


def report(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Return the sources as JSON values: last success, last new item, failures in a row."""
    return [
        {
            "source": each.name,
            "kind": each.followed.kind,
            "standing": each.standing,
            "last_success": _text(each.followed.succeeded),
            "last_new": _text(each.followed.newest),
            "failures": each.followed.failures,
            "error": str(each.followed.error.reason) if each.followed.error else None,
        }
        for each in sources
    ]


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
