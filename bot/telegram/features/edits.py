"""Edits to questions: their answers are edited in place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from telegram import Message, Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.render.telegram import render_line
from bot.telegram.chats.context import ChatContext, sender_id
from bot.telegram.features.replies import HOLDS
from bot.telegram.front import Front
from bot.telegram.outgoing.delivery import Part
from bot.telegram.runtime.recent import Latest, Recent
from bot.telegram.runtime.update import UpdateContext
from prompts import say

if TYPE_CHECKING:
    from bot.telegram.features.commands import Handlers

WITHIN = 60
"""Seconds after sending during which an edit to a message is followed."""


@dataclass(frozen=True, slots=True)
class _Said:
    user: int
    text: str


class Revisions:
    """The newest texts of edited questions, and the messages that hold their answers."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._texts: Latest[tuple[int, int], _Said] = Latest()

    def note(self, message: Message, question: str) -> None:
        """Store the text that a question has now, whatever is still being worked on."""
        self._texts[message.chat.id, message.message_id] = _Said(sender_id(message), question)

    def settle(self, message: Message, question: str) -> None:
        """Drop the stored text of a question that has been answered, unless it was edited again since."""
        if self.newest(message, "") == question:
            self._texts.pop((message.chat.id, message.message_id), None)

    def newest(self, message: Message, question: str) -> str:
        """Return a question's text after its latest stored edit; ``question`` when none is stored."""
        said = self._texts.get((message.chat.id, message.message_id))
        return said.text if said else question

    def forget(self, user: int) -> None:
        """Drop the stored edits to a user's questions."""
        for key in [key for key, said in self._texts.items() if said.user == user]:
            del self._texts[key]

    async def replace(self, here: ChatContext, parts: Sequence[Part], message: Message) -> None:
        """Edit the messages of the earlier answer in place so that they hold the new one.

        Parts that have no message to edit are sent. Leftover messages of the earlier answer are deleted, or edited
        to say that they are superseded when they cannot be deleted.
        """
        delivery = self._front.delivery
        fresh = []
        for part, number in zip_longest(parts, await self._messages(here, message.message_id)):
            if part is None:
                if not await delivery.delete(here.chat, number):
                    gone = render_line(say("telegram_superseded", here.language), here.language)
                    await delivery.edit(here.chat, number, gone)
            elif number is None or not await delivery.edit(here.chat, number, part):
                fresh.append(part)
        if fresh:
            await delivery.send(here, fresh, "answer", reply_to=message.message_id)

    async def _messages(self, here: ChatContext, question: int) -> list[int]:
        """Return the messages that hold a question's answer, except those sent by this update's work."""
        rows = await asyncio.to_thread(
            self._front.state.rows,
            f"select message from deliveries join answers on {HOLDS}"
            " where answers.chat = ? and answers.question_message = ?"
            " and message is not null and deliveries.update_id != ? order by message",
            [here.chat, question, here.update_id],
        )
        return [row["message"] for row in rows]


class Edits:
    """Handler for edited messages; edits to a question are followed for a minute."""

    kinds = ("edited_message",)

    def __init__(self, front: Front, handlers: Handlers) -> None:
        self.front = front
        self._handlers = handlers
        self._told = Recent(3600.0)

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (MessageHandler(filters.UpdateType.EDITED_MESSAGE & filters.TEXT, self.edited),)

    async def edited(self, update: Update, context: UpdateContext) -> None:
        message = update.edited_message
        assert message is not None, "the filter takes edited messages only"
        question = self._handlers.question_in(message)
        if not question:
            return
        if message.edit_date is None or (message.edit_date - message.date).total_seconds() > WITHIN:
            await self._too_late(message, question, update.update_id)
            return
        answers = self._handlers.answers
        answers.revisions.note(message, question)
        await answers.answer(message, question, context.work, edited=True)
        answers.revisions.settle(message, question)

    async def _too_late(self, message: Message, question: str, update_id: int) -> None:
        """Reply that the edit came too late, in private chats only, where an edit can only be meant for the bot.

        Telegram also reports edits that leave the text unchanged; those get no reply.
        """
        here = self.front.contexts.of(message, update_id)
        if not here.private:
            return
        last = await asyncio.to_thread(self._handlers.answers.book.of_question, here.chat, message.message_id)
        if last is None or last.answer.question == question:
            return
        if self._told.first((here.chat, message.message_id)):
            await self.front.delivery.line(here, "telegram_edit_late")
