"""Erasure of stored data: ``/forget`` erases a user's data, and old data is erased by age."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.render.telegram import render_line
from bot.state import State, stamp
from bot.telegram.front import Front
from bot.telegram.outgoing.delivery import Part
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from prompts import Language, say

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
            erased = Erased(
                turns=_delete(db, "turns", "conversation like 'telegram:%:' || ?", user),
                feedback=_delete(db, "feedback", f"user = ?1 or answer {theirs.format('id')}", user),
                answers=_delete(db, "answers", "user = ?", user),
            )
            _delete(db, "deliveries", "chat = ? and update_id != ?", user, update)
            _delete(db, "chats", "chat = ?", user)
            _delete(db, "pairings", "kind = 'user' and id = ?", user)
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
            _delete(db, "deliveries", "at < ?", earliest)
            _delete(db, "inbox", "state = 'aside' and received < ?", earliest)
            _delete(db, "pairings", "at < ? and (kind = 'user' or verdict is not null)", earliest)
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


class Forget:
    """Handlers for ``/forget`` and the buttons that confirm it."""

    kinds = ("message", "callback_query")

    def __init__(self, front: Front, beside: Sequence[Callable[[int], None]] = ()) -> None:
        """Set ``beside``: callables that drop a user's data held in the process, outside the state."""
        self.front = front
        self.memory = Memory(front.state)
        self._beside = beside

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (
            CommandHandler("forget", self.ask, filters.UpdateType.MESSAGE),
            CallbackQueryHandler(self.decide, pattern=r"^forget:(yes|no):\d+$"),
        )

    async def ask(self, update: Update, context: UpdateContext) -> None:
        """Ask for confirmation. In a group only the user who sent the command may give it."""
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        if message.sender_chat is not None or message.from_user is None:
            await self.front.delivery.line(here, "telegram_forget_anonymous", reply_to=message.message_id)
            return
        part = Part(_line("telegram_forget", here.language), _keyboard(message.from_user.id, here.language))
        await self.front.delivery.send(here, [part], "forget", reply_to=message.message_id)

    async def decide(self, update: Update, context: UpdateContext) -> None:
        query = query_of(update)
        here = self.front.contexts.of_query(query, update.update_id)
        _, answer, user = str(query.data).split(":")
        if query.from_user.id != int(user):
            await self.front.delivery.toast(
                query, say("telegram_forget_not_yours", here.language), alert=True
            )
            return
        html = _line("telegram_forget_kept", here.language)
        if answer == "yes":
            async with self._after_all_of(user):
                await asyncio.to_thread(self.front.contexts.chats.forget, int(user))
                erased = await asyncio.to_thread(self.memory.forget, int(user), update.update_id)
                for forget in self._beside:
                    forget(int(user))
            log.info("a user was forgotten")
            html = _line(
                "telegram_forgotten",
                here.language,
                turns=erased.turns,
                answers=erased.answers,
                feedback=erased.feedback,
            )
        await self.front.delivery.toast(query)
        if query.message is not None:
            # Edited, not sent: of a message that is sent its delivery would be kept.
            await self.front.delivery.edit(query.message.chat.id, query.message.message_id, html)

    @asynccontextmanager
    async def _after_all_of(self, user: str) -> AsyncIterator[None]:
        """Wait for the user's questions in every chat: their answers would be stored after the erasure."""
        workers = self.front.workers
        async with AsyncExitStack() as turns:
            # In one order, so that two who wait for the same never wait for each other.
            for conversation in sorted(each for each in workers.busy() if each.endswith(f":{user}")):
                await turns.enter_async_context(workers.turn(conversation, patient=True))
            yield


class Upkeep:
    """Tasks done at start and once a day: erase old data, tell the owners when the model budget is used up."""

    def __init__(self, front: Front, every: float = 60.0) -> None:
        self.front = front
        self.memory = Memory(front.state)
        self._every = every
        self._expired: str | None = None

    async def run(self) -> None:
        """Run the tasks at intervals until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> None:
        from corpus.errors import ArchiveError

        try:
            await self._expire()
            await self._tell_spent()
        except (ArchiveError, TelegramError) as error:
            log.warning("what is done once a day was not, trying again: %s", error)

    async def _expire(self) -> None:
        days = self.front.settings.retention_days
        now = datetime.now(UTC)
        if not days or self._expired == now.date().isoformat():
            return
        gone = await asyncio.to_thread(self.memory.expire, now - timedelta(days=days))
        self._expired = now.date().isoformat()
        if gone:
            log.info("%d questions from more than %d days ago were erased", gone, days)

    async def _tell_spent(self) -> None:
        """Tell the owners, once a day, that the chat model's budget is used up."""
        from bot.llm.budget import Budget

        most = self.front.settings.llm_daily
        if not most:
            return
        budget = Budget(self.front.state, most)
        if await asyncio.to_thread(budget.spent) and await asyncio.to_thread(
            self._first, f"llm_spent:{budget.day}"
        ):
            log.warning("the chat model has reached its daily limit (%d): answers go out without it", most)
            await self.front.report("telegram_llm_spent", 0, most=most)

    def _first(self, key: str) -> bool:
        with self.front.state.writing() as db:
            return db.execute("insert or ignore into told values (?, ?)", [key, stamp()]).rowcount > 0


def _line(name: str, language: Language, **variables: object) -> str:
    return render_line(say(name, language, **variables), language)


def _keyboard(user: int, language: Language) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    say(f"telegram_forget_{answer}", language), callback_data=f"forget:{answer}:{user}"
                )
                for answer in ("yes", "no")
            ]
        ]
    )
