"""Where passages are embedded: here, unless on a cluster.

They go out in slices and come back as vectors, slice by slice, so that one is stored while the next is being embedded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vectorstore.embed import Embedded, Embedder, Passage

Slice = tuple[int, Sequence[Passage]]
"""The number of a slice, and its passages: none where all have their vectors."""

Stored = NDArray[np.float16]
"""The vectors (1 + sentences, d) of a passage as they are stored: its own first."""


class Embedding(Protocol):
    def embed(self, slices: Iterable[Slice]) -> Iterator[tuple[int, list[Stored]]]:
        """Yield the number and the passages' vectors of each slice, in any order."""

    def close(self) -> None: ...


class Here:
    """Embedding in this process, one slice after another."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed(self, slices: Iterable[Slice]) -> Iterator[tuple[int, list[Stored]]]:
        for number, passages in slices:
            yield number, stack(self._embedder.passages(passages)) if passages else []

    def close(self) -> None:
        pass


def stack(embedded: Sequence[Embedded]) -> list[Stored]:
    """Return the vectors of each passage and its sentences as they are stored."""
    return [np.vstack([each.vector[np.newaxis], each.sentences]).astype("<f2") for each in embedded]
