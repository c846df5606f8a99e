"""What tells whether the archive holds an answer: measures of a search, and trials to set a threshold on.

A trial asks a question twice: with the article that answers it, and as if that article were not there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.arabic import words
from corpus.store import Archive
from vectorstore import lexical
from vectorstore.embed import Embedder
from vectorstore.evaluate import Library, library, read_pool
from vectorstore.index import POOL, Found, Hit, Progress

_K = 10
"""Passages looked at: the best one, the next of another article, and sentences of the first three."""


@dataclass(frozen=True, slots=True)
class Signs:
    """How well a question's best passage fits it. All 0 when nothing was found."""

    cosine: float = 0.0
    """Of the question and the best passage."""
    sentence_cosine: float = 0.0
    """Of the question and the nearest sentence of the three best passages."""
    coverage: float = 0.0
    """The share of the question's content words that the best passage holds, each weighed by rarity."""
    bm25: float = 0.0
    """Of the best passage."""
    margin: float = 0.0
    """Fused score of the best passage above that of the best passage of another article."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One question with its answer in the archive and without."""

    question: str
    kept: Signs
    without_paragraph: Signs
    """Only the paragraph that answers is gone; its neighbours on the same subject are there."""
    without_entry: Signs
    """All paragraphs under the same title are gone."""


def signs(question: str, found: Found, archive: Archive) -> Signs:
    """What a search says about whether it found the answer."""
    if not found.hits:
        return Signs()
    best = found.hits[0]
    others = (hit.score for hit in found.hits if hit.article.id != best.article.id)
    return Signs(
        cosine=best.dense,
        sentence_cosine=max(
            (cosine for hit in found.hits[:3] for cosine in hit.sentence_cosines), default=0.0
        ),
        coverage=coverage(question, best, archive),
        bm25=best.bm25,
        margin=best.score - next(others, 0.0),
    )


def coverage(question: str, hit: Hit, archive: Archive) -> float:
    """The share, 0 to 1, of the question's content words whose stems the passage holds, each weighed by its
    inverse document frequency as in BM25: ln(1 + (N - n + ½) / (n + ½))."""
    rarity = _rarity({word.stem for word in lexical.content(question)}, archive)
    there = {word.stem for word in words(hit.article.body, hit.chunk.start, hit.chunk.end)}
    total = sum(rarity.values())
    return sum(weight for stem, weight in rarity.items() if stem in there) / total if total else 0.0


def trials(squad: Mapping[str, Any], embedder: Embedder, progress: Progress | None = None) -> Iterator[Trial]:
    """A trial for every question of a SQuAD object. Raises EvaluationError when it is not SQuAD."""
    with library(read_pool(squad), embedder, progress) as held:
        for asked, found in held.ask(_K):
            right = held.articles[asked.paragraph]
            entry = held.pool.paragraphs[asked.paragraph].entry
            same = {
                id for id, of in zip(held.articles, held.pool.paragraphs, strict=True) if of.entry == entry
            }
            yield Trial(
                asked.text,
                signs(asked.text, found, held.archive),
                _signs_without(held, asked.text, found, {right}),
                _signs_without(held, asked.text, found, same),
            )


def _signs_without(held: Library, question: str, found: Found, without: Collection[str]) -> Signs:
    # What is left out leaves its place among the candidates to others.
    left = held.index.find(question, _K, vector=found.vector, without=without, pool=2 * POOL)
    return signs(question, left, held.archive)


def _rarity(stems: Collection[str], archive: Archive) -> dict[str, float]:
    size = archive.size()
    return {
        stem: math.log(1 + (size - count + 0.5) / (count + 0.5))
        for stem, count in archive.frequency(sorted(stems)).items()
    }
