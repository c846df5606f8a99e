"""How often one may ask: buckets per user and per group, told once, and never a question lost to a retry."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from bot.telegram.access.ratelimits import Limits, Rate, Wait, rate, span
from bot.telegram.runtime.update import Work, current
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, answered, quote, running, scripted, worked

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def omar(api: BotApi) -> User:
    return api.world.user(502, "عمر")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_as_many_at_once_as_set_then_one_by_one(clock: Clock) -> None:
    limits = Limits(Rate(3, 30), None, clock=clock)
    assert [limits.take(1) for _ in range(3)] == [None] * 3
    assert limits.take(1) == Wait(10, "user", first=True)
    clock.now = 4
    assert limits.take(1) == Wait(6, "user", first=False)
    assert limits.take(2) is None, "another user has a bucket of their own"
    clock.now = 10
    assert limits.take(1) is None
    assert limits.take(1) == Wait(10, "user", first=True), "told anew once they could ask again"
    clock.now = 1000
    assert [limits.take(1) for _ in range(4)][:3] == [None] * 3


def test_a_group_has_a_bucket_and_refusing_takes_from_neither(clock: Clock) -> None:
    limits = Limits(Rate(2, 60), Rate(3, 30), clock=clock)
    assert [limits.take(user, -7) for user in (1, 2, 3)] == [None] * 3
    assert limits.take(1, -7) == Wait(10, "chat", first=True)
    assert limits.take(1) is None, "what the group refused was not taken from the user"
    assert limits.take(1) == Wait(30, "user", first=True)


def test_owners_may_ask_four_times_as_much(clock: Clock) -> None:
    limits = Limits(Rate(2, 60), None, frozenset({9}), clock)
    assert [limits.take(9) for _ in range(9)].count(None) == 8


def test_no_rate_no_limit(clock: Clock) -> None:
    limits = Limits(rate("0"), rate("0"), clock=clock)
    assert [limits.take(1, -7) for _ in range(500)] == [None] * 500


def test_an_update_that_is_tried_again_does_not_count_again(clock: Clock) -> None:
    limits = Limits(Rate(1, 60), None, clock=clock)
    token = current.set(Work(41))
    try:
        assert [limits.take(1) for _ in range(3)] == [None] * 3
        current.set(Work(42))
        assert limits.take(1) == Wait(60, "user", first=True)
        assert limits.take(1) == Wait(60, "user", first=False), "trying again at once does not let it in"
        clock.now = 60
        assert limits.take(1) is None, "what was refused may be asked when its time has come"
    finally:
        current.reset(token)


def test_what_is_remembered_is_bounded(clock: Clock) -> None:
    limits = Limits(Rate(1, 60), Rate(1, 60), clock=clock)
    for number in range(1, 30_000):
        limits.take(number, -number)
    assert len(limits._buckets) <= 10_000


@pytest.mark.parametrize(
    ("seconds", "ar", "en"),
    [
        (1, "ثانية واحدة", "1 second"),
        (2, "ثانيتين", "2 seconds"),
        (119, "119 ثانية", "119 seconds"),
        (120, "دقيقتين", "2 minutes"),
        (601, "11 دقيقة", "11 minutes"),
    ],
)
def test_a_wait_in_words(seconds: int, ar: str, en: str) -> None:
    assert (span(seconds, "ar"), span(seconds, "en")) == (ar, en)


@pytest.mark.parametrize("wrong", ["", "6", "6/0", "0/60", "-1/60", "six/60", "6/60/60"])
def test_a_rate_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Settings(rate_user=wrong)


async def test_who_asks_too_fast_is_told_once_how_long_to_wait_and_the_rest_is_not_worked_on(
    api: BotApi,
) -> None:
    layla, mary = api.world.user(501, "ليلى"), api.world.user(502, "Mary", "en")
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501, 502}, rate_user="2/100") as core:
        for _ in range(5):
            api.world.say(layla, ASKED)
        await api.replies(layla, 3)
        api.world.say(layla, "/help")
        messages = await api.replies(layla, 4)
        api.world.say(mary, ASKED)
        await api.replies(mary)
        await worked(api, core)
    told = [message["text"] for message in messages if "انتظر" in message["text"]]
    assert told == ["أسئلتك متلاحقة: انتظر 50 ثانية ثم أعد إرسال هذا السؤال من فضلك."]
    assert len(core.asker.asked) == 3, "two of hers, and the other user's"
    states = core.state.rows("select state, count(*) as n from inbox group by state")
    assert states == [{"state": "done", "n": 7}]


async def test_what_was_asked_in_time_while_nobody_answered_is_answered_and_the_rest_told(
    api: BotApi, layla: User, omar: User
) -> None:
    api.world.advance(-480)
    for _ in range(4):
        for _ in range(2):
            api.world.say(layla, ASKED)
        api.world.advance(120)
    for _ in range(5):
        api.world.say(omar, ASKED)
    async with running(api, scripted({ASKED: ANSWER}), public=True, rate_user="2/110") as core:
        await api.replies(layla, 8)
        await api.replies(omar, 3)
        await worked(api, core)
    assert all(message["text"].startswith("الأحد") for message in api.world.in_chat(layla))
    assert len([message for message in api.world.in_chat(omar) if "متلاحقة" in message["text"]]) == 1
    assert len(core.asker.asked) == 10


def test_what_was_let_in_once_stays_so_however_long_it_waits(clock: Clock) -> None:
    limits = Limits(Rate(1, 60), None, clock=clock)
    token = current.set(Work(41))
    try:
        assert limits.take(1) is None
        current.set(Work(42, since=0.0))
        clock.now = 50
        assert limits.take(1) == Wait(10, "user", first=True), "as long as from now on"
        current.set(Work(41, let_in=True))
        assert [Limits(Rate(1, 60), None, clock=clock).take(1) for _ in range(3)] == [None] * 3
    finally:
        current.reset(token)


async def test_a_group_is_told_as_one(api: BotApi) -> None:
    group = api.world.group("غرفة الأخبار")
    people = [api.world.user(600 + n, f"زميل {n}") for n in range(4)]
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}, rate_chat="3/60") as core:
        for person in people:
            api.world.say(person, f"/ask {ASKED}", group)
        messages = await api.replies(group, 4)
    assert [message["text"] for message in messages if "انتظروا 20 ثانية" in message["text"]]
    assert len(core.asker.asked) == 3
