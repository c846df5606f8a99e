"""Lines of a typeset document in logical order, with the measures that tell which continue in the next."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from corpus.parse.pdf.bidi import Order, Piece, among_latin, kind, mirrored, order, unmatched
from corpus.parse.pdf.glyphs import Glyph
from corpus.parse.pdf.layout import PageLine, keeps_left, lay_out, opens, usual_step
from corpus.parse.pdf.rows import Row, UnsureOrderError, beginning, rows_of
from corpus.parse.pdf.strokes import without_strokes

# In sizes of the font.
_GAP = 0.8  # wider than between most words
_COLUMN = 10  # the width from which parts of rows are columns rather than cells
_RIVERS = 100  # followed at a time
_RIVER = 6  # rows through which a space runs that parts columns


def lines_of(pages: Sequence[Sequence[Glyph]]) -> list[list[PageLine]]:
    """Return the lines of each page. Raises UnsureOrderError."""
    found = []
    pages = without_strokes(pages)
    for number, page in enumerate(pages, 1):
        with _on_page(number):
            found.append(rows_of(page))
    everything = [row for page in found for row in page]
    leftward = _count(everything, "R") > _count(everything, "L")
    whole = _draws_lines_whole(pages)
    step = usual_step(found)
    laid_out = [list(lay_out(rows, leftward, step)) for rows in found]
    written = []
    for number, (rows, lines) in enumerate(zip(found, laid_out, strict=True), 1):
        with _on_page(number):
            _check_columns(rows)
            around = _surroundings(rows, lines)
            written.append(
                [_written(row, leftward, whole, how) for row, how in zip(rows, around, strict=True)]
            )
    flat = [parts for page in written for parts in page]
    # Files give brackets as they look or as they were meant: the reading in which more of them match is right.
    turn = sum(unmatched(_text(parts, True)) for parts in flat) < sum(
        unmatched(_text(parts, False)) for parts in flat
    )
    return [
        [line._replace(text=_text(parts, turn)) for line, parts in zip(lines, texts, strict=True)]
        for lines, texts in zip(laid_out, written, strict=True)
    ]


@contextmanager
def _on_page(number: int) -> Iterator[None]:
    try:
        yield
    except UnsureOrderError as error:
        error.page = number
        raise


def _count(rows: Sequence[Row], which: str) -> int:
    return sum(kind(each.glyph.text) == which for row in rows for each in row.placed)


def _draws_lines_whole(pages: Sequence[Sequence[Glyph]]) -> bool:
    """Return whether a string of the document holds both right-to-left letters and digits."""
    for page in pages:
        kinds: dict[int, set[str]] = {}
        for glyph in page:
            kinds.setdefault(glyph.string, set()).add(kind(glyph.text))
        if any({"R", "D"} <= each for each in kinds.values()):
            return True
    return False


# Columns


def _check_columns(rows: Sequence[Row]) -> None:
    """Raise UnsureOrderError where columns are drawn row by row, so that their lines stand in one row."""
    rivers: list[tuple[float, float, list[list[Glyph]]]] = []  # spaces that run down to the row at hand
    for row in _beside(rows):
        size = row[0].size
        going: list[tuple[float, float, list[list[Glyph]]]] = []
        for left, right in _gaps(row):
            going.append((left, right, [row]))
            for x0, x1, above in rivers:
                if min(right, x1) - max(left, x0) > _GAP / 2 * size:
                    going.append((max(left, x0), min(right, x1), [*above, row]))
        rivers = going[:_RIVERS]
        for x0, _, above in rivers:
            if len(above) >= _RIVER:
                widths = [min(x0 - each[0].x0, each[-1].x1 - x0) for each in above]
                if median(widths) > _COLUMN * size:
                    raise UnsureOrderError(beginning(above[0]))


def _beside(rows: Sequence[Row]) -> Iterator[list[Glyph]]:
    """Yield the glyphs of rows that are drawn one after the other on one line, from left to right."""
    for _, beside in groupby(rows, key=lambda row: round(row.y / row.size)):
        yield sorted((each.glyph for row in beside for each in row.placed), key=lambda glyph: glyph.x0)


def _gaps(row: Sequence[Glyph]) -> Iterator[tuple[float, float]]:
    for left, right in pairwise(glyph for glyph in row if not glyph.text.isspace()):
        if right.x0 - left.x1 > _GAP * left.size:
            yield left.x1, right.x0


# Text


class _Around(NamedTuple):
    """Properties of a row that follow from the rows around it."""

    opens: bool
    """Whether the row opens a paragraph, as far as its layout tells."""
    may_open: bool
    """Whether the row may open one all the same: the row before it ends a sentence at the edge."""
    behind_latin: bool
    """Whether the last letters before the row are Latin."""
    keeps_left: bool
    """Whether the row is set to the left edge."""


def _surroundings(rows: Sequence[Row], lines: Sequence[PageLine]) -> Iterator[_Around]:
    latin = False
    for number, (row, line) in enumerate(zip(rows, lines, strict=True)):
        first = not number or opens(line, lines[number - 1])
        ended = first or rows[number - 1].placed[0].glyph.text in _STOPS
        yield _Around(first, ended, latin, keeps_left(rows, number))
        kinds = {kind(each.glyph.text) for each in row.placed}
        latin = "R" not in kinds and (latin or "L" in kinds)


def _written(row: Row, leftward: bool, whole: bool, around: _Around) -> list[tuple[str, bool]]:
    """Return the parts of a row in logical order, each with whether it runs from right to left."""
    glyphs = [each.glyph for each in row.placed]
    kinds = {kind(glyph.text) for glyph in glyphs}
    letters = {glyph.block for glyph in glyphs if kind(glyph.text) == "R"}
    pieces = [
        # Text objects of Latin words alone are drawn as one, string by string.
        Piece(glyph.text, glyph.string if glyph.block in letters else -glyph.block, glyph.reversed)
        for glyph in glyphs
    ]
    if "R" in kinds:
        leftward = leftward or "L" not in kinds
        found = order(pieces, opens=around.opens, whole=whole) if leftward else among_latin(pieces)
    elif leftward and "L" not in kinds and not around.behind_latin:
        found = order(pieces, opens=around.opens, whole=whole)
    else:
        if leftward and any(unicodedata.bidirectional(glyph.text[0]) == "AN" for glyph in glyphs):
            raise UnsureOrderError("".join(glyph.text for glyph in glyphs))
        rightward = not leftward or around.keeps_left
        found = Order(tuple(range(len(glyphs))) if rightward else _source(row), frozenset())
    # «2014-2016» at the head of a paragraph is «2016-2014» within one.
    either = leftward and "R" in kinds and around.may_open and not around.opens
    if either and found.places != order(pieces, opens=True, whole=whole).places:
        raise UnsureOrderError(beginning(glyphs))
    if found.unsure is not None:
        first, last = found.unsure
        raise UnsureOrderError("".join(glyph.text for glyph in glyphs[first:last]))
    return [
        (row.placed[place].glyph.text + "".join(row.placed[place].marks), place in found.turned)
        for place in found.places
    ]


_STOPS = frozenset(".؟?!:…")


def _source(row: Row) -> tuple[int, ...]:
    """Return the order of a row of Latin words and numbers in a right-to-left paragraph.

    In a list of sources, the number of the item stands behind such a row, and its full stop before it.
    """
    shown = "".join(each.glyph.text[0] for each in row.placed)
    stop = len(shown) - len(shown.lstrip(".!?:;,…"))
    item = _ITEM.search(shown)
    end = item.start() if item else len(shown)
    digits = item.start("number") if item else end
    return (*range(digits, len(shown)), *range(digits - 1, end - 1, -1), *range(stop, end), *range(stop))


_ITEM = re.compile(r"\s[.)(-](?P<number>\d{1,3})$")


def _text(parts: Sequence[tuple[str, bool]], turn: bool) -> str:
    text = "".join(mirrored(part) if turn and turned else part for part, turned in parts)
    return _UNNAMED_BULLET.sub("• ", " ".join(text.split()))


_UNNAMED_BULLET = re.compile("^[\ufffd\ue000-\uf8ff] ")  # fonts of signs say seldom what theirs mean
