"""The copy of a database as it is at one moment, while other processes go on writing to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bot.backup.errors import BackupError
from corpus.store.private import keep_private

_PAGES = 4096
"""Pages copied between two looks at the progress: 16 MB."""

_WAIT = 30.0
"""Seconds to wait for a writer that lets nobody read."""

Copied = Callable[[int], None]
"""Callback that receives the number of bytes copied so far."""


def snapshot(database: Path, copy: Path, copied: Copied) -> None:
    """Copy a database with SQLite's own means, as one transaction left it.

    One read transaction is held for the whole of it: a database in WAL mode is written to meanwhile, and what is
    written is not in the copy; the copy never begins anew for it, as it would where each step had a transaction of
    its own. Raises BackupError: the database cannot be read, or there is no room for the copy.
    """
    keep_private(copy)
    address = f"{database.absolute().as_uri()}?mode=rw"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None)) as source,
            closing(sqlite3.connect(copy, isolation_level=None)) as target,
        ):
            source.execute("begin")
            source.execute("select count(*) from sqlite_master").fetchone()
            size = int(source.execute("pragma page_size").fetchone()[0])
            target.execute("pragma synchronous = off")
            source.backup(
                target,
                pages=_PAGES,
                progress=lambda status, left, total: copied((total - left) * size),
            )
            # One file for good: without this its readers would need room for a log beside it.
            target.execute("pragma journal_mode = delete")
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise BackupError("cannot_write", folder=copy.parent.parent, why=error) from error
        raise BackupError("unreadable_database", name=database.name, why=error) from error


def size_of(database: Path) -> int:
    """Return the bytes of a database with its log; 0 when there is none."""
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
