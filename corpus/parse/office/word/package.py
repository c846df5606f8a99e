"""The parts of a Word document, found by their relationships and not by their names."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property

from corpus.decode import NoTextError, Reason
from corpus.parse.office.old import PRESENTATION, SPREADSHEET
from corpus.parse.office.xmlparts import Element, attribute, has_declarations, name, read_xml
from corpus.parse.office.zipped import Zipped, broken, resolved

_MAIN = ("word/document.xml", "word/document2.xml")
"""Where the main part stands in files that do not say so."""
_OTHERS = {"workbook": SPREADSHEET, "presentation": PRESENTATION}
_MOST_LINKS = 100_000


@dataclass(frozen=True, slots=True)
class Relationship:
    """A reference from a part to another one; ``target`` is its name, whether or not it is there."""

    kind: str
    """The last word of its type: «styles», «aFChunk»."""
    target: str


class Package:
    """The parts of a Word document. Raises NoTextError when the file is none."""

    def __init__(self, parts: Zipped) -> None:
        self._parts = parts
        self._links = _links(parts, "")
        said = [link.target for link in self._links.values() if link.kind == "officeDocument"]
        self.main = next((each for each in (*said, *_MAIN) if each in parts), "")
        """The name of the part that holds the text."""
        if not self.main:
            raise NoTextError(Reason.DAMAGED, "no Word document")

    @cached_property
    def document(self) -> Element:
        """The root element of the main part."""
        root = self.part(self.main)
        if name(root) in _OTHERS:
            raise NoTextError(Reason.UNSUPPORTED, _OTHERS[name(root)])
        if name(root) != "w:document":
            raise NoTextError(Reason.DAMAGED, "no Word document")
        return root

    @cached_property
    def links(self) -> dict[str, Relationship]:
        """The relationships of the main part by their ids."""
        return _links(self._parts, self.main)

    def related(self, kind: str) -> list[str]:
        """Return the names of the parts that the main part refers to with this kind, those that are there."""
        return [
            each.target for each in self.links.values() if each.kind == kind and each.target in self._parts
        ]

    def links_of(self, part: str) -> list[Relationship]:
        return list(_links(self._parts, part).values())

    def data(self, part: str) -> bytes | None:
        """Return the bytes of a part, None where it is not there."""
        return self._parts.read(part)

    def part(self, part: str) -> Element | None:
        """Return the root element of a part, None where it is not there."""
        data = self._parts.read(part)
        if data is None:
            return None
        root = read_xml(data, part)
        if has_declarations(root):
            raise NoTextError(Reason.DAMAGED, broken(part))
        return root

    def title(self) -> str:
        """Return the title in the document's properties."""
        for link in self._links.values():
            if link.kind == "core-properties" and (root := self.part(link.target)) is not None:
                return next(
                    (" ".join((each.text or "").split()) for each in root if name(each) == "dc:title"), ""
                )
        return ""


def _links(parts: Zipped, part: str) -> dict[str, Relationship]:
    """Return the relationships of a part by their ids, and those of the document for ""; none of other sites."""
    folder, file = posixpath.split(part)
    links = posixpath.join(folder, "_rels", f"{file}.rels")
    data = parts.read(links)
    if data is None:
        return {}
    found: dict[str, Relationship] = {}
    for each in list(read_xml(data, links))[:_MOST_LINKS]:
        target = attribute(each, "Target")
        if target and attribute(each, "TargetMode") != "External":
            kind = attribute(each, "Type").rpartition("/")[2]
            found[attribute(each, "Id")] = Relationship(kind, resolved(target, folder))
    return found
