"""Updates that cannot be read: who is told, and the owners' digest of what was set aside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from telegram import User as TelegramUser

from bot.state import State
from bot.telegram.chats.addressing import unread
from bot.telegram.features.digest import Digest
from bot.telegram.intake.deadletterstore import DeadLetterStore
from bot.telegram.intake.inbox import Inbox
from tests.botapi import BotApi, User
from tests.botapi.chats import Json
from tests.botapi.running import LIBRARY, QUICK, answered, quote, running, scripted, worked
from tests.telegram.test_metrics import shows

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
UNREAD = "لم أستطع قراءة هذه الرسالة."


@pytest.fixture
def owner(api: BotApi) -> User:
    owner = api.world.user(901, "سلمى")
    api.world.chats[owner.id].started = True
    return owner


async def test_who_may_ask_is_told_that_the_message_could_not_be_read(
    api: BotApi, layla: User, owner: User
) -> None:
    stranger, sam = api.world.user(666, "غريب"), api.world.user(503, "Sam", "en")
    async with running(api, scripted({ASKED: ANSWER}), owners={901}, allowed_users={501, 503}) as core:
        api.world.send_unreadable(layla, text="كلام خاص")
        api.world.send_unreadable(sam, kind="edited_message")
        api.world.send_unreadable(stranger)
        [line], [english] = await api.replies(layla), await api.replies(sam)
        await worked(api, core)
        api.world.say(layla, ASKED)
        await api.replies(layla, 2)
    assert line["text"].startswith(UNREAD)
    assert english["text"].startswith("I could not read this message.")
    assert api.world.in_chat(stranger) == []


async def test_in_a_group_only_who_speaks_to_the_bot_is_told(api: BotApi, layla: User) -> None:
    group, other = api.world.group("غرفة"), api.world.group("غرفة أخرى")
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        api.world.send_unreadable(layla, group, text="حديث الناس")
        api.world.send_unreadable(layla, other, text=f"@{api.world.bot['username']} سؤال")
        await worked(api, core)
        assert api.world.in_chat(group) == []
        api.world.send_unreadable(layla, group, text=f"@{api.world.bot['username'].upper()} سؤال")
        [line] = await api.replies(group)
        api.world.send_unreadable(layla, group, reply_to_message={"from": {"id": api.world.bot["id"]}})
        await api.replies(group, 2)
        await worked(api, core)
    assert line["text"].startswith(UNREAD)
    assert api.world.in_chat(other) == []


async def test_a_press_that_cannot_be_read_is_answered(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
        number = api.world.forge(layla, message, "x")
        api.world.updates[-1]["callback_query"]["message"] |= {"date": "أمس"}
        assert (await api.answer_to(number))["text"]


@pytest.mark.parametrize(
    "update",
    [
        {"message": None}, {"message": []}, {"message": {"chat": 7, "from": "x"}}, {"poll": {"id": 1}}, {},
        {"message": {"chat": {"id": "x", "type": 3}, "from": {"id": 2**70}, "message_id": True}},
        {"callback_query": {"message": 5, "from": {"id": 1, "language_code": 3}}},
        {"message": {"text": 5, "caption": ["x"], "reply_to_message": {"from": None}}},
    ],
)  # fmt: skip
def test_nothing_in_it_is_taken_for_granted(update: Json) -> None:
    found = unread({"update_id": 1, **update}, TelegramUser(1, "x", is_bot=True, username="a_bot"))
    if found is not None:
        assert found.chat is None or type(found.chat) is int


# The digest


async def test_owners_get_one_digest_of_many(api: BotApi, layla: User, owner: User) -> None:
    core = scripted({"عطب": RuntimeError("disk on fire")})
    for _ in range(2):
        async with running(api, core, replace(QUICK, gather=3.0), owners={901}, allowed_users={501}):
            for _ in range(15):
                api.world.send_unreadable(layla)
                api.world.send_unreadable(layla, kind="edited_message")
            [digest] = await api.replies(owner, seconds=20)
            await worked(api, core)
            await asyncio.sleep(0.3)
    assert len(api.world.in_chat(owner)) == 1, "the next one comes in an hour, restart or not"
    lines = digest["text"].splitlines()
    assert "العدد: 30" in lines
    assert any(line.startswith("أولها: ") for line in lines)
    assert "• رسالة: 15، لا تُقرأ (\u2068TypeError\u2069)" in lines
    assert "• تعديل رسالة: 15، " in digest["text"]
    assert "disk on fire" not in digest["text"]


class Owners:
    """The owners, as the digest tells them."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def send(self, part_in: Any, label: str, update_id: int) -> None:
        self.told.append(part_in("en"))


def set_aside(inbox: Inbox, numbers: Sequence[int], kind: str = "message") -> None:
    inbox.put([{"update_id": number, kind: {}} for number in numbers])
    for number in numbers:
        inbox.add_dead_letter(number, "it cannot be read: TypeError")


async def test_the_next_digest_waits_its_time_and_counts_what_came_meanwhile(state: State) -> None:
    inbox, owners = Inbox(state), Owners()
    digest = Digest(store=DeadLetterStore(state), owners=owners, gathers=0.01, every=0.5)  # type: ignore[arg-type]
    set_aside(inbox, [1, 2])
    task = asyncio.create_task(digest.run())
    try:
        await asyncio.sleep(0.2)
        assert [told.splitlines()[1] for told in owners.told] == ["Count: 2"], "what was left from before"
        set_aside(inbox, [3, 4, 5])
        set_aside(inbox, [6], "managed_bot")
        digest.note()
        await asyncio.sleep(0.1)
        assert len(owners.told) == 1
        await asyncio.sleep(0.6)
    finally:
        task.cancel()
    assert [told.splitlines()[1] for told in owners.told] == ["Count: 2", "Count: 4"]
    assert "• message: 3, it cannot be read: TypeError" in owners.told[1]
    assert "• managed_bot: 1, " in owners.told[1]


async def test_kinds_of_tomorrow_are_passed_over_and_counted(
    api: BotApi, layla: User, owner: User, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(
        api, scripted({ASKED: ANSWER}), owners={901}, allowed_users={501}, listen=address
    ) as core:
        for payload in ({"from": layla.json(), "chat": api.world.chats[501].json()}, {"id": "x"}):
            api.world.push("a_kind_of_tomorrow", payload)
        api.world.say(layla, ASKED)
        await api.replies(layla)
        await worked(api, core)
        await shows(address, lambda found: found("musnad_updates_total", kind="other") == 2)
        assert core.state.rows("select 1 from inbox where state = 'dead'") == []
        await asyncio.sleep(0.3)
    assert len(api.world.in_chat(layla)) == 1
    assert api.world.in_chat(owner) == []
    assert "a_kind_of_tomorrow" not in caplog.text
