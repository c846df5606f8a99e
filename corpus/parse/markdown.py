"""Articles in Markdown, with or without front matter.

Front matter is what stands between two lines ``---`` at the top: YAML whose keys, English or Arabic, name the headline,
the outlet, the date and the address. It is metadata, not text. The rest is read as the page that it becomes
(CommonMark, tables, strikethrough): the stored text is that page's headings, paragraphs, list items and table rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.arabic import fold_text
from corpus.article import Published
from corpus.dates import parse_published, parse_stamp
from corpus.decode import NoTextError, Reason, decode
from corpus.parse.html.markup import TextLine, collapse, lines_of, read_markup
from corpus.parse.page import Page, PageMetadata
from corpus.parse.plain.facts import header_name, site_of, web_address
from corpus.parse.plain.lines import key as folded
from corpus.parse.plain.outlets import known_outlet
from corpus.parse.written import write

_FRONT = re.compile(
    r"\ufeff?---[ \t]*\r?\n(.{0,65536}?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_FIELD = re.compile(r"([^\s:#\-][^:\n]{0,40}?)\s*:[ \t]+(\S.*)")
_LONGEST = 300  # characters of a value
_ATTRIBUTES = re.compile(r"(?<=\S)[ \t]+\{:?[ \t]*[#.][^{}\n]{0,300}\}[ \t]*$", re.MULTILINE)
"""What several programs write behind a heading or a line for their own use: «{#key .class lang=ar}»."""


def read_markdown(data: bytes, charset: str | None = None) -> Page:
    """The article of a Markdown file. Raises NoTextError."""
    text = decode(data, charset)
    front = _FRONT.match(text)
    fields = _fields(front[1]) if front else {}
    lines = _lines(_ATTRIBUTES.sub("", text[front.end() :] if front else text))
    title = fields.get("title", "")
    if lines and lines[0].kind == "heading" and (not title or folded(lines[0].text) == folded(title)):
        title = lines.pop(0).text
    if not lines:
        raise NoTextError(Reason.NO_ARTICLE, "front matter without text" if front else "a page without text")
    written, kinds = write([(line.text, line.kind) for line in lines], title)
    publisher, date = fields.get("publisher", ""), fields.get("date", "")
    url = web_address(fields.get("url", ""))
    return Page(
        written,
        PageMetadata(
            title=title,
            publisher=(known_outlet(publisher) or publisher) or None,
            site=site_of(url) if url else None,
            url=url,
            published=_published(date) if date else None,
            leads=front is not None,
            kinds=kinds,
        ),
    )


def _lines(markdown: str) -> list[TextLine]:
    from markdown_it import MarkdownIt

    # An indented line is a paragraph here, not code.
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("code")
    page = reader.render(markdown)
    return lines_of(read_markup(page)) if page.strip() else []


def _published(stamp: str) -> Published | None:
    return parse_stamp(stamp) or parse_published(stamp)


def _fields(front: str) -> dict[str, str]:
    """Return the values of front matter by what they name (`HEADER_NAMES`); the first of each counts."""
    found: dict[str, str] = {}
    for key, value in _pairs(front):
        name = header_name(key)
        if name == "publisher" and "://" in value:
            name = "url"  # a clipping's source
        if name and value:
            found.setdefault(name, value)
    return found


def _pairs(front: str) -> Iterator[tuple[str, str]]:
    import yaml  # type: ignore[import-untyped]

    try:
        read = yaml.load(front, Loader=yaml.BaseLoader)  # makes nothing but texts
    except (yaml.YAMLError, RecursionError, ValueError):
        read = None
    if isinstance(read, dict):
        for key, value in read.items():
            yield str(key), _value(value, "name")
            if isinstance(value, dict):
                yield "url", _value(value, "url")
    else:  # «title: one: two» is no YAML, but clear
        for line in front.splitlines():
            if field := _FIELD.fullmatch(line.strip()):
                yield field[1], _one_line(field[2].strip("\"'"))


def _value(value: Any, key: str) -> str:
    """Return a value as text: of a list its first, of a table the one under ``key``."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get(key, "")
    return _one_line(value) if isinstance(value, str) else ""


def _one_line(value: str) -> str:
    line = collapse(value)
    return line if len(line) <= _LONGEST and fold_text(line).strip() else ""
