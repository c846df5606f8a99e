"""The quotes that were given in answers, by the articles they were cut from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bot.state import State


@dataclass(frozen=True, slots=True)
class Given:
    """A quote in an answer that a chat was given."""

    quote: str
    """Its permanent id."""
    article: str
    """The id of the version it was cut from."""
    answer: int
    chat: int
    thread: int | None
    language: str
    question_message: int | None
    at_work: int = 0
    """1 while its update is at work: the answer may not have been sent yet."""


class GivenQuotes:
    """The quotes of the answers in ``bot.sqlite``. Blocks: not for the event loop.

    An answer counts until its question was edited and answered anew, unless it could not be sent.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def of_articles(self, ids: Iterable[str], chat: int | None = None) -> list[Given]:
        """Return the quotes from these versions of articles, in the order of their answers; of one ``chat`` or all."""
        rows = self._state.rows(
            "select quote, article, answers.id as answer, chat, thread, language, question_message,"
            " exists (select 1 from inbox where inbox.update_id = answers.update_id"
            " and inbox.state in ('waiting', 'running')) as at_work"
            " from given join answers on answers.id = given.answer"
            " where article in (select value from json_each(?1)) and (?2 is null or chat = ?2)"
            " and not exists (select 1 from inbox where inbox.update_id = answers.update_id"
            " and inbox.state = 'dead')"
            " and not exists (select 1 from answers as later where later.chat = answers.chat"
            " and later.question_message = answers.question_message and later.id > answers.id)"
            " order by answers.id, given.quote",
            [json.dumps(list(ids)), chat],
        )
        return [Given(**row) for row in rows]

    def chats_of(self, articles: Iterable[str]) -> set[int]:
        """Return the chats that were given quotes from these versions of articles."""
        return {each.chat for each in self.of_articles(articles)}

    def still(self, answers: Iterable[int]) -> set[int]:
        """Return which of these answers are still stored: a user may have had theirs erased."""
        rows = self._state.rows(
            "select id from answers where id in (select value from json_each(?))", [json.dumps(list(answers))]
        )
        return {row["id"] for row in rows}
