"""From passages to the sentences that answer, and the decision to refuse.

Every sentence of the best passages is a ``Candidate`` with a few measured features; a logistic model over them
(``evidence_weights.json``, fitted by ``python -m tests.bench.fit_evidence`` on questions with their article kept and
removed) says how likely the sentence answers. The rule, in the order it is applied:

1. A proper name of the question (a country, a city, an organisation of the lexicon) that neither the sentence nor what
   stands right around it speaks of: the sentence does not answer. «متى انضمت تركيا» is not answered with Syria's date.
2. A question for a date or a number is answered only by a sentence that holds one, near what is asked about.
3. Of what is left, the best sentence answers when its probability reaches ``THRESHOLD``; else the question is refused.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from bot import mentions
from bot.answer import Reason
from bot.mentions import Mention
from bot.question import Asked, Term, View, view
from corpus.arabic import Word, words
from corpus.article import Article, Span
from corpus.dates import DateMention, find_dates

if TYPE_CHECKING:
    from vectorstore.index import Hit

FEATURES = (
    "cosine",  # question and sentence
    "passage_cosine",  # question and passage
    "bm25",  # of the passage, as a share of what the question could score at most
    "coverage",  # of the question's terms by the sentence, weighted by idf
    "context",  # the same with what stands around the sentence
    "heaviest",  # how well the sentence matches the term that tells most
    "held",  # whether it holds a date, number, person, place or speech, when one is asked for
    "held_near",  # … and how near the terms it stands
    "asked",  # whether the question asks for such a thing at all
    "lead",  # cosine above the mean of all candidates
)

MOST_QUOTES = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer: ``article.body[start:end]``."""

    article: Article
    start: int
    end: int
    features: tuple[float, ...]
    probability: float
    names_missing: tuple[Term, ...]
    """Proper names of the question that neither the sentence nor its surroundings speak of."""
    holds: Held | None
    """What the question asks for, in offsets of the body: its date, its number, its person, its place."""
    stems: frozenset[str]
    opens_before: int
    """Where a quote of it begins: at the sentence before when that one names whom this one speaks of."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence comes to."""

    answers: tuple[Candidate, ...]
    """The sentences that answer, best first; none: refuse."""
    related: tuple[Candidate, ...]
    """The nearest sentences that do not answer, best first, one an article."""
    reason: Reason | None
    missing: tuple[Term, ...] = ()
    """What the archive would have to speak of."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted model: see ``tests/bench/fit_evidence.py`` for how, and on what."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    intercept: float
    threshold: float

    def probability(self, features: Sequence[float]) -> float:
        total = self.intercept
        for value, weight, mean, scale in zip(features, self.weights, self.means, self.scales, strict=True):
            total += weight * (value - mean) / scale
        return 1 / (1 + math.exp(-max(min(total, 50.0), -50.0)))


@cache
def weights() -> Weights:
    data = json.loads((files("bot") / "evidence_weights.json").read_text(encoding="utf-8"))
    if tuple(data["features"]) != FEATURES:
        raise ValueError("bot/evidence_weights.json was fitted on other features: run `make fit`")
    return Weights(
        tuple(data["weights"]), tuple(data["means"]), tuple(data["scales"]), data["intercept"], data["threshold"]
    )


def judge(asked: Asked, hits: Sequence[Hit], threshold: float | None = None) -> Verdict:
    """The rule of this module, applied to the passages found."""
    return decide(asked, candidates(asked, hits), threshold)


def decide(asked: Asked, found: Sequence[Candidate], threshold: float | None = None) -> Verdict:
    """The rule of this module, applied to candidates, the most probable first."""
    threshold = weights().threshold if threshold is None else threshold
    named = [c for c in found if not c.names_missing]
    held = [c for c in named if c.holds is not None] if asked.kind in HARD else named
    answers = choose([c for c in held if c.probability >= threshold])
    if answers:
        return Verdict(answers, (), None)
    related = _nearest(found)
    if not found:
        return Verdict((), (), "no_evidence", _unmet(asked, found))
    unknown = tuple(t for t in asked.terms if t.name and not t.known)
    if unknown or (not named and found[0].names_missing):
        return Verdict((), related, "subject_missing", unknown or found[0].names_missing)
    if asked.kind in HARD and not held and named and max(c.probability for c in named) >= threshold:
        return Verdict((), related, "kind_missing", _unmet(asked, found))
    return Verdict((), related, "no_evidence", _unmet(asked, found))


Held = Mention | DateMention

HARD = frozenset({"when", "number"})
"""Kinds of question that only a sentence which holds such a thing can answer."""


def candidates(asked: Asked, hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the hits with their features, the most probable first."""
    seen: set[tuple[str, int]] = set()
    rows = []
    known = _known_people(hits) if asked.kind in {"who", "said"} else set()
    mean = _mean(cosine for hit in hits for cosine in hit.sentence_cosines)
    ceiling = sum(term.weight for term in asked.terms) or 1.0
    for hit in hits:
        spans = hit.chunk.sentences
        around = _Around(hit, asked)
        for number, (span, cosine) in enumerate(zip(spans, hit.sentence_cosines, strict=True)):
            key = (hit.article.id, span.start)
            if key in seen:
                continue
            seen.add(key)
            before = spans[number - 1] if number and _same_block(hit.article, spans[number - 1], span) else None
            rows.append(_candidate(asked, hit, span, before, cosine, cosine - mean, ceiling, around, known))
    return sorted(rows, key=lambda c: (-c.probability, c.article.id, c.start))


def choose(answers: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """One to three sentences that do not say the same thing twice; of two that are nearly as good, the one from
    another outlet first."""
    if not answers:
        return ()
    best = answers[0].probability
    pool = [c for c in answers if c.probability >= 0.5 * best]
    chosen = [pool.pop(0)]
    while pool and len(chosen) < MOST_QUOTES:
        outlets = {_outlet(c.article) for c in chosen}
        pool = [c for c in pool if all(_overlap(c.stems, other.stems) < 0.6 for other in chosen)]
        pool.sort(key=lambda c: -(c.probability * (1.0 if _outlet(c.article) not in outlets else 0.75)))
        if pool:
            chosen.append(pool.pop(0))
    return tuple(chosen)


# --- features ----------------------------------------------------------------------------------------------------


class _Around:
    """What stands around the sentences of one hit."""

    def __init__(self, hit: Hit, asked: Asked) -> None:
        self.title = _matches(asked, view(hit.article.title))
        self.passage = _matches(asked, view(hit.text))
        date = hit.article.published
        self.anchor = (
            datetime.date.fromisoformat(date.date) if date.date is not None and date.precision == "day" else None
        )


def _candidate(
    asked: Asked,
    hit: Hit,
    span: Span,
    before: Span | None,
    cosine: float,
    lead: float,
    ceiling: float,
    around: _Around,
    known: Collection[str],
) -> Candidate:
    article = hit.article
    text = article.body[span.start : span.end]
    seen = view(text)
    own = _matches(asked, seen)
    previous = _matches(asked, view(article.body[before.start : before.end])) if before else (0.0,) * len(own)
    near = tuple(
        max(o, 0.8 * p, 0.6 * g, 0.6 * t)
        for o, p, g, t in zip(own, previous, around.passage, around.title, strict=True)
    )
    found, strength = _held(asked, text, own, around.anchor, known)
    missing = tuple(
        term
        for term, here, there, headline in zip(asked.terms, own, previous, around.title, strict=True)
        if term.name and term.text not in asked.speaker and not here and not (max(there, headline) and not _rival(text, asked))
    )
    features = (
        cosine,
        hit.dense,
        hit.bm25 / (ceiling * 2.2 + 1e-9),
        _weighted(asked, own),
        _weighted(asked, near),
        own[_heaviest(asked)] if asked.terms else 0.0,
        1.0 if found is not None else 0.0,
        strength,
        1.0 if asked.kind in _HELD else 0.0,
        lead,
    )
    # A sentence that leaves its subject to the one before is quoted with it.
    leans = before is not None and any(
        term.name and p >= 0.85 > o for term, o, p in zip(asked.terms, own, previous, strict=True)
    )
    short = before is not None and len(words(article.body[before.start : span.end])) <= 70
    return Candidate(
        article=article,
        start=span.start,
        end=span.end,
        features=features,
        probability=weights().probability(features),
        names_missing=missing,
        holds=_shift(found, span.start),
        stems=frozenset(seen.stems),
        opens_before=before.start if before is not None and leans and short else span.start,
    )


_HELD = frozenset({"when", "number", "who", "where", "said"})


def _held(
    asked: Asked, text: str, own: Sequence[float], anchor: datetime.date | None, known: Collection[str]
) -> tuple[Held | None, float]:
    """What the sentence holds of the kind asked for, and how near it stands to the question's terms (0 … 1)."""
    if asked.kind not in _HELD:
        return None, 0.0
    found = _words(text)
    places_of_terms = _positions(asked, found)
    if asked.kind == "when":
        dated = [(date, *_word_range(found, date.start, date.end)) for date in find_dates(text, anchor)]
        return _nearest_of([(date, first, last) for date, first, last in dated], places_of_terms, asked)
    if asked.kind == "number":
        taken = [(d.start, d.end) for d in find_dates(text)]
        numbers = [mentions.counted(text, found, m) for m in mentions.numbers(text, found, taken)]
        return _nearest_of([(m, m.first, m.last) for m in numbers], places_of_terms, asked)
    if asked.kind == "where":
        own_terms = {i for at in places_of_terms for i, _ in at}
        spots = [m for m in mentions.places(found) if not own_terms & set(range(m.first, m.last))]
        return _nearest_of([(m, m.first, m.last) for m in spots], places_of_terms, asked)
    if asked.kind == "who":
        asked_about = {i for at in places_of_terms for i, _ in at}
        named = [m for m in mentions.people(text, found, known) if not asked_about & set(range(m.first, m.last))]
        return _nearest_of([(m, m.first, m.last) for m in named], places_of_terms, asked)
    verbs = mentions.speech(text, found)
    return _nearest_of([(Mention(found[i].start, found[i].end, i, i + 1), i, i + 1) for i in verbs], places_of_terms, asked)


def _nearest_of(
    options: Sequence[tuple[Held, int, int]], at: Sequence[Sequence[tuple[int, float]]], asked: Asked
) -> tuple[Held | None, float]:
    """The option that stands nearest to the terms: each term counts its weight, less by the words between."""
    best: tuple[Held | None, float] = (None, 0.0)
    total = sum(term.weight for term in asked.terms) or 1.0
    for option, first, last in options:
        strength = 0.0
        for term, positions in zip(asked.terms, at, strict=True):
            close = [
                credit * math.exp(-max(first - i, i - last + 1, 0) / 8) for i, credit in positions
            ]
            strength += term.weight * max(close, default=0.0)
        strength /= total
        if best[0] is None or strength > best[1]:
            best = (option, strength)
    return best


def _positions(asked: Asked, found: Sequence[Word]) -> list[list[tuple[int, float]]]:
    """For each term the numbers of the words that match it, with how well."""
    single = [view_of(word.text) for word in found]
    at: list[list[tuple[int, float]]] = []
    for term in asked.terms:
        here = [(i, credit) for i, seen in enumerate(single) if (credit := term.match(seen))]
        stems = tuple(word.stem for word in found)
        for phrase, credit in term.phrases.items():
            here += [(i, credit) for i in range(len(stems) - len(phrase) + 1) if stems[i : i + len(phrase)] == phrase]
        at.append(here)
    return at


@lru_cache(maxsize=32768)
def view_of(word: str) -> View:
    return view(word)


@lru_cache(maxsize=4096)
def _words(text: str) -> list[Word]:
    return words(text)


def _matches(asked: Asked, seen: View) -> tuple[float, ...]:
    return tuple(term.match(seen) for term in asked.terms)


def _weighted(asked: Asked, matches: Sequence[float]) -> float:
    """Idf-weighted coverage, 0 … 1. Who is to have spoken counts half: a report names its speaker once."""
    total = got = 0.0
    for term, match in zip(asked.terms, matches, strict=True):
        weight = term.weight * (0.5 if term.text in asked.speaker else 1.0)
        total += weight
        got += weight * match
    return got / total if total else 0.0


def _heaviest(asked: Asked) -> int:
    return max(range(len(asked.terms)), key=lambda i: asked.terms[i].weight)


def _rival(text: str, asked: Asked) -> bool:
    """Whether the sentence names a country of its own that the question does not: then a name that only stands
    around it is not whom it speaks of."""
    countries = {found_text for found_text in _countries_of(text)}
    own = {form for term in asked.terms if term.name for form in term.forms}
    return any(name not in own for name in countries)


@lru_cache(maxsize=4096)
def _countries_of(text: str) -> frozenset[str]:
    found = _words(text)
    return frozenset(found[m.first].text for m in mentions.places(found))


def _known_people(hits: Sequence[Hit]) -> set[str]:
    known: set[str] = set()
    for hit in hits:
        known |= _family_names(hit.text)
    return known


@lru_cache(maxsize=4096)
def _family_names(text: str) -> frozenset[str]:
    found = words(text)
    return frozenset(mentions.family_names(found, mentions.people(text, found)))


def _word_range(found: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    inside = [i for i, word in enumerate(found) if start <= word.start < end]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _shift(found: Held | None, by: int) -> Held | None:
    if found is None:
        return None
    if isinstance(found, DateMention):
        return DateMention(found.start + by, found.end + by, found.date, found.precision, found.relative)
    return Mention(found.start + by, found.end + by, found.first, found.last)


def _same_block(article: Article, first: Span, second: Span) -> bool:
    return "\n" not in article.body[first.end : second.start]


# --- choosing ----------------------------------------------------------------------------------------------------


def _nearest(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    nearest: list[Candidate] = []
    for candidate in found:
        if all(candidate.article.id != other.article.id for other in nearest):
            nearest.append(candidate)
        if len(nearest) == MOST_QUOTES:
            break
    return tuple(nearest)


def _unmet(asked: Asked, found: Sequence[Candidate]) -> tuple[Term, ...]:
    """The terms that the best sentence does not speak of."""
    if not found:
        return asked.terms
    best = found[0]
    seen = view(best.article.body[best.start : best.end])
    return tuple(term for term in asked.terms if term.match(seen) < 0.5)


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def _outlet(article: Article) -> str:
    return article.publisher or article.source


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
