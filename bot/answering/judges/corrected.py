"""Judge whose probabilities are corrected for the archive; its ranking is unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.calibrating.calibration import Parameters, log_odds
from bot.answering.fitted import sigmoid
from bot.answering.judges import Judge, Judged
from bot.answering.judges.linear import MOST_WHEN_BARRED, is_barred

if TYPE_CHECKING:
    from bot.answering.candidates import Candidate
    from bot.answering.question import Query


class CorrectedJudge:
    """``base`` with ``parameters`` as intercept and slope of its probability's log odds."""

    def __init__(self, base: Judge, parameters: Parameters) -> None:
        self._base = base
        self._parameters = parameters

    @property
    def recipe(self) -> str:
        return self._base.recipe

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        """Return every candidate in the base judge's order. A barred one stays unlikely."""
        return [self._corrected(query, each) for each in self._base.judge(query, candidates)]

    def _corrected(self, query: Query, each: Judged) -> Judged:
        if not each.probability:
            return each
        probability = sigmoid(self._parameters.odds(log_odds(each.probability)))
        if is_barred(query, each.candidate):
            probability = min(probability, MOST_WHEN_BARRED)
        return replace(each, probability=probability)
