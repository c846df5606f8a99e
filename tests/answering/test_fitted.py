"""The fitted models go with the features that the code works out."""

from __future__ import annotations

import math

import pytest

from bot.answering.fitted import Model, fitted, sigmoid
from bot.answering.judges.linear import ANSWER, RANK, Mode, names
from bot.answering.lines import evidence
from bot.answering.question import understand
from corpus.article import Span
from tests.answering.cases import article, found, judged


@pytest.mark.parametrize("mode", ["quick", "read"])
def test_the_judges_models_are_over_its_features(mode: Mode) -> None:
    assert fitted().rank[mode].names == names(RANK, mode)
    assert fitted().answer[mode].names == names(ANSWER, mode)


def test_the_lines_model_is_over_its_evidence() -> None:
    candidate = found(article("افتُتح الجسر في 3 آذار 2024."))[0]
    row = evidence(understand("متى افتُتح الجسر؟"), judged(candidate, words="3 آذار 2024"), Span(16, 27))
    assert tuple(row) == fitted().line.names
    assert all(math.isfinite(value) for value in row.values())


def test_what_speaks_for_a_line_weighs_for_it() -> None:
    weights = dict(zip(fitted().line.names, fitted().line.weights, strict=True))
    assert weights["odds"] > 0
    assert weights["certain"] > 0
    assert weights["rivals"] < 0


def test_log_odds_are_a_weighted_sum() -> None:
    model = Model(("a", "b"), (2.0, -1.0), 0.5)
    assert model.log_odds({"a": 1.0, "b": 3.0, "c": 9.0}) == -0.5
    with pytest.raises(KeyError):
        model.log_odds({"a": 1.0})


def test_a_probability_of_log_odds() -> None:
    assert sigmoid(0.0) == 0.5
    assert 0.0 < sigmoid(-1e9) < 1e-9
    assert sigmoid(1e9) == pytest.approx(1.0)
