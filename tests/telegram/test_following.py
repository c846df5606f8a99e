"""Owners follow feeds from their chats, and are told of those that are silent or broken: the bot, a feed server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import generate_latest

import bot.telegram.newsgathering
import corpus.following.web
from bot.build import Musnad
from bot.telegram.app import assemble
from corpus.decode import Reason
from corpus.following import Failure
from tests.botapi import BotApi, User
from tests.botapi.running import running, settings
from tests.feedserver import FeedServer
from tests.telegram.test_feed import said

BRIDGE = "افتتحت بلدية الوادي صباح الأحد جسرًا جديدًا فوق النهر بطول تسعين مترًا، وقال رئيسها إن العمل فيه استغرق عامين."
WELL = "حفر أهالي القرية بئرًا بعمق سبعين مترًا، وتكفي مياهها ثلاثمئة أسرة في أشهر الصيف بحسب لجنة المياه."
HOUR = timedelta(hours=1)
FEED = "https://news.example/rss?key=secret"


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as site:
        yield site


@pytest.fixture
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the follower look at this machine, often and at once."""
    from bot.following import Follower
    from corpus.fetch import get
    from corpus.following.schedule import Schedule
    from corpus.following.web import Web

    def anywhere(*values: Any, **named: Any) -> Any:
        return get(*values, **{**named, "allow_private": True})

    monkeypatch.setattr(corpus.following.web, "get", anywhere)
    monkeypatch.setattr(corpus.following.web, "PAUSE", 0.0)
    soon = timedelta(seconds=0.2)
    often = Schedule(least=soon / 2, most=soon, failed=soon)

    def follower(musnad: Musnad, progress: Any) -> Follower:
        return Follower(
            musnad, musnad.following, web=Web(pause=0, deadline=2.0), schedule=often, progress=progress
        )

    monkeypatch.setattr(bot.telegram.newsgathering, "_follower", follower)


@pytest.mark.usefixtures("_near")
async def test_what_a_followed_feed_publishes_is_askable(
    api: BotApi, musnad: Musnad, owner: User, site: FeedServer
) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    async with running(api, musnad, owners={501}):
        api.world.say(owner, f"/follow {site.feed}")
        followed = await said(api, owner, "أتابع هذه الخلاصة")
        await _held(api, musnad, 1)
        api.world.say(owner, "كم طول جسر الوادي الجديد؟")
        answer = await said(api, owner, "تسعين مترًا")
        site.publish("2", "بئر في القرية", WELL, datetime.now(UTC))
        await _held(api, musnad, 2)
        api.world.say(owner, "كم عمق بئر القرية اليوم؟")
        fresh = await said(api, owner, "سبعين مترًا")
        api.world.say(owner, "/archive")
        overview = await said(api, owner, "المصادر المتابَعة")
    assert "صحيفة الجبل" in followed["text"]
    assert "صحيفة الجبل" in answer["text"]
    assert "آخر ما دخل من صحيفة الجبل: اليوم" in fresh["text"], "it asks of today"
    assert "آخر ما دخل" not in answer["text"], "it does not"
    assert "صحيفة الجبل" in overview["text"]


async def _held(api: BotApi, musnad: Musnad, count: int) -> None:
    import asyncio

    async with asyncio.timeout(60):
        while musnad.archive.count_articles() < count or not musnad.followed():  # noqa: ASYNC110 - a file changes, which rings no bell
            await asyncio.sleep(0.05)
        while (held := musnad.index_state()) is not None and not held.agree:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("_near")
async def test_following_is_for_owners_and_ends_with_a_button(
    api: BotApi, musnad: Musnad, owner: User, layla: User, site: FeedServer
) -> None:
    guest = api.world.user(777, "ضيف")
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    async with running(api, musnad, owners={501}, allowed_users={777}):
        api.world.say(guest, f"/follow {site.feed}")
        await api.replies(guest)
        assert musnad.following.all() == []
        api.world.say(owner, "/follow")
        await said(api, owner, "لا أتابع مصدرًا بعد")
        api.world.say(owner, f"/follow {site.feed} صحيفة السهل")
        added = await said(api, owner, "أتابع هذه الخلاصة")
        (followed,) = musnad.following.all()
        api.world.press(owner, added, "أوقف متابعة صحيفة السهل")
        await api.wait_for(lambda: "لا أتابع مصدرًا بعد" in api.world.in_chat(owner)[-1]["text"])
    assert followed.outlet == "صحيفة السهل"
    assert musnad.following.all() == []


@pytest.mark.usefixtures("_near")
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("{site}/1", "لا أجد في هذا العنوان ما أتابعه"),
        ("https://t.me/khalij_test", "أضفني إليها مشرفًا"),
        ("@khalij_test", "أضفني إليها مشرفًا"),
        ("هكذا", "لا أجد في هذا العنوان ما أتابعه"),
    ],
)
async def test_what_cannot_be_followed_is_said_with_its_reason(
    api: BotApi, musnad: Musnad, owner: User, site: FeedServer, address: str, told: str
) -> None:
    site.publish("1", "افتتاح جسر الوادي", BRIDGE)
    async with running(api, musnad, owners={501}):
        api.world.say(owner, f"/follow {address.format(site=site.address)}")
        await said(api, owner, told)
    assert musnad.following.all() == []


async def test_an_address_in_the_own_network_is_not_followed(
    api: BotApi, musnad: Musnad, owner: User, site: FeedServer
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.say(owner, f"/follow {site.feed}")
        await said(api, owner, "لا أجد في هذا العنوان ما أتابعه")
    assert site.asked == []


def _silent(musnad: Musnad, address: str, now: datetime, title: str) -> None:
    """Follow a source that had something every half hour, until half a day ago, and has been looked at since."""
    musnad.following.add(address, "feed", now - 100 * HOUR, title=title)
    arrivals = [now - 100 * HOUR + number * HOUR / 2 for number in range(176)]
    musnad.following.record_arrivals(address, arrivals, now)
    musnad.following.record_success(address, now, now + HOUR)
    (followed,) = [each for each in musnad.following.all() if each.address == address]
    assert followed.standing(now) == "silent"


async def test_a_silent_and_a_broken_feed_are_reported_once_and_again_when_they_are_back(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    api.world.chats[owner.id].started = True
    now = datetime.now(UTC)
    _silent(musnad, FEED, now, "صحيفة الجبل")
    musnad.following.add("https://other.example/rss", "feed", now, title="صحيفة الوادي")
    started = assemble(musnad, settings(api, owners={501}))
    async with started.app:
        await started.upkeep.once()
        (silent,) = api.world.in_chat(owner)
        assert "صحيفة الجبل" in silent["text"]
        assert "صحيفة الوادي" not in silent["text"]
        for hours in (3, 2, 1):
            failure = Failure(Reason.TIMEOUT, "20 s")
            at = now - hours * HOUR
            musnad.following.record_failure("https://other.example/rss", at, failure, now)
        await started.upkeep.once()
        await started.upkeep.once()
        _, broken = api.world.in_chat(owner)
        assert "صحيفة الوادي" in broken["text"]
        assert "صحيفة الجبل" not in broken["text"], "it was reported"
        musnad.following.record_arrivals(FEED, [now], now, title="خبر")
        await started.upkeep.once()
        await started.upkeep.once()
        *_, back = api.world.in_chat(owner)
        assert "عادت أخبار هذه المصادر" in back["text"]
        assert "صحيفة الجبل" in back["text"]
        assert len(api.world.in_chat(owner)) == 3
        musnad.following.remove("https://other.example/rss")
        await started.upkeep.once()
        assert len(api.world.in_chat(owner)) == 3, "what is followed no more is not back"
    assert musnad.state.rows("select * from notified where key glob 'source:*'") == []
    await started.app.bot.shutdown()


async def test_sources_are_in_healthz_and_metrics_and_make_the_bot_no_less_well(
    api: BotApi, musnad: Musnad
) -> None:
    now = datetime.now(UTC)
    _silent(musnad, FEED, now, "صحيفة الجبل")
    started = assemble(musnad, settings(api))
    report = await started.health.report()
    started.metrics.read(await started.health.gauges())
    metrics = generate_latest(started.metrics.registry).decode()
    started.health.close()
    await started.app.bot.shutdown()
    assert report["sources"]["silent"] == 1
    (each,) = report["sources"]["each"]
    assert (each["source"], each["standing"], each["failures"]) == ("news.example/rss", "silent", 0)
    assert not any("news.example" in problem for problem in report["problems"])
    assert 'musnad_sources{standing="silent"} 1.0' in metrics
    assert 'musnad_source_last_success_timestamp_seconds{source="news.example/rss"}' in metrics
    assert 'musnad_source_troubled{source="news.example/rss"} 1.0' in metrics
    assert "secret" not in f"{report}{metrics}"


async def test_following_ends_with_the_bot_and_begins_again_when_it_broke(
    api: BotApi, musnad: Musnad, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio
    import threading

    from bot.telegram.intake.workers import Workers
    from bot.telegram.newsgathering import Newsgathering

    runs: list[threading.Event] = []
    again = threading.Event()

    class Broken:
        def run(self, stop: threading.Event) -> None:
            runs.append(stop)
            if len(runs) == 1:
                raise ValueError("a source that nobody expected")
            again.set()
            stop.wait(30)

    musnad.following.add("https://other.example/rss", "feed", datetime.now(UTC))
    gathering = Newsgathering(
        core=musnad,
        workers=Workers(),
        following=musnad.followed,
        follower=lambda core, progress: Broken(),
        again=0.01,
    )
    task = asyncio.create_task(gathering.run())
    await asyncio.to_thread(again.wait, 20)
    task.cancel()
    await asyncio.wait([task], timeout=20)
    assert task.done()
    assert len(runs) == 2
    assert runs[-1].is_set()
