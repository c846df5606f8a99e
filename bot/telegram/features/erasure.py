"""Erasure of stored data: that of one user, and what is old."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database

from bot.state import State
from bot.telegram.chats.settings import Chats
from bot.telegram.intake.workers import Workers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erased:
    """Counts of erased turns, answers and votes."""

    turns: int
    answers: int
    feedback: int


class Memory:
    """Erasure of people's data in ``bot.sqlite``. Blocks: not for the event loop."""

    def __init__(self, state: State) -> None:
        self._state = state

    def forget(self, user: int, update: int = 0) -> Erased:
        """Erase a user's data in every chat, except whether they may ask.

        ``update`` is the id of the update at work on it. Quotes stay, with their permalinks: they refer to
        articles, not to askers.
        """
        with self._erasing() as db:
            theirs = "in (select {} from answers where user = ?1)"
            # What belongs to an answer is found by it, and so goes first.
            _delete(db, "deliveries", f"update_id {theirs.format('update_id')}", user)
            again = theirs.format("'answer:' || update_id")
            _delete(db, "deliveries", f"label {again}", user)
            _delete(db, "given", f"answer {theirs.format('id')}", user)
            for table in ("due", "notices", "corrected"):
                _delete(db, table, "chat = ?", user)
            erased = Erased(
                turns=_delete(db, "turns", "conversation like 'telegram:%:' || ?", user),
                feedback=_delete(db, "feedback", f"user = ?1 or answer {theirs.format('id')}", user),
                answers=_delete(db, "answers", "user = ?", user),
            )
            _delete(db, "deliveries", "chat = ? and update_id != ?", user, update)
            _delete(db, "chats", "chat = ?", user)
            _delete(db, "pairings", "kind = 'user' and id = ?", user)
            db.execute("update pairings set asker = null where asker = ?", [user])
            db.execute("update access set name = '', username = '' where kind = 'user' and id = ?", [user])
            # What is at work too: it may fail, or be put off, and would wait to be worked on again.
            db.execute(
                "update inbox set payload = '', state = 'done' where user = ? and update_id != ?",
                [user, update],
            )
            db.execute("update inbox set user = null, chat = nullif(chat, user) where user = ?", [user])
        return erased

    def expire(self, before: datetime) -> int:
        """Erase questions, answers and feedback older than ``before``; return the number of questions."""
        earliest = before.astimezone(UTC).isoformat(timespec="seconds")
        with self._erasing() as db:
            turns = _delete(db, "turns", "asked_at < ?", earliest)
            _delete(db, "feedback", "at < ?", earliest)
            answers = _delete(db, "answers", "asked < ?", earliest)
            _delete(db, "given", "answer not in (select id from answers)")
            _delete(db, "notices", "at < ?", earliest)
            _delete(db, "corrected", "at < ?", earliest)
            _delete(db, "deliveries", "at < ?", earliest)
            _delete(db, "inbox", "state = 'dead' and received < ?", earliest)
            _delete(db, "pairings", "at < ? and (kind = 'user' or verdict is not null)", earliest)
            db.execute("update pairings set asker = null where at < ?", [earliest])
            _delete(db, "spent", "day < ?", earliest)
        return max(turns, answers)

    @contextmanager
    def _erasing(self) -> Iterator[Database]:
        """Open a transaction whose deletions leave nothing readable in the database file or its log."""
        with self._state.reading() as db:
            db.execute("pragma secure_delete = on")
        with self._state.writing() as db:
            yield db
        with self._state.reading() as db:
            db.execute("pragma wal_checkpoint(truncate)").fetchall()


def _delete(db: Database, table: str, where: str, *values: object) -> int:
    return db.execute(f"delete from {table} where {where}", list(values)).rowcount


class Erasure:
    """Erasure of a user's data everywhere: in the state and in memory."""

    def __init__(
        self,
        *,
        memory: Memory,
        chats: Chats,
        workers: Workers,
        in_memory: Sequence[Callable[[int], None]],
    ) -> None:
        """Set the parts; ``in_memory``: callables that drop a user's data held in the process."""
        self._memory = memory
        self._chats = chats
        self._workers = workers
        self._in_memory = in_memory

    async def erase(self, user: int, update_id: int) -> Erased:
        """Erase a user's data for the work on an update, after the user's questions that wait."""
        async with self._after_all_of(user):
            await asyncio.to_thread(self._chats.forget, user)
            erased = await asyncio.to_thread(self._memory.forget, user, update_id)
            for forget in self._in_memory:
                forget(user)
        log.info("a user was forgotten")
        return erased

    @asynccontextmanager
    async def _after_all_of(self, user: int) -> AsyncIterator[None]:
        """Wait for the user's questions in every chat: their answers would be stored after the erasure."""
        async with AsyncExitStack() as turns:
            # In one order, so that two who wait for the same never wait for each other.
            for conversation in sorted(each for each in self._workers.busy() if each.endswith(f":{user}")):
                await turns.enter_async_context(self._workers.turn(conversation, patient=True))
            yield
