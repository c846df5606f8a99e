"""Delivery: what is sent for an update arrives once, in order, whatever happens on the way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, RetryAfter
from telegram.ext import ExtBot

from bot.state import State
from bot.telegram.chats.context import ChatContext
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.outgoing.outbox import Key, Outbox
from bot.telegram.outgoing.retries import Retries
from bot.telegram.runtime.request import StrictRequest
from corpus.errors import ArchiveBusyError, ArchiveUnusableError
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, QUICK, answered, quote, running, scripted
from tests.botapi.world import Chat

pytestmark = pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")
# The library's own, at its own error.


@pytest.fixture
def layla(api: BotApi) -> User:
    return started(api, 501)


def started(api: BotApi, number: int) -> User:
    user = api.world.user(number, f"سائل {number}")
    api.world.chats[number].started = True
    return user


def private(user: User, update_id: int = 0) -> ChatContext:
    """Return the context of a user's private chat; what is sent there belongs to the update."""
    return ChatContext(
        chat=user.id, thread=None, user=user.id, private=True, language="ar", update_id=update_id
    )


def within(group: Chat, update_id: int, thread: int | None = None) -> ChatContext:
    return ChatContext(
        chat=group.id, thread=thread, user=501, private=False, language="ar", update_id=update_id
    )


def texts(api: BotApi, chat: User | Chat) -> list[str]:
    return [message["text"] for message in api.world.in_chat(chat)]


@asynccontextmanager
async def delivering(
    api: BotApi, state: State, delays: tuple[float, ...] = QUICK.sends, **told: Any
) -> AsyncIterator[Delivery]:
    requests = [StrictRequest(connection_pool_size=8, read_timeout=0.5) for _ in range(2)]
    bot: ExtBot[None] = ExtBot(
        api.token, base_url=f"{api.url}/bot", request=requests[0], get_updates_request=requests[1]
    )
    async with bot:
        yield Delivery(bot, state, Retries(delays, **told))


async def test_parts_arrive_in_order_and_their_numbers_are_known(
    api: BotApi, state: State, layla: User
) -> None:
    async with delivering(api, state) as delivery:
        numbers = await delivery.send(private(layla, 1), ["واحد", Part("اثنان"), "ثلاثة"], "answer")
        assert texts(api, layla) == ["واحد", "اثنان", "ثلاثة"]
        assert numbers == [message["message_id"] for message in api.world.in_chat(layla)]
        assert await delivery.sent(1, "answer") == numbers


async def test_an_update_worked_on_again_sends_only_what_was_not_sent(
    api: BotApi, state: State, layla: User
) -> None:
    async with delivering(api, state) as delivery:
        with pytest.raises(BadRequest):
            await delivery.send(private(layla, 1), ["واحد", "<b>اثنان"], "answer")
        assert texts(api, layla) == ["واحد"]
        numbers = await delivery.send(private(layla, 1), ["واحد", "اثنان"], "answer")
        assert await delivery.send(private(layla, 1), ["واحد", "اثنان"], "answer") == numbers
        assert texts(api, layla) == ["واحد", "اثنان"]
        await delivery.send(private(layla, 2), ["واحد"], "answer")
        assert texts(api, layla) == ["واحد", "اثنان", "واحد"]


async def test_one_line_for_several_chats_reaches_each(api: BotApi, state: State) -> None:
    people = [started(api, number) for number in (601, 602, 603)]
    async with delivering(api, state) as delivery:
        for _ in range(2):
            for user in people:
                await delivery.line(private(user, 1), "telegram_new")
    assert [len(texts(api, user)) for user in people] == [1, 1, 1]


async def test_outside_of_an_update_nothing_is_recorded(api: BotApi, state: State, layla: User) -> None:
    async with delivering(api, state) as delivery:
        for _ in range(2):
            await delivery.send(private(layla), ["خبر"], "news")
    assert texts(api, layla) == ["خبر", "خبر"]
    assert state.rows("select * from deliveries") == []


async def test_what_arrived_is_not_sent_again_though_it_could_not_be_recorded_at_once(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(outbox: Outbox, key: Key, chat: int, message: int | None) -> None:
        if failures:
            raise failures.pop()
        end(outbox, key, chat, message)
        recorded.set()

    end, recorded = Outbox.end, threading.Event()
    failures = [ArchiveBusyError("locked"), ArchiveUnusableError("disk full")]
    monkeypatch.setattr(Outbox, "end", busy)
    async with running(api, scripted({"سؤال": answered("الأحد", quote(LIBRARY, "صباح الأحد"))}), public=True):
        api.world.say(layla, "سؤال")
        assert await asyncio.to_thread(recorded.wait, 5)
    assert len(texts(api, layla)) == 1


async def test_what_was_on_its_way_when_the_process_died_is_not_sent_again_but_offered(
    api: BotApi, state: State, layla: User
) -> None:
    async with delivering(api, state) as delivery:
        api.hang("sendMessage", 30)
        sending = asyncio.create_task(delivery.send(private(layla, 1), ["واحد"], "answer"))
        await api.wait_for(lambda: bool(api.faulted))
        sending.cancel()
        await asyncio.wait({sending})
    assert state.row("select state from deliveries") == {"state": "sending"}
    async with delivering(api, state) as delivery:
        for _ in range(2):
            assert await delivery.send(private(layla, 1), ["واحد", "اثنان"], "answer") != [None, None]
    arrived, second, line = texts(api, layla)
    assert (arrived, second) == ("واحد", "اثنان")
    assert "لم يصلني تأكيد" in line
    assert state.row("select state from deliveries where label = 'answer' and part = 0") == {
        "state": "unsure"
    }


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")
@pytest.mark.parametrize("waits", ["chat", "network"])
async def test_what_only_waited_when_the_process_died_is_sent(
    api: BotApi, state: State, layla: User, waits: str
) -> None:
    async with delivering(api, state, delays=(30.0,)) as delivery:
        if waits == "chat":
            api.fail("sendMessage", 429, "Too Many Requests: retry after 30", retry_after=30)
        else:
            await api.go_down()
        sending = asyncio.create_task(delivery.send(private(layla, 1), ["واحد"], "answer"))
        await asyncio.sleep(0.3)
        sending.cancel()
        await asyncio.wait({sending})
    if waits == "network":
        await api.come_up()
    assert state.rows("select * from deliveries") == []
    async with delivering(api, state) as delivery:
        await delivery.send(private(layla, 1), ["واحد"], "answer")
    assert texts(api, layla) == ["واحد"]


async def test_a_chat_told_to_wait_is_the_only_one_that_does(api: BotApi, state: State, layla: User) -> None:
    omar = started(api, 502)
    api.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1, chat=layla)
    async with delivering(api, state) as delivery:
        began = time.monotonic()
        waiting = asyncio.create_task(delivery.send(private(layla, 1), ["واحد", "اثنان"], "answer"))
        await api.wait_for(lambda: bool(api.faulted))
        await asyncio.sleep(0.05)
        assert delivery.network.paused(layla.id)
        assert not delivery.network.paused(omar.id)
        await delivery.send(private(omar, 1), ["له"], "answer")
        assert time.monotonic() - began < 0.9
        await waiting
        assert time.monotonic() - began >= 1
        assert not delivery.network.paused(layla.id)
    assert texts(api, layla) == ["واحد", "اثنان"]
    assert len(api.faulted) == 1, "while it waits it does not ask"


async def test_a_chat_that_is_told_to_wait_longer_meanwhile_waits_longer() -> None:
    network, until = Retries(QUICK.sends), list[float]()

    async def sent(refused: asyncio.Event, seconds: float, after: asyncio.Event | None = None) -> float:
        async def call(chat: int) -> float:
            if refused.is_set():
                return time.monotonic()
            if after is not None:
                await after.wait()  # on its way when the other is refused
            refused.set()
            until.append(time.monotonic() + seconds)
            raise RetryAfter(timedelta(seconds=seconds))

        return await network.carry_out(7, call)

    one, other = asyncio.Event(), asyncio.Event()
    sending = [asyncio.create_task(sent(other, 0.4, after=one)), asyncio.create_task(sent(one, 0.1))]
    at = await asyncio.gather(*sending)
    assert min(at) >= max(until)


async def test_what_certainly_did_not_arrive_is_sent_until_it_does(
    api: BotApi, state: State, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    api.gateway("sendMessage", 429, times=4)
    api.fail("sendMessage", 429, "Too Many Requests", times=4)
    async with delivering(api, state, trouble=seen.append) as delivery:
        assert None not in await delivery.send(private(layla, 1), ["واحد"], "answer")
        await api.go_down()
        sending = asyncio.create_task(delivery.send(private(layla, 1), ["اثنان"], "more"))
        await asyncio.sleep(0.3)
        await api.come_up()
        assert None not in await sending
    assert texts(api, layla) == ["واحد", "اثنان"]
    assert set(seen) == {"network"}
    lines = [record.message for record in caplog.records if record.name == "bot.telegram.outgoing.retries"]
    assert len(lines) == 4, "twice: does not get through, gets through again"


async def test_when_one_request_gets_through_the_others_do_not_wait_any_longer(
    api: BotApi, state: State
) -> None:
    people = [started(api, 600 + number) for number in range(20)]
    async with delivering(api, state, delays=(0.02, 0.1, 60.0)) as delivery:
        await api.go_down()
        sending = [asyncio.create_task(delivery.send(private(user), ["خبر"], "news")) for user in people[:-1]]
        await asyncio.sleep(0.5)
        await api.come_up()
        await delivery.send(private(people[-1]), ["خبر"], "news")
        await asyncio.wait_for(asyncio.gather(*sending), 5)
    assert [len(texts(api, user)) for user in people] == [1] * 20


@pytest.mark.parametrize(
    "fault", ["drop_reply", "lose", "garble", "500", "502", "503", "504", "unlike", "late"]
)
async def test_what_may_have_arrived_is_not_sent_again_also_not_when_repeated(
    api: BotApi, state: State, layla: User, fault: str
) -> None:
    if fault.isdigit():
        api.fail("sendMessage", int(fault), "Internal Server Error")
    elif fault == "unlike":
        api.unlike("sendMessage", '{"ok": true}')
    elif fault == "late":
        api.gateway("sendMessage", 502, carried_out=True)
    else:
        getattr(api, fault)("sendMessage")
    arrived = ["واحد"] if fault in ("drop_reply", "garble", "late") else []
    async with delivering(api, state) as delivery:
        for _ in range(2):
            found = await delivery.send(private(layla, 7), ["واحد", "اثنان"], "answer")
            assert [number is None for number in found] == [True, False]
    *sent, line = texts(api, layla)
    assert sent == [*arrived, "اثنان"]
    assert "لم يصلني تأكيد" in line
    [[button]] = api.world.in_chat(layla)[-1]["reply_markup"]["inline_keyboard"]
    assert button["callback_data"] == "again:7"


async def test_only_an_answer_is_offered_again(api: BotApi, state: State, layla: User) -> None:
    api.lose("sendMessage")
    async with delivering(api, state) as delivery:
        assert await delivery.send(private(layla, 7), ["مساعدة"], "line:help") == [None]
    assert texts(api, layla) == []


async def test_an_edit_is_repeated_until_its_reply_arrives(api: BotApi, state: State, layla: User) -> None:
    async with delivering(api, state) as delivery:
        [number] = await delivery.send(private(layla), ["أعمل"], "progress")
        assert number is not None
        api.drop_reply("editMessageText")
        api.lose("editMessageText", times=2)
        assert await delivery.edit(layla.id, number, "تم"), "unchanged the second time, which is as good"
        assert texts(api, layla) == ["تم"]
        api.world.delete(api.world.in_chat(layla)[0])
        assert not await delivery.edit(layla.id, number, "تم كله")


async def test_buttons_of_a_message_that_is_gone_are_passed_over(
    api: BotApi, state: State, layla: User
) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("زر", callback_data="x:1")]])
    async with delivering(api, state) as delivery:
        [number] = await delivery.send(private(layla), [Part("نص", keyboard)], "x")
        assert number is not None
        await delivery.buttons(layla.id, number, None)
        assert "reply_markup" not in api.world.in_chat(layla)[0]
        await delivery.buttons(layla.id, number, None)
        await delivery.buttons(layla.id, 999, keyboard)


async def test_a_group_that_became_a_supergroup_is_followed(api: BotApi, state: State, layla: User) -> None:
    group = api.world.group("غرفة", basic=True)
    new = api.world.migrate(group)
    moves: list[tuple[int, int]] = []

    async def migrated(old: int, number: int) -> None:
        moves.append((old, number))

    async with delivering(api, state, migrated=migrated) as delivery:
        for label in ("one", "two"):
            await delivery.send(within(group, 1), [label], label, reply_to=1)
    assert texts(api, new) == ["one", "two"]
    assert moves == [(group.id, new.id)]
    async with delivering(api, state, migrated=migrated) as delivery:
        [number] = await delivery.send(within(group, 1), ["one"], "one", reply_to=1)
        assert await delivery.sent(1, "one") == [number]
    assert texts(api, new) == ["one", "two"], "the old number is known to a repeated work, also after a start"
    first = api.world.in_chat(new)[0]["message_id"]
    assert state.row("select message from deliveries where chat = ? and label = 'one'", [new.id]) == {
        "message": first
    }


async def test_a_topic_that_was_deleted_does_not_cost_the_answer(
    api: BotApi, state: State, layla: User
) -> None:
    group = api.world.group("غرفة", forum=True)
    topic = api.world.topic(group, "أخبار")
    del group.topics[topic]
    async with delivering(api, state) as delivery:
        await delivery.send(within(group, 1, topic), ["واحد"], "answer")
    assert texts(api, group) == ["واحد"]


async def test_a_chat_that_is_closed_is_refused_and_can_be_tried_again(
    api: BotApi, state: State, layla: User
) -> None:
    api.world.chats[layla.id].blocked = True
    async with delivering(api, state) as delivery:
        with pytest.raises(Forbidden):
            await delivery.send(private(layla, 1), ["واحد"], "answer")
        api.world.chats[layla.id].blocked = False
        await delivery.send(private(layla, 1), ["واحد"], "answer")
    assert texts(api, layla) == ["واحد"]


async def test_messages_of_one_update_stand_together(api: BotApi, state: State, layla: User) -> None:
    async with delivering(api, state) as delivery:

        async def send(number: int) -> None:
            await delivery.send(private(layla, number), [f"{number}-{part}" for part in range(4)], "answer")

        await asyncio.gather(*(send(number) for number in range(1, 6)))
    groups = [text.partition("-")[0] for text in texts(api, layla)]
    assert groups == sorted(groups)
