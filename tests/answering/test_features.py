"""What speaks for a sentence, as numbers."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import features
from bot.answering.features import (
    NAMES,
    Features,
    Number,
    before,
    coverage,
    dates,
    held,
    measure,
    nearness,
    numbers,
)
from bot.answering.matching import view
from bot.answering.question import Query, understand, weigh
from tests.answering.cases import article, found, sentence

DAY = datetime.date(2026, 2, 9)
SHARES = (
    "bm25", "coverage", "context", "passage", "heaviest", "lost", "held", "lacking", "near", "opening",
)  # fmt: skip
BRIDGE = article(
    "افتتحت البلدية الجسر المعلق أمس الأحد بحضور 300 شخص. وقالت البلدية إن الكلفة بلغت مليوني ليرة.\n\n"
    "وكان الجسر القديم قد أُغلق عام 2019.",
    title="جسر جديد في وادي النسور",
)
FLOOD = article(
    "أغرقت السيول سبعة منازل في بلدة الريحان ليل الخميس 5 شباط 2026.", title="سيول في الريحان", source="b.txt"
)


def rows(question: str) -> list[Features]:
    return measure(understand(question, DAY), found(BRIDGE, FLOOD))


@pytest.mark.parametrize(
    "question",
    [
        "متى افتتح الجسر المعلق؟",
        "كم شخصًا حضر افتتاح الجسر؟",
        "من افتتح الجسر؟",
        "؟",
        "How many houses flooded?",
        "متى؟",
    ],
)
def test_shares_are_shares_and_all_is_finite(question: str) -> None:
    for row in rows(question):
        assert len(row.values()) == len(NAMES)
        assert all(math.isfinite(value) for value in row.values())
        for name in SHARES:
            assert 0 <= getattr(row, name) <= (1.5 if name == "bm25" else 1), name
        assert row.passage_lead <= 0
        assert row.coverage <= row.context + 1e-9


def test_without_a_sentence_there_is_nothing_to_measure() -> None:
    assert measure(understand("متى افتتح الجسر؟"), []) == []


def test_the_sentence_that_names_more_covers_more() -> None:
    opened, cost, old, flood = rows("متى افتتح الجسر المعلق في وادي النسور؟")
    assert opened.coverage > old.coverage > flood.coverage == 0
    assert opened.coverage > cost.coverage
    assert opened.opening == flood.opening == 1
    assert cost.opening == old.opening == 0


def test_headline_and_passage_count_as_what_stands_around() -> None:
    opened, cost, old, flood = rows("متى افتتح الجسر في وادي النسور؟")
    assert opened.coverage < opened.context
    assert opened.passage == cost.passage == old.passage > flood.passage
    assert opened.lost < flood.lost


def test_what_is_asked_for_is_held_or_lacking() -> None:
    when = rows("متى افتتح الجسر؟")
    assert [(row.held, row.lacking) for row in when] == [(1, 0), (0, 1), (1, 0), (1, 0)]
    many = rows("كم شخصًا حضر؟")
    assert [(row.held, row.lacking) for row in many] == [(1, 0), (1, 0), (0, 1), (1, 0)]
    who = rows("من افتتح الجسر؟")
    assert {(row.held, row.lacking) for row in who} == {(0, 0)}


@given(st.lists(st.floats(min_value=0.1, max_value=9), min_size=3, max_size=3))
def test_a_further_word_named_never_lowers_the_coverage(weights: list[float]) -> None:
    query = weighed("متى افتتح الجسر المعلق؟", weights)
    less = coverage(query, view("افتتح"))
    more = coverage(query, view("افتتح الجسر"))
    most = coverage(query, view("افتتح الجسر المعلق"))
    assert 0 < less < more < most
    assert most == pytest.approx(1)
    assert coverage(query, view("")) == 0


def weighed(question: str, weights: list[float]) -> Query:
    from dataclasses import replace

    query = understand(question, DAY)
    words = [replace(word, weight=weight) for word, weight in zip(query.words, weights, strict=True)]
    return replace(query, words=tuple(words))


def test_a_question_without_words_is_covered_by_nothing() -> None:
    assert coverage(understand("متى؟"), view("افتتح الجسر")) == 0


def test_the_heavier_word_counts_for_more() -> None:
    counts = {"الجسر": 90}
    query = weigh(
        understand("متى افتتح الجسر؟", DAY), lambda forms: {f: counts.get(f, 0) for f in forms}, 100
    )
    assert coverage(query, view("افتتح")) > coverage(query, view("الجسر"))


# --- what a sentence holds -----------------------------------------------------------------------------------------


def numbers_in(text: str) -> list[str]:
    return [text[n.start : n.end] for n in numbers(text, DAY)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("حضر 300 شخص", ["300"]),
        ("حضر ثلاثمئة وخمسون شخصًا", ["ثلاثمئة وخمسون"]),
        ("سقط ثلاثة قتلى وسبعة جرحى", ["ثلاثة", "وسبعة"]),
        ("افتُتح في 9 من شباط", []),
        ("افتُتح في 3 آذار 2024", []),
        ("افتُتح عام 2019", []),
        ("افتُتح في عام 2014: حضر كثيرون", []),
        ("أُغلقت المدارس منذ 2019.", []),
        ("يعمل في المصنع 2019 عاملًا", ["2019"]),
        ("بلغت الكلفة 2000 دولار", ["2000"]),
        ("لا رقم هنا", []),
        ("", []),
    ],
)
def test_the_numbers_of_a_sentence_are_neither_years_nor_parts_of_a_date(text: str, found: list[str]) -> None:
    assert [n.removeprefix("و") for n in numbers_in(text)] == [n.removeprefix("و") for n in found]


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("كم عضوًا في مجموعة العشرين؟", "تضم مجموعة العشرين 19 دولة", ["19"]),
        ("كم عضوًا في مجموعة العشرين؟", "عُقدت قمة مجموعة العشرين", []),
        ("كم دولة أيدت القرار 2254؟", "أيدت 15 دولة القرار 2254", ["15"]),
        ("كم دولة أيدت القرار 2254؟", "صدر القرار 2254", []),
        ("كم مدرسة أُغلقت عام 2024؟", "أُغلقت 14 مدرسة عام 2024", ["14"]),
        ("متى افتُتح الجسر؟", "حضر 300 شخص", []),
        ("من افتتح الجسر؟", "حضر 300 شخص أمس", []),
    ],
)
def test_a_number_of_the_question_is_no_answer_to_it(question: str, text: str, found: list[str]) -> None:
    assert [text[h.start : h.end] for h in held(understand(question, DAY), text, DAY)] == found


def test_dates_are_resolved_by_the_day_of_publication() -> None:
    (date,) = dates("افتُتح الجسر أمس الأحد", DAY)
    assert date.date == "2026-02-08"
    assert dates("افتُتح الجسر أمس الأحد", None) == ()
    assert [
        d.date for d in held(understand("متى افتُتح؟"), "افتُتح أمس", DAY) if not isinstance(d, Number)
    ] == ["2026-02-08"]


def test_the_nearer_number_is_nearer() -> None:
    query = understand("كم جريحًا سقط؟", DAY)
    text = "نُقل ثلاثة قتلى من القرية إلى المستشفى وسقط سبعة جرحى"
    first, second = numbers(text, DAY)
    assert (
        0
        < nearness(query, text, first.start, first.end)
        < nearness(query, text, second.start, second.end)
        <= 1
    )


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_nearness_is_a_share_wherever_one_looks(text: str, start: int, end: int) -> None:
    assert 0 <= nearness(understand("متى افتتح الجسر؟"), text, min(start, end), max(start, end)) <= 1


@given(st.text(alphabet="حضر300ثلاثةشخصمئة و٢٠١٩.،آذار-/", max_size=50))
def test_numbers_are_places_in_their_text(text: str) -> None:
    for number in numbers(text, DAY):
        assert 0 <= number.start < number.end <= len(text)
        assert number.first < number.last


# --- around --------------------------------------------------------------------------------------------------------


def test_the_sentence_before_is_of_the_same_paragraph() -> None:
    assert before(sentence(BRIDGE, "الكلفة")).startswith("افتتحت البلدية")
    assert before(sentence(BRIDGE, "افتتحت")) == ""
    assert before(sentence(BRIDGE, "القديم")) == "", "another paragraph"


@pytest.mark.parametrize(("published", "day"), [("2026-02-09", DAY)])
def test_the_day_of_publication(published: str, day: datetime.date) -> None:
    assert features.anchor(article("نص الخبر.", published=published)) == day


def test_a_month_is_no_day_of_publication() -> None:
    from dataclasses import replace

    from corpus.article import Published

    assert features.anchor(replace(BRIDGE, published=Published("2026-02-01", "month"))) is None
    assert features.anchor(replace(BRIDGE, published=Published())) is None
