"""The workers: in order within a conversation, side by side between them, bounded, and honest when stopping."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from bot.telegram.intake.workers import BusyError, StoppingError, Workers


@pytest.fixture
def workers() -> Workers:
    return Workers(workers=2, most=4, each=3)


async def test_a_conversations_turns_come_in_the_order_of_the_calls(workers: Workers) -> None:
    done: list[int] = []

    async def take(number: int) -> None:
        async with workers.turn("a"):
            await workers.run(lambda: time.sleep(0.03 / (number + 1)))
            done.append(number)

    await asyncio.gather(*(take(number) for number in range(3)))
    assert done == [0, 1, 2]


async def test_no_more_than_its_workers_run_at_once(workers: Workers) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.03)
        with lock:
            running -= 1

    await asyncio.gather(*(workers.run(work) for _ in range(6)))
    assert most == 2


async def test_more_than_it_holds_is_refused_at_once_and_room_comes_back(workers: Workers) -> None:
    leave = asyncio.Event()

    async def take(conversation: str) -> None:
        async with workers.turn(conversation):
            await leave.wait()

    tasks = [asyncio.create_task(take(name)) for name in ("a", "a", "a", "b")]
    await asyncio.sleep(0)
    with pytest.raises(BusyError) as busy:
        await take("c")
    assert busy.value.count == 4
    leave.set()
    await asyncio.gather(*tasks)
    await take("c")


async def test_what_is_only_being_sent_takes_no_room_but_keeps_its_order(workers: Workers) -> None:
    leave, done = asyncio.Event(), list[str]()

    async def take(conversation: str, *, sending: bool = False) -> None:
        async with workers.turn(conversation) as queue_:
            queue_.sending = sending
            await leave.wait()
            done.append(conversation)

    tasks = [asyncio.create_task(take("a", sending=True)) for _ in range(3)]
    tasks += [asyncio.create_task(take(name, sending=True)) for name in ("b", "c", "d")]
    await asyncio.sleep(0)
    assert workers.count == 0
    tasks += [asyncio.create_task(take(f"e{n}")) for n in range(4)]
    await asyncio.sleep(0)
    assert workers.count == 4
    with pytest.raises(BusyError):
        await take("f")
    with pytest.raises(BusyError):
        await take("a")
    leave.set()
    await asyncio.gather(*tasks)
    assert len(done) == 10
    assert workers.count == 0


async def test_what_is_patient_is_not_refused_and_comes_in_its_order(workers: Workers) -> None:
    leave, done = asyncio.Event(), list[str]()

    async def take(name: str, *, patient: bool = False) -> None:
        async with workers.turn("a", patient=patient):
            await leave.wait()
            done.append(name)

    tasks = [asyncio.create_task(take(f"question {n}")) for n in range(3)]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(take("new", patient=True)))
    leave.set()
    await asyncio.gather(*tasks)
    assert done[-1] == "new"


async def test_who_has_waited_in_the_inbox_is_not_refused_any_more(workers: Workers) -> None:
    leave, done = asyncio.Event(), list[str]()

    async def take(conversation: str, *, waited: bool = False) -> None:
        async with workers.turn(conversation, waited=waited):
            await leave.wait()
            done.append(conversation)

    tasks = [asyncio.create_task(take(name)) for name in ("a", "a", "a", "b")]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(take(name, waited=True)) for name in ("a", "c")]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await take("d")
    leave.set()
    await asyncio.gather(*tasks)
    assert sorted(done) == ["a", "a", "a", "a", "b", "c"]


async def test_one_conversation_cannot_take_all_the_room(workers: Workers) -> None:
    leave = asyncio.Event()

    async def take(conversation: str) -> None:
        async with workers.turn(conversation):
            await leave.wait()

    tasks = [asyncio.create_task(take("a")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await take("a")
    other = asyncio.create_task(take("b"))
    leave.set()
    await asyncio.gather(*tasks, other)


async def test_error_frees_the_turn(workers: Workers) -> None:
    async def fail() -> None:
        async with workers.turn("a"):
            await workers.run(lambda: 1 // 0)

    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await fail()


async def test_stopping_lets_what_runs_finish_and_turns_the_rest_away(workers: Workers) -> None:
    def slow() -> str:
        time.sleep(0.05)
        return "done"

    begun = asyncio.Event()
    results: list[str] = []

    async def take() -> None:
        try:
            async with workers.turn("a"):
                begun.set()
                results.append(await workers.run(slow))
        except StoppingError:
            results.append("turned away")

    tasks = [asyncio.create_task(take()) for _ in range(2)]
    await begun.wait()
    await asyncio.sleep(0)
    workers.stop()
    await asyncio.gather(*tasks)
    with pytest.raises(StoppingError):
        async with workers.turn("b"):
            pass
    assert results == ["done", "turned away"]
