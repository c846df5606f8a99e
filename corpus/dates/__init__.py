"""Dates in Arabic and English text: when an article was published, and the days it speaks of.

    find_dates(sentence, anchor)   every date of running text, resolved to the calendar
    parse_published(line)          «تاريخ النشر: 9 شباط 2026», or None for a line that is no such line
    bound(body)                    for an article without a date: the latest day it speaks of as past
    format_date("2026-02-09", "day", "ar")

    parse_stamp("2026-2-10 08:30")   a field or an attribute that a program wrote

In running text a date is resolved only where the words leave one answer, and otherwise left out: Hijri dates (they
hang on a sighting or on a table), years of two digits, «الأسبوع الماضي», a month name with neither day nor year (many
are also verbs or names), days and months that name an event («اتفاق 10 آذار»), a weekday that does not fall
on the day it is said of, and without an anchor everything that leans on one. Where a line or a stamp says when an
article was published, dates of other calendars are converted; ``converted`` tells that one was.

``find`` is the front: ``written`` dates, those ``relative`` to the day of writing, ``labels`` that say when an article
was published; ``stamps`` are what programs write; ``calendars`` converts, and knows which days are possible;
``zones`` knows where an outlet's day begins; ``words`` are months, weekdays and ordinals.
"""

from corpus.dates.calendars import SIGHTED_APART, is_possible
from corpus.dates.find import (
    DateMention,
    bound,
    converted,
    dated_spans,
    find_dates,
    format_date,
    parse_published,
)
from corpus.dates.stamps import Stamp, numeric_order, parse_stamp, read_stamp
from corpus.dates.zones import zone_of_host

__all__ = [
    "SIGHTED_APART",
    "DateMention",
    "Stamp",
    "bound",
    "converted",
    "dated_spans",
    "find_dates",
    "format_date",
    "is_possible",
    "numeric_order",
    "parse_published",
    "parse_stamp",
    "read_stamp",
    "zone_of_host",
]
