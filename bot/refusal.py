"""How well the bot tells what the archive holds from what it does not: `musnad eval FILE --refusal`.

Every question is put three times through the product's own evidence: with its article in the archive; with the whole
article left out, when nothing can be right; and with only its paragraph left out, the hard case, when the archive is
full of the same matter and perhaps, here and there, holds the answer after all. The trade-off is printed for a range
of thresholds;
``tests/bench/fit_evidence.py`` fits the weights and sets the threshold on the same observations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.ask import PASSAGES
from bot.candidates import Candidate, candidates, weights
from bot.evidence import Verdict, decide
from bot.matching import view
from bot.question import Asked, name_words, understand, weigh
from corpus.arabic import fold_text
from vectorstore.evaluate import Library, library, read_pool

if TYPE_CHECKING:
    from vectorstore.embed import Embedder

THRESHOLDS = tuple(round(0.05 * n, 2) for n in range(1, 20))


@dataclass(frozen=True, slots=True)
class Observation:
    """One question, with its article and without."""

    entry: int
    """Which titled entry of the file it belongs to."""
    asked: Asked
    asked_without: Asked
    """The same, weighed without its article: what it is about may be unknown then."""
    kept: tuple[Candidate, ...]
    removed: tuple[Candidate, ...]
    """Without the whole article."""
    nearby: tuple[Candidate, ...]
    """Without the paragraph, among others of its article."""
    right: tuple[bool, ...]
    """For each of ``kept``: whether it holds the answer, in the right paragraph."""


def observe(
    squad: Mapping[str, Any], embedder: Embedder, progress: Callable[[int, int], None] | None = None
) -> Iterator[Observation]:
    """Both observations of every question of a SQuAD object."""
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
        vectors = indexed.index.encode([question.text for question in pool.questions])
        for question, vector, texts in zip(pool.questions, vectors, answers, strict=True):
            entry = pool.paragraphs[question.paragraph].entry
            asked, kept = _candidates(indexed, question.text, vector, ())
            without, removed = _candidates(indexed, question.text, vector, entries[entry])
            right = indexed.articles[question.paragraph]
            _, nearby = _candidates(indexed, question.text, vector, [right])
            yield Observation(
                entry,
                asked,
                without,
                kept,
                removed,
                nearby,
                tuple(c.article.id == right and _holds(c, texts) for c in kept),
            )


def _candidates(
    indexed: Library, question: str, vector: Any, without: Sequence[str]
) -> tuple[Asked, tuple[Candidate, ...]]:
    """The question weighed, and its candidates found, as if the articles in ``without`` had never been taken in."""
    gone = [view(indexed.archive.article(id).body) for id in without]

    def frequency(forms: Sequence[str]) -> dict[str, int]:
        counts = indexed.archive.frequency(forms)
        return {
            form: max(counts.get(form, 0) - sum(form in seen.forms for seen in gone), 0) for form in forms
        }

    asked = weigh(understand(question), frequency, indexed.archive.size() - len(gone))
    found = indexed.index.find(
        asked.standard, PASSAGES, expansions=asked.expansions, vector=vector, without=without
    )
    if asked.english:
        asked = name_words(asked, (hit.text for hit in found.hits))
    return asked, tuple(candidates(asked, found.hits))


def _holds(candidate: Candidate, answers: Sequence[str]) -> bool:
    text = fold_text(candidate.article.body[candidate.start : candidate.end])
    return any(answer in text for answer in answers)


def trade_off(observations: Sequence[Observation]) -> dict[str, Any]:
    """For each threshold the shares of questions answered with their article there, answered with a sentence that
    holds the answer among the quotes, and answered though their article, or their paragraph, was left out."""
    rows = []
    for threshold in sorted({*THRESHOLDS, weights().threshold}):
        answered = right = wrong = near = 0
        for each in observations:
            kept, removed = (
                decide(each.asked, each.kept, threshold),
                decide(each.asked_without, each.removed, threshold),
            )
            answered += bool(kept.answers)
            right += _any_right(kept, each)
            wrong += bool(removed.answers)
            near += bool(decide(each.asked, each.nearby, threshold).answers)
        count = max(len(observations), 1)
        rows.append(
            {
                "threshold": threshold,
                "answered": round(answered / count, 4),
                "answered_right": round(right / count, 4),
                "answered_without_article": round(wrong / count, 4),
                "answered_without_paragraph": round(near / count, 4),
            }
        )
    return {
        "questions": len(observations),
        "auroc": round(auroc(observations), 4),
        "first_sentence_right": round(_mean(bool(o.right) and o.right[0] for o in observations), 4),
        "first_three_right": round(_mean(any(o.right[:3]) for o in observations), 4),
        "threshold": weights().threshold,
        "trade_off": rows,
    }


def auroc(observations: Sequence[Observation]) -> float:
    """The chance that a question's best sentence scores higher with its article than another's without."""
    kept = sorted(_surest(o.kept) for o in observations)
    removed = sorted(_surest(o.removed) for o in observations)
    import bisect

    won = sum(
        bisect.bisect_left(removed, score)
        + (bisect.bisect_right(removed, score) - bisect.bisect_left(removed, score)) / 2
        for score in kept
    )
    return won / (len(kept) * len(removed)) if kept and removed else 0.0


def _surest(found: Sequence[Candidate]) -> float:
    return next((c.probability for c in found if not c.names_missing), 0.0)


def _any_right(verdict: Verdict, observation: Observation) -> bool:
    rights = {
        (c.article.id, c.start) for c, right in zip(observation.kept, observation.right, strict=True) if right
    }
    return any((c.article.id, c.start) in rights for c in verdict.answers)


def _mean(values: Any) -> float:
    listed = [float(value) for value in values]
    return sum(listed) / len(listed) if listed else 0.0
