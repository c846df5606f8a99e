"""Articles in Word documents, read as Word shows them.

    package      the parts of a document, found by their relationships
    styles       what a document's styles say of paragraphs and of text
    databinding  the values of forms that are bound to data
    body         the lines of a document's main part

Both editions of the format are read, and also documents with references to parts that are not there, which Word opens
as well. Documents that others take in (``w:altChunk``) are read in their place.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.parse.office.lines import Line, page_of
from corpus.parse.office.word.body import Body
from corpus.parse.office.word.package import Package
from corpus.parse.office.zipped import Zipped
from corpus.parse.page import Page

_DEEPEST = 3  # documents within each other


def read_word(parts: Zipped) -> Page:
    """Return the article of a Word document. Raises NoTextError."""
    package = Package(parts)
    return page_of(_lines(package, 1), package.title())


def _lines(package: Package, depth: int) -> Iterator[Line]:
    def taken_in(data: bytes, name: str) -> Iterator[Line]:
        if depth < _DEEPEST:
            yield from _lines_taken_in(data, name, depth + 1)

    return Body(package, taken_in).lines()


def _lines_taken_in(data: bytes, name: str, depth: int) -> Iterator[Line]:
    """Yield the lines of a part in whatever format it is."""
    from corpus.parse.office.rtf import lines_of_rtf
    from corpus.parse.office.web import is_markup, lines_of_markup

    if data.startswith(b"PK"):
        yield from _lines(Package(Zipped(data)), depth)
    elif data.lstrip()[:5] == b"{\\rtf":
        yield from lines_of_rtf(data)
    elif is_markup(data, name):
        yield from lines_of_markup(data)
    else:
        from corpus.decode import decode

        yield from map(Line, decode(data).splitlines())
