"""Sending of notices: each once, whatever happens, and never a chat in the way of another."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram import Bot
from telegram.error import TelegramError

from bot.answer import UnverifiedQuoteError
from bot.changes.given import GivenQuotes
from bot.changes.notices import render_digest, render_notice, render_unsure
from bot.telegram.answers.quotestore import QuoteStore
from bot.telegram.answers.store import AnswerBook
from bot.telegram.chats.context import ChatContext
from bot.telegram.chats.settings import Chats
from bot.telegram.corrections.store import CorrectionStore, Item, Notice
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.outgoing.keyboards import permalink_keyboard
from corpus.errors import ArchiveError
from prompts import Language

if TYPE_CHECKING:
    from corpus.store import Archive

log = logging.getLogger(__name__)

LABEL = "correction"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice as messages, and where they go."""

    here: ChatContext
    parts: Sequence[Part]
    reply_to: int | None
    unsure: str
    """What is said where it may or may not have arrived; does no harm when it comes twice."""


@dataclass(frozen=True, slots=True)
class NoticeRenderer:
    """The rendering of notices. Blocks: not for the event loop."""

    archive: Archive
    book: AnswerBook
    quotes: QuoteStore
    given: GivenQuotes
    chats: Chats
    bot: Bot

    def render(self, notice: Notice) -> Rendered | None:
        """Return a notice as it is sent; None when the answers that it is about were erased meanwhile.

        The words that stand now are quotes too, with permalinks of their own. Raises UnverifiedQuoteError.
        """
        items = notice.items(self.archive)
        left = self.given.still(answer for item in items for answer in item.answers)
        items = [item for item in items if left & set(item.answers)]
        if not items:
            return None
        last = items[-1]
        # Like an update of the bot's own, so that each part is recorded before it is sent; Telegram's are above zero.
        here = ChatContext(
            chat=notice.chat,
            thread=last.thread,
            user=notice.chat,
            private=notice.chat > 0,
            language=self._language(notice.chat, last),
            update_id=-notice.id,
        )
        shown = [quote for item in items for each in item.quotes for quote in (each.now, each.above) if quote]
        self.quotes.issue(shown)
        name = self.bot.username or ""
        told = [item.quotes for item in items]
        unsure = render_unsure(told, name, here.language)
        if notice.digest:
            parts = [Part(html) for html in render_digest(told, name, here.language)]
            return Rendered(here, parts, None, unsure)
        parts = [Part(html) for html in render_notice(last.quotes, name, here.language)]
        (*_, final) = parts
        if len(shown) == 1:
            parts[-1] = Part(final.html, permalink_keyboard(shown[0], self.bot.bot, here.language))
        return Rendered(here, parts, self._message(notice.chat, last), unsure)

    def _language(self, chat: int, item: Item) -> Language:
        set_here = self.chats.of(chat, item.thread if chat < 0 else None).language
        return set_here or ("en" if item.language == "en" else "ar")

    def _message(self, chat: int, item: Item) -> int | None:
        """Return the last message of the answer, else that of its question."""
        if item.question_message is None:
            return None  # the group's messages have other numbers since it moved
        held = self.book.messages(chat, item.question_message, besides=0)
        return held[-1] if held else item.question_message


@dataclass(slots=True)
class NoticeSender:
    """The sending, a task for each chat that is told something."""

    store: CorrectionStore
    renderer: NoticeRenderer
    delivery: Delivery
    _tasks: dict[int, asyncio.Task[Any]] = field(default_factory=dict)

    def send(self, waiting: Mapping[int, Sequence[Notice]]) -> None:
        """Begin to send what waits to the chats to which nothing is being sent."""
        self._tasks = {chat: task for chat, task in self._tasks.items() if not task.done()}
        for chat, notices in waiting.items():
            if chat not in self._tasks:
                self._tasks[chat] = asyncio.create_task(self._send_all(notices))

    async def stop(self) -> None:
        """Stop: what is on its way counts as sent at the next start, the rest is sent then."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _send_all(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            try:
                await self._send(notice)
            except (ArchiveError, sqlite3.Error) as error:
                log.warning("a chat was not told what changed, trying again: %s", error)
                return

    async def _send(self, notice: Notice) -> None:
        try:
            rendered = await asyncio.to_thread(self.renderer.render, notice)
            if rendered is not None:
                await self._deliver(notice, rendered)
        except TelegramError as error:
            log.info("a chat could not be told what changed: %s", error)
        except UnverifiedQuoteError as error:
            log.error("a chat is not told what changed, since a quote cannot be proven: %s", error)
        await asyncio.to_thread(self.store.done, notice.id)

    async def _deliver(self, notice: Notice, rendered: Rendered) -> None:
        """Send a notice, and where it may or may not have arrived, a line that leads to the same."""
        here = rendered.here
        sent: list[int | None] = [None]
        if not await asyncio.to_thread(self.store.began_elsewhere, notice.id, notice.chat):
            sent = await self.delivery.send(
                here, rendered.parts, LABEL, reply_to=rendered.reply_to, marked=True
            )
        if None in sent:
            await self.delivery.send(here, [rendered.unsure], f"{LABEL}:unsure", repeat=True)
