"""Passage vectors in Chroma, on disk: the only importer of chromadb.

Chroma holds one vector a chunk, under the chunk's id, with what filters need: the article, its outlet and its
date. It is a copy that can be made again at any time; what is true stands in the archive.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from corpus.store import Filter
from vectorstore.errors import IndexDamagedError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

DISTANCE: Final = "cosine"
"""Part of the index's recipe. Chroma's own default would be squared L2."""

_COLLECTION = "chunks"
_PROBE = 20

_opening = threading.Lock()
"""Chroma shares one engine a folder between clients and counts them without a lock of its own."""


class Chroma:
    """The vectors of one index in ``folder``. Safe to use from several threads: one call at a time.

    Every method raises IndexDamagedError when the folder cannot be read.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = folder
        self._dimension = dimension
        self._lock = threading.Lock()
        self._client, self._collection = self._open()

    def upsert(
        self, ids: Sequence[str], vectors: NDArray[np.float32], metadata: Sequence[Mapping[str, str | int]]
    ) -> None:
        """Add or replace ``vectors`` (n, d) under ``ids``; on disk when this returns."""
        with self._lock, self._damage_named():
            for part in _slices(len(ids), self._client.get_max_batch_size()):
                self._collection.upsert(
                    ids=list(ids[part]),
                    embeddings=vectors[part],
                    metadatas=[dict(each) for each in metadata[part]],
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ``ids``; those that are not there are passed over."""
        with self._lock, self._damage_named():
            for part in _slices(len(ids), self._client.get_max_batch_size()):
                self._collection.delete(ids=list(ids[part]))

    def ids(self) -> set[str]:
        """The ids of all vectors: 45 ms for 20,000."""
        with self._lock, self._damage_named():
            return set(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        with self._lock, self._damage_named():
            return self._collection.count()

    def query(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None = None
    ) -> list[tuple[str, float]]:
        """The ``limit`` chunks nearest to ``vector`` (d,): (id, cosine), nearest first."""
        with self._lock, self._damage_named():
            found = self._collection.query(
                query_embeddings=vector,
                n_results=limit,
                where=_where(where),
                include=["distances"],
            )
        distances = found["distances"] or [[]]
        return [
            (key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    def reopen(self) -> None:
        """Open the folder anew: an open client never sees what another process wrote."""
        with self._lock:
            self._close()
            self._client, self._collection = self._open()

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        with _opening:
            self._client.close()

    def _open(self) -> tuple[Client, Collection]:
        import chromadb
        from chromadb.api.collection_configuration import (
            CreateCollectionConfiguration,
            CreateHNSWConfiguration,
        )
        from chromadb.config import Settings

        path = str(self.folder)
        with _opening, self._damage_named(), ExitStack() as undo:
            undo.callback(_forget, path)
            client = cast(
                "Client",
                chromadb.PersistentClient(path, Settings(anonymized_telemetry=False, allow_reset=False)),
            )
            undo.callback(client.close)
            # No embedding function: the default one would fetch a model from the network, and an English one.
            collection = client.get_or_create_collection(
                _COLLECTION,
                configuration=CreateCollectionConfiguration(hnsw=CreateHNSWConfiguration(space=DISTANCE)),
                embedding_function=None,
            )
            self._check_whole(collection)
            undo.pop_all()
        return client, collection

    def _check_whole(self, collection: Collection) -> None:
        """Chroma counts rows in SQLite and searches files beside it: without those it finds next to nothing,
        and says nothing."""
        wanted = min(collection.count(), _PROBE)
        if wanted:
            vector = np.ones(self._dimension, dtype=np.float32)
            found = collection.query(query_embeddings=vector, n_results=wanted, include=[])
            # A sound graph may miss one or two of the farthest, never half.
            if len(found["ids"][0]) * 2 < wanted:
                raise IndexDamagedError(_damaged(self.folder, "vectors are missing"))

    @contextmanager
    def _damage_named(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, OSError) as error:
            raise IndexDamagedError(_damaged(self.folder, str(error))) from error


def _forget(path: str) -> None:
    """After a failure to open: Chroma keeps the engine that did not start, and would hand it out again."""
    from chromadb.api.shared_system_client import SharedSystemClient

    if path not in SharedSystemClient._identifier_to_refcount:
        SharedSystemClient._identifier_to_system.pop(path, None)


def metadata(article: Article) -> dict[str, str | int]:
    """What Chroma keeps beside a vector: the article's id and, where known, outlet and date (yyyymmdd)."""
    found: dict[str, str | int] = {"article": article.id}
    if article.publisher:
        found["publisher"] = article.publisher
    if article.published.date:
        found["published"] = _number(article.published.date)
    return found


def _where(where: Filter | None) -> dict[str, Any] | None:
    """The filter in Chroma's words. An article without a date passes no bound on dates."""
    conditions: list[dict[str, Any]] = []
    if where and where.publishers:
        conditions.append({"publisher": {"$in": sorted(where.publishers)}})
    if where and where.since:
        conditions.append({"published": {"$gte": _number(where.since)}})
    if where and where.until:
        conditions.append({"published": {"$lte": _number(where.until)}})
    if where and where.articles:
        conditions.append({"article": {"$in": sorted(where.articles)}})
    if len(conditions) > 1:
        return {"$and": conditions}
    return conditions[0] if conditions else None


def _number(date: str) -> int:
    return int(date.replace("-", ""))


def _slices(count: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, count, size))


def _damaged(folder: Path, why: str) -> str:
    return f"the search index in {folder} cannot be read ({why}): run `musnad reindex`, the articles are safe"
