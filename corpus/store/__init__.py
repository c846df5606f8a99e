"""The archive in its SQLite file: ``archive`` is the front; ``rows``, ``passages``, ``collections``, ``recurrence``
and ``copies`` are its tables, made by ``migrations``, over ``connections``; ``private``: whose the files are."""

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
from corpus.store.archive import Added, Archive, Cleaned, Origin, Outlet
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
    "Cleaned",
    "Copies",
    "Filter",
    "InconsistentArticleError",
    "Origin",
    "Outlet",
    "QuerySyntaxError",
    "RecurringLine",
]
