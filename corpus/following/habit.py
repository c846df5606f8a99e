"""The habit of a source: how long it is usually silent, learnt from when it had something new.

Time is counted in items to be expected, not in hours: by how much the source has had at each hour of the day and on
each day of the week, a night moves it little and a morning much. Between two items of a steady source passes about
one of these units, whenever they come. The longest usual silence is a bound on these intervals: their upper tail is
taken for exponential and continued to where one would be longer in a quarter of a year. Its scale is that of the
median interval in the tail, which an outage among them does not move. Nor may silence be much longer by the clock than
the second longest that there was: what comes once a day is missed before the next day is over.

Times are UTC: what is regular by the clock of the source is regular by that one, shifted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

KEPT = timedelta(days=35)
"""How far back arrivals tell of a habit: five of each weekday."""
TOGETHER = timedelta(minutes=15)
"""What comes within so long is one arrival: a batch says no more of a source than one of its items."""
LEAST = 6
"""Arrivals before which there is no habit."""

_HOUR = timedelta(hours=1)
_DAYS = 8.0  # days of arrivals before which days of the week are all alike
_TAIL = 0.8
"""The part of intervals below the tail."""
_WEEKS = 13.0
_FLOOR = 0.02  # of the mean rate, at hours at which nothing ever came
_MARGIN = 1.2
_MARGIN_BY_CLOCK = 1.25
_FEW = 2.0


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a source has something new at each hour and weekday, and how much of that it may miss."""

    rate: float
    """Arrivals an hour, on average."""
    hours: tuple[float, ...]
    """For each hour of the day, UTC, its share of the average: 1 for an average hour."""
    days: tuple[float, ...]
    """The same for each day of the week, Monday first."""
    most: float
    """The longest usual silence, in arrivals to be expected."""
    longest: timedelta
    """The same by the clock: what rarely but twice already was longer, and some more."""
    pace: timedelta
    """The median interval."""

    def silent_from(self, last: datetime) -> datetime:
        """Return the moment at which silence since ``last`` becomes longer than the habit."""
        left = self.most
        at, latest = last, last + self.longest
        while at < latest:
            until = min(_next_hour(at), latest)
            part = self.expected_in(at) * ((until - at) / _HOUR)
            if part >= left:
                return max(at + (until - at) * (left / part), last + TOGETHER)
            left -= part
            at = until
        return max(latest, last + TOGETHER)

    def expected_in(self, at: datetime) -> float:
        """Return the arrivals to be expected in the hour of a moment."""
        return self.rate * self.hours[at.hour] * self.days[at.weekday()]


def learn(arrivals: Iterable[datetime]) -> Habit | None:
    """Return the habit that shows in arrivals, in any order; None where there are too few."""
    times = together(arrivals)
    if len(times) < LEAST:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    span = (times[-1] - times[0]) / _HOUR
    rate = len(gaps) / span
    hours = _by_hour(times, rate)
    days = _by_day(times, rate, hours) if span >= 24 * _DAYS else (1.0,) * 7
    longest = gaps[-2] * _MARGIN_BY_CLOCK + TOGETHER
    shape = Habit(rate, hours, days, 0.0, longest, gaps[len(gaps) // 2])
    counted = sorted(_passed(shape, earlier, later) for earlier, later in pairwise(times))
    return replace(shape, most=_bound(counted, rate))


def together(arrivals: Iterable[datetime]) -> list[datetime]:
    """Return the arrivals in order, those that came together as the first of them."""
    found: list[datetime] = []
    for at in sorted(each.astimezone(UTC) for each in arrivals):
        if not found or at - found[-1] >= TOGETHER:
            found.append(at)
    return found


def _bound(gaps: Sequence[float], rate: float) -> float:
    """Return how long silence may last, in the unit of ``gaps``, which are in order."""
    start = gaps[min(int(len(gaps) * _TAIL), len(gaps) - 1)]
    excess = [gap - start for gap in gaps if gap > start]
    scale = median(excess) / math.log(2) if excess else 0.0
    expected = max(rate * 24 * 7 * _WEEKS * (1 - _TAIL), math.e)
    tail = (start + scale * math.log(expected)) * (_MARGIN + _FEW / len(gaps))
    return max(tail, gaps[-2] * _MARGIN)  # where nights are no part of the tail of steady days


def _by_hour(times: Sequence[datetime], rate: float) -> tuple[float, ...]:
    seen, watched = [0.0] * 24, [0.0] * 24
    for at in times[1:]:
        seen[at.hour] += 1
    for at, share in _hours(times[0], times[-1]):
        watched[at.hour] += share
    raw = [(count + 1) / (rate * hours + 1) for count, hours in zip(seen, watched, strict=True)]
    smooth = [(raw[hour - 1] + 2 * raw[hour] + raw[(hour + 1) % 24]) / 4 for hour in range(24)]
    mean = sum(smooth) / 24
    return tuple(max(share / mean, _FLOOR) for share in smooth)


def _by_day(times: Sequence[datetime], rate: float, hours: Sequence[float]) -> tuple[float, ...]:
    seen, expected = [0.0] * 7, [0.0] * 7
    for at in times[1:]:
        seen[at.weekday()] += 1
    for at, share in _hours(times[0], times[-1]):
        expected[at.weekday()] += rate * hours[at.hour] * share
    raw = [(count + 1) / (most + 1) for count, most in zip(seen, expected, strict=True)]
    mean = sum(raw) / 7
    return tuple(max(share / mean, _FLOOR) for share in raw)


def _passed(habit: Habit, start: datetime, stop: datetime) -> float:
    return sum(habit.expected_in(at) * share for at, share in _hours(start, stop))


def _hours(start: datetime, stop: datetime) -> Iterable[tuple[datetime, float]]:
    """Yield each hour of the clock between two moments, with the share of it that lies between them."""
    at = start
    while at < stop:
        until = min(_next_hour(at), stop)
        yield at, (until - at) / _HOUR
        at = until


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + _HOUR
