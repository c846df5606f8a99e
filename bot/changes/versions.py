"""Versions of articles as words and sentences, to be compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answer import Quote
from bot.quotes import cut
from corpus.arabic import sentences_of, words
from corpus.article import Article, Span

NEAR = 0.4
"""Least share of words that a sentence has in common with the quote's for it to be the same sentence, reworded."""
JOINED = ("و", "ف")
"""What joins a sentence to the one before it, and is written as part of its first word."""
_SIGN = re.compile(r"[%٪‰$€£؟?]|(?<!\w)[-+−](?=\d)")


@dataclass(frozen=True, slots=True)
class Text:
    """An article's words, in order, and its sentences as ranges of them."""

    article: Article
    words: tuple[str, ...]
    spans: tuple[Span, ...]
    sentences: tuple[range, ...]
    bounds: tuple[Span, ...]
    """The spans of the sentences."""

    @classmethod
    def of(cls, article: Article) -> Text:
        found = [(word.start, word.end, word.text) for word in words(article.body) if word.text not in JOINED]
        found += [(sign.start(), sign.end(), sign[0]) for sign in _SIGN.finditer(article.body)]
        found.sort()
        sentences, bounds, at = [], [], 0
        for span in sentences_of(article, whole=True):
            first = at
            while at < len(found) and found[at][0] < span.end:
                at += 1
            if at > first:
                sentences.append(range(first, at))
                bounds.append(span)
        return cls(
            article,
            tuple(text for _, _, text in found),
            tuple(Span(start, end) for start, end, _ in found),
            tuple(sentences),
            tuple(bounds),
        )

    def within(self, start: int, end: int) -> range:
        """Return the words that ``body[start:end]`` holds, in whole or in part."""
        inside = [n for n, span in enumerate(self.spans) if span.start < end and start < span.end]
        return range(inside[0], inside[-1] + 1) if inside else range(0)

    def around(self, own: range) -> range:
        """Return the words of all the sentences that hold some of the words ``own``."""
        held = [each for each in self.sentences if each.start < own.stop and own.start < each.stop]
        return range(min(held[0].start, own.start), max(held[-1].stop, own.stop)) if held else own

    def cut(self, own: range) -> Quote:
        """Return the words ``own`` as a quote, with the marks that end or begin their sentence."""
        start, end = self.spans[own.start].start, self.spans[own.stop - 1].end
        for each, span in zip(self.sentences, self.bounds, strict=True):
            if each.start == own.start:
                start = span.start
            if each.stop == own.stop:
                end = span.end
        return cut(self.article, start, end)

    def of_range(self, own: range) -> tuple[str, ...]:
        return self.words[own.start : own.stop]


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of two sentences' words, 0 to 1, that they have in common in the same order."""
    from rapidfuzz.distance import LCSseq

    return 2 * LCSseq.similarity(one, other) / (len(one) + len(other))


def is_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two sentences have so many words in common that one may be the other, reworded."""
    return likeness(one, other) >= NEAR
