"""Articles in Word documents.

The stored text of a document is its paragraphs, headings, list items and table rows, one a line, in the order in
which they stand; cells are parted by tabs. Headers, footers, comments and deleted text are left out.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from corpus.article import BlockKind
from corpus.decode import NoTextError, Reason
from corpus.parse.page import Page, Said
from corpus.parse.written import write

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

MOST_PARTS = 5_000
MOST_UNPACKED = 100 * 1024 * 1024
"""Bytes of all parts: a document with its pictures."""
MOST_MARKUP = 20 * 1024 * 1024
"""Bytes of one part that is parsed: some hundred times a long report."""

_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE file: a document with a password, or an old .doc
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TITLE = re.compile(r"Title$|heading 1$", re.IGNORECASE)
_HEADING = re.compile(r"Title$|Subtitle$|heading \d$", re.IGNORECASE)
_LIST = re.compile(r"List\b", re.IGNORECASE)


def read_docx(data: bytes) -> Page:
    """The article of a Word document. Raises NoTextError."""
    _check(data)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        found = list(_lines(Document(io.BytesIO(data))))
    except (
        OpcError,
        LxmlError,
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        AttributeError,
    ) as error:
        raise NoTextError(Reason.DAMAGED, type(error).__name__) from error
    if not found:
        raise NoTextError(Reason.EMPTY)
    title = next((text for text, _, heads in found[:3] if heads), "")
    text, kinds = write([(text, kind) for text, kind, _ in found if text != title], title)
    return Page(text, Said(title=title, kinds=kinds))


def _check(data: bytes) -> None:
    """What can be known before anything is unpacked. A size that an archive only claims is checked again by
    the reader, which stops where the claimed one ends."""
    if data.startswith(_LOCKED):
        locked = _ENCRYPTED in data
        raise NoTextError(
            Reason.LOCKED if locked else Reason.UNSUPPORTED, "" if locked else "an old Word file"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            listed = parts.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise NoTextError(Reason.DAMAGED, "no Word document") from error
    if any(part.flag_bits & 1 for part in listed):
        raise NoTextError(Reason.LOCKED)
    unpacked = sum(part.file_size for part in listed)
    markup = max((part.file_size for part in listed if part.filename.endswith((".xml", ".rels"))), default=0)
    if len(listed) > MOST_PARTS or unpacked > MOST_UNPACKED or markup > MOST_MARKUP:
        raise NoTextError(Reason.TOO_LARGE, f"{unpacked:,} bytes unpacked")
    if "word/document.xml" not in {part.filename for part in listed}:
        raise NoTextError(Reason.DAMAGED, "no Word document")


def _lines(document: Document) -> Iterator[tuple[str, BlockKind, bool]]:
    """The lines of a document: text, kind, and whether it is styled as the title."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells: list[Any] = []
                for cell in row.cells:  # a merged cell comes once for each column
                    if cell._tc not in cells:
                        cells.append(cell._tc)
                texts = [" ".join(_text(each) for each in cell.iterchildren("{*}p")) for cell in cells]
                if line := "\t".join(text.strip() for text in texts if text.strip()):
                    yield line, "paragraph", False
            continue
        for line in _text(block._p).splitlines():
            if line.strip():
                yield line.strip(), _kind(block), bool(_TITLE.search(_style(block)))


def _kind(paragraph: Paragraph) -> BlockKind:
    if _HEADING.search(_style(paragraph)):
        return "heading"
    properties = paragraph._p.pPr
    numbered = properties is not None and properties.numPr is not None
    return "item" if numbered or _LIST.match(_style(paragraph)) else "paragraph"


def _style(paragraph: Paragraph) -> str:
    style = paragraph.style
    return (style.name or "") if style is not None else ""


_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}tab": "\t", f"{_WORD}noBreakHyphen": "\u2011"}
_LEFT_OUT = frozenset(
    f"{_WORD}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "txbxContent")
)


def _text(element: Any) -> str:
    """The text of a paragraph: with links and what was inserted, without what was deleted."""
    parts: list[str] = []
    for child in element:
        if child.tag == f"{_WORD}t":
            parts.append(child.text or "")
        elif child.tag in _BREAKS:
            parts.append(_BREAKS[child.tag])
        elif child.tag not in _LEFT_OUT and isinstance(child.tag, str):
            parts.append(_text(child))
    return "".join(parts)
