"""Archive management in owners' private chats: add files, links and channel posts; list, remove, reindex.

One item is taken in at a time, in the order of the ``FeedQueue``, while questions go on being answered. Sent items
are data: a name is shown but never opened, and the size is checked before the download.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from telegram import (
    Message,
    MessageEntity,
    MessageOriginChannel,
    Update,
)
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.answering.parts import asks
from bot.render.direction import filled, line
from bot.render.feed import render_work
from bot.telegram.answers.answers import Answers
from bot.telegram.chats.addressing import command_in
from bot.telegram.chats.context import ChatContext, ChatContexts
from bot.telegram.chats.zones import zone
from bot.telegram.feeding.editor import MOST_BYTES, ArchiveEditor, failures, why_failed
from bot.telegram.feeding.posts import post_of
from bot.telegram.feeding.queue import FeedQueue
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.outgoing.progress import shown
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from corpus.document import KINDS, PICTURES, Document, kind_of
from corpus.errors import AmbiguousArticleError, ArticleNotFoundError
from prompts import say

if TYPE_CHECKING:
    from bot.build import Progress

log = logging.getLogger(__name__)


class Feed:
    """Handlers for the owners' archive commands, files, links and forwarded posts."""

    kinds = ("message", "callback_query")

    def __init__(
        self,
        *,
        queue: FeedQueue,
        editor: ArchiveEditor,
        answers: Answers,
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        self._owners = queue.owners
        self._queue = queue
        self._editor = editor
        self._answers = answers
        self._delivery = delivery
        self._contexts = contexts
        self._lock = queue.lock

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        owner = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.User(user_id=self._owners)
        return (
            CommandHandler("archive", self.archive, owner),
            CommandHandler("remove", self.remove, owner),
            CommandHandler("reindex", self.reindex, owner),
            MessageHandler(owner & filters.Document.ALL, self.file),
            MessageHandler(owner & _forwarded, self.post),
            MessageHandler(owner & _link, self.link),
            CallbackQueryHandler(self.button, pattern=r"^(remove|keep):"),
        )

    async def file(self, update: Update, context: UpdateContext) -> None:
        """Add a file to the archive, then answer the question in its caption, from the file if it can be."""
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        articles = await self._take_file(message, here)
        question = self._contexts.question_in(message)
        said = command_in(message, message.get_bot().bot) == "ask" or asks(question or "")
        if question and said and message.forward_origin is None:
            await self._answers.answer(message, here, question, context.work, prefer=articles)

    async def _take_file(self, message: Message, here: ChatContext) -> frozenset[str]:
        """Add a file, its type and size checked before the download; return the IDs of its articles."""
        sent = message.document
        assert sent is not None, "the filter asks for one"
        name, kind = sent.file_name or "", kind_of(sent.file_name or "", sent.mime_type or "")
        if kind not in (KINDS | PICTURES).values():
            await self._delivery.line(here, "feed_unsupported")
            return frozenset()
        if (sent.file_size or 0) > MOST_BYTES:
            await self._delivery.line(here, "feed_too_large", megabytes=MOST_BYTES // 1_000_000)
            return frozenset()
        origin = message.forward_origin
        publisher = origin.chat.title if isinstance(origin, MessageOriginChannel) else None

        async def download(chat: int) -> bytes:
            return bytes(await (await sent.get_file()).download_as_bytearray())

        async def load() -> Document:
            data = await self._delivery.network.carry_out(here.chat, download, again=True)
            return Document(name or f"{sent.file_unique_id}{kind}", data, kind, publisher=publisher)

        return await self._take(here, name or str(kind), "feed_reading", load)

    async def post(self, update: Update, context: UpdateContext) -> None:
        """Add a forwarded channel post, with the channel as its outlet and the day it was posted as its date."""
        message = message_of(update)
        document = post_of(message)
        if document is None:
            await self._delivery.line(self._contexts.of(message, update.update_id), "feed_no_text")
            return

        async def load() -> Document:
            return document

        here = self._contexts.of(message, update.update_id)
        await self._take(here, document.publisher or document.source, "feed_reading", load)

    async def link(self, update: Update, context: UpdateContext) -> None:
        """Add the document at a link that is the whole message."""
        message = message_of(update)
        url = (message.text or "").strip()
        if "://" not in url:
            url = f"https://{url}"

        async def load() -> Document:
            from corpus.fetch import fetch

            return await asyncio.to_thread(fetch, url)

        await self._take(self._contexts.of(message, update.update_id), url, "feed_fetching", load)

    async def archive(self, update: Update, context: UpdateContext) -> None:
        """Answer ``/archive`` with counts, the state of the index and the latest articles."""
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        local = zone(self._contexts.settings(here).zone)
        messages = await asyncio.to_thread(self._editor.overview, here.language, local)
        await self._delivery.send(here, messages, "archive")

    async def remove(self, update: Update, context: UpdateContext) -> None:
        """Answer ``/remove ARTICLE`` by asking for confirmation."""
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        _, *rest = (message.text or "").split(maxsplit=1)
        if not rest:
            await self._delivery.line(here, "feed_remove_usage")
            return
        try:
            article = await asyncio.to_thread(self._editor.article_named, rest[0].strip())
        except AmbiguousArticleError:
            await self._delivery.line(here, "feed_ambiguous")
            return
        except ArticleNotFoundError:
            await self._delivery.line(here, "feed_not_found")
            return
        part = await asyncio.to_thread(self._editor.confirm_removal, article, here.language)
        await self._delivery.send(here, [part], "remove")

    async def button(self, update: Update, context: UpdateContext) -> None:
        """Handle a press on «remove» or «cancel»; only an owner's counts."""
        query = query_of(update)
        await self._delivery.toast(query)
        if query.from_user.id not in self._owners or not isinstance(query.message, Message):
            return
        here = self._contexts.of_query(query, update.update_id)
        what, _, id = (query.data or "").partition(":")
        if what == "remove":
            async with self._lock:
                part = await asyncio.to_thread(self._editor.remove, id, here.language)
        else:
            part = Part(_line("feed_cancelled", here))
        await self._delivery.edit(here.chat, query.message.message_id, part)

    async def reindex(self, update: Update, context: UpdateContext) -> None:
        """Rebuild the index for ``/reindex``, while questions go on being answered."""
        here = self._contexts.of(message_of(update), update.update_id)

        async def run(progress: Progress) -> Part:
            return await asyncio.to_thread(self._editor.reindex, progress, here.language)

        await self._with_progress(here, "", say("feed_reindex_started", here.language), run)

    # Work

    async def _take(
        self, here: ChatContext, name: str, first: str, load: Callable[[], Coroutine[Any, Any, Document]]
    ) -> frozenset[str]:
        """Take in what ``load`` brings, with its name shown; return the IDs of its articles in the archive."""
        found: frozenset[str] = frozenset()

        async def run(progress: Progress) -> Part:
            nonlocal found
            document = await load()
            part, found = await asyncio.to_thread(self._editor.add, document, progress, here.language)
            return part

        await self._with_progress(here, name, say(first, here.language, name=name), run)
        return found

    async def _with_progress(
        self,
        here: ChatContext,
        name: str,
        first: str,
        run: Callable[[Progress], Coroutine[Any, Any, Part]],
    ) -> None:
        """Do the work in its turn, with a message that shows its progress and at the end its result.

        The message also names what the same owner sent after it, which waits.
        """

        async def html(text: str) -> str:
            return render_work(text, await self._queue.waiting(here.chat), here.language)

        begins = say("feed_busy", here.language) if self._lock.locked() else first
        (number,) = await self._delivery.send(here, [await html(begins)], "feed")
        async with self._lock:
            try:
                async with shown(self._delivery, here, number, name, first, html) as progress:
                    part = await run(progress)
            except failures() as error:
                log.warning("what an owner sent could not be taken in: %s", error)
                part = Part(filled("feed_failed", here.language, "why", why_failed(error, here.language)))
        if number is None or not await self._delivery.edit(here.chat, number, part):
            await self._delivery.send(here, [part], "fed")


class _Forwarded(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return isinstance(message.forward_origin, MessageOriginChannel)


class _Link(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        text = message.text or ""
        return any(
            entity.type == MessageEntity.URL and word.strip() == text.strip()
            for entity, word in message.parse_entities([MessageEntity.URL]).items()
        )


_forwarded, _link = _Forwarded(), _Link()


def _line(name: str, here: ChatContext) -> str:
    return line(say(name, here.language), here.language)
