"""Edits to questions: their answers are edited in place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.answering.parts import asks
from bot.telegram.answers.answers import Answers
from bot.telegram.answers.revisions import Revisions
from bot.telegram.answers.store import AnswerBook
from bot.telegram.chats.context import ChatContexts
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import UpdateContext

WITHIN = 60
"""Seconds after sending during which an edit to a message is followed."""


class Edits:
    """Handler for edited messages; edits to a question are followed for a minute."""

    kinds = ("edited_message",)

    def __init__(
        self,
        *,
        answers: Answers,
        book: AnswerBook,
        revisions: Revisions,
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        self._answers = answers
        self._book = book
        self._revisions = revisions
        self._delivery = delivery
        self._contexts = contexts
        self._notified = Recent(3600.0)

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (
            MessageHandler(filters.UpdateType.EDITED_MESSAGE & (filters.TEXT | filters.CAPTION), self.edited),
        )

    async def edited(self, update: Update, context: UpdateContext) -> None:
        message = update.edited_message
        assert message is not None, "the filter takes edited messages only"
        question = self._contexts.question_in(message)
        if not question or (message.document is not None and not asks(question)):
            return
        if message.edit_date is None or (message.edit_date - message.date).total_seconds() > WITHIN:
            await self._too_late(message, question, update.update_id)
            return
        here = self._contexts.of(message, update.update_id)
        self._revisions.note(message, question)
        await self._answers.answer(message, here, question, context.work, edited=True)
        self._revisions.settle(message, question)

    async def _too_late(self, message: Message, question: str, update_id: int) -> None:
        """Reply that the edit came too late, in private chats only, where an edit can only be meant for the bot.

        Telegram also reports edits that leave the text unchanged; those get no reply.
        """
        here = self._contexts.of(message, update_id)
        if not here.private:
            return
        last = await asyncio.to_thread(self._book.of_question, here.chat, message.message_id)
        if last is None or last.answer.question == question:
            return
        if self._notified.first((here.chat, message.message_id)):
            await self._delivery.line(here, "telegram_edit_late")
