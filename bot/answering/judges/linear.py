"""The default judge: logistic models over a few features and the reader's output for the best passages.

Two models are fitted by ``python -m tests.bench.fit_judge`` and read from ``fitted.json``: which of the sentences
found answers rather than another (``rank``), and how likely the best-ranked states what is asked (``answer``),
calibrated on news. Each is stored twice: with the features of the reader, and without them for an answer while
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
from bot.answering.lines import measure_forms, opens_with_denial
from bot.answering.matching import view, words_of
from bot.answering.question import Query, QueryWord
from corpus.arabic import fold_text
from corpus.arabic.questions import question_words
from corpus.article import Span

if TYPE_CHECKING:
    from bot.answering.judges.reader.model import ReaderModel, Reading
    from vectorstore.index import Hit

READ = 4
"""Number of passages that the reader reads.

Of 309 questions on news, put to 400 and to 1,617 articles, the right sentence was in the first four of twenty for
99 in 100, in the first six for all; each takes 60 ms of two cores without AMX.
"""
BEHIND = 7.0
"""Log odds by which the best sentence of a passage, before it is read, may rank behind that of the first passage.

On news none of the right sentences was lost by this limit, on ARCD 7 in 1,000; a third of the reading is saved.
"""
LEAST = 2
"""Number of passages that are read however far behind they rank: two tell whether one article stands alone."""

RANK = (*features.NAMES, "log_share", "passage_odds", "span")
"""Features by which sentences are ranked: those of ``features`` and three of the reader.

The reader's are the logarithm of the share of the sentence among those of its passage, the log odds that the
passage answers, and how sure it is of the words.
"""
ANSWER = (*RANK, "named", "unnamed", "open", "open_mean")
"""Features by which the best-ranked sentence is said to answer: those of ``RANK`` and four more.

They are the share of the question that the passage names, the weight of the heaviest word that it does not name,
and the most and the mean of the openness of the words by the reader.
"""
_READERS = frozenset(("log_share", "passage_odds", "span", "open", "open_mean"))

JUDGED = 8
"""Number of sentences whose probability is computed; the others are none's best."""

Mode = Literal["quick", "read"]


def names(kind: tuple[str, ...], mode: Mode) -> tuple[str, ...]:
    """Return the features of a kind that a mode has."""
    return kind if mode == "read" else tuple(name for name in kind if name not in _READERS)


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate with its features and the reader's output for its passage."""

    candidate: Candidate
    row: dict[str, float]
    reading: Reading | None = None

    @property
    def reader_words(self) -> tuple[Span, float] | None:
        """Span in the body of the words that the reader takes for the answer, and its certainty."""
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
"""Characters stripped from both ends of the words that answer."""


class LinearJudge:
    """The default judge.

    ``reader``: None for the quick mode; ``models``: instead of those that come with musnad.
    """

    def __init__(self, reader: ReaderModel | None = None, models: Fitted | None = None) -> None:
        self._reader = reader
        self._models = models or fitted()
        self.mode: Mode = "read" if reader else "quick"

    @property
    def recipe(self) -> str:
        reader = f" with {self._reader.recipe}" if self._reader else ""
        return f"linear {self._models.digest}{reader}"

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        """Judge every candidate and return them, the best-ranked first."""
        return self.judge_seen(query, self.see(query, candidates))

    def judge_seen(self, query: Query, seen: Sequence[Seen]) -> list[Judged]:
        """Judge candidates whose features are known, the best-ranked first."""
        model = self._models.rank[self.mode]
        ranked = []
        for each in seen:
            strict = strictly_open(query, each.candidate)
            barred = bool(strict) or _denies(query, each.candidate) or _asks_nothing(query)
            told = not barred and _tells_all(query, each)
            rank = model.log_odds(each.row) - BARRED * barred + AHEAD * told
            ranked.append((rank, each, strict, barred, told))
        ranked.sort(key=lambda row: (-row[0], row[1].candidate.article.id, row[1].candidate.span.start))
        order = [(rank, each) for rank, each, *_ in ranked]
        judged = []
        for place, (rank, each, strict, barred, told) in enumerate(ranked):
            probability, opens = 0.0, strict
            if place < JUDGED:
                row = each.row | standing(query, order, place)
                probability = sigmoid(self._models.answer[self.mode].log_odds(row))
                if barred:
                    probability = min(probability, MOST_WHEN_BARRED)
                if told:
                    probability = max(probability, TOLD)
                opens = tuple(dict.fromkeys((*strict, *left_open(query, each, probability < UNSURE))))
            span, certain = each.reader_words or (None, 0.0)
            openness = tuple(each.reading.open) if each.reading else ()
            judged.append(Judged(each.candidate, rank, probability, opens, span, certain, openness))
        return judged

    def see(self, query: Query, candidates: Sequence[Candidate]) -> list[Seen]:
        """Return the candidates with their features; with a reader, only those of the best passages."""
        measured = [
            Seen(each, dict(zip(features.NAMES, found.values(), strict=True)))
            for each, found in zip(candidates, features.measure(query, candidates), strict=True)
        ]
        if self._reader is None or not measured:
            return measured
        return self._read(query, measured)

    def _best_passages(self, seen: Sequence[Seen]) -> list[Hit]:
        """Return the passages that are worth reading, by the features of their sentences known before."""
        model = self._models.rank["quick"]
        ranked = sorted(
            ((model.log_odds(each.row), each.candidate.hit) for each in seen), key=lambda row: -row[0]
        )
        best = {hit.chunk.id: (odds, hit) for odds, hit in reversed(ranked)}
        found = sorted(best.values(), key=lambda row: -row[0])[:READ]
        return [hit for n, (odds, hit) in enumerate(found) if n < LEAST or odds >= found[0][0] - BEHIND]

    def _read(self, query: Query, measured: Sequence[Seen]) -> list[Seen]:
        """Return the candidates of the best passages with the reader's output for them."""
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
    """Return whether a passage or its headline names the question's day, month or year, if it names one."""
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
    """Return the features that tell whether a ranked sentence answers, beside those that ranked it.

    ``ranked``: all with their log odds, best first. Sentences that say the same as this one count with it.
    """
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
    """Return for each word of the question, 0 … 1, how open the sentence and its surroundings leave it.

    By the reader where it read; else, for a word that neither passage nor headline names, by its share of the
    weight.
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
"""Openness from which a word is named as left open."""
MOST_OPEN = 3
UNSURE = 0.55
"""Probability below which the word most likely to be left open is named, however likely that is."""
BARRED = 4.0
"""Log odds by which a barred sentence ranks lower.

A sentence is barred when it leaves open a number, a day or a speaker that the question names, or opens with a
denial where a fact is asked for.
"""
MOST_WHEN_BARRED = 0.2
"""Highest probability of a barred sentence."""
TOLD = 0.65
"""Minimum probability of a sentence that tells all of an open-ended question: see ``_tells_all``."""
ALL = 0.95
"""Share of such a question, by weight, that sentence, headline and the sentence before have to name."""
DOUBTED = 0.3
"""Maximum mean openness of the words that name who is to have spoken."""
AHEAD = 1.5
"""Log odds by which such a sentence ranks higher than one that does not name all."""


def left_open(query: Query, each: Seen, least: bool) -> tuple[str, ...]:
    """Return the words that are left open, the most open first.

    With ``least``, return at least the most open one, unless all are named.
    """
    found = sorted(zip(openness(query, each), query.words, strict=True), key=lambda pair: -pair[0])
    named = [word.text for openness, word in found[:MOST_OPEN] if openness >= OPEN]
    if least and not named and found and found[0][0] > 0.1:
        named = [found[0][1].text]
    return tuple(dict.fromkeys(named))


def strictly_open(query: Query, candidate: Candidate) -> tuple[str, ...]:
    """Return words of the question with no substitute that the sentence and its surroundings lack.

    These are a number, a day or year, and the person who is said to have spoken.
    """
    article = candidate.article
    passage = view(article.title) | view(candidate.hit.text)
    found = [word.text for word in query.words if word.value is not None and not word.match(passage)]
    if query.period is not None and not _in_period(query, candidate):
        found.append(query.period.text)
    if query.counted is not None and _measures_another(query.counted, candidate.text):
        found.append(query.counted.text)
    speaker = [query.words[n] for n in query.speaker]
    if speaker:
        own = view(candidate.text) | view(article.title) | view(article.publisher or "")
        if candidate.text.startswith("و"):  # «وأضاف …» leaves who speaks to the sentence before
            own |= view(features.before(candidate))
        found += [word.text for word in speaker if not word.match(own)]
    return tuple(found)


def _measures_another(counted: QueryWord, text: str) -> bool:
    """Return whether a sentence gives another dimension than the one asked for, and not that: width for length."""
    dimensions = question_words("dimensions")
    asked = dimensions & set(measure_forms(fold_text(counted.text)))
    named = dimensions & {form for word in words_of(text) for form in measure_forms(word.text)}
    return bool(asked) and bool(named) and not asked & named


def is_barred(query: Query, candidate: Candidate) -> bool:
    """Return whether no judge may call the sentence likely: see ``BARRED``."""
    strict = strictly_open(query, candidate)
    return bool(strict) or _denies(query, candidate) or _asks_nothing(query)


_OF_FACTS = frozenset(("when", "number", "who", "where"))


def _denies(query: Query, candidate: Candidate) -> bool:
    """Return whether a sentence opens with a denial where a date, a number, a person or a place is asked for.

    «لم يفز فلان» says who did not. To any other question a denial may be the answer.
    """
    return query.kind in _OF_FACTS and opens_with_denial(candidate.text, query)


def _tells_all(query: Query, each: Seen) -> bool:
    """Return whether a question asks only what was said or what happened, and all that it names is spoken of.

    «ماذا قال الوزير عن الجسر؟», «ماذا حدث في المرفأ؟»: such a question has no relation of its own that a sentence could
    leave open. Named by the sentence, the one before it or the headline; and of who is to have spoken the reader must
    not doubt it: a sentence that names a speaker may be another's about him. So it is with a question for a number
    where the reader takes words with a number for the answer and leaves no word of the question open.
    """
    if query.kind == "said":
        spoken = [each.reading.open[number] for number in query.speaker] if each.reading else [1.0]
        if sum(spoken) > DOUBTED * len(spoken):
            return False
    elif not query.open_ended and not (query.kind == "number" and _reads_a_number(query, each)):
        return False
    candidate = each.candidate
    seen = view(candidate.text) | view(candidate.article.title) | view(features.before(candidate))
    return bool(query.words) and features.coverage(query, seen) >= ALL


def _reads_a_number(query: Query, each: Seen) -> bool:
    """Return whether the reader leaves nothing open, and its answer holds one number, which the question has not."""
    found = each.reader_words
    if found is None or each.reading is None or max(each.reading.open, default=1.0) >= OPEN:
        return False
    span, start = found[0], each.candidate.span.start
    held = features.held(query, each.candidate.text, features.anchor(each.candidate.article))
    read = [
        n
        for n in held
        if isinstance(n, features.Number) and n.start + start < span.end and span.start < n.end + start
    ]
    return len(read) == 1 and read[0].value not in {word.value for word in query.words}


def _asks_nothing(query: Query) -> bool:
    """Return whether a question is a single word that the archive does not have, which nothing can answer."""
    return query.kind == "what" and len(query.words) < 2 and not any(word.known for word in query.words)


def _in_period(query: Query, candidate: Candidate) -> bool:
    """Return whether a sentence speaks of the day, month or year that the question names.

    By a date of its own; where it has none, by one of the sentence before or of the headline, or by the day its
    article was published.
    """
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
