"""Messages of stored answers: the answer itself, and pages that show one of its sources each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from telegram.ext import ExtBot

from bot.answer import Quote
from bot.quotes import verify_answer
from bot.render.cards import render_page
from bot.render.telegram import render
from bot.telegram.answers.store import AnswerBook, StoredAnswer
from bot.telegram.chats.settings import Chats
from bot.telegram.chats.zones import zone
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.outgoing.delivery import Part
from bot.telegram.outgoing.keyboards import answer_keyboard, page_keyboard

if TYPE_CHECKING:
    from bot.quotes import Articles


class AnswerRenderer:
    """Renderer of stored answers, each quote verified against the archive again.

    Blocks: not for the event loop.
    """

    def __init__(
        self, *, archive: Articles, book: AnswerBook, chats: Chats, bot: ExtBot[Any], metrics: Metrics
    ) -> None:
        self._archive = archive
        self._book = book
        self._chats = chats
        self._bot = bot
        self._metrics = metrics

    def parts(self, stored: StoredAnswer) -> list[Part]:
        """Return an answer's messages, buttons under the last."""
        verified = verify_answer(stored.answer, self._archive)
        self._metrics.quotes(stored.answer, verified)
        here = stored.chat_context
        settings = self._chats.of(here.chat, here.topic)
        shown = render(verified, here.language, settings.quotes, zone(settings.zone))
        parts = [Part(html) for html in shown]
        verdict = self._book.verdict(stored.id, here.user) if here.private else 0
        keyboard = answer_keyboard(stored.id, verified, self._bot.bot, here.language, verdict)
        return [*parts[:-1], replace(parts[-1], keyboard=keyboard)]

    def quotes(self, stored: StoredAnswer) -> Sequence[Quote]:
        """Return the quotes of an answer that the archive still holds."""
        return verify_answer(stored.answer, self._archive).shown

    def page(self, stored: StoredAnswer, number: int) -> Part | None:
        """Return the page of an answer's source, from 1; 0 is the answer's last message. None: there is none."""
        if number == 0:
            return self.parts(stored)[-1]
        quotes = self.quotes(stored)
        if number > len(quotes):
            return None
        language, bot = stored.chat_context.language, self._bot.bot
        related = stored.answer.status == "refused"
        html = render_page(
            quotes[number - 1], number, len(quotes), bot.username or "", language, related=related
        )
        return Part(html, page_keyboard(stored.id, number, quotes, bot, language))
