"""Archive management in owners' private chats: add files, links and channel posts; list, remove, reindex.

One item is taken in at a time, while questions go on being answered. Sent items are data: a name is shown but
never opened, and the size is checked before the download.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
    MessageOriginChannel,
    Update,
)
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.permalink import find_quote, token_in
from bot.render.direction import filled, line
from bot.render.feed import render_archive, render_fed, render_removal
from bot.render.report import reason_of
from bot.telegram.chats.context import ChatContext
from bot.telegram.front import Front
from bot.telegram.outgoing.delivery import Part
from bot.telegram.outgoing.progress import shown
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from corpus.document import KINDS, Document, kind_of
from corpus.errors import AmbiguousArticleError, ArchiveBusyError, ArchiveError, ArticleNotFoundError
from corpus.report import Skipped
from prompts import Language, say

if TYPE_CHECKING:
    from bot.build import Progress
    from corpus.article import Article
    from corpus.report import Report
    from corpus.store import Archive
    from vectorstore.index import Held, Index

log = logging.getLogger(__name__)

_LATEST = 5
MOST_BYTES = int(FileSizeLimit.FILESIZE_DOWNLOAD)


@runtime_checkable
class Archivist(Protocol):
    """Protocol for an archive that documents can be added to: ``bot.build.Musnad``."""

    @property
    def archive(self) -> Archive: ...
    @property
    def index(self) -> Index: ...
    def held(self) -> Held | None: ...
    def ingest_documents(self, documents: Sequence[Document], progress: Progress | None = None) -> Report: ...


class Feed:
    """Handlers for the owners' archive commands, files, links and forwarded posts."""

    kinds = ("message", "callback_query")

    def __init__(self, front: Front, archivist: Archivist) -> None:
        self.front = front
        self.archivist = archivist
        self._lock = asyncio.Lock()

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        owner = (
            filters.UpdateType.MESSAGE
            & filters.ChatType.PRIVATE
            & filters.User(user_id=self.front.settings.owners)
        )
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
        """Add a file to the archive; its type and size are checked before the download."""
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        sent = message.document
        assert sent is not None, "the filter asks for one"
        name, kind = sent.file_name or "", kind_of(sent.file_name or "", sent.mime_type or "")
        if kind not in KINDS.values():
            await self.front.delivery.line(here, "feed_unsupported")
            return
        if (sent.file_size or 0) > MOST_BYTES:
            await self.front.delivery.line(here, "feed_too_large", megabytes=MOST_BYTES // 1_000_000)
            return
        origin = message.forward_origin
        publisher = origin.chat.title if isinstance(origin, MessageOriginChannel) else None

        async def download(chat: int) -> bytes:
            return bytes(await (await sent.get_file()).download_as_bytearray())

        async def load() -> Document:
            data = await self.front.delivery.network.carry_out(here.chat, download, again=True)
            return Document(name or f"{sent.file_unique_id}{kind}", data, kind, publisher=publisher)

        await self._take(here, "feed_reading", load)

    async def post(self, update: Update, context: UpdateContext) -> None:
        """Add a forwarded channel post, with the channel as its outlet and the day it was posted as its date."""
        message = message_of(update)
        origin = message.forward_origin
        assert isinstance(origin, MessageOriginChannel), "the filter asks for one"
        text = message.text or message.caption or ""
        channel = origin.chat.username or f"c/{str(origin.chat.id).removeprefix('-100')}"
        address = f"t.me/{channel}/{origin.message_id}"
        if not text.strip():
            await self.front.delivery.line(self.front.contexts.of(message, update.update_id), "feed_no_text")
            return

        async def load() -> Document:
            return Document(
                address,
                text.encode(),
                ".txt",
                url=f"https://{address}",
                publisher=origin.chat.title,
                published=origin.date.date().isoformat(),
                headed=False,
            )

        await self._take(self.front.contexts.of(message, update.update_id), "feed_reading", load)

    async def link(self, update: Update, context: UpdateContext) -> None:
        """Add the document at a link that is the whole message."""
        message = message_of(update)
        url = (message.text or "").strip()
        if "://" not in url:
            url = f"https://{url}"

        async def load() -> Document:
            from corpus.fetch import fetch

            return await asyncio.to_thread(fetch, url)

        await self._take(self.front.contexts.of(message, update.update_id), "feed_fetching", load)

    async def archive(self, update: Update, context: UpdateContext) -> None:
        """Answer ``/archive`` with counts, the state of the index and the latest articles."""
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        html = await asyncio.to_thread(self._archive_in, here.language)
        await self.front.delivery.send(here, [html], "archive")

    async def remove(self, update: Update, context: UpdateContext) -> None:
        """Answer ``/remove ARTICLE`` by asking for confirmation."""
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        _, *rest = (message.text or "").split(maxsplit=1)
        if not rest:
            await self.front.delivery.line(here, "feed_remove_usage")
            return
        try:
            article = await asyncio.to_thread(self._named, rest[0].strip())
        except AmbiguousArticleError:
            await self.front.delivery.line(here, "feed_ambiguous")
            return
        except ArticleNotFoundError:
            await self.front.delivery.line(here, "feed_not_found")
            return
        together = await asyncio.to_thread(self.archivist.archive.articles_of, article.source)
        keyboard = _row(
            here.language, ("feed_remove_yes", f"remove:{article.id}"), ("feed_cancel", f"keep:{article.id}")
        )
        html = render_removal(together or [article], here.language)
        await self.front.delivery.send(here, [Part(html, keyboard)], "remove")

    async def button(self, update: Update, context: UpdateContext) -> None:
        """Handle a press on «remove» or «cancel»; only an owner's counts."""
        query = query_of(update)
        await self.front.delivery.toast(query)
        if query.from_user.id not in self.front.settings.owners or not isinstance(query.message, Message):
            return
        here = self.front.contexts.of_query(query, update.update_id)
        what, _, id = (query.data or "").partition(":")
        part = await self._remove(id, here) if what == "remove" else Part(_line("feed_cancelled", here))
        await self.front.delivery.edit(here.chat, query.message.message_id, part)

    async def reindex(self, update: Update, context: UpdateContext) -> None:
        """Rebuild the index for ``/reindex``, while questions go on being answered."""
        here = self.front.contexts.of(message_of(update), update.update_id)

        def work(progress: Progress) -> str:
            self.archivist.index.reindex(lambda done, total: progress("reindex", done, total))
            return say("feed_reindexed", here.language, count=self.archivist.archive.size())

        async def run(progress: Progress) -> Part:
            return Part(line(await asyncio.to_thread(work, progress), here.language))

        await self._with_progress(here, "feed_reindex_started", run)

    # Work

    async def _take(
        self, here: ChatContext, first: str, load: Callable[[], Coroutine[Any, Any, Document]]
    ) -> None:
        async def run(progress: Progress) -> Part:
            document = await load()
            report = await asyncio.to_thread(self.archivist.ingest_documents, [document], progress)
            # Another document of that name may be there already: the report says under which it went in.
            held = [await asyncio.to_thread(self.archivist.archive.articles_of, name) for name in report.held]
            articles = [article for each in held for article in each]
            log.info("an owner's document: %d added, %d changed", len(report.added), len(report.changed))
            html = render_fed(report, articles, here.language)
            if not articles:
                return Part(html)
            return Part(html, _row(here.language, ("feed_remove_button", f"remove:{articles[0].id}")))

        await self._with_progress(here, first, run)

    async def _with_progress(
        self, here: ChatContext, first: str, run: Callable[[Progress], Coroutine[Any, Any, Part]]
    ) -> None:
        """Do the work in its turn, with a message that shows its progress and at the end its result."""
        delivery = self.front.delivery
        waits = "feed_busy" if self._lock.locked() else first
        (number,) = await delivery.send(here, [_line(waits, here)], "feed")
        async with self._lock:
            try:
                async with shown(delivery, here, number) as progress:
                    part = await run(progress)
            except _failures() as error:
                log.warning("what an owner sent could not be taken in: %s", error)
                part = Part(filled("feed_failed", here.language, "why", _why(error, here.language)))
        if number is None or not await delivery.edit(here.chat, number, part):
            await delivery.send(here, [part], "fed")

    async def _remove(self, id: str, here: ChatContext) -> Part:
        """Remove an article's file, sync the index even if the file is gone already, and return the reply."""
        from vectorstore.errors import VectorstoreError

        def work() -> Part:
            archive = self.archivist.archive
            try:
                article = archive.article(id)
            except ArticleNotFoundError:
                return Part(_line("feed_not_found", here))
            together = archive.articles_of(article.source)
            if together:
                archive.remove_file(article.source)
            try:
                self.archivist.index.sync()
            except VectorstoreError as error:
                log.warning("what an owner removed is still in the index: %s", error)
                why = _why(error, here.language)
                html = filled("feed_removed_unindexed", here.language, "why", why)
                return Part(html, _row(here.language, ("feed_again", f"remove:{article.id}")))
            return Part(render_removal(together or [article], here.language, done=True))

        async with self._lock:
            return await asyncio.to_thread(work)

    def _named(self, ref: str) -> Article:
        if token := token_in(ref):
            quote = find_quote(token, self.front.state, self.archivist.archive)
            if quote is not None:
                ref = quote.article.id
        article = self.archivist.archive.article(ref)
        if not article.current:
            raise ArticleNotFoundError(f"{ref} is not searched any more")
        return article

    def _archive_in(self, language: Language) -> str:
        archive = self.archivist.archive
        counts = say(
            "feed_counts",
            language,
            articles=archive.count_articles(),
            passages=archive.size(),
            outlets=len(archive.publishers()),
        )
        _ = self.archivist.index  # opened here if no question has come yet
        held = self.archivist.held()
        if held is None or held.agree:
            health = say("feed_healthy", language)
        elif held.writing:
            health = say("feed_writing", language)
        else:
            health = say("feed_unhealthy", language, vectors=held.vectors or 0, passages=held.passages)
        return render_archive(counts, health, archive.latest(_LATEST), language)


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


def _failures() -> tuple[type[Exception], ...]:
    """Return the exceptions that an owner can do something about."""
    from corpus.fetch import FetchError
    from vectorstore.errors import VectorstoreError

    return (ArchiveError, VectorstoreError, FetchError, BadRequest)


def _why(error: Exception, language: Language) -> str:
    """Return the reason that an owner is told; the details are for the log."""
    from corpus.fetch import FetchError
    from vectorstore import errors

    if isinstance(error, FetchError):
        return reason_of(Skipped("", error.reason, error.detail), language)
    if isinstance(error, BadRequest) and "too big" in str(error).lower():
        return say("feed_too_large", language, megabytes=MOST_BYTES // 1_000_000)
    whys: dict[str, tuple[type[Exception], ...]] = {
        "feed_why_busy": (ArchiveBusyError, errors.IndexBusyError),
        "feed_why_recipe": (errors.RecipeMismatchError,),
        "feed_why_unreachable": (errors.IndexUnreachableError,),
        "feed_why_index": (errors.VectorstoreError,),
        "feed_why_telegram": (BadRequest,),
    }
    said = (name for name, kinds in whys.items() if isinstance(error, kinds))
    return say(next(said, "feed_why_archive"), language)


def _line(name: str, here: ChatContext) -> str:
    return line(say(name, here.language), here.language)


def _row(language: Language, *buttons: tuple[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(say(name, language), callback_data=data) for name, data in buttons]]
    )
