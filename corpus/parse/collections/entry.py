"""What a collection gives, one after another: entries that are documents of their own, and what is said of the rest."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from corpus.decode import Reason
from corpus.parse.page import Page, PageMetadata

MOST_ENTRY = 8 * 1024 * 1024
"""Bytes of one entry as it stands in its file: twice what a document of the most characters takes."""

_TAG = re.compile(
    r"</?(?P<block>p|br|div|h[1-6]|ul|ol|li|table|blockquote|figure|section|article)\b[^<>]{0,2000}>"
    r"|</?(?:a|span|img|strong|em|b|i|u|font|iframe|script|small|sup|sub)\b[^<>]{0,2000}>"
    r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10}\d?);"
)
_BLOCK = re.compile(r"<(?:p|div|h[1-6]|ul|ol|table|blockquote|section|article)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\r?\n[ \t]*(?:\r?\n[ \t]*)+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a collection: its key there, its bytes, their kind (as in `corpus.parse.KINDS`)."""

    key: str
    data: bytes
    kind: str
    said: PageMetadata = field(default_factory=PageMetadata)
    """What the collection says of it beside its text."""
    url: str | None = None
    """Where it was found, for a page that was saved from the web."""
    charset: str | None = None
    """The encoding that its server named."""
    stamp: str | None = None
    """The time of its publication where a feed says it, in ISO format with its zone."""
    whole: bool = True
    """Whether ``data`` is meant to be all of it; False for the summary in a feed of what stands at its address."""

    def complete(self, page: Page) -> Page:
        """Return the page read from ``data`` with what the collection says.

        That goes before what the page says of itself; a bound on its date, such as when it was saved, does not.
        """
        own = page.said or PageMetadata()
        said = self.said
        dated = said.published if said.published and said.published.date else None
        return Page(
            page.text,
            replace(
                own,
                title=own.title or said.title,
                publisher=said.publisher or own.publisher,
                site=own.site or said.site,
                url=own.url or said.url,
                published=dated or own.published or said.published,
                headed=own.headed and said.headed,
                leads=own.leads or said.leads,
            ),
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be read: its key or number, and why."""

    key: str
    reason: Reason
    detail: str = ""
    link: Link | None = None
    """Where it stands, for an item of a feed that is no more than a headline with an address."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that is no article by what the collection itself says: a draft, a service message."""

    what: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which of a collection's fields was taken for what: «title» ← «headline»."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a sitemap, where an article may stand."""

    url: str
    title: str | None = None
    published: str | None = None
    """The time of its publication where that is said, in ISO format."""
    changed: str | None = None
    """The day or time of its last change, as it is said."""
    listing: bool = False
    """Whether another sitemap stands there."""


Item = Entry | Refused | LeftOut | Mapped | Link


def one_line(text: str) -> str:
    return " ".join(text.split())


def is_markup(text: str) -> bool:
    """Return whether a text is a piece of HTML rather than plain."""
    return _TAG.search(text) is not None


def document(key: str, title: str, text: str, said: PageMetadata) -> Entry | Refused:
    """Return an entry of a headline and a text, which is plain or a piece of HTML."""
    title = one_line(html.unescape(title) if is_markup(title) else title)
    if not text.strip():
        return Refused(key, Reason.EMPTY)
    marked = is_markup(text)
    whole = page(title, text) if marked else f"{title}\n\n{text}" if title else text
    try:
        data = whole.encode()
    except UnicodeEncodeError:  # half of a pair, as JSON may hold
        return Refused(key, Reason.ENCODING, "bytes in the article that are no text")
    if len(data) > MOST_ENTRY:
        return Refused(key, Reason.TOO_LARGE, f"{len(data):,} bytes, the limit is {MOST_ENTRY:,}")
    said = replace(said, title=title, headed=bool(title), leads=True)
    return Entry(key, data, ".html" if marked else ".txt", said)


def page(title: str, content: str) -> str:
    """Return a piece of HTML as a page; where it has no paragraphs, blank lines part them, as blogs write."""
    if not _BLOCK.search(content):
        paragraphs = (part.strip().replace("\n", "<br>") for part in _BLANK_LINE.split(content))
        content = "\n".join(f"<p>{part}</p>" for part in paragraphs if part)
    head = f"<h1>{html.escape(title)}</h1>" if title else ""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
        f"<body><article>{head}\n{content}</article></body></html>"
    )
