"""Features of a candidate sentence: a few general numbers for every archive and kind of question."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

from bot.answering.candidates import Candidate
from bot.answering.matching import SAME, TEXTS, View, view, words_of
from bot.answering.question import Query
from corpus.arabic import values
from corpus.article import Article
from corpus.dates import DateMention, find_dates


@dataclass(frozen=True, slots=True)
class Features:
    """Feature values of one sentence. Shares are 0 … 1."""

    cosine: float
    """Cosine of question and sentence."""
    passage_cosine: float
    """Cosine of question and passage."""
    lead: float
    """Cosine minus the mean of all candidates."""
    passage_lead: float
    """Fused score of the passage minus that of the best one."""
    bm25: float
    """BM25 of the passage, as a share of the maximum that the question could score."""
    coverage: float
    """Share of the question's words that the sentence names, by weight."""
    context: float
    """The same share for the sentence with the one before it and the headline."""
    passage: float
    """The same share for the passage and the headline."""
    heaviest: float
    """Match of the sentence with the word that tells most."""
    lost: float
    """Weight of the heaviest word that neither passage nor headline names, as a share of all."""
    held: float
    """1 when the sentence holds a date or a number and one is asked for."""
    lacking: float
    """1 when one is asked for and the sentence holds none."""
    near: float
    """Nearness of that date or number to the question's words."""
    length: float
    """Logarithm of the number of words."""
    opening: float
    """1 for the first sentence of its article."""

    def values(self) -> tuple[float, ...]:
        return tuple(getattr(self, name) for name in NAMES)


NAMES = tuple(field.name for field in fields(Features))


def measure(query: Query, candidates: Sequence[Candidate]) -> list[Features]:
    """Compute the features of each candidate, in their order."""
    if not candidates:
        return []
    mean = sum(each.cosine for each in candidates) / len(candidates)
    best = max(each.hit.score for each in candidates)
    ceiling = sum(word.weight for word in query.words) or 1.0
    around = {each.hit.chunk.id: view(each.hit.article.title) | view(each.hit.text) for each in candidates}
    return [_features(query, each, mean, best, ceiling, around[each.hit.chunk.id]) for each in candidates]


def _features(
    query: Query, each: Candidate, mean: float, best: float, ceiling: float, passage: View
) -> Features:
    hit, text = each.hit, each.text
    own = view(text)
    context = own | view(hit.article.title) | view(before(each))
    matches = [word.match(own) for word in query.words]
    found = held(query, text, anchor(hit.article))
    wanted = query.kind in {"when", "number"}
    lost = [word.weight * (1.0 - word.match(passage)) for word in query.words]
    return Features(
        cosine=each.cosine,
        passage_cosine=hit.dense,
        lead=each.cosine - mean,
        passage_lead=hit.score - best,
        bm25=min(hit.bm25 / (ceiling * 2.2), 1.5),
        coverage=_share(query, matches),
        context=coverage(query, context),
        passage=coverage(query, passage),
        heaviest=max(zip((w.weight for w in query.words), matches, strict=True), default=(0.0, 0.0))[1],
        lost=max(lost, default=0.0) / ceiling,
        held=float(bool(found)),
        lacking=float(wanted and not found),
        near=max((nearness(query, text, span.start, span.end) for span in found), default=0.0),
        length=math.log(1 + len(words_of(text))),
        opening=float(each.span.start == 0),
    )


def coverage(query: Query, seen: View) -> float:
    """Return the share of the question's words that ``seen`` names, by weight: 0 … 1."""
    return _share(query, [word.match(seen) for word in query.words])


def _share(query: Query, matches: Sequence[float]) -> float:
    total = sum(word.weight for word in query.words)
    got = sum(word.weight * match for word, match in zip(query.words, matches, strict=True))
    return got / total if total else 0.0


def before(each: Candidate) -> str:
    """Return the sentence before, where it stands in the same paragraph of the passage, else ""."""
    if not each.number:
        return ""
    span = each.hit.chunk.sentences[each.number - 1]
    return (
        "" if each.article.parted(span.start, each.span.start) else each.article.body[span.start : span.end]
    )


def anchor(article: Article) -> datetime.date | None:
    """Return the day an article was published, where it is known to the day."""
    date = article.published
    return datetime.date.fromisoformat(date.date) if date.date and date.precision == "day" else None


@dataclass(frozen=True, slots=True)
class Number:
    """A number given by ``text[start:end]``; ``value`` is its value."""

    start: int
    end: int
    value: float
    first: int
    """Index of its first word in the text."""
    last: int
    """Index of the word behind it."""


Held = DateMention | Number


@lru_cache(maxsize=TEXTS)
def dates(text: str, day: datetime.date | None) -> tuple[DateMention, ...]:
    """Return the dates of a sentence, cached."""
    return tuple(find_dates(text, day))


_ANY_DAY = datetime.date(2000, 1, 1)


@lru_cache(maxsize=TEXTS)
def numbers(text: str, day: datetime.date | None) -> tuple[Number, ...]:
    """Return the numbers of a sentence that are not part of a date, nor years. «9 من شباط» counts nothing."""
    taken = [(date.start, date.end) for date in dates(text, day or _ANY_DAY)]
    found = words_of(text)
    return tuple(
        Number(found[first].start, found[last - 1].end, value, first, last)
        for value, first, last in values(found)
        if not any(start <= found[first].start < end for start, end in taken)
        and not (
            1900 <= value < 2100
            and last - first == 1
            and text[found[first].start].isdigit()
            and _bare(text, found[first].end)
        )
    )


def _bare(text: str, end: int) -> bool:
    """Return whether a number has nothing after it that it could count: «2014:»."""
    return not text[end:].lstrip(" ")[:1].isalpha()


def held(query: Query, text: str, day: datetime.date | None) -> tuple[Held, ...]:
    """Return the dates or numbers of a sentence if the question asks for one, except its own numbers."""
    if query.kind == "when":
        return dates(text, day)
    if query.kind == "number":
        own = {word.value for word in query.words}
        return tuple(number for number in numbers(text, day) if number.value not in own)
    return ()


_REACH = 8.0  # words over which nearness falls to a third


def nearness(query: Query, text: str, start: int, end: int) -> float:
    """Return the nearness of ``text[start:end]`` to the question's words, by their weight: 0 … 1."""
    found = words_of(text)
    total = sum(word.weight for word in query.words)
    places = [index for index, word in enumerate(found) if word.start >= start and word.end <= end]
    if not total or not places:
        return 0.0
    got = 0.0
    for word in query.words:
        at = [index for index, each in enumerate(found) if word.match(view(each.text)) >= SAME * 0.7]
        steps = [min(abs(index - place) for place in places) for index in at]
        got += word.weight * max((math.exp(-step / _REACH) for step in steps), default=0.0)
    return got / total
