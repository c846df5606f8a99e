"""Recognition of lines that say when a page was published or changed, and little else."""

from __future__ import annotations

import re
from functools import lru_cache

from corpus.arabic import fold_text, stopwords
from corpus.arabic.affixes import article
from corpus.arabic.calendar import months, weekdays
from corpus.arabic.wordlists import fold_pattern, pattern, word_set
from corpus.dates import find_dates, parse_published
from corpus.parse.plain.lines import Line

_MONTH_WORDS = frozenset(word for name in months() for word in name.split())
_DAY_WORDS = frozenset(weekdays()) | frozenset(article() + day for day in weekdays())
DATE_WORDS = _MONTH_WORDS | _DAY_WORDS | word_set("dates", "in_date_line")
"""Folded words of a line that is only a date: months, weekdays, hours and what stands with them."""
_LABEL = re.compile(rf"(?<![^ ])(?:{fold_pattern(pattern('dates', 'stamp'))})(?![^ ])")
_SAYS_PUBLICATION = re.compile(fold_pattern(pattern("dates", "says_publication")))
_DIGIT = re.compile(r"\d")
_TOKENS = re.compile(r"\d+|[^\W\d_]+")
_MOST_OTHERS = 4  # words around a date: «هيئة التحرير», a name
_LONGEST = 400  # characters of a line that may be one


def is_date(line: Line) -> bool:
    """Return whether a line is only a full date with its usual words and hours; with a colon it heads a list."""
    return has_full_date(line) and not line.text.endswith(":") and not _others(line)


def is_labelled_date(line: Line) -> bool:
    """Return whether a line is a label with a date or an hour, and few words more.

    Examples: «تاريخ النشر: …», «آخر تحديث …», «نُشر في …».
    """
    label = _LABEL.search(line.bare)
    if label is None or line.is_paragraph or len(_others(line)) > _MOST_OTHERS:
        return False
    return has_full_date(line) or label.end() == len(line.bare) or _is_month(line, label)


def _is_month(line: Line, label: re.Match[str]) -> bool:
    """Return whether a line is a label with a month and its year, or a year: «نُشر في آذار 2024»."""
    if line.is_stopped or len(line.text) > _LONGEST or set(_others(line)) - set(label[0].split()):
        return False
    published = parse_published(line.text)
    return published is not None and published.date is not None


def is_dated_name(line: Line) -> bool:
    """Return whether a line is a full date with few words around it, and no sentence.

    Example: «هيئة التحرير - 12 مايو 2024».
    """
    others = _others(line)
    listing = line.text.endswith((":", "،")) or stopwords() & frozenset(others)
    return has_full_date(line) and len(others) <= _MOST_OTHERS and not line.is_stopped and not listing


def says_publication(line: Line) -> bool:
    """Return whether a line's label says publication, rather than an update or nothing."""
    return _SAYS_PUBLICATION.search(line.bare) is not None


def _others(line: Line) -> tuple[str, ...]:
    return _read(line.text)[1]


def has_full_date(line: Line) -> bool:
    """Return whether a line holds a day, a month and a year."""
    return _read(line.text)[0]


@lru_cache(maxsize=256)  # each rule asks again
def _read(text: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether a line holds a day with its year, and its other words."""
    if len(text) > _LONGEST or not _DIGIT.search(text):
        return False, _words(text)
    days = [date for date in find_dates(text, of_publication=True) if date.precision == "day"]
    edges = [0, *(edge for date in days for edge in (date.start, date.end)), len(text)]
    return bool(days), _words(
        "  ".join(text[one:other] for one, other in zip(edges[::2], edges[1::2], strict=True))
    )


def _words(text: str) -> tuple[str, ...]:
    words = _TOKENS.findall(fold_text(text)) if len(text) <= _LONGEST else text.split()
    return tuple(word for word in words if not word.isdigit() and word not in DATE_WORDS)
