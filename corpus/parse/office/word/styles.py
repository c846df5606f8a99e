"""What a document's styles say: which paragraphs head the text or are items, and which text nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from corpus.article import BlockKind
from corpus.parse.office.xmlparts import Element, attribute, child, name

_TITLE = re.compile(r"Title", re.IGNORECASE)
_HEADING = re.compile(r"(?:Subtitle|heading (?P<level>\d))", re.IGNORECASE)
_LIST = re.compile(r"List\b", re.IGNORECASE)
_UNSEEN = frozenset({"w:vanish", "w:strike", "w:dstrike"})
"""What hides text, or takes it back: nobody reads it as said."""

Unseen = frozenset[str]


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a paragraph is by its style."""

    kind: BlockKind = "paragraph"
    heads: Literal["", "title", "heading"] = ""
    unseen: Unseen = frozenset()


@dataclass(slots=True)
class _Style:
    name: str
    based_on: str
    kind: str
    toggles: dict[str, bool]
    level: str
    numbered: bool | None


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self._default = ""
        self._paragraphs: dict[str, ParagraphStyle] = {}
        self._characters: dict[str, Unseen] = {}
        for element in root if root is not None else ():
            if name(element) == "w:style":
                self._add(element)

    def _add(self, element: Element) -> None:
        id, properties = attribute(element, "w:styleId"), child(element, "w:pPr")
        kind = attribute(element, "w:type")
        self._styles[id] = _Style(
            attribute(child(element, "w:name"), "w:val"),
            attribute(child(element, "w:basedOn"), "w:val"),
            kind,
            toggles(child(element, "w:rPr")),
            attribute(child(properties, "w:outlineLvl"), "w:val"),
            numbered(properties),
        )
        if kind == "paragraph" and is_on(attribute(element, "w:default", "0")):
            self._default = id

    def paragraph(self, id: str) -> ParagraphStyle:
        """Return what a paragraph of a style is; "" is the style of those that name none."""
        id = id or self._default
        if id not in self._paragraphs:
            self._paragraphs[id] = self._resolved(id)
        return self._paragraphs[id]

    def characters(self, id: str) -> Unseen:
        """Return what a style of characters switches."""
        if id not in self._characters:
            self._characters[id] = _switched(self._line_of(id))
        return self._characters[id]

    def _resolved(self, id: str) -> ParagraphStyle:
        line = list(self._line_of(id))
        unseen = _switched(line)
        for style in line:
            if _TITLE.fullmatch(style.name):
                return ParagraphStyle("heading", "title", unseen)
            if heading := _HEADING.fullmatch(style.name):
                return ParagraphStyle("heading", "heading" if heading["level"] == "1" else "", unseen)
            if style.level.isdecimal() and int(style.level) < 9:
                return ParagraphStyle("heading", "heading" if int(style.level) == 0 else "", unseen)
            if _LIST.match(style.name) or style.numbered is not None:
                return ParagraphStyle("paragraph" if style.numbered is False else "item", "", unseen)
        return ParagraphStyle(unseen=unseen)

    def _line_of(self, id: str) -> Iterator[_Style]:
        """Yield a style and those that it is based on, nearest first."""
        seen = set()
        while id in self._styles and id not in seen:
            seen.add(id)
            yield self._styles[id]
            id = self._styles[id].based_on


def _switched(line: list[_Style] | Iterator[_Style]) -> Unseen:
    found: dict[str, bool] = {}
    for style in line:
        found = {**style.toggles, **found}
    return frozenset(each for each, on in found.items() if on)


def toggles(properties: Element | None) -> dict[str, bool]:
    """Return what properties of text say of its being seen, only what they do say."""
    if properties is None:
        return {}
    return {name(each): is_on(attribute(each, "w:val", "1")) for each in properties if name(each) in _UNSEEN}


def numbered(properties: Element | None) -> bool | None:
    """Return whether properties make a paragraph an item of a list, False where they take that back."""
    numbering = child(properties, "w:numPr")
    if numbering is None:
        return None
    return attribute(child(numbering, "w:numId"), "w:val", "1") != "0"


def is_on(value: str) -> bool:
    return value not in ("0", "false", "off", "none")
