"""The process that takes the text out of a PDF: the file on standard input, JSON on standard output.

    {"pages": ["…", …]}    or    {"reason": "…", "detail": "…"}

It may die in any way of what is in the file; `corpus.parse.pdf` starts it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from io import BytesIO
from typing import Any

from corpus.decode import Reason


def main() -> None:
    seconds, memory = map(int, sys.argv[2:4])
    _bound(seconds, memory)
    logging.disable(logging.CRITICAL)  # pypdf tells of every oddity of a file
    json.dump(extract(sys.stdin.buffer.read()), sys.stdout)


def extract(data: bytes) -> dict[str, Any]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    from corpus.parse.pdf import MOST_CHARACTERS, MOST_PAGES

    locked = {"reason": Reason.LOCKED, "detail": ""}
    try:
        reader = PdfReader(BytesIO(data))
        # What only forbids printing or copying opens with an empty password.
        if reader.is_encrypted and not reader.decrypt(""):
            return locked
        count = len(reader.pages)
        if count > MOST_PAGES:
            return {"reason": Reason.TOO_LARGE, "detail": f"{count:,} pages, the limit is {MOST_PAGES:,}"}
        pages = []
        for page in reader.pages:
            pages.append(page.extract_text())
            if (size := sum(map(len, pages))) > MOST_CHARACTERS:
                return {"reason": Reason.TOO_LARGE, "detail": f"more than {size:,} characters"}
        return {"pages": pages}
    except (DependencyError, FileNotDecryptedError):
        return locked


def _bound(seconds: int, memory: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
