"""Following in the background: the sources that are due are looked at while questions are answered."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, cast

from bot.telegram.intake.workers import StoppingError, Workers

if TYPE_CHECKING:
    from bot.build import Musnad
    from bot.following import Follower
    from bot.telegram.core import Core
    from corpus.following import Following

log = logging.getLogger(__name__)

_LOOK_EVERY = 15.0
"""Seconds between two looks whether another process has begun to follow something."""
_AGAIN = 30.0
"""Seconds before another start after what nobody expected."""
_QUESTIONS_WITHIN = 2.0
"""Most seconds for which one slice waits for questions: who waits for the archive waits for it, too."""


class Follows(Protocol):
    """Protocol for the program that follows: ``bot.following.Follower``."""

    def run(self, stop: threading.Event) -> None: ...


class Newsgathering:
    """The following, which gives way to questions, and is started again whatever ended it."""

    def __init__(
        self,
        *,
        core: Core,
        workers: Workers,
        following: Callable[[], Following | None],
        follower: Callable[[Core, Callable[[str, int, int], None]], Follows] | None = None,
        again: float = _AGAIN,
    ) -> None:
        """Set the parts; ``following`` returns the sources that are followed, None while nothing ever was.

        ``follower`` makes the follower of a core, with a callback for its progress; ``again``: seconds before another
        start after one that failed.
        """
        self._core = core
        self._workers = workers
        self._following = following
        self._make = follower
        self._again = again
        # A thread of its own, whose end is waited for: nothing may be closed under it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="following")
        self._stop = threading.Event()
        self._news = asyncio.Event()

    def begin(self) -> None:
        """Begin at once: something is followed now."""
        self._news.set()

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                wait = _LOOK_EVERY
                try:
                    if await asyncio.to_thread(self._wanted):
                        await asyncio.get_running_loop().run_in_executor(self._thread, self._follow)
                except Exception:  # whatever one source brought about, the others go on
                    log.exception("following ended, and begins again in %.0f s", self._again)
                    wait = self._again
                await self._wait(wait)
        finally:
            self._stop.set()
            await asyncio.to_thread(self._thread.shutdown)

    def _wanted(self) -> bool:
        following = self._following()
        return following is not None and bool(following.all())

    def _follow(self) -> None:
        try:
            make = self._make or _follower
            make(self._core, self._progress).run(self._stop)
        except StoppingError:
            log.info("following stops: what was not taken in yet is found again")

    def _progress(self, stage: str, done: int, total: int) -> None:
        """Wait while questions are at work; called after each slice, in the thread."""
        until = time.monotonic() + _QUESTIONS_WITHIN
        while self._workers.running and time.monotonic() < until and not self._stop.is_set():
            time.sleep(0.02)
        if self._stop.is_set():
            raise StoppingError

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()


def _follower(core: Core, progress: Callable[[str, int, int], None]) -> Follower:
    from bot.following import Follower

    musnad = cast("Musnad", core)
    return Follower(musnad, musnad.following, progress=progress)
