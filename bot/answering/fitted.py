"""Fitted logistic models of the answering core over a few features, read from ``fitted.json``.

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
        """Return the log odds of a row of features by name. Raises KeyError when a fitted feature is missing."""
        return self.intercept + sum(w * row[name] for name, w in zip(self.names, self.weights, strict=True))


@dataclass(frozen=True, slots=True)
class Fitted:
    """All fitted models; those of the judge by its mode, ``quick`` or ``read``."""

    rank: Mapping[str, LogisticModel]
    """Models of which of the sentences found answers rather than another."""
    answer: Mapping[str, LogisticModel]
    """Models of whether the best-ranked sentence states what is asked."""
    digest: str


@cache
def fitted() -> Fitted:
    """Return the fitted models."""
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
    """Return the probability of log odds."""
    return 1 / (1 + math.exp(-max(min(odds, 50.0), -50.0)))
