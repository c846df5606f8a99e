"""Recognition of lines that say when a page was published or changed, and little else."""

from __future__ import annotations

import datetime
import re

from corpus.arabic import stopwords
from corpus.arabic.affixes import article
from corpus.arabic.calendar import months, weekdays
from corpus.arabic.wordlists import fold_pattern, pattern, word_set
from corpus.parse.plain.lines import Line

_MONTH_WORDS = frozenset(word for name in months() for word in name.split())
_DAY_WORDS = frozenset(weekdays()) | frozenset(article() + day for day in weekdays())
DATE_WORDS = _MONTH_WORDS | _DAY_WORDS | word_set("dates", "in_date_line")
"""Folded words of a line that is only a date: months, weekdays, hours and what stands with them."""
_LABEL = re.compile(rf"(?<![^ ])(?:{fold_pattern(pattern('dates', 'stamp'))})(?![^ ])")
_SAYS_PUBLICATION = re.compile(fold_pattern(pattern("dates", "says_publication")))
_ISO_DAY = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(?!\d)")
_MOST_OTHERS = 4  # words around a date: «هيئة التحرير», a name


def iso_day(stamp: str) -> str | None:
    """Return the date of an ISO time as written, in whatever time zone; None for anything else."""
    found = _ISO_DAY.match(stamp)
    try:
        return datetime.date.fromisoformat(found[1]).isoformat() if found else None
    except ValueError:
        return None


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
    return has_full_date(line) or label.end() == len(line.bare)


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


def _others(line: Line) -> list[str]:
    return [word for word in line.words if not word.isdigit() and word not in DATE_WORDS]


def has_full_date(line: Line) -> bool:
    """Return whether a line holds a day, a month and a year."""
    digits = [word for word in line.words if word.isdigit()]
    has_year = any(len(word) == 4 and word[:2] in {"19", "20", "14"} for word in digits)
    has_month = any(word in _MONTH_WORDS for word in line.words)
    return has_year and (len(digits) >= 3 or (has_month and len(digits) >= 2))
