"""Dates of publication as a card shows them, moments and lengths of time, and how fresh the archive is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from bot.answer import Freshness, Intake
from corpus.article import Published
from corpus.dates import converted, format_date
from prompts import Language, counted, say

_LIVE = timedelta(days=2)
"""An outlet's articles come in while they are news when the newest was published at most so long before it came in."""


def shown_date(published: Published, language: Language) -> str:
    """Return a date to its precision, with its own words where another calendar's were converted; "" for none."""
    if not (published.date and published.precision):
        return ""
    date = format_date(published.date, published.precision, language)
    words = converted(published)
    return say("date_converted", language, date=date, words=" ".join(words.split())) if words else date


def shown_moment(at: datetime, now: datetime, language: Language, zone: tzinfo | None = None) -> str:
    """Return a moment as one says it ``now``: «أمس 18:40», or with its date where that is further away.

    ``zone``: the reader's; None for that of this machine.
    """
    here, today = at.astimezone(zone), now.astimezone(zone).date()
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


def freshness_lines(freshness: Freshness | None, language: Language, zone: tzinfo | None = None) -> list[str]:
    """Return a line for each outlet: when its last article came in, and what is wrong with its source.

    Of one whose articles came in long after they were published, the last day of publication instead. Days are named
    from the day on which it was asked; ``zone``: the reader's, None for that of this machine.
    """
    if freshness is None:
        return []
    asked = datetime.fromisoformat(freshness.asked)
    lines = (_line(intake, asked, language, zone) for intake in freshness.intakes)
    return [line for line in lines if line]


def _line(intake: Intake, asked: datetime, language: Language, zone: tzinfo | None) -> str | None:
    if intake.taken is None:
        return None
    taken = datetime.fromisoformat(intake.taken)
    day = taken.astimezone(zone).date()
    published = date.fromisoformat(intake.published) if intake.published else day
    if published >= day - _LIVE:
        when = shown_moment(taken, asked, language, zone)
        text = _named("fresh_taken", intake.outlet, language, when=when)
    else:
        shown = format_date(published.isoformat(), "day", language)
        text = _named("fresh_published", intake.outlet, language, date=shown)
    if intake.trouble is None or intake.since is None:
        return text
    since = shown_moment(datetime.fromisoformat(intake.since), asked, language, zone)
    return text + say(
        f"fresh_{intake.trouble}", language, **({"since": since} if intake.trouble == "failing" else {})
    )


def _named(name: str, outlet: str | None, language: Language, **variables: str) -> str:
    """Return the message about an outlet, or about the whole archive."""
    if outlet is None:
        return say(f"{name}_all", language, **variables)
    return say(name, language, outlet=outlet, **variables)
