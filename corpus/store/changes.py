"""What changed in the archive, in order: articles that got another text, were read anew, were removed or came back."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

from corpus.store.connections import Connections
from corpus.store.rows import Row, as_json, now

Kind = Literal["changed", "reread", "removed", "withdrawn", "returned"]
"""How the articles of a source became others: its text is another (``changed``), or the same text was read otherwise,
by a newer parser or with other settings (``reread``), which is nothing that the outlet did. Its outlet took their page
away, and they stay (``withdrawn``), or they or the page are back (``returned``)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the articles of one source."""

    number: int
    """Counts up with every change, and is never given twice."""
    source: str
    kind: Kind
    at: str
    """ISO 8601 UTC."""
    before: tuple[str, ...]
    """The ids of the versions that were replaced or removed."""
    after: tuple[str, ...]
    """The ids of the articles that the source had then."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source's articles are read from, as far as it tells whether that is still the same."""

    file: int
    path: str | None
    raw: str | None
    stamp: tuple[int | None, int | None]

    @classmethod
    def of(cls, row: Row) -> Reading:
        return cls(row["file"], row["path"], row["raw"], (row["size"], row["modified"]))

    def is_same(self, other: Reading) -> bool:
        """Return whether both are the same text, or text that was read from the same bytes.

        Those of a file are the same when its size and time are: the text of a PDF file depends on its reader too.
        """
        if self.file == other.file or (self.raw and self.raw == other.raw):
            return True
        return bool(self.path and self.path == other.path and self.stamp == other.stamp and all(self.stamp))


def record(
    db: Database, source: str, kind: Kind, before: Collection[str], after: Collection[str] = ()
) -> None:
    """Record a change, in the transaction that makes it."""
    db.table("changes").insert(
        {
            "source": source,
            "kind": kind,
            "at": now(),
            "before": as_json(sorted(before)),
            "after": as_json(after),
        }
    )


def generation(db: Database) -> int:
    """Return the number that changes of what is searched, and of copies, increase; see ``Archive.generation``."""
    number: int = db.execute("select value from state where key = 'generation'").fetchone()[0]
    return number


def raise_generation(db: Database) -> None:
    """Increase that number, in the transaction that makes the change."""
    db.execute("update state set value = value + 1 where key = 'generation'")


class Changes:
    """The changes of an archive. A change is there from the moment that its articles are."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def last(self) -> int:
        """Return the number of the last change, 0 before the first."""
        with self._connections.reading() as db:
            found: int | None = db.execute("select max(number) from changes").fetchone()[0]
            return found or 0

    def after(self, number: int, most: int) -> list[Change]:
        """Return the changes that follow the one with this number, at most so many."""
        return self._query("where number > ? order by number limit ?", [number, most])

    def since(self, date: str = "", sources: Collection[str] | None = None) -> list[Change]:
        """Return the changes from a day on (``YYYY-MM-DD``), of all sources or of some, the newest first."""
        among = "" if sources is None else "and source in (select value from json_each(?))"
        values = [date] if sources is None else [date, as_json(sources)]
        return self._query(f"where at >= ? {among} order by number desc", values)

    def _query(self, where: str, values: Sequence[object]) -> list[Change]:
        with self._connections.reading() as db:
            return [_change(row) for row in db.query(f"select * from changes {where}", list(values))]


def _change(row: Row) -> Change:
    return Change(
        row["number"],
        row["source"],
        row["kind"],
        row["at"],
        tuple(json.loads(row["before"])),
        tuple(json.loads(row["after"])),
    )
