"""Strangers at the door: group requests without a flood, a word for buttons and queries, and ``/whoami``."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.cli import main
from bot.render.people import shown
from bot.settings import Settings
from bot.state import State
from bot.telegram.access.store import LASTS, AccessRequest, AccessStore, Party
from tests.botapi import BotApi, User
from tests.botapi.chats import Json
from tests.botapi.entities import cut
from tests.botapi.running import LIBRARY, answered, quote, running, scripted, worked
from tests.telegram.test_access import Now

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))


@pytest.fixture(autouse=True)
def _switched_on(api: BotApi) -> None:
    api.world.bot["supports_inline_queries"] = True


@pytest.fixture
def salma(api: BotApi) -> User:
    owner = api.world.user(901, "سلمى")
    api.world.chats[owner.id].started = True
    return owner


@pytest.fixture
def stranger(api: BotApi) -> User:
    return api.world.user(666, "غريب")


def plain(message: Json) -> str:
    return re.sub("[\u2066-\u2069]", "", message["text"])


# Groups


async def test_adding_and_removing_again_and_again_asks_the_owner_once(
    api: BotApi, salma: User, stranger: User
) -> None:
    group = api.world.group("غرفة", bot="left")
    async with running(api, scripted({}), owners={901}) as core:
        for _ in range(30):
            api.world.add_bot(group, stranger)
            api.world.remove_bot(group, stranger)
        await worked(api, core)
        [asked] = api.world.in_chat(salma)
        assert AccessStore(core.state).waiting() == [], "the bot is in no group"
        api.world.press(salma, asked, "اسمح")
        await api.settled()
        assert AccessStore(core.state).entries() == [], "nor is anything decided"
        api.world.add_bot(group, stranger)
        await worked(api, core)
        assert [request.party.id for request in AccessStore(core.state).waiting()] == [group.id]
        api.world.press(salma, asked, "اسمح")
        await api.replies(group)
    assert len(api.world.in_chat(salma)) == 1


async def test_leaving_is_not_overtaken_by_coming_that_takes_longer(
    api: BotApi, salma: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = AccessStore.ask

    def slowly_asked(self: AccessStore, *given: Any, **named: Any) -> AccessRequest | None:
        time.sleep(0.2)
        return ask(self, *given, **named)

    monkeypatch.setattr(AccessStore, "ask", slowly_asked)
    group = api.world.group("غرفة", bot="left")
    async with running(api, scripted({}), owners={901}) as core:
        api.world.add_bot(group, stranger)
        api.world.remove_bot(group, stranger)
        await worked(api, core)
        assert AccessStore(core.state).waiting() == [], "the bot is in no group"


async def test_many_groups_of_one_stranger_ask_once_and_take_nobodys_place(
    api: BotApi, salma: User, stranger: User
) -> None:
    other = api.world.user(700, "مديرة الغرفة")
    mine = api.world.group("غرفة سلمى", bot="left")
    async with running(api, scripted({ASKED: ANSWER}), owners={901}) as core:
        for number in range(25):
            api.world.add_bot(api.world.group(f"غرفة {number}", bot="left"), stranger)
        await worked(api, core)
        assert len(api.world.in_chat(salma)) == 1
        api.world.add_bot(api.world.group("غرفة أخرى", bot="left"), other)
        _, second = await api.replies(salma, 2)
        assert "مديرة الغرفة" in second["text"]
        api.world.add_bot(mine, salma)
        await api.replies(mine)
        api.world.say(other, f"/ask {ASKED}", mine)
        *_, answer = await api.replies(mine, 2)
        assert answer["text"].startswith("الأحد")
    asked = [message for message in api.world.in_chat(salma) if "reply_markup" in message]
    assert len(asked) == 2, "the owner's own group needs no approval"


async def test_an_owner_who_adds_the_bot_decides_what_waits_or_was_refused(
    api: BotApi, salma: User, stranger: User
) -> None:
    waiting, refused = api.world.group("تنتظر", bot="left"), api.world.group("مرفوضة", bot="left")
    async with running(api, scripted({}), owners={901}) as core:
        AccessStore(core.state).set(Party("chat", refused.id), "denied", 901)
    async with running(api, core, owners={901}):
        api.world.add_bot(waiting, stranger)
        [asked] = await api.replies(salma)
        api.world.promote_bot(waiting, salma)
        assert "سمح بها: \u2068سلمى" in (await api.edited(asked))["text"]
        api.world.add_bot(refused, salma)
        await api.replies(refused)
    assert {entry.verdict for entry in AccessStore(core.state).entries()} == {"allowed"}


async def test_who_is_shut_out_brings_no_group_and_an_anonymous_adder_takes_nobodys_place(
    api: BotApi, salma: User, stranger: User
) -> None:
    async with running(api, scripted({}), owners={901}) as core:
        AccessStore(core.state).set(Party("user", 666), "denied", 901)
    async with running(api, core, owners={901}):
        api.world.add_bot(api.world.group("غرفة غريب", bot="left"), stranger)
        for name in ("أولى", "ثانية"):
            api.world.add_bot(api.world.group(name, bot="left"), None)
        first, second = await api.replies(salma, 2)
        await worked(api, core)
    assert "أولى" in first["text"]
    assert "ثانية" in second["text"]
    assert len(api.world.in_chat(salma)) == 2


def test_a_groups_request_lapses_and_frees_its_adders_place(state: State) -> None:
    now = Now()
    register = AccessStore(state, now)
    first = register.ask(Party("chat", -1), "ar", 5, asker=7)
    assert first is not None
    assert register.ask(Party("chat", -2), "ar", 6, asker=7) is None
    assert register.ask(Party("chat", -3), "ar", 7, asker=8) is not None
    register.withdraw(-1)
    assert register.ask(Party("chat", -2), "ar", 8, asker=7) is None, "its place is still taken"
    assert register.ask(Party("chat", -1), "ar", 9, asker=7) == first, "added again, it waits on"
    now.time += LASTS["chat"] + timedelta(minutes=1)
    assert register.waiting() == []
    assert register.decide(first.code, "allowed", 901, "سلمى", 10) is None
    assert register.ask(Party("chat", -2), "ar", 11, asker=7) is not None


# Buttons and queries


@pytest.mark.parametrize(("denied", "said"), [(False, "مفتوح لمن يسمح"), (True, "لم يسمح لك أصحاب البوت.")])
async def test_a_button_and_a_query_of_one_who_may_not_ask_get_a_word(
    api: BotApi, salma: User, stranger: User, denied: bool, said: str
) -> None:
    group = api.world.group("غرفة")
    core = scripted({ASKED: ANSWER})
    if denied:
        AccessStore(core.state).set(Party("user", 666), "denied", 901)
    async with running(api, core, owners={901}):
        api.world.say(salma, "/help")
        [message] = await api.replies(salma)
        pressed = await api.answer_to(api.world.forge(stranger, message, "src:1:1"))
        number = api.world.inline(stranger, ASKED)
        await api.wait_for(lambda: number in api.world.inline_answers)
        found = api.world.inline_answers[number]
    assert said in pressed["text"]
    assert found["results"] == []
    assert found["button"]["text"] == (
        "لم يسمح لك أصحاب البوت." if denied else "البوت لمن يسمح له أصحابه. اضغط لتطلب الإذن"
    )
    assert found["button"]["start_parameter"] == "ask"
    assert 0 < int(found["cache_time"]) <= 60
    assert core.asker.asked == []
    assert group.bot == "member"


async def test_the_words_for_one_stranger_are_bounded(api: BotApi, salma: User, stranger: User) -> None:
    async with running(api, scripted({}), owners={901}) as core:
        for number in range(40):
            api.world.inline(stranger, f"س{number}")
        await worked(api, core)
        assert len(api.world.inline_answers) == 20
        layla = api.world.user(502, "أخرى")
        other = api.world.inline(layla, "سؤال")
        await api.wait_for(lambda: other in api.world.inline_answers)


# /whoami


async def test_everyone_learns_their_number_language_and_standing(
    api: BotApi, salma: User, stranger: User
) -> None:
    layla, denied = api.world.user(502, "ليلى"), api.world.user(667, "مرفوض")
    sam = api.world.user(503, "Sam", language="en")
    core = scripted({})
    AccessStore(core.state).set(Party("user", 667), "denied", 901)

    async def told(user: User) -> str:
        seen = len(api.world.in_chat(user))
        api.world.say(user, "/whoami")
        return plain((await api.replies(user, seen + 1))[-1])

    async with running(api, core, owners={901}, allowed_users={502}):
        assert await told(salma) == "رقمك: 901\nاللغة: العربية\nالصفة: من أصحاب البوت"
        assert "الصفة: مسموح لك" in await told(layla)
        assert "الصفة: لم يسمح لك" in await told(denied)
        assert await told(sam) == (
            "Your number: 503\nLanguage: English\n"
            "Standing: not let in yet. Write to me, and I will ask the owners"
        )
        assert "الصفة: لم يُسمح لك بعد" in await told(stranger)
        api.world.say(stranger, "مرحبًا")
        await api.replies(stranger, 2)
        assert "الصفة: طلبك ينتظر" in await told(stranger)
        assert len(api.world.in_chat(salma)) == 2, "to ask who one is asks for nothing"
        for _ in range(9):
            api.world.say(stranger, "/whoami")
        await worked(api, core)
    assert len(api.world.in_chat(stranger)) == 4, "a stranger is answered three times a minute"


async def test_a_groups_administrators_learn_its_number_and_standing(
    api: BotApi, salma: User, layla: User
) -> None:
    mine, other = api.world.group("غرفة"), api.world.group("غرفة أخرى")
    admin = api.world.user(700, "مديرة")
    for group in (mine, other):
        api.world.join(group, admin, "administrator")
    async with running(api, scripted({}), owners={901}, allowed_chats={mine.id}) as core:
        api.world.say(admin, "/whoami", mine)
        [about] = await api.replies(mine)
        api.world.say(layla, "/whoami", mine)
        _, refused = await api.replies(mine, 2)
        api.world.say(layla, "/whoami", other)
        api.world.say(None, "/whoami", other)
        [stranger] = await api.replies(other)
        api.world.say(admin, "/whoami@somebody_else_bot", other)
        await worked(api, core)
    assert plain(about) == f"رقم هذه المجموعة: {mine.id}\nاللغة: العربية\nالصفة: أجيب فيها من يسألني"
    assert "لمشرفيها" in refused["text"]
    assert f"{other.id}" in stranger["text"]
    assert "لم يُسمح بها بعد" in stranger["text"]
    assert len(api.world.in_chat(other)) == 1


# Settings


@pytest.mark.parametrize("value", ["-1001234", "901,-5", "سلمى", "901;902", "0", "9" * 30, "@salma"])
@pytest.mark.parametrize("name", ["MUSNAD_OWNERS", "MUSNAD_ALLOWED_USERS"])
def test_a_number_that_is_no_users_is_refused_at_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()
    assert main(["telegram"]) == 2
    complaint = capsys.readouterr().err
    assert name in complaint
    assert "MUSNAD_ALLOWED_CHATS" in complaint
    assert len(complaint.splitlines()) == 1


@pytest.mark.parametrize("value", ["901", "901, 902", "901،902", "٩٠١"])
def test_numbers_of_users_are_taken(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSNAD_OWNERS", value)
    assert 901 in Settings().owners


# Names

NASTY = [
    "\u202e\u2066<b>مدير</b>\u2069\u202c",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u3164\uffa0\u115f\u2800",
    "x" * 4000,
    "ا\u0651" * 2000,
    "</code><a href='https://evil.example'>x</a>&amp;",
    "\x00\x1b[31m\u2028\u2029سطر\nثانٍ",
    "\ue000\ue001{name}{number}",
    "\u2069\u2069\u2069/deny 901 @admin",
]


@pytest.mark.parametrize("name", NASTY)
async def test_no_name_breaks_what_owners_read(api: BotApi, salma: User, name: str) -> None:
    nasty, group = api.world.user(667, name), api.world.group(name, bot="left")
    async with running(api, scripted({}), owners={901}) as core:
        api.world.say(nasty, "مرحبًا")
        await api.replies(salma)
        api.world.add_bot(group, nasty)
        await api.replies(salma, 2)
        api.world.say(salma, "/access")
        *_, page = await api.replies(salma, 3)
        assert page["text"].count("ينتظر: \u2068") == 2
        for asked in api.world.in_chat(salma)[:2]:
            api.world.press(salma, asked, "اسمح")
            await api.edited(asked)
        api.world.say(salma, "/allow 667")
        await api.replies(salma, 4)
        api.world.add_bot(api.world.group(name, bot="left"), salma)
        await api.wait_for(lambda: any("@BotFather" in each["text"] for each in api.world.in_chat(salma)))
        await worked(api, core)
    for message in api.world.in_chat(salma):
        text = message["text"]
        assert len(text) < 1000
        marked = {
            cut(text, entity["offset"], entity["length"])
            for entity in message.get("entities", ())
            if entity["type"] not in ("code", "bold")
        }
        assert marked <= {"@BotFather", f"@{api.world.bot['username']}"}
        assert not re.search("[\u202a-\u202e\u2066\u2067\ue000-\uf8ff\x00-\x09\x0b-\x1f\u2028\u2029]", text)
        for line in filter(None, text.split("\n")):
            assert line.count("\u2068") == line.count("\u2069"), line
            assert line.split("\u2068")[0].strip(), "what a line says stands before the name"


@pytest.mark.parametrize(
    "name", ["\u3164", "\u115f\u1160", "\uffa0", "\u2800\u2800", "\ufe0f\ufe0f", "\u034f", "\u17b5"]
)
def test_a_name_of_what_cannot_be_seen_is_none(name: str) -> None:
    assert shown(name) == ""
