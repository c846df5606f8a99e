"""The order of writing, from the order on the page: the bidirectional algorithm of a library, undone."""

from __future__ import annotations

import pytest
from bidi.algorithm import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.parse.pdf.bidi import Order, Piece, kind, mirrored, order, unmatched

WORDS = (
    "قال",
    "الوزير",
    "في",
    "بيروت،",
    "إن",
    "عدد",
    "المصابين.",
    "(قسد)",
    "«واس»",
    '"سانا"',
    "بـ",
    "؟",
    "-",
    "…",
)
LATIN = ("BBC", "(UK)", "F-16", "G20", "5G", "example.com", "COVID-19", "l'Aube", "iPhone")
NUMBERS = ("9", "2026", "1,250", "3.5", "12/5/2026", "10:30", "٩", "٢٠٢٦", "٣٫٥")


def on_the_page(text: str) -> str:
    """A line from left to right, brackets as they look."""
    shown = get_display(text, base_dir="R")
    assert isinstance(shown, str)
    return shown


def written(shown: str, *, opens: bool = True, runs: str = "", reversed: str = "") -> tuple[str, Order]:
    """What was written; ``runs`` has a letter for each character that tells what was drawn together."""
    pieces = [
        Piece(character, ord(runs[n]) if runs else n, bool(reversed) and reversed[n] == "<")
        for n, character in enumerate(shown)
    ]
    found = order(pieces, opens=opens)
    text = "".join(
        mirrored(shown[place]) if place in found.turned else shown[place] for place in found.places
    )
    return text, found


@given(st.lists(st.sampled_from(WORDS + NUMBERS), min_size=1, max_size=12).filter(lambda line: "في" in line))
def test_arabic_with_numbers_comes_back_as_it_was_written(line: list[str]) -> None:
    text = " ".join(line)
    found, how = written(on_the_page(text))
    assert (found, how.unsure) == (text, None)


@settings(max_examples=500)
@given(
    st.lists(st.sampled_from(WORDS + LATIN + NUMBERS), min_size=1, max_size=12).filter(
        lambda line: "في" in line
    )
)
@pytest.mark.slow
def test_with_latin_words_it_comes_back_or_is_unsure(line: list[str]) -> None:
    text = " ".join(line)
    found, how = written(on_the_page(text))
    assert found == text or how.unsure is not None


@pytest.mark.parametrize(
    "text",
    [
        "وبلغ العدد 15617 عاملا في 52 مؤسسة.",
        "من 2016-2017 في المدينة",
        "بنسبة 50% من الأصوات",
        "قال (قسد) إن «سانا» نقلت [النص]",
        "قناة BBC (UK) البريطانية",
        "الطائرة F-16 في الجو",
        "على example.com اليوم 9 شباط 2026، الساعة 10:30",
        "فيلم Demain Dès l'Aube عرض",
    ],
)
def test_lines_of_news(text: str) -> None:
    found, how = written(on_the_page(text))
    assert (found, how.unsure) == (text, None)


def test_before_the_first_letter_numbers_keep_to_each_other() -> None:
    text = "2016-2017: عامان"
    shown = on_the_page(text)
    assert written(shown, opens=True)[0] == text
    # Behind a line of the same paragraph the same glyphs were written otherwise.
    assert on_the_page("من 2017-2016: عامان").removesuffix(" نم") == shown
    assert written(shown, opens=False)[0] == "2017-2016: عامان"


@pytest.mark.parametrize("text", ["في عام 2014 BBC نقلت", "هاتف iPhone 6 جديد"])
def test_a_number_beside_a_latin_word_is_unsure_where_nothing_tells(text: str) -> None:
    shown = on_the_page(text)
    found = written(shown, runs="a" * len(shown))[1].unsure
    assert found is not None
    assert shown[slice(*found)] in {"BBC 2014", "iPhone 6"}


def test_what_is_drawn_together_tells() -> None:
    together = "ديدج iPhone 6 فتاه"
    assert on_the_page("هاتف iPhone 6 جديد") == together
    found, how = written(together, runs="aaaaabbbbbbbbccccc")
    assert (found, how.unsure) == ("هاتف iPhone 6 جديد", None)
    apart = "تلقن BBC 2014 ماع"
    assert on_the_page("عام 2014 BBC نقلت") == apart
    found, how = written(apart, reversed="<<<<<...<....<<<<")
    assert (found, how.unsure) == ("عام 2014 BBC نقلت", None)
    # What shares a font with the letters beside it is drawn with them, whichever way it runs.
    assert written(apart, runs="aaaaabbbadddduuuu")[1].unsure is not None


def test_numbers_that_are_drawn_together_were_written_from_left_to_right() -> None:
    shown = "مقر 011 222 3333 يف"
    assert written(shown, runs="aaaa" + "b" * 12 + "aaa")[0] == "في 011 222 3333 رقم"
    assert written(shown)[0] == "في 3333 222 011 رقم", "by themselves from right to left"


def test_what_closes_before_it_opens_is_two_things() -> None:
    assert written("ديدج ChatGPT )OpenAI( جمانرب")[1].unsure is not None
    found, how = written("ديدج ChatGPT )OpenAI( جمانرب", reversed="......" + ".......<<......<.......")
    assert how.unsure is None
    assert "OpenAI" in found


def test_percentages_and_ranges_behind_latin_words_and_before_the_first_letter() -> None:
    assert written("يف F-16 0.5% مقر", runs="aaa" + "b" * 9 + "aaaa")[0] == "رقم F-16 0.5% في"
    assert written(on_the_page("٥٠٪ من السكان"))[0] == "٥٠٪ من السكان"
    assert written(on_the_page("٢٠١٤-٢٠١٦ كانت"))[0] == "٢٠١٤-٢٠١٦ كانت"


def test_a_number_to_the_left_of_a_latin_word_is_unsure() -> None:
    assert written("تلقن 2014 BBC ماع")[1].unsure is not None


@pytest.mark.parametrize(
    ("text", "expected"), [("لا", "R"), ("é", "L"), ("7", "D"), ("٧", "D"), ("،", "N"), ("", "N"), ("ﻻ", "R")]
)
def test_kinds(text: str, expected: str) -> None:
    assert kind(text) == expected


def test_brackets_that_match_nothing_are_counted() -> None:
    assert unmatched("قال (قسد) و«واس» [نص]") == 0
    assert unmatched(mirrored("قال (قسد) و«واس» [نص]")) == 6
    assert unmatched("(أ] ب)") == 1
