"""Articles in electronic books: a report, a magazine's issue, a book, as its chapters in their order."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from corpus.article import Published
from corpus.dates import parse_stamp
from corpus.decode import NoTextError, Reason
from corpus.parse.office.lines import Line, page_of
from corpus.parse.office.web import lines_of_markup
from corpus.parse.office.xmlparts import Element, child, name, read_xml
from corpus.parse.office.zipped import Zipped, resolved
from corpus.parse.page import Page
from corpus.parse.plain.outlets import known_outlet

_PAGES = ("application/xhtml+xml", "text/html", "")
_LONGEST = 300  # characters of a name


def read_epub(parts: Zipped) -> Page:
    """Return the text of a book as one article. Raises NoTextError.

    A book of one chapter that says anything is that chapter; one of several bears the book's title.
    """
    chapters = [lines for _, data in chapters_of(parts) if (lines := _lines(data))]
    about = _About(child(_package(parts)[0], "metadata"))
    title = about.first("title")
    if len(chapters) > 1 and title:
        chapters.insert(0, [Line(title, "heading", "title")])
    publisher = about.first("publisher")
    return page_of(
        (line for lines in chapters for line in lines),
        title,
        publisher=known_outlet(publisher) or publisher or None,
        published=about.published(),
    )


def chapters_of(parts: Zipped) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of a book in the order of reading, each with its name, without those outside that order.

    Raises NoTextError for a file that is no book, or a locked one.
    """
    package, folder = _package(parts)
    items = {
        each.get("id"): (resolved(each.get("href") or "", folder), each.get("media-type") or "")
        for each in package.iterfind("{*}manifest/{*}item")
    }
    locked = parts.read("META-INF/encryption.xml") or b""
    for each in package.iterfind("{*}spine/{*}itemref"):
        part, media_type = items.get(each.get("idref"), ("", ""))
        data = parts.read(part) if each.get("linear") != "no" and media_type in _PAGES else None
        if data is None:
            continue
        if locked and posixpath.basename(part).encode() in locked:
            raise NoTextError(Reason.LOCKED)
        yield part, data


def _package(parts: Zipped) -> tuple[Element, str]:
    """Return the root of the book's own description, and the folder in which it stands."""
    container = parts.read("META-INF/container.xml")
    root = read_xml(container, "META-INF/container.xml") if container else None
    files = [] if root is None else [each.get("full-path") or "" for each in root.iter("{*}rootfile")]
    data = next((data for data in map(parts.read, files) if data), None)
    if data is None:
        raise NoTextError(Reason.DAMAGED, "no electronic book")
    file = next(each for each in files if each in parts)
    return read_xml(data, file), posixpath.dirname(file)


def _lines(data: bytes) -> list[Line]:
    try:
        return list(lines_of_markup(data))
    except NoTextError as error:
        if error.reason in (Reason.EMPTY, Reason.NO_ARTICLE):  # a picture on the cover
            return []
        raise


class _About:
    """What a book says of itself."""

    def __init__(self, metadata: Element | None) -> None:
        self._metadata = () if metadata is None else metadata

    def published(self) -> Published | None:
        """Return the day of the book; only a bound where programs wrote there the day on which they made the file."""
        day = parse_stamp(self.first("date"))
        made = parse_stamp(self._modified())
        if day and day.date and made and made.date == day.date:
            return Published(evidence=day.evidence, not_after=day.date)
        return day

    def _modified(self) -> str:
        found = (each for each in self._metadata if each.get("property") == "dcterms:modified")
        return next(("".join(each.itertext()).strip()[:_LONGEST] for each in found), "")

    def first(self, wanted: str) -> str:
        """Return the first value of this name, on one line."""
        found = ("".join(each.itertext()) for each in self._metadata if name(each) == f"dc:{wanted}")
        return next((" ".join(text.split())[:_LONGEST] for text in found if text.strip()), "")
