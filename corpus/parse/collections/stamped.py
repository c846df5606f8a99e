"""Dates in the fields of exports, in whatever form: ISO, numbers, seconds since 1970, e-mail's, written out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime

from corpus.article import Published
from corpus.dates import parse_published

_ISO = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})(?:T?(?:\d{4}|\d{6})Z?)?\s*")
_YEAR_FIRST = re.compile(r"\s*(\d{4})\s?[/.]\s?(\d{1,2})\s?[/.]\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"\s*(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4})(?!\d)")
_SECONDS = re.compile(r"\s*(\d{9,10}|\d{13})(?:\.\d+)?\s*")
_MAIL = re.compile(r"\s*(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3}[a-z]*\.?,?\s+\d{4}\b")
_LONGEST = 200
_EARLIEST = datetime.date(1800, 1, 1)
_DEFAULT = datetime.date(1970, 1, 1)  # what a program writes that knows no date


def published_of(value: str, *, month_first: bool = False) -> Published | None:
    """Return the day that a field gives, as written there; None for none, an impossible or a default one.

    ``month_first`` says how «5/6/2024» is meant in this collection.
    """
    if not value.strip() or len(value) > _LONGEST:
        return None
    day = _numeric(value, month_first) or _mail(value)
    if day is not None:
        return Published(day.isoformat(), "day", value.strip()) if _is_possible(day) else None
    if _YEAR_FIRST.match(value) or _ISO.match(value):
        return None
    said = parse_published(value)
    return said if said and said.date else None


def is_month_first(values: Iterable[str]) -> bool:
    """Return whether dates like «5/31/2024» are among the values and none like «31/5/2024»."""
    pairs = [(int(found[1]), int(found[2])) for found in map(_YEAR_LAST.match, values) if found]
    return any(second > 12 for _, second in pairs) and not any(first > 12 for first, _ in pairs)


def _numeric(value: str, month_first: bool) -> datetime.date | None:
    if found := _ISO.match(value) or _YEAR_FIRST.match(value) or _COMPACT.fullmatch(value):
        return _date(found[1], found[2], found[3])
    if found := _YEAR_LAST.match(value):
        day, month = (found[2], found[1]) if month_first else (found[1], found[2])
        return _date(found[3], month, day)
    if found := _SECONDS.fullmatch(value):
        seconds = int(found[1]) / (1000 if len(found[1]) > 10 else 1)
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    return None


def _date(year: str, month: str, day: str) -> datetime.date | None:
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _mail(value: str) -> datetime.date | None:
    if not _MAIL.match(value):
        return None
    try:
        return parsedate_to_datetime(value).date()
    except (ValueError, TypeError, OverflowError):
        return None


def _is_possible(day: datetime.date) -> bool:
    tomorrow = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    return _EARLIEST <= day <= tomorrow and day != _DEFAULT
