"""Recovery of the logical order of a line (as written) from its visual order (as it stands on the page).

This is the inverse of the Unicode bidirectional algorithm (UAX 9) for one line in a right-to-left paragraph:
letters of right-to-left scripts, and everything between them, were written from right to left; Latin words
and numbers, and everything within them, from left to right.

The inverse does not always exist. «BBC 24» on the page was written so, or as 24 and then BBC. Programs that
make files mostly show which by the pieces they draw together; where they do not, the order is unsure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_OPENING, _CLOSING = "([{<«‹﴾", ")]}>»›﴿"
_MIRRORED = dict(zip(_OPENING + _CLOSING, _CLOSING + _OPENING, strict=True))
_LETTERS, _LATIN, _DIGITS, _OTHER = "R", "L", "D", "N"
# One common separator between two digits belongs to their number.
_WITHIN_NUMBERS = frozenset(",.:/،\u00a0")
_OF_PLAIN_NUMBERS = frozenset("+-\u2212")
_BESIDE_PLAIN_NUMBERS = frozenset("%#$€£¥°٪")
# «F-16» is far oftener met than a number, a hyphen and a Latin word.
_IN_NAMES = frozenset("-.'’_&/@+=?%#~:;!*$\u2010\u2011")


@dataclass(frozen=True, slots=True)
class Piece:
    """A glyph in the visual order of its line."""

    text: str
    """Characters that the glyph stands for; several are in logical order."""
    run: int
    """Number shared by the pieces that are drawn together."""
    reversed: bool = False
    """Whether the file says that the piece was drawn as part of right-to-left text."""


@dataclass(frozen=True, slots=True)
class Order:
    """The logical order of a line's pieces."""

    places: tuple[int, ...]
    """Visual positions of the pieces, counted from the left, in logical order."""
    turned: frozenset[int]
    """Visual positions of the pieces that run from right to left."""
    unsure: tuple[int, int] | None = None
    """Range of visual positions whose order cannot be determined."""


@lru_cache(maxsize=4096)
def kind(text: str) -> str:
    """Return R, L or D for text with a right-to-left letter, another letter, or a digit; N for the rest."""
    found = _OTHER
    for character in text:
        bidi = unicodedata.bidirectional(character)
        if bidi in {"R", "AL"}:
            return _LETTERS
        if bidi == "L":
            return _LATIN
        if bidi in {"EN", "AN"}:
            found = _DIGITS
    return found


def order(line: Sequence[Piece], *, opens: bool = False, whole: bool = False) -> Order:
    """Return the logical order of a right-to-left line.

    ``opens`` says that the line is the first of its paragraph, so that before its first letter numbers stay
    together as they do in Latin text. ``whole`` says that drawing pieces together tells nothing, because
    whole lines are drawn together, whatever the direction of their parts.
    """
    kinds = [kind(piece.text) for piece in line]
    islands, unsure = _islands(line, kinds, opens, whole)
    if whole and _LETTERS not in kinds and len(_numbers(line, kinds, 0, len(line), opens)) > 1:
        unsure = unsure or (0, len(line))  # a telephone number, or two numbers
    places: list[int] = []
    turned: set[int] = set()
    at = len(line)
    while at:
        if islands and islands[-1][1] == at:
            first, last = islands.pop()
            places.extend(range(first, last))
            at = first
        else:
            at -= 1
            places.append(at)
            turned.add(at)
    return Order(tuple(places), frozenset(turned), unsure)


def among_latin(line: Sequence[Piece]) -> Order:
    """Return the order of a left-to-right line with right-to-left words; numbers beside those are unsure."""
    kinds = [kind(piece.text) for piece in line]
    places = list(range(len(line)))
    turned: set[int] = set()
    unsure: tuple[int, int] | None = None
    start = 0
    for end in [place for place, each in enumerate(kinds) if each == _LATIN] + [len(line)]:
        letters = [place for place in range(start, end) if kinds[place] == _LETTERS]
        if letters:
            first, last = letters[0], letters[-1] + 1
            if _DIGITS in kinds[start:end]:
                unsure = unsure or (start, end)
            places[first:last] = reversed(range(first, last))
            turned.update(range(first, last))
        start = end + 1
    return Order(tuple(places), frozenset(turned), unsure)


def _islands(
    line: Sequence[Piece], kinds: Sequence[str], opens: bool, whole: bool
) -> tuple[list[tuple[int, int]], tuple[int, int] | None]:
    """Return the left-to-right stretches, and one that may or may not be such a stretch."""
    found: list[tuple[int, int]] = []
    unsure: tuple[int, int] | None = None
    start = 0
    letters = [place for place, each in enumerate(kinds) if each == _LETTERS]
    for end in (*letters, len(line)):
        islands, doubt = _between(line, kinds, start, end, opens and end == len(line), whole)
        found += islands
        unsure = unsure or doubt
        start = end + 1
    return found, unsure


def _between(
    line: Sequence[Piece], kinds: Sequence[str], start: int, end: int, plain: bool, whole: bool
) -> tuple[list[tuple[int, int]], tuple[int, int] | None]:
    """Return the left-to-right stretches, and an unsure one, within text without right-to-left letters."""
    latin = [place for place in range(start, end) if kinds[place] == _LATIN]
    if not latin:
        return _together(line, kinds, _numbers(line, kinds, start, end, plain), whole)
    first, last = latin[0], latin[-1] + 1
    unsure = None
    if any(unicodedata.bidirectional(piece.text[:1]) == "AN" for piece in line[start:end]):
        # Arabic digits beside Latin words: what these then do to numbers and spaces is not followed here.
        unsure = start, end
    islands = []
    for place in range(first, last):
        # Between Latin words nothing runs from right to left but where what was written is two things: «ب (ا)».
        if line[place].reversed and kinds[place] == _OTHER:
            if first < place:
                islands.append((first, place))
            first = place + 1
    left = _numbers(line, kinds, start, latin[0], plain)
    if left and left[-1][1] == latin[0]:
        begun = left.pop()[0]  # «5G»
        first, islands = (begun, islands) if not islands else (first, [(begun, islands[0][1]), *islands[1:]])
    if left:
        # No text from right to left shows a number to the left of a Latin word.
        unsure = unsure or (left[0][0], last)
    for number, after in _numbers(line, kinds, last, end, True):
        drawn = True if number == last else _drawn_with(line, kinds, last, number, whole)
        if drawn is False:
            break
        if drawn is None and not all(line[place].text in _IN_NAMES for place in range(last, number)):
            unsure = unsure or (first, after)
        last = after
    last = _closed(line, first, last, end)
    if _closes_nothing("".join(piece.text for piece in line[first:last])):
        unsure = unsure or (first, last)
    return [*left, *islands, (first, last), *_numbers(line, kinds, last, end, plain)], unsure


def _drawn_with(
    line: Sequence[Piece], kinds: Sequence[str], last: int, number: int, whole: bool
) -> bool | None:
    """Return whether a number was written after the Latin word to its left; None where the file does not tell."""
    if any(piece.reversed for piece in line[last:number]):
        return False
    return True if not whole and _one_run(line, kinds, last - 1, number + 1) else None


def _one_run(line: Sequence[Piece], kinds: Sequence[str], first: int, last: int) -> bool:
    """Return whether a stretch is drawn at once, and by itself: not with a whole line."""
    runs = {piece.run for piece in line[first:last]}
    return len(runs) == 1 and not any(
        each == _LETTERS and piece.run in runs for piece, each in zip(line, kinds, strict=True)
    )


def _together(
    line: Sequence[Piece], kinds: Sequence[str], numbers: Sequence[tuple[int, int]], whole: bool
) -> tuple[list[tuple[int, int]], tuple[int, int] | None]:
    """Merge numbers that are drawn at once, as in a telephone number, with the text between and around them."""
    found: list[tuple[int, int]] = []
    unsure: tuple[int, int] | None = None
    for first, last in numbers:
        if found and first < found[-1][1]:
            continue
        if found and _one_run(line, kinds, found[-1][0], last):
            unsure = (found[-1][0], last) if whole else unsure
            first, last = found.pop()[0], last
            run, signs = line[first].run, _OF_PLAIN_NUMBERS | _BESIDE_PLAIN_NUMBERS
            while first and (line[first - 1].run == run or line[first - 1].text in signs):
                first -= 1
            while last < len(line) and (line[last].run == run or line[last].text in signs):
                last += 1
        found.append((first, last))
    return found, unsure


def _numbers(
    line: Sequence[Piece], kinds: Sequence[str], start: int, end: int, plain: bool
) -> list[tuple[int, int]]:
    """Return the ranges of numbers with their signs; ``plain``: no right-to-left letter comes before them."""
    found: list[tuple[int, int]] = []
    place = start
    while place < end:
        if kinds[place] != _DIGITS:
            place += 1
            continue
        first = place
        # Arabic digits keep to nothing but what is within a number, wherever they stand.
        free = plain and unicodedata.bidirectional(line[place].text[:1]) == "EN"
        within = _WITHIN_NUMBERS | (_OF_PLAIN_NUMBERS if free else frozenset())
        while place < end and (
            kinds[place] == _DIGITS
            or (line[place].text in within and place + 1 < end and kinds[place + 1] == _DIGITS)
        ):
            place += 1
        if free:
            while first > start and line[first - 1].text in _BESIDE_PLAIN_NUMBERS:
                first -= 1
            while place < end and line[place].text in _BESIDE_PLAIN_NUMBERS:
                place += 1
        found.append((first, place))
    return found


def _closed(line: Sequence[Piece], first: int, last: int, end: int) -> int:
    """Return the end of a Latin stretch, extended to close the brackets that it opens: «BBC (UK)»."""
    for place in range(last, end):
        inside = [piece.text for piece in line[first:place]]
        pair = next((b for b in ")]}" if inside.count(_MIRRORED[b]) > inside.count(b)), None)
        if pair is None or line[place].text not in {pair, " "}:
            break
        if line[place].text == pair:
            last = place + 1
    return last


def _closes_nothing(text: str) -> bool:
    """Return whether a bracket closes before one opens.

    Such a bracket was written from right to left, and the text beside it is two separate parts.
    """
    depth = 0
    for character in text:
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0:
            return True
    return False


def mirrored(text: str) -> str:
    """Swap opening and closing brackets and quotation marks."""
    return "".join(_MIRRORED.get(character, character) for character in text)


def unmatched(text: str) -> int:
    """Return the number of brackets and quotation marks that close nothing, or are never closed."""
    open_: list[str] = []
    wrong = 0
    for character in text:
        if character in _OPENING:
            open_.append(character)
        elif character in _CLOSING:
            if open_ and _MIRRORED[open_[-1]] == character:
                open_.pop()
            else:
                wrong += 1
    return wrong + len(open_)
