"""Sending of stored answers: as replies to their questions, or in place of the earlier answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import zip_longest

from bot.render.telegram import render_line
from bot.telegram.answers.renderer import AnswerRenderer
from bot.telegram.answers.store import AnswerBook, StoredAnswer
from bot.telegram.chats.context import ChatContext
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.outgoing.delivery import Delivery, Part
from prompts import say


class AnswerSender:
    """Sender of the answers to questions in messages, with the time it takes measured."""

    def __init__(
        self, *, delivery: Delivery, book: AnswerBook, renderer: AnswerRenderer, metrics: Metrics
    ) -> None:
        self._delivery = delivery
        self._book = book
        self._renderer = renderer
        self._metrics = metrics

    async def send(
        self,
        stored: StoredAnswer,
        here: ChatContext,
        question_message: int,
        *,
        edited: bool,
        marked: bool = False,
    ) -> None:
        """Send an answer; that to an ``edited`` question replaces the earlier one.

        ``marked``: whether it says in private, too, which message it answers.
        """
        parts = await asyncio.to_thread(self._renderer.parts, stored)
        with self._metrics.delivering():
            if edited:
                await self._replace(here, parts, question_message)
            else:
                await self._delivery.send(here, parts, "answer", reply_to=question_message, marked=marked)

    async def _replace(self, here: ChatContext, parts: Sequence[Part], question_message: int) -> None:
        """Edit the messages of the earlier answer in place so that they hold the new one.

        Parts that have no message to edit are sent. Leftover messages of the earlier answer are deleted, or edited
        to say that they are superseded when they cannot be deleted.
        """
        earlier = await asyncio.to_thread(
            lambda: self._book.messages(here.chat, question_message, besides=here.update_id)
        )
        fresh = []
        for part, number in zip_longest(parts, earlier):
            if part is None:
                if not await self._delivery.delete(here.chat, number):
                    gone = render_line(say("telegram_superseded", here.language), here.language)
                    await self._delivery.edit(here.chat, number, gone)
            elif number is None or not await self._delivery.edit(here.chat, number, part):
                fresh.append(part)
        if fresh:
            await self._delivery.send(here, fresh, "answer", reply_to=question_message)
