"""Sitemaps: lists of addresses, in which no article stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from corpus.parse.collections.entry import Link, one_line
from corpus.parse.collections.records import address
from corpus.parse.collections.xmlstream import local, stream_elements, texts

_NAMES = frozenset({"url", "sitemap"})


def links(stream: IO[bytes]) -> Iterator[Link]:
    """Yield the addresses of a sitemap, or of the sitemaps that it lists. Raises NoTextError."""
    for name, element in stream_elements(stream, _NAMES):
        said = texts(element)
        if url := address(said.get("loc", "")):
            news = next((texts(child) for child in element if local(child) == "news"), {})
            yield Link(
                url,
                title=one_line(news.get("title", "")) or None,
                published=news.get("publication_date"),
                changed=said.get("lastmod"),
                listing=name == "sitemap",
            )
