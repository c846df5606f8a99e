"""Passage vectors in Chroma, in a folder or on a server: the only importer of chromadb.

Chroma holds one vector per chunk, under the chunk's id, with the fields that filters need: the article, its
outlet and its date. It is a copy that can be made again at any time; the archive is authoritative.
"""

from __future__ import annotations

import itertools
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import httpx
import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from corpus.store import Filter
from vectorstore.errors import IndexDamagedError, IndexLostError
from vectorstore.server import Address, AwayError, BrokenOffError, NotChromaError, patiently, steadily

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.fastapi import FastAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import QueryResult

T = TypeVar("T")

DISTANCE: Final = "cosine"
"""Distance metric, a part of the index's recipe. Chroma's own default would be squared L2."""

_COLLECTION = "chunks"
_PROBE = 20
_PAGE = 20_000
"""Ids read at a time: 300,000 take 3.7 s so, as in one answer, and 11.6 s by pages of 5,000."""
_MARK = "mark"

_opening = threading.Lock()
"""Lock for opening and closing: Chroma shares one engine per folder between clients and counts them unlocked."""


class Chroma(ABC):
    """The vectors of one index. Safe to use from several threads: one call at a time.

    Every method raises IndexDamagedError when the vectors cannot be read.
    """

    _client: Client | FastAPI
    _collection: Collection

    doubtful: bool
    """Whether it may have changed since the last ``trust()``: just opened, or its server was connected to anew."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._lock = threading.Lock()
        self.doubtful = True

    def trust(self) -> None:
        """Note that what is held now is sound, or about to be looked at."""
        self.doubtful = False

    def upsert(
        self, ids: Sequence[str], vectors: NDArray[np.float32], metadata: Sequence[Mapping[str, str | int]]
    ) -> None:
        """Add or replace ``vectors`` (n, d) under ``ids``; on disk when this returns."""

        def write(part: slice) -> None:
            self._collection.upsert(
                ids=list(ids[part]),
                embeddings=vectors[part],
                metadatas=[dict(each) for each in metadata[part]],
            )

        with self._lock, self._faults_named():
            for part in _slices(len(ids), self._batch()):
                self._surely(partial(write, part))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ``ids``; unknown ids are ignored."""
        with self._lock, self._faults_named():
            for part in _slices(len(ids), self._batch()):
                self._surely(partial(self._collection.delete, ids=list(ids[part])))

    def ids(self) -> set[str]:
        """Return the ids of all vectors, read page by page."""
        found: set[str] = set()
        with self._lock, self._faults_named():
            for start in itertools.count(0, _PAGE):
                read = partial(self._collection.get, include=[], limit=_PAGE, offset=start)
                page = self._surely(read)["ids"]
                found.update(page)
                if len(page) < _PAGE:
                    return found
        raise AssertionError

    def count(self) -> int:
        """Return the number of vectors. Does not wait for a server that is away."""
        with self._lock, self._faults_named():
            return self._steadily(self._collection.count)

    def mark(self, mark: str) -> None:
        """Mark what is held, so that an older copy of it can be told from it."""
        with self._lock, self._faults_named():
            self._surely(partial(self._collection.modify, metadata={_MARK: mark}))

    def marked(self) -> str:
        """Return the mark that was given last; "" before any."""
        with self._lock, self._faults_named():
            return str((self._surely(self._metadata) or {}).get(_MARK, ""))

    def nearest(self, vectors: NDArray[np.float32]) -> list[float]:
        """Return for each of ``vectors`` (n, d) the cosine of the chunk nearest to it; 0 where nothing is found."""

        def ask() -> QueryResult:
            return self._collection.query(query_embeddings=vectors, n_results=1, include=["distances"])

        with self._lock, self._faults_named():
            return [1.0 - float(row[0]) if row else 0.0 for row in self._surely(ask)["distances"] or []]

    def query(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None = None
    ) -> list[tuple[str, float]]:
        """Return the ``limit`` chunks nearest to ``vector`` (d,) as (id, cosine), nearest first."""

        def ask() -> QueryResult:
            return self._collection.query(
                query_embeddings=vector, n_results=limit, where=_where(where), include=["distances"]
            )

        with self._lock, self._faults_named():
            found = self._surely(ask)
            distances = found["distances"] or [[]]
            return [
                (key, 1.0 - float(distance))
                for key, distance in zip(found["ids"][0], distances[0], strict=True)
            ]

    @abstractmethod
    def reopen(self) -> None:
        """Open the vectors anew after another process wrote to them."""

    def close(self) -> None:
        with self._lock:
            self._close()

    @abstractmethod
    def _close(self) -> None: ...

    @abstractmethod
    def _faults_named(self) -> AbstractContextManager[None]:
        """Translate errors from Chroma into musnad's."""

    @abstractmethod
    def damaged(self, why: str) -> IndexDamagedError:
        """Return the error that says so of this index."""

    @abstractmethod
    def _metadata(self) -> Mapping[str, Any] | None:
        """Return the collection's own metadata as it stands now."""

    def _surely(self, work: Callable[[], T]) -> T:
        return work()

    def _steadily(self, work: Callable[[], T]) -> T:
        return work()

    def _batch(self) -> int:
        return self._surely(self._client.get_max_batch_size)

    def _check_whole(self, collection: Collection) -> None:
        """Raise IndexDamagedError when vectors are missing.

        Chroma counts rows in SQLite and searches files beside it: without those files it finds next to
        nothing and reports no error.
        """
        wanted = min(collection.count(), _PROBE)
        if wanted:
            vector = np.ones(self._dimension, dtype=np.float32)
            found = collection.query(query_embeddings=vector, n_results=wanted, include=[])
            # A sound graph may miss one or two of the farthest, never half.
            if len(found["ids"][0]) * 2 < wanted:
                raise self.damaged("vectors are missing")


class FolderChroma(Chroma):
    """The vectors in ``folder``."""

    _client: Client

    def __init__(self, folder: Path, dimension: int) -> None:
        super().__init__(dimension)
        self.folder = folder
        self._client, self._collection = self._open()

    def reopen(self) -> None:
        """Open the folder anew: an open client never sees the writes of another process."""
        with self._lock:
            self._close()
            self.doubtful = True
            self._client, self._collection = self._open()

    def _metadata(self) -> Mapping[str, Any] | None:
        return self._client.get_collection(_COLLECTION, embedding_function=None).metadata

    def _close(self) -> None:
        with _opening:
            self._client.close()

    def _open(self) -> tuple[Client, Collection]:
        import chromadb
        from chromadb.config import Settings

        path = str(self.folder)
        with _opening, self._faults_named(), ExitStack() as undo:
            undo.callback(_forget, path)
            client = cast(
                "Client",
                chromadb.PersistentClient(path, Settings(anonymized_telemetry=False, allow_reset=False)),
            )
            undo.callback(client.close)
            # No embedding function: the default one would fetch a model from the network, and an English one.
            collection = client.get_or_create_collection(
                _COLLECTION, configuration=_configuration(), embedding_function=None
            )
            self._check_whole(collection)
            undo.pop_all()
        return client, collection

    def damaged(self, why: str) -> IndexDamagedError:
        return IndexDamagedError(
            f"the search index in {self.folder} cannot be read ({why}): run `musnad reindex`, the articles are safe",
            why,
        )

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, OSError) as error:
            raise self.damaged(str(error)) from error


class ServerChroma(Chroma):
    """The vectors in the collection ``name`` of the server at ``address``.

    Every method raises IndexUnreachableError when no Chroma server answers there, some of them after a while.
    """

    _client: FastAPI

    def __init__(self, address: Address, name: str, dimension: int) -> None:
        super().__init__(dimension)
        self._address = address
        self._name = name
        self._client, self._collection = self._open()

    def reopen(self) -> None:
        """Look the collection up again: writes of others are seen, but they may have made the collection again."""
        with self._lock, self._faults_named():
            self.doubtful = True
            self._collection = self._steadily(partial(self._found, self._client))

    def _metadata(self) -> Mapping[str, Any] | None:
        return self._client.get_collection(self._name).metadata

    def drop_others(self, prefix: str) -> None:
        """Delete the server's other collections whose names begin with ``prefix``."""
        with self._lock, self._faults_named():
            for name in [each.name for each in self._surely(self._client.list_collections)]:
                if name.startswith(prefix) and name != self._name:
                    self._client.delete_collection(name)

    def _close(self) -> None:
        self._client._session.close()

    def _open(self) -> tuple[FastAPI, Collection]:
        """Open the client that ``chromadb.HttpClient`` wraps.

        HttpClient makes its first requests before a timeout can be set, and closes none of its connections.
        """
        from chromadb.api.fastapi import FastAPI
        from chromadb.config import Settings, System

        self._address.greet()
        with self._faults_named(), ExitStack() as undo:
            settings = Settings(
                chroma_api_impl="chromadb.api.fastapi.FastAPI",
                # As a whole URL: of a host's name alone its first letters would decide whether it is one.
                chroma_server_host=self._address.url,
                chroma_server_http_port=0,
                anonymized_telemetry=False,
            )
            client = System(settings).instance(FastAPI)
            client._session.close()
            client._session = undo.enter_context(self._address.session(self._note_connection))
            collection = self._steadily(partial(self._found, client))
            undo.pop_all()
        return client, collection

    def _found(self, client: FastAPI) -> Collection:
        from chromadb.api.models.Collection import Collection

        model = client.get_or_create_collection(self._name, configuration=_configuration())
        collection = Collection(client, model, embedding_function=None)
        self._check_whole(collection)
        return collection

    def _note_connection(self) -> None:
        self.doubtful = True

    def _surely(self, work: Callable[[], T]) -> T:
        return patiently(work)

    def _steadily(self, work: Callable[[], T]) -> T:
        return steadily(work)

    def damaged(self, why: str) -> IndexDamagedError:
        return IndexDamagedError(
            f"the search index on the Chroma server at {self._address.url} cannot be read ({why}): run"
            " `musnad reindex`, the articles are safe",
            why,
        )

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        from chromadb.errors import (
            AuthorizationError,
            ChromaAuthError,
            ChromaError,
            NotFoundError,
            QuotaError,
            RateLimitError,
        )

        try:
            yield
        except NotFoundError as error:
            raise IndexLostError(
                f"the Chroma server at {self._address.url} has lost this archive's vectors: run `musnad reindex`"
            ) from error
        except (ChromaAuthError, AuthorizationError, RateLimitError, QuotaError) as error:
            raise self._address.fault(AwayError(str(error))) from error
        except ChromaError as error:
            raise self.damaged(str(error)) from error
        except BrokenOffError as error:
            raise self.damaged(str(error)) from error
        except httpx.HTTPError as error:
            raise self._address.fault(error) from error
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            # The client looked for something in the answer that was not there.
            raise self._address.fault(NotChromaError(type(error).__name__)) from error


def _configuration() -> CreateCollectionConfiguration:
    from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration

    return CreateCollectionConfiguration(hnsw=CreateHNSWConfiguration(space=DISTANCE))


def _forget(path: str) -> None:
    """Remove an engine that failed to start: Chroma keeps it and would hand it out again."""
    from chromadb.api.shared_system_client import SharedSystemClient

    if path not in SharedSystemClient._identifier_to_refcount:
        SharedSystemClient._identifier_to_system.pop(path, None)


def metadata(article: Article) -> dict[str, str | int]:
    """Return the metadata stored with a vector: the article's id and, where known, outlet and date (yyyymmdd)."""
    found: dict[str, str | int] = {"article": article.id}
    if article.publisher:
        found["publisher"] = article.publisher
    if article.published.date:
        found["published"] = _number(article.published.date)
    return found


def _where(where: Filter | None) -> dict[str, Any] | None:
    """Convert a filter to Chroma's form. An article without a date passes no bound on dates."""
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
