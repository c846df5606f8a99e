"""Exact search among the vectors of ``index.sqlite``, for the time in which those in Chroma are made again.

It compares the question with every passage: right, and slow for a large archive. Loading the vectors takes about a
second for 60,000 passages, and as float16 they take 0.8 KB of memory each.
"""

from __future__ import annotations

import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from corpus.store import Archive, Filter
from vectorstore.errors import IndexMendingError
from vectorstore.vectors import Build, Vectors

MOST: Final = 1_000_000
"""Passages above which nobody is answered meanwhile: their vectors would take 0.8 GB."""

_BLOCK = 16_384


class Exact:
    """The vectors of one build, read when first needed and again once they changed. Safe among threads."""

    def __init__(self, archive: Archive, vectors: Vectors, dimension: int) -> None:
        self._archive = archive
        self._vectors = vectors
        self._dimension = dimension
        self._lock = threading.Lock()
        self._state: tuple[int, int, int] | None = None
        self._keys: list[str] = []
        self._held: list[NDArray[np.float16]] = []

    def nearest(
        self, build: Build, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> list[str]:
        """Return the ids of the ``limit`` chunks nearest to ``vector`` (d,), nearest first.

        Raises IndexMendingError where there are more than MOST.
        """
        with self._lock:
            self._load(build)
            keys, held = self._keys, self._held
        if not keys:
            return []
        cosines = np.concatenate(
            [
                each[start : start + _BLOCK].astype(np.float32) @ vector
                for each in held
                for start in range(0, len(each), _BLOCK)
            ]
        )
        if where is not None and where != Filter():
            allowed = self._archive.chunk_ids(where)
            cosines[[key not in allowed for key in keys]] = -np.inf
        best = np.argsort(-cosines, kind="stable")[:limit]
        return [keys[i] for i in best if cosines[i] > -np.inf]

    def forget(self) -> None:
        """Free the memory."""
        with self._lock:
            self._state, self._keys, self._held = None, [], []

    def _load(self, build: Build) -> None:
        count, last = self._vectors.state(build)
        if self._state == (build.id, count, last):
            return
        if count > MOST:
            raise IndexMendingError(
                f"the vectors of {count} passages are being written to Chroma again: ask again later"
            )
        parts = list(self._vectors.passages(build, self._dimension))
        self._keys = [key for keys, _ in parts for key in keys]
        self._held = [rows for _, rows in parts]
        self._state = build.id, count, last
