"""From a document's bytes to its articles: one module a format, all giving `corpus.article.Article`.

    read(data, ".html")          the bytes as a Page: the text to store, and what the markup says of it
    parse(text, source, said)    the articles of that text

Every format (``html``, ``mhtml``, ``pdf``, ``office``, ``markdown``) becomes text first, a ``page`` whose text is
stored as ``written``. All text has to be ``faithful``, and goes through the same rules for headlines, dates and
boilerplate (``plain``). What was ``recognised`` in a picture (`corpus.ocr`) is text too, and its articles say so.
"""

from __future__ import annotations

from dataclasses import replace

from corpus.arabic.sentences import STOP
from corpus.article import Article
from corpus.decode import NoTextError, Reason, decode, is_markup
from corpus.parse.faithful import mended
from corpus.parse.office.old import NAMED
from corpus.parse.page import RECOGNISED, Page, PageMetadata, is_whole
from corpus.parse.plain import ParseError, parse_text
from corpus.parse.plain.lines import NEWLINE

__all__ = ["KINDS", "NAMED", "VERSION", "Page", "PageMetadata", "ParseError", "parse", "read"]

VERSION = 3
"""Raised when the same bytes would give another article: files are then read again though they did not change."""

MOST_CHARACTERS = 2_000_000
"""Maximum length of a document's text: some hundred long reports, or three long novels."""
MOST_LINES = 50_000
"""Maximum number of lines of a document's text: forty characters each where it is as long as it may be."""

MOST_STOPS = 100_000
"""Maximum number of runs of full stops and the like, and so of sentences: twenty characters each, too."""

KINDS = frozenset(
    {
        *(".txt", ".md", ".markdown", ".html", ".htm", ".mht", ".mhtml", ".pdf"),
        *(".docx", ".docm", ".doc", ".odt", ".fodt", ".rtf", ".epub"),
    }
)
"""The suffixes of the formats that are read."""

_UNMARKED = frozenset({".txt"})
"""Formats without markup: an entity in them is left over. In a page that shows «&amp;», its author means it."""


def read(data: bytes, kind: str, *, url: str | None = None, charset: str | None = None) -> Page:
    """The text of a document of this kind. Raises NoTextError for bytes that hold none, or too much.

    The source of a page that was saved as ``.txt`` is read as the page.

    ``url`` is where it was found, ``charset`` what a server said of its encoding.
    """
    if kind in _UNMARKED and is_markup(data):
        kind = ".html"
    page = _read(data, kind, url, charset)
    if not is_whole(page.text):
        raise NoTextError(Reason.ENCODING, "half of a character")
    page = mended(page, escaped=kind in _UNMARKED)
    if len(page.text) > MOST_CHARACTERS:
        raise NoTextError(
            Reason.TOO_LARGE, f"{len(page.text):,} characters, the limit is {MOST_CHARACTERS:,}"
        )
    lines = sum(1 for _ in NEWLINE.finditer(page.text)) + 1
    if lines > MOST_LINES:
        raise NoTextError(Reason.TOO_LARGE, f"{lines:,} lines, the limit is {MOST_LINES:,}")
    stops = sum(1 for _ in STOP.finditer(page.text))
    if stops > MOST_STOPS:
        raise NoTextError(Reason.TOO_LARGE, f"{stops:,} full stops, the limit is {MOST_STOPS:,}")
    return page


def _read(data: bytes, kind: str, url: str | None, charset: str | None) -> Page:
    match kind:
        case ".txt":
            return Page(decode(data, charset))
        case ".html" | ".htm":
            from corpus.parse.html import read_html

            return read_html(data, url=url, charset=charset)
        case ".md" | ".markdown":
            from corpus.parse.markdown import read_markdown

            return read_markdown(data, charset)
        case ".mht" | ".mhtml":
            from corpus.parse.mhtml import read_mhtml

            return read_mhtml(data)
        case ".docx" | ".docm" | ".doc" | ".odt" | ".fodt" | ".rtf" | ".epub":
            from corpus.parse.office import read_office

            return read_office(data, kind)
        case ".pdf":
            from corpus.parse.pdf import read_pdf

            return read_pdf(data)
        case _ if kind == RECOGNISED:
            from corpus.parse.recognised import read_recognised

            return read_recognised(data)
        case _:
            raise NoTextError(
                Reason.UNSUPPORTED, NAMED.get(kind) or f"musnad reads {', '.join(sorted(KINDS))}"
            )


def parse(text: str, source: str, said: PageMetadata | None = None) -> list[Article]:
    """The articles of one document, in order: usually one, more where others are glued after it.

    ``text`` is its stored text (see `Page`), ``source`` its name and ``said`` what its markup says. For every
    article ``body`` is the concatenation of its ``kept`` spans, and ``kept`` and ``dropped`` together cover the
    whole text. Raises `ParseError` when nothing publishable is left.
    """
    articles = parse_text(text, source, said)
    if said is None or not said.machine_read:
        return articles
    return [replace(article, machine_read=True, confidence=said.confidence) for article in articles]
