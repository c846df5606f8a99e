"""Rows of a typeset page: groups of glyphs that stand on one line.

Glyphs that share a baseline are a row. Rows are split where the space between two glyphs is wider than any
between words, or where the next glyphs are drawn at another time: columns and cells are rows of their own.
Rows come in the order in which the page draws them.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from corpus.parse.pdf.bidi import kind
from corpus.parse.pdf.glyphs import Glyph

_FIRST = 5  # words that name a row
_COLUMN = 4  # rows that end together before what is drawn later
_AT_HAND = 200  # rows that what is drawn next may belong to
_NEXT = 3  # glyphs: «الل» has the same letter twice, side by side
# In sizes of the font:
_SAME_ROW = 0.5  # between baselines: superscripts too
SPACE = 0.15  # a gap that is a space, also where no glyph is one
_CELL = 2.5  # one that parts a row of few words
_LEAST_CELL = 0.9  # one that may part any row
_BROKEN_OFF = 0.45  # one that does where what follows was not drawn next
_SHADOW = 0.2  # between two glyphs that mean the same: one drawn twice
_RAISED = 0.2  # a baseline above that of the text, for digits of powers and notes
_SMALLER = 0.95  # their size, in times that of the text
# In times the usual space between the words of a row:
_WIDE = 2.5  # one that parts a row
_ALIKE = 1.4  # one that does not, whenever what follows was drawn

_IGNORED = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)


@dataclass(slots=True)
class Placed:
    """A glyph with the marks that stand on it."""

    glyph: Glyph
    drawn: int
    """Position of the glyph in the page's drawing order."""
    marks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """A line in its visual order on the page."""

    placed: list[Placed]
    """Glyphs from left to right, including spaces, but none at either end."""
    y: float = 0.0
    size: float = 0.0

    def __post_init__(self) -> None:
        self.y = median(each.glyph.y for each in self.placed)
        self.size = median(each.glyph.size for each in self.placed)

    @property
    def x0(self) -> float:
        return self.placed[0].glyph.x0

    @property
    def x1(self) -> float:
        return self.placed[-1].glyph.x1


def beginning(row: Iterable[Glyph]) -> str:
    """Return the first words of a row, as far as its letters tell where it begins."""
    texts = [glyph.text for glyph in row]
    leftward = any(kind(text) == "R" for text in texts)
    return " ".join("".join(reversed(texts) if leftward else texts).split()[:_FIRST])


class UnsureOrderError(Exception):
    """The order of ``words`` cannot be determined; they are given as they stand on the page."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
        self.page = 0
        """Page number, counted from 1."""


def rows_of(glyphs: Sequence[Glyph]) -> list[Row]:
    """Return the rows of a page, split, in the order in which it draws them. Raises UnsureOrderError."""
    leftward = sum(kind(glyph.text) == "R" for glyph in glyphs) > sum(
        kind(glyph.text) == "L" for glyph in glyphs
    )
    rows: list[list[Placed]] = []
    strokes: dict[int, int] = {}
    last: list[Placed] | None = None
    for placed in _without_shadows(_with_marks(glyphs)):
        row = next((row for row in reversed(rows[-_AT_HAND:]) if _fits(row, placed)), None)
        if row is None:
            rows.append(row := [])
        row.append(placed)
        # What is drawn for one row without a break is a stroke.
        strokes[placed.drawn] = placed.drawn if row is not last else strokes[row[-2].drawn]
        last = row
    for row in rows:
        row.sort(key=lambda each: (each.glyph.x0, each.drawn))
    edges = _column_edges(rows, strokes)
    found: list[tuple[int, float, Row]] = []
    for row in rows:
        for part in _parted(row, strokes, edges):
            # Parts of one stroke come in the order of reading, strokes in the order of drawing.
            stroke = min(strokes[each.drawn] for each in part.placed)
            found.append((stroke, -part.x0 if leftward else part.x0, part))
    return [part for _, _, part in sorted(found, key=lambda each: each[:2])]


def _fits(row: Sequence[Placed], placed: Placed) -> bool:
    glyph = placed.glyph
    for other in (row[-1].glyph, row[0].glyph):
        away = abs(other.y - glyph.y)
        if away < _SAME_ROW * min(other.size, glyph.size):
            return True
        # A superscript stands beside what it belongs to.
        if away < _SAME_ROW * max(other.size, glyph.size) and any(
            abs(max(glyph.x0 - each.glyph.x1, each.glyph.x0 - glyph.x1)) < SPACE * other.size for each in row
        ):
            return True
    return False


def _without_shadows(drawn: Sequence[Placed]) -> Iterator[Placed]:
    """Yield glyphs, except those drawn again beside themselves to look bold or to throw a shadow."""
    seen: dict[str, list[Placed]] = {}
    for placed in drawn:
        glyph, same = placed.glyph, seen.setdefault(placed.glyph.text, [])
        if glyph.text.isspace() or not any(
            (placed.drawn - each.drawn > _NEXT or each.glyph.block != glyph.block)
            and abs(each.glyph.x0 - glyph.x0) < _SHADOW * glyph.size
            and abs(each.glyph.y - glyph.y) < _SHADOW * glyph.size
            for each in same[-_AT_HAND:]
        ):
            same.append(placed)
            yield placed


def _with_marks(glyphs: Sequence[Glyph]) -> list[Placed]:
    """Return glyphs; those without width (vowel marks, letter parts) are joined to the letters drawn with them."""
    found: list[Placed] = []
    waiting: list[Placed] = []
    for number, glyph in enumerate(glyphs):
        text = letters(glyph.text).translate(_IGNORED)
        if not text and (glyph.text or glyph.x0 == glyph.x1):
            continue
        if unicodedata.category(text[:1] or " ") == "Cc" and not text.isspace():
            text = ""
        placed = Placed(replace(glyph, text=text), number)
        if _is_mark(text) or (glyph.x0 == glyph.x1 and not text.isspace()):
            waiting.append(placed)
        else:
            found += _put(waiting, found[-1] if found else None, placed)
            waiting = []
            found.append(placed)
    found += _put(waiting, found[-1] if found else None, None)
    for placed in found:
        # Something is seen there, and the file does not say what.
        placed.glyph.text = placed.glyph.text or "\ufffd"
    return found


def _is_mark(text: str) -> bool:
    return bool(text) and all(map(unicodedata.combining, text))


def _put(parts: Sequence[Placed], before: Placed | None, after: Placed | None) -> list[Placed]:
    """Join marks and parts to the letter that they are drawn with; return the parts that are near none.

    Programs that draw from left to right draw a mark before its letter, those that draw in the order of
    writing after it. Its position says less: a mark often stands beside its letter.
    """
    alone: list[Placed] = []
    for part in parts:
        near = [each for each in (before, after) if each is not None and _is_near(part.glyph, each.glyph)]
        if len(near) == 2 and kind(near[1].glyph.text) != "L" and near[0].glyph.x0 < near[1].glyph.x0:
            near = near[1:]
        if near:
            _join(part.glyph.text, near[0], first=near[0] is after)
        elif not _is_mark(part.glyph.text):
            alone.append(part)
    return alone


def _join(text: str, letter: Placed, *, first: bool) -> None:
    """Add the characters of a glyph without width to a letter.

    For a part of a letter, files give the whole letter, or all of it except the characters given for the
    letter itself; they do so for several parts.
    """
    held = letter.glyph.text
    if _is_mark(text):
        _add_marks(letter, text, first)
    elif _bare(text).startswith(_bare(held)):
        letter.glyph.text = _with_marks_of(held, text)
    elif _bare(text) in _bare(held):
        letter.glyph.text = _with_marks_of(text, held)
    else:
        letter.glyph.text += text


def _add_marks(letter: Placed, text: str, first: bool) -> None:
    """Add marks to a letter, which bears each of them once: files give two of them for each of their glyphs."""
    borne = "".join(letter.marks)
    if set(text) <= set(borne):
        return
    if set(borne) <= set(text):
        letter.marks = [text]
    else:
        letter.marks.insert(0 if first else len(letter.marks), text)


def _with_marks_of(part: str, whole: str) -> str:
    """Return the whole of a letter with the marks of a part of it, which begins it, where it bears none itself."""
    if len(_bare(whole)) < len(whole):
        return whole
    letters, at = list(whole), -1
    for each in part:
        if not unicodedata.combining(each):
            at += 1
        elif 0 <= at < len(letters):
            letters[at] += each
    return "".join(letters)


def _bare(text: str) -> str:
    return "".join(each for each in text if not unicodedata.combining(each))


def _is_near(part: Glyph, letter: Glyph) -> bool:
    return (
        abs(part.y - letter.y) < letter.size
        and letter.x0 - letter.size < part.x0
        and part.x1 < letter.x1 + letter.size
        and not letter.text.isspace()
    )


_SHAPES = re.compile("[\ufb00-\ufdff\ufe70-\ufefc]")


def letters(text: str) -> str:
    """Replace letter shapes by letters: «ﻛ» becomes «ك», and «ﬁ» becomes «fi»."""
    return _SHAPES.sub(_letter, text)


def _letter(shape: re.Match[str]) -> str:
    text = unicodedata.normalize("NFKC", shape[0])
    # Of a mark by itself: what stands under it there is not in the text.
    return text.strip(" \u0640") if _is_mark(text.strip(" \u0640")) else text


def _column_edges(rows: Sequence[Sequence[Placed]], strokes: Mapping[int, int]) -> list[float]:
    """Return the positions where several rows break between strokes: columns do, and links in a text do not."""
    breaks = [
        ((left.glyph.x1 + right.glyph.x0) / 2, left.glyph.size)
        for row in rows
        for left, right in pairwise(each for each in row if not each.glyph.text.isspace())
        if strokes[left.drawn] != strokes[right.drawn] and _gap(left, right) > SPACE
    ]
    return [x for x, size in breaks if sum(abs(x - other) < size for other, _ in breaks) >= _COLUMN]


def _parted(row: Sequence[Placed], strokes: Mapping[int, int], edges: Sequence[float]) -> Iterator[Row]:
    """Yield the lines that a row consists of, from the right."""
    spaces = [each for each in row if each.glyph.text.isspace()]
    solid = [each for each in row if not each.glyph.text.isspace()]
    gaps = [_gap(left, right) for left, right in pairwise(solid)]
    between, parting = _spacing(gaps, len(spaces))
    line: list[Placed] = []
    found: list[Row] = []
    for number, placed in enumerate(solid):
        if line:
            last, gap = line[-1], gaps[number - 1]
            together = strokes[last.drawn] == strokes[placed.drawn]
            middle = (last.glyph.x1 + placed.glyph.x0) / 2
            edge = not together and any(abs(middle - x) < placed.glyph.size for x in edges)
            if not together and not edge and _BROKEN_OFF < gap <= _ALIKE / _WIDE * parting:
                # A link in a line that is drawn behind all the rest, or columns near to each other: nothing tells.
                raise UnsureOrderError(beginning(each.glyph for each in row))
            if gap > (parting if together else SPACE if edge else _BROKEN_OFF):
                found.append(Row(line))
                line = []
            elif space := _space(last, placed, spaces):
                line.append(space)
            elif gap > between:
                line.append(
                    Placed(replace(last.glyph, text=" ", string=-1, block=-1, reversed=False), placed.drawn)
                )
        line.append(placed)
    if line:
        found.append(Row(line))
    for part in found:
        _raise_digits(part)
    yield from reversed(found)


def _gap(left: Placed, right: Placed) -> float:
    return (right.glyph.x0 - left.glyph.x1) / max(left.glyph.size, right.glyph.size)


def _spacing(gaps: Sequence[float], spaces: int) -> tuple[float, float]:
    """Return the least gap that is a space though no glyph stands for it, and the least gap that splits a row."""
    wide = [gap for gap in gaps if gap > SPACE]
    if len(wide) > 0.6 * len(gaps) and len(gaps) > 4:  # its letters are set apart
        letter = median(wide)
        return (math.inf if spaces else 2 * letter), 3 * _WIDE * letter
    return SPACE, max(_LEAST_CELL, _WIDE * median(wide)) if len(wide) > 2 else _CELL


def _raise_digits(row: Row) -> None:
    """Turn smaller digits above the line into superscripts, as in «10⁶» and «كلمة¹»."""
    for placed in row.placed:
        glyph = placed.glyph
        if glyph.size < _SMALLER * row.size and glyph.y - row.y > _RAISED * row.size:
            glyph.text = glyph.text.translate(_SUPERSCRIPTS)


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _space(left: Placed, right: Placed, spaces: Sequence[Placed]) -> Placed | None:
    """Return the space glyph between two others; not one drawn over them, as programs do at the end of a line."""
    slack = 0.02 * left.glyph.size
    first = bisect_left(spaces, left.glyph.x0 - left.glyph.size, key=lambda each: each.glyph.x0)
    for each in spaces[first:]:
        if each.glyph.x0 > right.glyph.x0:
            break
        if left.glyph.x1 - slack < (each.glyph.x0 + each.glyph.x1) / 2 < right.glyph.x0 + slack:
            return each
    return None
