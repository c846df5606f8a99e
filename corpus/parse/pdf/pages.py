"""Extraction of the lines of a PDF file, page by page, or of the reason why they cannot be read."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from itertools import islice

from corpus.decode import NoTextError, Reason
from corpus.parse.pdf.layout import PageLine


class DamagedStreamError(Exception):
    """A stream of the file is damaged."""


def extract(data: bytes, most_pages: int, most_characters: int) -> tuple[list[list[PageLine]], int]:
    """Return the lines of each page, and the number of pages that are pictures. Raises NoTextError."""
    from pdfminer import pdftypes
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser
    from pdfminer.psexceptions import PSException

    from corpus.parse.pdf.glyphs import Glyphs, TooManyGlyphsError
    from corpus.parse.pdf.readingorder import lines_of
    from corpus.parse.pdf.rows import UnsureOrderError

    pdftypes.decompress_corrupted = _refuse_to_guess  # what a broken stream holds further on would be missing
    try:
        # What only forbids printing or copying opens with an empty password.
        document = PDFDocument(PDFParser(BytesIO(data)))
        pages = list(islice(PDFPage.create_pages(document), most_pages + 1))
        if len(pages) > most_pages:
            raise NoTextError(Reason.TOO_LARGE, f"more than {most_pages:,} pages")
        if not pages:
            raise NoTextError(Reason.DAMAGED)
        glyphs = Glyphs(most_characters)
        found = [glyphs.read(page) for page in pages]
        if glyphs.turned > max(_STAMP * len(pages), sum(map(len, found)) / 20):
            raise NoTextError(Reason.UNFAITHFUL, "text that does not run from side to side")
        return lines_of(found), glyphs.scanned
    except NoTextError:
        raise
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise NoTextError(Reason.LOCKED) from error
    except TooManyGlyphsError as error:
        raise NoTextError(Reason.TOO_LARGE, f"more than {most_characters:,} characters") from error
    except UnsureOrderError as error:
        detail = f"page {error.page}: the order of “{error.words}” is not clear"
        raise NoTextError(Reason.UNFAITHFUL, detail) from error
    except (DamagedStreamError, PSException, *_OF_DAMAGED_FILES) as error:
        raise NoTextError(Reason.DAMAGED) from error


# What is damaged shows anywhere in the reader.
_OF_DAMAGED_FILES = (
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    OSError,
    struct.error,
    zlib.error,
)
_STAMP = 60  # glyphs a page that may run across it


def _refuse_to_guess(data: bytes) -> bytes:
    raise DamagedStreamError
