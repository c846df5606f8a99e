"""Workers that process questions off the event loop, few at a time, those of one conversation in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

R = TypeVar("R")


class BusyError(RuntimeError):
    """Raised when too many questions wait already; ``count`` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} questions are in work or waiting")
        self.count = count


class StoppingError(RuntimeError):
    """Raised while the bot is being stopped; work that has not begun will not begin."""


@dataclass
class ConversationQueue:
    """The queue of one conversation's questions."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    count: int = 0
    """Number of questions that have their turn or wait for it."""
    crowded: bool = False
    """Whether several questions waited or ran at a time, and answers have to say which they are to."""
    sending: bool = False
    """Whether the answer is only being sent, for as long as Telegram asks for.

    That keeps this conversation's order, but takes no room from the others. Set by the holder of the turn.
    """


class Workers:
    """Limits on questions: at most ``workers`` run at once, ``most`` wait or run, ``each`` of one conversation.

    More are refused at once, so that the queue is bounded and those who wait are answered. A question that has
    waited already, in the inbox, is not refused any more: of those, no more come than the inbox releases.
    """

    def __init__(self, workers: int = 2, most: int = 40, each: int = 5) -> None:
        self._free = asyncio.Semaphore(workers)
        self._most = most
        self._each = each
        self._queues: dict[str, ConversationQueue] = {}
        self._stopping = False
        self.running = 0
        """Number of calls of ``run`` in work or waiting; may be read by any thread."""

    @asynccontextmanager
    async def turn(
        self, conversation: str, *, patient: bool = False, waited: bool = False
    ) -> AsyncIterator[ConversationQueue]:
        """Wait for the conversation's next turn, in the order of the calls, and hold it.

        Raises BusyError or StoppingError. ``patient``: not refused however much waits, for work that is quickly
        done and only has to keep its order. ``waited``: whether the question has waited in the inbox already.
        """
        queue = self._queues.get(conversation) or ConversationQueue()
        if self._stopping:
            raise StoppingError
        full = (count := self.count) >= self._most or queue.count >= self._each
        if full and not patient and not waited:
            raise BusyError(count)
        self._queues[conversation] = queue
        queue.count += 1
        queue.crowded = queue.crowded or queue.count > 1
        try:
            async with queue.lock:
                if self._stopping:
                    raise StoppingError
                try:
                    yield queue
                finally:
                    queue.sending = False
        finally:
            queue.count -= 1
            if not queue.count:
                del self._queues[conversation]

    async def run(self, work: Callable[[], R]) -> R:
        """Run ``work`` in a thread and return its result.

        Raises StoppingError when it is too late to begin.
        """
        self.running += 1
        try:
            async with self._free:
                if self._stopping:
                    raise StoppingError
                return await asyncio.to_thread(work)
        finally:
            self.running -= 1

    def busy(self) -> list[str]:
        """Return the conversations that have their turn or wait for it."""
        return list(self._queues)

    @property
    def count(self) -> int:
        """Number of questions that are being processed, or wait for one that is."""
        return sum(queue.count for queue in self._queues.values() if not queue.sending)

    def stop(self) -> None:
        """Let running work finish, and refuse waiting work."""
        self._stopping = True
