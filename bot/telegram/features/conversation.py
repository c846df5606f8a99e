"""Questions in messages and captions, with ``/ask`` or without, ``/new`` and ``/sources``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from bot.render.telegram import render_sources
from bot.telegram.answers.answers import Answers
from bot.telegram.answers.questions import Questions
from bot.telegram.chats.addressing import command_in
from bot.telegram.chats.albums import Albums
from bot.telegram.chats.context import ChatContexts
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.update import UpdateContext, Work, message_of

_ALBUM = 1.0
"""Seconds in which the rest of an album arrives, of which one message may have the caption that asks."""


class Conversation:
    """Handlers for questions in messages and captions, and for the commands of a conversation."""

    kinds = ("message",)

    def __init__(
        self, *, answers: Answers, questions: Questions, delivery: Delivery, contexts: ChatContexts
    ) -> None:
        self._answers = answers
        self._questions = questions
        self._delivery = delivery
        self._contexts = contexts
        self._albums = Albums()

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        message = filters.UpdateType.MESSAGE
        text = message & filters.TEXT & ~filters.COMMAND
        return (
            CommandHandler("ask", self.ask, message),
            CommandHandler("new", self.new, message),
            CommandHandler("sources", self.sources, message),
            MessageHandler(text, self.text),
            MessageHandler(message & _asking_caption, self.caption),
            MessageHandler(
                message & filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL & ~filters.TEXT, self.no_text
            ),
        )

    async def ask(self, update: Update, context: UpdateContext) -> None:
        """Answer ``/ask`` followed by a question, or ``/ask`` alone as a reply to a message that is one."""
        await self._answer(update, context.work)

    async def text(self, update: Update, context: UpdateContext) -> None:
        await self._answer(update, context.work)

    async def caption(self, update: Update, context: UpdateContext) -> None:
        """Answer the caption of a photo or file of any kind; of an album only one."""
        message = message_of(update)
        if self._contexts.question_in(message) and self._albums.asks(message, update.update_id):
            await self._answer(update, context.work)
        elif message.chat.type == ChatType.PRIVATE:
            await self.no_text(update, context)

    async def no_text(self, update: Update, context: UpdateContext) -> None:
        """Reply to a private message without words that only written questions are understood, once for an album."""
        message = message_of(update)
        if message.media_group_id is not None:
            if not self._albums.is_first_silent(message, update.update_id):
                return
            await asyncio.sleep(_ALBUM)
            if self._albums.has_caption(message):
                return
        here = self._contexts.of(message, update.update_id)
        await self._delivery.line(here, "telegram_text_only", reply_to=message.message_id)

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
            plain = here.private and command_in(message, message.get_bot().bot) is None
            name = "telegram_no_words" if plain else "telegram_ask_usage"
            await self._delivery.line(here, name, reply_to=message.message_id)


class _AskingCaption(filters.MessageFilter):
    """Captions that may ask: those with ``/ask``, and those without any command."""

    def filter(self, message: Message) -> bool:
        return bool(message.caption) and command_in(message, message.get_bot().bot) in (None, "ask")


_asking_caption = _AskingCaption()
