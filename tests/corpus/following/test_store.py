"""What is followed, as it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.decode import Reason
from corpus.following import Failure, Following, Known

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = "https://news.example/feed"


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Following]:
    following = Following(tmp_path / "following.sqlite")
    yield following
    following.close()


def test_a_source_is_followed_until_it_is_removed_and_a_new_start_knows_it(
    following: Following, tmp_path: Path
) -> None:
    added = following.add(FEED, "feed", NOW, outlet="صحيفة الجبل", title="أخبار\nالجبل")
    assert (added.title, added.outlet, added.due, added.standing(NOW)) == (
        "أخبار الجبل",
        "صحيفة الجبل",
        NOW,
        "new",
    )
    again = Following(tmp_path / "following.sqlite")
    assert again.all() == again.due(NOW) == [added] == [again.get(FEED)]
    assert again.due(NOW - MINUTE) == []
    again.record_items(FEED, [Known("1", "d")], NOW)
    assert again.remove(FEED)
    assert not again.remove(FEED)
    assert following.all() == []
    assert following.items(FEED) == {}
    again.close()


def test_to_add_again_changes_what_is_given_and_keeps_the_rest(following: Following) -> None:
    following.add(FEED, "feed", NOW, outlet="صحيفة الجبل")
    following.record_items(FEED, [Known("1", "d")], NOW)
    assert following.add(FEED, "feed", NOW + DAY).outlet == "صحيفة الجبل"
    changed = following.add(FEED, "feed", NOW + DAY, outlet="")
    assert (changed.outlet, changed.added, changed.items) == (None, NOW, 1)


def test_failures_count_up_to_the_next_success(following: Following) -> None:
    following.add(FEED, "feed", NOW)
    following.record_success(FEED, NOW, NOW + MINUTE, etag='"1"', title="أخبار")
    for number in range(1, 4):
        failure = Failure(Reason.TIMEOUT, "20 s")
        following.record_failure(FEED, NOW + number * HOUR, failure, NOW + (number + 1) * HOUR)
    [failing] = following.all()
    assert (failing.failures, failing.error, failing.failing_since) == (3, failure, NOW + HOUR)
    assert (failing.succeeded, failing.checked, failing.due) == (NOW, NOW + 3 * HOUR, NOW + 4 * HOUR)
    assert failing.etag == '"1"'
    assert failing.standing(NOW + 3 * HOUR) == "failing"
    following.record_success(FEED, NOW + 4 * HOUR, NOW + 5 * HOUR)
    [well] = following.all()
    assert (well.failures, well.error, well.failing_since, well.title) == (0, None, None, "أخبار")
    assert well.standing(NOW + 4 * HOUR) == "new"


def test_what_is_gone_for_good_is_never_due_again_until_it_is_added_anew(following: Following) -> None:
    following.add(FEED, "feed", NOW)
    following.record_failure(FEED, NOW, Failure(Reason.NOT_THERE, "HTTP 410"), NOW, stopped=True)
    [gone] = following.all()
    assert (gone.due, gone.standing(NOW), following.next_due()) == (None, "failing", None)
    assert following.due(NOW + DAY) == []
    assert following.add(FEED, "feed", NOW + DAY).due == NOW + DAY


def test_items_keep_when_they_were_first_seen_and_may_go(following: Following) -> None:
    following.add(FEED, "feed", NOW)
    following.record_items(FEED, [Known("1", "a", source="news.example/1"), Known("2", "b")], NOW)
    following.record_items(FEED, [Known("1", "c", source="news.example/1")], NOW + DAY)
    assert following.items(FEED)["1"] == Known("1", "c", source="news.example/1", seen=NOW)
    following.record_items(FEED, [Known("2", "b", gone=NOW + DAY)], NOW + DAY)
    assert (
        following.gone() == following.gone(NOW + DAY) == [(FEED, Known("2", "b", seen=NOW, gone=NOW + DAY))]
    )
    assert following.gone(NOW + 2 * DAY) == []
    assert [each.address for each in following.followed_of("news.example/1")] == [FEED]
    following.record_items("https://removed.example/", [Known("1", "a")], NOW)
    assert following.items("https://removed.example/") == {}


def test_a_channel_is_followed_from_its_first_post_and_is_silent_after_its_habit(
    following: Following,
) -> None:
    for hour in range(48):
        following.record_arrival("t.me/aljabal", "قناة الجبل", NOW + hour * HOUR, item=f"خبر {hour}")
    [channel] = following.all()
    last = NOW + 47 * HOUR
    assert (channel.kind, channel.title, channel.newest_title) == ("channel", "قناة الجبل", "خبر 47")
    assert (channel.newest, channel.due, channel.pace) == (last, None, HOUR)
    assert channel.standing(last + HOUR) == "ok"
    assert channel.standing(last + 4 * HOUR) == "silent"
    following.record_arrival("t.me/aljabal", None, last + 5 * HOUR)
    assert following.all()[0].standing(last + 5 * HOUR) == "ok"


def test_silence_counts_only_where_someone_looked(following: Following) -> None:
    following.add(FEED, "feed", NOW)
    following.record_arrivals(FEED, [NOW - hour * HOUR for hour in range(48)], NOW)
    following.record_success(FEED, NOW, NOW)
    assert following.all()[0].standing(NOW + 10 * HOUR) == "ok"
    following.record_success(FEED, NOW + 9 * HOUR, NOW)
    assert following.all()[0].standing(NOW + 10 * HOUR) == "silent"


def test_what_lies_in_the_future_counts_as_now(following: Following) -> None:
    following.add(FEED, "feed", NOW)
    following.record_arrivals(FEED, [NOW + 400 * DAY, NOW - HOUR], NOW)
    assert following.all()[0].newest == NOW
