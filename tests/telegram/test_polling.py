"""Long polling: what is acknowledged is committed, and nothing stops it for good but what a person must mend."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.telegram.intake import polling as poll
from bot.telegram.intake.polling import Poller, PollingEndedError
from bot.telegram.intake.rawupdates import Json, number_of
from bot.telegram.runtime.backoff import Backoff
from corpus.errors import ArchiveUnusableError
from tests.botapi import BotApi, User

QUICK = Backoff(poll=1.0, silence=0.3, polls=(0.01, 0.05), store=(0.01, 0.05), revoked=0.2)


class Kept:
    """Commits what it is given, unless told to fail."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failing = 0
        self.held: asyncio.Event | None = None

    async def accept(self, updates: Sequence[Json]) -> None:
        if self.held is not None:
            await self.held.wait()
        if self.failing:
            self.failing -= 1
            raise ArchiveUnusableError("the disk is full")
        numbered = [
            each for each in updates if number_of(each) is not None
        ]  # as the inbox: the rest is passed over
        self.texts += [each["message"]["text"] for each in numbered if "message" in each]


@asynccontextmanager
async def polling(api: BotApi, kept: Kept, backoff: Backoff = QUICK) -> AsyncIterator[Poller]:
    """Polling until the block ends; what ended it before is raised there."""
    async with Poller(f"{api.url}/bot{api.token}", kept.accept, ["message"], backoff) as poller:
        task = asyncio.create_task(poller.run())
        task.add_done_callback(lambda _: api.world.changed.ring())
        try:
            await api.wait_for(lambda: task.done() or bool(api.count["getupdates"]) or bool(api.faulted))
            yield poller
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.wait({task})


async def ended(api: BotApi) -> str:
    """The reason for which polling ends."""
    async with Poller(f"{api.url}/bot{api.token}", Kept().accept, ["message"], QUICK) as poller:
        with pytest.raises(PollingEndedError) as error:
            await asyncio.wait_for(poller.run(), 5)
    return error.value.reason


async def said(api: BotApi, kept: Kept, text: str, layla: User) -> None:
    api.world.say(layla, text)
    await api.wait_for(lambda: text in kept.texts)


async def test_acknowledged_only_when_committed(api: BotApi, layla: User) -> None:
    kept = Kept()
    kept.held = asyncio.Event()
    async with polling(api, kept):
        api.world.say(layla, "سؤال")
        await asyncio.sleep(0.1)
        assert len(api.world.updates) == 1, "Telegram still has it"
        kept.held.set()
        await api.settled()
    assert kept.texts == ["سؤال"]


async def test_what_cannot_be_committed_comes_again(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept()
    kept.failing = 3
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
        await api.settled()
    assert kept.texts == ["سؤال"]
    assert "the disk is full" in caplog.text
    assert "updates come again" in caplog.text


async def test_the_last_ones_are_acknowledged_at_the_end(api: BotApi, layla: User) -> None:
    kept = Kept()
    async with polling(api, kept) as poller:
        kept.held = asyncio.Event()
        api.world.say(layla, "سؤال")
        await asyncio.sleep(0.05)
        api.lose("getUpdates", times=1000)
        kept.held.set()
        await api.wait_for(lambda: len(api.faulted) > 1)
        assert (kept.texts, len(api.world.updates)) == (["سؤال"], 1)
    api.clear_faults()
    async with Poller(f"{api.url}/bot{api.token}", kept.accept, ["message"], QUICK) as fresh:
        await fresh.acknowledge()
        assert len(api.world.updates) == 1, "nothing of its own to acknowledge"
        fresh._offset = poller._offset
        await fresh.acknowledge()
    assert api.world.updates == []


async def test_hung_connection_is_given_up_and_said_so(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept()
    api.hang("getUpdates", 60)
    async with polling(api, kept) as poller:
        await said(api, kept, "سؤال", layla)
        assert poller.reconnects == 1
        assert poller.last_success is not None
    assert "connecting anew" in caplog.text


@pytest.mark.parametrize("kind", ["lose", "drop_reply", "gateway", "garble"])
async def test_faults_of_the_network_are_survived(api: BotApi, layla: User, kind: str) -> None:
    kept = Kept()
    getattr(api, kind)("getUpdates", times=5)
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
    assert kept.texts == ["سؤال"]


async def test_down_for_long_is_one_line_and_up_again_another(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept()
    async with polling(api, kept, replace(QUICK, polls=(0.005,))):
        await api.go_down()
        await asyncio.sleep(0.5)
        await api.come_up()
        await said(api, kept, "سؤال", layla)
    lines = [record.message for record in caplog.records if record.name == "bot.telegram.intake.polling"]
    assert sum("trying again" in line for line in lines) <= 2, "one for each thing that was wrong"
    assert sum("updates come again" in line for line in lines) == 1


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
async def test_asked_to_wait_it_waits(api: BotApi, layla: User) -> None:
    kept = Kept()
    api.fail("getUpdates", 429, "Too Many Requests: retry after 1", retry_after=1)
    began = asyncio.get_running_loop().time()
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
    assert asyncio.get_running_loop().time() - began >= 1


async def test_garbage_is_passed_over(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept()
    answers = iter([{"no": "list"}, ["x", 7, {"update_id": "8"}], "nothing"])
    found = api._get_updates

    async def garbage(given: Json) -> object:
        return next(answers, None) or await found(given)

    monkeypatch.setitem(api._own_methods, "getupdates", garbage)
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
    assert next(answers, None) is None, "all of it came first"
    assert kept.texts == ["سؤال"]
    assert caplog.text.count("the server sent something else than updates") == 2
    assert caplog.text.count("what came has no number") == 1


async def test_one_conflict_is_a_predecessor_that_stops(api: BotApi, layla: User) -> None:
    kept = Kept()
    async with polling(api, kept):
        api.second_poller()
        await said(api, kept, "سؤال", layla)
    assert kept.texts == ["سؤال"]


async def test_a_second_poller_ends_it(api: BotApi) -> None:
    api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=3)
    assert await ended(api) == "telegram_conflict"


async def test_of_two_pollers_the_newcomer_gives_up_and_the_one_that_worked_goes_on(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(poll, "_ESTABLISHED", 0.5)
    monkeypatch.setattr(poll, "_RIVAL_FOR", 0.5)
    kept = Kept()
    async with polling(api, kept) as poller:
        await said(api, kept, "قبله", layla)
        await asyncio.sleep(0.6)
        assert await ended(api) == "telegram_conflict"
        assert poller.problems == ["another program polls"]
        await said(api, kept, "بعده", layla)
        await asyncio.sleep(0.6)
        assert poller.problems == []
    assert kept.texts == ["قبله", "بعده"]
    assert caplog.text.count("another program polls with this bot's token") >= 1


async def test_who_worked_goes_on_however_often_another_polls(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "_ESTABLISHED", 0.1)
    kept = Kept()
    async with polling(api, kept):
        await said(api, kept, "قبله", layla)
        await asyncio.sleep(0.2)
        api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=20)
        api.second_poller()
        await api.wait_for(lambda: len(api.faulted) == 20)
        await said(api, kept, "بعده", layla)
    assert kept.texts == ["قبله", "بعده"]


async def test_what_cannot_be_stored_is_no_success(api: BotApi, layla: User) -> None:
    kept = Kept()
    kept.failing = 1000
    async with polling(api, kept) as poller:
        api.world.say(layla, "سؤال")
        await asyncio.sleep(0.3)
        assert (poller.last_success, poller.problems) == (None, ["updates cannot be stored"])
        kept.failing = 0
        await api.settled()
        assert poller.last_success is not None
        assert poller.problems == []


async def test_conflicts_that_are_minutes_apart_do_not_end_it(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, minutes = Kept(), itertools.count(0.0, 61.0)
    clock = SimpleNamespace(monotonic=lambda: next(minutes), time=time.time)
    monkeypatch.setattr(poll, "time", clock)
    api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=3)
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
    assert kept.texts == ["سؤال"]


async def test_only_the_kinds_that_somebody_works_on_are_fetched(api: BotApi, layla: User) -> None:
    kept, numbers = Kept(), list[int | None]()

    async def accept(updates: Sequence[Json]) -> None:
        numbers.extend(map(number_of, updates))
        await kept.accept(updates)

    async with Poller(f"{api.url}/bot{api.token}", accept, ["message"], QUICK) as poller:
        task = asyncio.create_task(poller.run())
        try:
            await said(api, kept, "قبله", layla)
            api.world.push("poll", {"id": "3"})
            await said(api, kept, "بعده", layla)
        finally:
            task.cancel()
            await asyncio.wait({task})
    assert (kept.texts, len(numbers)) == (["قبله", "بعده"], 2)


async def test_a_token_that_is_no_longer_good_ends_it(api: BotApi) -> None:
    api.fail("getUpdates", 401, "Unauthorized", times=1000)
    assert await ended(api) == "telegram_token_refused"
    assert len(api.faulted) >= 4


@pytest.mark.parametrize("times", [1, 3])
async def test_a_token_that_is_refused_for_a_moment_does_not_end_it(
    api: BotApi, layla: User, times: int
) -> None:
    kept = Kept()
    for _ in range(2):
        api.fail("getUpdates", 401, "Unauthorized", times=times)
        async with polling(api, kept) as poller:
            await said(api, kept, "سؤال", layla)
            await api.settled()
            assert poller.problems == []


@pytest.mark.parametrize(
    "body",
    ['{"ok": true}', '{"ok": true, "result": null}', "<html>", "[]", '"x"', "null", '{"ok": false}', ""],
)
async def test_a_reply_unlike_any_is_survived(
    api: BotApi, layla: User, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept()
    api.unlike("getUpdates", body, times=3)
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
    assert kept.texts == ["سؤال"]
    assert "updates could not be fetched" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("code", [200, 302, 403, 404, 407, 500, 502])
async def test_a_page_of_a_proxy_is_survived(api: BotApi, layla: User, code: int) -> None:
    kept = Kept()
    api.gateway("getUpdates", code, times=2)
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
    assert kept.texts == ["سؤال"]


async def test_a_webhook_left_by_an_earlier_start_is_taken_away(api: BotApi, layla: User) -> None:
    kept = Kept()
    api.fail("getUpdates", 409, "Conflict: can't use getUpdates method while webhook is active")
    async with polling(api, kept):
        await said(api, kept, "سؤال", layla)
    assert api.count["deletewebhook"] == 1
