"""The process that takes the text out of a PDF: the file on standard input, JSON on standard output.

    {"pages": [[Line, …], …]}    or    {"reason": "…", "detail": "…"}

It may die in any way of what is in the file; `corpus.parse.pdf` starts it.
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


def main() -> None:
    seconds, memory, most_pages, most_characters = map(int, sys.argv[2:])
    _bound(seconds, memory)
    logging.disable(logging.CRITICAL)  # pdfminer tells of every oddity of a file
    json.dump(extract(sys.stdin.buffer.read(), most_pages, most_characters), sys.stdout)


def extract(data: bytes, most_pages: int, most_characters: int) -> dict[str, Any]:
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    from corpus.parse.glyphs import Glyphs, TooManyGlyphsError
    from corpus.parse.typeset import UnsureOrderError, lines_of

    try:
        # What only forbids printing or copying opens with an empty password.
        document = PDFDocument(PDFParser(BytesIO(data)))
        pages = list(islice(PDFPage.create_pages(document), most_pages + 1))
        if len(pages) > most_pages:
            return _no(Reason.TOO_LARGE, f"more than {most_pages:,} pages")
        if not pages:
            return _no(Reason.DAMAGED)
        glyphs = Glyphs(most_characters)
        return {"pages": lines_of([glyphs.read(page) for page in pages])}
    except (PDFPasswordIncorrect, PDFEncryptionError):
        return _no(Reason.LOCKED)
    except TooManyGlyphsError:
        return _no(Reason.TOO_LARGE, f"more than {most_characters:,} characters")
    except UnsureOrderError as error:
        return _no(Reason.UNFAITHFUL, f"page {error.page}: the order of “{error.words}” is not clear")


def _no(reason: Reason, detail: str = "") -> dict[str, Any]:
    return {"reason": reason, "detail": detail}


def _bound(seconds: int, memory: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
