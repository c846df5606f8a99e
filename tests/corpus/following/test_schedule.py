"""When a source is looked at next."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from corpus.decode import Reason
from corpus.following import Failure, Followed
from corpus.following.look import Outcome
from corpus.following.schedule import Schedule

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = Followed("https://news.example/feed", "feed", NOW)


def waits(followed: Followed, outcome: Outcome) -> list[timedelta]:
    return [Schedule(chance=random.Random(seed)).next(followed, outcome, NOW) - NOW for seed in range(50)]


def test_often_where_much_is_new_and_never_later_than_within_five_minutes() -> None:
    busy = replace(FEED, pace=5 * MINUTE, newest=NOW)
    rare = replace(FEED, pace=timedelta(days=1), newest=NOW)
    assert max(waits(busy, Outcome())) <= 2 * MINUTE < min(waits(rare, Outcome())) * 2
    assert max(waits(rare, Outcome())) <= 4 * MINUTE
    assert len(set(waits(rare, Outcome()))) > 10


def test_what_is_left_is_fetched_soon_and_what_slept_for_long_wakes_within_minutes() -> None:
    assert max(waits(FEED, Outcome(complete=False))) == 2 * MINUTE
    asleep = replace(FEED, newest=NOW - timedelta(days=8))
    assert max(waits(asleep, Outcome())) <= 4 * MINUTE


def test_a_hint_is_a_lower_bound_up_to_a_limit() -> None:
    assert min(waits(FEED, Outcome(fresh=210))) >= 3.5 * MINUTE
    assert max(waits(FEED, Outcome(fresh=1e6))) == 4 * MINUTE


def test_a_silence_that_is_about_to_be_too_long_is_looked_at_when_it_is() -> None:
    asleep = replace(FEED, newest=NOW - timedelta(days=8), silent_from=NOW + 3 * MINUTE)
    assert set(waits(asleep, Outcome())) == {3 * MINUTE}


def test_failures_wait_longer_each_time_and_as_the_server_asks() -> None:
    failure = Failure(Reason.TIMEOUT)
    for failures, most in ((0, 2), (1, 4), (2, 8), (9, 60), (1000, 60)):
        found = waits(replace(FEED, failures=failures), Outcome(failure=failure))
        assert most * MINUTE * 0.8 <= min(found) <= max(found) <= most * MINUTE
    assert min(waits(FEED, Outcome(failure=failure, retry_after=7200))) == timedelta(hours=2)
    assert max(waits(FEED, Outcome(failure=failure, retry_after=1e9))) == timedelta(days=1)
