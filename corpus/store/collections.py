"""Collections in the archive: files whose entries are sources of their own, and the entries held elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.store.connections import Connections
from corpus.store.rows import Row, one


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as it was when it was last read to its end."""

    source: str
    path: str
    parser: str
    recipe: str
    given: str
    """What was asked of its reading, such as the fields that were named, as JSON."""
    size: int | None
    modified: int | None
    digest: str
    """Of the bytes of the file."""
    outcome: str
    """What was refused and left out, as JSON."""
    outlet: str | None = None
    """The outlet given for it when it was ingested, which holds until another is given."""


class Collections:
    """The collections of an archive and what belongs to them."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def all(self) -> dict[str, Collection]:
        """Return every collection by its source name."""
        rows = self._query("select * from collections order by source")
        return {row["source"]: Collection(**row) for row in rows}

    def put(self, collection: Collection) -> None:
        row = {name: getattr(collection, name) for name in Collection.__slots__}
        with self._connections.writing() as db:
            db.table("collections").upsert(row, pk="source")

    def remove(self, source: str) -> None:
        """Forget a collection; its entries are removed one by one, with ``Archive.remove_file``."""
        with self._connections.writing() as db:
            db.table("collections").delete_where("source = ?", [source])
            db.table("doubles").delete_where("collection = ?", [source])

    def entries(self, source: str) -> Iterator[str]:
        """Yield the names of the entries of a collection that the archive holds, in pieces, in code point order."""
        last = ""
        while rows := self._query(
            "select source from sources where collection = ? and source > ? order by source limit 1000",
            [source, last],
        ):
            yield from (row["source"] for row in rows)
            last = rows[-1]["source"]

    def count(self, source: str) -> int:
        """Return the number of entries of a collection that the archive holds."""
        return int(self._query("select count(*) as n from sources where collection = ?", [source])[0]["n"])

    def put_double(self, source: str, collection: str, digest: str) -> None:
        """Note that an entry is not held because its text is held under another name."""
        row = {"source": source, "collection": collection, "digest": digest}
        if self._query("select 1 from doubles where source = ? and digest = ?", [source, digest]):
            return
        with self._connections.writing() as db:
            db.table("doubles").upsert(row, pk="source")

    def doubles(self, source: str) -> tuple[int, int]:
        """Return how many entries of a collection are held under another name, and how many no longer are."""
        with self._connections.reading() as db:
            held = one(db, "select count(*) as n from doubles where collection = ?", [source])
            lost = one(
                db,
                "select count(*) as n from doubles where collection = ? and not exists (select 1 from files"
                " join sources on sources.file = files.id where files.digest = doubles.digest)",
                [source],
            )
        return int((held or {})["n"]), int((lost or {})["n"])

    def clear_doubles(self, source: str) -> None:
        """Forget the doubles of a collection, which is read anew."""
        with self._connections.writing() as db:
            db.table("doubles").delete_where("collection = ?", [source])

    def _query(self, sql: str, values: list[object] | None = None) -> list[Row]:
        with self._connections.reading() as db:
            return list(db.query(sql, values or []))
