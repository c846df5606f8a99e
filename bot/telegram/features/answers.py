"""Answering: from a question in a chat to the answer under it, stored so that its buttons work for good."""

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
from bot.telegram.runtime.update import update_id

if TYPE_CHECKING:
    from bot.quotes import Articles

log = logging.getLogger(__name__)

_BUSY_EVERY = 60.0
"""Seconds between two «busy» lines to one conversation: in a group they would use up its messages a minute."""


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

    def add(
        self, answer: Answer, here: ChatContext, *, update: int, question_message: int | None, recipe: str
    ) -> Stored:
        """Keep an answer; every quote in it gets its permanent id."""
        asked = stamp()
        self.issue(answer.shown)
        with self._state.writing() as db:
            db.execute(
                "insert or replace into answers (update_id, conversation, chat, thread, user, language,"
                " question_message, question, standalone, status, answer, recipe, asked)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    update or None, here.conversation, here.chat, here.thread, here.user, here.language,
                    question_message, answer.question, answer.standalone_question, answer.status,
                    json.dumps(pack(answer), ensure_ascii=False), recipe, asked,
                ],
            )  # fmt: skip
            (row,) = db.query("select last_insert_rowid() as id")
        return Stored(row["id"], update or None, answer, here, question_message, recipe, asked)

    def issue(self, quotes: Iterable[Quote]) -> None:
        """Keep the ids of quotes that go out, so that their permalinks find them."""
        now = stamp()
        rows = [(quote.id, quote.article.id, quote.start, quote.end, now) for quote in quotes]
        with self._state.writing() as db:
            db.conn.executemany("insert or ignore into quotes values (?, ?, ?, ?, ?)", rows)

    def get(self, id: int) -> Stored | None:
        return self._stored("id = ?", id)

    def of_update(self, update: int) -> Stored | None:
        """The answer that was found already for an update."""
        return self._stored("update_id = ?", update) if update else None

    def of_question(self, chat: int, message: int) -> Stored | None:
        """The last answer to the question in a message."""
        return self._stored("chat = ? and question_message = ? order by id desc limit 1", chat, message)

    def vote(self, id: int, user: int, verdict: int, why: str | None = None) -> None:
        """Keep what somebody thinks of an answer: 1 or -1, and why; 0 takes it back. The last word counts, but a vote
        that is repeated without a reason keeps the one it had."""
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
        """What somebody thinks of an answer: 1, -1, or 0 for nothing said."""
        row = self._state.row("select verdict from feedback where answer = ? and user = ?", [id, user])
        return int(row["verdict"]) if row else 0

    def claim(self, key: str, update: int) -> bool:
        """Whether this update, also when it is worked on again, is the one that may do what is done once."""
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
    """Answers questions that stand in messages."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.book = AnswerBook(front.state, front.core.archive)
        self.activity = Activity(front.bot)
        self.revisions = Revisions(front)
        self._told_busy = Recent(_BUSY_EVERY)

    async def answer(self, message: Message, question: str, *, edited: bool = False) -> None:
        """Answer a question where ``message`` stands, in its conversation's turn; or say that it comes too soon,
        or that there is too much to do.

        Asked again for the same update, after a crash say, it gives the answer that was found then. The answer to a
        question that was ``edited`` takes the place of the one before.
        """
        here = self.front.contexts.of(message)
        if await self.front.limits.hold_back(self.front.delivery, here, message.message_id):
            return
        self.front.metrics.question("private" if here.private else "group", here.language)
        try:
            async with (
                self.front.workers.turn(here.conversation) as queue,
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
        """The answer that was found for this update already, or else now, to what the question says by now; None when
        that has been answered, for another update."""
        known = await asyncio.to_thread(self.book.of_update, update_id())
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
        number = update_id()
        stored = await asyncio.to_thread(
            lambda: self.book.add(
                answer, here, update=number, question_message=message.message_id, recipe=self._recipe()
            )
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
        """The messages of an answer, each quote looked at once more against the archive, the buttons under the last.

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
