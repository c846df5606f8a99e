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
_MOST_WORDS = 100_000
_STEERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ARABIC = re.compile("[\u0620-\u064a]")
_LATIN = re.compile("[A-Za-z]")
_STOP = re.compile(r"[.؟?!…:]\W*$")
_LEADING = 1.5  # between two lines, in times what is usual: one that parts paragraphs
_POINTS = 72 / 300  # of a letter's height, in a page drawn at 300 dots per inch


@dataclass(slots=True)
class _Word:
    left: int
    right: int
    text: str
    confidence: float


@dataclass(slots=True)
class _Line:
    block: int
    top: int
    bottom: int
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
    page, words = 0, 0
    for row in data.decode("utf-8", "replace").split("\n"):
        cells = row.split("\t")
        if len(cells) != 12 or not cells[0].isdecimal():  # its head
            continue
        try:
            left, top, width, height = map(int, cells[6:10])
            confidence = float(cells[10])
        except ValueError as error:
            raise NoTextError(Reason.DAMAGED) from error
        at = (str(page), *cells[1:5])
        match cells[0]:
            case "1":
                yield _spoken(lines)
                lines, page = {}, page + 1
            case "4":
                block = int(cells[2]) if cells[2].isdecimal() else 0
                lines[at] = _Line(block, top, top + height)
            case "5" if (text := "".join(_STEERING.sub("", cells[11]).split())) and at in lines:
                words += 1
                if words > _MOST_WORDS:
                    raise NoTextError(Reason.TOO_LARGE, f"more than {_MOST_WORDS:,} words")
                lines[at].words.append(_Word(left, left + width, text, max(confidence, 0.0)))
    yield _spoken(lines)


def _spoken(lines: dict[tuple[str, ...], _Line]) -> list[_Line]:
    return [line for line in lines.values() if any(each.isalnum() for each in line.text)]


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
    step = median(steps) if steps else 2 * size
    edges: dict[int, tuple[int, int]] = {}
    for line in lines:
        left, right = edges.get(line.block, (line.left, line.right))
        edges[line.block] = min(left, line.left), max(right, line.right)
    laid: list[PageLine] = []
    before: _Line | None = None
    for line in lines:
        leftward = len(_ARABIC.findall(line.text)) >= len(_LATIN.findall(line.text))
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
