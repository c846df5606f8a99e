"""The lines of a typeset document as they were written, and which of them go on in the next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise, takewhile
from statistics import median
from typing import NamedTuple

from corpus.parse.bidi import Order, Piece, among_latin, kind, mirrored, order, unmatched
from corpus.parse.glyphs import Glyph
from corpus.parse.rows import Row, UnsureOrderError, beginning, rows_of

# In sizes of the font.
_SPACE = 0.15  # between words, where it is narrow
_GAP = 0.8  # wider than between most words
_INDENT = 0.8  # of a paragraph's first line
_SAME_SIZE = 0.1  # of two fonts
_LEADING = 1.3  # between lines, in times what is usual: one that parts paragraphs
_COLUMN = 10  # the width from which parts of rows are columns rather than cells
_RIVERS = 100  # followed at a time
_RIVER = 6  # rows through which a space runs that parts columns
_EDGE = 3  # lines that end together
_LEAST_STEP = 0.9  # between two lines
_AROUND = 15  # lines whose edges tell where a line might end


class Line(NamedTuple):
    """A line as it was written, and what tells whether the one before it goes on in it. Lengths are in sizes of its
    font."""

    text: str
    first: float
    """What its first word takes, with a space before it."""
    room: float
    """What is free behind its last word, up to where the lines around it end."""
    apart: bool
    """Whether it stands apart from the line before: further below than usual, beside it, indented, or in another
    size."""
    y: float = 0.0
    """How far above the foot of the page it stands, in points."""


def lines_of(pages: Sequence[Sequence[Glyph]]) -> list[list[Line]]:
    """The lines of each page. Raises UnsureOrderError."""
    found = []
    for number, page in enumerate(pages, 1):
        with _on_page(number):
            found.append(rows_of(page))
    everything = [row for page in found for row in page]
    leftward = _count(everything, "R") > _count(everything, "L")
    whole = _draws_lines_whole(pages)
    written = []
    for number, rows in enumerate(found, 1):
        with _on_page(number):
            _check_columns(rows)
            written.append(
                [
                    _written(row, leftward, whole, how)
                    for row, how in zip(rows, _surroundings(rows), strict=True)
                ]
            )
    flat = [parts for page in written for parts in page]
    # Files give brackets as they look or as they were meant: the reading in which more of them match is right.
    turn = sum(unmatched(_text(parts, True)) for parts in flat) < sum(
        unmatched(_text(parts, False)) for parts in flat
    )
    step = _usual_step(found)
    return [
        list(_laid_out(page, [_text(parts, turn) for parts in texts], leftward, step))
        for page, texts in zip(found, written, strict=True)
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
    """Whether a string of the document holds letters from right to left and digits."""
    for page in pages:
        kinds: dict[int, set[str]] = {}
        for glyph in page:
            kinds.setdefault(glyph.string, set()).add(kind(glyph.text))
        if any({"R", "D"} <= each for each in kinds.values()):
            return True
    return False


# Columns


def _check_columns(rows: Sequence[Row]) -> None:
    """Raise UnsureOrderError where columns are drawn row by row, so that their lines stand in one."""
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
    """The glyphs of rows that are drawn one after the other on one line, from left to right."""
    for _, beside in groupby(rows, key=lambda row: round(row.y / row.size)):
        yield sorted((each.glyph for row in beside for each in row.placed), key=lambda glyph: glyph.x0)


def _gaps(row: Sequence[Glyph]) -> Iterator[tuple[float, float]]:
    for left, right in pairwise(glyph for glyph in row if not glyph.text.isspace()):
        if right.x0 - left.x1 > _GAP * left.size:
            yield left.x1, right.x0


# Text


class _Around(NamedTuple):
    """What the rows around a row say of it."""

    opens: bool
    """It may open a paragraph: the row before it does not reach the left edge."""
    behind_latin: bool
    """The last letters before it are Latin."""
    keeps_left: bool
    """It is set to the left edge."""


def _surroundings(rows: Sequence[Row]) -> Iterator[_Around]:
    left = min((row.x0 for row in rows), default=0.0)
    before: Row | None = None
    latin = False
    for number, row in enumerate(rows):
        opens = before is None or before.x0 - left > 3 * before.size
        yield _Around(opens, latin, _keeps_left(rows, number))
        kinds = {kind(each.glyph.text) for each in row.placed}
        latin = "R" not in kinds and (latin or "L" in kinds)
        before = row


def _written(row: Row, leftward: bool, whole: bool, around: _Around) -> list[tuple[str, bool]]:
    """The parts of a row in the order in which they were written, and which of them run from right to left."""
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
        found = order(pieces, opens=around.opens) if leftward else among_latin(pieces)
    elif leftward and "L" not in kinds and not around.behind_latin:
        found = order(pieces, opens=around.opens, whole=whole)
    else:
        rightward = not leftward or around.keeps_left
        found = Order(tuple(range(len(glyphs))) if rightward else _source(row), frozenset())
    if found.unsure is not None:
        first, last = found.unsure
        raise UnsureOrderError("".join(glyph.text for glyph in glyphs[first:last]))
    return [
        (row.placed[place].glyph.text + "".join(row.placed[place].marks), place in found.turned)
        for place in found.places
    ]


def _source(row: Row) -> tuple[int, ...]:
    """The order of a row of Latin words and numbers in a paragraph that runs from right to left, as in a list of
    sources: the number of the item stands behind it, and its full stop before it."""
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


# Layout


def _laid_out(rows: Sequence[Row], texts: Sequence[str], leftward: bool, step: float) -> Iterator[Line]:
    for number, (row, text) in enumerate(zip(rows, texts, strict=True)):
        rightward = not leftward or _keeps_left(rows, number)
        start, end = _edges(rows, number, rightward)
        before = rows[number - 1] if number else None
        apart = before is None or (
            _is_beside(before, row)
            or (before.y - row.y) / row.size > _LEADING * step
            or not _same_size(before, row)
            or (start > _INDENT and number + 1 < len(rows) and _edges(rows, number + 1, rightward)[0] < 0.1)
        )
        yield Line(text, _first_word(row, rightward), end, apart, row.y)


def _is_beside(before: Row, row: Row) -> bool:
    """Whether a row stands beside the one before rather than under it: on its line, or lower without a common edge. A
    column that goes on at the head of the next does neither."""
    if abs(before.y - row.y) < _GAP * row.size:
        return True
    return row.y < before.y and (row.x1 < before.x0 or before.x1 < row.x0)


def _keeps_left(rows: Sequence[Row], number: int) -> bool:
    """Whether a row without letters from right to left keeps to the left edge rather than to the right one."""
    row = rows[number]
    if any(kind(each.glyph.text) == "R" for each in row.placed):
        return False
    around = _around(rows, number)
    right, left = max(each.x1 for each in around) - row.x1, row.x0 - min(each.x0 for each in around)
    return right > left + row.size


def _around(rows: Sequence[Row], number: int) -> list[Row]:
    near = rows[max(0, number - _AROUND) : number + _AROUND + 1]
    return [each for each in near if _same_size(each, rows[number])]


def _same_size(one: Row, other: Row) -> bool:
    return abs(one.size - other.size) < _SAME_SIZE * other.size


def _edges(rows: Sequence[Row], number: int, rightward: bool) -> tuple[float, float]:
    """How far a row stays from where the rows around it begin, and from where they end."""
    row = rows[number]
    beside = [
        each
        for each in _around(rows, number)
        if abs(each.x0 - row.x0 if rightward else each.x1 - row.x1) < 3 * row.size
    ]
    long = [each for each in beside if each.x1 - each.x0 > _COLUMN * each.size]
    left = _short(row.x0, [each.x0 for each in beside], [each.x0 for each in long], row.size)
    right = _short(-row.x1, [-each.x1 for each in beside], [-each.x1 for each in long], row.size)
    return (left, right) if rightward else (right, left)


def _short(end: float, ends: Sequence[float], long: Sequence[float], size: float) -> float:
    """How far an end is from the next edge that several long rows keep to, or else from the outermost."""
    edges = [each for each in long if sum(abs(each - other) < 0.3 * size for other in long) >= _EDGE]
    reached = [each for each in edges if each < end + 0.3 * size]
    return max(0.0, end - (max(reached) if reached else min(ends))) / size


def _first_word(row: Row, rightward: bool) -> float:
    placed = row.placed if rightward else row.placed[::-1]
    word = list(takewhile(lambda each: not each.glyph.text.isspace(), placed))
    width = max(each.glyph.x1 for each in word) - min(each.glyph.x0 for each in word)
    return width / row.size + _SPACE


def _usual_step(pages: Sequence[Sequence[Row]]) -> float:
    """The distance between the lines of a paragraph, in sizes of the font: the smallest of which there are many."""
    steps = sorted(
        step
        for rows in pages
        for above, below in pairwise(rows)
        if _same_size(above, below) and _LEAST_STEP < (step := (above.y - below.y) / below.size) < 3
    )
    many = max(2, len(steps) / 10)
    return next((step for step in steps if sum(step <= other < 1.1 * step for other in steps) >= many), 3.0)
