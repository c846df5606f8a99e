"""Results of a search."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article, Chunk


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with its scores."""

    chunk: Chunk
    article: Article
    score: float
    """The fused score: comparable within one question only."""
    dense: float
    """Cosine of question and passage."""
    lexical: float
    """BM25 as a share of the question's best: 0 (not found by words) to 1."""
    bm25: float
    """BM25 itself, higher is better."""
    sentence_cosines: tuple[float, ...]
    """Cosine of the question and each of ``chunk.sentences``."""

    @property
    def text(self) -> str:
        """The passage, verbatim."""
        return self.article.body[self.chunk.start : self.chunk.end]


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a search, best first, with the question's vector and the time of each stage."""

    hits: tuple[Hit, ...]
    vector: NDArray[np.float32]
    """The question's vector (d,), for reuse."""
    timings_ms: dict[str, float]
    """Milliseconds of each stage: encode, dense, lexical, fuse, read."""


class Clock:
    """A stopwatch for the milliseconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._last = (now - self._last) * 1000, now
