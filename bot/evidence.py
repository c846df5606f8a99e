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

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot import lexicon
from bot.answer import Reason
from bot.candidates import FEATURES, Candidate, candidates, weights
from bot.matching import NAMED, Term, view
from bot.question import Asked
from corpus.arabic import fold_text
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
_COVERAGE = FEATURES.index("coverage")
_COVERED_AS_WELL = 0.5  # share of the best's coverage that a further quote must reach
_SPOKEN = 4.0  # log odds by which a sentence that has the speaker speak may rank below one that does not
_HOLDS = 0.2  # how near the question's terms a word of speech must stand for that (0 … 1)
_CARRIED = 1.5  # log odds that a date or number loses whose sentence leaves the question's names to what is around it
_BECAUSE_WORTH = 3.0  # log odds that «لأن» is worth to a question why
_FURTHER_ELSEWHERE = 5.0  # the same of another outlet's: that it says so too is worth a quote
_OTHER_OUTLET = 1.5  # log odds that another outlet's quote is ahead of the same outlet's


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


def judge(
    asked: Asked, hits: Sequence[Hit], threshold: float | None = None, most: int = MOST_QUOTES
) -> Verdict:
    """The rule of this module, applied to the passages found."""
    return decide(asked, candidates(asked, hits), threshold, most)


def decide(
    asked: Asked, found: Sequence[Candidate], threshold: float | None = None, most: int = MOST_QUOTES
) -> Verdict:
    """The rule of this module, applied to candidates, the best-ranked first.

    ``most`` sentences answer at most; beyond MOST_QUOTES, to choose from, whatever is sure enough by itself.
    """
    threshold = weights().threshold if threshold is None else threshold
    named = [c for c in found if not c.names_missing]
    held = sorted(fitting(asked, found), key=lambda c: -_worth(asked, c))
    if asked.kind in {"who", "where", "said"}:
        held = _holders_first(asked, held)
    if asked.holds_office:
        held = _latest_first(held, threshold)
    held = _on_topic(asked, held, threshold)
    if held and held[0].probability >= threshold:
        further = _further(asked, held, threshold)
        if most > MOST_QUOTES:
            further += [c for c in held[1:] if c.probability >= threshold and c not in further]
        return Verdict(choose([held[0], *further], most), (), None)
    related = _nearest(found)
    if not found:
        return Verdict((), (), "no_evidence", _unmet(asked, found))
    unknown = tuple(t for t in asked.terms if t.name and not t.known)
    if unknown or (found[0].names_missing and not any(_speaks_of_it(asked, c) for c in named)):
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
    # «الاجتماع المقبل» is not the one that was.
    ahead = [term for term in asked.terms if term.text in _AHEAD]
    if ahead:
        held = [c for c in held if all(t.match(view(c.article.body[c.start : c.end])) for t in ahead)]
    return held


_AHEAD = frozenset(
    map(fold_text, ("المقبل", "المقبلة", "القادم", "القادمة", "التالي", "التالية", "next", "upcoming"))
)
_BECAUSE = re.compile(
    r"(?:^|[\s«\"،])[وف]?(?:لان\w*|ل?كون\w{1,3}|اذ|بسبب|نظرا|بهدف|من اجل|علي خلفيه|احتجاجا|للمطالبه"
    r"|جراء|نتيجه|تعبيرا|ردا علي|للاشتباه|بدافع|تحسبا|خشيه|خوفا|كي|لكي|لعدم|حتي لا|يعود ذلك|السبب|والسبب"
    r"|بعد فشل)(?=[\s،:])"
)


def _worth(asked: Asked, candidate: Candidate) -> float:
    """Its rank, with what the model of it was not fitted on (log odds)."""
    worth = candidate.rank + _NEAR * candidate.features[_STRENGTH] + _reason(asked, candidate)
    if asked.kind in {"when", "number"}:
        worth -= _CARRIED * (1.0 - candidate.names_own)
    return worth


def _latest_first(held: Sequence[Candidate], threshold: float) -> list[Candidate]:
    """Who holds an office changes: of sentences that name a holder nearly as well, the latest article's first."""
    if not held:
        return []
    least = held[0].rank - _FURTHER
    near = [c for c in held if c.rank >= least and c.probability >= threshold and c.holds is not None]
    near.sort(key=lambda c: c.article.published.date or "", reverse=True)
    return [*near, *(c for c in held if c not in near)]


def _reason(asked: Asked, candidate: Candidate) -> float:
    """What it is worth, for a question why, that a sentence says because of what (log odds)."""
    if asked.kind != "why":
        return 0.0
    return _BECAUSE_WORTH if gives_reason(candidate.article.body[candidate.start : candidate.end]) else 0.0


@lru_cache(maxsize=4096)
def gives_reason(text: str) -> bool:
    """Whether a sentence says because of what something is."""
    return _BECAUSE.search(fold_text(text)) is not None


def _on_topic(asked: Asked, held: Sequence[Candidate], threshold: float) -> list[Candidate]:
    """Of what somebody is to have said of something, the sentences that speak of it themselves, when any does that
    may answer: what only stands near them is about something else."""
    if asked.kind != "said" or not asked.speaker:
        return list(held)
    spoken = [c for c in held if c.probability >= threshold and (c.by_speaker or of_text(asked))]
    best = max((c.topic for c in spoken), default=0.0)
    if best < 0.5:
        return list(held)
    return [c for c in held if c.topic >= 0.5 * best and (c.by_speaker or of_text(asked))]


def of_text(asked: Asked) -> bool:
    """Whether a text is to have spoken: «بيان الرياض». Its sentences name the meeting or nobody, not the text."""
    return any(t.forms.keys() & lexicon.speech("nouns") for t in asked.terms if t.text in asked.speaker)


def _speaks_of_it(asked: Asked, candidate: Candidate) -> bool:
    """Whether a sentence names what the question names, and says half of the rest: then it cannot be said that
    nothing speaks of it."""
    if candidate.names_own < 1.0:
        return False
    seen = view(candidate.article.body[candidate.start : candidate.end])
    rest = [term for term in asked.terms if not term.name and term.text not in asked.speaker]
    total = sum(term.weight for term in rest)
    return sum(term.weight for term in rest if term.match(seen)) >= 0.5 * total


def needs_held(asked: Asked) -> bool:
    """Whether only a sentence that holds what is asked for can answer: a date, a number, the holder of an office."""
    return asked.kind in {"when", "number"} or asked.holds_office


def choose(answers: Sequence[Candidate], most: int = MOST_QUOTES) -> tuple[Candidate, ...]:
    """One to ``most`` sentences that do not say the same thing twice; of two that are nearly as good, the one from
    another outlet first."""
    if not answers:
        return ()
    pool = list(answers)
    chosen = [pool.pop(0)]
    while pool and len(chosen) < most:
        outlets = {_outlet(c.article) for c in chosen}
        pool = [
            c
            for c in pool
            if all(_overlap(c.stems, other.stems) < 0.6 and not _shares_text(c, other) for other in chosen)
        ]
        pool.sort(key=lambda c: -(c.rank + (_OTHER_OUTLET if _outlet(c.article) not in outlets else 0.0)))
        if pool:
            chosen.append(pool.pop(0))
    return tuple(chosen)


def _shares_text(first: Candidate, second: Candidate) -> bool:
    """Whether the quotes of two candidates would show the same words."""
    return first.article.id == second.article.id and (
        first.opens_before < second.end and second.opens_before < first.end
    )


def _further(asked: Asked, held: Sequence[Candidate], threshold: float) -> list[Candidate]:
    """The sentences that may be quoted beside the best: nearly as sure, ranked nearly as high, with as much of the
    question in them, and with what is asked for standing nearly as near. Of what somebody said of something, all that
    the same article has them say of it."""
    best = held[0]
    least = _COVERED_AS_WELL * best.features[_COVERAGE]
    further = []
    for c in held[1:]:
        if c.probability < max(threshold, best.probability - _AS_SURE):
            continue
        same_speech = (
            asked.speaker and c.holds is not None and c.topic >= NAMED and c.article.id == best.article.id
        )
        if same_speech and c.by_speaker >= best.by_speaker:
            further.append(c)
            continue
        if asked.speaker and c.by_speaker < best.by_speaker:
            continue
        # Beside what somebody said stands nothing that merely names them.
        if asked.speaker and best.features[_STRENGTH] >= _HOLDS > c.features[_STRENGTH]:
            continue
        if (
            c.rank
            >= best.rank - (_FURTHER if _outlet(c.article) == _outlet(best.article) else _FURTHER_ELSEWHERE)
            and c.features[_COVERAGE] >= least
            and (asked.kind == "said" or c.features[_STRENGTH] >= _HELD_AS_NEAR * best.features[_STRENGTH])
        ):
            further.append(c)
    return further


def _holders_first(asked: Asked, found: Sequence[Candidate]) -> list[Candidate]:
    """Sentences that name a person, a place or who spoke near what is asked before those that do not, where they
    rank nearly as high."""
    best = max((c.rank for c in found), default=0.0)
    margin = _SPOKEN if asked.kind == "said" else _FURTHER
    least = _HOLDS if asked.kind == "said" else 0.0
    silent = asked.kind == "said" and bool(asked.speaker) and not of_text(asked)
    return sorted(
        found,
        key=lambda c: (
            c.holds is None
            or c.features[_STRENGTH] < least
            or c.rank < best - margin
            or (silent and not c.by_speaker)
        ),
    )


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
