"""Dates as they are shown: of publication on a card, and of what came in last, below an answer."""

from __future__ import annotations

import datetime

from bot.answer import Freshness, Intake
from corpus.article import Published
from corpus.dates import converted, format_date
from prompts import Language, say

_LIVE = datetime.timedelta(days=2)
"""An outlet's articles come in while they are news when the newest was published at most so long before it came in."""


def shown_date(published: Published, language: Language) -> str:
    """Return a date to its precision, with its own words where another calendar's were converted; "" for none."""
    if not (published.date and published.precision):
        return ""
    date = format_date(published.date, published.precision, language)
    words = converted(published)
    return say("date_converted", language, date=date, words=" ".join(words.split())) if words else date


def freshness_lines(
    freshness: Freshness | None, language: Language, zone: datetime.tzinfo | None = None
) -> list[str]:
    """Return a line for each outlet: when its last article came in, and what is wrong with its source.

    Of one whose articles came in long after they were published, the last day of publication instead. Days are named
    from the day on which it was asked; ``zone``: the reader's, None for that of this machine.
    """
    if freshness is None:
        return []
    asked = _instant(freshness.asked, zone)
    lines = (_line(intake, asked, language, zone) for intake in freshness.intakes)
    return [line for line in lines if line]


def moment(when: datetime.datetime, asked: datetime.datetime, language: Language) -> str:
    """Return a time as one says it on the day of asking: «أمس 18:40», with its date when that was earlier."""
    days = (asked.date() - when.date()).days
    time = f"{when:%H:%M}"
    if 0 <= days < len(_DAYS):
        return say(f"moment_{_DAYS[days]}", language, time=time)
    return say("moment_date", language, date=format_date(when.date().isoformat(), "day", language), time=time)


_DAYS = ("today", "yesterday", "day_before")


def _line(
    intake: Intake, asked: datetime.datetime, language: Language, zone: datetime.tzinfo | None
) -> str | None:
    if intake.taken is None:
        return None
    taken = _instant(intake.taken, zone)
    published = datetime.date.fromisoformat(intake.published) if intake.published else taken.date()
    if published >= taken.date() - _LIVE:
        when = moment(taken, asked, language)
        text = _named("fresh_taken", intake.outlet, language, when=when)
    else:
        date = format_date(published.isoformat(), "day", language)
        text = _named("fresh_published", intake.outlet, language, date=date)
    if intake.trouble is None or intake.since is None:
        return text
    since = moment(_instant(intake.since, zone), asked, language)
    return text + say(
        f"fresh_{intake.trouble}", language, **({"since": since} if intake.trouble == "failing" else {})
    )


def _named(name: str, outlet: str | None, language: Language, **variables: str) -> str:
    """Return the message about an outlet, or about the whole archive."""
    if outlet is None:
        return say(f"{name}_all", language, **variables)
    return say(name, language, outlet=outlet, **variables)


def _instant(stamp: str, zone: datetime.tzinfo | None) -> datetime.datetime:
    return datetime.datetime.fromisoformat(stamp).astimezone(zone)
