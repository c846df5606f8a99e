"""The fitted models go with the features that the code works out."""

from __future__ import annotations

import pytest

from bot.answering.fitted import LogisticModel, fitted, sigmoid
from bot.answering.judges.linear import ANSWER, RANK, Mode, names


@pytest.mark.parametrize("mode", ["quick", "read"])
def test_the_judges_models_are_over_its_features(mode: Mode) -> None:
    assert fitted().rank[mode].names == names(RANK, mode)
    assert fitted().answer[mode].names == names(ANSWER, mode)


def test_log_odds_are_a_weighted_sum() -> None:
    model = LogisticModel(("a", "b"), (2.0, -1.0), 0.5)
    assert model.log_odds({"a": 1.0, "b": 3.0, "c": 9.0}) == -0.5
    with pytest.raises(KeyError):
        model.log_odds({"a": 1.0})


def test_a_probability_of_log_odds() -> None:
    assert sigmoid(0.0) == 0.5
    assert 0.0 < sigmoid(-1e9) < 1e-9
    assert sigmoid(1e9) == pytest.approx(1.0)
