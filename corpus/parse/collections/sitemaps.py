"""Sitemaps: lists of addresses, in which no article stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from corpus.parse.collections.entry import Link
from corpus.parse.collections.records import address
from corpus.parse.collections.xmlstream import stream_elements, texts

_NAMES = frozenset({"url", "sitemap"})


def links(stream: IO[bytes]) -> Iterator[Link]:
    """Yield the addresses of a sitemap, or of the sitemaps that it lists. Raises NoTextError."""
    for _, element in stream_elements(stream, _NAMES):
        if url := address(texts(element).get("loc", "")):
            yield Link(url)
