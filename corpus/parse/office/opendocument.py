"""Articles in OpenDocument texts, as LibreOffice shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from corpus.article import BlockKind
from corpus.decode import NoTextError, Reason
from corpus.parse.office.lines import Line, joined, page_of, row_of
from corpus.parse.office.old import PRESENTATION, SPREADSHEET
from corpus.parse.office.xmlparts import Element, attribute, child, name, read_xml
from corpus.parse.office.zipped import Zipped
from corpus.parse.page import Page

_TEXTS = ("", "application/vnd.oasis.opendocument.text")
_OTHERS = {"spreadsheet": SPREADSHEET, "presentation": PRESENTATION}
_TITLE = re.compile(r"Title", re.IGNORECASE)
_HEADING = re.compile(r"(?:Subtitle|Heading(?:[ _]20)?[ _](?P<level>\d+))", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r]+")
_MOST_SPACES = 100

_THROUGH = frozenset(
    """
    text:list text:list-item text:list-header text:section text:index-body text:index-title
    text:numbered-paragraph draw:frame draw:text-box draw:custom-shape draw:rect draw:g
    """.split()  # noqa: SIM905
)
"""What stands around paragraphs."""
_BOXES = frozenset({"draw:frame", "draw:custom-shape", "draw:rect", "draw:g"})
"""What hangs on a paragraph and has paragraphs of its own."""
_ROWS = frozenset({"table:table-header-rows", "table:table-rows", "table:table-row-group"})
_LEFT_OUT = frozenset({"text:note", "office:annotation", "text:ruby-text", "text:script", "office:forms"})


def read_opendocument(parts: Zipped) -> Page:
    """Return the article of an OpenDocument text. Raises NoTextError."""
    _check_type(parts.media_type())
    if b"encryption-data" in (parts.read("META-INF/manifest.xml") or b""):
        raise NoTextError(Reason.LOCKED)
    content = parts.read("content.xml")
    if content is None:
        raise NoTextError(Reason.DAMAGED, "no OpenDocument text")
    roots = [read_xml(content, "content.xml")]
    for part in ("styles.xml", "meta.xml"):
        if (data := parts.read(part)) is not None:
            roots.append(read_xml(data, part))
    return _read(roots)


def read_flat(data: bytes) -> Page:
    """Return the article of an OpenDocument text that is one file of markup. Raises NoTextError."""
    root = read_xml(data)
    _check_type(attribute(root, "office:mimetype"))
    return _read([root])


def _check_type(media_type: str) -> None:
    if media_type.startswith(_TEXTS[1]) or not media_type:
        return
    what = next((what for kind, what in _OTHERS.items() if kind in media_type), "no OpenDocument text")
    raise NoTextError(Reason.UNSUPPORTED, what)


def _read(roots: list[Element]) -> Page:
    text = child(child(roots[0], "office:body"), "office:text")
    if text is None:
        raise NoTextError(Reason.DAMAGED, "no OpenDocument text")
    titles = [each for root in roots for each in root.iter("{http://purl.org/dc/elements/1.1/}title")]
    claimed = " ".join((titles[0].text or "").split()) if titles else ""
    return page_of(_Text(_Styles(roots)).blocks(text), claimed)


@dataclass(slots=True)
class _Style:
    name: str
    parent: str
    level: str
    unseen: bool | None


class _Styles:
    """The styles of a document, by what they are for and their names."""

    def __init__(self, roots: list[Element]) -> None:
        self._styles: dict[tuple[str, str], _Style] = {}
        for root in roots:
            for group in root:
                if name(group) in ("office:styles", "office:automatic-styles"):
                    for element in group:
                        if name(element) == "style:style":
                            self._add(element)

    def _add(self, element: Element) -> None:
        properties = child(element, "style:text-properties")
        through = attribute(properties, "style:text-line-through-style") or attribute(
            properties, "style:text-line-through-type"
        )
        display = attribute(properties, "text:display")
        unseen = display == "none" or through not in ("", "none") if display or through else None
        named = attribute(element, "style:display-name") or attribute(element, "style:name")
        id = attribute(element, "style:family"), attribute(element, "style:name")
        parent = attribute(element, "style:parent-style-name")
        self._styles.setdefault(
            id, _Style(named, parent, attribute(element, "style:default-outline-level"), unseen)
        )

    def unseen(self, family: str, id: str) -> bool | None:
        """Return whether a style hides or strikes out text, None where it does not say."""
        return next((style.unseen for style in self._line_of(family, id) if style.unseen is not None), None)

    def heads(self, id: str) -> tuple[BlockKind, Literal["", "title", "heading"]]:
        """Return the kind of a paragraph of a style, and whether it heads the document."""
        for style in self._line_of("paragraph", id):
            if _TITLE.fullmatch(style.name):
                return "heading", "title"
            heading = _HEADING.fullmatch(style.name)
            if heading:
                return "heading", "heading" if heading["level"] == "1" else ""
        return "paragraph", ""

    def _line_of(self, family: str, id: str) -> Iterator[_Style]:
        """Yield a style and those it is derived from; one that is not described has only its name."""
        seen = set()
        while id and id not in seen:
            seen.add(id)
            style = self._styles.get((family, id)) or _Style(id, "", "", None)
            yield style
            id = style.parent


class _Text:
    """The text of a document."""

    def __init__(self, styles: _Styles) -> None:
        self._styles = styles

    def blocks(self, parent: Element, item: bool = False) -> Iterator[Line]:
        """Yield paragraphs and rows of tables in their order."""
        for each in parent:
            found = name(each)
            if found in ("text:p", "text:h"):
                yield from self._paragraph(each, item)
            elif found == "table:table":
                yield from self._table(each)
            elif found in _THROUGH and attribute(each, "text:display") not in ("none", "condition"):
                yield from self.blocks(each, item or found == "text:list")

    def _table(self, table: Element) -> Iterator[Line]:
        for each in table:
            found = name(each)
            if found in _ROWS:
                yield from self._table(each)
            elif found == "table:table-row" and attribute(each, "table:visibility", "visible") == "visible":
                cells = [cell for cell in each if name(cell) == "table:table-cell"]
                yield from row_of([list(joined(self.blocks(cell))) for cell in cells])

    def _paragraph(self, paragraph: Element, item: bool) -> Iterator[Line]:
        style = attribute(paragraph, "text:style-name")
        kind, heads = self._styles.heads(style)
        if name(paragraph) == "text:h":
            kind = "heading"
            heads = heads or ("heading" if attribute(paragraph, "text:outline-level", "1") == "1" else "")
        parts, boxes = _Parts(), list[Element]()
        self._inline(paragraph, bool(self._styles.unseen("paragraph", style)), parts, boxes)
        hidden = any(
            attribute(each, "text:is-hidden") == "true"
            for each in paragraph
            if name(each) == "text:hidden-paragraph"
        )
        if not hidden:
            yield Line(parts.text(), "item" if item and kind == "paragraph" else kind, heads)
        for box in boxes:
            yield from self.blocks(box)

    def _inline(self, parent: Element, unseen: bool, parts: _Parts, boxes: list[Element]) -> None:
        if not unseen:
            parts.add(parent.text)
        for each in parent:
            self._part(each, unseen, parts, boxes)
            if not unseen:
                parts.add(each.tail)

    def _part(self, element: Element, unseen: bool, parts: _Parts, boxes: list[Element]) -> None:
        match name(element):
            case "text:s" if not unseen:
                count = attribute(element, "text:c", "1")
                parts.put(" " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES))
            case "text:tab" if not unseen:
                parts.put("\t")
            case "text:line-break" if not unseen:
                parts.put("\n")
            case "text:span":
                said = self._styles.unseen("text", attribute(element, "text:style-name"))
                self._inline(element, unseen if said is None else said, parts, boxes)
            case found if found in _BOXES:
                boxes.append(element)
            case found if found and found not in _LEFT_OUT:
                self._inline(element, unseen, parts, boxes)


class _Parts:
    """The text of a paragraph as it grows: white space of the markup is one space, and none at the beginning."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._spaced = True

    def add(self, text: str | None) -> None:
        """Add text of the markup."""
        text = _SPACE.sub(" ", text or "")
        if self._spaced:
            text = text.removeprefix(" ")
        if text:
            self._parts.append(text)
            self._spaced = text.endswith(" ")

    def put(self, text: str) -> None:
        """Add white space that stands as it is."""
        self._parts.append(text)
        self._spaced = False

    def text(self) -> str:
        return "".join(self._parts)
