"""Measurements of `musnad eval`: retrieval of passages, and refusal of questions that cannot be answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.progress import Stages

if TYPE_CHECKING:
    from bot.answering.judges import Judge
    from vectorstore.embed import Embedder

Squad = Mapping[str, Any]


def read(file: Path) -> Squad:
    """Read a SQuAD file with at least one question in it. Raises EvaluationError, which names the file."""
    from vectorstore.evaluate import EvaluationError, read_pool, read_squad

    squad = read_squad(file)
    try:
        read_pool(squad)
    except EvaluationError as error:
        raise EvaluationError(f"{file}: {error}") from error
    return squad


def retrieval(squad: Squad, embedder: Embedder, progress: Stages) -> dict[str, Any]:
    """Return nDCG@10, R@1, R@5 and MRR@10 of each ranking."""
    from vectorstore.evaluate import evaluate

    return evaluate(squad, embedder, progress.of("embed"))


def refusal(squad: Squad, embedder: Embedder, judge: Judge, progress: Stages) -> dict[str, Any]:
    """Return how often each of the three grades is right, and the trade-off between thresholds.

    For each threshold: the questions answered with their article in the archive, and without it.
    """
    from bot.answering.evaluation import judged, observe, trade_off
    from vectorstore.evaluate import read_pool

    total = len(read_pool(squad).questions)
    outcomes = []
    for observation in observe(squad, embedder, progress.of("embed")):
        outcomes.append(judged(observation, judge))
        progress("questions", len(outcomes), total)
    return trade_off(outcomes)
