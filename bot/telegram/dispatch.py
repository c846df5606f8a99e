"""From the inbox to the handlers: side by side, but no chat takes all the room."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from telegram import Bot, Update

from bot.telegram.inbox import Inbox, Json, Waiting
from bot.telegram.work import Work, current

log = logging.getLogger(__name__)

R = TypeVar("R")

AT_ONCE = 128
"""Updates at work at a time: bounds memory, whatever waits in the inbox."""
_EACH = 8
"""Of one chat: one that has to wait for Telegram must not hold up the others."""
_IDLE = 30.0
"""Seconds between looks into the inbox when nothing happens."""


class Dispatcher:
    """Accepts updates into the inbox and has their work done.

    ``process`` works on one update and sets ``work.current``'s ``failure`` when it is to be tried again;
    ``aside`` is told of each update that was given up, and why.
    """

    def __init__(
        self,
        inbox: Inbox,
        bot: Bot,
        process: Callable[[Update], Awaitable[None]],
        aside: Callable[[Json, str], Awaitable[None]],
    ) -> None:
        self._inbox = inbox
        self._bot = bot
        self._process = process
        self._aside = aside
        # One thread: SQLite has one writer, and the order of commits is the order of arrival.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._tasks: dict[asyncio.Task[None], Waiting] = {}
        self._finished: list[int] = []
        self._news = asyncio.Event()

    async def accept(self, updates: Sequence[Json]) -> int:
        """Commit updates; only then may they be acknowledged. How many were new."""
        new = await self._call(lambda: self._inbox.put(updates))
        self._news.set()
        return new

    async def run(self) -> None:
        """Work on what waits, oldest first, until it is cancelled; then ``stop`` is due."""
        if waiting := await self._call(self._inbox.recover):
            log.info("%d updates wait in the inbox from before", waiting)
        while True:
            self._news.clear()
            if not await self._begin():
                due = await self._call(self._inbox.next_due)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), _IDLE if due is None else max(due, 0.05))

    async def stop(self, within: float) -> int:
        """Let what runs finish for ``within`` seconds, and leave the rest in the inbox; how much was broken off."""
        running = dict(self._tasks)
        if running:
            await asyncio.wait(running, timeout=within)
        late = [task for task in running if not task.done()]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        await self._settle()
        await self._call(self._inbox.leave)
        self._thread.shutdown()
        return len(late)

    async def waiting(self) -> int:
        """How many updates wait or are at work."""
        return await self._call(self._inbox.waiting)

    @property
    def running(self) -> int:
        return len(self._tasks)

    async def _begin(self) -> int:
        await self._settle()
        room = AT_ONCE - len(self._tasks)
        if room <= 0 or any(waiting.alone for waiting in self._tasks.values()):
            return 0
        chats = Counter(waiting.chat for waiting in self._tasks.values() if waiting.chat is not None)
        full = [chat for chat, count in chats.items() if count >= _EACH]
        # Few at a time: how many of one chat are at work is counted anew before each.
        found = await self._call(lambda: self._inbox.take(min(room, _EACH), full, bool(self._tasks)))
        for waiting in found:
            task = asyncio.create_task(self._work(waiting))
            self._tasks[task] = waiting
            task.add_done_callback(self._done)
        return len(found)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self._news.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("an update could not be settled", exc_info=error)

    async def _work(self, waiting: Waiting) -> None:
        try:
            update = Update.de_json(waiting.payload, self._bot)
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            await self._give_up(waiting, f"it cannot be read: {type(error).__name__}")
            return
        work = Work(waiting.update_id)
        current.set(work)
        await self._process(update)
        if work.failure is None:
            self._finished.append(waiting.update_id)
            return
        problem = type(work.failure).__name__
        if await self._call(lambda: self._inbox.failed(waiting.update_id, problem)):
            await self._tell_aside(waiting, f"it failed every time: {problem}")

    async def _give_up(self, waiting: Waiting, problem: str) -> None:
        await self._call(lambda: self._inbox.set_aside(waiting.update_id, problem))
        await self._tell_aside(waiting, problem)

    async def _tell_aside(self, waiting: Waiting, problem: str) -> None:
        # Its content is not logged: it is what people write.
        log.error("update %d was set aside: %s", waiting.update_id, problem)
        await self._aside(waiting.payload, problem)

    async def _settle(self) -> None:
        """Mark as done what was finished since the last time, in one transaction."""
        finished, self._finished = self._finished, []
        if finished:
            await self._call(lambda: self._inbox.done(finished))

    async def _call(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
