"""Lines of pages that stand in a document or a book: all of them, for there is no site around them."""

from __future__ import annotations

import email.parser
import email.policy
import re
from collections.abc import Iterator

from corpus.decode import NoTextError, Reason, decode_markup
from corpus.parse.html.markup import lines_of, read_markup
from corpus.parse.office.lines import Line

_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|p|div|span|table|h[1-6])\b", re.IGNORECASE)
_HEAD = 4096  # bytes that tell markup
_MESSAGE = re.compile(
    rb"\s*(?:From|MIME-Version|Content-Type|Subject|Date|Snapshot-Content-Location):", re.IGNORECASE
)


def is_markup(data: bytes, name: str) -> bool:
    """Return whether a part is a page, or a message that holds one."""
    suffixes = (".htm", ".html", ".xhtml", ".mht", ".mhtml")
    return name.lower().endswith(suffixes) or bool(_MARKUP.search(data[:_HEAD]) or _MESSAGE.match(data))


def lines_of_markup(data: bytes) -> Iterator[Line]:
    """Yield the lines of a page, but for what steers through it. Raises NoTextError."""
    charset = None
    if _MESSAGE.match(data):
        message = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(data)
        pages = [
            part
            for part in message.walk()
            if part.get_content_type() in ("text/html", "application/xhtml+xml")
        ]
        if not pages:
            raise NoTextError(Reason.NO_ARTICLE, "a page without text")
        found = pages[0].get_payload(decode=True)
        data, charset = found if isinstance(found, bytes) else b"", pages[0].get_content_charset()
    for line in lines_of(read_markup(decode_markup(data, charset))):
        tags = {element.tag for element in line.within}
        if "nav" not in tags:
            heads = "heading" if "h1" in tags else ""
            yield Line(line.text, line.kind, heads)  # type: ignore[arg-type]
