"""Articles on web pages.

    markup → its lines as seen (`markup`, `styles`) → those of the article (`content`, `boxes`, `subject`) → text
           → what its metadata says (`metadata`)
           → its dates, and the article's (`dates`)

The stored text of a page is its headline and the article's paragraphs, headings, list items and table rows,
one a line, in the page's own characters: only entities are resolved and HTML's white space is collapsed.
"""

from __future__ import annotations

import re

from corpus.decode import NoTextError, Reason, decode_markup
from corpus.parse.html.content import find_content
from corpus.parse.html.dates import settle
from corpus.parse.html.markup import read_markup
from corpus.parse.html.metadata import read_metadata
from corpus.parse.page import Page, PageMetadata, shown
from corpus.parse.plain.facts import site_of, web_address
from corpus.parse.written import write


def read_html(
    data: bytes, *, url: str | None = None, charset: str | None = None, claimed: str | None = None
) -> Page:
    """The article of a page. Raises NoTextError.

    ``url`` is where the page was found; ``claimed`` where it is said to be from, as far as it does not say so itself.
    """
    root = read_markup(decode_markup(data, charset or _charset_of(data)))
    metadata = read_metadata(root, url)
    content = find_content(root, metadata.headlines)
    if not content.lines:
        raise NoTextError(Reason.NO_ARTICLE, "a page without paragraphs")
    if any("\ufffd" in line.text for line in content.lines):
        raise NoTextError(Reason.ENCODING, "bytes in the article that are no text")
    address = metadata.url or (web_address(claimed) if claimed else None)
    title = shown(content.title)
    text, kinds = write([(line.text, line.kind) for line in content.lines], title)
    return Page(
        text,
        PageMetadata(
            title=title,
            publisher=metadata.publisher,
            site=site_of(address or url or ""),
            url=address,
            published=settle(metadata.dates, content.published),
            kinds=kinds,
        ),
    )


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
_HEAD = 8192  # bytes in which a page says its encoding; browsers look at 1024


def _charset_of(data: bytes) -> str | None:
    found = _META_CHARSET.search(data[:_HEAD]) or _XML_CHARSET.match(data[:_HEAD])
    return found[1].decode("ascii") if found else None
