"""Indexing in the background, at start, of what a killed ingest left out of the index."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

from bot.telegram.core import Core
from bot.telegram.intake.workers import StoppingError, Workers
from corpus.errors import MusnadError
from vectorstore.errors import IndexBusyError

log = logging.getLogger(__name__)

_SAY_EVERY = 10.0
"""Seconds between two lines of progress in the log."""
_BREATH = 0.05
"""Seconds between two pieces, in which whoever waits for the index's lock gets it."""
_BUSY = 2.0
"""Seconds between two looks at an index that another process writes to."""
_AGAIN = 30.0
"""Seconds before another attempt after a failure."""
_QUESTIONS_WITHIN = 20.0
"""Most seconds for which one slice waits for questions: with one after another it would never go on."""


class Indexing:
    """The indexing, which goes on only while no question is at work."""

    def __init__(self, *, core: Core, workers: Workers) -> None:
        self._core = core
        self._workers = workers
        # A thread of its own, whose end is waited for: nothing may be closed under it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="indexing")
        self._over = False
        self._said = 0.0
        self._passages = 0

    async def run(self) -> None:
        """Complete the index, unless it is complete, until cancelled."""
        began = time.monotonic()
        try:
            if not self._core.filling:
                return
            log.warning(
                "the index lacks passages of the archive: they are indexed while questions are answered"
            )
            while await self._go_on():
                pass
            log.info("the index is complete, after %.0f s", time.monotonic() - began)
        finally:
            self._over = True
            await asyncio.to_thread(self._thread.shutdown)

    async def _go_on(self) -> bool:
        """Index a piece, and wait for as long as makes sense; return whether something is left."""
        try:
            left = await asyncio.get_running_loop().run_in_executor(self._thread, self._piece)
        except IndexBusyError:
            left, wait = True, _BUSY
        except (MusnadError, sqlite3.Error, OSError) as error:
            log.error("passages could not be indexed, trying again in %.0f s: %s", _AGAIN, error)
            left, wait = True, _AGAIN
        else:
            wait = _BREATH
        if left:
            await asyncio.sleep(wait)
        return left

    def _piece(self) -> bool:
        held = self._core.index_state()
        self._passages = held.passages if held is not None else 0
        self._yield()
        return self._core.fill(self._progress)

    def _progress(self, stage: str, done: int, total: int) -> None:
        """Log how far it is, and wait while questions are at work; called after each slice, in the thread."""
        if time.monotonic() - self._said > _SAY_EVERY:
            self._said = time.monotonic()
            log.info("indexing: %d of %d passages", self._passages - total + done, self._passages)
        self._yield()

    def _yield(self) -> None:
        until = time.monotonic() + _QUESTIONS_WITHIN
        while self._workers.running and time.monotonic() < until and not self._over:
            time.sleep(0.02)
        if self._over:
            raise StoppingError
