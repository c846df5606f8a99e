"""Connections to one SQLite file: one per thread, and one writer at a time among all threads and processes."""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from corpus.errors import ArchiveBusyError, ArchiveDamagedError, ArchiveError, ArchiveUnusableError
from corpus.store.private import keep_private, make_private_folder

WAIT = 10.0
"""Seconds to wait for another writer before raising ArchiveBusyError."""

_UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


class Connections:
    """The connections to the file at ``path``, which is created, with its folder, if it does not exist.

    ``reading`` and ``writing`` raise ArchiveBusyError, ArchiveDamagedError or ArchiveUnusableError when the
    file cannot be used; any other sqlite3 error is a fault in the code and propagates unchanged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._closers: list[weakref.finalize[..., Database]] = []
        self._closed = False
        self._closing = threading.Lock()
        self._writer = threading.RLock()
        self._depth = 0
        if path.is_dir():
            raise ArchiveUnusableError(f"{path} is a folder: name the archive's file")
        try:
            make_private_folder(path.parent)
        except OSError as error:
            raise ArchiveUnusableError(
                f"the folder {path.parent} cannot be made ({error.strerror}): choose another with --data"
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Yield this thread's connection."""
        with self._named():
            yield self._connection()

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Yield this thread's connection in a transaction: committed at the end, rolled back on any error."""
        with self.lock(), self._named():
            db = self._connection()
            # IMMEDIATE, so that what is read before the first write is still true when it is written.
            db.execute("begin immediate")
            try:
                yield db
                db.commit()
            except BaseException:
                db.rollback()
                raise

    def check_writable(self, wait: float, *, write: bool = False) -> None:
        """Raise what ``writing`` would raise now, after ``wait`` seconds instead of its own.

        ``write``: write to the file too, a number that nobody reads; otherwise only its write lock is acquired, and a
        full disk is not noticed.
        """
        with self.lock(wait), self._named():
            # A connection of its own, which waits only so long. mode=rw: a file that is gone is not made anew.
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(address, uri=True, timeout=wait, isolation_level=None)) as db:
                db.execute("begin immediate")
                if write:
                    db.execute(f"pragma user_version = {int(time.time())}")
                db.execute("commit")

    @contextmanager
    def lock(self, wait: float = WAIT) -> Iterator[None]:
        """Hold the write lock over several transactions. The thread that holds it may acquire it again.

        The lock is an SQLite lock on a file of its own, so that it is released when its process is killed.
        Raises ArchiveBusyError after ``wait`` seconds.
        """
        busy = ArchiveBusyError(
            f"another musnad is writing to {self.path}: wait until it is done, then try again"
        )
        if not self._writer.acquire(timeout=wait):
            raise busy
        with ExitStack() as stack:
            stack.callback(self._writer.release)
            if not self._depth:
                keep_private(self.path.with_name(f"{self.path.name}.lock"))
                with self._named(busy):
                    held = sqlite3.connect(f"{self.path}.lock", timeout=wait, isolation_level=None)
                    stack.callback(held.close)
                    held.execute("begin exclusive")
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._closing:
            self._closed = True
            for closer in self._closers:
                closer()

    def _connection(self) -> Database:
        if self._closed:
            raise ArchiveUnusableError(f"the archive {self.path} is closed")
        db: Database | None = getattr(self._local, "db", None)
        if db is None:
            keep_private(self.path)  # SQLite gives its other files the same rights
            # Used by this thread alone, but closed by whoever closes the archive.
            connection = sqlite3.connect(self.path, timeout=WAIT, check_same_thread=False)
            db = Database(connection, execute_plugins=False)
            with self._closing:
                self._closers = [closer for closer in self._closers if closer.alive]
                self._closers.append(weakref.finalize(db, connection.close))
            db.execute("pragma foreign_keys = on")
            # With WAL, a killed process loses nothing that was committed; a power cut may lose the last
            # files, which the next ingest brings back.
            db.execute("pragma synchronous = normal")
            # A file's words touch hundreds of pages of the counts, much the same ones from file to file:
            # written back every 16 MB, not every 4, they are written half as often.
            db.execute("pragma wal_autocheckpoint = 4000")
            self._local.db = db
        return db

    @contextmanager
    def _named(self, busy: ArchiveError | None = None) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if self._closed:
                raise ArchiveUnusableError(f"the archive {self.path} is closed") from error
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte: the error without its detail
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise busy or ArchiveBusyError(f"{self.path} is in use ({error}): try again") from error
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise ArchiveDamagedError(
                    f"{self.path} cannot be read as an archive ({error}): "
                    "put it aside and ingest the articles again, or restore a copy"
                ) from error
            if code in _UNUSABLE:
                raise ArchiveUnusableError(
                    f"{self.path} cannot be opened or written ({error}): "
                    "see that the folder is writable and the disk not full, or choose another with --data"
                ) from error
            raise
