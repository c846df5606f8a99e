"""Answers as they were given, stored so that their buttons keep working for good."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answer import Answer
from bot.conversation import pack, unpack
from bot.state import State, stamp
from bot.telegram.answers.quotestore import QuoteStore
from bot.telegram.chats.context import ChatContext

if TYPE_CHECKING:
    from bot.quotes import Articles

_HOLDS = (
    "answers.chat = deliveries.chat and (deliveries.label = 'answer' and deliveries.update_id = answers.update_id"
    " or deliveries.label = 'answer:' || answers.update_id)"
)
"""SQL condition: a delivery is a message of an answer, sent when it was found or resent by a button."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was given in Telegram."""

    id: int
    update_id: int | None
    answer: Answer
    chat_context: ChatContext
    question_message: int | None
    recipe: str
    """The index recipe it was found with, as JSON."""
    asked: str
    """ISO 8601 UTC."""


class AnswerBook:
    """The answers given in Telegram, in ``bot.sqlite``. Blocks: not for the event loop."""

    def __init__(self, *, state: State, archive: Articles, quotes: QuoteStore) -> None:
        self._state = state
        self._archive = archive
        self._quotes = quotes

    def add(
        self, answer: Answer, here: ChatContext, *, question_message: int | None, recipe: str
    ) -> StoredAnswer:
        """Store an answer under the update of its context, and the permanent id of every quote in it."""
        asked = stamp()
        self._quotes.issue(answer.shown)
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
            db.conn.executemany(
                "insert or ignore into given values (?, ?, ?)",
                [(row["id"], quote.id, quote.article.id) for quote in (*answer.quotes, *answer.related)],
            )
        return StoredAnswer(row["id"], here.update_id or None, answer, here, question_message, recipe, asked)

    def get(self, id: int) -> StoredAnswer | None:
        return self._stored("id = ?", id)

    def of_update(self, update: int) -> StoredAnswer | None:
        """Return the answer that was already found for an update."""
        return self._stored("update_id = ?", update) if update else None

    def of_question(self, chat: int, message: int) -> StoredAnswer | None:
        """Return the last answer to the question in a message."""
        return self._stored("chat = ? and question_message = ? order by id desc limit 1", chat, message)

    def held_by(self, chat: int, message: int) -> StoredAnswer | None:
        """Return the latest answer to the question whose answer a message of the bot holds."""
        row = self._state.row(
            "select coalesce(max(later.id), answers.id) as id from deliveries"
            f" join answers on {_HOLDS}"
            " left join answers as later"
            " on later.chat = answers.chat and later.question_message = answers.question_message"
            " where deliveries.chat = ? and deliveries.message = ? group by answers.id",
            [chat, message],
        )
        return self.get(row["id"]) if row else None

    def messages(self, chat: int, question_message: int, *, besides: int) -> list[int]:
        """Return the messages that hold a question's answer, except those sent for the update ``besides``."""
        rows = self._state.rows(
            f"select message from deliveries join answers on {_HOLDS}"
            " where answers.chat = ? and answers.question_message = ?"
            " and message is not null and deliveries.update_id != ? order by message",
            [chat, question_message, besides],
        )
        return [row["message"] for row in rows]

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
            db.execute("insert or ignore into notified (key, at) values (?, ?)", [key, f"update {update}"])
            (row,) = db.query("select at from notified where key = ?", [key])
        return bool(row["at"] == f"update {update}")

    def unclaim(self, key: str) -> None:
        with self._state.writing() as db:
            db.execute("delete from notified where key = ?", [key])

    def _stored(self, where: str, *values: object) -> StoredAnswer | None:
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
        return StoredAnswer(
            row["id"],
            row["update_id"],
            unpack(row, self._archive),
            here,
            row["question_message"],
            row["recipe"],
            row["asked"],
        )
