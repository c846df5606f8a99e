"""The habit of a source, learnt from simulated arrivals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from corpus.following.habit import LEAST, learn, together
from tests.corpus.following.arrivals import SEEN, START, UNSEEN, every
from tests.corpus.following.habits import measure

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SEEN, *UNSEEN])
def test_a_source_rarely_counts_as_silent_that_is_not_and_soon_when_it_is(name: str) -> None:
    measured = measure((SEEN | UNSEEN)[name], seed=7, weeks=4)
    assert measured.false_a_week <= 0.5
    assert measured.delay <= 2 * measured.gap


def test_too_few_arrivals_show_no_habit() -> None:
    times = list(every(HOUR, 1))
    assert learn(times[: LEAST - 1]) is None
    assert learn(times[:LEAST]) is not None
    assert learn([START + number * MINUTE for number in range(100)]) is not None
    assert learn([START] * 100) is None


def test_a_night_without_news_is_no_silence_and_a_morning_is() -> None:
    times = [at for at in every(HOUR / 2, 21) if 6 <= at.hour < 22]
    habit = learn(times)
    assert habit is not None
    evening = datetime(2026, 1, 26, 21, 30, tzinfo=UTC)
    assert evening + 8 * HOUR < habit.silent_from(evening) < evening + 12 * HOUR
    morning = datetime(2026, 1, 26, 10, 0, tzinfo=UTC)
    assert habit.silent_from(morning) < morning + 3 * HOUR
    assert habit.pace == HOUR / 2


def test_an_outage_does_not_become_the_habit() -> None:
    times = list(every(HOUR, 21))
    broken = [at for at in times if not 10 * DAY < at - START < 12 * DAY]
    whole, with_gap = learn(times), learn(broken)
    assert whole is not None
    assert with_gap is not None
    last = times[-1]
    assert with_gap.silent_from(last) - last < 2 * (whole.silent_from(last) - last)


def test_what_comes_in_one_batch_is_one_arrival() -> None:
    batch = [START + minutes * MINUTE for minutes in (0, 3, 9, 14, 20)]
    assert together(reversed(batch)) == [START, START + 20 * MINUTE]
