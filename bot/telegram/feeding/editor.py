"""Changes to the archive for its owners, and what they are told of them. Blocks: not for the event loop."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest

from bot.permalink import token_in
from bot.render.direction import filled, line
from bot.render.feed import (
    MOST_OF_MANY,
    render_archive,
    render_fed,
    render_fed_collection,
    render_removal,
    render_sources,
)
from bot.render.report import reason_of
from bot.telegram.answers.quotestore import QuoteStore
from bot.telegram.outgoing.delivery import Part
from corpus.document import Document
from corpus.errors import ArchiveBusyError, ArchiveError, ArticleNotFoundError
from corpus.report import Skipped
from prompts import Language, say

if TYPE_CHECKING:
    from bot.build import Progress
    from corpus.article import Article
    from corpus.following import Followed, Following
    from corpus.report import Report
    from corpus.store import Archive
    from vectorstore.index import Index, IndexState

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
    def index_state(self) -> IndexState | None: ...
    def followed(self) -> Following | None: ...
    def sync(self) -> None: ...
    def ingest_documents(self, documents: Sequence[Document], progress: Progress | None = None) -> Report: ...


class ArchiveEditor:
    """The archive as its owners change it: the methods return the message to show."""

    def __init__(self, *, archivist: Archivist, quotes: QuoteStore) -> None:
        self._archivist = archivist
        self._quotes = quotes

    def add(self, document: Document, progress: Progress, language: Language) -> tuple[Part, frozenset[str]]:
        """Add a document, and index it; return what to show and the IDs of its articles in the archive."""
        report = self._archivist.ingest_documents([document], progress)
        # Another document of that name may be there already: the report says under which it went in.
        held = [self._archivist.archive.articles_of(name) for name in report.held]
        articles = [article for each in held for article in each]
        log.info("an owner's document: %d added, %d changed", len(report.added), len(report.changed))
        if report.collections:
            return self._of_collection(report, language)
        html = render_fed(report, articles, language)
        if not articles:
            same = [self._archivist.archive.articles_of(twin.of) for twin in report.duplicates]
            return Part(html), frozenset(article.id for each in same for article in each)
        keyboard = _row(language, ("feed_remove_button", f"remove:{articles[0].id}"))
        return Part(html, keyboard), frozenset(article.id for article in articles)

    def _of_collection(self, report: Report, language: Language) -> tuple[Part, frozenset[str]]:
        """Return what to show of a document that holds many articles, and their IDs."""
        archive = self._archivist.archive
        ids = archive.articles_in(report.collections[0].source)
        some = archive.articles_by_id(ids[:MOST_OF_MANY])
        shown = [some[id] for id in ids[:MOST_OF_MANY] if id in some]
        return Part(render_fed_collection(report, shown, language)), frozenset(ids)

    def confirm_removal(self, article: Article, language: Language) -> Part:
        """Ask whether the file of an article is to be removed."""
        together = self._archivist.archive.articles_of(article.source)
        keyboard = _row(
            language, ("feed_remove_yes", f"remove:{article.id}"), ("feed_cancel", f"keep:{article.id}")
        )
        return Part(render_removal(together or [article], language), keyboard)

    def remove(self, id: str, language: Language) -> Part:
        """Remove an article's file, and sync the index even if the file is gone already."""
        from vectorstore.errors import VectorstoreError

        archive = self._archivist.archive
        try:
            article = archive.article(id)
        except ArticleNotFoundError:
            return Part(line(say("feed_not_found", language), language))
        together = archive.articles_of(article.source)
        if together:
            archive.remove_file(article.source)
        try:
            self._archivist.sync()
        except VectorstoreError as error:
            log.warning("what an owner removed is still in the index: %s", error)
            why = why_failed(error, language)
            html = filled("feed_removed_unindexed", language, "why", why)
            return Part(html, _row(language, ("feed_again", f"remove:{article.id}")))
        return Part(render_removal(together or [article], language, done=True))

    def reindex(self, progress: Progress, language: Language) -> Part:
        """Rebuild the index."""
        self._archivist.index.reindex(lambda done, total: progress("reindex", done, total))
        return Part(line(say("feed_reindexed", language, count=self._archivist.archive.size()), language))

    def article_named(self, ref: str) -> Article:
        """Return the current article that an owner names, by its ID or by a permalink of a quote in it.

        Raises AmbiguousArticleError or ArticleNotFoundError.
        """
        if token := token_in(ref):
            quote = self._quotes.find(token)
            if quote is not None:
                ref = quote.article.id
        article = self._archivist.archive.article(ref)
        if not article.current:
            raise ArticleNotFoundError(f"{ref} is not searched any more")
        return article

    def overview(self, language: Language, zone: tzinfo = UTC) -> list[str]:
        """Return counts, the state of the index, the latest articles and the followed sources, as messages in HTML."""
        archive = self._archivist.archive
        counts = say(
            "feed_counts",
            language,
            articles=archive.count_articles(),
            passages=archive.size(),
            outlets=len(archive.publishers()),
        )
        _ = self._archivist.index  # opened here if no question has come yet
        index_state = self._archivist.index_state()
        if index_state is None or index_state.agree:
            health = say("feed_healthy", language)
        elif index_state.writing:
            health = say(
                "feed_writing", language, vectors=index_state.vectors or 0, passages=index_state.passages
            )
        else:
            health = say(
                "feed_unhealthy", language, vectors=index_state.vectors or 0, passages=index_state.passages
            )
        followed, now = self.followed(), datetime.now(UTC)
        sources = render_sources(followed, now, language, zone)
        return render_archive(counts, health, archive.latest(_LATEST), language, sources, len(followed))

    def followed(self) -> list[Followed]:
        """Return the sources that are followed, those in trouble first."""
        following = self._archivist.followed()
        found = following.all() if following else []
        now = datetime.now(UTC)
        return sorted(found, key=lambda each: each.standing(now) not in ("silent", "failing"))


def failures() -> tuple[type[Exception], ...]:
    """Return the exceptions that an owner can do something about."""
    from corpus.fetch import FetchError
    from vectorstore.errors import VectorstoreError

    return (ArchiveError, VectorstoreError, FetchError, BadRequest)


def why_failed(error: Exception, language: Language) -> str:
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


def _row(language: Language, *buttons: tuple[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(say(name, language), callback_data=data) for name, data in buttons]]
    )
