"""The sentences that may answer, each with what speaks for it.

A ``Candidate`` is a sentence of a passage found, with its ``FEATURES`` measured and two logistic models over them read
(``evidence_weights.json``, fitted by ``tests/bench/fit_evidence.py``): which sentence of what was found answers rather
than another, and how likely the archive holds the answer at all when this is the best there is.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from bot import lexicon, mentions
from bot.directives import directs
from bot.held import HOLDING, Held, held, says
from bot.matching import NAMED, Term, View, view, words_of
from bot.mentions import Mention
from bot.question import Asked
from corpus.arabic import fold_text, words
from corpus.article import Article, Span
from corpus.dates import DateMention

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
    "passage_lead",  # fused score of the passage, below that of the best one
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer: ``article.body[start:end]``."""

    article: Article
    start: int
    end: int
    features: tuple[float, ...]
    rank: float
    """Log odds that this sentence, rather than another of those found, holds the answer."""
    probability: float
    """How likely the archive holds the answer, judged by this sentence."""
    names_missing: tuple[Term, ...]
    """Proper names of the question that neither the sentence nor its surroundings speak of."""
    holds: Held | None
    """What the question asks for, in offsets of the body: its date, its number, its person, its place."""
    says: bool
    """Whether it speaks of what the question asks the time of, and not only of whom."""
    topic: float
    """How well it speaks itself of what somebody is to have spoken of (0 … 1): «عن قسد». 1 when nothing is named."""
    names_own: float
    """How many of the question's proper names it names itself (0 … 1), and not only what stands around it."""
    by_speaker: bool
    """Whether it names who is to have spoken."""
    stems: frozenset[str]
    opens_before: int
    """Where a quote of it begins: at the sentence before when that one names whom this one speaks of."""


ACROSS_LANGUAGES = (0.06, 0.07, 0.01)
"""What an English question's cosines (sentence, passage, lead) lack to those of the same question in Arabic, against
Arabic text: means over fifteen pairs of questions, on the sample archive and on five news articles, rounded down."""


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model over standardised features."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    intercept: float

    def log_odds(self, features: Sequence[float]) -> float:
        total = self.intercept
        for value, weight, mean, scale in zip(features, self.weights, self.means, self.scales, strict=True):
            total += weight * (value - mean) / scale
        return total


@dataclass(frozen=True, slots=True)
class Weights:
    """Both models and the threshold: see ``tests/bench/fit_evidence.py`` for how they were fitted, and on what."""

    rank: Model
    answer: Model
    threshold: float


@cache
def weights() -> Weights:
    data = json.loads((files("bot") / "evidence_weights.json").read_text(encoding="utf-8"))
    if tuple(data["features"]) != FEATURES:
        raise ValueError("bot/evidence_weights.json was fitted on other features: run `make fit`")
    rank, answer = (
        Model(tuple(m["weights"]), tuple(m["means"]), tuple(m["scales"]), m["intercept"])
        for m in (data["rank"], data["answer"])
    )
    return Weights(rank, answer, data["threshold"])


def candidates(asked: Asked, hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the hits with their features, the best-ranked first."""
    seen: set[tuple[str, int]] = set()
    rows = []
    known = _known_people(hits) if asked.kind in {"who", "said"} else set()
    mean = _mean(cosine for hit in hits for cosine in hit.sentence_cosines)
    best = max((hit.score for hit in hits), default=0.0)
    ceiling = sum(term.weight for term in asked.terms) or 1.0
    for hit in hits:
        spans = hit.chunk.sentences
        around = _Around(hit, asked)
        for number, (span, cosine) in enumerate(zip(spans, hit.sentence_cosines, strict=True)):
            key = (hit.article.id, span.start)
            if key in seen or directs(hit.article.body[span.start : span.end]):
                continue
            seen.add(key)
            before = (
                spans[number - 1] if number and _same_block(hit.article, spans[number - 1], span) else None
            )
            rows.append(
                _candidate(
                    asked,
                    hit,
                    span,
                    before,
                    cosine,
                    (cosine - mean, hit.score - best),
                    ceiling,
                    around,
                    known,
                )
            )
    return sorted(rows, key=lambda c: (-c.rank, c.article.id, c.start))


class _Around:
    """What stands around the sentences of one hit."""

    def __init__(self, hit: Hit, asked: Asked) -> None:
        self.title = _matches(asked, view(hit.article.title))
        # The best of its sentences, whose words are read anyway.
        own = [_matches(asked, view(hit.article.body[s.start : s.end])) for s in hit.chunk.sentences]
        self.passage = tuple(max(column) for column in zip(*own, strict=True)) or (0.0,) * len(asked.terms)
        # An organisation may be named once, at the top of its article.
        organisations = any(
            term.name and not term.forms.keys() & lexicon.place_names() for term in asked.terms
        )
        self.article = (
            _matches(asked, _whole(hit.article.body)) if organisations else (0.0,) * len(asked.terms)
        )
        date = hit.article.published
        self.anchor = (
            datetime.date.fromisoformat(date.date)
            if date.date is not None and date.precision == "day"
            else None
        )


def _candidate(
    asked: Asked,
    hit: Hit,
    span: Span,
    before: Span | None,
    cosine: float,
    leads: tuple[float, float],
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
    found, strength = held(asked, text, own, around.anchor, known)
    missing = tuple(
        term
        for term, here, there, headline, elsewhere in zip(
            asked.terms, own, previous, around.title, around.article, strict=True
        )
        if term.name
        and term.text not in asked.speaker
        and not here
        and not _carried(term, text, asked, there, headline, elsewhere)
    )
    across = ACROSS_LANGUAGES if asked.english else (0.0, 0.0, 0.0)
    features = (
        cosine + across[0],
        hit.dense + across[1],
        min(hit.bm25 / (ceiling * 2.2), 1.5),
        _weighted(asked, own),
        _weighted(asked, near),
        own[_heaviest(asked)] if asked.terms else 0.0,
        1.0 if found is not None else 0.0,
        strength,
        1.0 if asked.kind in HOLDING else 0.0,
        leads[0] + across[2],
        leads[1],
    )
    # A sentence that leaves its subject to the one before is quoted with it.
    leans = before is not None and any(
        term.name and p >= 0.85 > o for term, o, p in zip(asked.terms, own, previous, strict=True)
    )
    short = before is not None and len(article.body[before.start : span.end].split()) <= 70
    return Candidate(
        article=article,
        start=span.start,
        end=_with_list(article, span),
        features=features,
        rank=weights().rank.log_odds(features),
        probability=1 / (1 + math.exp(-max(min(weights().answer.log_odds(features), 50.0), -50.0))),
        names_missing=missing,
        holds=_shift(found, span.start),
        says=says(asked, own),
        topic=_topic(asked, own),
        names_own=_names_own(asked, own),
        by_speaker=any(m >= NAMED for t, m in zip(asked.terms, own, strict=True) if t.text in asked.speaker),
        stems=frozenset(seen.stems),
        opens_before=before.start if before is not None and leans and short else span.start,
    )


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


def _names_own(asked: Asked, matches: Sequence[float]) -> float:
    named = [match > 0 for term, match in zip(asked.terms, matches, strict=True) if term.name]
    return sum(named) / len(named) if named else 1.0


def _topic(asked: Asked, matches: Sequence[float]) -> float:
    if not asked.speaker:
        return 1.0
    of = [
        (term.weight, match)
        for term, match in zip(asked.terms, matches, strict=True)
        if term.text not in asked.speaker
    ]
    return sum(w * m for w, m in of) / sum(w for w, _ in of) if of else 1.0


_ITEM = re.compile(r"\s*(?:[-•▪–*]|\d{1,2}[.)\-])\s")
_LONGEST_LIST = 900  # characters of a list that are quoted with the line that opens it


def _with_list(article: Article, span: Span) -> int:
    """Where a quote of the sentence ends: one that ends in a colon is quoted with the list it opens."""
    body = article.body
    end = span.end
    if not body[span.start : end].rstrip().endswith(":"):
        return end
    at = end
    while at < len(body):
        start = at + len(body[at:]) - len(body[at:].lstrip())
        stop = body.find("\n", start)
        stop = len(body) if stop < 0 else stop
        if not _ITEM.match(body[start:stop] + " ") or stop - span.start > _LONGEST_LIST:
            break
        end = start + len(body[start:stop].rstrip())
        at = stop
    return end


def _heaviest(asked: Asked) -> int:
    return max(range(len(asked.terms)), key=lambda i: asked.terms[i].weight)


def _carried(term: Term, text: str, asked: Asked, before: float, title: float, article: float) -> bool:
    """Whether a name that a sentence leaves out is carried into it from around it: an organisation by «التنظيم» or
    «الحركة» anywhere in its article; a country only from right before or the headline, and not past another."""
    if not term.forms.keys() & lexicon.place_names():
        return max(before, title) > 0 or (article > 0 and _stands_for(text))
    return max(before, title) > 0 and not _rival(text, asked)


_STANDING_FOR = frozenset(
    map(
        fold_text,
        (
            "التنظيم",
            "الجماعة",
            "الحركة",
            "الحزب",
            "الحلف",
            "المجلس",
            "الوكالة",
            "المنظمة",
            "الاتحاد",
            "القوات",
        ),
    )
)
"""Nouns by which a text goes on speaking of an organisation it has named."""


@lru_cache(maxsize=256)
def _whole(body: str) -> View:
    return view(body)


def _stands_for(text: str) -> bool:
    """Whether a sentence speaks of an organisation by such a noun, or as whose something is: «مقاتليه»."""
    return any(word.text in _STANDING_FOR or _POSSESSED.search(word.text) for word in words_of(text))


_POSSESSED = re.compile("(?:ي|ات|ا|ت)ه(?:ا|م)?$")


def _rival(text: str, asked: Asked) -> bool:
    """Whether the sentence names a country of its own that the question does not: then a name that only stands
    around it is not whom it speaks of."""
    countries = {found_text for found_text in _countries_of(text)}
    own = {form for term in asked.terms if term.name for form in term.forms}
    return any(name not in own for name in countries)


@lru_cache(maxsize=4096)
def _countries_of(text: str) -> frozenset[str]:
    found = words_of(text)
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


def _shift(found: Held | None, by: int) -> Held | None:
    if found is None:
        return None
    if isinstance(found, DateMention):
        return DateMention(found.start + by, found.end + by, found.date, found.precision, found.relative)
    return Mention(found.start + by, found.end + by, found.first, found.last)


def _same_block(article: Article, first: Span, second: Span) -> bool:
    return "\n" not in article.body[first.end : second.start]


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
