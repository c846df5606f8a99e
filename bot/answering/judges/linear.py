"""The default judge: logistic models over few features, and what the reader makes of the best passages.

Two models are fitted by ``python -m tests.bench.fit_judge`` and read from ``fitted.json``: which sentence of those
found answers rather than another (``rank``), and how likely the best-ranked states what is asked (``answer``),
calibrated on news. Each stands there twice: with the features of the reader, and without them for an answer while
somebody types.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.answering import features
from bot.answering.candidates import Candidate
from bot.answering.fitted import Fitted, fitted, sigmoid
from bot.answering.judges import Judged
from bot.answering.lines import opens_with_denial
from bot.answering.matching import view, words_of
from bot.answering.question import Query
from corpus.article import Span

if TYPE_CHECKING:
    from bot.answering.judges.reader.model import ReaderModel, Reading
    from vectorstore.index import Hit

READ = 4
"""Passages that the reader reads. Of 309 questions on news, put to 400 and to 1,617 articles, the right sentence stood
in the first four of twenty for 99 in 100, in the first six for all; each takes 60 ms of two cores without AMX …"""
BEHIND = 7.0
"""… and how far the log odds of a passage's best sentence, before it is read, may lie behind those of the first: of the
right sentences none was lost by it, and a quarter of the reading is saved."""
LEAST = 2
"""Passages that are read however far they lie behind: two say whether one article stands alone."""

RANK = (*features.NAMES, "log_share", "passage_odds", "span")
"""Features by which sentences are ranked: those of ``features`` and, of the reader, the logarithm of the share of the
sentence among those of its passage, the log odds that the passage answers, and how sure it is of the words."""
ANSWER = (*RANK, "named", "unnamed", "open", "open_mean")
"""Features by which the best-ranked is said to answer: also the share of the question that the passage names, the
weight of the heaviest word that it does not, and of the words that the reader finds open the most and the mean."""
_READERS = frozenset(("log_share", "passage_odds", "span", "open", "open_mean"))

JUDGED = 8
"""Sentences whose probability is worked out; the others are none's best."""

Mode = Literal["quick", "read"]


def names(kind: tuple[str, ...], mode: Mode) -> tuple[str, ...]:
    """The features of a kind that a mode has."""
    return kind if mode == "read" else tuple(name for name in kind if name not in _READERS)


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate with all that is known of it."""

    candidate: Candidate
    row: dict[str, float]
    reading: Reading | None = None

    @property
    def reader_words(self) -> tuple[Span, float] | None:
        """The words of the sentence that the reader takes for the answer, in the body, and how sure it is."""
        found = self.reading.spans[self.candidate.number] if self.reading else None
        if found is None:
            return None
        start = self.candidate.hit.chunk.start
        text = self.candidate.hit.text[found[0] : found[1]]
        left = len(text) - len(text.lstrip(_EDGES))
        kept = text.strip(_EDGES)
        if not kept:
            return None
        return Span(found[0] + left + start, found[0] + left + len(kept) + start), found[2]


_EDGES = ' \n\t.،؛,;:!؟?"“”«»()[]…-–'
"""What is no part of the words that answer, at either end."""


class LinearJudge:
    """The default judge. ``reader``: None for the quick mode; ``models``: others than those that come with musnad."""

    def __init__(self, reader: ReaderModel | None = None, models: Fitted | None = None) -> None:
        self._reader = reader
        self._models = models or fitted()
        self.mode: Mode = "read" if reader else "quick"

    @property
    def recipe(self) -> str:
        reader = f" with {self._reader.recipe}" if self._reader else ""
        return f"linear {self._models.digest}{reader}"

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        """Every candidate judged, the best-ranked first."""
        return self.judge_seen(query, self.see(query, candidates))

    def judge_seen(self, query: Query, seen: Sequence[Seen]) -> list[Judged]:
        """The same of candidates whose features are known."""
        model = self._models.rank[self.mode]
        ranked = []
        for each in seen:
            strict = strictly_open(query, each.candidate)
            barred = bool(strict) or _denies(query, each.candidate) or _asks_nothing(query)
            ranked.append((model.log_odds(each.row) - BARRED * barred, each, strict, barred))
        ranked.sort(key=lambda row: (-row[0], row[1].candidate.article.id, row[1].candidate.span.start))
        order = [(rank, each) for rank, each, *_ in ranked]
        judged = []
        for place, (rank, each, strict, barred) in enumerate(ranked):
            probability, opens = 0.0, strict
            if place < JUDGED:
                row = each.row | standing(query, order, place)
                probability = sigmoid(self._models.answer[self.mode].log_odds(row))
                if barred:
                    probability = min(probability, MOST_WHEN_BARRED)
                opens = tuple(dict.fromkeys((*strict, *left_open(query, each, probability < UNSURE))))
            span, certain = each.reader_words or (None, 0.0)
            openness = tuple(each.reading.open) if each.reading else ()
            judged.append(Judged(each.candidate, rank, probability, opens, span, certain, openness))
        return judged

    def see(self, query: Query, candidates: Sequence[Candidate]) -> list[Seen]:
        """The candidates with their features; with a reader, those of the best passages alone."""
        measured = [
            Seen(each, dict(zip(features.NAMES, found.values(), strict=True)))
            for each, found in zip(candidates, features.measure(query, candidates), strict=True)
        ]
        if self._reader is None or not measured:
            return measured
        return self._read(query, measured)

    def _best_passages(self, seen: Sequence[Seen]) -> list[Hit]:
        """The passages that are worth reading, by what is known of their sentences before."""
        model = self._models.rank["quick"]
        ranked = sorted(
            ((model.log_odds(each.row), each.candidate.hit) for each in seen), key=lambda row: -row[0]
        )
        best = {hit.chunk.id: (odds, hit) for odds, hit in reversed(ranked)}
        found = sorted(best.values(), key=lambda row: -row[0])[:READ]
        return [hit for n, (odds, hit) in enumerate(found) if n < LEAST or odds >= found[0][0] - BEHIND]

    def _read(self, query: Query, measured: Sequence[Seen]) -> list[Seen]:
        """The candidates of the best passages, with what the reader makes of them."""
        assert self._reader is not None
        hits = self._best_passages(measured)
        by_passage: dict[str, Reading] = {}
        # A day or year that only the date of publication gives, a passage cannot say: see ``strictly_open``.
        for asked, those in (
            (query, [hit for hit in hits if _names_period(query, hit)]),
            (_without_period(query), [hit for hit in hits if not _names_period(query, hit)]),
        ):
            passages = [(h.article.title, h.text, _sentences(h)) for h in those]
            readings = self._reader.read(asked.text, [word.span for word in asked.words], passages)
            by_passage |= {hit.chunk.id: reading for hit, reading in zip(those, readings, strict=True)}
        seen = []
        for each in measured:
            reading = by_passage.get(each.candidate.hit.chunk.id)
            if reading is not None:
                seen.append(Seen(each.candidate, each.row | _of_reading(each.candidate, reading), reading))
        return seen


def _sentences(hit: Hit) -> list[Span]:
    return [Span(s.start - hit.chunk.start, s.end - hit.chunk.start) for s in hit.chunk.sentences]


def _names_period(query: Query, hit: Hit) -> bool:
    """Whether a passage or its headline names the day, month or year that the question names, if it names one."""
    if query.period is None:
        return True
    day = features.anchor(hit.article)
    found = (*features.dates(hit.text, day), *features.dates(hit.article.title, day))
    return any(query.period.holds(date.date) for date in found)


def _without_period(query: Query) -> Query:
    shorter = query.without(query.period.text) if query.period else query
    return shorter if len(shorter.words) == len(query.words) else query


def _of_reading(candidate: Candidate, reading: Reading) -> dict[str, float]:
    logits = [max(each, -30.0) for each in reading.sentences]
    most = max(logits)
    total = most + math.log(sum(math.exp(each - most) for each in logits))
    span = reading.spans[candidate.number]
    return {
        "log_share": max(logits[candidate.number] - total, -8.0),
        "passage_odds": max(min(total - reading.null, 10.0), -10.0),
        "span": span[2] if span else 0.0,
    }


def standing(query: Query, ranked: Sequence[tuple[float, Seen]], place: int) -> dict[str, float]:
    """What tells whether a ranked sentence answers, beside what ranked it; ``ranked``: all with their log odds, best
    first. Those that say the same as it count with it."""
    odds, each = ranked[place]
    most, shares, same, behind = ranked[0][0], 0.0, 0.0, 5.0
    own = _stems(each)
    for other_odds, other in ranked:
        share = math.exp(max(other_odds - most, -50.0))
        alike = other is each or (share > 0.01 and _alike(own, _stems(other)))
        shares, same = shares + share, same + share * alike
        if not alike and other_odds <= odds:
            behind = min(behind, odds - other_odds)
    opens = openness(query, each)
    around = view(each.candidate.article.title) | view(each.candidate.hit.text)
    unnamed = max((word.weight * (1.0 - word.match(around)) for word in query.words), default=0.0)
    return {
        "mass": same / shares,
        "margin": behind,
        "named": each.row["passage"],
        "unnamed": 0.0 if query.english else unnamed,
        "open": max(opens, default=0.0),
        "open_mean": sum(opens) / len(opens) if opens else 0.0,
    }


def _stems(each: Seen) -> frozenset[str]:
    return frozenset(word.stem for word in words_of(each.candidate.text))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    smaller = min(len(one), len(other))
    return smaller > 0 and len(one & other) >= 0.6 * smaller


def openness(query: Query, each: Seen) -> list[float]:
    """For each word of the question, 0 … 1: how open the sentence and what stands around it leave it.

    By the reader where it read; a word that neither passage nor headline names, by its share of the weight, else.
    """
    around = view(each.candidate.article.title) | view(each.candidate.hit.text)
    if each.reading is not None:
        return [
            o * (1.0 - 0.5 * w.match(around)) for w, o in zip(query.words, each.reading.open, strict=True)
        ]
    if query.english:
        return [0.0] * len(query.words)  # its words stand in no Arabic passage
    heaviest = max((word.weight for word in query.words), default=1.0)
    return [(1.0 - word.match(around)) * word.weight / heaviest for word in query.words]


OPEN = 0.5
"""From where on a word is named as left open."""
MOST_OPEN = 3
UNSURE = 0.55
"""Below this probability the word that is most likely to be left open is named, however likely that is."""
BARRED = 4.0
"""Log odds by which a sentence ranks lower that leaves open a number, a day or a speaker that the question names, or
that opens with a denial where a fact is asked for."""
MOST_WHEN_BARRED = 0.2
"""The highest probability of such a sentence."""


def left_open(query: Query, each: Seen, least: bool) -> tuple[str, ...]:
    """The words that are left open, the most open first; with ``least`` at least the most open one, unless all are
    named."""
    found = sorted(zip(openness(query, each), query.words, strict=True), key=lambda pair: -pair[0])
    named = [word.text for openness, word in found[:MOST_OPEN] if openness >= OPEN]
    if least and not named and found and found[0][0] > 0.1:
        named = [found[0][1].text]
    return tuple(dict.fromkeys(named))


def strictly_open(query: Query, candidate: Candidate) -> tuple[str, ...]:
    """What of the question no other word can stand for, and the sentence with what stands around it lacks: a number, a
    day or year, who is to have spoken."""
    article = candidate.article
    passage = view(article.title) | view(candidate.hit.text)
    found = [word.text for word in query.words if word.value is not None and not word.match(passage)]
    if query.period is not None and not _in_period(query, candidate):
        found.append(query.period.text)
    speaker = [query.words[n] for n in query.speaker]
    if speaker:
        own = view(candidate.text) | view(article.title) | view(article.publisher or "")
        if candidate.text.startswith("و"):  # «وأضاف …» leaves who speaks to the sentence before
            own |= view(features.before(candidate))
        found += [word.text for word in speaker if not word.match(own)]
    return tuple(found)


def is_barred(query: Query, candidate: Candidate) -> bool:
    """Whether no judge may call it likely: see ``BARRED``."""
    strict = strictly_open(query, candidate)
    return bool(strict) or _denies(query, candidate) or _asks_nothing(query)


_OF_FACTS = frozenset(("when", "number", "who", "where"))


def _denies(query: Query, candidate: Candidate) -> bool:
    """Whether a sentence opens with a denial where a date, a number, a person or a place is asked for: «لم يفز فلان»
    says who did not. To any other question a denial may be the answer."""
    return query.kind in _OF_FACTS and opens_with_denial(candidate.text, query)


def _asks_nothing(query: Query) -> bool:
    """Whether a question is a lone word that the archive does not have: nothing can be said to answer it."""
    return query.kind == "what" and len(query.words) < 2 and not any(word.known for word in query.words)


def _in_period(query: Query, candidate: Candidate) -> bool:
    """Whether a sentence speaks of the day, month or year that the question names: by a date of its own; where it has
    none, by one of the sentence before or of the headline, or by the day its article was published."""
    period, day = query.period, features.anchor(candidate.article)
    assert period is not None
    own = features.dates(candidate.text, day)
    if own:
        return any(period.holds(date.date) for date in own)
    years = {value for value in view(candidate.text).values if 1900 <= value < 2100}
    if len(period.date) == 4 and years:
        return float(period.date) in years
    around = (features.before(candidate), candidate.article.title)
    if any(period.holds(date.date) for text in around for date in features.dates(text, day)):
        return True
    published = candidate.article.published.date
    return published is not None and period.holds(published)
