"""Strokes that lengthen Arabic letters, which are no letters themselves.

Programs draw them where text is justified or its letters are set apart, and give no characters for them. What tells
them from a letter whose character is missing is that they lie over each other, or on the letter that they lengthen,
from its left edge on: letters do neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.parse.pdf.bidi import kind
from corpus.parse.pdf.glyphs import Glyph

_COVERED = 0.9  # of a stroke's width: what lies on its letter
_OVER = 0.1  # of it: what lies on the next stroke, where several fill a gap
_EDGE = 0.05  # sizes of the font between its left edge and that of its letter
_LINE = 0.1  # sizes of the font between two baselines
_PART = 0.5  # of a glyph's places, at least, that show it to be a stroke


def without_strokes(pages: Sequence[Sequence[Glyph]]) -> list[list[Glyph]]:
    """Return the glyphs of each page without strokes: the same glyph is one wherever it stands.

    A letter beside strokes takes their room, which would look like a space.
    """
    places = Counter(glyph.shape for page in pages for glyph in page if glyph.shape)
    lying = Counter(shape for page in pages for shape in _lying(page))
    strokes = {shape for shape, count in lying.items() if count >= _PART * places[shape]}
    return [_without(page, strokes) for page in pages] if strokes else [list(page) for page in pages]


def _without(page: Sequence[Glyph], strokes: set[int]) -> list[Glyph]:
    left: list[Glyph] = []
    waiting: list[Glyph] = []
    for glyph in page:
        if glyph.shape in strokes:
            waiting.append(glyph)
            continue
        for stroke in reversed(waiting):
            if not _takes(glyph, stroke) and left:
                _takes(left[-1], stroke)
        waiting = []
        left.append(glyph)
    return left


def _takes(letter: Glyph, stroke: Glyph) -> bool:
    """Widen a letter by a stroke beside it, and return whether it is beside it."""
    apart = max(stroke.x0, letter.x0) - min(stroke.x1, letter.x1)
    if apart > _EDGE * letter.size or abs(letter.y - stroke.y) > _LINE * letter.size or letter.text.isspace():
        return False
    letter.x0, letter.x1 = min(letter.x0, stroke.x0), max(letter.x1, stroke.x1)
    return True


def _lying(page: Sequence[Glyph]) -> Iterator[int]:
    """Yield the shapes of glyphs without characters, once for each that lies on what is drawn next to it."""
    found: set[int] = set()
    for number, (one, other) in enumerate(pairwise(page)):
        if _lies_on(one, other):
            found.add(number)
        if _lies_on(other, one):
            found.add(number + 1)
    yield from (page[number].shape for number in found)


def _lies_on(glyph: Glyph, other: Glyph) -> bool:
    if not glyph.shape or abs(glyph.y - other.y) > _LINE * glyph.size:
        return False
    width = glyph.x1 - glyph.x0
    common = min(glyph.x1, other.x1) - max(glyph.x0, other.x0)
    if glyph.shape == other.shape:
        return common > _OVER * width > 0
    at_edge = abs(glyph.x0 - other.x0) < _EDGE * glyph.size
    return kind(other.text) == "R" and at_edge and common > _COVERED * width > 0
