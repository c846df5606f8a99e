"""What was found to be taken in, before any of it is: files and documents of one text, and collections."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from corpus.document import Document
from corpus.parse.page import Page

Stamp = tuple[int | None, int | None]
"""The size of a file in bytes and its time in nanoseconds since 1970; None for both where they say nothing."""


@dataclass(frozen=True, slots=True)
class File:
    """A file or document found: its name, its path if it has one, and the digest of its text."""

    source: str
    path: Path | None
    digest: str
    document: Document | None = None
    page: Page | None = None
    """The page read from a document."""
    stamp: Stamp = (None, None)
    unread: bool = False
    """Whether its size and time are the same as when it was ingested, and nothing need be done."""


@dataclass(frozen=True, slots=True)
class CollectionFile:
    """A collection found: its source name, its path, and its size and time, None where they say nothing."""

    source: str
    path: Path
    stamp: Stamp
    sent: Document | None = None
    """The document that it came as. Its path is then that of a copy, which nothing remembers."""


@dataclass(frozen=True, slots=True)
class Found:
    """All that one ingest found, by source name, in the order it was found."""

    files: dict[str, File] = field(default_factory=dict)
    collections: dict[str, CollectionFile] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    """Those that were given, by their real paths."""

    def __contains__(self, source: str) -> bool:
        """Return whether a file or a collection that was found has a name."""
        return source in self.files or source in self.collections


_SETTLED = 2_000_000_000
"""Nanoseconds after a write during which a file may be written again within the same tick of its clock."""


def stamp_of(path: Path) -> Stamp:
    """Return the size and time of a file; None for both if it was just written or cannot be accessed."""
    try:
        found = path.stat()
    except OSError:
        return None, None
    settled = time.time_ns() - found.st_mtime_ns >= _SETTLED
    return (found.st_size, found.st_mtime_ns) if settled else (None, None)
