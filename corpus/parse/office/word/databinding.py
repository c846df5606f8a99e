"""Values of forms that are bound to data: Word shows the data, whatever the document last held in their place."""

from __future__ import annotations

import re

from corpus.parse.office.word.package import Package
from corpus.parse.office.xmlparts import Element, attribute, child, name

_PREFIX = re.compile(r"xmlns:([\w.-]+)=['\"]([^'\"]*)['\"]")
_STEP = re.compile(r"/(?:([\w.-]+):)?([\w.-]+)(?:\[(\d{1,6})\])?")
_ATTRIBUTE = re.compile(r"/@([\w.-]+)")
_LONGEST_PATH = 1000


class Bindings:
    """The data of a document, which its forms name by paths."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._stores: dict[str, Element] | None = None

    def value(self, properties: Element | None) -> str | None:
        """Return the value of a form of plain text with these properties; None if it is bound to none."""
        binding = child(properties, "w:dataBinding")
        if binding is None or child(properties, "w:text") is None:
            return None
        if self._stores is None:
            self._stores = self._read()
        root = self._stores.get(attribute(binding, "w:storeItemID").lower())
        prefixes = dict(_PREFIX.findall(attribute(binding, "w:prefixMappings")))
        return None if root is None else _value(root, attribute(binding, "w:xpath"), prefixes)

    def _read(self) -> dict[str, Element]:
        """Return the roots of the document's data by their ids."""
        found: dict[str, Element] = {}
        for part in self._package.related("customXml"):
            for link in self._package.links_of(part):
                properties = self._package.part(link.target) if link.kind == "customXmlProps" else None
                root = self._package.part(part) if properties is not None else None
                if properties is not None and root is not None:
                    id = next(
                        (value for key, value in properties.attrib.items() if key.endswith("itemID")), ""
                    )
                    found[id.lower()] = root
        return found


def _value(root: Element, path: str, prefixes: dict[str, str]) -> str | None:
    """Return the text at a path of plain steps, «/ns0:news[1]/ns0:place[1]»; None for one that is not there.

    Other paths, which could take any time, are not followed.
    """
    at, among = 0, [root]
    found: Element | None = None
    path = path[:_LONGEST_PATH]
    while step := _STEP.match(path, at):
        prefix, local, number = step.groups()
        tag = f"{{{prefixes.get(prefix, '')}}}{local}" if prefix else local
        same = [each for each in among if each.tag == tag]
        place = int(number or 1) - 1
        if not 0 <= place < len(same):
            return None
        found, at = same[place], step.end()
        among = list(found)
    if found is None:
        return None
    if (last := _ATTRIBUTE.fullmatch(path, at)) is not None:
        value: str | None = found.get(last[1])
        return value
    if at < len(path) or any(name(each) for each in found):
        return None
    return found.text or ""
