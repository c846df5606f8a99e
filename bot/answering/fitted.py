"""The fitted models of the answering core: logistic ones over few features, read from ``fitted.json``.

``python -m tests.bench.fit_judge`` fits and writes them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """A logistic model: ``intercept + weights · features``, in log odds."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float

    def log_odds(self, row: Mapping[str, float]) -> float:
        """Of a row of features by name; KeyError where one that was fitted on is missing."""
        return self.intercept + sum(w * row[name] for name, w in zip(self.names, self.weights, strict=True))


@dataclass(frozen=True, slots=True)
class Fitted:
    """All models; those of the judge by its mode, ``quick`` or ``read``."""

    rank: Mapping[str, LogisticModel]
    """Which sentence of those found answers rather than another."""
    answer: Mapping[str, LogisticModel]
    """Whether the best-ranked sentence states what is asked."""
    digest: str


@cache
def fitted() -> Fitted:
    """What was fitted."""
    text = (files("bot.answering") / "fitted.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return Fitted(
        {mode: _model(each) for mode, each in data["rank"].items()},
        {mode: _model(each) for mode, each in data["answer"].items()},
        hashlib.sha256(text.encode()).hexdigest()[:12],
    )


def _model(data: Mapping[str, object]) -> LogisticModel:
    names, weights, intercept = data["names"], data["weights"], data["intercept"]
    assert isinstance(names, list)
    assert isinstance(weights, list)
    assert isinstance(intercept, float)
    return LogisticModel(tuple(names), tuple(weights), intercept)


def sigmoid(odds: float) -> float:
    """A probability of log odds."""
    return 1 / (1 + math.exp(-max(min(odds, 50.0), -50.0)))
