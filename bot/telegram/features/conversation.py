"""Questions in messages, with ``/ask`` or without, ``/new`` and ``/sources``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from bot.render.telegram import render_sources
from bot.telegram.answers.answers import Answers
from bot.telegram.answers.questions import Questions
from bot.telegram.chats.context import ChatContexts
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.update import UpdateContext, Work, message_of


class Conversation:
    """Handlers for questions in messages and for the commands of a conversation."""

    kinds = ("message",)

    def __init__(
        self, *, answers: Answers, questions: Questions, delivery: Delivery, contexts: ChatContexts
    ) -> None:
        self._answers = answers
        self._questions = questions
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        message = filters.UpdateType.MESSAGE
        text = message & filters.TEXT & ~filters.COMMAND
        return (
            CommandHandler("ask", self.ask, message),
            CommandHandler("new", self.new, message),
            CommandHandler("sources", self.sources, message),
            MessageHandler(text, self.text),
        )

    async def ask(self, update: Update, context: UpdateContext) -> None:
        """Answer ``/ask`` followed by a question, or ``/ask`` alone as a reply to a message that is one."""
        await self._answer(update, context.work)

    async def text(self, update: Update, context: UpdateContext) -> None:
        await self._answer(update, context.work)

    async def new(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        await self._questions.new_conversation(here.conversation)
        await self._delivery.line(here, "telegram_new", reply_to=message.message_id)

    async def sources(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        answer = await self._questions.last_answer(here.conversation)
        parts = render_sources(answer, here.language)
        await self._delivery.send(here, parts, "sources", reply_to=message.message_id)

    async def _answer(self, update: Update, work: Work) -> None:
        message = message_of(update)
        question = self._contexts.question_in(message)
        if question is None:
            return
        here = self._contexts.of(message, update.update_id)
        if question:
            await self._answers.answer(message, here, question, work)
        else:
            await self._delivery.line(here, "telegram_ask_usage", reply_to=message.message_id)
