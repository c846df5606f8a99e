"""How well the words of a text name a word of a question."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.matching import (
    NOTHING,
    RELATED,
    SAME,
    forms_of,
    spellings,
    view,
    words_of,
)
from bot.answering.question import QueryWord, understand
from corpus.arabic import fold_text, value_of, values
from corpus.arabic.roots import bare_forms, root

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def word(text: str) -> QueryWord:
    (only,) = understand(f"هل {text}؟").words
    return only


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("الاجتماع", "اجتماع"),
        ("اجتماع", "والاجتماع"),
        ("سوريا", "لسوريا"),
        ("سوريا", "سورية"),
        ("مدير", "المديرة"),
        ("التَّحَالُف", "التحالف"),
        ("أحمد", "احمد"),
        ("مستشفى", "مستشفي"),
        ("الوزارة", "بالوزارة"),
        ("البلدية", "للبلدية"),
    ],
)
def test_a_word_is_met_in_other_forms(asked: str, said: str) -> None:
    assert word(asked).match(view(said)) == SAME


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("انضمت", "الانضمام"),
        ("شخصًا", "أشخاص"),
        ("جنديًّا", "الجنود"),
        ("قتيلًا", "القتلى"),
        ("افتتاح", "افتتحت"),
        ("كتاب", "الكتب"),
        ("شقًّا", "الشق"),
        ("أوقف", "أوقفت"),
    ],
)
def test_a_word_is_met_by_its_family(asked: str, said: str) -> None:
    assert word(asked).match(view(said)) >= RELATED


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("مقاتلين", "القتلى"),
        ("انضمت", "بعد المغادرة"),
        ("القاهرة", "الظاهرة"),
        ("بيروت", "البيوت"),
        ("توقيع", "توقع"),
    ],
)
def test_a_word_is_not_taken_for_another(asked: str, said: str) -> None:
    assert word(asked).match(view(said)) < SAME


def test_an_empty_text_names_nothing() -> None:
    assert view("") == NOTHING
    assert word("الجسر").match(NOTHING) == 0


def test_two_stretches_together_name_what_each_does() -> None:
    both = view("الجسر") | view("افتتح عام 2019")
    for text in ("الجسر", "افتتح"):
        assert word(text).match(both) == SAME
    assert 2019 in both.values


@given(st.text(alphabet=f"{LETTERS}ةىأإآءؤئ \u064b\u0651", max_size=30))
def test_a_word_is_met_by_itself(text: str) -> None:
    seen = view(text)
    query = understand(f"هل {text}؟")
    for each in query.words:
        # «ضل» of dialect is met by «بقي».
        assert each.match(seen) == SAME or each.text not in text or each.text not in query.searched


@given(st.text(max_size=40))
def test_any_text_can_be_viewed(text: str) -> None:
    seen = view(text)
    assert seen | NOTHING == seen
    for each in words_of(text):
        assert each.text in forms_of(each.text) <= seen.forms
        assert bare_forms(each.text) == tuple(dict.fromkeys(bare_forms(each.text)))
        assert all(spellings(each.text))


# --- roots ---------------------------------------------------------------------------------------------------------


def test_roots() -> None:
    assert root("انضمت") == root("انضمام") == root("ينضم") == "نضم"
    assert root("افتتح") == root("افتتاح") == root("يفتتح")
    assert root("مقاتلين") != root("قتلى"), "a fighter is not one who was killed"


@given(st.text(alphabet=LETTERS, max_size=15))
def test_a_root_has_three_consonants_or_is_none(text: str) -> None:
    assert root(text) == "" or len(root(text)) >= 3


@pytest.mark.parametrize("text", ["", "CENTCOM", "في", "من", "2014"])
def test_what_has_no_root(text: str) -> None:
    assert root(text) == ""


# --- numbers -------------------------------------------------------------------------------------------------------


def numbers(text: str) -> list[float]:
    return [value for value, _, _ in values(words_of(text))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90", 90),
        ("٩٠", 90),
        ("3.5", 3.5),
        ("٣٫٥", 3.5),
        ("1,200", 1200),
        ("1,234,567", 1_234_567),
        ("سبعين", 70),
        ("ثمانية", 8),
        ("أحد عشر", 11),
        ("إحدى عشرة", 11),
        ("اثنا عشر", 12),
        ("اثني عشر", 12),
        ("اثنتي عشرة", 12),
        ("خمسة عشر", 15),
        ("ثلاث عشرة", 13),
        ("واحد وعشرون", 21),
        ("أربعة وعشرين", 24),
        ("مئة", 100),
        ("مئتا", 200),
        ("مائتين", 200),
        ("ثلاثمئة وخمسين", 350),
        ("مئة وعشرين", 120),
        ("مئة وخمسة وعشرين", 125),
        ("ألف وخمسمئة", 1500),
        ("ألفان وخمسمئة", 2500),
        ("ثلاثة آلاف", 3000),
        ("خمسة آلاف وثلاثمئة", 5300),
        ("عشرين ألف", 20_000),
        ("خمسة وعشرين ألفًا", 25_000),
        ("مئة وعشرين ألفًا", 120_000),
        ("ثلاثمئة وخمسين ألف", 350_000),
        ("12 ألفًا", 12_000),
        ("ثلاثة ملايين", 3_000_000),
        ("4.5 ملايين", 4_500_000),
        ("مليون ونصف", 1_500_000),
        ("مليونين وثلاثمئة ألف", 2_300_000),
        ("مليونان وثلاثمئة ألف", 2_300_000),
        ("نصف مليون", 500_000),
        ("ملياري", 2_000_000_000),
        ("التسعون", 90),
        ("الحادي عشر", 11),
        ("الثاني عشر", 12),
        ("الخامس والعشرين", 25),
    ],
)
def test_the_value_of_a_number(text: str, value: float) -> None:
    assert numbers(text) == [value]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ثلاثة قتلى وسبعة جرحى", [3, 7]),
        ("بين 10 و20 شخصًا", [10, 20]),
        ("طوله 120 مترًا وعرضه أربعة", [120, 4]),
        ("2019 2020", [2019, 2020]),
        ("وصل الوفد", []),
    ],
)
def test_the_numbers_of_a_text(text: str, found: list[float]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("word_", "value"),
    [("2014", 2014), ("سبعين", 70), ("وسبعين", 70), ("بسبعين", 70), ("رجل", None), ("x1", None)],
)
def test_the_value_of_a_word(word_: str, value: float | None) -> None:
    assert value_of(fold_text(word_)) == value


@given(st.text(alphabet="0123456789٠١٢٣٤.,٫ وعشرةثلاثألفمئمليون", max_size=40))
def test_any_numbers_are_read_in_their_order(text: str) -> None:
    found = values(words_of(text))
    assert all(first < behind <= len(words_of(text)) for _, first, behind in found)
    assert all(one[2] <= other[1] for one, other in itertools.pairwise(found))


@given(st.integers(min_value=0, max_value=10**9))
def test_digits_are_their_value(number: int) -> None:
    assert numbers(str(number)) == [number]
    assert numbers(str(number).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))) == [number]
