"""Twice as much text takes about twice as long to read: no repetition makes a parser slow."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from corpus.arabic import sentences
from corpus.chunk import chunks
from corpus.decode import NoTextError
from corpus.parse import ParseError, parse, read
from tests.bench.hostile_files import docx

pytestmark = pytest.mark.slow

PARAGRAPH = "وقال المتحدث باسم الوزارة في بيان صدر اليوم إن العمل في المشروع الجديد سيبدأ قريبا جدا في المدينة كلها.\n"
REPEATED = [
    "ا",
    "a.",
    "a@",
    "www.",
    "http://a.b ",
    "«ا. ا» قال ",
    "(((ا. ",
    "2024-01-01 ",
    "في 5 مايو 2024 ",
    "5 مايو ",
    "تأسس عام 2014، ",
    "المصادر\n",
    "الوسوم\n",
    "التعليقات\nا\n",
    "اقرأ أيضا\n",
    "اقرأ أيضا: ااا\n",
    "سياسة\n",
    "[1] ا\n",
    "التاريخ: ا\n",
    "12\n",
    "#ا ",
    "-",
    "ا| ",
    "كتب: اا ",
    "\u064b",
    "\u00a0",
    "&amp;",
    "Ø§Ù ",
    "?? ",
    "وقال إن العمل بدأ صباح اليوم في المدينة، وفيها\n",
]
MOST = 3.2
"""Times as long for twice as much: a busy machine may take some more than two, what grows with the square four."""
_LEAST = 0.05  # seconds under which time says nothing


def seconds(does: Callable[[int], object], size: int) -> float:
    """The processor time of the quicker of two runs."""
    found = []
    for _ in range(2):
        began = time.process_time()
        does(size)
        found.append(time.process_time() - began)
    return min(found)


def grows_with_the_square(does: Callable[[int], object], size: int) -> bool:
    """Return whether the time of a size grows with its square, for sizes large enough to tell."""
    before = seconds(does, size)
    while before < _LEAST and size < 400_000:
        size *= 2
        before = seconds(does, size)
    return before >= _LEAST and seconds(does, 2 * size) > MOST * before


def taken_in(data: bytes, kind: str) -> None:
    try:
        page = read(data, kind)
        articles = parse(page.text, "x", page.said)
    except (NoTextError, ParseError):
        return
    for article in articles:
        chunks(article, lambda texts: [1 + len(text) // 4 for text in texts])


@pytest.mark.slow
@pytest.mark.parametrize("around", ["", PARAGRAPH * 2])
@pytest.mark.parametrize("token", REPEATED)
def test_texts(token: str, around: str) -> None:
    def does(size: int) -> None:
        taken_in((around + token * (size // len(token)) + "\n" + around).encode(), ".txt")

    assert not grows_with_the_square(does, 10_000)


def test_a_long_word_before_an_address_is_read_once() -> None:
    assert not grows_with_the_square(lambda size: sentences("a" * size + ". @ b"), 50_000)


def test_the_name_of_an_author_is_read_once() -> None:
    def does(size: int) -> None:
        taken_in(f"{PARAGRAPH}\nكتب: {'ا' * size}.\n".encode(), ".txt")

    assert seconds(does, 900) < 1


@pytest.mark.parametrize(
    "token",
    [
        "<td>a",
        "<i>a",
        "<div>",
        "<p class='share related'>a</p>",
        "<li><a href=x>a</a>",
        "&amp;",
        "<time datetime=2024-01-01>a</time>",
        "<h1>خبر",
        "<table><tr><td>",
    ],
)
def test_pages(token: str) -> None:
    def does(size: int) -> None:
        taken_in(f"<html><body><table><tr><td>{token * (size // len(token))}".encode(), ".html")

    assert not grows_with_the_square(does, 10_000)


@pytest.mark.parametrize("space", ["\u00a0", "&nbsp;", " | ", "-"])
def test_titles(space: str) -> None:
    def does(size: int) -> None:
        taken_in(f"<title>خبر{space * size}الجزيرة</title><p>{PARAGRAPH * 3}".encode(), ".html")

    assert not grows_with_the_square(does, 5_000)


@pytest.mark.parametrize(
    "token",
    [
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>ا</w:t></w:r></w:p>',
        "<w:r/>",
        "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
    ],
)
def test_word_documents(token: str) -> None:
    assert not grows_with_the_square(
        lambda size: taken_in(docx(token * (size // len(token))), ".docx"), 40_000
    )
