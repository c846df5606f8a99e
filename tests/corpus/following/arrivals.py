"""Simulated sources: when each has something new, and when it falls silent for good.

``SEEN`` were there while the habit was made, ``UNSEEN`` were written at the same time and first run at its end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)

Rate = Callable[[datetime], float]
"""Arrivals an hour to be expected at a moment."""


def poisson(rate: Rate, days: int, chance: random.Random, most: float = 12.0) -> list[datetime]:
    """Return arrivals at a rate that changes, by thinning (Lewis and Shedler 1979)."""
    found: list[datetime] = []
    at = START
    while at < START + timedelta(days=days):
        at += timedelta(hours=chance.expovariate(most))
        if chance.random() < rate(at) / most:
            found.append(at)
    return found


def jittered(times: Iterator[datetime], chance: random.Random, minutes: float) -> list[datetime]:
    return sorted(at + timedelta(minutes=chance.gauss(0, minutes)) for at in times)


def every(step: timedelta, days: int, at: datetime = START) -> Iterator[datetime]:
    while at < START + timedelta(days=days):
        yield at
        at += step


def bursts(times: list[datetime], chance: random.Random, most: int) -> list[datetime]:
    """Return each arrival with some more in the minutes behind it."""
    return sorted(
        at + timedelta(minutes=3 * number) for at in times for number in range(chance.randint(1, most))
    )


def by_day(at: datetime, day: float, night: float, zone: int = 3) -> float:
    """Return ``day`` from seven to midnight on the clock of a zone, ``night`` else."""
    return day if (at + zone * HOUR).hour >= 7 else night


def _agency(days: int, chance: random.Random) -> list[datetime]:
    return poisson(lambda at: by_day(at, 6.0, 1.0), days, chance)


def _newspaper(days: int, chance: random.Random) -> list[datetime]:
    return poisson(lambda at: by_day(at, 1.5, 0.0), days, chance)


def _hourly(days: int, chance: random.Random) -> list[datetime]:
    return jittered(every(HOUR, days), chance, 4)


def _weekdays(days: int, chance: random.Random) -> list[datetime]:
    return poisson(lambda at: 0.0 if at.weekday() in (4, 5) else by_day(at, 2.0, 0.05), days, chance)


def _batches(days: int, chance: random.Random) -> list[datetime]:
    return bursts(jittered(every(4 * HOUR, days), chance, 25), chance, 8)


def _bulletin(days: int, chance: random.Random) -> list[datetime]:
    return jittered(every(timedelta(days=1), days, START + 6 * HOUR), chance, 20)


# Kept unseen


def _ministry(days: int, chance: random.Random) -> list[datetime]:
    def rate(at: datetime) -> float:
        return 0.8 if 8 <= (at + 3 * HOUR).hour < 16 and at.weekday() not in (4, 5) else 0.0

    return bursts(poisson(rate, days, chance), chance, 3)


def _twice(days: int, chance: random.Random) -> list[datetime]:
    return jittered(
        (at for at in every(HOUR, days) if at.hour in (5, 16)), chance, 15
    )  # morning and evening editions


def _blog(days: int, chance: random.Random) -> list[datetime]:
    return poisson(lambda at: by_day(at, 0.09, 0.0), days, chance)


def _live(days: int, chance: random.Random) -> list[datetime]:
    """A quiet site that for two days of each week reports by the minute."""
    return poisson(lambda at: by_day(at, 9.0 if at.weekday() in (1, 2) else 0.7, 0.1), days, chance)


def _interrupted(days: int, chance: random.Random) -> list[datetime]:
    """An agency whose feed was broken for two days, a while ago."""
    broken = START + timedelta(days=max(days - 20, 5))
    return [at for at in _newspaper(days, chance) if not broken <= at < broken + timedelta(days=2)]


def _shifted(days: int, chance: random.Random) -> list[datetime]:
    return poisson(lambda at: by_day(at, 3.0, 0.3, -5), days, chance)


Pattern = Callable[[int, random.Random], list[datetime]]
SEEN: dict[str, Pattern] = {
    "agency": _agency,
    "newspaper": _newspaper,
    "hourly": _hourly,
    "weekdays": _weekdays,
    "batches": _batches,
    "bulletin": _bulletin,
}
UNSEEN: dict[str, Pattern] = {
    "ministry": _ministry,
    "twice": _twice,
    "blog": _blog,
    "live": _live,
    "interrupted": _interrupted,
    "shifted": _shifted,
}
