"""XML of any size, one element after another: no entities of its own, nothing fetched, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from corpus.decode import NoTextError, Reason


def stream_elements(stream: IO[bytes], names: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Yield the elements of these local names with their names, each emptied after its turn.

    Of one that stands within another only the outer one is emptied. Raises NoTextError for what is no XML.
    """
    from lxml import etree  # type: ignore[import-untyped]

    events = etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        recover=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = seen = 0
    inside = 0  # depth of the outermost element that was asked for
    try:
        for event, element in events:
            if event == "start":
                seen += 1
                depth += 1
                if not inside and local(element) in names:
                    inside = depth
                continue
            if inside and depth == inside:
                inside = 0
                yield local(element), element
            if not inside:
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
            depth -= 1
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise NoTextError(Reason.DAMAGED, "no XML" if not seen else "breaks off") from error
    # What is recovered from ends the reading without a word where nothing more can be read.
    if depth:
        raise NoTextError(Reason.DAMAGED, "breaks off")
    if not seen:
        raise NoTextError(Reason.DAMAGED, "no XML")


def local(element: Any) -> str:
    """Return an element's name without its namespace, in lower case; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def texts(element: Any) -> dict[str, str]:
    """Return the text of an element's children by local name: of several of one name the first."""
    found: dict[str, str] = {}
    for child in element:
        if (name := local(child)) and (text := "".join(child.itertext()).strip()):
            found.setdefault(name, text)
    return found
