"""Text that Tesseract recognised in pictures: its tables of words (TSV, a page each) become paragraphs.

Its own paragraphs are not used, since they end anywhere in Arabic: as in a PDF file, a line ended its paragraph when
the first word of the next had room behind it, or when that stands further below than usual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from corpus.decode import NoTextError, Reason
from corpus.parse.page import Page, PageMetadata
from corpus.parse.pdf import paragraphs
from corpus.parse.pdf.layout import PageLine
from corpus.parse.written import write

LEAST_CONFIDENCE = 60
"""Percent, on average over the letters: below it a text is refused. See docs/evaluation.md."""
_LEAST_LETTERS = 20
"""Fewer are a logo or a scratch, no article."""
_LEAST_AGAIN = 60
"""Percent: of a line of the second look, which sees much that is no text."""
_REACH = 2.0  # heights of a line between its parts
_LEAST_SKEWED, _SKEWED = 80, 0.12
"""Letters, and their part of all: where only the second look found so many, the page's lines do not run straight."""
_LEFTOVER = "leftover"
"""The line above the table of the second look (`corpus.ocr.engine`)."""
_MOST_WORDS = 100_000
_STEERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ARABIC = re.compile("[\u0620-\u064a]")
_LATIN = re.compile("[A-Za-z]")
_STOP = re.compile(r"[.؟?!…:]\W*$")
_LEADING = 1.5  # between two lines, in times what is usual: one that parts paragraphs
_WIDEST = 2.5  # heights of a line from one to the next, within a paragraph
_POINTS = 72 / 300  # of a letter's height, in a page drawn at 300 dots per inch


@dataclass(slots=True)
class _Word:
    left: int
    right: int
    text: str
    confidence: float
    again: bool
    """Whether only the second look found it."""


@dataclass(slots=True)
class _Line:
    block: int
    top: int
    bottom: int
    again: bool
    """Whether only the second look found it."""
    words: list[_Word] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def left(self) -> int:
        return min(word.left for word in self.words)

    @property
    def right(self) -> int:
        return max(word.right for word in self.words)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def read_recognised(data: bytes) -> Page:
    """The text of Tesseract's tables. Raises NoTextError where it is none, or too uncertain."""
    pages = list(_pages(data))
    words = [word for lines in pages for line in lines for word in line.words]
    again = sum(len(word.text) for word in words if word.again)
    if again >= max(_LEAST_SKEWED, _SKEWED * sum(len(word.text) for word in words)):
        raise NoTextError(Reason.UNSURE, "lines that do not run straight")
    letters = sum(character.isalpha() for word in words for character in word.text)
    if letters < _LEAST_LETTERS:
        raise NoTextError(Reason.BLANK)
    weights = sum(len(word.text) for word in words)
    confidence = int(sum(word.confidence * len(word.text) for word in words) / weights)
    if confidence < LEAST_CONFIDENCE:
        raise NoTextError(Reason.UNSURE, f"confidence {confidence}%, the least is {LEAST_CONFIDENCE}%")
    found = paragraphs([_laid_out(lines) for lines in pages])
    text, kinds = write([(each.text, "paragraph") for each in found])
    return Page(text, PageMetadata(machine_read=True, confidence=confidence, kinds=kinds))


def _pages(data: bytes) -> Iterator[list[_Line]]:
    """Yield the lines of each page that hold a letter or a digit, in the order in which they are read."""
    lines: dict[tuple[str, ...], _Line] = {}
    page, looked, words, again = 0, -1, 0, False
    for row in data.decode("utf-8", "replace").split("\n"):
        cells = row.split("\t")
        if row == _LEFTOVER:
            again = True
        if len(cells) != 12 or not cells[0].isdecimal():  # its head
            continue
        try:
            left, top, width, height = map(int, cells[6:10])
            confidence = float(cells[10])
        except ValueError as error:
            raise NoTextError(Reason.DAMAGED) from error
        at = (str(again), *cells[1:5])
        match cells[0]:
            case "1" if not again or page == looked:
                yield _spoken(lines)
                lines, page, again = {}, page + 1, False
            case "1":
                looked = page
            case "4":
                block = int(cells[2]) if cells[2].isdecimal() else 0
                lines[at] = _Line(block, top, top + height, again)
            case "5" if (text := "".join(_STEERING.sub("", cells[11]).split())) and at in lines:
                words += 1
                if words > _MOST_WORDS:
                    raise NoTextError(Reason.TOO_LARGE, f"more than {_MOST_WORDS:,} words")
                lines[at].words.append(_Word(left, left + width, text, max(confidence, 0.0), again))
    yield _spoken(lines)


def _spoken(lines: dict[tuple[str, ...], _Line]) -> list[_Line]:
    """Return the lines that hold a letter or a digit, those of the second look in their places among the others."""
    spoken = [line for line in lines.values() if any(each.isalnum() for each in line.text)]
    found = [line for line in spoken if not line.again]
    for line in sorted((line for line in spoken if line.again), key=lambda line: line.middle):
        sure = sum(word.confidence for word in line.words) / len(line.words)
        if sure >= _LEAST_AGAIN and len(line.text) > 2:
            _insert(line, found)
    return found


def _is_leftward(text: str) -> bool:
    """Return whether a line runs from right to left, by most of its letters."""
    return len(_ARABIC.findall(text)) >= len(_LATIN.findall(text))


def _insert(line: _Line, lines: list[_Line]) -> None:
    """Put what the second look found among the lines: a part of one into that, a line below or above those it spans."""
    height = line.bottom - line.top
    for other in lines:
        gap = max(other.left - line.right, line.left - other.right)
        if other.top <= line.middle <= other.bottom and gap < _REACH * height:
            leftward = _is_leftward(other.text)
            other.words.extend(line.words)
            other.words.sort(key=lambda word: word.right, reverse=leftward)
            return
    beside = [at for at, other in enumerate(lines) if other.left < line.right and line.left < other.right]
    if not beside:
        lines.append(line)
        return
    near = min(beside, key=lambda at: abs(lines[at].middle - line.middle))
    line.block = lines[near].block
    lines.insert(near + (lines[near].middle < line.middle), line)


def _laid_out(lines: Sequence[_Line]) -> list[PageLine]:
    """Return the lines of a page with the measures that show which of them belong together."""
    if not lines:
        return []
    size = max(median(line.bottom - line.top for line in lines), 1)
    steps = [
        below.middle - above.middle
        for above, below in pairwise(lines)
        if above.block == below.block and below.middle > above.middle
    ]
    # More of the steps part paragraphs where these are short; where all do, letters tell how far apart lines stand.
    step = min(sorted(steps)[len(steps) // 3], _WIDEST * size) if steps else _WIDEST * size
    edges: dict[int, tuple[int, int]] = {}
    for line in lines:
        left, right = edges.get(line.block, (line.left, line.right))
        edges[line.block] = min(left, line.left), max(right, line.right)
    laid: list[PageLine] = []
    before: _Line | None = None
    for line in lines:
        leftward = _is_leftward(line.text)
        left, right = edges[line.block]
        room = line.left - left if leftward else right - line.right
        first = line.words[0].right - line.words[0].left
        laid.append(
            PageLine(
                line.text,
                first / size,
                room / size,
                before is None or _is_apart(before, line, step),
                -line.middle * _POINTS,
                size * _POINTS,
            )
        )
        before = line
    return laid


def _is_apart(before: _Line, line: _Line, step: float) -> bool:
    """Return whether a line stands apart from the one before; at the head of a column, whether that ended."""
    if line.middle < before.middle:
        return bool(_STOP.search(before.text))
    return line.middle - before.middle > _LEADING * step
