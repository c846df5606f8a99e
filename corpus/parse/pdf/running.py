"""Removal of page numbers and running heads, which belong to no paragraph of a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from corpus.arabic.boilerplate import boilerplate_as_written
from corpus.parse.pdf.layout import PageLine

_DEEP = 2  # lines at the head and at the foot of a page
_LONGEST_HEAD = 12  # words
_RUNNING = 2  # pages on which a line at the edge is a running head
_COUNTED = 3  # pages that numbers at the edge count, wherever they stand
_PART = 0.3  # of all pages, at least; left and right pages may have heads of their own
_HEIGHT = 3.0  # points by which it may stand higher or lower

_SENTENCE = re.compile(r"[.؟!]$")
_PAGE_NUMBER = re.compile(boilerplate_as_written("page_number"), re.IGNORECASE)


def without_running(pages: Sequence[Sequence[PageLine]]) -> list[list[PageLine]]:
    """Return all lines but page numbers, which count the pages, and lines at the same place of several pages."""
    left = [list(page) for page in pages]
    for at in (0, -1):
        for _ in range(_DEEP):
            edge = [page[at] if page else None for page in left]
            running = [
                _is_running(edge, number, left[number], at) or _is_page_number(edge, number, left[number], at)
                for number in range(len(edge))
            ]
            if not any(running):
                break
            for page, gone in zip(left, running, strict=True):
                if gone:
                    page.pop(at)
    return left


def _is_running(edge: Sequence[PageLine | None], number: int, page: Sequence[PageLine], at: int) -> bool:
    """Return whether the line at the edge of a page is on other pages too, word for word.

    What does not stand apart from the text, or ends a sentence, is of the text: a form's lines recur, too.
    """
    line = edge[number]
    if line is None or len(line.text.split()) > _LONGEST_HEAD or _SENTENCE.search(line.text):
        return False
    if not _stands_apart(page, at):
        return False
    return _like(edge, lambda other, _: other.text == line.text, line) >= max(_RUNNING, _PART * len(edge))


def _stands_apart(page: Sequence[PageLine], at: int) -> bool:
    """Return whether the line at the head or the foot of a page stands apart from the rest."""
    return page[-1].apart if at else len(page) < 2 or page[1].apart


def _is_page_number(edge: Sequence[PageLine | None], number: int, page: Sequence[PageLine], at: int) -> bool:
    """Return whether a line counts the pages; a year by itself, or the rest of a headline, does not."""
    line = edge[number]
    found = _PAGE_NUMBER.fullmatch(line.text) if line else None
    if line is None or found is None:
        return False
    counted = int(found["number"])
    apart = _stands_apart(page, at)
    if len(edge) == 1:
        return apart and counted == 1

    def goes_on(other: PageLine, steps: int) -> bool:
        match = _PAGE_NUMBER.fullmatch(other.text)
        return match is not None and int(match["number"]) == counted + steps

    pages = _like(edge, lambda other, place: goes_on(other, place - number), line)
    return pages >= _COUNTED or (apart and pages > 1)


def _like(edge: Sequence[PageLine | None], like: Callable[[PageLine, int], bool], line: PageLine) -> int:
    return sum(
        other is not None and abs(other.y - line.y) < _HEIGHT and like(other, place)
        for place, other in enumerate(edge)
    )
