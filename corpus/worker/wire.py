"""Frames on the pipes between the program and its worker, and pages and articles in the form of JSON.

A frame is two lengths (32 bits each, big-endian), that many bytes of JSON, and that many bytes of content: a
document or its text. Text may hold lone surrogates.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from typing import IO, Any

from corpus.article import Article, Block, Dropped, Published, Span
from corpus.decode import Reason
from corpus.parse.collections.entry import Entry, Item, LeftOut, Link, Mapped, Refused
from corpus.parse.page import Page, PageMetadata

Header = dict[str, Any]

MOST_BYTES = 256 * 1024 * 1024
"""Maximum number of bytes of either part of a frame: many times what any document within its limits gives."""

_LENGTHS = struct.Struct(">II")


class BrokenPipesError(Exception):
    """Raised when the other side went away in the middle of a frame, or sends no frames."""


def packed(header: Header, content: bytes = b"") -> bytes:
    """Return a frame."""
    said = json.dumps(header).encode()
    return _LENGTHS.pack(len(said), len(content)) + said + content


def receive(stream: IO[bytes]) -> tuple[Header, bytes] | None:
    """Return the next frame, None at the end of the stream. Raises BrokenPipesError."""
    start = stream.read(_LENGTHS.size)
    if not start:
        return None
    if len(start) < _LENGTHS.size or max(lengths := _LENGTHS.unpack(start)) > MOST_BYTES:
        raise BrokenPipesError
    said, content = (stream.read(length) for length in lengths)
    if (len(said), len(content)) != lengths:
        raise BrokenPipesError
    header: Header = json.loads(said)
    return header, content


def pack_text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def unpack_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def pack_metadata(said: PageMetadata | None) -> Header | None:
    """Return a page's metadata as JSON."""
    if said is None:
        return None
    return {
        "title": said.title,
        "publisher": said.publisher,
        "site": said.site,
        "url": said.url,
        "published": astuple(said.published) if said.published else None,
        "headed": said.headed,
        "recurring": said.recurring,
        "leads": said.leads,
        "scanned": said.scanned,
        "machine_read": said.machine_read,
        "confidence": said.confidence,
        "kinds": list(said.kinds.items()),
    }


def unpack_metadata(said: Header | None) -> PageMetadata | None:
    if said is None:
        return None
    published = Published(*said["published"]) if said["published"] else None
    kinds = {start: kind for start, kind in said["kinds"]}
    return PageMetadata(**{**said, "published": published, "kinds": kinds})


def unpack_page(header: Header, content: bytes) -> Page:
    return Page(unpack_text(content), unpack_metadata(header["said"]))


def pack_article(article: Article) -> Header:
    """Return an article as JSON, without its source and its body: this is its ``kept`` spans of the text."""
    return {
        "title": article.title,
        "part": article.part,
        "publisher": article.publisher,
        "site": article.site,
        "origin": article.origin,
        "attribution": article.attribution,
        "url": article.url,
        "place": article.place,
        "published": astuple(article.published),
        "machine_read": article.machine_read,
        "confidence": article.confidence,
        "blocks": [(block.start, block.end, block.kind) for block in article.blocks],
        "kept": [(span.start, span.end) for span in article.kept],
        "dropped": [(span.start, span.end, span.reason) for span in article.dropped],
    }


def unpack_article(packed: Header, source: str, text: str) -> Article:
    kept = tuple(Span(*span) for span in packed["kept"])
    return Article(
        source=source,
        body="".join(text[span.start : span.end] for span in kept),
        **{
            **packed,
            "published": Published(*packed["published"]),
            "blocks": tuple(Block(*block) for block in packed["blocks"]),
            "kept": kept,
            "dropped": tuple(Dropped(*span) for span in packed["dropped"]),
        },
    )


def pack_items(items: Iterable[Item]) -> tuple[list[Header], bytes]:
    """Return the items of a collection as JSON, and the bytes of its entries, one after another."""
    headers: list[Header] = []
    contents: list[bytes] = []
    for item in items:
        match item:
            case Entry():
                contents.append(item.data)
                headers.append(
                    {
                        "entry": item.key,
                        "length": len(item.data),
                        "kind": item.kind,
                        "said": pack_metadata(item.said),
                        "url": item.url,
                        "charset": item.charset,
                        "stamp": item.stamp,
                        "whole": item.whole,
                    }
                )
            case Refused():
                said = {"reason": item.reason, "detail": item.detail}
                headers.append({"refused": item.key, **said, "at": astuple(item.link) if item.link else None})
            case LeftOut():
                headers.append({"left_out": item.what})
            case Link():
                headers.append({"link": astuple(item)})
            case Mapped():
                headers.append({"mapped": dict(item.fields)})
    return headers, b"".join(contents)


def unpack_items(headers: Sequence[Header], content: bytes) -> Iterator[Item]:
    at = 0
    for header in headers:
        if "entry" in header:
            data = content[at : at + header["length"]]
            at += len(data)
            said = unpack_metadata(header["said"]) or PageMetadata()
            named = {name: header[name] for name in ("url", "charset", "stamp", "whole")}
            yield Entry(header["entry"], data, header["kind"], said, **named)
        elif "refused" in header:
            link = Link(*header["at"]) if header["at"] else None
            yield Refused(header["refused"], Reason(header["reason"]), header["detail"], link)
        elif "left_out" in header:
            yield LeftOut(header["left_out"])
        elif "link" in header:
            yield Link(*header["link"])
        else:
            yield Mapped(header["mapped"])
