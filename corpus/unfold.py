"""Feeds and sitemaps that were fetched: the documents in the one, the addresses in the other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from corpus.document import Document
from corpus.parse.collections import Entry, Item, Link
from corpus.parse.plain.outlets import bare_host
from corpus.worker import Worker

MOST_LINKS = 200
"""Pages fetched for one sitemap, the first ones in it."""

KIND = ".xml"
"""The kind of what is unfolded."""
PACKED = frozenset({".gz"})
"""Kinds in which it may come packed."""


def unfold(document: Document) -> tuple[list[Document], list[str], int]:
    """Return the items of a feed, and the addresses in a sitemap with the number of those that are left out.

    Only addresses on the sitemap's own host are followed, and no more than `MOST_LINKS`. Raises NoTextError.
    """
    items: list[Document] = []
    links: list[str] = []
    left_out = 0
    host = _host(document.url or "")
    for item in items_of(document):
        if isinstance(item, Entry):
            items.append(document_of(item, document))
        elif isinstance(item, Link):
            if len(links) < MOST_LINKS and _host(item.url) == host:
                links.append(item.url)
            else:
                left_out += 1
    return items, links, left_out


def items_of(document: Document) -> Iterator[Item]:
    """Yield what is in a feed or sitemap that was fetched. Raises NoTextError, where it breaks off at the end."""
    with tempfile.TemporaryDirectory(prefix="musnad-") as folder, Worker() as worker:
        path = Path(folder, f"fetched{KIND}{document.kind if document.kind in PACKED else ''}")
        path.write_bytes(document.data)
        for item, _ in worker.split(path, {}):
            yield item


def document_of(entry: Entry, feed: Document) -> Document:
    """Return an item of a feed as a document of its own."""
    published = entry.said.published
    return Document(
        f"{feed.source}#{entry.key}",
        entry.data,
        entry.kind,
        url=entry.said.url,
        publisher=entry.said.publisher,
        published=published.date if published else None,
        headed=entry.said.headed,
        found=feed.url,
    )


def _host(url: str) -> str:
    try:
        return bare_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""
