"""How updates are worked on: side by side, and given up together when stopping takes too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from telegram.ext import BaseUpdateProcessor

KINDS = ("message",)
"""The kinds of update asked for: those that have a handler."""
AT_ONCE = 256


class Updates(BaseUpdateProcessor):
    """The work on the updates fetched, each in a task of its own, begun in the order they came in."""

    def __init__(self) -> None:
        super().__init__(AT_ONCE)
        self._running: set[asyncio.Task[object]] = set()
        self._given_up = False

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        task = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        if self._given_up:
            task.cancel()
        self._running.add(task)
        try:
            await coroutine
        finally:
            self._running.discard(task)

    def give_up(self) -> int:
        """End what runs and let nothing else begin; how many updates were being worked on."""
        self._given_up = True
        for task in self._running:
            task.cancel()
        return len(self._running)

    async def initialize(self) -> None:
        """Nothing to make ready."""

    async def shutdown(self) -> None:
        """Nothing to let go."""
