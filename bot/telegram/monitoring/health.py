"""Health of the bot: Telegram answers, updates are stored and worked on, the index holds the archive's passages."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.telegram.monitoring import sources
from bot.telegram.monitoring.metrics import Gauges
from bot.version import version
from corpus.errors import ArchiveError
from vectorstore.errors import VectorstoreError

if TYPE_CHECKING:
    from bot.telegram.core import Core
    from bot.telegram.intake.inbox import Inbox
    from bot.telegram.intake.workers import Workers
    from corpus.following import Followed, Following
    from vectorstore.index import IndexState

log = logging.getLogger(__name__)

_FRESH = 3.0
"""Seconds for which what a look at the databases found is reused."""
_WRITE_WITHIN = 2.0
"""Seconds that another writer may keep the databases from being written to."""
_LOOK_WITHIN = 5.0
"""Seconds that a look at the databases may take: a disk that hangs is a problem to report, not to wait for."""

_UNREADABLE = (ArchiveError, VectorstoreError, sqlite3.Error, OSError)


class Intake(Protocol):
    """Protocol for the source of updates: a ``Poller`` or a ``Webhook``."""

    @property
    def last_success(self) -> float | None:
        """Time of the last contact with Telegram (``time.time()``)."""

    @property
    def reconnects(self) -> int: ...
    @property
    def grace(self) -> float:
        """Seconds without contact after which something is wrong."""

    @property
    def problems(self) -> list[str]:
        """What is wrong at present, in a few words each."""

    @property
    def stalled(self) -> bool:
        """Whether it hangs, so that only a restart would help."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Values read from the databases, and whether they can be written to."""

    writable: bool
    inbox: dict[str, int]
    index_state: IndexState | None
    spent: int
    followed: Sequence[Followed] = ()


class Health:
    """Health checks of one bot."""

    def __init__(
        self,
        *,
        core: Core,
        workers: Workers,
        inbox: Inbox,
        intake: Intake,
        daily: int,
        following: Callable[[], Following | None] = lambda: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Set the parts that are watched; ``daily``: limit on questions to the chat model, 0 for none.

        ``following`` returns the sources that are followed, None while nothing ever was. One that fails makes the bot
        no less well: it is only reported.
        """
        self._core = core
        self._workers = workers
        self._inbox = inbox
        self._intake = intake
        self._daily = daily
        self._following = following
        self._now = now
        # A thread of its own: whatever else keeps the others busy, this one answers.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._look: asyncio.Future[Readings] | None = None
        self._looked = float("-inf")
        self._working: asyncio.Task[None] | None = None
        self._began: float | None = None
        self._writable = True

    def watch(self, working: asyncio.Task[None]) -> None:
        """Start watching the task that works on updates; Telegram has just answered."""
        self._working = working
        self._began = self._now()

    def is_stuck(self) -> bool:
        """Return whether the bot hangs in a way that a restart would mend.

        It would not mend what lies outside: a database that another process locks, a full disk, Telegram away.
        """
        return self._working is not None and (self._working.done() or self._intake.stalled)

    async def status(self) -> str:
        """Return how the bot is, in one line."""
        stored = await self._stored()
        said = "; ".join(self._problems(stored)) or "ok"
        index_state = stored.index_state if stored else None
        if index_state is None or index_state.agree:
            return said
        return f"{said}; the index holds {index_state.vectors or 0} of {index_state.passages} passages"

    async def report(self) -> dict[str, Any]:
        """Return the report for ``/healthz``. ``problems`` is empty when ``status`` is ``ok``."""
        stored = await self._stored()
        heard = self._heard()
        index_state = stored.index_state if stored else None
        problems = self._problems(stored)
        return {
            "status": "degraded" if problems else "ok",
            "problems": problems,
            "version": version(),
            "telegram": {
                "last_success_seconds": None if heard is None else round(self._now() - heard, 1),
                "reconnects": self._intake.reconnects,
            },
            "inbox": stored.inbox if stored else None,
            "workers": self._workers.count,
            "index": index_state
            and {
                "passages": index_state.passages,
                "vectors": index_state.vectors,
                "agree": index_state.agree,
                "writing": index_state.writing,
            },
            "model_loaded": self._core.loaded,
            "sources": self._sources(stored),
        }

    async def gauges(self) -> Gauges:
        """Return the current gauges for ``/metrics``."""
        stored = await self._stored()
        index_state = stored.index_state if stored else None
        return Gauges(
            inbox=stored.inbox if stored else {},
            workers=self._workers.count,
            last_success=self._heard(),
            reconnects=self._intake.reconnects,
            passages=index_state.passages if index_state else None,
            vectors=index_state.vectors if index_state else None,
            model_loaded=self._core.loaded,
            spent=stored.spent if stored else None,
            daily=self._daily,
            healthy=not self._problems(stored),
            sources=sources.named(stored.followed, self._moment()) if stored else (),
            standings=sources.counts(stored.followed, self._moment()) if stored and stored.followed else {},
        )

    def _sources(self, stored: Readings | None) -> dict[str, Any] | None:
        """Return how the followed sources stand; None where nothing is followed."""
        if stored is None or not stored.followed:
            return None
        found = sources.named(stored.followed, self._moment())
        return {**sources.counts(stored.followed, self._moment()), "each": sources.report(found)}

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def close(self) -> None:
        self._thread.shutdown()

    def _problems(self, stored: Readings | None) -> list[str]:
        index_state = stored.index_state if stored else None
        return [
            problem
            for problem, there in (
                ("not working", self._working is None or self._working.done()),
                ("telegram silent", self._silent()),
                ("databases unreadable", stored is None),
                ("databases cannot be written", stored is not None and not stored.writable),
                (
                    "index and archive differ",
                    index_state is not None and not index_state.agree and not index_state.writing,
                ),
            )
            if there
        ] + self._intake.problems

    def _heard(self) -> float | None:
        return self._intake.last_success or self._began

    def _silent(self) -> bool:
        heard = self._heard()
        return heard is None or self._now() - heard > self._intake.grace

    async def _stored(self) -> Readings | None:
        """Return the databases' values, read again when old; None when they cannot be read."""
        if self._look is None or (self._look.done() and time.monotonic() - self._looked > _FRESH):
            self._look = asyncio.get_running_loop().run_in_executor(self._thread, self._read)
        look = self._look
        try:
            async with asyncio.timeout(_LOOK_WITHIN):
                stored = await asyncio.shield(look)
        except _UNREADABLE as error:
            log.warning("the databases could not be looked at: %s", error or type(error).__name__)
            return None
        return stored

    def _read(self) -> Readings:
        today = datetime.now(UTC).date().isoformat()
        writable = self._write()
        spent = self._core.state.row("select count from spent where day = ?", [today])
        following = self._following()
        found = Readings(
            writable,
            self._inbox.counts(),
            self._core.index_state(),
            int(spent["count"]) if spent else 0,
            following.all() if following else (),
        )
        self._looked = time.monotonic()
        return found

    def _write(self) -> bool:
        """Return whether the databases can be written to: reading alone would not notice a lock or a full disk."""
        try:
            self._core.check_writable(_WRITE_WITHIN)
        except (ArchiveError, sqlite3.Error) as error:
            if self._writable:
                log.error("nothing can be stored: %s", error)
            self._writable = False
        else:
            if not self._writable:
                log.warning("it can be stored again")
            self._writable = True
        return self._writable
