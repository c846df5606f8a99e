"""Candidate sentences for an answer: every sentence of the passages found, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.directives import directs
from corpus.article import Article, Span

if TYPE_CHECKING:
    from vectorstore.index import Hit


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer: ``article.body[start:end]``."""

    hit: Hit
    """The passage that contains it."""
    number: int
    """Index of the sentence in the passage: ``hit.chunk.sentences[number]``."""

    @property
    def article(self) -> Article:
        return self.hit.article

    @property
    def span(self) -> Span:
        """Span of the sentence in the article's body."""
        return self.hit.chunk.sentences[self.number]

    @property
    def text(self) -> str:
        return self.article.body[self.span.start : self.span.end]

    @property
    def cosine(self) -> float:
        """Cosine of the question and the sentence."""
        return self.hit.sentence_cosines[self.number]


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """Return the sentences of the hits, best passage first, without those that give a machine instructions."""
    found: dict[tuple[str, int], Candidate] = {}
    for hit in hits:
        for number, span in enumerate(hit.chunk.sentences):
            key = (hit.article.id, span.start)
            if key not in found and not directs(hit.article.body[span.start : span.end]):
                found[key] = Candidate(hit, number)
    return list(found.values())
