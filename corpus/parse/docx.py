"""Reading of articles from Word documents.

The stored text of a document is its paragraphs, headings, list items and table rows, one per line, in
document order; cells are separated by tabs. Headers, footers, comments and deleted text are left out.
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
from corpus.parse.page import Page, PageMetadata
from corpus.parse.written import write

if TYPE_CHECKING:
    from docx.document import Document

MOST_PARTS = 5_000
MOST_UNPACKED = 100 * 1024 * 1024
"""Maximum number of bytes of all parts together: a document with its pictures."""
MOST_PART = 20 * 1024 * 1024
"""Maximum number of bytes of one part: some hundred times a long report.

It applies to pictures too, because a document itself declares which of its parts are markup, whatever their
names.
"""

_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE file: a document with a password, or an old .doc
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TITLE = re.compile(r"Title|heading 1", re.IGNORECASE)
_HEADING = re.compile(r"(?:Sub)?title|heading \d", re.IGNORECASE)
_LIST = re.compile(r"List\b", re.IGNORECASE)

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}tab": "\t", f"{_WORD}noBreakHyphen": "\u2011"}
_LEFT_OUT = frozenset(
    f"{_WORD}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "txbxContent")
)


def read_docx(data: bytes) -> Page:
    """Return the article of a Word document.

    Raises NoTextError when the file is locked, damaged, too large, empty or an old Word file.
    """
    _check(data)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import ErrorTypes, LxmlError  # type: ignore[import-untyped]

    # A file that is no document in spite of its parts shows anywhere in the reader.
    of_the_file = (OpcError, LxmlError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
    of_its_parts = (ValueError, LookupError, AttributeError, TypeError, AssertionError)
    try:
        found = list(_lines(Document(io.BytesIO(data))))
    except (*of_the_file, *of_its_parts) as error:
        if getattr(error, "code", None) == ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise NoTextError(Reason.DAMAGED, type(error).__name__) from error
    if not found:
        raise NoTextError(Reason.EMPTY)
    title = next((text for text, _, heads in found[:3] if heads), "")
    text, kinds = write([(text, kind) for text, kind, _ in found if text != title], title)
    return Page(text, PageMetadata(title=title, kinds=kinds))


def _check(data: bytes) -> None:
    """Reject a file by the properties that are known before anything is unpacked.

    A size that an archive only claims is checked again by the reader, which stops where the claimed size
    ends.
    """
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
    largest = max((part.file_size for part in listed), default=0)
    if len(listed) > MOST_PARTS or unpacked > MOST_UNPACKED or largest > MOST_PART:
        raise NoTextError(Reason.TOO_LARGE, f"{unpacked:,} bytes unpacked")
    if "word/document.xml" not in {part.filename for part in listed}:
        raise NoTextError(Reason.DAMAGED, "no Word document")


def _lines(document: Document) -> Iterator[tuple[str, BlockKind, bool]]:
    """Yield the lines of a document: text, kind, and whether the line is styled as the title."""
    styles = _Styles(document)
    for block in _blocks(document.element.body):
        if block.tag == f"{_WORD}tbl":
            for row in block.iterchildren(f"{_WORD}tr"):
                cells = (
                    " ".join(map(_text, cell.iterchildren(f"{_WORD}p")))
                    for cell in row.iterchildren(f"{_WORD}tc")
                )
                if line := "\t".join(" ".join(cell.split()) for cell in cells if cell.strip()):
                    yield line, "paragraph", False
            continue
        style = styles.name_of(block)
        kind, heads = _kind(block, style), bool(_TITLE.fullmatch(style))
        for line in _text(block).splitlines():
            if line.strip():
                yield line.strip(), kind, heads


def _blocks(parent: Any) -> Iterator[Any]:
    """Yield paragraphs and tables in document order, including those in forms."""
    for child in parent:
        if child.tag in (f"{_WORD}p", f"{_WORD}tbl"):
            yield child
        elif child.tag in (f"{_WORD}sdt", f"{_WORD}sdtContent", f"{_WORD}ins"):
            yield from _blocks(child)


def _kind(block: Any, style: str) -> BlockKind:
    if _HEADING.fullmatch(style):
        return "heading"
    numbered = block.pPr is not None and block.pPr.numPr is not None
    return "item" if numbered or _LIST.match(style) else "paragraph"


class _Styles:
    """Names of a document's styles, each looked up once: a lookup goes through all of them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: dict[str | None, str] = {}

    def name_of(self, block: Any) -> str:
        """Return the name of a paragraph's style, "" for none."""
        from docx.text.paragraph import Paragraph

        if block.style not in self._names:
            style = Paragraph(block, self._document).style
            self._names[block.style] = (style.name or "") if style is not None else ""
        return self._names[block.style]


def _text(element: Any) -> str:
    """Return the text of a paragraph, with links and inserted text, without deleted text."""
    parts: list[str] = []
    for child in element:
        if child.tag == f"{_WORD}t":
            parts.append(child.text or "")
        elif child.tag in _BREAKS:
            parts.append(_BREAKS[child.tag])
        elif child.tag not in _LEFT_OUT and isinstance(child.tag, str):
            parts.append(_text(child))
    return "".join(parts)
