"""Layout of the lines of a page, which shows the lines that belong to one paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from corpus.parse.pdf.bidi import kind
from corpus.parse.pdf.rows import SPACE, Row

# In sizes of the font.
_GAP = 0.8  # wider than between most words
_INDENT = 0.8  # of a paragraph's first line
_SAME_SIZE = 0.1  # of two fonts
_LEADING = 1.3  # between lines, in times what is usual: one that parts paragraphs
_COLUMN = 10  # the width from which parts of rows are columns rather than cells
_EDGE = 3  # lines that end together
_LEAST_STEP = 0.9  # between two lines
_AROUND = 15  # lines whose edges tell where a line might end
_SLACK = 0.3  # by so much a line may be set shorter than it could be


class PageLine(NamedTuple):
    """A line of text, with the measures that tell whether the line before continues in it.

    Lengths are in sizes of its font.
    """

    text: str
    first: float
    """Width of the first word, with a space before it."""
    room: float
    """Free width after the last word, up to where the lines around it end."""
    apart: bool
    """Whether the line stands apart from the line before.

    It does when it is further below than usual, beside it, indented, or in another size.
    """
    y: float = 0.0
    """Height above the foot of the page, in points."""
    size: float = 0.0
    """Size of its font, in points."""


def opens(line: PageLine, before: PageLine) -> bool:
    """Return whether a line opens a paragraph: it stands apart, or its first word had room in the line before."""
    return line.apart or before.room > line.first + _SLACK


def lay_out(rows: Sequence[Row], leftward: bool, step: float) -> Iterator[PageLine]:
    """Yield the lines of a page, their texts still empty.

    ``leftward`` says that the paragraphs run from right to left; ``step`` is the usual distance between their
    lines.
    """
    for number, row in enumerate(rows):
        rightward = not leftward or keeps_left(rows, number)
        start, end = _edges(rows, number, rightward)
        before = rows[number - 1] if number else None
        apart = before is None or (
            _is_beside(before, row)
            or (before.y - row.y) / row.size > _LEADING * step
            or not _same_size(before, row)
            or (start > _INDENT and number + 1 < len(rows) and _edges(rows, number + 1, rightward)[0] < 0.1)
        )
        yield PageLine("", _first_word(row, rightward), end, apart, row.y, row.size)


def _is_beside(before: Row, row: Row) -> bool:
    """Return whether a row stands beside the one before rather than under it.

    Such a row is on the same line, or lower without a common edge. A column that continues at the head of the
    next is neither.
    """
    if abs(before.y - row.y) < _GAP * row.size:
        return True
    return row.y < before.y and (row.x1 < before.x0 or before.x1 < row.x0)


def keeps_left(rows: Sequence[Row], number: int) -> bool:
    """Return whether a row without right-to-left letters keeps to the left edge rather than to the right one."""
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
    """Return the distances of a row from where the rows around it begin, and from where they end."""
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
    """Return the distance of an end from the next edge that several long rows share, else from the outermost."""
    edges = [each for each in long if sum(abs(each - other) < 0.3 * size for other in long) >= _EDGE]
    reached = [each for each in edges if each < end + 0.3 * size]
    return max(0.0, end - (max(reached) if reached else min(ends))) / size


def _first_word(row: Row, rightward: bool) -> float:
    placed = row.placed if rightward else row.placed[::-1]
    word = list(takewhile(lambda each: not each.glyph.text.isspace(), placed))
    width = max(each.glyph.x1 for each in word) - min(each.glyph.x0 for each in word)
    return width / row.size + SPACE


def usual_step(pages: Sequence[Sequence[Row]]) -> float:
    """Return the distance between the lines of a paragraph, in sizes of the font: the smallest frequent one."""
    steps = sorted(
        step
        for rows in pages
        for above, below in pairwise(rows)
        if _same_size(above, below) and _LEAST_STEP < (step := (above.y - below.y) / below.size) < 3
    )
    many = max(2, len(steps) / 10)
    return next((step for step in steps if sum(step <= other < 1.1 * step for other in steps) >= many), 3.0)
