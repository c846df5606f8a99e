"""Readers of dates compared: the ways of writing of ``tests/corpus/dateforms`` put to dateparser and htmldate.

Only lines and stamps are put to them. A line stands for htmldate in a page below a headline, a stamp in its head;
dateparser gets either by itself, told that the day comes first.
"""

from __future__ import annotations

import datetime
import warnings
from collections import Counter
from collections.abc import Callable
from importlib import import_module

from tests.corpus.test_date_forms import TODAY, read, rows

Reader = Callable[[str, str], str]


def _dateparser() -> Reader:
    parse = import_module("dateparser").parse
    now = datetime.datetime.combine(TODAY, datetime.time())
    settings = {"DATE_ORDER": "DMY", "RELATIVE_BASE": now, "PREFER_DAY_OF_MONTH": "first"}

    def reader(kind: str, words: str) -> str:
        found = parse(words, languages=["ar", "en", "fa"], settings=settings)
        return found.date().isoformat() if found else "-"

    return reader


def _htmldate() -> Reader:
    find = import_module("htmldate").find_date

    def reader(kind: str, words: str) -> str:
        head = f'<meta property="article:published_time" content="{words}">' if kind == "stamp" else ""
        line = "" if kind == "stamp" else f'<p class="date">{words}</p>'
        body = f"<article><h1>عنوان</h1>{line}<p>نص الخبر كما نشر في الصحيفة.</p></article>"
        return find(f"<html><head>{head}</head><body>{body}</body></html>", original_date=True) or "-"

    return reader


READERS: dict[str, Callable[[], Reader]] = {
    "ours": lambda: read,
    "dateparser": _dateparser,
    "htmldate": _htmldate,
}


def compare() -> str:
    """Return a table: of each reader the rows it reads right, those it gives another day, and those it leaves out."""
    told = []
    for name, make in READERS.items():
        try:
            reader = make()
        except ImportError:
            continue
        for table in ("worked.tsv", "setaside.tsv"):
            for wanted in ("line", "stamp"):
                counts = Counter(
                    _verdict(reader, kind, words, value)
                    for kind, words, value in rows(table)
                    if kind == wanted
                )
                told.append(
                    f"{name:12} {table:14} {wanted:6} right {counts['right']:4} of {counts.total():4}, "
                    f"another day {counts['another']:4}, none {counts['none']:4}"
                )
    return "\n".join(told)


def _verdict(reader: Reader, kind: str, words: str, value: str) -> str:
    """Return how a reading compares; where there is no day (none, or bounds), every reading without one is right."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = reader(kind, words).split(" ")[0]
        except (ValueError, OverflowError):  # as libraries raise on days that do not exist
            found = "-"
    wanted = value.split(" ")[0]
    if wanted[0].isdigit():
        return "right" if found.startswith(wanted) else "another" if found[:1].isdigit() else "none"
    return "another" if found[:1].isdigit() else "right"
