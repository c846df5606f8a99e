"""Markup of the parts of a document, with names that leave out which edition of a standard they are of."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from corpus.decode import NoTextError, Reason
from corpus.parse.office.zipped import broken

Element: TypeAlias = Any
"""An lxml element; lxml has no types."""

_OPENDOCUMENT = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMESPACES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "urn:schemas-microsoft-com:vml": "v",
    f"{_OPENDOCUMENT}office:1.0": "office",
    f"{_OPENDOCUMENT}text:1.0": "text",
    f"{_OPENDOCUMENT}table:1.0": "table",
    f"{_OPENDOCUMENT}style:1.0": "style",
    f"{_OPENDOCUMENT}drawing:1.0": "draw",
    "http://purl.org/dc/elements/1.1/": "dc",
}


def read_xml(data: bytes, part: str = "") -> Element:
    """Return the root element of a part. Raises NoTextError for damaged markup, with the name of the part.

    Entities of a document's own are not resolved, because they may read any file or grow without measure; without them
    its text would have holes. No program that writes documents uses them: such a part counts as damaged.
    """
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
        if next(root.iter(etree.Entity), None) is None:
            return root
    except (etree.LxmlError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
    raise NoTextError(Reason.DAMAGED, broken(part))


def has_declarations(root: Element) -> bool:
    """Return whether a part begins with a document type, which the formats of Word do not allow."""
    return root.getroottree().docinfo.internalDTD is not None


def name(element: Element) -> str:
    """Return the name of an element with the usual prefix of its namespace, if that is one of those read here.

    "" for entities, which have none.
    """
    tag = element.tag
    return _short(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _short(tag: str) -> str:
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    prefix = _NAMESPACES.get(namespace)
    return f"{prefix}:{local}" if prefix else local


def child(element: Element | None, wanted: str) -> Element | None:
    """Return the first child of this name."""
    if element is None:
        return None
    return next((each for each in element if name(each) == wanted), None)


def attribute(element: Element | None, wanted: str, default: str = "") -> str:
    """Return an attribute by its name with the usual prefix, whichever edition of the standard it is of."""
    if element is None:
        return default
    return next((value for key, value in element.attrib.items() if _short(key) == wanted), default)
