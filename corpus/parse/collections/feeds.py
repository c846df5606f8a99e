"""RSS and Atom feeds that were saved: each item an entry with as much of its article as the feed carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from corpus.article import Published
from corpus.decode import NoTextError, Reason, decode_markup
from corpus.parse.collections.entry import Entry, Item, Link, Refused, document, one_line
from corpus.parse.collections.records import address, outlet_named
from corpus.parse.collections.stamped import published_of
from corpus.parse.collections.streams import Stream
from corpus.parse.page import PageMetadata
from corpus.parse.plain.facts import site_of

_MOST_BYTES = 20 * 1024 * 1024
_LONGEST_NAME = 200
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>\s*")
_END = re.compile(r"</\s*(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_TAIL = 4096  # characters in which a feed ends


def items(stream: Stream) -> Iterator[Item]:
    """Yield the items of a feed. Raises NoTextError."""
    import feedparser  # type: ignore[import-untyped]

    data = stream.bytes.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise NoTextError(Reason.TOO_LARGE, f"the limit is {_MOST_BYTES:,} bytes")
    text = decode_markup(data, _charset(data))  # feedparser takes what is not in its encoding for Latin
    data = _DECLARED.sub("", text, count=1).encode("utf-8", "replace")
    # The reader of pages takes from an item's HTML what is text: nothing of it is shown as it is.
    feed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    if not feed.entries:
        raise NoTextError(Reason.NO_ARTICLE, "no items in the feed")
    outlet = one_line(str(feed.feed.get("title") or ""))[:_LONGEST_NAME]
    whole = _END.search(text[-_TAIL:])
    for number, item in enumerate(feed.entries if whole else feed.entries[:-1], 1):
        yield _item(item, outlet, number, changed=feed.version.startswith("atom"))
    if not whole:  # and the last item may be half of one
        raise NoTextError(Reason.DAMAGED, "breaks off")


def _charset(data: bytes) -> str | None:
    """Return the encoding that a feed declares."""
    declared = re.match(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]{1,40})", data)
    return declared[1].decode() if declared else None


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
    title = str(item.get("title") or "")
    found = document(str(item.get("id") or url or number), title, text, said)
    moment = _stamp(item)
    if isinstance(found, Entry):
        return replace(found, stamp=moment, whole=bool(contents) or not url)
    if url and found.reason is Reason.EMPTY:
        return Refused(found.key, found.reason, found.detail, Link(url, one_line(title) or None, moment))
    return found


def _stamp(item: Any) -> str | None:
    """Return when an item was published, else last changed, as a time in UTC."""
    said = next((item[name] for name in _STAMPS if item.get(name)), None)
    try:
        return datetime(*said[:6]).replace(tzinfo=UTC).isoformat() if said else None
    except ValueError:
        return None


_STAMPS = ("published_parsed", "created_parsed", "updated_parsed")
