"""Questions that are edited: their answers change in place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from telegram import Message, Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.render.telegram import render_line
from bot.telegram.chats.context import ChatContext, place
from bot.telegram.features.replies import HOLDS
from bot.telegram.front import Context, Front
from bot.telegram.outgoing.delivery import Part
from bot.telegram.runtime.recent import Latest, Recent
from bot.telegram.runtime.update import update_id
from prompts import say

if TYPE_CHECKING:
    from bot.telegram.features.commands import Handlers

WITHIN = 60
"""Seconds after a message was sent in which an edit of it is followed."""


@dataclass(frozen=True, slots=True)
class _Said:
    user: int
    text: str


class Revisions:
    """The texts of questions that were edited, and the messages in which they were answered."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._texts: Latest[tuple[int, int], _Said] = Latest()

    def note(self, message: Message, question: str) -> None:
        """The question in a message says this now, whatever is still being worked on."""
        self._texts[message.chat.id, message.message_id] = _Said(place(message).user, question)

    def settle(self, message: Message, question: str) -> None:
        """That has been answered: it need not be known any more, unless the question says something else by now."""
        if self.newest(message, "") == question:
            self._texts.pop((message.chat.id, message.message_id), None)

    def newest(self, message: Message, question: str) -> str:
        """What the question in a message says by now."""
        said = self._texts.get((message.chat.id, message.message_id))
        return said.text if said else question

    def forget(self, user: int) -> None:
        """What somebody changed their questions to."""
        for key in [key for key, said in self._texts.items() if said.user == user]:
            del self._texts[key]

    async def replace(self, here: ChatContext, parts: Sequence[Part], message: Message) -> None:
        """Put an answer in the place of the one that the message had; what has no place is sent, and what is left of
        the old one is taken away."""
        delivery = self._front.delivery
        fresh = []
        for part, number in zip_longest(parts, await self._messages(here.chat, message.message_id)):
            if part is None:
                if not await delivery.delete(here.chat, number):
                    gone = render_line(say("telegram_superseded", here.language), here.language)
                    await delivery.edit(here.chat, number, gone)
            elif number is None or not await delivery.edit(here.chat, number, part):
                fresh.append(part)
        if fresh:
            await delivery.send(here, fresh, "answer", reply_to=message.message_id)

    async def _messages(self, chat: int, question: int) -> list[int]:
        """The messages that hold the answer to a question, but for those that this update's work has sent itself."""
        rows = await asyncio.to_thread(
            self._front.state.rows,
            f"select message from deliveries join answers on {HOLDS}"
            " where answers.chat = ? and answers.question_message = ?"
            " and message is not null and deliveries.update_id != ? order by message",
            [chat, question, update_id()],
        )
        return [row["message"] for row in rows]


class Edits:
    """Follows edits of questions for a minute."""

    kinds = ("edited_message",)

    def __init__(self, front: Front, handlers: Handlers) -> None:
        self.front = front
        self._handlers = handlers
        self._told = Recent(3600.0)

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (MessageHandler(filters.UpdateType.EDITED_MESSAGE & filters.TEXT, self.edited),)

    async def edited(self, update: Update, context: Context) -> None:
        message = update.edited_message
        assert message is not None, "the filter takes edited messages only"
        question = self._handlers.question_in(message)
        if not question:
            return
        if message.edit_date is None or (message.edit_date - message.date).total_seconds() > WITHIN:
            await self._too_late(message, question)
            return
        answers = self._handlers.answers
        answers.revisions.note(message, question)
        await answers.answer(message, question, edited=True)
        answers.revisions.settle(message, question)

    async def _too_late(self, message: Message, question: str) -> None:
        """One line in private, where an edit can only be meant for the bot; Telegram tells of edits, too, that change
        nothing of the text."""
        here = self.front.contexts.of(message)
        if not here.private:
            return
        last = await asyncio.to_thread(self._handlers.answers.book.of_question, here.chat, message.message_id)
        if last is None or last.answer.question == question:
            return
        if self._told.first((here.chat, message.message_id)):
            await self.front.delivery.line(here, "telegram_edit_late")
