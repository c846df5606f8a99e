"""Measure how well the grades hold: `musnad eval FILE --refusal`.

Every question is asked three times through the product's own path: with its article in the archive; with the whole
article left out, when no sentence can be right; and with only its paragraph left out, the hard case, when the
archive is full of the same matter and may in places still hold the answer. Questions that the file marks as
impossible are asked once, and no sentence is right. ``tests/bench/fit_judge.py`` fits the judge on the same
observations.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.answering.candidates import Candidate, candidates
from bot.answering.judges import Judge, Judged
from bot.answering.pipeline import PASSAGES
from bot.answering.question import Query, understand, weigh
from bot.answering.select import Policy, Selection, select
from corpus.arabic import fold_text
from vectorstore.evaluate import Library, library, read_pool

if TYPE_CHECKING:
    from vectorstore.embed import Embedder

THRESHOLDS = tuple(round(0.05 * n, 2) for n in range(1, 20))


@dataclass(frozen=True, slots=True)
class Observation:
    """Candidates of one question, with its article in the archive and without."""

    entry: int
    """Index of the file's titled entry that the question belongs to."""
    query: Query
    kept: tuple[Candidate, ...]
    right: tuple[bool, ...]
    """For each of ``kept``, whether it holds the answer in the right paragraph."""
    removed: tuple[Candidate, ...] = ()
    """Candidates found without the whole article."""
    nearby: tuple[Candidate, ...] = ()
    """Candidates found without the paragraph, with the other paragraphs of its article."""


def observe(
    squad: Mapping[str, Any], embedder: Embedder, progress: Callable[[int, int], None] | None = None
) -> Iterator[Observation]:
    """Yield the observation of every question of a SQuAD object."""
    pool = read_pool(squad)
    answers = [
        tuple(fold_text(answer["text"]) for answer in qa.get("answers", []))
        for entry in squad["data"]
        for paragraph in entry["paragraphs"]
        for qa in paragraph["qas"]
    ]
    with library(pool, embedder, progress) as indexed:
        entries: dict[int, list[str]] = {}
        for article, paragraph in zip(indexed.articles, pool.paragraphs, strict=True):
            entries.setdefault(paragraph.entry, []).append(article)
        for question, texts in zip(pool.questions, answers, strict=True):
            entry = pool.paragraphs[question.paragraph].entry
            query = weigh(understand(question.text), indexed.archive.frequency, indexed.archive.size())
            vector = indexed.index.encode([query.searched])[0]
            right = indexed.articles[question.paragraph]
            kept = _found(indexed, query, vector, ())
            yield Observation(
                entry,
                query,
                kept,
                tuple(each.article.id == right and _holds(each, texts) for each in kept),
                _found(indexed, query, vector, entries[entry]),
                _found(indexed, query, vector, [right]),
            )


def _found(indexed: Library, query: Query, vector: Any, without: Sequence[str]) -> tuple[Candidate, ...]:
    found = indexed.index.find(
        query.searched, PASSAGES, expansions=query.expansions, vector=vector, without=without
    )
    return tuple(candidates(found.hits))


def _holds(candidate: Candidate, answers: Sequence[str]) -> bool:
    text = fold_text(candidate.text)
    return any(re.search(rf"(?<!\d){re.escape(answer)}(?!\d)", text) for answer in answers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One observation with its candidates judged."""

    kept: list[Judged]
    right: frozenset[tuple[str, int]]
    removed: list[Judged]
    nearby: list[Judged]
    query: Query


def judged(observation: Observation, judge: Judge) -> Outcome:
    """Judge the candidates of an observation."""
    rights = zip(observation.kept, observation.right, strict=True)
    return Outcome(
        judge.judge(observation.query, observation.kept),
        frozenset((each.article.id, each.span.start) for each, right in rights if right),
        judge.judge(observation.query, observation.removed),
        judge.judge(observation.query, observation.nearby),
        observation.query,
    )


def trade_off(outcomes: Sequence[Outcome], policy: Policy | None = None) -> dict[str, Any]:
    """Compute shares of right and wrong for the three grades, and for a range of answer thresholds.

    ``answered``, ``nearest``, ``refused``: shares of all questions, with the article there; ``right``: of those
    shown as such a grade, how many show a sentence that holds the answer; the same with article or paragraph left
    out.
    """
    policy = policy or Policy()
    rows = [
        {"threshold": threshold, **_row(outcomes, replace(policy, answered=threshold))}
        for threshold in sorted({*THRESHOLDS, policy.answered})
    ]
    firsts = [bool(o.kept) and _key(o.kept[0]) in o.right for o in outcomes]
    threes = [any(_key(each) in o.right for each in o.kept[:3]) for o in outcomes]
    return {
        "questions": len(outcomes),
        "auroc": round(
            _auroc([_surest(o.kept) for o in outcomes], [_surest(o.removed) for o in outcomes]), 4
        ),
        "first_sentence_right": round(_mean(firsts), 4),
        "first_three_right": round(_mean(threes), 4),
        "threshold": policy.answered,
        "grades": _grades(outcomes, policy),
        "trade_off": rows,
    }


def _row(outcomes: Sequence[Outcome], policy: Policy) -> dict[str, float]:
    kept = [select(o.query, o.kept, policy) for o in outcomes]
    return {
        "answered": round(_mean(s.grade == "answered" for s in kept), 4),
        "answered_right": round(
            _mean(s.grade == "answered" and _shows(s, o) for s, o in zip(kept, outcomes, strict=True)), 4
        ),
        "answered_without_article": round(
            _mean(select(o.query, o.removed, policy).grade == "answered" for o in outcomes), 4
        ),
        "answered_without_paragraph": round(
            _mean(select(o.query, o.nearby, policy).grade == "answered" for o in outcomes), 4
        ),
    }


def _grades(outcomes: Sequence[Outcome], policy: Policy) -> dict[str, dict[str, float]]:
    grades: dict[str, dict[str, float]] = {}
    for grade in ("answered", "nearest", "refused"):
        kept = [(o, select(o.query, o.kept, policy)) for o in outcomes]
        own = [(o, s) for o, s in kept if s.grade == grade]
        grades[grade] = {
            "share": round(len(own) / max(len(outcomes), 1), 4),
            "right": round(_mean(_shows(s, o) for o, s in own), 4),
            "without_article": round(
                _mean(select(o.query, o.removed, policy).grade == grade for o in outcomes), 4
            ),
            "without_paragraph": round(
                _mean(select(o.query, o.nearby, policy).grade == grade for o in outcomes), 4
            ),
        }
    return grades


def _shows(selection: Selection, outcome: Outcome) -> bool:
    return any(_key(each) in outcome.right for each in selection.chosen)


def _key(each: Judged) -> tuple[str, int]:
    return each.candidate.article.id, each.candidate.span.start


def _surest(found: Sequence[Judged]) -> float:
    return found[0].probability if found else 0.0


def _auroc(kept: Sequence[float], removed: Sequence[float]) -> float:
    """Return the chance that a question's best sentence scores higher with its article than another's without."""
    kept, removed = sorted(kept), sorted(removed)
    won = sum(
        bisect.bisect_left(removed, score)
        + (bisect.bisect_right(removed, score) - bisect.bisect_left(removed, score)) / 2
        for score in kept
    )
    return won / (len(kept) * len(removed)) if kept and removed else 0.0


def _mean(values: Any) -> float:
    listed = [float(value) for value in values]
    return sum(listed) / len(listed) if listed else 0.0
