"""Guest mode: answer once where the bot is mentioned in a chat that it is no member of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions, Message, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.answer import Answer
from bot.opening import first_line
from bot.render.telegram import render, render_line
from bot.telegram.access.ratelimits import Limits, span
from bot.telegram.answers.questions import Questions
from bot.telegram.chats.addressing import question_in
from bot.telegram.chats.context import ChatContexts
from bot.telegram.chats.zones import DEFAULT, zone
from bot.telegram.intake.workers import BusyError
from bot.telegram.runtime.update import UpdateContext
from prompts import Language, say
from vectorstore.errors import IndexUnreachableError, VectorstoreError

log = logging.getLogger(__name__)


class Guest:
    """Handler for guest queries."""

    kinds = ("guest_message",)

    def __init__(self, *, questions: Questions, limits: Limits, contexts: ChatContexts) -> None:
        self._questions = questions
        self._limits = limits
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (MessageHandler(filters.UpdateType.GUEST_MESSAGE, self.message),)

    async def message(self, update: Update, context: UpdateContext) -> None:
        from bot.answering.pipeline import Question

        message = update.guest_message
        assert message is not None, "the handler takes guest messages only"
        here = self._contexts.of(message, update.update_id)
        question = question_in(message, context.bot.bot)
        if not question:
            await self._answer(message, say("guest_usage", here.language), None, here.language)
            return
        if wait := self._limits.take(here.user, work=context.work):
            time = span(wait.seconds, here.language)
            await self._answer(message, say("inline_wait", here.language, time=time), None, here.language)
            return
        key, waited = f"guest:{here.user}", context.work.waited
        try:
            async with self._questions.turn(key, "guest", here.language, waited=waited):
                # Nothing of a chat that is not the bot's is remembered.
                answer = await self._questions.ask_verified(Question(question, language=here.language))
        except BusyError:
            await self._answer(message, say("inline_busy", here.language), None, here.language)
            return
        except VectorstoreError as error:
            await self._answer(message, say("inline_away", here.language), None, here.language)
            if not isinstance(error, IndexUnreachableError):
                raise
            return
        html = await asyncio.to_thread(fitting, answer, here.language)
        await self._answer(message, first_line(answer, here.language), html, here.language)

    async def _answer(self, message: Message, title: str, html: str | None, speech: Language) -> None:
        assert message.guest_query_id is not None, "guest messages have one"
        content = InputTextMessageContent(
            html or render_line(title, speech),
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        result = InlineQueryResultArticle(
            id="answer", title=title[:100] or "…", input_message_content=content
        )
        try:
            await message.get_bot().answer_guest_query(message.guest_query_id, result)
        except TelegramError as error:
            log.info("a guest query was not answered: %s", error)


def fitting(answer: Answer, speech: Language) -> str:
    """Render an answer as the one message that a guest may send, with as many quotes as fit."""
    for count in range(len(answer.shown), 0, -1):
        fewer = replace(answer, quotes=answer.quotes[:count], related=answer.related[:count])
        messages = render(fewer, speech, zone=zone(DEFAULT))
        if len(messages) == 1:
            return messages[0]
    return render(replace(answer, quotes=(), related=answer.related[:1]), speech, zone=zone(DEFAULT))[0]
