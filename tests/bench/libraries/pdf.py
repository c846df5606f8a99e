"""Readers of PDF files compared: what they accept, and whether it is what was printed."""

from __future__ import annotations

import io
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from bidi.algorithm import get_display

from corpus.arabic import fold_text
from corpus.decode import NoTextError
from corpus.parse import read
from corpus.parse.faithful import is_faithful
from tests.bench.libraries.printing import Printed, printed

Reader = Callable[[bytes], str]

EXACT, MARKS, WRONG, REFUSED = "exact", "marks differ", "wrong", "refused"
"""Verdicts on one file: every word in its place; only vowel signs or spellings of a letter differ; accepted though
words are missing, changed or out of place; not accepted."""


def _ours(data: bytes) -> str:
    return read(data, ".pdf").text


def _pdfium(data: bytes) -> str:
    document = import_module("pypdfium2").PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def _pdfminer(data: bytes) -> str:
    text: str = import_module("pdfminer.high_level").extract_text(io.BytesIO(data))
    return text


def _pdfminer_reordered(data: bytes) -> str:
    """Take the lines of pdfminer for what the page shows, and turn them into the order of writing."""
    return "\n".join(str(get_display(line, base_dir="R")) for line in _pdfminer(data).splitlines())


def _pypdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in import_module("pypdf").PdfReader(io.BytesIO(data)).pages)


READERS: dict[str, tuple[Reader, bool]] = {
    "ours": (_ours, False),
    "pypdfium2": (_pdfium, True),
    "pdfminer.six": (_pdfminer, True),
    "pdfminer.six, python-bidi": (_pdfminer_reordered, True),
    "pypdf": (_pypdf, True),
}
"""Each reader, and whether its text still has to pass ``is_faithful``; ours has."""


def words(text: str) -> list[str]:
    """Return the words of a text with letters for their shapes, without characters that only direct."""
    letters = unicodedata.normalize("NFKC", text)
    return "".join(char for char in letters if unicodedata.category(char) != "Cf").split()


def verdict(text: str | None, wanted: str) -> str:
    """Judge what a reader made of a file (None: refused) by the text printed to it."""
    if text is None:
        return REFUSED
    found, right = words(text), words(wanted)
    if found == right:
        return EXACT
    return MARKS if [*map(fold_text, found)] == [*map(fold_text, right)] else WRONG


def accepted(reader: Reader, gated: bool, data: bytes) -> str | None:
    try:
        text = reader(data)
    except NoTextError:
        return None
    return text if not gated or is_faithful(text) else None


def compare(articles: Sequence[Path], keep: Path | None = None) -> str:
    """Return the verdicts on every printed article as a table; ``keep`` gets the files that were read wrongly."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    seconds: dict[str, float] = defaultdict(float)
    for file in printed(articles):
        for name, (reader, gated) in READERS.items():
            started = time.perf_counter()
            text = accepted(reader, gated, file.data)
            seconds[name] += time.perf_counter() - started
            result = verdict(text, file.text)
            counts[name, f"{file.engine}, {file.layout}"][result] += 1
            if keep and text is not None and result == WRONG:
                _keep(
                    keep / f"{name}-{file.engine}-{file.layout}-{file.article}".replace(" ", "_"), file, text
                )
    rows = [
        f"| reader | printed by | files | {EXACT} | {MARKS} | {WRONG} | {REFUSED} |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in READERS:
        by_page = {page: count for (reader_name, page), count in counts.items() if reader_name == name}
        for page, count in [*sorted(by_page.items()), ("all", sum(by_page.values(), Counter[str]()))]:
            figures = " | ".join(str(count[each]) for each in (EXACT, MARKS, WRONG, REFUSED))
            rows.append(f"| {name} | {page} | {count.total()} | {figures} |")
    ratios = ", ".join(f"{name} {seconds[name] / seconds['ours']:.2f}" for name in READERS)
    return "\n".join([*rows, "", f"time, ours being 1: {ratios}"])


def _keep(path: Path, file: Printed, text: str) -> None:
    path.with_suffix(".pdf").write_bytes(file.data)
    path.with_suffix(".read.txt").write_text(text, encoding="utf-8")
    path.with_suffix(".wanted.txt").write_text(file.text, encoding="utf-8")
