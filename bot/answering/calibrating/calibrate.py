"""Fit how a judge's numbers are to be read over this archive: `musnad calibrate`.

Questions made from the archive itself (``selfmade``) are put to the uncalibrated judge: with their article there; with
it left out, when only a sentence that says the same elsewhere is right; and, for questions of
keywords, with their most telling word replaced by another question's and that question's article left out, when
only a sentence that happens to name all words is right. Half of the questions are fitted on, the others measure.

For a cross-encoder the weight of its score in the rank is fitted (conditional logit over a question's sentences),
then a logistic model of the best-ranked sentence over the base judge's log odds and the score. For musnad's own
judge only slope and intercept are fitted, and they count only when they are better, by log loss, on the questions
held out: it comes calibrated on questions that were written about news by hand. For the same reason the threshold
is only ever raised above that of ``Policy``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bot.answering import features
from bot.answering.calibrating.calibration import Calibration, Parameters, log_odds, recipe_of
from bot.answering.calibrating.selfmade import SelfMade, questions
from bot.answering.candidates import Candidate, candidates
from bot.answering.fitted import sigmoid
from bot.answering.judges import Judge
from bot.answering.judges.cross_encoder import CrossEncoderJudge, standardised
from bot.answering.judges.linear import JUDGED, MOST_WHEN_BARRED, is_barred
from bot.answering.matching import view, words_of
from bot.answering.pipeline import PASSAGES
from bot.answering.question import Query, understand, weigh
from bot.answering.select import Policy
from bot.answering.spelling import Spelling
from corpus.errors import MusnadError
from corpus.store import Archive

if TYPE_CHECKING:
    from vectorstore.hit import Hit
    from vectorstore.index import Index

ARTICLES = 50
"""Minimum number of articles in an archive."""
LEAST, MOST = 30, 160
"""Minimum and maximum number of questions: fewer say nothing, more take long with a large model."""
PRECISION = 0.9
"""Share of the presented answers that is to be right, on the questions held out."""
SHOWN = 10
"""Minimum number of answers on which a precision must rest."""

_ALIKE = 0.85  # share of words by which a sentence elsewhere says the same, if its numbers are the same too
_STRENGTH = 1.0  # of the prior: parameters that change nothing
_RANKS = np.arange(0.0, 6.01, 0.25)

Arm = Literal["kept", "left out", "swapped"]
Vector = NDArray[np.float64]


class TooSmallError(MusnadError):
    """Raised when the archive is too small to calibrate on.

    ``articles`` is what it holds, ``questions`` the number that could be made of it.
    """

    def __init__(self, articles: int, made: int | None = None) -> None:
        super().__init__(f"{articles} articles, {made} questions")
        self.articles = articles
        self.questions = made


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judgement of one question in one arm: its sentences in the base judge's order."""

    arm: Arm
    ranks: Vector
    odds: Vector
    """Log odds of the base judge's probability."""
    scores: tuple[float, ...]
    """Scores of the further model for the first of the sentences; empty when there is no such model."""
    right: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    """For the first of the sentences, whether no judge may call it likely."""


def calibrate(
    made: Sequence[SelfMade],
    archive: Archive,
    index: Index,
    judge: Judge,
    *,
    precision: float = PRECISION,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Fit and measure the uncalibrated ``judge``. Stores nothing.

    ``made``: from ``questions_of``. Raises ScoringError when a cross-encoder fails.
    """
    judgements: list[list[Judgement]] = []
    for found in _judged(made, archive, index, judge):
        judgements.append(found)
        if progress is not None:
            progress(len(judgements), len(made))
    # By twos, since the two kinds of questions take turns and an article's stand side by side.
    fitted = [each for n, found in enumerate(judgements) if n % 4 < 2 for each in found]
    held = [each for n, found in enumerate(judgements) if n % 4 >= 2 for each in found]
    plain, parameters = Parameters(), fit(fitted)
    if not isinstance(judge, CrossEncoderJudge) and _loss(held, parameters) >= _loss(held, plain):
        parameters = plain
    threshold = threshold_for(held, parameters, precision)
    measured = {
        "kinds": {kind: sum(each.kind == kind for each in made) for kind in ("headline", "keywords")},
        "held_out": sum(each.arm == "kept" for each in held),
        "before": _measured(held, plain, Policy().answered),
        "after": _measured(held, parameters, threshold),
    }
    return Calibration(
        recipe_of(judge, index.recipe()),
        parameters,
        threshold,
        precision,
        archive.count_articles(),
        len(made),
        datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        measured,
    )


# --- what is judged ------------------------------------------------------------------------------------------------


def questions_of(archive: Archive) -> list[SelfMade]:
    """Make questions from a sample of the articles.

    Article ids are digests, so their order is a repeatable shuffle. Raises TooSmallError.
    """
    count = archive.count_articles()
    if count < ARTICLES:
        raise TooSmallError(count)
    ids = sorted({id.partition(":")[0] for id in archive.chunk_ids()})[: 4 * MOST]
    articles = archive.articles_by_id(ids)
    made = questions((articles[id] for id in ids if id in articles), MOST)
    if len(made) < LEAST:
        raise TooSmallError(count, len(made))
    return made


def _judged(
    made: Sequence[SelfMade], archive: Archive, index: Index, judge: Judge
) -> Iterator[list[Judgement]]:
    """Yield the arms of each question, in their order."""
    spelling = Spelling(archive.vocabulary, archive.generation)

    def read(text: str) -> Query:
        return weigh(understand(text), archive.frequency, archive.size(), spelling.correct)

    telling = [_telling(read(each.text)) for each in made]
    for number, each in enumerate(made):
        query = read(each.text)
        vector = index.encode([query.searched])[0]
        arms: list[tuple[Arm, Query, Any, tuple[str, ...]]] = [
            ("kept", query, vector, ()),
            ("left out", query, vector, (each.article.id,)),
        ]
        opposite = (number + len(made) // 2) % len(made)
        other = telling[opposite]
        if each.kind == "keywords" and telling[number] and other and other != telling[number]:
            swapped = read(each.text.replace(telling[number], other, 1))
            # Where one article is like another but for the name, the other's answers it.
            arms.append(("swapped", swapped, None, (made[opposite].article.id,)))
        found = []
        for arm, asked, where, without in arms:
            hits = index.find(
                asked.searched, PASSAGES, expansions=asked.expansions, vector=where, without=without
            )
            found.append(_judgement(arm, asked, candidates(_hidden(hits.hits, each)), each, judge))
        yield found


def _telling(query: Query) -> str:
    """Return the word that tells most, as the question writes it; "" where it has none."""
    heaviest = max(query.words, key=lambda word: word.weight, default=None)
    return heaviest.text if heaviest else ""


def _hidden(hits: Sequence[Hit], made: SelfMade) -> list[Hit]:
    """Return the passages; those of an article whose headline is the question, without the headline."""
    if made.kind != "headline":
        return list(hits)
    nameless = replace(made.article, title="")
    return [replace(hit, article=nameless) if hit.article.id == made.article.id else hit for hit in hits]


def _judgement(arm: Arm, query: Query, found: list[Candidate], made: SelfMade, judge: Judge) -> Judgement:
    if isinstance(judge, CrossEncoderJudge):
        judged = judge.base.judge(query, found)
        scores = tuple(judge.scores(query, judged))
    else:
        judged, scores = judge.judge(query, found), ()
    answers = [made.article.body[span.start : span.end] for span in made.right]
    right = [
        _names_all(query, each.candidate) if arm == "swapped" else _is_right(each.candidate, made, answers)
        for each in judged
    ]
    barred = [is_barred(query, each.candidate) for each in judged[: max(len(scores), JUDGED)]]
    return Judgement(
        arm,
        np.array([each.rank for each in judged]),
        np.array([log_odds(each.probability) for each in judged]),
        scores,
        np.array(right, dtype=bool),
        np.array(barred, dtype=bool),
    )


def _is_right(candidate: Candidate, made: SelfMade, answers: Sequence[str]) -> bool:
    """Return whether the candidate is a sentence that answers, or says the same in another article."""
    article, span = candidate.article, candidate.span
    if (article.source, article.part) == (made.article.source, made.article.part):
        return any(span.start < right.end and right.start < span.end for right in made.right)
    return any(_says(candidate.text, answer) for answer in answers)


def _names_all(query: Query, candidate: Candidate) -> bool:
    """Return whether a sentence names every word of a question, and so may answer it by chance."""
    return features.coverage(query, view(candidate.text)) > 0.99


def _says(text: str, answer: str) -> bool:
    own, wanted = ({word.stem for word in words_of(each)} for each in (text, answer))
    return len(own & wanted) >= _ALIKE * max(len(wanted), 1) and view(answer).values <= view(text).values


# --- fitting -------------------------------------------------------------------------------------------------------


def fit(judgements: Sequence[Judgement]) -> Parameters:
    """Fit parameters to judgements of the uncalibrated judge. Without scores, only intercept and slope."""
    scores = np.array([score for each in judgements for score in each.scores])
    parameters = Parameters()
    if scores.size:
        scale = max(float(scores.std()), 1e-6)
        parameters = Parameters(mean=float(scores.mean()), scale=scale)
        parameters = replace(parameters, rank=_fit_rank(judgements, parameters))
    bests = [best for each in judgements if (best := _best(each, parameters)) is not None]
    columns = np.array([[1.0, odds, score] for odds, score, _, _ in bests]).reshape(-1, 3)
    labels = np.array([right for _, _, right, _ in bests], dtype=float)
    intercept, base, score = fit_logistic(columns, labels, scored=bool(scores.size))
    return replace(parameters, intercept=intercept, base=base, score=score)


def _fit_rank(judgements: Sequence[Judgement], parameters: Parameters) -> float:
    """Return the weight of the score in the rank that gives the right sentences the most odds."""
    chosen = [each for each in judgements if each.right.any() and not each.right.all()]
    columns = [_standardised(each, parameters) for each in chosen]

    def likelihood(weight: float) -> float:
        found = -0.05 * weight**2
        for each, column in zip(chosen, columns, strict=True):
            odds = each.ranks + weight * column
            share = np.exp(odds - odds.max())
            found += float(np.log(share[each.right].sum() / share.sum() + 1e-12))
        return found

    return float(max(_RANKS, key=likelihood)) if chosen else 0.0


def fit_logistic(columns: Vector, labels: Vector, *, scored: bool) -> tuple[float, float, float]:
    """Return intercept and weights of a logistic model over ``columns`` (n, 3), by Newton's method.

    The prior is Gaussian around the parameters that change nothing, (0, 1, 0). A weight below zero would say that
    the surer a judge is, the less it is right: it is set to zero and the others are fitted again.
    """
    start = np.array([0.0, 1.0, 0.0])
    free = np.array([True, True, scored])
    while True:
        found = _newton(columns, labels, np.where(free, start, 0.0), free, start)
        wrong = free & (found < 0) & np.array([False, True, True])
        if not wrong.any():
            return float(found[0]), float(found[1]), float(found[2])
        free &= ~wrong


def _newton(columns: Vector, labels: Vector, found: Vector, free: NDArray[np.bool_], start: Vector) -> Vector:
    """Return the likeliest weights, of which only the ``free`` ones change. Halve steps that increase the loss."""

    def loss(weights: Vector) -> float:
        odds = columns @ weights
        prior = 0.5 * _STRENGTH * float(((weights - start)[free] ** 2).sum())
        return float((np.logaddexp(0, odds) - labels * odds).sum()) + prior

    for _ in range(50):
        share = 1 / (1 + np.exp(-np.clip(columns @ found, -50, 50)))
        slope = columns.T @ (share - labels) + _STRENGTH * (found - start)
        bend = (columns * (share * (1 - share))[:, None]).T @ columns + _STRENGTH * np.eye(3)
        step = np.zeros(3)
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        while loss(found - step) > loss(found) and np.abs(step).max() > 1e-6:
            step /= 2
        found = found - step
        if np.abs(step).max() <= 1e-6:
            break
    return found


def _standardised(judgement: Judgement, parameters: Parameters) -> Vector:
    return np.array(standardised(judgement.scores, len(judgement.ranks), parameters))


def _best(judgement: Judgement, parameters: Parameters) -> tuple[float, float, bool, bool] | None:
    """Return the base judge's log odds, the score, the rightness and the bar of the best-ranked sentence."""
    if not judgement.ranks.size:
        return None
    scores = _standardised(judgement, parameters)
    at = int(np.argmax(judgement.ranks + parameters.rank * scores))
    barred = bool(judgement.barred[at]) if at < len(judgement.barred) else False
    return float(judgement.odds[at]), float(scores[at]), bool(judgement.right[at]), barred


# --- measuring -----------------------------------------------------------------------------------------------------


def _answers(judgements: Sequence[Judgement], parameters: Parameters) -> list[tuple[float, bool, Arm]]:
    """Return the probability, the rightness and the arm of each best-ranked sentence."""
    found = []
    for each in judgements:
        best = _best(each, parameters)
        if best is not None:
            odds, score, right, barred = best
            probability = sigmoid(parameters.odds(odds, score))
            found.append((min(probability, MOST_WHEN_BARRED) if barred else probability, right, each.arm))
    return found


def _loss(judgements: Sequence[Judgement], parameters: Parameters) -> float:
    """Return the mean log loss of the best-ranked sentences' probabilities, in nats."""
    losses = [-np.log(max(p if right else 1 - p, 1e-9)) for p, right, _ in _answers(judgements, parameters)]
    return float(np.mean(losses)) if losses else 0.0


def threshold_for(judgements: Sequence[Judgement], parameters: Parameters, precision: float) -> float:
    """Return the least threshold at which at least ``SHOWN`` answers have this precision.

    The search starts at the threshold of ``Policy``. Where none has this precision, return the one nearest to it.
    """
    answers = _answers(judgements, parameters)
    best, nearest = Policy().answered, 0.0
    for step in range(round(Policy().answered * 100), 100):
        shown = [right for probability, right, _ in answers if probability >= step / 100]
        if len(shown) < SHOWN:
            break
        share = sum(shown) / len(shown)
        if share > nearest:
            best, nearest = step / 100, share
        if share >= precision:
            break
    return best


def _measured(judgements: Sequence[Judgement], parameters: Parameters, threshold: float) -> dict[str, Any]:
    """Return shares, and counts of the answers presented from ``threshold`` on."""
    answers = _answers(judgements, parameters)
    kept = [right for _, right, arm in answers if arm == "kept"]
    shown = [(right, arm) for probability, right, arm in answers if probability >= threshold]
    arms: tuple[Arm, ...] = ("kept", "left out", "swapped")
    return {
        "first_right": round(sum(kept) / max(len(kept), 1), 4),
        "log_loss": round(_loss(judgements, parameters), 4),
        "threshold": threshold,
        "answers": len(shown),
        "right": sum(right for right, _ in shown),
        "precision": round(sum(right for right, _ in shown) / len(shown), 4) if shown else None,
        "answered": {arm: sum(each == arm for _, each in shown) for arm in arms},
        "asked": {arm: sum(each == arm for _, _, each in answers) for arm in arms},
    }
