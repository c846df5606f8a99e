"""Text recognition (OCR) with Tesseract: pictures of text, and PDF files whose pages are pictures.

    with Ocr() as ocr:
        table = ocr.recognise(data, ".png")      what `corpus.parse.recognised` reads, in the worker

A page is drawn as a plain grey picture by one process (``draw``, with Pillow and pypdfium2: the extra
``musnad[ocr]``) and read by Tesseract in another. Both are ``bounded`` in memory, time and what they write, and get a
temporary folder and nothing of the program's environment. What Tesseract passed over (``leftover``) it has to look at
once more. ``engine`` is the program's side.
"""

from __future__ import annotations

from corpus.ocr.engine import PICTURES, Limits, Ocr, missing

__all__ = ["PICTURES", "Limits", "Ocr", "missing"]
