"""Dates of publication as a card shows them, and moments and lengths of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from corpus.article import Published
from corpus.dates import converted, format_date
from prompts import Language, counted, say


def shown_date(published: Published, language: Language) -> str:
    """Return a date to its precision, with its own words where another calendar's were converted; "" for none."""
    if not (published.date and published.precision):
        return ""
    date = format_date(published.date, published.precision, language)
    words = converted(published)
    return say("date_converted", language, date=date, words=" ".join(words.split())) if words else date


def shown_moment(at: datetime, now: datetime, language: Language) -> str:
    """Return a moment on the clock of this machine: «أمس 18:40», or with its date where that is further away."""
    here, today = at.astimezone(), now.astimezone().date()
    time = here.strftime("%H:%M")
    names = {0: "moment_today", -1: "moment_yesterday", 1: "moment_tomorrow"}
    if name := names.get((here.date() - today).days):
        return say(name, language, time=time)
    return say("moment_on", language, date=format_date(here.date().isoformat(), "day", language), time=time)


def shown_duration(length: timedelta, language: Language) -> str:
    """Return a length of time in its largest unit: «3 دقائق», «ساعتين», as one says it after «بعد»."""
    seconds = max(round(length.total_seconds()), 0)
    if seconds < _MINUTE:
        return counted("count_seconds", seconds, language)
    minutes = round(seconds / _MINUTE)
    if minutes < 2 * 60:
        return counted("count_minutes", minutes, language)
    hours = round(minutes / 60)
    if hours < 48:
        return counted("count_hours", hours, language)
    return counted("count_days", round(hours / 24), language)


_MINUTE = 60
