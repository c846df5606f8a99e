"""Answers to questions in chats, stored so that their buttons keep working for good."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from telegram import Message

from bot.answer import Answer, Quote
from bot.conversation import pack, unpack
from bot.quotes import verify_answer
from bot.render.telegram import render
from bot.state import State, stamp
from bot.telegram.chats.context import ChatContext
from bot.telegram.features.edits import Revisions
from bot.telegram.features.replies import answer_replied_to, words_quoted
from bot.telegram.front import Front
from bot.telegram.intake.workers import BusyError, StoppingError
from bot.telegram.outgoing.delivery import Part
from bot.telegram.outgoing.keyboards import answer_keyboard
from bot.telegram.outgoing.typing import Activity, Sign
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import Work

if TYPE_CHECKING:
    from bot.quotes import Articles

log = logging.getLogger(__name__)

_BUSY_EVERY = 60.0
"""Seconds between two «busy» lines to one conversation: in a group they would use up its messages per minute."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was given in Telegram."""

    id: int
    update_id: int | None
    answer: Answer
    place: ChatContext
    question_message: int | None
    recipe: str
    """The index recipe it was found with, as JSON."""
    asked: str
    """ISO 8601 UTC."""


class AnswerBook:
    """The answers given in Telegram, in ``bot.sqlite``. Blocks: not for the event loop."""

    def __init__(self, state: State, archive: Articles) -> None:
        self._state = state
        self._archive = archive

    def add(self, answer: Answer, here: ChatContext, *, question_message: int | None, recipe: str) -> Stored:
        """Store an answer under the update of its context, and the permanent id of every quote in it."""
        asked = stamp()
        self.issue(answer.shown)
        with self._state.writing() as db:
            db.execute(
                "insert or replace into answers (update_id, conversation, chat, thread, user, language,"
                " question_message, question, standalone, status, answer, recipe, asked)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    here.update_id or None, here.conversation, here.chat, here.thread, here.user, here.language,
                    question_message, answer.question, answer.standalone_question, answer.status,
                    json.dumps(pack(answer), ensure_ascii=False), recipe, asked,
                ],
            )  # fmt: skip
            (row,) = db.query("select last_insert_rowid() as id")
        return Stored(row["id"], here.update_id or None, answer, here, question_message, recipe, asked)

    def issue(self, quotes: Iterable[Quote]) -> None:
        """Store the ids of quotes that are sent, so that their permalinks can be opened."""
        now = stamp()
        rows = [(quote.id, quote.article.id, quote.start, quote.end, now) for quote in quotes]
        with self._state.writing() as db:
            db.conn.executemany("insert or ignore into quotes values (?, ?, ?, ?, ?)", rows)

    def get(self, id: int) -> Stored | None:
        return self._stored("id = ?", id)

    def of_update(self, update: int) -> Stored | None:
        """Return the answer that was already found for an update."""
        return self._stored("update_id = ?", update) if update else None

    def of_question(self, chat: int, message: int) -> Stored | None:
        """Return the last answer to the question in a message."""
        return self._stored("chat = ? and question_message = ? order by id desc limit 1", chat, message)

    def vote(self, id: int, user: int, verdict: int, why: str | None = None) -> None:
        """Store a user's vote on an answer: 1 or -1, with a reason; 0 deletes the vote.

        The last vote counts, but a vote that is repeated without a reason keeps its earlier one.
        """
        with self._state.writing() as db:
            if not verdict:
                db.execute("delete from feedback where answer = ? and user = ?", [id, user])
                return
            db.execute(
                "insert into feedback (answer, user, verdict, why, at) select id, ?, ?, ?, ? from answers where id = ?"
                " on conflict do update set why = case when excluded.why is null and verdict = excluded.verdict"
                " then why else excluded.why end, verdict = excluded.verdict, at = excluded.at",
                [user, verdict, why, stamp(), id],
            )

    def verdict(self, id: int, user: int) -> int:
        """Return a user's vote on an answer: 1, -1, or 0 for none."""
        row = self._state.row("select verdict from feedback where answer = ? and user = ?", [id, user])
        return int(row["verdict"]) if row else 0

    def claim(self, key: str, update: int) -> bool:
        """Claim a one-time action; return whether this update holds the claim, even when worked on again."""
        with self._state.writing() as db:
            db.execute("insert or ignore into told (key, at) values (?, ?)", [key, f"update {update}"])
            (row,) = db.query("select at from told where key = ?", [key])
        return bool(row["at"] == f"update {update}")

    def unclaim(self, key: str) -> None:
        with self._state.writing() as db:
            db.execute("delete from told where key = ?", [key])

    def _stored(self, where: str, *values: object) -> Stored | None:
        row = self._state.row(f"select * from answers where {where}", values)
        if row is None:
            return None
        here = ChatContext(
            chat=row["chat"],
            thread=row["thread"],
            user=row["user"],
            private=row["chat"] > 0,
            language=row["language"],
        )
        return Stored(
            row["id"],
            row["update_id"],
            unpack(row, self._archive),
            here,
            row["question_message"],
            row["recipe"],
            row["asked"],
        )


class Answers:
    """Answering of questions in messages."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.book = AnswerBook(front.state, front.core.archive)
        self.activity = Activity(front.bot)
        self.revisions = Revisions(front)
        self._told_busy = Recent(_BUSY_EVERY)

    async def answer(self, message: Message, question: str, work: Work, *, edited: bool = False) -> None:
        """Answer a question in the chat of ``message``, in its conversation's turn.

        A question that comes too soon, or while there is too much to do, gets a line that says so. When the same
        update is worked on again, after a crash for instance, the answer found the first time is given. The answer
        to an ``edited`` question replaces the earlier one.
        """
        here = self.front.contexts.of(message, work.update_id)
        if await self.front.limits.hold_back(self.front.delivery, here, work, message.message_id):
            return
        self.front.metrics.question("private" if here.private else "group", here.language)
        try:
            async with (
                self.front.workers.turn(here.conversation, waited=work.waited) as queue,
                self.activity.at_work(message, here, drafts=not edited) as sign,
            ):
                stored = await self._found(message, here, question, sign, edited)
                if stored is None:
                    return
                queue.sending = True
                await sign.stop()
                parts = await asyncio.to_thread(self.parts, stored)
                with self.front.metrics.delivering():
                    if edited:
                        await self.revisions.replace(here, parts, message)
                    else:
                        await self.front.delivery.send(here, parts, "answer", reply_to=message.message_id)
        except BusyError as error:
            self.front.metrics.busy()
            if self._told_busy.first(here.conversation):
                await self.front.delivery.line(
                    here, "telegram_busy", reply_to=message.message_id, count=error.count
                )
        except StoppingError:
            # Left in the inbox: the next start answers it.
            raise asyncio.CancelledError from None

    async def _found(
        self, message: Message, here: ChatContext, question: str, sign: Sign, edited: bool
    ) -> Stored | None:
        """Return this update's stored answer, else find one for the question's newest text.

        None when that text was already answered for another update.
        """
        known = await asyncio.to_thread(self.book.of_update, here.update_id)
        if known is not None and known.question_message != message.message_id:
            known = None  # after a quiet week Telegram numbers anew, and may come upon a number of long ago
        last = await asyncio.to_thread(self.book.of_question, here.chat, message.message_id)
        if last is not None and (last.id != known.id if known else not edited):
            return None
        if known is not None:
            return known
        found, asked = None, last.answer.question if last else None
        while (text := self.revisions.newest(message, question)) != asked:
            found, asked = await self._find(message, here, text, sign), text
        return found

    async def _find(self, message: Message, here: ChatContext, question: str, sign: Sign) -> Stored:
        from bot.answering.pipeline import Question
        from bot.answering.select import MOST_QUOTES

        quoted = words_quoted(message)
        asked = Question(
            question,
            conversation=here.conversation,
            language=here.language,
            most=max(MOST_QUOTES, self.front.contexts.settings(here).quotes or 0),
            name=str(message.message_id),
            about=quoted if quoted != question else None,
            follows=await asyncio.to_thread(self._replied_to, message),
            preview=sign.preview,
        )
        began = time.perf_counter()
        answer = await self.front.workers.run(lambda: self.front.ask(asked))
        self.front.metrics.answer(answer)
        # Neither the question nor who asked it is logged.
        log.info("%s with %d quotes in %.1f s", answer.status, len(answer.shown), time.perf_counter() - began)
        stored = await asyncio.to_thread(
            lambda: self.book.add(answer, here, question_message=message.message_id, recipe=self._recipe())
        )
        await self.front.delivery.network.catch_up(here.chat)
        return stored

    def _replied_to(self, message: Message) -> Answer | None:
        number = answer_replied_to(message, self.front.bot.bot, self.front.state)
        stored = self.book.get(number) if number is not None else None
        return stored.answer if stored else None

    def _recipe(self) -> str:
        index: Any = getattr(self.front.core, "index", None)
        return json.dumps(index.recipe() if index is not None else {}, ensure_ascii=False)

    def parts(self, stored: Stored) -> list[Part]:
        """Return an answer's messages, each quote verified against the archive again, buttons under the last.

        Blocks: not for the event loop.
        """
        verified = verify_answer(stored.answer, self.front.core.archive)
        self.front.metrics.quotes(stored.answer, verified)
        here = stored.place
        parts = [
            Part(html) for html in render(verified, here.language, self.front.contexts.settings(here).quotes)
        ]
        verdict = self.book.verdict(stored.id, here.user) if here.private else 0
        keyboard = answer_keyboard(stored.id, verified, self.front.bot.bot, here.language, verdict)
        return [*parts[:-1], replace(parts[-1], keyboard=keyboard)]
