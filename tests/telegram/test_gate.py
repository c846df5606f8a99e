"""Who may reach the bot: nobody until allowed, whatever the kind of update."""

from __future__ import annotations

import pytest
from telegram import Update
from telegram.ext import ApplicationHandlerStop, TypeHandler

from bot.telegram.access.gate import Gate
from bot.telegram.access.store import AccessStore, Kind, Party
from bot.telegram.app import Bot, assemble
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import UpdateContext, Work
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, answered, quote, running, scripted, settings, worked
from tests.botapi.world import Json

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))


@pytest.fixture
def stranger(api: BotApi) -> User:
    return api.world.user(666, "غريب")


async def test_closed_when_nobody_is_allowed_and_says_how_to_open(
    api: BotApi, stranger: User, caplog: pytest.LogCaptureFixture
) -> None:
    group = api.world.group("غرفة")
    async with running(api, scripted({ASKED: ANSWER})) as core:
        assert "MUSNAD_OWNERS" in caplog.text
        assert "MUSNAD_ALLOWED_USERS" in caplog.text
        assert "MUSNAD_PUBLIC=1" in caplog.text
        api.world.say(stranger, ASKED)
        api.world.say(stranger, "/sources")
        api.world.say(stranger, f"/ask {ASKED}", group)
        api.world.say(None, f"/ask {ASKED}", group)
        [line] = await api.replies(stranger)
        await worked(api, core)
    assert core.asker.asked == []
    assert "666" in line["text"]
    assert len(line["text"].splitlines()) == 1
    assert len(api.world.sent) == 1, "one line to the stranger, silence in the group"
    assert "not let in: a user" in caplog.text
    assert "666" not in caplog.text, "a person's number is told to them, and logged nowhere"
    assert f"add {group.id} to MUSNAD_ALLOWED_CHATS" in caplog.text


async def test_group_allowed_is_not_its_members_allowed(api: BotApi, stranger: User) -> None:
    group, other = api.world.group("غرفة"), api.world.group("غرفة أخرى")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        api.world.say(stranger, f"/ask {ASKED}", group)
        api.world.say(stranger, f"/ask {ASKED}", other)
        api.world.say(stranger, ASKED)
        await api.replies(group)
        [line] = await api.replies(stranger)
    assert [question.conversation for question in core.asker.asked] == [f"telegram:{group.id}:0:666"]
    assert "666" in line["text"]
    assert api.world.in_chat(other) == []


async def test_user_allowed_is_not_every_group_allowed(api: BotApi) -> None:
    owner = api.world.user(500, "صاحب البوت")
    group = api.world.group("غرفة")
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={500}) as core:
        api.world.say(owner, f"/ask {ASKED}", group)
        api.world.say(owner, ASKED)
        await api.replies(owner)
    assert [question.conversation for question in core.asker.asked] == ["telegram:500:0:500"]
    assert api.world.in_chat(group) == []


async def test_public_is_open_to_all(api: BotApi, stranger: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), public=True):
        api.world.say(stranger, ASKED)
        [message] = await api.replies(stranger)
    assert message["text"].splitlines()[0] == "الأحد"


async def test_stranger_who_cannot_be_told_changes_nothing(api: BotApi, stranger: User) -> None:
    owner = api.world.user(500, "صاحب البوت")
    api.fail("sendMessage", 403, "Forbidden: bot was blocked by the user")
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={500}) as core:
        api.world.say(stranger, ASKED)
        await worked(api, core)
        api.world.say(owner, ASKED)
        await api.replies(owner)
    assert api.world.in_chat(stranger) == []


def test_a_number_is_first_once_an_hour() -> None:
    now = [0.0]
    recent = Recent(3600, lambda: now[0])
    assert [recent.first(1), recent.first(1), recent.first(2)] == [True, False, True]
    now[0] = 3599.0
    assert not recent.first(1)
    now[0] = 3600.0
    assert recent.first(1)


def test_numbers_remembered_are_bounded() -> None:
    recent = Recent(3600, lambda: 0.0)
    for number in range(30_000):
        recent.first(number)
    assert len(recent) == 10_000


def updates_of_every_kind(user: Json, chat: Json) -> dict[str, Json]:
    """One update of each kind the library knows, caused by a user in a chat."""
    message = {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": "x"}
    member = {"status": "member", "user": user}
    change = {"chat": chat, "from": user, "date": 1, "old_chat_member": member, "new_chat_member": member}
    reaction = {
        "chat": chat,
        "message_id": 1,
        "date": 1,
        "user": user,
        "old_reaction": [],
        "new_reaction": [],
    }
    poll = {
        "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
        "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": False,
        "members_only": False,
    }  # fmt: skip
    source = {"source": "premium", "user": user}
    boost = {"boost_id": "1", "add_date": 1, "expiration_date": 2, "source": source}
    connection = {"id": "1", "user": user, "user_chat_id": user["id"], "date": 1, "is_enabled": True}
    money = {"currency": "XTR", "total_amount": 1, "invoice_payload": "x"}
    return {
        "message": message,
        "edited_message": message,
        "channel_post": message,
        "edited_channel_post": message,
        "business_connection": connection,
        "business_message": message,
        "edited_business_message": message,
        "deleted_business_messages": {"business_connection_id": "1", "chat": chat, "message_ids": [1]},
        "guest_message": message,
        "message_reaction": reaction,
        "message_reaction_count": {"chat": chat, "message_id": 1, "date": 1, "reactions": []},
        "inline_query": {"id": "1", "from": user, "query": "x", "offset": ""},
        "chosen_inline_result": {"result_id": "1", "from": user, "query": "x"},
        "callback_query": {"id": "1", "from": user, "chat_instance": "1", "message": message, "data": "x"},
        "shipping_query": {
            "id": "1", "from": user, "invoice_payload": "x",
            "shipping_address": {"country_code": "SY", "state": "", "city": "", "street_line1": "",
                                 "street_line2": "", "post_code": ""},
        },
        "pre_checkout_query": {"id": "1", "from": user, **money},
        "purchased_paid_media": {"from": user, "paid_media_payload": "x"},
        "poll": poll,
        "poll_answer": {"poll_id": "1", "user": user, "option_ids": [0], "option_persistent_ids": []},
        "my_chat_member": change,
        "chat_member": change,
        "chat_join_request": {"chat": chat, "from": user, "date": 1, "user_chat_id": user["id"]},
        "chat_boost": {"chat": chat, "boost": boost},
        "removed_chat_boost": {"chat": chat, "boost_id": "1", "remove_date": 1, "source": source},
        "managed_bot": {"user": user, "bot": user},
    }  # fmt: skip


class Reached:
    """A handler behind the gate that takes whatever comes."""

    def __init__(self) -> None:
        self.updates: list[int] = []

    async def __call__(self, update: Update, context: object) -> None:
        self.updates.append(update.update_id)


OWNER = 500
STRANGER = 666
PRIVATE: Json = {"id": STRANGER, "type": "private", "first_name": "غريب"}


def gate_of(bot: Bot) -> Gate:
    """Return the gate of the bot as it is put together: the first of its handlers."""
    [handler] = bot.app.handlers[-1]
    assert isinstance(handler.callback, Gate)
    return handler.callback


async def passes_gate(api: BotApi, update: Json, **values: object) -> bool:
    """Whether the gate of the bot as it is put together lets an update pass."""
    bot = assemble(scripted({}), settings(api, **values))
    async with bot.app:
        read = Update.de_json({"update_id": 7} | update, bot.app.bot)
        try:
            with bot.app.bot_data.processing(Work(7)):
                await gate_of(bot)(read, UpdateContext.from_update(read, bot.app))
        except ApplicationHandlerStop:
            return False
    return True


@pytest.mark.parametrize("place", ["private", "group", "supergroup", "channel"])
@pytest.mark.parametrize("owners", [set(), {OWNER}])
async def test_strangers_updates_of_every_kind_reach_no_handler(
    api: BotApi, stranger: User, place: str, owners: set[int]
) -> None:
    owner = api.world.user(OWNER, "صاحب البوت")
    api.world.chats[OWNER].started = api.world.chats[STRANGER].started = True
    chat: Json = PRIVATE if place == "private" else {"id": -1009, "type": place, "title": "x"}
    payloads = updates_of_every_kind(stranger.json(), chat) | {
        "a_kind_of_tomorrow": {"from": stranger.json()}
    }
    assert set(Update.ALL_TYPES) < set(payloads), "a kind of update that the library knows is missing here"
    bot = assemble(scripted({}), settings(api, owners=owners, allowed_users={501}, allowed_chats={-500}))
    reached = Reached()
    bot.app.add_handler(TypeHandler(Update, reached), group=7)
    async with bot.app:
        for number, (kind, payload) in enumerate(payloads.items(), 1):
            update = Update.de_json({"update_id": number, kind: payload}, bot.app.bot)
            assert kind == "a_kind_of_tomorrow" or getattr(update, kind) is not None
            with bot.app.bot_data.processing(Work(number)):
                await bot.app.process_update(update)
        assert reached.updates == []
        to_stranger = api.world.in_chat(stranger)
        to_owner = api.world.in_chat(owner)
        assert len(to_stranger) == (place == "private"), "one line, in private only"
        assert len(to_owner) == bool(owners), "the owner is asked once: about the person, or the group"
        assert len(api.world.sent) == len(to_stranger) + len(to_owner)


def kind_of(kind: str, user: int, chat: int) -> Json:
    """An update of a kind by a user, in their private chat or in a group."""
    place: Json = {"id": chat, "type": "private" if chat > 0 else "supergroup", "title": "x"}
    person = {"id": user, "is_bot": False, "first_name": "x"}
    return {kind: updates_of_every_kind(person, place)[kind]}


GROUP = -1009


@pytest.mark.parametrize(
    ("kind", "chat", "let_in", "passes"),
    [
        ("message", GROUP, {"allowed_chats": {GROUP}}, True),
        ("message", GROUP, {"allowed_users": {STRANGER}}, False),
        ("edited_message", GROUP, {"allowed_chats": {GROUP}}, True),
        ("channel_post", GROUP, {"allowed_chats": {GROUP}}, True),
        ("my_chat_member", GROUP, {"allowed_chats": {GROUP}}, True),
        ("callback_query", GROUP, {"allowed_chats": {GROUP}}, True),
        ("callback_query", GROUP, {"allowed_users": {STRANGER}}, False),
        ("message", STRANGER, {"allowed_chats": {GROUP}}, False),
        ("message", STRANGER, {"allowed_users": {STRANGER}}, True),
        ("inline_query", GROUP, {"allowed_users": {STRANGER}}, True),
        ("inline_query", GROUP, {"allowed_chats": {GROUP}}, False),
        ("chosen_inline_result", GROUP, {"allowed_chats": {GROUP}}, False),
        ("guest_message", GROUP, {"allowed_users": {STRANGER}}, True),
        ("guest_message", GROUP, {"allowed_chats": {GROUP}}, False),
        ("message", STRANGER, {"owners": {STRANGER}}, True),
        ("inline_query", GROUP, {"owners": {STRANGER}}, True),
        ("message", GROUP, {"owners": {STRANGER}}, False),
        ("poll", GROUP, {"public": True}, False),
    ],
)
async def test_what_lets_an_update_pass(
    api: BotApi, kind: str, chat: int, let_in: dict[str, object], passes: bool
) -> None:
    assert await passes_gate(api, kind_of(kind, STRANGER, chat), **let_in) is passes


async def test_a_button_under_an_inline_message_counts_as_the_users_own(api: BotApi) -> None:
    pressed = {"callback_query": kind_of("callback_query", STRANGER, GROUP)["callback_query"] | {
        "message": None, "inline_message_id": "AgAAA"
    }}  # fmt: skip
    assert await passes_gate(api, pressed, allowed_users={STRANGER})
    assert not await passes_gate(api, pressed, allowed_chats={GROUP})


async def test_what_strangers_write_waits_behind_all_else(api: BotApi, layla: User, stranger: User) -> None:
    owner = api.world.user(OWNER, "صاحب البوت")
    group = api.world.group("غرفة")
    let_in: Json = {"owners": {OWNER}, "allowed_users": {501}, "allowed_chats": {group.id}}
    async with running(api, scripted({ASKED: ANSWER}), **let_in) as core:
        api.world.say(stranger, ASKED)
        api.world.say(layla, ASKED)
        api.world.say(owner, ASKED)
        api.world.say(stranger, f"/ask {ASKED}", group)
        await worked(api, core)
    rows = core.state.rows("select last from inbox order by update_id")
    assert [row["last"] for row in rows] == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("kind", "chat", "denied", "let_in", "passes"),
    [
        ("message", STRANGER, ("user", STRANGER), {"public": True}, False),
        ("message", STRANGER, ("user", STRANGER), {"allowed_users": {STRANGER}}, False),
        ("message", GROUP, ("user", STRANGER), {"allowed_chats": {GROUP}}, False),
        ("message", GROUP, ("chat", GROUP), {"allowed_chats": {GROUP}}, False),
        ("message", GROUP, ("chat", GROUP), {"public": True}, False),
        ("message", STRANGER, ("user", STRANGER), {"owners": {STRANGER}}, True),
        ("message", GROUP, ("user", STRANGER), {"owners": {STRANGER}, "allowed_chats": {GROUP}}, True),
    ],
)
async def test_who_is_shut_out_is_out_everywhere_unless_an_owner(
    api: BotApi, kind: str, chat: int, denied: tuple[Kind, int], let_in: dict[str, object], passes: bool
) -> None:
    core = scripted({})
    AccessStore(core.state).set(Party(*denied), "denied", OWNER)
    bot = assemble(core, settings(api, **let_in))
    assert gate_of(bot).admits(Update.de_json({"update_id": 1} | kind_of(kind, STRANGER, chat))) is passes
    await bot.app.bot.shutdown()
