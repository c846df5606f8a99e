"""Ways in which the papers of the Arab countries and their programs write dates: two tables, one of them set aside.

``worked.tsv`` is what the reading of dates was worked on with, ``setaside.tsv`` was written together with it, drawn by
a hash and not looked at. A row is a kind, the words and the right value:

    line    what `parse_published` says of a line        stamp   what `parse_stamp` says of a field
    text    `find_dates` without an anchor               near    `find_dates` of an article of Monday 9 February 2026

    2026-02-10, 2026-02, 2026   the day, month or year; behind it the calendar that it was converted from
    <2026-02-10                 not after that day       ?one..other   between the two days
    -                           no date; for text and near an empty value
"""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import pytest

from corpus.article import Published
from corpus.dates import find_dates, parse_published, parse_stamp, read_stamp

TABLES = Path(__file__).parent / "dateforms"
TODAY = datetime.date(2026, 12, 1)
MONDAY = datetime.date(2026, 2, 9)
CUT = {"day": 10, "month": 7, "year": 4}
OPEN = 6
"""Number of rows set aside that are not read as they should be."""


def rows(table: str) -> list[tuple[str, str, str]]:
    lines = (TABLES / table).read_text(encoding="utf-8").splitlines()
    return [
        (kind, words, value)
        for line in lines
        if not line.startswith("#")
        for kind, words, value in [line.split("\t")]
    ]


def read(kind: str, words: str) -> str:
    if kind == "line":
        return shown(parse_published(words, TODAY))
    if kind == "stamp":
        return shown(parse_stamp(words, today=TODAY))
    mentions = find_dates(words, MONDAY if kind == "near" else None)
    return " ".join(mention.date[: CUT[mention.precision]] for mention in mentions)


def shown(published: Published | None) -> str:
    if published is None:
        return "-"
    if published.date and published.precision:
        stamp = read_stamp(published.evidence)
        mentions = find_dates(published.evidence, of_publication=True)
        calendars = [each.calendar for each in mentions if each.date == published.date]
        calendars += [stamp.calendar] if stamp else []
        other = "" if "gregorian" in calendars or not calendars else f" {calendars[0]}"
        return published.date[: CUT[published.precision]] + other
    if published.not_before:
        return f"?{published.not_before}..{published.not_after}"
    return f"<{published.not_after}"


@pytest.mark.parametrize(("kind", "words", "value"), rows("worked.tsv"))
def test_each_way_of_writing_is_read(kind: str, words: str, value: str) -> None:
    assert read(kind, words) == value


def test_those_set_aside_are_read_as_well() -> None:
    wrong = Counter(read(kind, words) == value for kind, words, value in rows("setaside.tsv"))
    assert wrong[False] <= OPEN


def test_the_tables_are_large_and_hold_no_row_twice() -> None:
    worked, aside = rows("worked.tsv"), rows("setaside.tsv")
    assert len({row[:2] for row in (*worked, *aside)}) == len(worked) + len(aside) >= 250
