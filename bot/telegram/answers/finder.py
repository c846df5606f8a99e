"""Finding of answers to questions in messages, each stored once for its update."""

from __future__ import annotations

import asyncio
import logging
import time

from telegram import Message

from bot.answer import Answer
from bot.telegram.answers.questions import Questions
from bot.telegram.answers.revisions import Revisions
from bot.telegram.answers.store import AnswerBook, StoredAnswer
from bot.telegram.chats.context import ChatContext
from bot.telegram.chats.settings import Chats
from bot.telegram.outgoing.retries import Retries
from bot.telegram.outgoing.typing import Sign

log = logging.getLogger(__name__)


class AnswerFinder:
    """Finder of the answer to a question in a message, for the caller who holds its conversation's turn."""

    def __init__(
        self,
        *,
        questions: Questions,
        book: AnswerBook,
        revisions: Revisions,
        chats: Chats,
        retries: Retries,
    ) -> None:
        self._questions = questions
        self._book = book
        self._revisions = revisions
        self._chats = chats
        self._retries = retries

    async def find(
        self,
        message: Message,
        here: ChatContext,
        question: str,
        sign: Sign,
        *,
        edited: bool,
        prefer: frozenset[str] = frozenset(),
    ) -> StoredAnswer | None:
        """Return the update's stored answer, else find one for the question's newest text.

        None when that text was already answered for another update. ``sign`` shows what is found on the way;
        ``prefer`` are the IDs of the articles in which an answer is sought first.
        """
        known = await asyncio.to_thread(self._book.of_update, here.update_id)
        if known is not None and known.question_message != message.message_id:
            known = None  # after a quiet week Telegram numbers anew, and may come upon a number of long ago
        last = await asyncio.to_thread(self._book.of_question, here.chat, message.message_id)
        if last is not None and (last.id != known.id if known else not edited):
            return None
        if known is not None:
            return known
        found, asked = None, last.answer.question if last else None
        while (text := self._revisions.newest(message, question)) != asked:
            found, asked = await self._ask(message, here, text, sign, prefer), text
        return found

    async def _ask(
        self, message: Message, here: ChatContext, question: str, sign: Sign, prefer: frozenset[str]
    ) -> StoredAnswer:
        """Put a question to the core, and store the answer."""
        from bot.answering.pipeline import Question
        from bot.answering.select import MOST_QUOTES

        quoted = _words_quoted(message)
        asked = Question(
            question,
            conversation=here.conversation,
            language=here.language,
            most=max(MOST_QUOTES, self._chats.of(here.chat, here.topic).quotes or 0),
            name=str(message.message_id),
            about=quoted if quoted != question else None,
            follows=await asyncio.to_thread(self._answer_replied_to, message),
            prefer=prefer,
            preview=sign.preview,
        )
        began = time.perf_counter()
        answer = await self._questions.ask(asked)
        # Neither the question nor who asked it is logged.
        log.info("%s with %d quotes in %.1f s", answer.status, len(answer.shown), time.perf_counter() - began)
        stored = await asyncio.to_thread(
            lambda: self._book.add(
                answer, here, question_message=message.message_id, recipe=self._questions.recipe()
            )
        )
        await self._retries.catch_up(here.chat)
        return stored

    def _answer_replied_to(self, message: Message) -> Answer | None:
        """Return the latest answer behind the bot's message that this one replies to. Blocks."""
        replied = message.reply_to_message
        if replied is None or replied.from_user is None or replied.from_user.id != message.get_bot().id:
            return None
        stored = self._book.held_by(message.chat.id, replied.message_id)
        return stored.answer if stored else None


def _words_quoted(message: Message) -> str | None:
    """Return the words marked in the message that is replied to; None when none are marked."""
    quote = message.quote
    return quote.text.strip() or None if quote is not None and quote.is_manual else None
