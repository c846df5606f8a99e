"""A day in the life of the follower: a site that publishes, corrects, repeats, lies, stalls and vanishes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.build import Musnad, build
from bot.following import Follower, Looked
from bot.settings import Settings
from corpus.errors import ArchiveUnusableError
from corpus.following import Followed, Following
from corpus.following.schedule import Schedule
from corpus.following.web import Web
from corpus.report import Report
from tests.feedserver import START, FeedServer
from vectorstore.embed import Embedder

ROOT = Path(__file__).parent.parent
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

BRIDGE = "افتتحت بلدية الوادي صباح الأحد جسرًا جديدًا فوق النهر بطول تسعين مترًا، وقال رئيسها إن العمل فيه استغرق عامين."
SCHOOL = "أعلنت مديرية التربية في السهل أن المدرسة الريفية تستقبل مئتي تلميذ في الأسبوع المقبل بعد ترميم صفوفها كلها."
WELL = "حفر أهالي القرية بئرًا بعمق سبعين مترًا، وتكفي مياهها ثلاثمئة أسرة في أشهر الصيف بحسب لجنة المياه."


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as site:
        yield site


@pytest.fixture
def musnad(tmp_path: Path, embedder: Embedder) -> Iterator[Musnad]:
    with build(Settings(data=tmp_path / "data"), llm=False, embedder=embedder) as musnad:
        yield musnad


class Day:
    """A follower of one site, whose clock the test turns."""

    def __init__(self, musnad: Musnad, address: str, now: datetime = START, deadline: float = 30.0) -> None:
        self.musnad = musnad
        self.address = address
        self.now = now
        self.deadline = deadline
        musnad.following.add(address, "sitemap" if "sitemap" in address else "feed", now, private=True)
        self.follower = self.fresh()

    def fresh(self) -> Follower:
        return Follower(
            self.musnad, self.musnad.following, web=Web(pause=0, deadline=self.deadline), schedule=Schedule()
        )

    def pass_by(self, time: timedelta = timedelta(0)) -> Looked:
        """Let time go by, and one look be due at its end; return what came of it."""
        self.now += time
        self.now = max(self.now, self.source.due or self.now)
        [looked] = self.follower.once(self.now)
        return looked

    @property
    def source(self) -> Followed:
        found = self.musnad.following.get(self.address)
        assert found is not None
        return found

    @property
    def texts(self) -> list[str]:
        names = sorted(self.musnad.archive.origins())
        return [article.body for name in names for article in self.musnad.archive.articles_of(name)]


def test_what_is_published_is_taken_in_once(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    day = Day(musnad, site.feed)
    looked = day.pass_by()
    assert len(looked.report.added) == 1
    assert day.source.title == "صحيفة الجبل"
    [article] = musnad.archive.articles_of(looked.report.added[0])
    assert (article.publisher, article.published.date, article.url) == (
        "صحيفة الجبل",
        "2026-03-02",
        f"{site.address}/1",
    )
    assert BRIDGE in article.body
    looked = day.pass_by(5 * MINUTE)
    assert not looked.report.held
    assert site.asked[-1][1]["If-None-Match"]
    site.publish("2", "مدرسة السهل تعود", SCHOOL, day.now)
    looked = day.pass_by(5 * MINUTE)
    assert (len(looked.report.added), looked.new) == (1, 1)
    assert len(day.texts) == 2
    assert day.source.newest_title == "مدرسة السهل تعود"


def test_where_the_feed_has_summaries_the_pages_are_read(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE, whole=False)
    looked = Day(musnad, site.feed).pass_by()
    [article] = musnad.archive.articles_of(looked.report.added[0])
    assert BRIDGE in article.body
    assert (article.publisher, article.published.date) == ("صحيفة الجبل", "2026-03-02")


def test_where_the_page_cannot_be_had_the_summary_is_kept(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE, whole=False)
    site.page_mood = "broken"
    day = Day(musnad, site.feed)
    for _ in range(2):
        day.pass_by(5 * MINUTE)
        assert day.texts == []
    day.pass_by(5 * MINUTE)
    [text] = day.texts
    assert "افتتحت بلدية الوادي" in text
    site.page_mood = "well"


def test_a_correction_is_a_new_version(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    day = Day(musnad, site.feed)
    [source] = day.pass_by().report.added
    before = musnad.archive.articles_of(source)[0]
    site.correct("1", BRIDGE.replace("تسعين", "سبعين"))
    looked = day.pass_by(5 * MINUTE)
    assert (looked.report.changed, looked.new, looked.changed) == ((source,), 0, 1)
    [after] = musnad.archive.articles_of(source)
    assert "سبعين" in after.body
    assert musnad.archive.article(before.id).body == before.body


def test_an_item_repeated_under_another_key_is_a_duplicate(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    day = Day(musnad, site.feed)
    day.pass_by()
    site.publish("1-again", "افتتاح جسر الوادي", BRIDGE)
    looked = day.pass_by(5 * MINUTE)
    assert len(looked.report.duplicates) == 1
    assert len(day.texts) == 1
    assert not day.pass_by(5 * MINUTE).report.duplicates


BAD = {
    "stall": ("no answer in time", "1 s"),
    "page": ("no feed there", ".html"),
    "empty": ("empty", ""),
    "half": ("damaged", "breaks off"),
    "missing": ("no page there", "HTTP 404"),
    "endless": ("too large", "the limit is 10,485,760 bytes"),
    "bomb": ("too large", "the limit is 10,485,760 bytes"),
    "loop": ("too many redirects", "more than 5"),
    "busy": ("the server refused", "HTTP 429"),
    "broken": ("the server refused", "HTTP 500"),
    "hangs up": ("no connection", "not HTTP"),
}


@pytest.mark.parametrize("mood", BAD)
def test_a_feed_that_is_broken_says_how_and_loses_nothing(
    musnad: Musnad, site: FeedServer, mood: str
) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    day = Day(musnad, site.feed)
    day.pass_by()
    site.mood = mood  # type: ignore[assignment]
    if mood == "stall":
        day.deadline = 1.0
        day.follower, well = day.fresh(), day.follower
    site.publish("2", "مدرسة السهل تعود", SCHOOL, day.now)
    looked = day.pass_by(5 * MINUTE)
    assert looked.followed.error is not None
    assert (str(looked.followed.error.reason), looked.followed.error.detail) == BAD[mood]
    assert looked.followed.failures == 1
    assert day.source.due is not None
    site.mood = "well"
    if mood == "stall":
        day.follower = well
    looked = day.pass_by(5 * MINUTE)
    assert (looked.followed.failures, looked.followed.error) == (0, None)
    assert len(day.texts) == 2


def test_of_half_a_feed_its_whole_items_are_taken(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    site.publish("2", "مدرسة السهل تعود", SCHOOL, START + HOUR)
    site.publish("3", "بئر القرية", WELL, START + 2 * HOUR)
    site.mood = "half"
    day = Day(musnad, site.feed, START + 3 * HOUR)
    day.pass_by()
    assert day.source.failures == 1
    assert all(any(text in body for text in (SCHOOL, WELL)) for body in day.texts)
    assert len(day.texts) in (1, 2)
    site.mood = "well"
    day.pass_by(HOUR)
    assert len(day.texts) == 3


@pytest.mark.parametrize("mood", ["charset", "octets"])
def test_what_is_only_called_wrongly_is_read(musnad: Musnad, site: FeedServer, mood: str) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    site.mood = mood  # type: ignore[assignment]
    day = Day(musnad, site.feed)
    day.pass_by()
    assert BRIDGE in day.texts[0]


@pytest.mark.parametrize("stamp", ["Sat, 02 Mar 2041 08:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_dates_that_cannot_be_true_are_not_believed(musnad: Musnad, site: FeedServer, stamp: str) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE, stamp=stamp)
    day = Day(musnad, site.feed)
    looked = day.pass_by()
    assert looked.followed.error is not None
    assert looked.followed.error.reason == "dates that cannot be true"
    assert (looked.followed.failures, looked.followed.newest_published) == (0, None)
    [article] = musnad.archive.articles_of(looked.report.added[0])
    assert article.published.date is None


def test_what_moved_for_good_is_asked_for_where_it_is(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    site.mood = "moved"
    day = Day(musnad, site.feed)
    day.pass_by()
    day.pass_by(5 * MINUTE)
    assert (day.source.location, day.source.address) == (f"{site.address}/new-feed", site.feed)
    assert (site.count("/feed"), site.count("/new-feed")) == (1, 2)


def test_what_is_gone_for_good_is_asked_no_more(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    day = Day(musnad, site.feed)
    day.pass_by()
    site.mood = "gone"
    looked = day.pass_by(5 * MINUTE)
    assert (looked.followed.stopped, looked.followed.due) == (True, None)
    assert looked.followed.standing(day.now) == "failing"
    assert day.follower.once(day.now + 30 * DAY) == []


def test_failures_are_tried_again_more_and_more_seldom_and_as_the_server_wishes(
    musnad: Musnad, site: FeedServer
) -> None:
    day = Day(musnad, site.feed)
    site.mood = "broken"
    waits = []
    for _ in range(9):
        looked = day.pass_by()
        assert looked.followed.due is not None
        waits.append(looked.followed.due - day.now)
    assert all(first < later for first, later in pairwise(waits[:5]))
    assert waits[0] <= 2 * MINUTE
    assert 45 * MINUTE <= waits[-1] <= HOUR
    site.mood = "busy"
    assert day.pass_by().followed.due == day.now + 2 * HOUR


def test_a_server_says_how_long_nothing_changes(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    site.headers = {"Cache-Control": "public, max-age=235"}
    day = Day(musnad, site.feed)
    due = day.pass_by().followed.due
    assert due is not None
    assert day.now + timedelta(seconds=235) <= due <= day.now + 4 * MINUTE
    # What would make an item late is believed no further.
    site.headers = {"Cache-Control": "no-cache, max-age=600"}
    site.ttl = 20
    assert day.pass_by().followed.due == day.now + 4 * MINUTE


def test_a_page_that_vanished_is_known_to_be_gone(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    site.publish("2", "مدرسة السهل تعود", SCHOOL, whole=False)
    day = Day(musnad, site.feed)
    day.pass_by()
    for key in ("1", "2"):
        site.vanish(key)
    site.publish("3", "بئر القرية", WELL)
    assert day.pass_by(2 * HOUR).gone == ()
    looked = day.pass_by(2 * HOUR)
    assert {item.key for item in looked.gone} == {"1", "2"}
    gone = musnad.following.gone()
    assert [(address, item.key) for address, item in gone] == [(site.feed, "1"), (site.feed, "2")]
    assert all(item.source in musnad.archive.origins() for _, item in gone)
    held = [article for _, item in gone for article in musnad.archive.articles_of(item.source or "")]
    assert len(held) == 2
    assert all(article.current and article.withdrawn for article in held)
    assert day.pass_by(2 * HOUR).gone == ()


def test_a_page_that_changed_without_a_word_in_the_feed_is_read_again(
    musnad: Musnad, site: FeedServer
) -> None:
    text = f"{SCHOOL}\n{WELL}"
    site.publish("1", "مدرسة السهل تعود", text, whole=False)
    day = Day(musnad, site.feed)
    [source] = day.pass_by().report.added
    site.correct("1", text.replace("سبعين", "ستين"))
    assert day.pass_by(2 * HOUR).report.changed == (source,)


def test_a_site_that_forbids_it_is_left_alone(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    site.robots = "User-agent: musnad\nDisallow: /feed\n\nUser-agent: *\nAllow: /"
    day = Day(musnad, site.feed)
    looked = day.pass_by()
    assert looked.followed.error is not None
    assert looked.followed.error.reason == "robots forbid it"
    assert site.count("/feed") == 0


def test_a_site_whose_robots_txt_cannot_be_had_is_left_alone_for_now(
    musnad: Musnad, site: FeedServer
) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    site.robots = "500"
    day = Day(musnad, site.feed)
    looked = day.pass_by()
    assert looked.followed.error is not None
    assert looked.followed.error.detail == "robots.txt: HTTP 500"
    assert site.count("/feed") == 0
    site.robots = "User-agent: *\nAllow: /"
    day.follower = day.fresh()
    assert day.pass_by(HOUR).report.added


def test_a_sitemap_gives_its_newest_at_first_and_then_what_is_new(musnad: Musnad, site: FeedServer) -> None:
    for number in range(40):
        text = f"{BRIDGE} وهذا هو الخبر رقم {number} من أخبار الوادي في هذا الشهر."
        site.publish(f"old-{number}", f"خبر {number}", text, START - DAY + number * MINUTE)
    day = Day(musnad, site.sitemap)
    looked = day.pass_by()
    assert len(looked.report.added) == 30
    assert any("رقم 39 " in text for text in day.texts)
    assert not any("رقم 9 " in text for text in day.texts)
    assert not day.pass_by(5 * MINUTE).report.held
    site.publish("new", "بئر القرية", WELL, day.now)
    looked = day.pass_by(5 * MINUTE)
    assert (len(looked.report.added), looked.new) == (1, 1)
    site.correct("new", WELL.replace("سبعين", "ستين"), day.now + MINUTE)
    assert len(day.pass_by(15 * MINUTE).report.changed) == 1


def test_a_list_of_sitemaps_is_read_through(musnad: Musnad, site: FeedServer) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    day = Day(musnad, f"{site.address}/sitemap-index.xml")
    assert len(day.pass_by().report.added) == 1
    site.publish("2", "بئر القرية", WELL, day.now)
    assert len(day.pass_by(5 * MINUTE).report.added) == 1


# Folders and files


def _written(path: Path, text: str, at: datetime) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_a_folder_gives_what_was_put_there_once_it_is_written_to_no_more(
    musnad: Musnad, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    _written(drop / "a.txt", f"افتتاح جسر الوادي\n\n{BRIDGE}", START - DAY)
    musnad.following.add(str(drop), "folder", START, outlet="مجلة السهل", private=True)
    follower = Follower(musnad, musnad.following)
    [looked] = follower.once(START)
    assert looked.report.added == ("a.txt",)
    assert musnad.archive.articles_of("a.txt")[0].publisher == "مجلة السهل"
    _written(drop / "b.txt", f"مدرسة السهل\n\n{SCHOOL[:40]}", START + 59 * timedelta(seconds=1))
    [looked] = follower.once(START + MINUTE)
    assert (looked.new, looked.report.held) == (0, ())
    _written(drop / "b.txt", f"مدرسة السهل\n\n{SCHOOL}", START + MINUTE)
    [looked] = follower.once(START + 3 * MINUTE)
    assert (looked.new, looked.report.added) == (1, ("b.txt",))
    assert SCHOOL in musnad.archive.articles_of("b.txt")[0].body
    _written(drop / "a.txt", f"افتتاح جسر الوادي\n\n{BRIDGE}\n\n{WELL}", START + 4 * MINUTE)
    [looked] = follower.once(START + 6 * MINUTE)
    assert looked.report.changed == ("a.txt",)
    assert musnad.archive.articles_of("a.txt")[0].version == 2
    (drop / "a.txt").unlink()
    [looked] = follower.once(START + 9 * MINUTE)
    assert [item.key for item in looked.gone] == ["a.txt"]
    assert musnad.archive.articles_of("a.txt")


def test_a_file_is_followed_by_itself_and_a_folder_that_is_gone_fails(musnad: Musnad, tmp_path: Path) -> None:
    path = tmp_path / "alone" / "a.txt"
    _written(path, f"افتتاح جسر الوادي\n\n{BRIDGE}", START - DAY)
    musnad.following.add(str(path), "file", START, private=True)
    follower = Follower(musnad, musnad.following)
    [looked] = follower.once(START)
    assert looked.report.added == ("a.txt",)
    path.unlink()
    [looked] = follower.once(START + HOUR)
    assert looked.followed.error is not None
    assert looked.followed.error.reason == "not found"
    assert looked.gone == ()


# Several sources, kills and the clock


def test_a_source_that_stalls_keeps_no_other_waiting_and_a_host_is_asked_one_by_one(
    musnad: Musnad, site: FeedServer
) -> None:
    with FeedServer() as slow:
        slow.mood = "stall"
        for number in range(6):
            site.publish(f"{number}", f"خبر {number}", f"{BRIDGE} وهذا الخبر رقم {number}.", whole=False)
        for address, kind in ((slow.feed, "feed"), (site.feed, "feed"), (site.sitemap, "sitemap")):
            musnad.following.add(address, kind, START, private=True)  # type: ignore[arg-type]
        order: list[str] = []
        follower = Follower(
            musnad,
            musnad.following,
            web=Web(pause=0, deadline=8.0),
            tell=lambda looked: order.append(looked.followed.address),
        )
        follower.once(START)
    assert order[-1] == slow.feed
    assert len(musnad.archive.origins()) == 6
    assert site.overlapping == 1


def test_items_are_known_only_once_they_are_in_the_archive(
    musnad: Musnad, site: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        site.publish(f"{number}", f"خبر {number}", f"{BRIDGE} وهذا الخبر رقم {number}.")
    day = Day(musnad, site.feed)

    def full(*_: object, **__: object) -> Report:
        raise ArchiveUnusableError("the disk is full")

    monkeypatch.setattr(musnad, "ingest_documents", full)
    with pytest.raises(ArchiveUnusableError):
        day.pass_by()
    monkeypatch.undo()
    assert musnad.following.items(site.feed) == {}
    day.follower = day.fresh()
    assert len(day.pass_by().report.added) == 3


KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.build import build
from bot.following import Follower
from bot.settings import Settings
from corpus.following import Following
from corpus.following.web import Web
data, models, before = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
from vectorstore.embed import load_embedder
record = Following.record_items
def killed(self, address, items, now):
    global before
    before -= 1
    if before == 0:
        os.kill(os.getpid(), 9)
    record(self, address, items, now)
Following.record_items = killed
with build(Settings(data=data), llm=False, embedder=load_embedder(models)) as musnad:
    Follower(musnad, musnad.following, web=Web(pause=0)).once(datetime(2026, 3, 2, 9, tzinfo=UTC))
"""


@pytest.mark.slow
@pytest.mark.parametrize("before", [1, 2])
def test_after_a_kill_the_next_start_goes_on(
    tmp_path: Path, site: FeedServer, models: Path, embedder: Embedder, before: int
) -> None:
    """Killed between the archive and what is remembered, the worst moment: the same items come again, unchanged."""
    for number in range(12):
        site.publish(f"{number}", f"خبر {number}", f"{BRIDGE} وهذا الخبر رقم {number}.")
    data = tmp_path / "data"
    with build(Settings(data=data), llm=False, embedder=embedder) as musnad:
        musnad.following.add(site.feed, "feed", START, private=True)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(data), str(models), str(before)], check=False, cwd=ROOT
    )
    assert done.returncode == -9
    with build(Settings(data=data), llm=False, embedder=embedder) as musnad:
        held = len(musnad.archive.origins())
        known = len(musnad.following.items(site.feed))
        assert known < held <= known + 8
        day = Day(musnad, site.feed, START + HOUR)
        looked = day.pass_by()
        assert (len(looked.report.unchanged), len(looked.report.added)) == (held - known, 12 - held)
        assert len(musnad.archive.origins()) == len(musnad.following.items(site.feed)) == 12


@pytest.mark.slow
def test_what_is_published_can_be_asked_for_soon_after(musnad: Musnad, site: FeedServer) -> None:
    """By the real clock, with looks a twentieth as far apart as usual, and so well within five minutes."""
    site.publish("1", "افتتاح جسر الوادي", BRIDGE, datetime.now(UTC) - DAY)
    musnad.following.add(site.feed, "feed", datetime.now(UTC), private=True)
    usual = Schedule()
    schedule = Schedule(least=usual.least / 20, most=usual.most / 20)
    stop, came = threading.Event(), threading.Event()

    def tell(looked: Looked) -> None:
        if "بئر" in (looked.followed.newest_title or ""):
            came.set()

    follower = Follower(musnad, musnad.following, web=Web(stop, pause=0), schedule=schedule, tell=tell)
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    try:
        site.publish("2", "بئر القرية", WELL, datetime.now(UTC))
        assert came.wait(300)
        answer = musnad.ask("كم عمق البئر التي حفرها أهالي القرية؟")
        assert any("سبعين مترًا" in quote.text for quote in answer.quotes)
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def test_only_one_follows(musnad: Musnad) -> None:
    with musnad.following.polling() as first:
        assert first
        with Following(musnad.following.path).polling() as second:
            assert not second
    with musnad.following.polling() as again:
        assert again


def test_silence_is_noticed_within_half_an_hour_of_its_habit(musnad: Musnad, site: FeedServer) -> None:
    for hour in range(60):
        site.publish(f"{hour}", f"خبر {hour}", f"{BRIDGE} وهذا الخبر رقم {hour}.", START - hour * HOUR)
    day = Day(musnad, site.feed)
    day.pass_by()
    silent = day.source.silent_from
    assert silent is not None
    assert day.source.newest == START
    while day.source.standing(day.now) == "ok":
        day.pass_by()
    assert timedelta(0) <= day.now - silent < 30 * MINUTE
    site.publish("new", "بئر القرية", WELL, day.now)
    day.pass_by()
    assert day.source.standing(day.now) == "ok"
