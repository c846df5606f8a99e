"""Twice as much text takes about twice as long to read: no repetition makes a parser slow."""

from __future__ import annotations

import pytest

from corpus.arabic import sentences
from corpus.parse import KINDS
from corpus.parse.collections import COLLECTIONS
from corpus.parse.collections.streams import SUFFIXES
from tests.bench.growth import COLLECTED, INPUTS, PARAGRAPH, Make, growth, of_input, seconds, taken_in

pytestmark = pytest.mark.slow

MOST = 1.6
"""The power of its size that the time of a file may grow with: a busy machine may take some more than 1, what grows
with the square has 2."""
TRIES = 3
SQUARE = {(".pdf", "(")}
"""What grows with the square in a library, pdfminer: the time that a document may take ends it."""


@pytest.mark.parametrize(
    ("kind", "token", "make"),
    [
        pytest.param(kind, token, make, id=f"{kind} {token[:40]!r}")
        for kind, inputs in (INPUTS | COLLECTED).items()
        for token, make in inputs
    ],
)
def test_time_grows_with_the_size_of_a_file(kind: str, token: str, make: Make) -> None:
    found = of_input(kind, token, make)
    for _ in range(TRIES):
        if found.exponent < MOST:
            break
        found = of_input(kind, token, make, runs=3)  # the machine was busy, perhaps
    assert found.exponent < (2.2 if (kind, token) in SQUARE else MOST), found


def test_every_format_is_tried_with_many_inputs() -> None:
    same = {".htm": ".html", ".mht": ".mhtml", ".docm": ".docx", ".doc": ".docx", ".fodt": ".odt"}
    same[".markdown"] = ".md"
    assert {same.get(kind, kind) for kind in KINDS} == set(INPUTS)
    # What packs others, and the other names of the same formats, are left out.
    others = {".ndjson", ".tsv", ".rss", ".atom", ".wxr", ".wacz"} | SUFFIXES
    assert others | set(COLLECTED) == COLLECTIONS
    assert min(map(len, (INPUTS | COLLECTED).values())) >= 12


def test_a_growth_with_the_square_is_seen() -> None:
    found = growth(lambda size: size // 50, lambda size: [0 for _ in range(size) for _ in range(size)])
    assert found.exponent > MOST


@pytest.mark.parametrize("text", ["a" * 80_000 + ". @ b", "a@" * 40_000, "www." * 20_000, "@ a" * 30_000])
def test_addresses_in_a_line_are_found_in_one_pass(text: str) -> None:
    assert seconds(lambda: sentences(text)) < 1


def test_the_name_of_an_author_is_read_once() -> None:
    text = f"{PARAGRAPH}\nكتب: {'ا' * 900}.\n".encode()
    assert seconds(lambda: taken_in(text, ".txt")) < 1
