"""Pages that a browser saved with all that belongs to them in one file (MHTML): the page is one of its parts."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message

from corpus.decode import NoTextError, Reason
from corpus.parse.page import Page

_TYPE = re.compile(
    rb"^content-type:([^\r\n]*+(?:(?:\r\n|\r|\n)[ \t][^\r\n]*+)*+)", re.IGNORECASE | re.MULTILINE
)
_MOST_PARTS = 3000
_MOST_NESTED = 20  # parts that hold parts
_LONGEST_HEADER = 2000
_PAGES = ("text/html", "application/xhtml+xml")


def read_mhtml(data: bytes) -> Page:
    """The article of the page that was saved. Raises NoTextError.

    The file says from where it was saved: an address that the page is said to have, not one where it was found.
    """
    from corpus.parse.html import read_html

    page = _main(_message(data))
    content = page.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise NoTextError(Reason.DAMAGED, "a saved page without content")
    charset = page.get_content_charset() if _header(page, "Content-Type") else None
    return read_html(content, charset=charset, claimed=_header(page, "Content-Location"))


def _message(data: bytes) -> Message:
    """Return the parsed file: a message as mail has them, whose parts are the page and what belongs to it."""
    # Time to parse grows with the depth of parts, and with the square of their headers.
    nested = 0
    for parts, found in enumerate(_TYPE.finditer(data), 1):
        nested += found[1].lstrip().lower().startswith((b"multipart/", b"message/"))
        if parts > _MOST_PARTS or nested > _MOST_NESTED or len(found[0]) > _LONGEST_HEADER:
            raise NoTextError(Reason.DAMAGED, "more parts in it than a saved page has")
    try:
        return email.message_from_bytes(data)
    except (ValueError, LookupError, RecursionError) as error:
        raise NoTextError(Reason.DAMAGED) from error


def _main(message: Message) -> Message:
    """Return the part that is the page: the one from the saved address, else the first; frames come after it."""
    pages = [part for part in _parts(message) if _type_of(part) in _PAGES]
    if not pages:
        raise NoTextError(Reason.NO_ARTICLE, "a saved file without a page")
    saved = _header(message, "Snapshot-Content-Location") or _header(message, "Content-Location")
    start = _param(message, "start")
    for part in pages:
        if start and _header(part, "Content-ID") == start:
            return part
    return next((part for part in pages if saved and _header(part, "Content-Location") == saved), pages[0])


def _parts(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _type_of(part: Message) -> str:
    return part.get_content_type() if _header(part, "Content-Type") else ""


def _param(message: Message, name: str) -> str:
    found = message.get_param(name) if _header(message, "Content-Type") else None
    return found.strip() if isinstance(found, str) else ""


def _header(part: Message, name: str) -> str:
    """Return a header's value without white space, "" for none and for one that is too long to be read."""
    value = str(part.get(name, ""))
    return "".join(value.split()) if len(value) <= _LONGEST_HEADER else ""
