"""Measure of the habit on simulated sources: false alarms a week, and how long a real silence goes unnoticed.

python -m tests.corpus.following.habits [--unseen]
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from corpus.following.habit import KEPT, learn
from tests.corpus.following.arrivals import SEEN, START, UNSEEN, Pattern

LEARNT = 14
"""Days that are known at first."""
WATCHED = 56
"""Days after them in which every silence that is taken for one is a false alarm."""


@dataclass(frozen=True)
class Measured:
    false_a_week: float
    delay: timedelta
    """Median time from the last item until its source counts as silent, over all items."""
    longest: timedelta
    """The longest of these times."""
    gap: timedelta
    """The longest interval that the source had: what a rule without a clock would wait at least."""


def measure(pattern: Pattern, seed: int = 1, weeks: int = WATCHED // 7) -> Measured:
    """Watch a source, learning anew with each item as the store does."""
    times = pattern(LEARNT + weeks * 7, random.Random(seed))
    alarms, delays, gaps = 0, [], []
    for number, (at, later) in enumerate(pairwise(times)):
        if at - START < timedelta(days=LEARNT):
            continue
        if (later - at) < timedelta(minutes=15):
            continue
        known = _kept(times[: number + 1], at)
        habit = learn(known)
        if habit is None:
            continue
        silent = habit.silent_from(at)
        alarms += silent < later
        delays.append(silent - at)
        gaps.append(later - at)
    seconds = median(each.total_seconds() for each in delays)
    return Measured(alarms / weeks, timedelta(seconds=seconds), max(delays), max(gaps))


def _kept(times: list[datetime], now: datetime) -> list[datetime]:
    return [at for at in times if now - at <= KEPT]


def main() -> None:
    patterns = SEEN | UNSEEN if "--unseen" in sys.argv else SEEN
    print(f"{'source':12} {'false/week':>10} {'delay':>8} {'longest':>8} {'gap':>8}")
    for name, pattern in patterns.items():
        runs = [measure(pattern, seed) for seed in range(2)]
        false = sum(run.false_a_week for run in runs) / len(runs)
        hours = [
            max(getattr(run, each) for run in runs) / timedelta(hours=1)
            for each in ("delay", "longest", "gap")
        ]
        print(f"{name:12} {false:10.2f} {hours[0]:7.1f}h {hours[1]:7.1f}h {hours[2]:7.1f}h")


if __name__ == "__main__":
    main()
