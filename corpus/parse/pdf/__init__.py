"""Articles in PDF files, where their text can be read as it was written.

A PDF says where glyphs stand, not how a text runs. The text is read off from the page, as a reader does
(`corpus.parse.pdf.readingorder`). Where its order is not clear the file is refused, and so it is when what comes out
does not run as Arabic does (`is_faithful`): a quote of it would be words that nobody wrote. The stored text is the
file's paragraphs, one a line, its wrapped lines joined with a space, its page numbers and running heads left out, and
Arabic letters as letters where the file names the shapes they have in a word.

``pages`` are taken from the file: ``glyphs`` of a page that are seen on its ``ground``, their ``rows``, the order in
which they were written (``strokes``, ``bidi``, ``readingorder``). Here the lines become paragraphs (``layout``,
``running``) and are looked at once more (`corpus.parse.faithful`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from corpus.decode import NoTextError, Reason
from corpus.parse.faithful import is_faithful
from corpus.parse.page import Page, PageMetadata
from corpus.parse.pdf.layout import PageLine, opens
from corpus.parse.pdf.pages import extract
from corpus.parse.pdf.running import without_running
from corpus.parse.written import write

MOST_PAGES = 200
_OPENING = 1024  # bytes in which a file begins
MOST_CHARACTERS = 1_000_000
"""Of all pages, half as much again as so many hold. A small file may unpack to any length."""


def read_pdf(data: bytes) -> Page:
    """The text of a PDF file. Raises NoTextError."""
    start = data[:_OPENING].find(b"%PDF-")
    if start < 0:
        raise NoTextError(Reason.DAMAGED, "no PDF")
    # What stands before it (a server's reply, a mail's lines) is not of the file, whose places count from there.
    pages, scanned = extract(data[start:], MOST_PAGES, MOST_CHARACTERS)
    texts = [line.text for page in pages for line in page]
    if not any(character.isalpha() for text in texts for character in text):
        raise NoTextError(Reason.SCANNED)
    if not is_faithful("\n".join(texts)):
        raise NoTextError(Reason.UNFAITHFUL)
    found = paragraphs(pages)
    title = headline(found)
    text, kinds = write(
        [(each.text, "paragraph") for number, each in enumerate(found) if number != title],
        found[title].text if title is not None else "",
    )
    if title is None:
        return Page(text, PageMetadata(scanned=scanned) if scanned else None)
    return Page(text, PageMetadata(title=found[title].text, kinds=kinds, scanned=scanned))


_BULLET = re.compile(r"[•●▪◦‣]|[·*–—-]\s|\d{1,2}[.)-]\s")
_STOP = re.compile(r"[.؟?!…:]\W*$")
_UNSPACED = re.compile(r"(?:\w[-/]|[(\[{«“])$")  # lines are wrapped there without a space
_HEAD = 6  # paragraphs at the head of a document that may stand above its headline, or be it
_HEAD_OF_PAGE = 20  # of a printed web page, as long as they are short: its menu stands there
_SHORT = 10  # words
_LONGEST_HEADLINE = 30  # words
_LARGER = 1.15  # times as large as the text, at least, is a headline that stands below something else


class Paragraph(NamedTuple):
    text: str
    size: float
    """Size of the font of its first line, in points."""


def headline(found: Sequence[Paragraph]) -> int | None:
    """Return the place of the headline where something stands above it, None where nothing tells that it does.

    It is the largest of the first paragraphs: what is above it is the outlet's name, a number, a department.
    """
    sizes = sorted((each.size, len(each.text)) for each in found)
    half, usual = sum(length for _, length in sizes) / 2, 0.0
    for size, length in sizes:
        half -= length
        if half <= 0:
            usual = size
            break
    above = takewhile(lambda each: len(each.text.split()) <= _SHORT, found[:_HEAD_OF_PAGE])
    head = min(len(found), max(_HEAD, sum(1 for _ in above)))
    largest = max(range(head), key=lambda place: found[place].size, default=0)
    large = (
        found and found[largest].size >= _LARGER * usual and found[largest].size >= _LARGER * found[0].size
    )
    return largest if large and len(found[largest].text.split()) <= _LONGEST_HEADLINE else None


def paragraphs(pages: Sequence[Sequence[PageLine]]) -> list[Paragraph]:
    """The paragraphs of a document: lines that were wrapped are joined, also over pages.

    A line was wrapped when the first word of the next had no room behind it.
    """
    found: list[Paragraph] = []
    before: PageLine | None = None
    for number, page in enumerate(without_running(pages)):
        for place, line in enumerate(page):
            # On a new page everything would stand apart from what was before.
            if number and not place and found:
                line = line._replace(apart=bool(_STOP.search(found[-1].text)))
            if before is None or opens(line, before) or _BULLET.match(line.text):
                found.append(Paragraph(line.text, line.size))
            else:
                found[-1] = found[-1]._replace(text=_joined(found[-1].text, line.text))
            before = line
    return found


def _joined(text: str, more: str) -> str:
    if re.search(r"[A-Za-z]\u2010$", text):  # put in where a word is parted, and only there
        return text[:-1] + more
    return text + more if _UNSPACED.search(text) else f"{text} {more}"
