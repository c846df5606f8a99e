"""The archive in its SQLite file: ``archive`` is the front.

Behind it, ``files`` writes a file and its articles or takes them out of search, and ``upkeep`` goes through all
articles, to cut them again or to settle what recurs; ``articles``, ``sources`` and ``outlets`` read. ``rows``,
``passages``, ``postings``, ``collections``, ``changes``, ``recurrence`` and ``copies`` are its tables, made by
``migrations``, over ``connections``; ``ranking`` finds passages by their words; ``private``: whose the files are."""

from corpus.errors import (
    AmbiguousArticleError,
    ArchiveBusyError,
    ArchiveDamagedError,
    ArchiveError,
    ArchiveNewerError,
    ArchiveUnusableError,
    ArticleNotFoundError,
    InconsistentArticleError,
    QuerySyntaxError,
)
from corpus.store.archive import Archive
from corpus.store.changes import Change, Changes
from corpus.store.copies import Copies
from corpus.store.files import Added
from corpus.store.outlets import Newest, Outlet
from corpus.store.passages import Filter
from corpus.store.recurrence import RecurringLine
from corpus.store.sources import Origin
from corpus.store.upkeep import Cleaned

__all__ = [
    "Added",
    "AmbiguousArticleError",
    "Archive",
    "ArchiveBusyError",
    "ArchiveDamagedError",
    "ArchiveError",
    "ArchiveNewerError",
    "ArchiveUnusableError",
    "ArticleNotFoundError",
    "Change",
    "Changes",
    "Cleaned",
    "Copies",
    "Filter",
    "InconsistentArticleError",
    "Newest",
    "Origin",
    "Outlet",
    "QuerySyntaxError",
    "RecurringLine",
]
