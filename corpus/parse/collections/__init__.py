"""Collections: files that hold many articles, read one entry after another, whatever their size.

    for item in entries(path, {"text": "content"}): …   # Entry, Refused, LeftOut, Mapped

Each entry is a document of its own. Formats are told by what a file holds; its suffix only says that it may be one.

    entry         what a collection gives
    streams       unpacking (``.gz``, ``.bz2``, ``.xz``, ``.zst``), lines of bounded length
    records       JSON Lines, JSON, CSV, TSV: with ``jsonarrays``, ``delimited``, ``fields``, ``stamped``
    telegram      exports of Telegram Desktop
    wordpress, feeds, sitemaps   XML, with ``xmlstream``
    webarchives   WARC and WACZ
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from corpus.decode import NoTextError, Reason
from corpus.parse.collections import records, telegram
from corpus.parse.collections.entry import MOST_ENTRY, Entry, Item, LeftOut, Link, Mapped, Refused
from corpus.parse.collections.streams import BROKEN, SUFFIXES, Stream

__all__ = [
    "COLLECTIONS",
    "MOST_ENTRY",
    "Entry",
    "Item",
    "LeftOut",
    "Link",
    "Mapped",
    "Refused",
    "entries",
    "may_be_posts",
]

COLLECTIONS = SUFFIXES | {
    ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xml", ".rss", ".atom", ".wxr", ".warc", ".wacz",
}  # fmt: skip
"""The suffixes of files that may be collections."""

_HEAD = 64 * 1024  # bytes by which a format is told
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([A-Za-z]\w*)")
_WXR = b"wordpress.org/export"


def may_be_posts(head: bytes) -> bool:
    """Return whether a page that begins with these bytes is a collection: one of an export of Telegram."""
    return telegram.is_page(head)


def entries(path: Path, fields: Mapping[str, str], watch: Callable[[Stream], object] = id) -> Iterator[Item]:
    """Yield what a collection holds, in order; ``fields`` names its fields by role (`corpus.arabic.fields.ROLES`).

    ``watch`` receives each stream that is opened, which knows how much of the file was read.

    Raises NoTextError where the file is no collection of articles, is damaged from some place on, or is packed
    beyond measure: what came before has been yielded then.
    """
    try:
        yield from _entries(path, fields, watch)
    except BROKEN as error:
        raise NoTextError(Reason.DAMAGED, "breaks off") from error
    except FileNotFoundError as error:
        raise NoTextError(Reason.NOT_FOUND) from error
    except OSError as error:
        # Those that unpack raise it without a number for data that is damaged.
        raise NoTextError(
            Reason.UNREADABLE if error.errno else Reason.DAMAGED, error.strerror or ""
        ) from error


def _entries(path: Path, fields: Mapping[str, str], watch: Callable[[Stream], object]) -> Iterator[Item]:
    def opened() -> Stream:
        stream = Stream(path)
        watch(stream)
        return stream

    with closing(opened()) as stream:
        head = _peek(stream)
        suffix = Path(stream.name).suffix.lower()
        start = head.lstrip()
        if head.startswith(b"PK\x03\x04"):
            from corpus.parse.collections.webarchives import packed_pages

            yield from packed_pages(str(path))
        elif head.startswith(b"WARC/"):
            from corpus.parse.collections.webarchives import pages

            yield from pages(stream.bytes)
        elif not start:
            raise NoTextError(Reason.EMPTY)
        elif start.startswith(b"<"):
            yield from _marked_up(stream, start, fields)
        elif suffix in (".csv", ".tsv"):
            yield from records.records(opened, partial(records.table, suffix=suffix), fields)
        elif start.startswith((b"{", b"[")) and telegram.is_json(start):
            yield from telegram.posts(opened, fields)
        elif suffix in (".jsonl", ".ndjson") or _is_lines(start):
            yield from records.records(opened, records.json_lines, fields)
        elif start.startswith((b"{", b"[")):
            at = records.find_array(opened)
            read = records.single if at is None else partial(records.json_array, at=at)
            yield from records.records(opened, read, fields)
        else:
            raise NoTextError(Reason.UNSUPPORTED, "no collection of articles")


def _marked_up(stream: Stream, start: bytes, fields: Mapping[str, str]) -> Iterator[Item]:
    root = _ROOT.search(start)
    name = root[1].decode().lower() if root else ""
    if name == "html" and telegram.is_page(start):
        yield from telegram.page_posts(stream, fields)
    elif _WXR in start:
        from corpus.parse.collections.wordpress import posts

        yield from posts(stream)
    elif name in ("rss", "feed", "rdf"):
        from corpus.parse.collections.feeds import items

        yield from items(stream)
    elif name in ("urlset", "sitemapindex"):
        from corpus.parse.collections.sitemaps import links

        yield from links(stream.bytes)
    else:
        raise NoTextError(Reason.UNSUPPORTED, "no collection of articles")


def _peek(stream: Stream) -> bytes:
    """Return the first bytes of a stream that stay to be read."""
    return stream.bytes.peek(_HEAD)[:_HEAD]


def _is_lines(start: bytes) -> bool:
    """Return whether JSON that begins so has one object a line: the first is whole, and another follows."""
    first, _, rest = start.partition(b"\n")
    following = rest.lstrip()[:1]
    try:
        return following == b"{" and isinstance(records.loaded(first), dict)
    except (NoTextError, ValueError, RecursionError):
        return False
