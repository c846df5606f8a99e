"""Answering of questions in messages."""

from __future__ import annotations

import asyncio

from telegram import Message

from bot.telegram.answers.finder import AnswerFinder
from bot.telegram.answers.questions import Questions
from bot.telegram.answers.sender import AnswerSender
from bot.telegram.answers.throttle import Throttle
from bot.telegram.chats.context import ChatContext
from bot.telegram.intake.workers import BusyError, StoppingError
from bot.telegram.monitoring.metrics import Where
from bot.telegram.outgoing.typing import Activity
from bot.telegram.runtime.update import Work


class Answers:
    """The way of a question in a message, from the rate limits to the answer under it."""

    def __init__(
        self,
        *,
        throttle: Throttle,
        questions: Questions,
        activity: Activity,
        finder: AnswerFinder,
        sender: AnswerSender,
    ) -> None:
        self._throttle = throttle
        self._questions = questions
        self._activity = activity
        self._finder = finder
        self._sender = sender

    async def answer(
        self,
        message: Message,
        here: ChatContext,
        question: str,
        work: Work,
        *,
        edited: bool = False,
        prefer: frozenset[str] = frozenset(),
    ) -> None:
        """Answer a question in the chat of ``message``, in its conversation's turn.

        A question that comes too soon, or while there is too much to do, gets a line that says so. When the same
        update is worked on again, after a crash for instance, the answer found the first time is given. The answer
        to an ``edited`` question replaces the earlier one. ``prefer``: IDs of the articles in which it is sought
        first.
        """
        if await self._throttle.is_too_soon(here, work, message.message_id):
            return
        where: Where = "private" if here.private else "group"
        turn = self._questions.turn(here.conversation, where, here.language, waited=work.waited)
        try:
            async with turn as queue, self._activity.at_work(message, here, drafts=not edited) as sign:
                stored = await self._finder.find(message, here, question, sign, edited=edited, prefer=prefer)
                if stored is None:
                    return
                queue.sending = True
                await sign.stop()
                await self._sender.send(stored, here, message.message_id, edited=edited, marked=queue.crowded)
        except BusyError as error:
            await self._throttle.busy(here, error.count, message.message_id)
        except StoppingError:
            # Left in the inbox: the next start answers it.
            raise asyncio.CancelledError from None
