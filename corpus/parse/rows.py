"""The rows of a typeset page: which of its glyphs stand in one line.

What shares a baseline is a row. Rows are parted where the space between two glyphs is wider than any between words, or
where what follows is drawn at another time: columns and cells are rows of their own. Rows come in the order in which
the page draws them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from corpus.parse.bidi import kind
from corpus.parse.glyphs import Glyph

_AT_HAND = 200  # rows that what is drawn next may belong to
# In sizes of the font:
_SAME_ROW = 0.5  # between baselines: superscripts too
_SPACE = 0.15  # a gap that is a space, also where no glyph is one
_CELL = 2.5  # one that parts a row
_BROKEN_OFF = 0.8  # one that does where what follows was not drawn next
_TWICE = 0.08  # between two glyphs that mean the same: one drawn twice

_IGNORED = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)


@dataclass(slots=True)
class Placed:
    """A glyph with the marks that stand on it."""

    glyph: Glyph
    drawn: int
    """Its number in the order in which the page draws."""
    marks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """A line as it stands on the page."""

    placed: list[Placed]
    """From left to right; spaces too, but at neither end."""

    @property
    def y(self) -> float:
        return median(each.glyph.y for each in self.placed)

    @property
    def size(self) -> float:
        return median(each.glyph.size for each in self.placed)

    @property
    def x0(self) -> float:
        return self.placed[0].glyph.x0

    @property
    def x1(self) -> float:
        return self.placed[-1].glyph.x1


def rows_of(glyphs: Sequence[Glyph]) -> list[Row]:
    """The rows of a page, parted, in the order in which it draws them."""
    rows: list[list[Placed]] = []
    for placed in _with_marks(glyphs):
        row = next((row for row in reversed(rows[-_AT_HAND:]) if _fits(row, placed)), None)
        if row is None:
            rows.append([placed])
        else:
            row.append(placed)
    parts = [part for row in rows for part in _parted(row)]
    return sorted(parts, key=lambda part: min(each.drawn for each in part.placed))


def _fits(row: Sequence[Placed], placed: Placed) -> bool:
    last = row[-1].glyph
    return abs(last.y - placed.glyph.y) < _SAME_ROW * min(last.size, placed.glyph.size)


def _with_marks(glyphs: Sequence[Glyph]) -> list[Placed]:
    """Glyphs with those that have no width put to the letters that they are drawn with: marks of vowels, and parts of
    letters."""
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
    """Put marks and parts to the letter that they are drawn with; those that are near none.

    Programs that draw from left to right draw a mark before its letter, those that draw in the order of writing after
    it. Where it stands says less: that is often beside its letter.
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
    """Put what a glyph without width means to a letter. Of a part of a letter files say that it means all of it, or all
    but what the letter itself is said to mean; and they say so of several parts."""
    if _is_mark(text):
        letter.marks.insert(0 if first else len(letter.marks), text)
    elif text.startswith(letter.glyph.text):
        letter.glyph.text = text
    elif not letter.glyph.text.endswith(text):
        letter.glyph.text += text


def _is_near(part: Glyph, letter: Glyph) -> bool:
    return (
        abs(part.y - letter.y) < letter.size
        and letter.x0 - letter.size < part.x0
        and part.x1 < letter.x1 + letter.size
        and not letter.text.isspace()
    )


_SHAPES = re.compile("[\ufb00-\ufdff\ufe70-\ufefc]")


def letters(text: str) -> str:
    """Letters for the shapes they have in a word: «ﻛ» is «ك», and «ﬁ» is «fi»."""
    return _SHAPES.sub(lambda shape: unicodedata.normalize("NFKC", shape[0]), text)


def _parted(row: list[Placed]) -> Iterator[Row]:
    """The lines that a row is made of, from the right."""
    row = sorted(row, key=lambda each: (each.glyph.x0, each.drawn))
    spaces = [each for each in row if each.glyph.text.isspace()]
    line: list[Placed] = []
    found: list[Row] = []
    for placed in row:
        glyph = placed.glyph
        if glyph.text.isspace():
            continue
        if line:
            last = line[-1].glyph
            size = max(last.size, glyph.size)
            if glyph.text == last.text and glyph.x0 - last.x0 < _TWICE * size:
                continue  # drawn again beside itself, to look bold
            gap = (glyph.x0 - last.x1) / size
            if gap > _CELL or (gap > _BROKEN_OFF and abs(placed.drawn - line[-1].drawn) > len(row)):
                found.append(Row(line))
                line = []
            elif space := _space(line[-1], placed, spaces):
                line.append(space)
            elif gap > _SPACE:
                line.append(
                    Placed(replace(last, text=" ", string=-1, block=-1, reversed=False), placed.drawn)
                )
        line.append(placed)
    if line:
        found.append(Row(line))
    yield from reversed(found)


def _space(left: Placed, right: Placed, spaces: Sequence[Placed]) -> Placed | None:
    """The glyph of a space between two others; not one that is drawn over them, as programs do at the end of a line."""
    slack = 0.02 * left.glyph.size
    first = bisect_left(spaces, left.glyph.x0 - left.glyph.size, key=lambda each: each.glyph.x0)
    for each in spaces[first:]:
        if each.glyph.x0 > right.glyph.x0:
            break
        if left.glyph.x1 - slack < (each.glyph.x0 + each.glyph.x1) / 2 < right.glyph.x0 + slack:
            return each
    return None
