"""Stored vectors, in ``index.sqlite``: those of every chunk and of each of its sentences, build by build.

A build is one Chroma folder or collection with the vectors that belong to it, all made by one recipe. One
build is searched, and during a reindex another is being made.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from corpus.errors import ArchiveBusyError, ArchiveDamagedError
from corpus.store.connections import Connections
from vectorstore.errors import IndexBusyError, IndexDamagedError

_SCHEMA = (
    """
create table if not exists builds (
    id integer primary key autoincrement,
    folder text not null,
    recipe text not null,
    current integer not null,
    generation integer,
    chunks integer,
    changes integer not null default 0
)""",
    """
create table if not exists vectors (
    build integer not null references builds(id),
    chunk text not null,
    vectors blob not null,
    primary key (build, chunk)
)""",
    """
create table if not exists places (
    build integer primary key references builds(id),
    place text not null
)""",
    "create table if not exists tops (build integer primary key references builds(id), number integer not null)",
    # How the vectors at the place were marked when they were last complete: older ones have another mark.
    """
create table if not exists marks (
    build integer primary key references builds(id),
    mark text not null
)""",
    # Builds whose vectors at the place were lost, and are being written there again from those in this file.
    "create table if not exists mending (build integer primary key references builds(id))",
    "create table if not exists identity (one integer primary key check (one = 1), id text not null)",
)

_OF_BUILDS = ("vectors", "places", "tops", "marks", "mending")


@dataclass(frozen=True, slots=True)
class Build:
    """One row of ``builds``."""

    id: int
    folder: str
    """Name of the build's Chroma folder, and the end of its collection's name."""
    recipe: Mapping[str, str]
    current: bool
    generation: int | None
    """The archive's generation that the build holds completely; None while it is being written."""
    chunks: int | None
    """Number of chunks in that generation."""
    place: str
    """Place that holds that generation (``Builds.place``): elsewhere the build's vectors may be older ones."""
    changes: int
    """Counter raised by every write, so that other processes know to look again."""
    top: int | None
    """The highest number of a chunk that it held when it was last complete; None for one from before this was kept."""
    mark: str
    """Mark of the vectors at ``place`` when they were complete; "" where they were given none."""
    mending: bool
    """Whether the vectors at the place were lost and are yet to be written there again."""


class Vectors:
    """Access to ``index.sqlite``, with one connection per thread.

    Every method raises IndexDamagedError when the file cannot be read and IndexBusyError when another process
    holds it for too long.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = Connections(path)
        self._made = False

    def current(self) -> Build | None:
        """Return the build that is searched, or None."""
        return next(iter(self._builds("current = 1")), None)

    def unfinished(self) -> list[Build]:
        """Return the builds that a reindex began and did not end."""
        return self._builds("current = 0")

    def begin(self, recipe: Mapping[str, str], *, current: bool) -> Build:
        """Create an empty build and return it."""
        with self._writing() as db:
            folder = secrets.token_hex(4)
            db.execute(
                "insert into builds (folder, recipe, current) values (?, ?, ?)",
                [folder, json.dumps(dict(recipe), sort_keys=True), int(current)],
            )
        return self._builds("folder = ?", [folder])[0]

    def use(self, build: Build) -> None:
        """Make ``build`` the one that is searched and delete the others."""
        with self._writing() as db:
            db.execute("update builds set current = (id = ?)", [build.id])
            for table in _OF_BUILDS:
                db.execute(f"delete from {table} where build != ?", [build.id])
            db.execute("delete from builds where id != ?", [build.id])

    def drop(self, build: Build) -> None:
        with self._writing() as db:
            for table in _OF_BUILDS:
                db.execute(f"delete from {table} where build = ?", [build.id])
            db.execute("delete from builds where id = ?", [build.id])

    def unsettle(self, build: Build) -> None:
        """Mark the build as incomplete before the first write, until it is settled again."""
        with self._writing() as db:
            db.execute("update builds set generation = null, chunks = null where id = ?", [build.id])

    def settle(self, build: Build, generation: int, chunks: int, place: str, mark: str, top: int) -> None:
        """Record, after the last write, that the build holds at ``place`` all ``chunks`` of ``generation``.

        ``mark`` is that of what the place holds now, ``top`` the highest number among the chunks.
        """
        with self._writing() as db:
            db.execute("insert or replace into tops (build, number) values (?, ?)", [build.id, top])
            db.execute("insert or replace into places (build, place) values (?, ?)", [build.id, place])
            db.execute("insert or replace into marks (build, mark) values (?, ?)", [build.id, mark])
            db.execute("delete from mending where build = ?", [build.id])
            db.execute(
                "update builds set generation = ?, chunks = ?, changes = changes + 1 where id = ?",
                [generation, chunks, build.id],
            )

    def move(self, build: Build) -> Build:
        """Give the build an empty folder of a new name, to be written again from the vectors here; return it."""
        with self._writing() as db:
            db.execute(
                "update builds set folder = ?, generation = null, chunks = null, changes = changes + 1 where id = ?",
                [secrets.token_hex(4), build.id],
            )
            db.execute("insert or ignore into mending (build) values (?)", [build.id])
        return self._builds("id = ?", [build.id])[0]

    def touch(self, build: Build) -> None:
        """Tell other processes that Chroma's folder changed."""
        with self._writing() as db:
            db.execute("update builds set changes = changes + 1 where id = ?", [build.id])

    def add(self, build: Build, vectors: Mapping[str, NDArray[np.floating]]) -> None:
        """Store each chunk's vectors (1 + sentences, d): the passage's own first."""
        rows = [(build.id, key, value.astype("<f2").tobytes()) for key, value in vectors.items()]
        with self._writing() as db:
            db.conn.executemany(
                "insert or replace into vectors (build, chunk, vectors) values (?, ?, ?)", rows
            )

    def remove(self, build: Build, chunks: Sequence[str]) -> None:
        with self._writing() as db:
            db.conn.executemany(
                "delete from vectors where build = ? and chunk = ?", [(build.id, key) for key in chunks]
            )

    def get(self, build: Build, chunks: Sequence[str], dimension: int) -> dict[str, NDArray[np.float32]]:
        """Return the vectors (1 + sentences, d) of those ``chunks`` that are stored."""
        with self._reading() as db:
            rows = db.execute(
                "select chunk, vectors from vectors"
                " where build = ? and chunk in (select value from json_each(?))",
                [build.id, json.dumps(list(chunks))],
            ).fetchall()
        return {key: _floats(blob, dimension) for key, blob in rows}

    def ids(self, build: Build) -> set[str]:
        with self._reading() as db:
            return {key for (key,) in db.execute("select chunk from vectors where build = ?", [build.id])}

    def sample(self, build: Build, count: int, dimension: int) -> dict[str, NDArray[np.float32]]:
        """Return the vectors (d,) of at most ``count`` chunks, drawn at random."""
        with self._reading() as db:
            last = db.execute("select coalesce(max(rowid), 0) from vectors").fetchone()[0]
            rows = [
                db.execute(
                    "select chunk, vectors from vectors where rowid >= ? and build = ? order by rowid limit 1",
                    [secrets.randbelow(last) + 1, build.id],
                ).fetchone()
                for _ in range(count if last else 0)
            ]
        return {key: _floats(blob, dimension)[0] for key, blob in filter(None, rows)}

    def passages(self, build: Build, dimension: int) -> Iterator[tuple[list[str], NDArray[np.float16]]]:
        """Yield the chunks' ids and own vectors (n, d), a few thousand at a time."""
        after = ""
        while True:
            with self._reading() as db:
                rows = db.execute(
                    "select chunk, vectors from vectors where build = ? and chunk > ? order by chunk limit 4096",
                    [build.id, after],
                ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield (
                [key for key, _ in rows],
                np.stack([np.frombuffer(blob, dtype="<f2", count=dimension) for _, blob in rows]),
            )

    def state(self, build: Build) -> tuple[int, int]:
        """Return two numbers of which one changes whenever vectors are added or removed."""
        with self._reading() as db:
            count, last = db.execute(
                "select count(*), coalesce(max(rowid), 0) from vectors where build = ?", [build.id]
            ).fetchone()
        return int(count), int(last)

    def count(self, build: Build) -> int:
        with self._reading() as db:
            return int(db.execute("select count(*) from vectors where build = ?", [build.id]).fetchone()[0])

    def identity(self) -> str:
        """Return a name that no other index has, created on first use."""
        with self._writing() as db:
            db.execute("insert or ignore into identity (one, id) values (1, ?)", [secrets.token_hex(8)])
            return str(db.execute("select id from identity").fetchone()[0])

    @contextmanager
    def lock(self, wait: float) -> Iterator[None]:
        """Hold the lock of the only writer among all processes. Raises IndexBusyError after ``wait`` seconds."""
        with ExitStack() as stack:
            with self._named():
                stack.enter_context(self._connections.lock(wait))
                # So that whoever reads, and a backup reads for long, keeps nobody from writing. A file of before,
                # in use just now, gets it another time.
                with suppress(ArchiveBusyError), self._connections.reading() as db:
                    db.enable_wal()
            yield

    def clear(self) -> None:
        """Replace a file that cannot be read with an empty one."""
        self._connections.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self._connections, self._made = Connections(self.path), False

    def close(self) -> None:
        """Close the connections of all threads."""
        self._connections.close()

    def _builds(self, where: str, values: Sequence[object] = ()) -> list[Build]:
        with self._reading() as db:
            rows = db.execute(
                "select id, folder, recipe, current, generation, chunks, coalesce(place, ''), changes, number,"
                " coalesce(mark, ''), mending.build is not null from builds left join places on places.build = id"
                " left join tops on tops.build = id left join marks on marks.build = id"
                f" left join mending on mending.build = id where {where} order by id",
                list(values),
            ).fetchall()
        return [
            Build(
                id,
                folder,
                json.loads(recipe),
                bool(current),
                generation,
                chunks,
                place,
                changes,
                top,
                mark,
                bool(lost),
            )
            for id, folder, recipe, current, generation, chunks, place, changes, top, mark, lost in rows
        ]

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        with self._named(), self._connections.reading() as db:
            self._ready(db)
            yield db

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with self._named(), self._connections.writing() as db:
            self._ready(db)
            yield db

    def _ready(self, db: Database) -> None:
        if not self._made:
            for statement in _SCHEMA:
                db.execute(statement)
            self._made = True

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Translate the archive's errors into the index's: unlike the archive, this file can be made again."""
        try:
            yield
        except ArchiveBusyError as error:
            raise IndexBusyError(f"another musnad is writing to {self.path}: try again") from error
        except ArchiveDamagedError as error:
            raise IndexDamagedError(
                f"the search index {self.path} cannot be read: run `musnad reindex`, the articles are safe"
            ) from error


def _floats(blob: bytes, dimension: int) -> NDArray[np.float32]:
    return np.frombuffer(blob, dtype="<f2").reshape(-1, dimension).astype(np.float32)
