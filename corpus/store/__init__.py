"""The archive in its SQLite file: ``archive`` is the front; ``rows``, ``passages``, ``postings``, ``collections``,
``changes``, ``recurrence`` and ``copies`` are its tables, made by ``migrations``, over ``connections``; ``ranking``
finds passages by their words; ``private``: whose the files are."""

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
from corpus.store.archive import Added, Archive, Cleaned, Newest, Origin, Outlet
from corpus.store.changes import Change, Changes
from corpus.store.copies import Copies
from corpus.store.passages import Filter
from corpus.store.recurrence import RecurringLine

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
