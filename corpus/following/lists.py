"""Lists of sources: OPML as feed readers export it, or a text with one address a line."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.decode import NoTextError, decode_markup
from corpus.parse.collections.xmlstream import stream_elements

_MOST_BYTES = 5 * 1024 * 1024
_OPML = re.compile(rb"<opml\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListedSource:
    """An address in a list, with the name that the list gives it."""

    address: str
    title: str | None = None


def sources_in(path: Path) -> list[ListedSource] | None:
    """Return the addresses in a file that is a list of sources; None for any other file.

    A text is one when each of its lines is an address, blank ones and those that begin with «#» aside.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            return None
        if path.suffix.lower() in (".opml", ".xml") and _OPML.search(data[:4096]):
            return list(_outlines(data))
        if path.suffix.lower() != ".txt":
            return None
        lines = [line.strip() for line in decode_markup(data).splitlines()]
    except (OSError, NoTextError):
        return None
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines or not all(_ADDRESS.fullmatch(line) for line in lines):
        return None
    return [ListedSource(line) for line in dict.fromkeys(lines)]


def _outlines(data: bytes) -> Iterator[ListedSource]:
    seen: set[str] = set()
    for _, body in stream_elements(io.BytesIO(data), frozenset({"body"})):
        for element in body.iter():
            said = {str(name).lower(): str(value).strip() for name, value in element.attrib.items()}
            url = said.get("xmlurl", "")
            if _ADDRESS.fullmatch(url) and url not in seen:
                seen.add(url)
                yield ListedSource(url, said.get("title") or said.get("text") or None)
