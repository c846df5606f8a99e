"""Articles in PDF files, where their text can be read as it was written.

A PDF says where glyphs stand, not how a text runs: of Arabic, programs recover letters and words in all orders.
So what comes out is tested (`is_faithful`), and a file whose text fails the test is refused: a quote of it would
be words that nobody wrote. The stored text is the file's paragraphs, one a line, its wrapped lines joined with a
space, its page numbers and running heads left out, and Arabic letters as letters where the file names the
shapes they have in a word.

Reading happens in a process of its own, with bounds on time and memory: such files come from strangers.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from corpus.decode import NoTextError, Reason
from corpus.parse.faithful import is_faithful
from corpus.parse.page import Page

MOST_PAGES = 200
MOST_CHARACTERS = 5_000_000
"""Of all pages: some hundred times what so many hold. A small file may unpack to any length."""
SECONDS = 30
MEMORY = 1024**3
"""Bytes of address space for the process that reads."""

_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from corpus.parse.pdfpages import main; main()"
)


def read_pdf(data: bytes) -> Page:
    """The text of a PDF file. Raises NoTextError."""
    if b"%PDF-" not in data[:1024]:
        raise NoTextError(Reason.DAMAGED, "no PDF")
    pages = _extract(data)
    if not any(character.isalpha() for page in pages for character in page):
        raise NoTextError(Reason.SCANNED)
    pages = [letters(page) for page in pages]
    if not is_faithful("\n".join(pages)):
        raise NoTextError(Reason.UNFAITHFUL)
    return Page("\n\n".join(paragraphs(pages)))


def _extract(data: bytes) -> list[str]:
    """The text of each page, as pypdf gives it. Raises NoTextError."""
    command = [sys.executable, "-I", "-c", _CHILD, json.dumps(sys.path), str(SECONDS), str(MEMORY)]
    try:
        child = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS + 5, check=False)
    except subprocess.TimeoutExpired as error:
        raise NoTextError(Reason.TOO_SLOW, f"more than {SECONDS} s") from error
    if child.returncode < 0:  # a signal: its time was over
        raise NoTextError(Reason.TOO_SLOW, f"more than {SECONDS} s")
    if child.returncode:  # a file that breaks the reader
        raise NoTextError(Reason.DAMAGED)
    said = json.loads(child.stdout)
    if "reason" in said:
        raise NoTextError(Reason(said["reason"]), said["detail"])
    return [str(page) for page in said["pages"]]


_SHAPES = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")


def letters(text: str) -> str:
    """Arabic letters for the shapes they have in a word: «ﻛ» is «ك»."""
    return _SHAPES.sub(lambda shape: unicodedata.normalize("NFKC", shape[0]), text)


_BULLET = re.compile(r"[•●▪◦‣·*–—-]\s|\d{1,2}[.)-]\s")
_STOP = re.compile(r"[.؟?!…:]\W*$")
_FULL = 0.75  # of the usual length of a line: a shorter one ends a paragraph
_LONGEST_HEAD = 12  # words of a running head
_RUNNING = 3  # pages on which a line at the edge is a running head


def paragraphs(pages: Sequence[str]) -> list[str]:
    """The paragraphs of a document: lines that were wrapped are joined, also over pages."""
    lines = _without_running([[" ".join(line.split()) for line in page.splitlines()] for page in pages])
    lengths = sorted(len(line) for line in lines if line)
    usual = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    found: list[str] = []
    goes_on = False
    for line in lines:
        if not line:
            goes_on = goes_on and not _STOP.search(found[-1])
            continue
        if goes_on and not _BULLET.match(line):
            found[-1] += line if re.search(r"[A-Za-z]-$", found[-1]) else f" {line}"
        else:
            found.append(line)
        goes_on = len(line) >= _FULL * usual
    return found


def _without_running(pages: Sequence[Sequence[str]]) -> list[str]:
    """All lines but page numbers, and lines that stand at the edge of several pages."""
    edges: Counter[str] = Counter()
    for page in pages:
        edges.update({_shape(line) for line in _edge(page)})
    kept: list[str] = []
    for page in pages:
        running = {
            line for line in _edge(page) if edges[_shape(line)] >= _RUNNING or not _shape(line).strip("# ")
        }
        kept.extend(line for line in page if line not in running)
    return kept


def _edge(page: Sequence[str]) -> Iterable[str]:
    filled = [line for line in page if line]
    return [line for line in (*filled[:2], *filled[-2:]) if len(line.split()) <= _LONGEST_HEAD]


def _shape(line: str) -> str:
    """A line with its numbers alike, for comparing running heads: «صفحة # من #»."""
    return re.sub(r"\d+", "#", re.sub(r"[^\w\s]|_", "", line)).strip()
