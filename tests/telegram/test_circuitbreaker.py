"""The index's server is away: one at a time finds out whether it is back."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.telegram.monitoring.circuitbreaker import CircuitBreaker
from vectorstore.errors import IndexDamagedError, IndexUnreachableError


class Server:
    """Answers, or takes until ``decided`` not to."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = True
        self.entered, self.decided = threading.Event(), threading.Event()
        self.decided.set()

    def __call__(self) -> str:
        self.asked += 1
        self.entered.set()
        assert self.decided.wait(10)
        if self.away:
            raise IndexUnreachableError("no answer")
        return "found"


async def test_while_one_finds_out_the_others_need_not_wait() -> None:
    server, circuit_breaker = Server(), CircuitBreaker()
    with pytest.raises(IndexUnreachableError):
        circuit_breaker.ask(server)
    server.entered.clear()
    server.decided.clear()
    probe = asyncio.create_task(asyncio.to_thread(circuit_breaker.ask, server))
    assert await asyncio.to_thread(server.entered.wait, 5)
    for _ in range(20):
        with pytest.raises(IndexUnreachableError, match="no answer"):
            circuit_breaker.ask(server)
    assert server.asked == 2
    server.away = False
    server.decided.set()
    assert await probe == "found"
    assert [circuit_breaker.ask(server) for _ in range(3)] == ["found"] * 3


async def test_side_by_side_as_long_as_it_answers() -> None:
    circuit_breaker, met = CircuitBreaker(), threading.Barrier(3)

    def ask() -> int:
        return circuit_breaker.ask(lambda: met.wait(5))

    assert sorted(await asyncio.gather(*(asyncio.to_thread(ask) for _ in range(3)))) == [0, 1, 2]


def test_who_finds_it_away_or_fails_in_another_way_lets_the_next_one_try() -> None:
    server, circuit_breaker = Server(), CircuitBreaker()
    for _ in range(3):
        with pytest.raises(IndexUnreachableError):
            circuit_breaker.ask(server)

    def damaged() -> str:
        raise IndexDamagedError("damaged")

    with pytest.raises(IndexDamagedError):
        circuit_breaker.ask(damaged)
    server.away = False
    assert circuit_breaker.ask(server) == "found"
    assert server.asked == 4
