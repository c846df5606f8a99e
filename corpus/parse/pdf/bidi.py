"""The order in which a line was written, from the order in which it stands on a page.

The inverse of the Unicode bidirectional algorithm (UAX 9) for one line whose paragraph runs from right to left: letters
of such scripts, and all that stands between them, were written from right to left; Latin words and numbers, and what
stands within them, from left to right.

The inverse is not always to be had. «BBC 24» on the page was written so, or as 24 and then BBC. Programs that make
files mostly say which, by what they draw together; where they do not, the order is unsure.
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
    """A glyph as its line shows it."""

    text: str
    """What it means; of several characters in the order in which they were written."""
    run: int
    """What is drawn together has the same number."""
    reversed: bool = False
    """Whether the file says that it was drawn as part of something that runs from right to left."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order in which pieces were written."""

    places: tuple[int, ...]
    """Their numbers on the page, counted from the left."""
    turned: frozenset[int]
    """Those of the pieces that run from right to left."""
    unsure: tuple[int, int] | None = None
    """From where to where on the page the order cannot be told."""


@lru_cache(maxsize=4096)
def kind(text: str) -> str:
    """R, L or D for what holds a letter from right to left, another letter, or a digit; N for the rest."""
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
    """The order of a line from right to left. ``opens``: it is the first of its paragraph, so that before its first
    letter numbers keep to each other as they do in Latin text. ``whole``: what is drawn together tells nothing, since
    whole lines are, whichever way what they hold runs."""
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
    """The order of a line from left to right with words from right to left in it. Numbers beside those are unsure."""
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
    """The stretches that run from left to right, and one that may do so or not."""
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
    """The islands of a stretch without letters from right to left."""
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
    """Whether the number was written behind the Latin word to its left: None where the file does not tell."""
    if any(piece.reversed for piece in line[last:number]):
        return False
    return True if not whole and _one_run(line, kinds, last - 1, number + 1) else None


def _one_run(line: Sequence[Piece], kinds: Sequence[str], first: int, last: int) -> bool:
    """Whether a stretch is drawn at once, and by itself: not with a whole line."""
    runs = {piece.run for piece in line[first:last]}
    return len(runs) == 1 and not any(
        each == _LETTERS and piece.run in runs for piece, each in zip(line, kinds, strict=True)
    )


def _together(
    line: Sequence[Piece], kinds: Sequence[str], numbers: Sequence[tuple[int, int]], whole: bool
) -> tuple[list[tuple[int, int]], tuple[int, int] | None]:
    """Numbers that were written from left to right with what is between them, as those of a telephone are, in one: they
    are drawn at once, with what is before and behind them."""
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
    """Numbers, with what belongs to them; ``plain``: as they stand where no letter from right to left comes before
    them."""
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
    """The end of a Latin stretch, the brackets that it opens closed: «BBC (UK)»."""
    for place in range(last, end):
        inside = [piece.text for piece in line[first:place]]
        pair = next((b for b in ")]}" if inside.count(_MIRRORED[b]) > inside.count(b)), None)
        if pair is None or line[place].text not in {pair, " "}:
            break
        if line[place].text == pair:
            last = place + 1
    return last


def _closes_nothing(text: str) -> bool:
    """Whether a bracket closes before one opens: it was written from right to left, and what is beside it is two
    things."""
    depth = 0
    for character in text:
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0:
            return True
    return False


def mirrored(text: str) -> str:
    """Brackets and quotation marks that open for those that close."""
    return "".join(_MIRRORED.get(character, character) for character in text)


def unmatched(text: str) -> int:
    """How many brackets and quotation marks close nothing, or are never closed."""
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
