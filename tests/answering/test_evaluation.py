"""The grades held against right and wrong, on outcomes made by hand and on a small file of questions."""

from __future__ import annotations

from typing import Any

import pytest

from bot.answering.evaluation import THRESHOLDS, Observation, Outcome, judged, observe, trade_off
from bot.answering.judges import Judged
from bot.answering.question import understand
from bot.answering.select import Policy
from tests.answering import cases
from tests.answering.cases import Scripted, article, found
from tests.vectorstore.test_index import WordEmbedder

ASKED = understand("كم عاملًا في مصنع الريحان؟")
RIGHT = found(article("يعمل في مصنع الريحان 80 عاملًا."))[0]
OTHER = found(article("زار الوزير مصنع الريحان أمس.", source="b.txt"))[0]
FAR = found(article("هطلت أمطار غزيرة على الجبال.", source="c.txt"))[0]
KEY = frozenset({(RIGHT.article.id, RIGHT.span.start)})


def outcome(
    kept: list[Judged],
    *,
    removed: list[Judged] | None = None,
    nearby: list[Judged] | None = None,
    right: bool = True,
) -> Outcome:
    return Outcome(kept, KEY if right else frozenset(), removed or [], nearby or [], ASKED)


def sure(candidate: Any, probability: float, rank: float = 3.0) -> Judged:
    return cases.judged(candidate, probability, rank=rank)


RIGHTLY = outcome(
    [sure(RIGHT, 0.9), sure(OTHER, 0.1, 0)], removed=[sure(OTHER, 0.2)], nearby=[sure(OTHER, 0.6)]
)
WRONGLY = outcome(
    [sure(OTHER, 0.7), sure(RIGHT, 0.2, 0)], removed=[sure(OTHER, 0.7)], nearby=[sure(OTHER, 0.7)]
)
NEARLY = outcome([sure(RIGHT, 0.3)], removed=[sure(FAR, 0.01)], nearby=[sure(OTHER, 0.3)])
REFUSED = outcome([sure(FAR, 0.01)], removed=[sure(FAR, 0.01)])
ALL = [RIGHTLY, WRONGLY, NEARLY, REFUSED]


def test_each_grade_has_its_share_and_how_much_of_it_is_right() -> None:
    told = trade_off(ALL, Policy(answered=0.5))
    grades = told["grades"]
    assert told["questions"] == 4
    assert grades["answered"] == {
        "share": 0.5,
        "right": 0.5,
        "without_article": 0.25,
        "without_paragraph": 0.5,
    }
    assert grades["nearest"] == {
        "share": 0.25,
        "right": 1.0,
        "without_article": 0.25,
        "without_paragraph": 0.25,
    }
    assert grades["refused"] == {
        "share": 0.25,
        "right": 0.0,
        "without_article": 0.5,
        "without_paragraph": 0.25,
    }
    for share in ("share", "without_article", "without_paragraph"):
        assert sum(grades[grade][share] for grade in grades) == pytest.approx(1)


def test_ranking_is_told_whatever_the_grade() -> None:
    told = trade_off(ALL)
    assert told["first_sentence_right"] == 0.5
    assert told["first_three_right"] == 0.75


def test_a_stricter_threshold_answers_no_more() -> None:
    rows = trade_off(ALL)["trade_off"]
    assert [row["threshold"] for row in rows] == sorted({*THRESHOLDS, Policy().answered})
    for name in ("answered", "answered_without_article", "answered_without_paragraph"):
        shares = [row[name] for row in rows]
        assert shares == sorted(shares, reverse=True)
    assert all(row["answered_right"] <= row["answered"] for row in rows)
    (half,) = [row for row in rows if row["threshold"] == 0.5]
    assert half == {
        "threshold": 0.5,
        "answered": 0.5,
        "answered_right": 0.25,
        "answered_without_article": 0.25,
        "answered_without_paragraph": 0.5,
    }


@pytest.mark.parametrize("threshold", [0.33, 0.5, 0.875])
def test_the_policys_own_threshold_is_among_the_rows(threshold: float) -> None:
    told = trade_off(ALL, Policy(answered=threshold))
    assert told["threshold"] == threshold
    assert threshold in [row["threshold"] for row in told["trade_off"]]


def test_auroc() -> None:
    apart = outcome([sure(RIGHT, 0.9)], removed=[sure(OTHER, 0.1)])
    turned = outcome([sure(RIGHT, 0.1)], removed=[sure(OTHER, 0.9)])
    same = outcome([sure(RIGHT, 0.5)], removed=[sure(OTHER, 0.5)])
    assert trade_off([apart, apart])["auroc"] == 1.0
    assert trade_off([turned])["auroc"] == 0.0
    assert trade_off([same])["auroc"] == 0.5


def test_no_outcome_is_no_error() -> None:
    told = trade_off([])
    assert told["questions"] == 0
    assert told["first_sentence_right"] == 0
    assert set(told["grades"]) == {"answered", "nearest", "refused"}


def test_what_a_judge_makes_of_an_observation() -> None:
    observation = Observation(0, ASKED, (OTHER, RIGHT), (False, True), (OTHER,), (FAR,))
    made = judged(observation, Scripted({"80 عاملًا": 0.9}))
    assert made.right == KEY
    assert [each.candidate for each in made.kept] == [RIGHT, OTHER]
    assert [each.candidate for each in made.removed] == [OTHER]
    assert [each.candidate for each in made.nearby] == [FAR]


SQUAD = {
    "data": [
        {
            "title": "الجسر",
            "paragraphs": [
                {
                    "context": "افتتحت البلدية الجسر المعلق يوم السبت. ويبلغ طوله أربعمئة متر.",
                    "qas": [
                        {"question": "كم يبلغ طول الجسر المعلق؟", "answers": [{"text": "أربعمئة متر"}]},
                        {"question": "كم بلغت كلفة الجسر المعلق؟", "is_impossible": True, "answers": []},
                    ],
                },
                {"context": "وحضر افتتاح الجسر المعلق عدد كبير من السكان.", "qas": []},
            ],
        },
        {
            "title": "المكتبة",
            "paragraphs": [
                {
                    "context": "تضم المكتبة ثلاثين ألف كتاب، وهي قرب الجسر المعلق.",
                    "qas": [{"question": "كم كتابًا في المكتبة؟", "answers": [{"text": "ثلاثين ألف"}]}],
                }
            ],
        },
    ]
}  # fmt: skip


def test_observations_of_a_file() -> None:
    length, cost, books = observe(SQUAD, WordEmbedder())
    right = [each.text for each, holds in zip(length.kept, length.right, strict=True) if holds]
    assert right == ["ويبلغ طوله أربعمئة متر."]
    assert not any(cost.right)
    assert [each.text for each, holds in zip(books.kept, books.right, strict=True) if holds]
    assert (length.entry, books.entry) == (0, 1)
    titles = {each.article.title for each in length.removed}
    assert "الجسر" not in titles, "the whole article is left out"
    assert any("وحضر افتتاح" in each.text for each in length.nearby), "the article's other paragraphs stay"
    assert not any("أربعمئة" in each.text for each in (*length.nearby, *length.removed))


def test_a_whole_file_is_measured() -> None:
    judge = Scripted({"أربعمئة": 0.9})
    told = trade_off([judged(each, judge) for each in observe(SQUAD, WordEmbedder())])
    assert told["questions"] == 3
    assert told["first_sentence_right"] == 0.3333
    assert told["grades"]["answered"]["share"] == 1
    assert told["grades"]["answered"]["right"] == 0.3333
    assert told["grades"]["answered"]["without_article"] == 0.3333, "the other article's question"
