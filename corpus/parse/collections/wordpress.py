"""Exports of WordPress (WXR): its published posts, with their HTML as the editor left it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.parse.collections.entry import Item, LeftOut, document, one_line
from corpus.parse.collections.records import address, outlet_named
from corpus.parse.collections.stamped import published_of
from corpus.parse.collections.streams import Stream
from corpus.parse.collections.xmlstream import local, stream_elements
from corpus.parse.page import PageMetadata
from corpus.parse.plain.facts import site_of

_NAMES = frozenset({"title", "item"})
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
# The codes in square brackets that WordPress itself knows; what stands between two of them is read.
_CODES = re.compile(r"\[/?(?:caption|wp_caption|gallery|playlist|audio|video|embed)\b[^\[\]]{0,2000}\]")


def posts(stream: Stream) -> Iterator[Item]:
    """Yield the posts of an export; pages, attachments, drafts and the like are left out."""
    blog = ""
    for name, element in stream_elements(stream.bytes, _NAMES):
        if name == "title":
            blog = blog or one_line(element.text or "")
        else:
            yield _post(element, blog)


def _post(item: Any, blog: str) -> Item:
    said: dict[str, str] = {}
    content = ""
    for child in item:
        text = "".join(child.itertext()) if isinstance(child.tag, str) else ""
        if child.tag == f"{{{_CONTENT}}}encoded":
            content = text
        elif text.strip():
            said.setdefault(local(child), text.strip())
    kind, status = said.get("post_type", "post"), said.get("status", "publish")
    if kind != "post":
        return LeftOut(one_line(kind)[:40])
    if status != "publish" or said.get("post_password"):
        return LeftOut("protected" if status == "publish" else one_line(status)[:40])
    url = address(said.get("link", ""))
    published = published_of(said.get("post_date", ""), url) or published_of(said.get("pubdate", ""), url)
    metadata = PageMetadata(
        publisher=outlet_named(blog) if blog else None,
        site=site_of(url) if url else None,
        url=url,
        published=published,
    )
    key = said.get("post_id") or said.get("guid") or url or "?"
    return document(key, said.get("title", ""), _CODES.sub("", content), metadata)
