"""Process that extracts the text of a PDF: the file on standard input, JSON on standard output.

    {"pages": [[Line, …], …]}    or    {"reason": "…", "detail": "…"}

The content of a file may make it die in any way; `corpus.parse.pdf` starts it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from io import BytesIO
from itertools import islice
from typing import Any

from corpus.decode import Reason


class DamagedStreamError(Exception):
    """A stream of the file is damaged."""


def main() -> None:
    seconds, memory, most_pages, most_characters = map(int, sys.argv[2:])
    _bound(seconds, memory)
    logging.disable(logging.CRITICAL)  # pdfminer tells of every oddity of a file
    json.dump(extract(sys.stdin.buffer.read(), most_pages, most_characters), sys.stdout)


def extract(data: bytes, most_pages: int, most_characters: int) -> dict[str, Any]:
    from pdfminer import pdftypes
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    from corpus.parse.pdf.glyphs import Glyphs, TooManyGlyphsError
    from corpus.parse.pdf.rows import UnsureOrderError
    from corpus.parse.pdf.typeset import lines_of

    pdftypes.decompress_corrupted = _refuse_to_guess  # what a broken stream holds further on would be missing
    try:
        # What only forbids printing or copying opens with an empty password.
        document = PDFDocument(PDFParser(BytesIO(data)))
        pages = list(islice(PDFPage.create_pages(document), most_pages + 1))
        if len(pages) > most_pages:
            return _no(Reason.TOO_LARGE, f"more than {most_pages:,} pages")
        if not pages:
            return _no(Reason.DAMAGED)
        glyphs = Glyphs(most_characters)
        found = [glyphs.read(page) for page in pages]
        if glyphs.turned > max(_STAMP * len(pages), sum(map(len, found)) / 20):
            return _no(Reason.UNFAITHFUL, "text that does not run from side to side")
        return {"pages": lines_of(found)}
    except DamagedStreamError:
        return _no(Reason.DAMAGED)
    except (PDFPasswordIncorrect, PDFEncryptionError):
        return _no(Reason.LOCKED)
    except TooManyGlyphsError:
        return _no(Reason.TOO_LARGE, f"more than {most_characters:,} characters")
    except UnsureOrderError as error:
        return _no(Reason.UNFAITHFUL, f"page {error.page}: the order of “{error.words}” is not clear")


_STAMP = 60  # glyphs a page that may run across it


def _refuse_to_guess(data: bytes) -> bytes:
    raise DamagedStreamError


def _no(reason: Reason, detail: str = "") -> dict[str, Any]:
    return {"reason": reason, "detail": detail}


def _bound(seconds: int, memory: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
