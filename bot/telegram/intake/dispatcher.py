"""Dispatcher that passes updates from the inbox to the handlers concurrently, a limited number per chat."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from telegram import Bot, Update

from bot.telegram.intake.inbox import EACH, Inbox, Waiting
from bot.telegram.intake.rawupdates import Json, number_of, where
from bot.telegram.runtime.backoff import Backoff, surely
from bot.telegram.runtime.update import Work

log = logging.getLogger(__name__)

R = TypeVar("R")

AT_ONCE = 128
"""Updates processed at a time: bounds memory, however many wait in the inbox."""
_IDLE = 30.0
"""Seconds between checks of the inbox when nothing happens."""
_PRUNE_EVERY = 3600.0
_END_WITHIN = 0.5
"""Seconds for cancelled tasks to end and remove their activity signs; allowed once more if they take longer."""
_ORDER_WITHIN = 15.0
"""Seconds for bringing the inbox up to date at the end."""
_IN_COMPANY = 60.0
"""Seconds for which an update that the process died with holds up the others: by then it would have killed again."""

UNREADABLE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError)
"""Errors that the library raises for a malformed update."""


class Dispatcher:
    """Dispatcher of updates, which accepts them into the inbox and has them processed.

    ``process`` handles one update and records the outcome in its work; ``notify`` is called for each dead letter, an
    update that was given up, with the reason. While an update of a ``paused`` chat is being processed, no further
    one of that chat is begun. Updates from a ``stranger``, by the IDs of the chat and the user, wait behind all
    others.
    ``slow`` ones are processed one at a time in each chat, and hold up nothing else there.
    """

    def __init__(
        self,
        inbox: Inbox,
        bot: Bot,
        process: Callable[[Update, Work], Awaitable[None]],
        notify: Callable[[Json, str], Awaitable[None]],
        *,
        paused: Callable[[int], bool] = lambda chat: False,
        stranger: Callable[[int | None, int | None], bool] = lambda chat, user: False,
        slow: Callable[[Json], bool] = lambda update: False,
        backoff: Backoff | None = None,
    ) -> None:
        self._inbox = inbox
        self._bot = bot
        self._process = process
        self._notify = notify
        self._paused = paused
        self._stranger = stranger
        self._slow = slow
        self._delays = (backoff or Backoff()).store
        # One thread: SQLite has one writer, and the order of commits is the order of arrival.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._tasks: dict[asyncio.Task[None], _Running] = {}
        self._finished: list[int] = []
        self._broken: list[int] = []
        self._news = asyncio.Event()
        self._stopping = False

    async def accept(self, updates: Sequence[Json]) -> int:
        """Commit updates, which may be acknowledged only then; return how many were new.

        Raises ArchiveBusyError or ArchiveUnusableError when they cannot be stored: then they must come again.
        """
        numbered = {number: update for update in updates if (number := number_of(update)) is not None}
        last = {number for number, update in numbered.items() if self._stranger(*where(update))}
        slow = {number for number, update in numbered.items() if self._slow(update)}
        new = await self._call(lambda: self._inbox.put(updates, last, slow))
        self._news.set()
        return new

    async def run(self) -> None:
        """Process waiting updates, oldest first, until cancelled; then ``stop`` must be called."""
        if waiting := await self._surely(self._inbox.recover):
            log.info("%d updates wait in the inbox from before", waiting)
        reporting = asyncio.create_task(self._report_unnotified())
        try:
            pruned = 0.0
            while True:
                if time.monotonic() - pruned > _PRUNE_EVERY or not pruned:
                    await self._surely(self._inbox.prune)
                    pruned = time.monotonic()
                self._news.clear()
                await self._settle()
                # Asked before the look into the inbox: what comes due meanwhile would else be missed by both.
                due = await self._surely(self._inbox.next_due)
                if not await self._begin():
                    await self._wait(due)
        finally:
            self._stopping = True  # what is broken off from now on is not to blame
            reporting.cancel()
            await asyncio.wait({reporting})

    async def stop(self, within: float) -> int:
        """Let running updates finish for ``within`` seconds, and leave the rest in the inbox.

        Returns how many were cancelled.
        """
        self._stopping = True
        running = set(self._tasks)
        if running:
            await asyncio.wait(running, timeout=within)
        late = {task for task in running if not task.done()}
        unended = late
        for _ in range(2):
            for task in unended:
                task.cancel()
            if unended:
                _, unended = await asyncio.wait(unended, timeout=_END_WITHIN)
        # Nothing is lost if it cannot be: what is done is then looked at once more, and what was sent is known.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ORDER_WITHIN):
                await self._settle()
                await self._surely(self._inbox.leave)
        await asyncio.to_thread(self._thread.shutdown)
        return len(late)

    async def waiting(self) -> int:
        """Return how many updates wait or are being processed."""
        return await self._call(self._inbox.waiting)

    @property
    def running(self) -> int:
        return len(self._tasks)

    # What is begun

    async def _begin(self) -> int:
        room = AT_ONCE - len(self._tasks)
        if room <= 0 or self._held_up():
            return 0
        at_work = [(each.chat, each.slow) for each in self._tasks.values() if each.chat is not None]
        busy = Counter(chat for chat, takes_long in at_work if not takes_long)
        slow = {chat for chat, takes_long in at_work if takes_long}
        for chat, _ in at_work:
            if self._paused(chat):
                busy[chat] = EACH
                slow.add(chat)
        # What has run for long will not kill the process any more.
        running = sum(time.monotonic() - each.since < _IN_COMPANY for each in self._tasks.values())
        found = await self._surely(lambda: self._inbox.take(room, busy, running, slow))
        for waiting in found:
            task = asyncio.create_task(self._work(waiting))
            self._tasks[task] = _Running(waiting)
            task.add_done_callback(self._done)
        return len(found)

    def _held_up(self) -> bool:
        """Return whether a running update holds up all others, since the process may die with it."""
        return any(
            len(self._tasks) >= each.company
            for each in self._tasks.values()
            if each.company is not None and time.monotonic() - each.since < _IN_COMPANY
        )

    async def _wait(self, due: float | None) -> None:
        """Wait until something happens, or until the next update is due in ``due`` seconds."""
        seconds = _IDLE if due is None else min(max(due, 0.01), _IDLE)
        if self._held_up():
            seconds = min(seconds, 1.0)
        # Not wait_for: in Python 3.11 it loses a cancellation that comes in the same moment as the news.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        ended = self._tasks.pop(task)
        self._news.set()
        if task.cancelled():
            if not self._stopping:
                self._broken.append(ended.id)
        elif error := task.exception():
            log.error("an update could not be settled", exc_info=error)
            self._broken.append(ended.id)

    # One update

    async def _work(self, waiting: Waiting) -> None:
        try:
            update = Update.de_json(waiting.payload, self._bot)
        except UNREADABLE as error:
            await self._give_up(waiting, f"it cannot be read: {type(error).__name__}")
            return
        work = Work(waiting.update_id, waiting.waited, waiting.since, let_in=waiting.again)
        await self._process(update, work)
        if work.postponed:
            if not self._stopping:
                await self._surely(lambda: self._inbox.postpone(waiting.update_id))
            return
        if work.failure is None:
            self._finished.append(waiting.update_id)
            return
        problem = type(work.failure).__name__
        if work.final:
            await self._give_up(waiting, f"there is no use in trying again: {problem}")
        elif await self._surely(lambda: self._inbox.failed(waiting.update_id, problem)):
            await self._report(waiting, f"it failed every time: {problem}")

    async def _give_up(self, waiting: Waiting, problem: str) -> None:
        await self._surely(lambda: self._inbox.add_dead_letter(waiting.update_id, problem))
        await self._report(waiting, problem)

    async def _report(self, waiting: Waiting, problem: str) -> None:
        # Its content is not logged: it is what people write.
        log.error("update %d was set aside: %s", waiting.update_id, problem)
        await self._notify(waiting.payload, problem)
        await self._surely(lambda: self._inbox.notified(waiting.update_id))

    async def _report_unnotified(self) -> None:
        """Report dead letters that nobody could be notified of: the process died with them, or soon after."""
        for waiting, problem in await self._surely(self._inbox.unnotified):
            await self._report(waiting, problem)

    # The record

    async def _settle(self) -> None:
        """Mark the updates finished since the last call as done, in one transaction."""
        while self._broken:
            failed = partial(self._inbox.failed, self._broken.pop(), "broken off")
            if await self._surely(failed):
                log.error("update %d was set aside: it was broken off every time", failed.args[0])
        finished, self._finished = self._finished, []
        if finished:
            await self._surely(partial(self._inbox.done, finished))

    async def _surely(self, work: Callable[[], R]) -> R:
        return await surely(lambda: self._call(work), self._delays)

    async def _call(self, work: Callable[[], R]) -> R:
        # Whoever waits for it may be cancelled; what was begun ends all the same, before anything that comes later.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))


class _Running:
    """An update being processed."""

    __slots__ = ("chat", "company", "id", "since", "slow")

    def __init__(self, waiting: Waiting) -> None:
        # Not what it holds: that is the task's.
        self.id, self.chat, self.company = waiting.update_id, waiting.chat, waiting.company
        self.slow = waiting.slow
        self.since = time.monotonic()
