"""How often one may ask: buckets per user and per group, told once, and never a question lost to a retry."""

from __future__ import annotations

import pytest

from bot.telegram.access.ratelimits import Limits, Rate, Wait, rate
from bot.telegram.runtime.update import Work
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, answered, quote, running, scripted

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
    assert limits.take(1, work=Work(41)) is None
    clock.now = 50
    waited = limits.take(1, work=Work(42, since=0.0))
    assert waited == Wait(10, "user", first=True), "as long as from now on"
    let_in = Work(41, let_in=True)
    again = [Limits(Rate(1, 60), None, clock=clock).take(1, work=let_in) for _ in range(3)]
    assert again == [None] * 3


async def test_a_group_is_told_as_one(api: BotApi) -> None:
    group = api.world.group("غرفة الأخبار")
    people = [api.world.user(600 + n, f"زميل {n}") for n in range(4)]
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}, rate_chat="3/60") as core:
        for person in people:
            api.world.say(person, f"/ask {ASKED}", group)
        messages = await api.replies(group, 4)
    assert [message["text"] for message in messages if "انتظروا 20 ثانية" in message["text"]]
    assert len(core.asker.asked) == 3
