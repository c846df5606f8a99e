"""Pairing and the owners' commands: a stranger asks with a code, one tap of any owner answers, restart or not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.render.people import render_about, shown
from bot.state import State
from bot.telegram.access.store import MOST_OPEN, AccessStore, Party
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, answered, quote, running, scripted, worked
from tests.botapi.world import Json

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
CODE = re.compile(r"[CDFGHJKMNPQRTVWXY34679]{6}")


@pytest.fixture
def stranger(api: BotApi) -> User:
    return api.world.user(666, "غريب")


@pytest.fixture
def owners(api: BotApi) -> tuple[User, User]:
    first, second = api.world.user(901, "سلمى"), api.world.user(902, "نادر")
    for owner in (first, second):
        api.world.chats[owner.id].started = True
    return first, second


def code_in(message: Json) -> str:
    found = CODE.search(message["text"])
    assert found, message["text"]
    return found[0]


async def test_one_tap_lets_a_stranger_in(
    api: BotApi, stranger: User, owners: tuple[User, User], caplog: pytest.LogCaptureFixture
) -> None:
    salma, nadir = owners
    async with running(api, scripted({ASKED: ANSWER}), owners={901, 902}) as core:
        api.world.say(stranger, ASKED)
        api.world.say(stranger, ASKED)
        [told] = await api.replies(stranger)
        [asked], [also] = await api.replies(salma), await api.replies(nadir)
        assert code_in(told) == code_in(asked) == code_in(also)
        assert "غريب" in asked["text"]
        assert "666" in asked["text"]
        await worked(api, core)
        assert core.asker.asked == []

        query = api.world.press(salma, asked, "اسمح")
        assert "text" not in await api.answer_to(query)
        for message in (asked, also):
            decided = await api.edited(message)
            assert "سمح له: \u2068سلمى" in decided["text"]
            assert "reply_markup" not in decided
        _, let_in = await api.replies(stranger, 2)
        assert let_in["text"].startswith("سُمح لك")
        api.world.say(stranger, ASKED)
        *_, answer = await api.replies(stranger, 3)
        assert answer["text"].startswith("الأحد")
    assert len(api.world.in_chat(salma)) == len(api.world.in_chat(nadir)) == 1
    for number in ("666", "901", "902", "غريب", ASKED):
        assert number not in caplog.text


async def test_the_second_tap_is_told_that_it_was_decided_and_changes_nothing(
    api: BotApi, stranger: User, owners: tuple[User, User]
) -> None:
    salma, nadir = owners
    async with running(api, scripted({}), owners={901, 902}):
        api.world.say(stranger, "مرحبًا")
        [asked], [also] = await api.replies(salma), await api.replies(nadir)
        code = code_in(also)
        api.world.press(salma, asked, "اسمح")
        await api.replies(stranger, 2)
        query = api.world.forge(nadir, also, f"pair:deny:{code}")
        assert (await api.answer_to(query))["text"] == "سبق البتّ في هذا الطلب."
        api.world.say(stranger, "/help")
        *_, last = await api.replies(stranger, 3)
    assert "/ask" in last["text"], "still in"


async def test_who_is_refused_is_told_once_and_then_met_with_silence(
    api: BotApi, stranger: User, owners: tuple[User, User]
) -> None:
    salma, _ = owners
    async with running(api, scripted({}), owners={901, 902}) as core:
        api.world.say(stranger, "مرحبًا")
        [asked] = await api.replies(salma)
        api.world.press(salma, asked, "ارفض")
        _, refused = await api.replies(stranger, 2)
        assert refused["text"] == "لم يسمح لك أصحاب البوت."
        api.world.say(stranger, "مرحبًا")
        await worked(api, core)
    assert len(api.world.in_chat(stranger)) == 2
    assert len(api.world.in_chat(salma)) == 1


async def test_buttons_and_decisions_hold_after_a_restart(
    api: BotApi, stranger: User, owners: tuple[User, User]
) -> None:
    salma, nadir = owners
    core = scripted({ASKED: ANSWER})
    async with running(api, core, owners={901, 902}):
        api.world.say(stranger, ASKED)
        [asked], [also] = await api.replies(salma), await api.replies(nadir)
    async with running(api, core, owners={901, 902}):
        api.world.say(stranger, ASKED)
        told, again = await api.replies(stranger, 2)
        assert code_in(told) == code_in(again), "the same request waits on"
        api.world.press(salma, asked, "اسمح")
        await api.edited(also)
    async with running(api, core, owners={901, 902}):
        api.world.say(stranger, ASKED)
        *_, answer = await api.replies(stranger, 4)
    assert answer["text"].startswith("الأحد")
    assert len(api.world.in_chat(salma)) == 1


async def test_only_owners_decide(api: BotApi, stranger: User, owners: tuple[User, User]) -> None:
    salma, _ = owners
    layla = api.world.user(501, "ليلى")
    async with running(api, scripted({}), owners={901, 902}, allowed_users={501}) as core:
        api.world.say(stranger, "مرحبًا")
        [asked] = await api.replies(salma)
        api.world.say(layla, "/help")
        [help_] = await api.replies(layla)
        for data in (
            f"pair:allow:{code_in(asked)}", f"access:allow:{code_in(asked)}:0", "access:drop:user:501:0",
            "access:page:0",
        ):  # fmt: skip
            query = api.world.forge(layla, help_, data)
            assert (await api.answer_to(query))["text"] == "هذا الزر لأصحاب البوت."
        for command in ("/allow 666", "/deny 901", "/access"):
            api.world.say(layla, command)
        replies = await api.replies(layla, 4)
    assert all(message["text"].startswith("لا أعرف هذا الأمر.") for message in replies[1:])
    assert AccessStore(core.state).entries() == []


async def test_a_name_is_shown_as_data(api: BotApi, owners: tuple[User, User]) -> None:
    salma, _ = owners
    nasty = api.world.user(
        667, "\u202e<b>/deny 901</b> @admin https://evil.example\n" + "ا\u0651\u0651\u0651\u0651" * 60
    )
    async with running(api, scripted({}), owners={901, 902}):
        api.world.say(nasty, "مرحبًا")
        [asked] = await api.replies(salma)
    name = next(line for line in asked["text"].splitlines() if line.startswith("الاسم"))
    assert name.startswith("الاسم: \u2068<b>/deny 901</b> @admin https://evil.")
    assert len(name) < 70
    assert "\u202e" not in asked["text"]
    assert {entity["type"] for entity in asked["entities"]} == {"code"}, (
        "no link, mention or command is made of it"
    )


async def test_without_owners_strangers_are_told_their_number(api: BotApi, stranger: User) -> None:
    async with running(api, scripted({})):
        api.world.say(stranger, "مرحبًا")
        [told] = await api.replies(stranger)
    assert "666" in told["text"]
    assert not CODE.search(told["text"])


async def test_a_group_is_let_in_by_a_tap_and_left_when_refused(
    api: BotApi, owners: tuple[User, User]
) -> None:
    salma, nadir = owners
    adder = api.world.user(700, "مديرة الغرفة")
    group, other = api.world.group("غرفة الأخبار", bot="left"), api.world.group("غرفة أخرى", bot="left")
    async with running(api, scripted({ASKED: ANSWER}), owners={901, 902}) as core:
        api.world.add_bot(group, adder)
        [asked], [also] = await api.replies(salma), await api.replies(nadir)
        assert "غرفة الأخبار" in asked["text"]
        assert "مديرة الغرفة" in asked["text"]
        api.world.say(adder, f"/ask {ASKED}", group)
        api.world.promote_bot(group, adder)
        await worked(api, core)
        assert core.asker.asked == []
        assert api.world.in_chat(group) == []
        api.world.press(nadir, also, "اسمح")
        await api.edited(asked)
        await api.replies(group)
        api.world.say(adder, f"/ask {ASKED}", group)
        *_, answer = await api.replies(group, 2)
        assert answer["text"].startswith("الأحد")

        api.world.add_bot(other, adder)
        _, second = await api.replies(salma, 2)
        api.world.press(salma, second, "ارفض")
        await api.wait_for(lambda: other.bot == "left")
        api.world.add_bot(other, adder)
        await worked(api, core)
    assert len(api.world.in_chat(salma)) == 2, "each group is asked about once, and a refused one no more"
    assert api.world.in_chat(other) == []


async def test_a_group_that_is_shut_out_is_left_though_the_request_is_lost(
    api: BotApi, owners: tuple[User, User]
) -> None:
    salma, _ = owners
    group = api.world.group("غرفة")
    api.lose("leaveChat", times=2)
    async with running(api, scripted({}), owners={901, 902}):
        api.world.say(salma, f"/deny {group.id}")
        await api.replies(salma)
        await api.wait_for(lambda: group.bot == "left")
    assert [method for method, *_ in api.faulted] == ["leaveChat"] * 2
    assert len(api.world.in_chat(salma)) == 1, "however often it was tried, it is told of once"


async def test_allow_and_deny_by_number_code_name_reply_and_forward(
    api: BotApi, stranger: User, owners: tuple[User, User]
) -> None:
    salma, nadir = owners
    rami = api.world.user(668, "رامي", username="rami_writes")
    group = api.world.group("غرفة")
    async with running(api, scripted({}), owners={901, 902}) as core:

        async def say(text: str, expected: str, reply_to: Json | None = None) -> None:
            count = len(api.world.in_chat(salma))
            api.world.say(salma, text, reply_to=reply_to)
            *_, reply = await api.replies(salma, count + 1)
            assert re.sub("[\u2068\u2069]", "", reply["text"]).startswith(expected)

        def verdicts() -> dict[int, str]:
            return {entry.party.id: entry.verdict for entry in AccessStore(core.state).entries()}

        await say("/allow", "للسماح: /allow")
        await say("/allow a b", "للسماح: /allow")
        await say("/allow nobody", "لا أعرف صاحب هذا الاسم")
        await say("/allow @nobody_known", "لا أعرف صاحب هذا الاسم")
        await say("/allow 902", "هذا من أصحاب البوت")
        await say("/allow ٦٦٦", "سُمح بالسؤال: 666")
        await say(f"/allow {group.id}", f"سُمح بالسؤال: {group.id}")
        await api.replies(group)
        await say("/deny 666", "مُنع: 666")
        assert verdicts() == {666: "denied", group.id: "allowed"}

        api.world.say(rami, "مرحبًا")
        *_, asked = await api.replies(salma, len(api.world.in_chat(salma)) + 1)
        [told] = await api.replies(nadir)
        await say(f"/allow {code_in(asked).lower()}", "سُمح بالسؤال: رامي @rami_writes (668)")
        assert "سلمى" in (await api.edited(told))["text"]
        await api.replies(rami, 2)
        await say("/deny @RAMI_writes", "مُنع: رامي")
        await say("/allow", "سُمح بالسؤال: رامي", reply_to=asked)
        original = api.world.say(rami, "نصّ")
        forwarded = api.world.forward(salma, original)
        await api.replies(salma, len(api.world.in_chat(salma)) + 1)
        await say("/deny", "مُنع: رامي", reply_to=forwarded)
        hidden = api.world.forward(salma, original, hidden=True)
        await api.replies(salma, len(api.world.in_chat(salma)) + 1)
        await say("/deny", "صاحب هذه الرسالة المحوّلة يخفي حسابه", reply_to=hidden)
        assert verdicts()[668] == "denied"


async def test_the_list_shows_everyone_and_strikes_off(
    api: BotApi, stranger: User, owners: tuple[User, User]
) -> None:
    salma, _ = owners
    core = scripted({ASKED: ANSWER})
    register = AccessStore(core.state)
    for number in range(10):
        register.set(Party("user", 3000 + number, f"زميل {number}"), "allowed", 901)
    async with running(api, core, owners={901, 902}, allowed_users={501}):
        api.world.say(stranger, "مرحبًا")
        await api.replies(salma)
        api.world.say(salma, "/access")
        _, page = await api.replies(salma, 2)
        assert "1 من 2" in page["text"]
        assert "ينتظر: \u2068غريب (666)" in page["text"]
        assert "في الإعدادات: \u2068501" in page["text"]
        api.world.press(salma, page, "›")
        page = await api.edited(page)
        assert "زميل 9" in page["text"]
        api.world.press(salma, page, "أزِل \u2068زميل 9\u2069")
        page = await api.edited(page, 2)
        assert "زميل 9" not in page["text"]
        api.world.press(salma, page, "‹")
        page = await api.edited(page, 3)
        api.world.press(salma, page, "اسمح: \u2068غريب\u2069")
        await api.replies(stranger, 2)
        api.world.say(stranger, ASKED)
        *_, answer = await api.replies(stranger, 3)
    assert answer["text"].startswith("الأحد")


# The register by itself


class Now:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def test_a_code_lapses_after_a_day(state: State) -> None:
    now = Now()
    register = AccessStore(state, now)
    first = register.ask(Party("user", 1, "أ"), "ar", 5)
    assert first is not None
    now.time += timedelta(hours=23)
    assert register.ask(Party("user", 1, "أ"), "ar", 6) == first
    now.time += timedelta(hours=2)
    assert register.decide(first.code, "allowed", 901, "سلمى", 7) is None
    assert register.verdict("user", 1) is None
    second = register.ask(Party("user", 1, "أ"), "ar", 8)
    assert second is not None
    assert second.code != first.code


def test_so_many_may_wait_and_no_more(state: State) -> None:
    now = Now()
    register = AccessStore(state, now)
    requests = [register.ask(Party("user", number), "ar", number) for number in range(1, MOST_OPEN + 3)]
    assert requests.count(None) == 2
    assert register.ask(Party("chat", -1), "ar", 99) is not None, "groups have room of their own"
    assert requests[0] is not None
    register.decide(requests[0].code, "denied", 901, "سلمى", 100)
    assert register.ask(Party("user", 500), "ar", 101) is not None
    now.time += timedelta(days=2)
    assert [request.party.id for request in register.waiting()] == [-1], "a group's request does not lapse"


def test_a_group_that_has_waited_for_long_makes_room_for_another(state: State) -> None:
    now = Now()
    register = AccessStore(state, now)
    for number in range(1, MOST_OPEN + 1):
        now.time += timedelta(seconds=1)
        assert register.ask(Party("chat", -number), "ar", number) is not None
    assert register.ask(Party("chat", -100), "ar", 100) is None
    now.time += timedelta(days=1)
    assert register.ask(Party("chat", -100), "ar", 101) is not None
    waiting = [request.party.id for request in register.waiting()]
    assert (len(waiting), waiting[0], waiting[-1]) == (MOST_OPEN, -2, -100)
    assert register.ask(Party("user", 1), "ar", 102) is not None


def test_an_update_worked_on_again_decides_again_and_another_does_not(state: State) -> None:
    register = AccessStore(state)
    request = register.ask(Party("user", 1), "ar", 5)
    assert request is not None
    decided = [register.decide(request.code, "allowed", 901, "سلمى", update) for update in (7, 7, 8)]
    assert [found and found[1] for found in decided] == [True, True, False]
    assert AccessStore(state).verdict("user", 1) == "allowed"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("  ليلى \n\t حسن ", "ليلى حسن"),
        ("\u202e\u2066\u200f", ""),
        ("a\u0301\u0301\u0301\u0301b", "a\u0301\u0301b"),
        ("x" * 100, "x" * 40 + "…"),
        ("علی\u200cرضا", "علی\u200cرضا"),
    ],
)
def test_what_is_seen_of_a_name(name: str, seen: str) -> None:
    assert shown(name) == seen


def test_a_name_without_anything_to_see_is_called_so() -> None:
    assert "بلا اسم" in render_about("telegram_allowed", "ar", name="\u200e\u200e")
