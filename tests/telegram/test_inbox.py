"""The inbox and what takes from it: nothing is lost, nothing is begun twice, and no chat takes all the room."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, Update

from bot.state import State
from bot.telegram.intake.deadletterstore import DeadLetterStore
from bot.telegram.intake.dispatcher import AT_ONCE, Dispatcher
from bot.telegram.intake.inbox import EACH, Inbox, Waiting
from bot.telegram.intake.rawupdates import Json, number_of, where
from bot.telegram.runtime.backoff import Backoff
from bot.telegram.runtime.update import Work
from corpus.errors import ArchiveUnusableError

QUICK = Backoff(tries=(0.01, 0.02), store=(0.01, 0.02))


class Clock:
    def __init__(self) -> None:
        self.time = time.time()

    def __call__(self) -> float:
        return self.time


def message(number: int, chat: int = 501, text: str = "سؤال") -> Json:
    return {
        "update_id": number,
        "message": {
            "message_id": number, "date": int(time.time()), "text": text,
            "chat": {"id": chat, "type": "private"}, "from": {"id": chat, "is_bot": False, "first_name": "س"},
        },
    }  # fmt: skip


def ids(inbox: Inbox, room: int = 100, busy: dict[int, int] | None = None, running: int = 0) -> list[int]:
    return [waiting.update_id for waiting in inbox.take(room, busy or {}, running)]


def dead_letters(inbox: Inbox) -> list[tuple[int, str]]:
    return [(each.update_id, each.problem) for each in DeadLetterStore(inbox._state).undigested()]


# The inbox


def test_what_was_put_is_there_for_another_process_before_put_returns(state: State, tmp_path: Path) -> None:
    Inbox(state).put([message(1)])
    other = sqlite3.connect(tmp_path / "bot.sqlite")
    try:
        [(payload,)] = other.execute("select payload from inbox where state = 'waiting'").fetchall()
    finally:
        other.close()
    assert json.loads(payload) == message(1)


def test_what_is_put_survives_a_power_cut_and_the_rest_stays_quick(state: State) -> None:
    inbox, seen = Inbox(state), list[int]()
    with state.reading() as db:
        db.conn.set_trace_callback(lambda sql: seen.append(_synchronous(state)) if "insert" in sql else None)
    inbox.put([message(1)])
    with state.reading() as db:
        db.conn.set_trace_callback(None)
    assert seen
    assert set(seen) == {2}, "full, while it is written"
    assert _synchronous(state) == 1, "normal again"


def _synchronous(state: State) -> int:
    with state.reading() as db:
        return int(db.conn.execute("pragma synchronous").fetchone()[0])


def test_the_same_update_again_is_dropped_also_when_its_work_is_done(state: State) -> None:
    inbox = Inbox(state)
    assert inbox.put([message(1), message(2), message(1)]) == 2
    assert inbox.put([message(2), message(3)]) == 1
    assert ids(inbox) == [1, 2, 3]
    inbox.done([1, 2, 3])
    assert inbox.put([message(1), message(3)]) == 0
    assert ids(inbox) == []


def test_of_a_done_update_only_its_number_is_kept(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(1, text="كلام خاص")])
    ids(inbox)
    inbox.done([1])
    [row] = state.rows("select * from inbox")
    assert (row["state"], row["payload"], row["chat"], row["user"]) == ("done", "", None, None)


@pytest.mark.parametrize("junk", [{}, {"update_id": "7"}, {"update_id": 2**70}, {"update_id": True}, "x", 7])
def test_what_has_no_number_is_passed_over_and_the_rest_kept(state: State, junk: Any) -> None:
    inbox = Inbox(state)
    assert number_of(junk) is None
    assert inbox.put([message(1), junk, message(2)]) == 2
    assert ids(inbox) == [1, 2]


def test_halves_of_characters_and_numbers_beyond_a_column_are_kept(state: State) -> None:
    inbox = Inbox(state)
    odd = message(1, text="\ud800 و\0")
    odd["message"]["chat"]["id"] = 10**30
    inbox.put([odd])
    [waiting] = inbox.take(1, {}, 0)
    assert waiting.payload == odd
    assert waiting.chat is None or abs(waiting.chat) < 2**63


def test_oldest_first_and_no_chat_more_than_its_share(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number, chat=1) for number in range(1, 20)])
    inbox.put([message(number, chat=2) for number in range(20, 22)])
    assert ids(inbox) == [*range(1, EACH + 1), 20, 21], "of the first chat no more"
    assert ids(inbox, busy={1: EACH, 2: 2}) == []
    assert ids(inbox, busy={1: EACH - 1, 2: 2}) == [EACH + 1]


def test_those_who_come_last_wait_behind_all_others(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number, chat=number) for number in range(1, 9)], last={1, 2, 3, 7})
    inbox.put([message(9, chat=9)])
    assert ids(inbox, room=6) == [4, 5, 6, 8, 9, 1]
    assert ids(inbox) == [2, 3, 7]


def test_no_more_than_there_is_room_for(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number, chat=number) for number in range(1, 20)])
    assert ids(inbox, room=3) == [1, 2, 3]
    assert inbox.counts() == {"waiting": 16, "running": 3, "dead": 0}


def test_failed_is_tried_again_later_and_set_aside_the_third_time(state: State) -> None:
    clock = Clock()
    inbox = Inbox(state, Backoff(tries=(1.0, 10.0)), clock)
    inbox.put([message(1)])
    for wait in (1.0, 10.0):
        assert ids(inbox) == [1]
        assert not inbox.failed(1, "KeyError")
        assert ids(inbox) == []
        assert inbox.next_due() == pytest.approx(wait, abs=0.01)
        clock.time += wait + 0.01
        assert inbox.next_due() is None, "nothing to wait for: it can be begun"
    assert ids(inbox) == [1]
    assert inbox.failed(1, "KeyError")
    assert dead_letters(inbox) == [(1, "KeyError")]
    clock.time += 3600
    assert ids(inbox) == []


def test_postponed_waits_and_is_never_add_dead_letter(state: State) -> None:
    clock = Clock()
    inbox = Inbox(state, now=clock)
    inbox.put([message(1)])
    for _ in range(10):
        assert ids(inbox) == [1]
        inbox.postpone(1)
        assert ids(inbox) == []
        clock.time += 60
    assert dead_letters(inbox) == []


def test_postponed_waits_as_long_again_and_no_longer_than_a_minute(state: State) -> None:
    clock = Clock()
    inbox = Inbox(state, now=clock)
    inbox.put([message(1)])
    [row] = state.rows("select received from inbox")
    clock.time = datetime.fromisoformat(row["received"]).timestamp()
    delays = []
    for _ in range(7):
        assert ids(inbox) == [1]
        inbox.postpone(1)
        due = inbox.next_due()
        assert due is not None
        delays.append(due)
        clock.time += due + 0.01
    assert delays == pytest.approx([5, 5, 10, 20, 40, 60, 60], abs=0.5)


def test_what_was_postponed_comes_behind_what_is_new_and_leaves_room_for_it(state: State) -> None:
    clock = Clock()
    inbox = Inbox(state, now=clock)
    inbox.put([message(number, chat=number) for number in range(1, 101)])
    for number in ids(inbox):
        inbox.postpone(number)
    clock.time += 60
    inbox.put([message(number, chat=number) for number in (101, 102)])
    inbox.put([message(103, chat=103)], last={103})
    first = ids(inbox, room=128)
    assert first[:2] == [101, 102]
    again = first[2:-1]
    assert again == list(range(1, len(again) + 1)), "the oldest of them"
    assert 0 < len(again) <= 32
    assert first[-1] == 103
    assert ids(inbox) == [], "no more of them until one is done"
    inbox.put([message(104, chat=104)])
    inbox.done([1])
    assert ids(inbox) == [104, len(again) + 1]


def test_left_at_a_stop_waits_for_the_next_start_without_blame(state: State) -> None:
    for _ in range(10):
        inbox = Inbox(state)
        assert inbox.put([message(1)]) in (0, 1)
        assert inbox.recover() == 1
        [waiting] = inbox.take(1, {}, 0)
        assert waiting.company is None
        inbox.leave()
    assert dead_letters(inbox) == []


def test_one_that_kills_is_found_out_in_ever_smaller_company(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number, chat=number) for number in range(1, 41)])
    deaths, killer = 0, 23
    done: list[int] = []
    while inbox.waiting():
        inbox.recover()
        running: list[int] = []
        while found := ids(inbox, running=len(running)):
            running += found
            if killer in running:
                break
            # All the others come to an end before the next are begun.
            inbox.done(running)
            done += running
            running = []
        deaths += killer in running
    assert dead_letters(inbox) == [(killer, "the process died with it")]
    assert sorted(done) == [number for number in range(1, 41) if number != killer]
    assert deaths == 5, "once with all, once with a few, three times alone"


def test_those_that_died_once_run_a_few_at_a_time_and_before_all_others(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number, chat=number) for number in range(1, 21)])
    ids(inbox)
    inbox.put([message(number, chat=number) for number in range(21, 25)])
    assert inbox.recover() == 24
    few = inbox.take(100, {}, 0)
    assert [waiting.update_id for waiting in few] == list(range(1, 9))
    assert {waiting.company for waiting in few} == {8}
    assert ids(inbox, running=8) == [], "not beside them"
    inbox.done([waiting.update_id for waiting in few])
    assert ids(inbox, running=0) == list(range(9, 17))


def test_one_that_fails_does_not_kill(state: State) -> None:
    clock = Clock()
    inbox = Inbox(state, QUICK, clock)
    inbox.put([message(1)])
    ids(inbox)
    inbox.recover()
    ids(inbox)
    inbox.failed(1, "KeyError")
    clock.time += 1
    [waiting] = inbox.take(1, {}, 50)
    assert waiting.company is None


def test_what_nobody_was_told_of_is_found_until_it_was(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(1), message(2)])
    inbox.add_dead_letter(2, "it cannot be read")
    [(waiting, why)] = inbox.unnotified()
    assert (waiting.update_id, waiting.payload, why) == (2, message(2), "it cannot be read")
    inbox.notified(2)
    assert inbox.unnotified() == []


def test_old_numbers_old_deliveries_and_what_was_set_aside_long_ago_are_forgotten(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number) for number in (1, 2, 3, 4)])
    inbox.done([1, 2])
    inbox.add_dead_letter(3, "x")
    with state.writing() as db:
        db.execute("update inbox set received = '2020-01-01T00:00:00+00:00' where update_id in (1, 3, 4)")
        for number in (1, 2, 4):
            db.execute(
                "insert into deliveries (update_id, label, part, chat, state, at)"
                " values (?, 'answer', 0, 501, 'sent', '2020-01-01T00:00:00+00:00')",
                [number],
            )
    inbox.prune()
    assert [row["update_id"] for row in state.rows("select update_id from inbox")] == [2, 4]
    assert [row["update_id"] for row in state.rows("select update_id from deliveries")] == [2, 4]
    assert ids(inbox) == [4], "what waits is never forgotten"


def test_of_the_numbers_of_done_updates_the_latest_million_is_known(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number) for number in (1, 2, 1_000_002)])
    inbox.take(9, {}, 0)
    inbox.done([2, 1_000_002])
    inbox.prune()
    assert inbox.put([message(2), message(1_000_002)]) == 1
    assert inbox.counts()["running"] == 1, "what is not done is never forgotten"


def test_who_has_waited_is_known(state: State) -> None:
    clock = Clock()
    inbox = Inbox(state, now=clock)
    old = message(1, chat=1)
    old["message"]["date"] -= 3600
    inbox.put([old, message(2, chat=2)])
    assert {each.update_id: each.waited for each in inbox.take(9, {}, 0)} == {1: True, 2: False}
    inbox.put([message(3, chat=3)])
    clock.time += 60
    assert [each.waited for each in inbox.take(9, {}, 0)] == [True]


def test_slow_ones_of_a_chat_are_taken_one_at_a_time_beside_its_others(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number, chat=1) for number in range(1, 31)], slow=set(range(1, 21)))
    inbox.put([message(31, chat=2)], slow={31})
    assert ids(inbox) == [1, 21, 22, 23, 24, 25, 31]
    assert [update["update_id"] for update in inbox.slow_waiting(1)] == list(range(2, 21))
    taken = inbox.take(100, {1: EACH}, 6, {1, 2})
    assert taken == [], "the share of both kinds is at work"
    inbox.done([1])
    [following] = inbox.take(100, {1: EACH}, 6, {2})
    assert (following.update_id, following.slow) == (2, True)


def test_slow_ones_at_work_when_the_process_dies_come_first_again(state: State) -> None:
    inbox = Inbox(state)
    inbox.put([message(number, chat=1) for number in range(1, 5)], slow={1, 2, 3})
    assert ids(inbox) == [1, 4]
    again = Inbox(state)
    again.recover()
    assert ids(again)[:1] == [1]
    again.done([1, 4])
    assert ids(again) == [2]


def test_twenty_thousand_waiting_do_not_slow_it_down(state: State) -> None:
    inbox = Inbox(state)
    # The worst case: all of one chat, whose share is at work.
    inbox.put([message(number, chat=1) for number in range(1, 20_001)])
    inbox.put([message(20_001, chat=2)])
    ids(inbox)
    began = time.perf_counter()
    assert ids(inbox, busy={1: EACH}) == [20_001]
    for _ in range(20):
        assert ids(inbox, busy={1: EACH, 2: 1}) == []
        inbox.next_due()
    assert (time.perf_counter() - began) / 21 < 0.05


@pytest.mark.parametrize(
    ("update", "found"),
    [
        (message(1, chat=7), (7, 7)),
        ({"update_id": 1, "callback_query": {"from": {"id": 5}, "message": {"chat": {"id": -9}}}}, (-9, 5)),
        ({"update_id": 1, "inline_query": {"from": {"id": 5}, "query": "س"}}, (5, 5)),
        ({"update_id": 1, "message": {"chat": 7, "from": "x"}}, (None, None)),
        ({"update_id": 1, "message": {"chat": {"id": -9}, "sender_chat": {"id": -9}}}, (-9, -9)),
        ({"update_id": 1, "poll": {"id": "3"}}, (None, None)),
        ({"update_id": 1}, (None, None)),
    ],
)
def test_where_an_update_comes_from(update: Json, found: tuple[int | None, int | None]) -> None:
    assert where(update) == found


# The dispatcher

Process = Callable[[Update, Work], Awaitable[None]]


class Workers:
    """A dispatcher whose work is a function, and what was told of as set aside."""

    def __init__(
        self, state: State, process: Process, paused: Callable[[int], bool] = lambda chat: False
    ) -> None:
        self.inbox = Inbox(state, QUICK)
        self.dead_letters: list[tuple[int, str]] = []
        self.dispatcher = Dispatcher(
            self.inbox, Bot("1:x"), process, self._dead_letter, paused=paused, backoff=QUICK
        )
        self._task: asyncio.Task[None] | None = None

    async def _dead_letter(self, update: Json, why: str) -> None:
        self.dead_letters.append((update["update_id"], why))

    async def __aenter__(self) -> Workers:
        self._task = asyncio.create_task(self.dispatcher.run())
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})
        await self.dispatcher.stop(1.0)

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not happened():  # noqa: ASYNC110 - a file changes, which rings no bell
                await asyncio.sleep(0.005)

    async def empty(self) -> None:
        await self.until(lambda: not self.inbox.waiting())


async def test_what_is_accepted_is_worked_on_and_done(state: State) -> None:
    seen: list[int] = []

    async def process(update: Update, work: Work) -> None:
        seen.append(update.update_id)

    async with Workers(state, process) as workers:
        assert await workers.dispatcher.accept([message(1), message(2)]) == 2
        await workers.empty()
        assert await workers.dispatcher.accept([message(2), message(3)]) == 1
        await workers.empty()
    assert seen == [1, 2, 3]
    assert {row["state"] for row in state.rows("select state from inbox")} == {"done"}


async def test_a_chat_that_has_to_wait_holds_up_no_other_and_takes_little_room(state: State) -> None:
    released, answered = asyncio.Event(), Counter[int]()
    at_work: list[int] = []

    async def process(update: Update, work: Work) -> None:
        assert update.effective_chat
        chat = update.effective_chat.id
        at_work.append(chat)
        if chat == 1:
            await released.wait()
        answered[chat] += 1

    async with Workers(state, process, paused=lambda chat: chat == 1 and not released.is_set()) as workers:
        await workers.dispatcher.accept([message(number, chat=1) for number in range(50)])
        await workers.dispatcher.accept([message(number, chat=number) for number in range(50, 250)])
        await workers.until(lambda: len(answered) == 200)
        assert at_work.count(1) <= EACH
        assert answered[1] == 0
        released.set()
        await workers.empty()
    assert answered[1] == 50


async def test_of_a_chat_that_has_to_wait_nothing_more_is_begun_while_one_is_at_work(state: State) -> None:
    paused, released, begun = set[int](), asyncio.Event(), list[int]()

    async def process(update: Update, work: Work) -> None:
        begun.append(update.update_id)
        if update.update_id == 1:
            await released.wait()

    async with Workers(state, process, paused=paused.__contains__) as workers:
        await workers.dispatcher.accept([message(1, chat=1)])
        await workers.until(lambda: begun == [1])
        paused.add(1)
        await workers.dispatcher.accept([message(number, chat=1) for number in range(2, 12)])
        await workers.dispatcher.accept([message(12, chat=2)])
        await workers.until(lambda: 12 in begun)
        assert begun == [1, 12]
        paused.clear()
        released.set()
        await workers.empty()
    assert begun == [1, 12, *range(2, 12)]


async def test_beside_one_that_the_process_died_with_nothing_else_is_begun(state: State) -> None:
    released, begun = asyncio.Event(), list[int]()

    async def process(update: Update, work: Work) -> None:
        begun.append(update.update_id)
        await released.wait()

    Inbox(state).put([message(number, chat=number) for number in range(1, 7)])
    with state.writing() as db:
        db.execute("update inbox set deaths = 2 where update_id = 1")
    async with Workers(state, process) as workers:
        await workers.until(lambda: bool(begun))
        await workers.dispatcher.accept([message(7, chat=7)])
        for _ in range(5):
            await workers.dispatcher.waiting()  # asked of the file after whatever would have another begun
        assert begun == [1]
        released.set()
        await workers.empty()
    assert begun == list(range(1, 8))


async def test_only_so_many_are_at_work_whatever_waits(state: State) -> None:
    released, most = asyncio.Event(), [0, 0]

    async def process(update: Update, work: Work) -> None:
        most[0] += 1
        most[1] = max(most)
        await released.wait()
        most[0] -= 1

    async with Workers(state, process) as workers:
        await workers.dispatcher.accept([message(number, chat=number) for number in range(1, AT_ONCE + 50)])
        await workers.until(lambda: workers.dispatcher.running == AT_ONCE)
        await asyncio.sleep(0.05)
        assert most == [AT_ONCE, AT_ONCE]
        released.set()
        await workers.empty()


async def test_work_that_fails_is_tried_three_times_and_told_of_once(state: State) -> None:
    tries: list[int] = []

    async def process(update: Update, work: Work) -> None:
        tries.append(update.update_id)
        if update.update_id == 1:
            work.failure = KeyError("x")

    async with Workers(state, process) as workers:
        await workers.dispatcher.accept([message(1, chat=1), message(2, chat=2)])
        await workers.until(lambda: bool(workers.dead_letters))
        await workers.until(lambda: not workers.inbox.unnotified())
        await workers.empty()
    assert Counter(tries) == {1: 3, 2: 1}
    assert workers.dead_letters == [(1, "it failed every time: KeyError")]


async def test_what_comes_due_during_a_look_into_the_inbox_is_tried_again_at_once(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    take = Inbox.take

    def slowly(self: Inbox, room: int, busy: dict[int, int], running: int, slow: set[int]) -> list[Waiting]:
        found = take(self, room, busy, running, slow)
        time.sleep(2 * max(QUICK.tries))
        return found

    async def process(update: Update, work: Work) -> None:
        tries.append(update.update_id)
        if len(tries) < 3:
            work.failure = RuntimeError("broken")

    monkeypatch.setattr(Inbox, "take", slowly)
    async with Workers(state, process) as workers:
        await workers.dispatcher.accept([message(1)])
        await workers.until(lambda: len(tries) == 3)
        await workers.empty()
    assert tries == [1, 1, 1]


async def test_failure_for_good_is_not_tried_again(state: State) -> None:
    tries: list[int] = []

    async def process(update: Update, work: Work) -> None:
        tries.append(update.update_id)
        work.failure, work.final = ValueError("x"), True

    async with Workers(state, process) as workers:
        await workers.dispatcher.accept([message(1)])
        await workers.until(lambda: bool(workers.dead_letters))
    assert tries == [1]


async def test_what_breaks_the_work_itself_off_is_not_left_running(state: State) -> None:
    tries: list[int] = []

    async def process(update: Update, work: Work) -> None:
        tries.append(update.update_id)
        if len(tries) == 1:
            raise RuntimeError("not even the error handler saw it")
        if len(tries) == 2:
            raise asyncio.CancelledError

    async with Workers(state, process) as workers:
        await workers.dispatcher.accept([message(1)])
        await workers.empty()
    assert tries == [1, 1, 1]
    assert state.rows("select state from inbox") == [{"state": "done"}]


async def test_unreadable_is_set_aside_and_told_of_and_the_next_is_worked_on(state: State) -> None:
    seen: list[int] = []

    async def process(update: Update, work: Work) -> None:
        seen.append(update.update_id)

    async with Workers(state, process) as workers:
        broken = message(1)
        broken["message"]["date"] = "gestern"
        await workers.dispatcher.accept([broken, message(2)])
        await workers.until(lambda: bool(workers.dead_letters) and not workers.inbox.waiting())
    assert seen == [2]
    assert [number for number, _ in workers.dead_letters] == [1]


async def test_stop_lets_what_runs_finish_and_leaves_the_rest(state: State) -> None:
    begun, finished = asyncio.Event(), []

    async def process(update: Update, work: Work) -> None:
        begun.set()
        await asyncio.sleep(0.1 if update.update_id == 1 else 30)
        finished.append(update.update_id)

    workers = Workers(state, process)
    run = asyncio.create_task(workers.dispatcher.run())
    await workers.dispatcher.accept([message(1, chat=1), message(2, chat=2)])
    await begun.wait()
    run.cancel()
    await asyncio.wait({run})
    assert await workers.dispatcher.stop(0.3) == 1
    assert finished == [1]
    assert state.rows("select update_id, state, deaths from inbox") == [
        {"update_id": 1, "state": "done", "deaths": 0},
        {"update_id": 2, "state": "waiting", "deaths": 0},
    ]


async def test_stopped_at_any_moment_nothing_stays_running(state: State) -> None:
    async def process(update: Update, work: Work) -> None:
        await asyncio.sleep(0)

    for number in range(12):
        workers = Workers(state, process)
        run = asyncio.create_task(workers.dispatcher.run())
        await workers.dispatcher.accept([message(number * 5 + each, chat=each) for each in range(5)])
        for _ in range(number):
            await asyncio.sleep(0)
        run.cancel()
        await asyncio.wait({run})
        await workers.dispatcher.stop(1.0)
        assert workers.inbox.counts()["running"] == 0
    assert state.rows("select count(*) as n from inbox where deaths > 0") == [{"n": 0}]


async def test_a_file_that_cannot_be_written_for_a_while_costs_nothing(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    async def process(update: Update, work: Work) -> None:
        seen.append(update.update_id)

    done = Inbox.done
    failures = iter([ArchiveUnusableError("disk full")] * 3)

    def unsteady(self: Inbox, numbers: list[int]) -> None:
        for error in failures:
            raise error
        done(self, numbers)

    monkeypatch.setattr(Inbox, "done", unsteady)
    async with Workers(state, process) as workers:
        await workers.dispatcher.accept([message(1)])
        await workers.empty()
    assert seen == [1]
    assert state.rows("select state from inbox") == [{"state": "done"}]


async def test_what_died_with_the_process_is_told_of_at_the_next_start(state: State) -> None:
    async def process(update: Update, work: Work) -> None:
        pass

    inbox = Inbox(state)
    inbox.put([message(1)])
    while not dead_letters(inbox):
        inbox.take(1, {}, 0)
        inbox.recover()
    async with Workers(state, process) as workers:
        await workers.until(lambda: bool(workers.dead_letters))
        await workers.until(lambda: not inbox.unnotified())
    assert workers.dead_letters == [(1, "the process died with it")]


async def test_work_knows_whether_somebody_has_waited(state: State) -> None:
    found: dict[int, bool] = {}

    async def process(update: Update, work: Work) -> None:
        found[update.update_id] = work.waited

    old = message(1, chat=1)
    old["message"]["date"] -= 3600
    async with Workers(state, process) as workers:
        await workers.dispatcher.accept([old, message(2, chat=2)])
        await workers.empty()
    assert found == {1: True, 2: False}
