"""Dates in Arabic and English text: when an article was published, and the days it speaks of.

    find_dates(sentence, anchor)   every date of running text, resolved to the calendar
    parse_published(line)          «تاريخ النشر: 9 شباط 2026», or None for a line that is no such line
    bound(body)                    for an article without a date: the latest day it speaks of as past
    format_date("2026-02-09", "day", "ar")

A date is resolved only where the words leave one answer, and otherwise left out: Hijri dates (they hang on
a sighting or on a table), years of two digits, «الأسبوع الماضي», a month name with neither day nor year (many
are also verbs or names), days and months that name an event («اتفاق 10 آذار»), a weekday that does not fall
on the day it is said of, and without an anchor everything that leans on one.

``find`` is the front: ``written`` dates, those ``relative`` to the day of writing, ``labels`` that say when an article
was published; ``words`` are months, weekdays and ordinals.
"""

from corpus.dates.find import DateMention, bound, find_dates, format_date, parse_published

__all__ = ["DateMention", "bound", "find_dates", "format_date", "parse_published"]
