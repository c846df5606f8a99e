"""Where questions are worked on: off the event loop, few at a time, each conversation's in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from bot.telegram.runtime.update import has_waited

R = TypeVar("R")


class BusyError(RuntimeError):
    """Too much is waiting already; ``count`` says how much."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} questions are in work or waiting")
        self.count = count


class StoppingError(RuntimeError):
    """The bot is being stopped; what has not begun will not."""


@dataclass
class ConversationQueue:
    """One conversation's way over the desk."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    count: int = 0
    """How many have their turn or wait for it."""
    sending: bool = False
    """Whether what was found is only being sent, for as long as Telegram asks for: that keeps this conversation's
    order, but takes no room from the others. To be said by who has the turn."""


class Workers:
    """At most ``workers`` run at once, ``most`` wait or run, ``each`` of one conversation.

    More are refused at once, so that what waits is bounded and those who wait are answered. Who has waited already,
    in the inbox, is not refused any more: of those no more come than the inbox lets out.
    """

    def __init__(self, workers: int = 2, most: int = 40, each: int = 5) -> None:
        self._free = asyncio.Semaphore(workers)
        self._most = most
        self._each = each
        self._queues: dict[str, ConversationQueue] = {}
        self._stopping = False

    @asynccontextmanager
    async def turn(self, conversation: str, *, patient: bool = False) -> AsyncIterator[ConversationQueue]:
        """The conversation's next turn, in the order of the calls, or BusyError or StoppingError.

        ``patient``: not refused however much waits, for what is quickly done and only has to come in its order.
        """
        queue = self._queues.get(conversation) or ConversationQueue()
        if self._stopping:
            raise StoppingError
        full = (count := self.count) >= self._most or queue.count >= self._each
        if full and not patient and not has_waited():
            raise BusyError(count)
        self._queues[conversation] = queue
        queue.count += 1
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
        """What ``work`` returns, from a thread; StoppingError when it is too late to begin."""
        async with self._free:
            if self._stopping:
                raise StoppingError
            return await asyncio.to_thread(work)

    def busy(self) -> list[str]:
        """The conversations that have their turn or wait for it."""
        return list(self._queues)

    @property
    def count(self) -> int:
        """How many questions are worked on, or wait for one that is."""
        return sum(queue.count for queue in self._queues.values() if not queue.sending)

    def stop(self) -> None:
        """Let what runs finish, and turn away what waits."""
        self._stopping = True
