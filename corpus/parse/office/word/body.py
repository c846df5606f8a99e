"""The lines of a Word document: what Word shows of its main part."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain

from corpus.article import BlockKind
from corpus.parse.office.lines import Line, joined, row_of
from corpus.parse.office.word.databinding import Bindings
from corpus.parse.office.word.package import Package
from corpus.parse.office.word.styles import ParagraphStyle, Styles, Unseen, is_on, numbered, toggles
from corpus.parse.office.xmlparts import Element, attribute, child, name

TakenIn = Callable[[bytes, str], Iterator[Line]]
"""The lines of a document that stands in another one, from its bytes and its name."""

_THROUGH = frozenset({"w:sdtContent", "w:customXml", "w:smartTag", "w:ins", "w:moveTo"})
"""What stands around paragraphs, rows, cells or text and changes nothing of them."""
_GONE = ("w:del", "w:moveFrom")
_LEFT_OUT = frozenset({*_GONE, "w:pPr", "w:rPr", "w:sdtPr", "w:instrText", "w:delText", "w:rt", "w:rubyPr"})
_SIGNS = {
    "w:br": "\n",
    "w:cr": "\n",
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:noBreakHyphen": "\u2011",
}
_PRIVATE = range(0xE000, 0xF900)  # what fonts of signs put there means nothing elsewhere
_SPACE = re.compile(r"[\t\n\r]+")  # Word takes each in a text for a space
_UNDERSTOOD = (
    "http://schemas.microsoft.com/office/",
    "http://schemas.openxmlformats.org/",
    "http://purl.oclc.org/",
)


class Body:
    """The text of a document, read once."""

    def __init__(self, package: Package, taken_in: TakenIn) -> None:
        self._package = package
        self._taken_in = taken_in
        styles = package.related("styles")
        self._styles = Styles(package.part(styles[0]) if styles else None)
        self._bindings = Bindings(package)
        self._codes = 0
        """Fields whose codes are open at the place at hand."""
        self._fields: list[bool] = []
        """The open fields; whether each is still at its code."""
        self._whole_fields = True

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the main part. Raises NoTextError."""
        root = self._package.document
        kinds = [attribute(each, "w:fldCharType") for each in root.iter("{*}fldChar")]
        self._whole_fields = kinds.count("begin") == kinds.count("end")
        body = child(root, "w:body")
        return self._blocks(body if body is not None else ())

    def _blocks(self, parent: Element) -> Iterator[Line]:
        """Yield paragraphs and rows of tables in their order."""
        for each in parent:
            match name(each):
                case "w:p":
                    yield from self._paragraph(each)
                case "w:tbl":
                    yield from self._table(each)
                case "w:altChunk":
                    yield from self._part(attribute(each, "r:id"))
                case "w:sdt":
                    value, content = self._form(each)
                    yield from self._blocks(content) if value is None else iter([Line(value)])
                case "mc:AlternateContent":
                    yield from self._blocks(_chosen(each))
                case other if other in _THROUGH:
                    yield from self._blocks(each)

    def _part(self, id: str) -> Iterator[Line]:
        link = self._package.links.get(id)
        data = self._package.data(link.target) if link else None
        if link and data:
            yield from self._taken_in(data, link.target)

    def _form(self, form: Element) -> tuple[str | None, Element]:
        """Return a form's value where it is bound to data, and its content.

        That is nothing where nobody filled it in, and for a table of contents.
        """
        properties = child(form, "w:sdtPr")
        gallery = child(child(properties, "w:docPartObj"), "w:docPartGallery")
        if attribute(gallery, "w:val") == "Table of Contents":
            return None, ()
        value = self._bindings.value(properties)
        content = child(form, "w:sdtContent")
        prompt = child(properties, "w:showingPlcHdr")
        if content is None or (
            value is None and prompt is not None and is_on(attribute(prompt, "w:val", "1"))
        ):
            return None, ()
        return value, content

    # Tables

    def _table(self, table: Element) -> Iterator[Line]:
        for row in self._within(table, "w:tr"):
            properties = child(row, "w:trPr")
            if any(child(properties, gone) is not None for gone in (*_GONE, "w:hidden")):
                continue
            cells = [
                list(joined(self._blocks(cell)))
                for cell in self._within(row, "w:tc")
                if child(child(cell, "w:tcPr"), "w:cellDel") is None
            ]
            yield from row_of(cells)

    def _within(self, parent: Element, wanted: str) -> Iterator[Element]:
        """Yield the rows of a table or the cells of a row, including those in forms."""
        for each in parent:
            found = name(each)
            if found == wanted:
                yield each
            elif found == "w:sdt":
                yield from self._within(self._form(each)[1], wanted)
            elif found == "mc:AlternateContent":
                yield from self._within(_chosen(each), wanted)
            elif found in _THROUGH:
                yield from self._within(each, wanted)

    # Paragraphs

    def _paragraph(self, paragraph: Element) -> Iterator[Line]:
        properties = child(paragraph, "w:pPr")
        style = self._styles.paragraph(attribute(child(properties, "w:pStyle"), "w:val"))
        text, boxes = list[str](), list[Element]()
        self._inline(paragraph, style.unseen, text, boxes)
        kind, heads = _kind(properties, style)
        yield Line("".join(text), kind, heads, joins=_joins(properties, style))  # type: ignore[arg-type]
        for box in boxes:
            if isinstance(box, str):
                yield Line(box)
            else:
                yield from self._blocks(box)

    def _inline(self, parent: Element, unseen: Unseen, text: list[str], boxes: list[Element]) -> None:
        """Add the text of a paragraph, a run, or of what stands around runs, and the text boxes that hang on it."""
        for each in parent:
            match name(each):
                case "w:t" | "m:t":
                    if not self._codes or not self._whole_fields:
                        text.append(_SPACE.sub(" ", _content(each)))
                case "w:r":
                    self._run(each, unseen, text, boxes)
                case "w:fldChar":
                    self._field(attribute(each, "w:fldCharType"))
                case "w:sdt":
                    value, content = self._form(each)
                    if value is None:
                        self._inline(content, unseen, text, boxes)
                    else:
                        text.append(value)
                case "w:sym":
                    text.append(_sign(attribute(each, "w:char")))
                case "w:txbxContent":
                    boxes.append(each)
                case "v:textpath":
                    boxes.append(each.get("string") or "")
                case "mc:AlternateContent":
                    self._inline(_chosen(each), unseen, text, boxes)
                case other if other in _SIGNS:
                    text.append(_SIGNS[other])
                case other if other and other not in _LEFT_OUT:
                    self._inline(each, unseen, text, boxes)

    def _run(self, run: Element, unseen: Unseen, text: list[str], boxes: list[Element]) -> None:
        properties = child(run, "w:rPr")
        if properties is not None or unseen:
            style = self._styles.characters(attribute(child(properties, "w:rStyle"), "w:val"))
            said = toggles(properties)
            # Styles of a paragraph and of its characters switch each other, what the run itself says stands.
            hidden = {each for each in unseen ^ style if each not in said} | {
                each for each in said if said[each]
            }
            if hidden:
                for each in run:
                    if name(each) == "w:fldChar":
                        self._field(attribute(each, "w:fldCharType"))
                return
        self._inline(run, unseen, text, boxes)

    def _field(self, kind: str) -> None:
        """Note where a field begins, where its code ends and its result begins, and where it ends."""
        if kind == "begin":
            self._fields.append(True)
        elif kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()
        self._codes = sum(self._fields[-64:])


def _content(element: Element) -> str:
    """Return the text of an element, without that of entities, which stay unresolved."""
    if not len(element):
        return element.text or ""
    return "".join(chain([element.text or ""], (each.tail or "" for each in element)))


def _kind(properties: Element | None, style: ParagraphStyle) -> tuple[BlockKind, str]:
    """Return the kind of a paragraph, and whether it heads the document."""
    level = attribute(child(properties, "w:outlineLvl"), "w:val")
    if style.kind != "heading" and level.isdecimal() and int(level) < 9:
        return "heading", "heading" if int(level) == 0 else ""
    if style.kind == "heading":
        return style.kind, style.heads
    item = numbered(properties)
    if item is None:
        return style.kind, style.heads
    return ("item" if item else "paragraph"), style.heads


def _joins(properties: Element | None, style: ParagraphStyle) -> bool:
    """Return whether the paragraph's mark is not there: deleted, moved away, hidden, or behind a letter that drops."""
    if attribute(child(properties, "w:framePr"), "w:dropCap") in ("drop", "margin"):
        return True
    mark = child(properties, "w:rPr")
    if mark is None:
        return False
    hidden = toggles(mark).get("w:vanish", "w:vanish" in style.unseen)
    return hidden or any(child(mark, each) is not None for each in (*_GONE, "w:specVanish"))


def _chosen(alternates: Element) -> Element:
    """Return the first alternative that Word understands, or what stands there for programs that understand none."""
    for each in alternates:
        if name(each) == "mc:Choice":
            names = [each.nsmap.get(prefix) or "" for prefix in attribute(each, "Requires").split()]
            if all(one.startswith(_UNDERSTOOD) for one in names):
                return each
        elif name(each) == "mc:Fallback":
            return each
    return ()


def _sign(code: str) -> str:
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return chr(number) if 0x20 <= number < 0xD800 and number not in _PRIVATE else ""
