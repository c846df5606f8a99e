"""Two rankings into one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.fuse import LEXICAL_WEIGHT, fuse, normalise

scores = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.floats(-1, 1, allow_nan=False).map(lambda x: round(x, 3)),
    max_size=12,
)


def test_the_formula() -> None:
    fused = fuse({"a": 1.0, "b": 0.5, "c": 0.0}, {"b": 12.0, "c": 6.0}, lexical_weight=0.5)
    assert [(each.id, round(each.score, 6)) for each in fused] == [("a", 1.0), ("b", 1.0), ("c", 0.25)]


def test_words_lift_a_passage_above_a_slightly_nearer_one() -> None:
    dense = {"near": 0.86, "worded": 0.85, "far": 0.70}
    assert fuse(dense, {})[0].id == "near"
    assert fuse(dense, {"worded": 9.0})[0].id == "worded"


def test_equal_scores_stand_in_the_order_of_their_ids() -> None:
    assert [each.id for each in fuse({"c": 0.5, "a": 0.5, "b": 0.5}, {})] == ["a", "b", "c"]


def test_nothing_found_is_an_empty_ranking() -> None:
    assert fuse({}, {}) == []
    assert normalise({}) == {}


def test_a_candidate_without_a_cosine_is_an_error() -> None:
    with pytest.raises(ValueError, match="'x'"):
        fuse({"a": 0.5}, {"x": 3.0})


@given(scores, st.data())
def test_every_candidate_once_within_bounds_and_whatever_the_order_they_come_in(
    dense: dict[str, float], data: st.DataObject
) -> None:
    found = data.draw(st.sets(st.sampled_from(sorted(dense)))) if dense else set()
    lexical = {key: data.draw(st.floats(0.1, 40)) for key in sorted(found)}
    fused = fuse(dense, lexical)
    assert sorted(each.id for each in fused) == sorted(dense)
    assert all(0 <= each.score <= 1 + LEXICAL_WEIGHT for each in fused)
    assert fused == fuse(dict(reversed(dense.items())), dict(reversed(lexical.items())))


@given(scores)
def test_without_words_the_ranking_is_the_dense_one(dense: dict[str, float]) -> None:
    assert [each.id for each in fuse(dense, {})] == sorted(dense, key=lambda key: (-dense[key], key))


@given(st.dictionaries(st.text("ab", min_size=1), st.floats(0.001, 100), min_size=1))
def test_the_best_words_count_one(lexical: dict[str, float]) -> None:
    shares = normalise(lexical)
    assert max(shares.values()) == 1.0
    assert all(0 <= share <= 1 for share in shares.values())
