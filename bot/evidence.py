"""From passages to the sentences that answer, and the decision to refuse.

Every sentence of the best passages is a ``Candidate`` with a few measured features. Two logistic models over them
(``evidence_weights.json``, fitted by ``python -m tests.bench.fit_evidence``) say which sentence of what was found
answers rather than another (its ``rank``), and how likely the archive holds the answer at all when this is the best
there is (its ``probability``: fitted on questions with their article kept and removed). The rule, in the order it is
applied:

1. A proper name of the question (a country, a city, an organisation of the lexicon) that neither the sentence nor what
   stands right around it speaks of: the sentence does not answer. «متى انضمت تركيا» is not answered with Syria's date.
2. A question for a date, a number or the holder of an office is answered only by a sentence that holds one. When what
   was found speaks somewhere of what a question asks the time of (انضمّ), a sentence that does not dates something else.
3. Of what is left, the best-ranked sentence answers when its probability reaches the threshold; else the question is
   refused. Further sentences are quoted beside it when theirs does too and they rank nearly as high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answer import Reason
from bot.candidates import FEATURES, Candidate, candidates, weights
from bot.matching import Term, view
from bot.question import Asked
from corpus.article import Article

if TYPE_CHECKING:
    from vectorstore.index import Hit

MOST_QUOTES = 3
_FURTHER = 2.0  # log odds by which a further quote may rank below the best
_AS_SURE = 0.2  # probability by which a further quote may fall behind the best
_NEAR = 2.0  # log odds that a date, number, person or place right by the question's terms is worth
_HELD_AS_NEAR = 0.6  # share of the best's nearness that a further quote's date, number or person must reach
_STRENGTH = FEATURES.index("held_near")
_RELATED = 0.3  # how much of the question must stand in or around a sentence to be shown as related
_CONTEXT = FEATURES.index("context")
_OTHER_OUTLET = 0.7  # log odds that another outlet's quote is ahead of the same outlet's


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


def judge(asked: Asked, hits: Sequence[Hit], threshold: float | None = None) -> Verdict:
    """The rule of this module, applied to the passages found."""
    return decide(asked, candidates(asked, hits), threshold)


def decide(asked: Asked, found: Sequence[Candidate], threshold: float | None = None) -> Verdict:
    """The rule of this module, applied to candidates, the best-ranked first."""
    threshold = weights().threshold if threshold is None else threshold
    named = [c for c in found if not c.names_missing]
    held = sorted(fitting(asked, found), key=lambda c: -(c.rank + _NEAR * c.features[_STRENGTH]))
    if asked.kind in {"who", "where"}:
        held = _holders_first(held)
    if held and held[0].probability >= threshold:
        return Verdict(choose([held[0], *_further(held, threshold)]), (), None)
    related = _nearest(found)
    if not found:
        return Verdict((), (), "no_evidence", _unmet(asked, found))
    unknown = tuple(t for t in asked.terms if t.name and not t.known)
    if unknown or found[0].names_missing:
        return Verdict((), related, "subject_missing", unknown or found[0].names_missing)
    if needs_held(asked) and not held and named and max(c.probability for c in named) >= threshold:
        return Verdict((), related, "kind_missing", _unmet(asked, found))
    return Verdict((), related, "no_evidence", _unmet(asked, found))


def fitting(asked: Asked, found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that may answer at all, by rules 1 and 2. A question in an article answers nothing."""
    named = [c for c in found if not c.names_missing and c.article.body[c.end - 1] not in "؟?"]
    if not needs_held(asked):
        return named
    held = [c for c in named if c.holds is not None]
    if asked.kind == "when" and any(c.says for c in found):
        held = [c for c in held if c.says]
    return held


def needs_held(asked: Asked) -> bool:
    """Whether only a sentence that holds what is asked for can answer: a date, a number, the holder of an office."""
    return asked.kind in {"when", "number"} or asked.holds_office


def choose(answers: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """One to three sentences that do not say the same thing twice; of two that are nearly as good, the one from
    another outlet first."""
    if not answers:
        return ()
    pool = list(answers)
    chosen = [pool.pop(0)]
    while pool and len(chosen) < MOST_QUOTES:
        outlets = {_outlet(c.article) for c in chosen}
        pool = [c for c in pool if all(_overlap(c.stems, other.stems) < 0.6 for other in chosen)]
        pool.sort(key=lambda c: -(c.rank + (_OTHER_OUTLET if _outlet(c.article) not in outlets else 0.0)))
        if pool:
            chosen.append(pool.pop(0))
    return tuple(chosen)


def _further(held: Sequence[Candidate], threshold: float) -> list[Candidate]:
    """The sentences that may be quoted beside the best: nearly as sure, ranked nearly as high, and with what is asked
    for standing nearly as near."""
    best = held[0]
    return [
        c
        for c in held[1:]
        if c.probability >= max(threshold, best.probability - _AS_SURE)
        and c.rank >= best.rank - _FURTHER
        and c.features[_STRENGTH] >= _HELD_AS_NEAR * best.features[_STRENGTH]
    ]


def _holders_first(found: Sequence[Candidate]) -> list[Candidate]:
    """Sentences that name a person or a place before those that do not, where they rank nearly as high."""
    best = max((c.rank for c in found), default=0.0)
    return sorted(found, key=lambda c: c.holds is None or c.rank < best - _FURTHER)


def _nearest(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The best-ranked sentence of each article, where it has something of the question at all."""
    nearest: list[Candidate] = []
    for candidate in found:
        if max(candidate.features[_CONTEXT], candidate.probability) >= _RELATED and all(
            candidate.article.id != other.article.id for other in nearest
        ):
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
