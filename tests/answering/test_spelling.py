"""Slips are mended by the archive's own words; words it does not have stay unknown."""

from __future__ import annotations

import pytest

from bot.answering.spelling import Spelling
from corpus.arabic import fold_text

VOCABULARY = ["التحالف", "انضمت", "الرياض", "الاجتماع", "تركيب", "مقاتلين", "السلامه", "سكان", "اسعد"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("التحالوف", "التحالف"),
        ("انظمت", "انضمت"),
        ("الاجتماغ", "الاجتماع"),
        ("مقاطلين", "مقاتلين"),
        ("التحلاف", "التحالف"),
    ],
)
def test_slips_are_mended(typed: str, meant: str) -> None:
    assert Spelling(lambda: VOCABULARY, lambda: 1).correct(fold_text(typed)) == meant


@pytest.mark.parametrize("word", ["الأسد", "ميزانية", "البرلمان", "أسعار", "قطن", "parliament", "الفيضانات"])
def test_a_word_that_is_not_there_stays_unknown(word: str) -> None:
    assert Spelling(lambda: VOCABULARY, lambda: 1).correct(fold_text(word)) is None


def test_a_changed_archive_is_read_anew() -> None:
    vocabulary, generation = ["التحالف"], [1]
    spelling = Spelling(lambda: vocabulary, lambda: generation[0])
    assert spelling.correct("الميثاغ") is None
    vocabulary.append("الميثاق")
    generation[0] = 2
    assert spelling.correct("الميثاغ") == "الميثاق"
