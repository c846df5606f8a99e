"""Questions put to the core: few at a time, in the order of their conversations, and counted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.quotes import verify_answer
from bot.telegram.monitoring.circuitbreaker import CircuitBreaker
from bot.telegram.monitoring.metrics import Metrics, Where
from prompts import say

if TYPE_CHECKING:
    from bot.answer import Answer, Quote
    from bot.answering.pipeline import Question
    from bot.telegram.answers.quotestore import QuoteStore
    from bot.telegram.core import Core
    from bot.telegram.intake.workers import ConversationQueue, Workers
    from prompts import Language
    from vectorstore.index import IndexState


class Questions:
    """The core as features ask it, off the event loop and through the circuit breaker.

    Every method that asks raises StoppingError when it is too late to begin.
    """

    def __init__(self, *, core: Core, workers: Workers, quotes: QuoteStore, metrics: Metrics) -> None:
        self._core = core
        self._workers = workers
        self._quotes = quotes
        self._metrics = metrics
        self._circuit_breaker = CircuitBreaker()

    @asynccontextmanager
    async def turn(
        self, conversation: str, where: Where, language: Language, *, waited: bool
    ) -> AsyncIterator[ConversationQueue]:
        """Count a question, wait for its conversation's turn and hold it.

        Raises BusyError when too much waits already, unless the question itself has ``waited`` in the inbox.
        """
        self._metrics.question(where, language)
        async with self._workers.turn(conversation, waited=waited) as queue:
            yield queue

    async def ask(self, question: Question) -> Answer:
        """Return the answer to a question, for which the caller holds the turn."""
        return await self._workers.run(lambda: self._ask(question))

    async def ask_verified(self, question: Question) -> Answer:
        """Return the answer to a question from a chat that is not the bot's, verified against the archive.

        Of such an answer nothing is stored but the ids of its quotes, which are sent.
        """
        return await self._workers.run(lambda: self._ask_verified(question))

    async def quote(self, id: str) -> Quote | None:
        """Return the quote with a permanent id; None when it was never sent or is gone."""
        return await self._workers.run(lambda: self._quotes.find(id))

    async def new_conversation(self, conversation: str) -> None:
        """Forget what was said in a conversation, after its questions that wait."""
        async with self._workers.turn(conversation, patient=True):
            # The first look at core.asker may open the index and load the model: never on the event loop.
            await self._workers.run(lambda: self._core.asker.new_conversation(conversation))

    async def last_answer(self, conversation: str) -> Answer | None:
        """Return the last answer in a conversation, after its questions that wait, verified again."""
        async with self._workers.turn(conversation, patient=True):
            return await self._workers.run(lambda: self._last_answer(conversation))

    def recipe(self) -> str:
        """Return the recipe of the index that answers are found with, as JSON. Blocks."""
        index: Any = getattr(self._core, "index", None)
        return json.dumps(index.recipe() if index is not None else {}, ensure_ascii=False)

    def _last_answer(self, conversation: str) -> Answer | None:
        answer = self._core.asker.last_answer(conversation)
        return answer and verify_answer(answer, self._core.archive)

    def _ask(self, question: Question) -> Answer:
        # Looked at before: what is indexed while the answer is found was not searched.
        index_state = self._core.index_state() if self._core.filling else None
        answer = self._circuit_breaker.ask(lambda: self._core.asker.ask(question))
        self._metrics.answer(answer)
        if index_state is not None and not index_state.agree:
            answer = _with_index_state(answer, index_state, question.language)
        return answer

    def _ask_verified(self, question: Question) -> Answer:
        answer = self._ask(question)
        verified = verify_answer(answer, self._core.archive)
        self._metrics.quotes(answer, verified)
        self._quotes.issue(verified.shown)
        return verified


def _with_index_state(answer: Answer, index_state: IndexState, language: Language) -> Answer:
    """Return the answer with a notice of how much of the archive was searched."""
    line = say("telegram_indexing", language, vectors=index_state.vectors or 0, passages=index_state.passages)
    return replace(answer, notice=f"{answer.notice} {line}" if answer.notice else line)
