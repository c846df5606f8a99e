"""Tell whether two articles are copies: by the share of words that one has of the other, and by what differs.

Reports of one kind, such as two days' weather, have most words in common and tell other things. So what differs
decides: where sentences that are the same otherwise have other figures, days or names, the articles are no copies. Nor
are they when one begins with news that the other does not have: that is an update.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Literal

from rapidfuzz.fuzz import ratio

from corpus.arabic import sentences, values, words
from corpus.arabic.affixes import article
from corpus.arabic.calendar import months, weekdays
from corpus.arabic.numbers import value_of
from corpus.article import Article
from corpus.copies.signatures import SHINGLE, own_text, tokens

Likeness = Literal["whole", "part"]
"""Two articles of which each has most of the other, or of which one is a part of the other."""

IsRare = Callable[[str], bool]
"""Whether few articles have a folded word, as they do names."""

_SHARE = 0.45
"""Least share of the smaller article's shingles that the other has."""
_CONTAINED = 0.9
"""Share from which on the smaller one is a part of the other, whatever that begins with."""
_WHOLE = 0.6
"""Least share of the larger one's shingles for two wholes."""
_LEAST = 10  # shingles in common
_SAME = 0.5  # share of a sentence's shingles that another has, to be the same sentence told
_ALIKE = 0.7  # share from which on nothing else is in either
_TOLD = 0.8  # share of a quote's pairs of words that an article has, to tell it too
_SPELT = 60  # likeness in percent of two spellings of one name
_NAME = 4  # words
_MATTER = 3  # rare words that tell of something else
_SMALL = 100  # numbers in words up to here are one word
_PLACE = 8  # words in which a figure has its counterpart
_ADDED, _YEAR = 4, 4  # figures in the middle of sentences, of fewer digits than a year
_NAMES, _SHARE_OF_NAMES = 2, 0.03  # replaced, at least


@dataclass(frozen=True)
class Sentence:
    """A sentence's words, folded, and the pairs of neighbours among them."""

    text: str
    tokens: tuple[str, ...]

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        return frozenset(zip(*(self.tokens[at:] for at in range(SHINGLE)), strict=False))

    @cached_property
    def figures(self) -> AbstractSet[float | str]:
        days = {day for token in self.tokens if (day := _days().get(token))}
        return days | {value for value, _, _ in values(words(self.text))}


class Told:
    """What an article tells, prepared for comparison."""

    def __init__(self, told: Article) -> None:
        text = own_text(told)
        lines = (line for line in text.splitlines() if line.strip())
        found = [line[span.start : span.end] for line in lines for span in sentences(line)]
        self.title = told.title
        self.sentences = [Sentence(each, tuple(tokens(each))) for each in found]

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        return frozenset().union(*(each.shingles for each in self.sentences))

    @cached_property
    def figures(self) -> frozenset[float | str]:
        title = Sentence(self.title, tuple(tokens(self.title)))
        return frozenset().union(title.figures, *(each.figures for each in self.sentences))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(tokens(self.title)).union(*(each.tokens for each in self.sentences))

    @cached_property
    def holders(self) -> dict[tuple[str, ...], list[int]]:
        found: dict[tuple[str, ...], list[int]] = {}
        for at, each in enumerate(self.sentences):
            for shingle in each.shingles:
                found.setdefault(shingle, []).append(at)
        return found


def compare(one: Told, other: Told, is_rare: IsRare) -> Likeness | None:
    """Return how two articles are copies, None when they are none."""
    small, large = sorted((one, other), key=lambda each: len(each.shingles))
    common = len(small.shingles & large.shingles)
    if common < _LEAST or common < _SHARE * len(small.shingles):
        return None
    pairs = _pairs(small, large)
    if any(_figures_differ(first, second, small, large) for first, second in pairs):
        return None
    if _details_differ(pairs, small, large, is_rare):
        return None
    contained = common >= _CONTAINED * len(small.shingles)
    if not contained and (_brings_news(small, large, is_rare) or _brings_news(large, small, is_rare)):
        return None
    return "whole" if common >= _WHOLE * len(large.shingles) else "part"


def is_told_in(words_said: str, article: Article) -> bool:
    """Return whether a sentence stands in an article in nearly its words, with all its figures."""
    said, inside = tokens(words_said), tokens(article.body)
    own, its = set(pairwise(said)), set(pairwise(inside))
    if len(own) < 2:
        return " ".join(said) in " ".join(inside)
    figures = {word for word in said if word[0].isdigit()}
    return len(own & its) >= _TOLD * len(own) and figures <= set(inside)


def share(one: str, other: str) -> float:
    """Return the share of the shorter text's neighbouring words that stand together in the other too: 0 … 1."""
    first, second = (set(pairwise(tokens(text))) for text in (one, other))
    least = min(len(first), len(second))
    return len(first & second) / least if least else 0.0


def _pairs(small: Told, large: Told) -> list[tuple[Sentence, Sentence]]:
    """Return the sentences that both tell, each with that of the other that has most of its words."""
    found = []
    for own, its in ((small, large), (large, small)):
        for sentence in own.sentences:
            match = _told_in(sentence, its)
            if match is not None and match.tokens != sentence.tokens:
                found.append((sentence, match) if own is small else (match, sentence))
    return found


def _told_in(sentence: Sentence, other: Told) -> Sentence | None:
    counts = Counter(at for shingle in sentence.shingles for at in other.holders.get(shingle, ()))
    if not counts:
        return None
    ((at, common),) = counts.most_common(1)
    match = other.sentences[at]
    least = min(len(sentence.shingles), len(match.shingles))
    return match if common >= _SAME * least and common > 2 else None


def _figures_differ(first: Sentence, second: Sentence, small: Told, large: Told) -> bool:
    """Return whether two tellings of a sentence have different figures.

    Of tellings that are alike only in part, the rest may be another sentence of the other article.
    """
    ours, its = first.figures - second.figures, second.figures - first.figures
    common = len(first.shingles & second.shingles)
    if common < _ALIKE * max(len(first.shingles), len(second.shingles)):
        ours, its = ours - large.figures, its - small.figures
    return bool(ours and its)


def _details_differ(
    pairs: Sequence[tuple[Sentence, Sentence]], small: Told, large: Told, is_rare: IsRare
) -> bool:
    """Return whether articles have other figures or names in the same place of a sentence, or one has many more."""
    replaced: set[tuple[str, str]] = set()
    added: set[tuple[str, ...]] = set()
    for first, second in pairs:
        operations = SequenceMatcher(None, first.tokens, second.tokens, autojunk=False).get_opcodes()
        for at, (tag, start, end, begin, stop) in enumerate(operations):
            ours, its = first.tokens[start:end], second.tokens[begin:stop]
            if tag == "equal":
                continue
            if _digits(ours) and _digits(its):
                if max(len(ours), len(its)) <= _PLACE and _digits(ours) != _digits(its):
                    return True
            elif 0 < at < len(operations) - 1:
                added.update(("small", word) for word in _short_numbers(ours) if word not in large.words)
                added.update(("large", word) for word in _short_numbers(its) if word not in small.words)
            if tag == "replace":
                is_short = max(len(ours), len(its)) <= _NAME
                ours = tuple(word for word in ours if word not in large.words and is_rare(word))
                its = tuple(word for word in its if word not in small.words and is_rare(word))
                if not is_short and min(len(ours), len(its)) >= _MATTER:
                    return True
                if is_short and ours and its and ratio(" ".join(ours), " ".join(its)) < _SPELT:
                    replaced.update(zip(ours, its, strict=False))
    size = sum(len(each.tokens) for each in small.sentences)
    return len(replaced) >= max(_NAMES, _SHARE_OF_NAMES * size) or len(added) >= _ADDED


def _digits(found: Sequence[str]) -> str:
    """Return the digits of words in an order of their own: «2 500» and «2500», «9ر2» and «2.9» are the same.

    Small numbers in words have digits too: «الثالثة».
    """
    return "".join(sorted("".join(map(_digits_of, found))))


@lru_cache(maxsize=1 << 14)
def _digits_of(word: str) -> str:
    if word[0].isdigit():
        return word.replace(".", "")
    value = value_of(word.removeprefix(article()))
    return f"{value:.0f}" if value is not None and 1 <= value < _SMALL else ""


def _short_numbers(found: Sequence[str]) -> list[str]:
    return [word for word in found if word[0].isdigit() and len(word) < _YEAR]


def _brings_news(told: Told, other: Told, is_rare: IsRare) -> bool:
    """Return whether an article begins with a sentence of figures or names that the other does not tell."""
    lead = next((each for each in told.sentences if len(each.tokens) > 5), None)
    if lead is None or _told_in(lead, other) is not None:
        return False
    if lead.figures - other.figures:
        return True
    return sum(is_rare(word) for word in set(lead.tokens) - other.words) >= _NAMES


@cache
def _days() -> dict[str, str]:
    """Return the days and months by their folded names, with and without the article."""
    named = {name: f"day {number}" for name, number in weekdays().items()}
    named |= {name: f"month {number}" for name, number in months().items()}
    return named | {f"{article()}{name}": day for name, day in named.items()}
