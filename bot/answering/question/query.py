"""A parsed question: its kind, its words with their weight, the day it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.answering.matching import RELATED, SAME, View, words_of
from corpus.arabic import stopwords
from corpus.arabic.questions import question_words
from corpus.article import Span

Kind = Literal["when", "number", "who", "where", "said", "whether", "why", "how", "what"]

Tense = Literal["now", "state", "event", "past"]
"""The time that a question asks about: the present or the newest; how things stand; what happened, whenever that was; a
period that it names and that is over."""


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of the question that an article would have to mention."""

    text: str
    """The word as the question writes it."""
    span: Span
    """Span of the word in ``Query.text``."""
    forms: frozenset[str]
    """Folded words and stems that name it."""
    root: str
    value: float | None = None
    """The number it counts or the year it is, when it is a number."""
    weight: float = 1.0
    """Inverse document frequency in the archive, a measure of how well it tells passages apart."""
    known: bool = True
    """Whether the archive has any of its forms."""

    def match(self, seen: View) -> float:
        """Return how well the words of ``seen`` name it, 0 … 1."""
        if self.value is not None:
            return SAME if self.value in seen.values else 0.0
        if self.forms & seen.forms:
            return SAME
        return RELATED if self.root and self.root in seen.roots else 0.0


@dataclass(frozen=True, slots=True)
class Period:
    """A day, month or year that a question names."""

    text: str
    """The date as the question writes it."""
    date: str
    """The beginning of an ISO date: ``2026``, ``2026-03`` or ``2026-03-02``."""
    relative: bool
    """Whether it is counted from the asker's day: «أمس»."""

    def holds(self, date: str) -> bool:
        """Return whether an ISO date, or the beginning of one, lies in the period."""
        return date.startswith(self.date)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed question."""

    text: str
    """The question as it is shown; the spans of its words refer to it."""
    searched: str
    """The question with dialect words in standard Arabic, used for search and reading."""
    kind: Kind
    words: tuple[QueryWord, ...]
    counted: QueryWord | None = None
    """For ``number``: the word counted or measured: «كم قتيلًا», «ما طول الجسر»."""
    speaker: tuple[int, ...] = ()
    """For ``said``: indices of the ``words`` that name the person said to have spoken."""
    period: Period | None = None
    """The day, month or year that the question names."""
    english: bool = False
    open_ended: bool = False
    """Whether it asks only what happened: «ماذا حدث في المرفأ؟»."""
    tense: Tense = "event"
    """The time that it asks about."""

    @property
    def expansions(self) -> tuple[str, ...]:
        """Further spellings for the lexical side of the search: the archive's own of words it does not know."""
        own = {word.text for word in words_of(self.searched)}
        return tuple(
            dict.fromkeys(
                form
                for word in self.words
                for form in sorted(word.forms)
                if form not in own and word.value is None
            )
        )

    def without(self, part: str) -> Query:
        """Return the question without a part of its text, the particles before it, and their words.

        For what another check verifies, such as the day or the outlet that it names, which no sentence has to say.
        """
        start = self.text.find(part)
        if start < 0 or not part:
            return self
        end = start + len(part)
        for word in reversed([each for each in words_of(self.text)[1:] if each.end <= start]):
            if word.text not in stopwords() | question_words("time"):
                break
            start = word.start  # «في يوم 2 آذار»
        start -= self.text[start - 1 : start] == " "
        gone = Span(start, end)
        kept = [n for n, word in enumerate(self.words) if not overlaps(word.span, [gone])]
        words = tuple(
            _moved(self.words[n], start - end) if self.words[n].span.start >= end else self.words[n]
            for n in kept
        )
        return replace(
            self,
            text=self.text[:start] + self.text[end:],
            words=words,
            speaker=tuple(kept.index(number) for number in self.speaker if number in kept),
        )


def _moved(word: QueryWord, by: int) -> QueryWord:
    return replace(word, span=Span(word.span.start + by, word.span.end + by))


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    """Return whether a span shares text with any of the others."""
    return any(span.start < other.end and other.start < span.end for other in others)
