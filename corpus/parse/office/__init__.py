"""Articles in files of word processors and in electronic books, by what a file holds rather than by its name.

    zipped       the parts of a zip file, within bounds
    xmlparts     a part's markup, and its names without their namespaces
    lines        what all formats give: lines with their kinds; rows of tables; the stored text
    word         Word documents (.docx)
    opendocument OpenDocument texts (.odt, .fodt)
    rtf          Rich Text (.rtf)
    epub         electronic books
    web          pages that stand in a document or a book
    old          older formats, which are told apart and refused

The stored text is the paragraphs, headings, list items and table rows that a reader of the file sees, one a line,
in the file's order; cells are separated by tabs. Headers, footers, notes and comments are left out, and so is text
that was deleted, hidden or struck out.
"""

from __future__ import annotations

import re

from corpus.decode import NoTextError, Reason
from corpus.parse.page import Page

_RTF = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,20}\{\\rtf")
_OPENDOCUMENT = re.compile(rb"<office:document\b")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HEAD = 4096  # bytes that tell markup


def read_office(data: bytes, kind: str) -> Page:
    """The article of a file of one of these formats.

    ``kind`` is the suffix of its name. What its bytes are takes precedence, for many a file is saved in one format
    under the name of another. Raises NoTextError, for old formats with what to do.
    """
    from corpus.parse.office.old import refuse_old

    refuse_old(data)
    if data.startswith(b"PK"):
        return _read_zipped(data, kind)
    if _RTF.match(data):
        from corpus.parse.office.rtf import read_rtf

        return read_rtf(data)
    head = data[:_HEAD]
    if _OPENDOCUMENT.search(head):
        from corpus.parse.office.opendocument import read_flat

        return read_flat(data)
    if _HTML.search(head):
        from corpus.parse.html import read_html

        return read_html(data)
    raise NoTextError(Reason.DAMAGED, _NONE.get(kind, ""))


def _read_zipped(data: bytes, kind: str) -> Page:
    from corpus.parse.office.zipped import Zipped

    parts = Zipped(data, _NONE.get(kind, ""))
    said = parts.media_type()
    if said.startswith("application/vnd.oasis.opendocument") or (not said and "content.xml" in parts):
        from corpus.parse.office.opendocument import read_opendocument

        return read_opendocument(parts)
    if said.startswith("application/epub") or "META-INF/container.xml" in parts:
        from corpus.parse.office.epub import read_epub

        return read_epub(parts)
    from corpus.parse.office.word import read_word

    return read_word(parts)


_NONE = {
    ".odt": "no OpenDocument text",
    ".fodt": "no OpenDocument text",
    ".rtf": "no RTF file",
    ".epub": "no electronic book",
    **dict.fromkeys((".doc", ".docx", ".docm"), "no Word document"),
}
