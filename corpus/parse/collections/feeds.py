"""RSS and Atom feeds that were saved: each item an entry with as much of its article as the feed carries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.article import Published
from corpus.decode import NoTextError, Reason
from corpus.parse.collections.entry import Item, document, one_line
from corpus.parse.collections.records import address, outlet_named
from corpus.parse.collections.stamped import published_of
from corpus.parse.collections.streams import Stream
from corpus.parse.page import PageMetadata
from corpus.parse.plain.facts import site_of

_MOST_BYTES = 20 * 1024 * 1024
_LONGEST_NAME = 200


def items(stream: Stream) -> Iterator[Item]:
    """Yield the items of a feed. Raises NoTextError."""
    import feedparser  # type: ignore[import-untyped]

    data = stream.bytes.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise NoTextError(Reason.TOO_LARGE, f"the limit is {_MOST_BYTES:,} bytes")
    # The reader of pages takes from an item's HTML what is text: nothing of it is shown as it is.
    feed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    if not feed.entries:
        raise NoTextError(Reason.NO_ARTICLE, "no items in the feed")
    outlet = one_line(str(feed.feed.get("title") or ""))[:_LONGEST_NAME]
    for number, item in enumerate(feed.entries, 1):
        yield _item(item, outlet, number, changed=feed.version.startswith("atom"))


def _item(item: Any, feed: str, number: int, *, changed: bool) -> Item:
    """Return an item as an entry; ``changed`` says that a date which is no more is that of its last change."""
    url = address(str(item.get("link") or ""))
    source = item.get("source")  # of an item that the feed has from another
    named = str(source.get("title") or "") if isinstance(source, dict) else ""
    outlet = one_line(named)[:_LONGEST_NAME] or feed
    stamps = (str(item.get(name) or "") for name in ("published", "created"))
    published = next((day for stamp in stamps if (day := published_of(stamp, url))), None)
    if published is None and (stamp := published_of(str(item.get("updated") or ""), url)):
        published = Published(evidence=stamp.evidence, not_after=stamp.date) if changed else stamp
    contents = [str(content.get("value") or "") for content in item.get("content") or []]
    text = max([*contents, str(item.get("summary") or "")], key=len)
    said = PageMetadata(
        publisher=outlet_named(outlet) if outlet else None,
        site=site_of(url) if url else None,
        url=url,
        published=published,
    )
    return document(str(item.get("id") or url or number), str(item.get("title") or ""), text, said)
