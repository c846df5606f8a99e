"""The archive in its SQLite file: ``archive`` is the front; ``rows``, ``passages`` and ``collections`` are its
tables, made by ``migrations``, over ``connections``; ``private``: whose the files are."""

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
from corpus.store.archive import Added, Archive, Origin, Outlet
from corpus.store.passages import Filter

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
    "Filter",
    "InconsistentArticleError",
    "Origin",
    "Outlet",
    "QuerySyntaxError",
]
