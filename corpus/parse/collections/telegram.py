"""Exports of Telegram Desktop, as JSON (``result.json``) or as pages (``messages.html``): each post an entry.

In a channel every post is taken; in any other chat only what was forwarded, for what people write to each other was
not published. An export does not tell a channel's public name: ``--fields url=https://t.me/NAME/{id}`` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from corpus.article import Published
from corpus.decode import NoTextError, Reason, decode
from corpus.parse.collections.entry import Entry, Item, LeftOut, Refused, document, one_line
from corpus.parse.collections.fields import Fields, flat
from corpus.parse.collections.jsonarrays import Element, elements, loaded
from corpus.parse.collections.records import address, outlet_named
from corpus.parse.collections.stamped import published_of
from corpus.parse.collections.streams import Stream, no_line
from corpus.parse.page import PageMetadata

_JSON = re.compile(rb'"type"\s*:\s*"(?:\w+_(?:channel|chat|group|supergroup)|saved_messages)"')
_LISTS = frozenset({("messages",), ("chats", "list", "messages"), ("left_chats", "list", "messages")})
_CHANNELS = frozenset({"public_channel", "private_channel"})
_PAGE = re.compile(rb'class="message (?:default|service)')
_MOST_PAGE = 20 * 1024 * 1024  # bytes of one page: a thousand posts of the longest kind
_TITLE = re.compile(r"(\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{1,2}-\d{1,2})[^\n]{0,40}")


def is_json(head: bytes) -> bool:
    """Return whether a JSON file that begins so is an export."""
    return _JSON.search(head) is not None and (b'"messages"' in head or b'"chats"' in head)


def is_page(head: bytes) -> bool:
    """Return whether a page that begins so is one of an export."""
    return b'class="history"' in head and _PAGE.search(head) is not None


def posts(open_stream: Callable[[], Stream], given: Mapping[str, str]) -> Iterator[Item]:
    """Yield the posts of a JSON export, of one chat or of all."""
    with closing(open_stream()) as stream:
        chat: dict[str, Any] = {}
        chats = 0
        for found in elements(stream.bytes, _LISTS.__contains__):
            if not isinstance(found, Element):
                name = found.path[-1] if found.path else ""
                if name == "name" and "name" in chat:  # the next chat begins
                    chat = {}
                if name in ("name", "type", "id") and (*found.path[:-1], "messages") in _LISTS:
                    chat[name] = found.value
                    chats += name == "name"
                continue
            prefix = f"{chat.get('id') or chats}/" if len(found.path) > 1 else ""
            yield _post(found.data, chat, prefix, given)


def _post(data: bytes | None, chat: Mapping[str, Any], prefix: str, given: Mapping[str, str]) -> Item:
    if data is None:
        return Refused(prefix + "?", Reason.TOO_LARGE, no_line())
    try:
        post = loaded(data)
    except (NoTextError, ValueError, RecursionError):
        return Refused(prefix + "?", Reason.DAMAGED, "no JSON")
    key = f"{prefix}{post.get('id')}"
    if post.get("type") != "message":
        return LeftOut("service message")
    text = _text(post.get("text"))
    forwarded = post.get("forwarded_from")
    if chat.get("type") not in _CHANNELS and not forwarded:
        return LeftOut("message that was not forwarded")
    if not text.strip():
        return LeftOut("post without text")
    name = forwarded if isinstance(forwarded, str) else post.get("from") or chat.get("name")
    date = str(post.get("date") or post.get("date_unixtime") or "")
    edited = str(post.get("edited") or "")
    record = {**flat(post), "chat": str(chat.get("name") or "")}
    return _entry(key, text, name if isinstance(name, str) else "", date, edited, Fields(given), record)


def _entry(
    key: str, text: str, name: str, date: str, edited: str, fields: Fields, record: Mapping[str, str]
) -> Entry | Refused:
    published = published_of(date)
    if published and edited and not edited.startswith("1970-01-01"):
        published = Published(published.date, "day", f"{published.evidence} … edited {edited}")
    url = address(fields.value(record, "url"))
    outlet = one_line(fields.value(record, "outlet") or name)
    entry = document(
        key, "", text, PageMetadata(publisher=outlet_named(outlet), url=url, published=published)
    )
    if isinstance(entry, Entry) and entry.kind != ".txt":  # a post that quotes markup is no markup
        return Entry(key, text.encode(), ".txt", entry.said)
    return entry


def _text(text: Any) -> str:
    """Return a post's text: a string, or its parts, of which those with a format are objects."""
    if isinstance(text, str):
        return text
    parts = text if isinstance(text, list) else []
    named = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "".join(part for part in named if isinstance(part, str))


def page_posts(stream: Stream, given: Mapping[str, str]) -> Iterator[Item]:
    """Yield the posts of one page of an export. Raises NoTextError."""
    from lxml import html  # type: ignore[import-untyped]

    data = stream.bytes.read(_MOST_PAGE + 1)
    if len(data) > _MOST_PAGE:
        raise NoTextError(Reason.TOO_LARGE, f"the limit is {_MOST_PAGE:,} bytes")
    root = html.document_fromstring(decode(data))
    header = root.xpath("//*[contains(@class,'page_header')]//*[contains(@class,'text')]")
    chat = one_line(header[0].text_content()) if header else ""
    for message in root.xpath("//div[starts-with(@id,'message')]"):
        kinds = (message.get("class") or "").split()
        if "service" in kinds or "default" not in kinds:
            yield LeftOut("service message")
            continue
        yield _page_post(message, chat, given)


def _page_post(message: Any, chat: str, given: Mapping[str, str]) -> Item:
    key = (message.get("id") or "").removeprefix("message")
    forwards = message.xpath(".//div[contains(@class,'forwarded')]")
    body = forwards[0] if forwards else message
    texts = _texts(body, "text")
    if not texts:
        return LeftOut("post without text")
    stamps = message.xpath(".//*[contains(@class,'date')][@title]/@title")
    date = _TITLE.match(stamps[0].strip()) if stamps else None
    names = body.xpath(".//div[contains(@class,'from_name')]")
    name = chat
    if forwards and names:
        # Within it stands the time at which the original was posted.
        name = one_line(names[0].text or "") or chat
    record = {"id": key, "chat": chat}
    return _entry(key, texts[0], name, date[0] if date else "", "", Fields(given), record)


def _texts(element: Any, name: str) -> list[str]:
    """Return the text of the parts of a message with this class, their line breaks as such."""
    found = []
    for part in element.xpath(f".//div[contains(concat(' ', @class, ' '), ' {name} ')]"):
        for line in part.xpath(".//br"):
            line.tail = "\n" + (line.tail or "")
        if text := part.text_content().strip():
            found.append(text)
    return found
