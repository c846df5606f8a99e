"""Lines that were wrapped at a column, as mail programs, editors and PDF readers do, and the paragraphs they make.

What wraps a text puts into each line as many words as fit. So the first word of the next line had no room behind a
line that goes on, at one and the same width in the whole text; paragraphs, verses, lists and headlines that happen to
stand below each other have no such width. That width is looked for (`_Measured.widths`) by letters, by columns (marks
over letters need none) and by bytes, since programs count one or another. Where letters have widths of their own, as
in a PDF, lines end only near it: that counts as wrapped where there are many of them and their stops stand inside.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_NARROWEST, _WIDEST = 25, 250
_LEAST, _LEAST_LOOSE = 3, 6
"""Fewest lines that go on: at one width, and near one."""
_NEAR = 0.25
"""How far below the width a line may end that is wrapped by the widths of its letters, as a part of it."""
_MANY = 12
"""Lines that end at one width by more than chance, whatever else is in them."""
_FIRST_WORD = re.compile(r"\S+")
_BREAKABLE = re.compile(r"\S\s")
# A table, or verses in two halves: no running text.
_COLUMNS = re.compile(r"\S(?:\t|[ \u00a0]{3,})\S")
_STOP = re.compile(r"[.؟?!…۔:][\"'”’»)\]\s]*(?:[\[(]\d{1,3}[\])]\s*)*$")
_PAUSES = re.compile(r"[،؛,;.؟?!…:](?=[\s\"'”’»)\]])")


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it stands: its text with the blanks before it but none behind, and what it is by its shape."""

    text: str
    after_blank: bool
    is_item: bool
    """Whether it begins as an item of a list does; or as a wrapped line with a dash at its begin."""
    is_known: bool
    """Whether it is known to be a line of its own: nothing is joined to it."""


def goes_on(rows: Sequence[Row]) -> list[bool]:
    """Return for each row whether the row below it goes on with its paragraph. Takes time linear in the text."""
    pairs = [
        at
        for at, (row, below) in enumerate(pairwise(rows))
        if not (below.after_blank or below.is_known or _is_table(row) or _is_table(below))
    ]
    evidence = [at for at in pairs if not rows[at + 1].is_item]
    joined = [False] * len(rows)
    if len(evidence) < _LEAST:
        return joined
    stopped = [bool(_STOP.search(row.text)) for row in rows]
    found = _find_width(rows, evidence, stopped)
    if found is None:
        return joined
    # Where paragraphs follow each other without a blank line, a full line with a stop may be the last of one.
    apart = all(found.full(at) for at in evidence if stopped[at])
    longest = max(size for size in found.sizes if size <= found.width)
    for at in pairs:
        joined[at] = found.full(at) and (apart or not stopped[at])
        if rows[at + 1].is_item:
            joined[at] = not stopped[at] and found.takes_no_more(at, longest)
    return joined


@dataclass(frozen=True, slots=True)
class _Fit:
    """A width at which rows are full: those between ``least`` and ``width``, or without room for the next word."""

    width: int
    least: int
    sizes: Sequence[int]
    words: Sequence[int]
    breakable: Sequence[bool]

    @property
    def is_exact(self) -> bool:
        """Whether all lines end at one width."""
        return self.least == self.width

    def takes_no_more(self, at: int, longest: int) -> bool:
        """Whether not even a dash or a number, the first word of the next row, had room in the longest row."""
        return self.is_exact and longest - self.words[at + 1] <= self.sizes[at] <= longest

    def full(self, at: int) -> bool:
        """Whether the row is as long as the width allows."""
        if self.sizes[at] > self.width:
            return not self.breakable[at]
        return self.sizes[at] >= self.least or self.sizes[at] + 1 + self.words[at + 1] > self.width


def _find_width(rows: Sequence[Row], pairs: Sequence[int], stopped: Sequence[bool]) -> _Fit | None:
    breakable = [bool(_BREAKABLE.search(row.text.lstrip())) for row in rows]
    pauses = sum(len(_PAUSES.findall(rows[at].text)) for at in pairs)
    fits: list[_Fit] = []
    for measure in _MEASURES:
        sizes = [measure(row.text) for row in rows]
        first = [_FIRST_WORD.search(row.text) for row in rows]
        words = [measure(found[0]) if found else 0 for found in first]
        width = _most_common_width(sizes, words, pairs)
        if width is not None:
            fits.append(_Fit(width, width, sizes, words, breakable))
    best = max(fits, key=lambda fit: _support(fit, pairs, stopped), default=None)
    if best is not None and _is_sure(best, pairs, stopped, pauses, _LEAST, 0.25):
        return best
    return _near_one_width(rows, pairs, stopped, breakable, pauses)


def _near_one_width(
    rows: Sequence[Row], pairs: Sequence[int], stopped: Sequence[bool], breakable: Sequence[bool], pauses: int
) -> _Fit | None:
    """Return the fit of lines that end near a width, as where letters have widths of their own."""
    sizes = [_columns(row.text) for row in rows]
    by_size = sorted(sizes[at] for at in pairs)
    width = max((sizes[at] for at in {*pairs, *(at + 1 for at in pairs)}), default=0)
    # A few lines of narrow letters are longer than the others.
    width = min(width, int(by_size[len(by_size) * 9 // 10] * 1.1))
    if len(pairs) < _LEAST_LOOSE or not _NARROWEST <= width <= _WIDEST:
        return None
    fit = _Fit(width, int(width * (1 - _NEAR)), sizes, [0] * len(rows), breakable)
    return fit if _is_sure(fit, pairs, stopped, pauses, _LEAST_LOOSE, 0.5) else None


def _is_sure(
    fit: _Fit, pairs: Sequence[int], stopped: Sequence[bool], pauses: int, least: int, paused: float
) -> bool:
    """Return whether nearly all lines are as long as the width allows, and their stops do not stand at their ends.

    ``paused``: how many stops and commas inside the lines there are for each of them at least.
    """
    full = [at for at in pairs if fit.full(at)]
    against = _against(fit, pairs, stopped)
    if len(full) < least or against * 8 > len(full) or sum(stopped[at] for at in full) * 3 > len(full):
        return False
    return pauses >= paused * len(full) or (
        fit.is_exact and (len(full) >= _MANY or _end_with_stops(full, stopped)) and not against
    )


def _end_with_stops(full: Sequence[int], stopped: Sequence[bool]) -> bool:
    """Return whether paragraphs of full lines end with a stop, half of them at least, where their lines do not."""
    inside = set(full)
    ends = [stopped[at + 1] for at in full if at + 1 not in inside]
    return sum(ends) * 2 >= len(ends)


def _against(fit: _Fit, pairs: Sequence[int], stopped: Sequence[bool]) -> int:
    """Return the number of lines that speak against a width.

    They are longer and could have been broken, or shorter, with no end of a sentence, and yet something stands right
    below.
    """
    longer = sum(size > fit.width and can for size, can in zip(fit.sizes, fit.breakable, strict=True))
    return longer + sum(not stopped[at] and not fit.full(at) and fit.sizes[at] <= fit.width for at in pairs)


def _support(fit: _Fit, pairs: Sequence[int], stopped: Sequence[bool]) -> tuple[int, int]:
    full = sum(fit.full(at) for at in pairs)
    return full - 2 * _against(fit, pairs, stopped), -fit.width


def _most_common_width(sizes: Sequence[int], words: Sequence[int], pairs: Sequence[int]) -> int | None:
    """Return the greatest width at which most lines are full: from a line's size to just short of the next word."""
    changes: dict[int, int] = {}
    for at in pairs:
        low, high = max(sizes[at], _NARROWEST), min(sizes[at] + words[at + 1], 2 * _WIDEST)
        if low <= high:
            changes[low] = changes.get(low, 0) + 1
            changes[high + 1] = changes.get(high + 1, 0) - 1
    best, most, full = None, 0, 0
    for width in sorted(changes):
        if changes[width] < 0 and full >= most:
            best, most = width - 1, full
        full += changes[width]
    return best


def _is_table(row: Row) -> bool:
    return bool(_COLUMNS.search(row.text))


def _columns(text: str) -> int:
    """The columns of a text on a screen: none for marks over letters and marks that steer."""
    return sum(unicodedata.category(character) not in _NO_COLUMN for character in text)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


_NO_COLUMN = frozenset({"Mn", "Me", "Cf"})
_MEASURES: tuple[Callable[[str], int], ...] = (len, _columns, _bytes)
