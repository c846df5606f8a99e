"""What stands at an address that someone wants to follow: a feed, a sitemap, or a page that names its feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from corpus.decode import NoTextError, Reason, decode_markup
from corpus.document import Document
from corpus.fetch import FetchError
from corpus.following.followed import Kind
from corpus.following.web import Web
from corpus.parse.collections import Link
from corpus.unfold import KIND, PACKED, items_of

_FEEDS = frozenset({"application/rss+xml", "application/atom+xml"})
_MOST_FEEDS = 5  # feeds named by a page that are tried


@dataclass(frozen=True, slots=True)
class Discovered:
    """A source at an address: its own, or that of the feed which the page there names."""

    address: str
    kind: Kind
    title: str | None = None


def discover(url: str, web: Web, *, private: bool = False) -> Discovered:
    """Return what can be followed at an address of the web. Raises FetchError where that is nothing."""
    reply = web.get(url, private=private)
    document = reply.document
    assert document is not None
    if document.kind in (KIND, *PACKED):
        return _told(reply.moved or url, document)
    if document.kind != ".html":
        raise FetchError(url, Reason.NO_FEED, document.kind)
    for feed in _feeds_of(document):
        try:
            found = web.get(feed, private=private).document
            if found is not None and found.kind in (KIND, *PACKED):
                return _told(feed, found)
        except FetchError:
            continue
    raise FetchError(url, Reason.NO_FEED)


def _told(url: str, document: Document) -> Discovered:
    """Return whether a document is a feed or a sitemap. Raises FetchError for one that is neither."""
    try:
        for item in items_of(document):
            if isinstance(item, Link):
                return Discovered(url, "sitemap")
            title = getattr(getattr(item, "said", None), "publisher", None)
            return Discovered(url, "feed", title)
    except NoTextError as error:
        raise FetchError(url, error.reason, error.detail) from error
    raise FetchError(url, Reason.NO_FEED)


def _feeds_of(document: Document) -> Iterator[str]:
    """Yield the feeds that a page names in its head, in its order, which is the site's own."""
    try:
        text = decode_markup(document.data, document.charset)
    except NoTextError:
        return
    links = _Links()
    links.feed(text)
    yield from list(dict.fromkeys(urljoin(document.url or "", link) for link in links.found))[:_MOST_FEEDS]


class _Links(HTMLParser):
    """Collects the addresses of ``<link rel="alternate">`` of the types of feeds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: (value or "").strip() for name, value in attrs}
        rel = said.get("rel", "").lower().split()
        kind = said.get("type", "").lower().partition(";")[0].strip()
        if tag == "link" and "alternate" in rel and kind in _FEEDS and said.get("href"):
            self.found.append(said["href"])
