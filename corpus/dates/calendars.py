"""Days of the Hijri and the solar Hijri (Jalali) calendar as days of the Gregorian one, and which days are possible.

Hijri days are those of the Umm al-Qura calendar, by which Saudi Arabia dates; where the crescent is sighted a month
may begin up to two days apart from it, so that a weekday beside the date says more.
"""

from __future__ import annotations

import datetime
from typing import Literal

from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

Calendar = Literal["gregorian", "hijri", "jalali"]

SIGHTED_APART = 2
"""Days by which two countries may differ in a Hijri date."""

_EARLIEST = datetime.date(1800, 1, 1)
"""Before the first newspaper in Arabic; zero dates of programs (0001, 1601, 1753) are earlier still."""
_RELEASED = datetime.date(2026, 12, 1)
"""The day of this module: a clock that says less is wrong, as one without a battery is."""
# What programs write for no date: the zeros of spreadsheets, old Macintoshes and Unix (with the zones west of it).
_DEFAULTS = frozenset(
    datetime.date.fromisoformat(day)
    for day in ("1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1969-12-31", "1970-01-01")
)


def is_possible(day: datetime.date, today: datetime.date | None = None) -> bool:
    """Return whether a day may be one of publication: no default, and not later than tomorrow.

    ``today`` is the clock's day unless it is given; tomorrow, because the day begins in the east.
    """
    latest = today or max(datetime.date.today(), _RELEASED)
    return day >= _EARLIEST and (day - latest).days <= 1 and day not in _DEFAULTS


def gregorian(calendar: Calendar, year: int, month: int, day: int) -> datetime.date | None:
    """Return a day of a calendar as one of the Gregorian calendar; None for a day that it does not have."""
    try:
        if calendar == "gregorian":
            return datetime.date(year, month, day)
        if calendar == "jalali":
            converted: datetime.date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
            return converted
        if day == 30:  # where the crescent was sighted, any month may have thirty days
            return datetime.date.fromisoformat(
                Hijri(year, month, 29).to_gregorian().isoformat()
            ) + datetime.timedelta(days=1)
        return datetime.date.fromisoformat(Hijri(year, month, day).to_gregorian().isoformat())
    except (ValueError, OverflowError):
        return None


def calendar_of(
    year: int, month: int, day: int, *, persian: bool, today: datetime.date | None = None
) -> Calendar | None:
    """Return the calendar of a date with such a year that says nothing of it; None where two are possible.

    1447 is Hijri, for as a solar year it is still to come; 1404 may be either, and is solar where it is written in
    Persian figures (``persian``).
    """
    candidates: tuple[Calendar, ...] = ("hijri", "jalali")
    possible = [
        calendar
        for calendar in candidates
        if (found := gregorian(calendar, year, month, day)) and is_possible(found, today)
    ]
    if persian and "jalali" in possible:
        return "jalali"
    return possible[0] if len(possible) == 1 else None


def on_weekday(day: datetime.date, weekday: int | None) -> datetime.date | None:
    """Return the day near a converted Hijri date that has the weekday beside it; None when there is none so near."""
    if weekday is None:
        return day
    shift = (weekday - day.weekday() + 3) % 7 - 3
    return day + datetime.timedelta(days=shift) if abs(shift) <= SIGHTED_APART else None
