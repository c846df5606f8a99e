"""Dates that programs write: fields of exports and feeds, attributes of pages.

    parse_stamp("2026-2-10 08:30")                         its day
    parse_stamp("2026-02-09T22:40:00Z", zone)              the day it was in that zone: 10 February in Damascus
    read_stamp("Tue, 10 Feb 2026 08:30:00 +0300")          the same in its parts
    numeric_order(["05/17/2015", "02/05/2016", …])         whether a column writes the day or the month first

A stamp is the whole of a text: ISO 8601 with and without zeros and separators, RFC 822, C's and JavaScript's times,
seconds, milliseconds and microseconds since 1970, days and months in figures, Hijri and solar years, and whatever
people write for a date (`corpus.dates.find`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_tz
from typing import Literal

from corpus.arabic.calendar import months
from corpus.article import Precision, Published
from corpus.dates.calendars import Calendar, calendar_of, gregorian, is_possible
from corpus.dates.find import find_dates, parse_published
from corpus.dates.words import any_of, fold, listed, listed_set

Order = Literal["dmy", "mdy"]

_EASTERNMOST, _WESTERNMOST = datetime.timedelta(hours=14), datetime.timedelta(hours=12)
"""The farthest clocks from UTC."""
_LONGEST = 120
"""Number of characters of a stamp; a longer text is none."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date as a program wrote it.

    ``day`` is the day as written (the first of the month or year when ``precision`` says so), in whatever zone.
    ``moment`` is its time where it has one, and knows its zone where that is written.
    """

    day: datetime.date
    precision: Precision = "day"
    moment: datetime.datetime | None = None
    calendar: Calendar = "gregorian"

    @property
    def offset(self) -> datetime.timedelta | None:
        """The distance of its clock from UTC; None where it is not written."""
        return self.moment.utcoffset() if self.moment else None

    @property
    def is_utc(self) -> bool:
        """Whether it is written in UTC, as programs do wherever their outlet is."""
        return self.offset == datetime.timedelta(0)

    def may_be_on(self, day: datetime.date) -> bool:
        """Return whether a clock somewhere showed that day at its moment, taken for UTC if its zone is not known."""
        if self.moment is None:
            return day == self.day
        try:
            utc = (self.moment - (self.offset or datetime.timedelta())).replace(tzinfo=None)
        except OverflowError:  # the first and the last day of the calendar
            return day == self.day
        begins = datetime.datetime.combine(day, datetime.time())
        return begins - utc <= _EASTERNMOST and utc - begins < datetime.timedelta(days=1) + _WESTERNMOST

    def day_in(self, zone: datetime.tzinfo | None) -> datetime.date:
        """Return its day in a zone if it is written in UTC and the zone is known, else the day as written."""
        if self.moment and self.is_utc and zone:
            try:
                return self.moment.astimezone(zone).date()
            except OverflowError:  # the first and the last day of the calendar
                return self.day
        return self.day


def parse_stamp(
    text: str,
    zone: datetime.tzinfo | None = None,
    *,
    order: Order = "dmy",
    pattern: str | None = None,
    today: datetime.date | None = None,
) -> Published | None:
    """Return the publication date of a stamp, with the stamp as its evidence; None for what is no date.

    ``zone`` is the outlet's: a stamp in UTC is turned to its day there. ``order`` is that of days and months in figures
    where both are possible. ``pattern`` is a format of ``strptime`` for stamps of a kind known beforehand; nothing else
    is read then. Default dates of programs and days after tomorrow are no dates.
    """
    stamp = read_stamp(text, order=order) if pattern is None else _in_pattern(text, pattern)
    if stamp is None:
        return None
    day = stamp.day_in(zone)
    if not (is_possible(stamp.day, today) and is_possible(day, today)):
        return None
    return Published(day.isoformat(), stamp.precision, text.strip())


def read_stamp(text: str, *, order: Order = "dmy") -> Stamp | None:
    """Return the parts of a stamp; None for what is none, or leaves two readings."""
    if len(text) > _LONGEST:
        return None
    folded = " ".join(fold(text)[0].split())
    for read in (_epoch, _compact, _mail, _english):
        if stamp := read(folded):
            return stamp
    persian = any("۰" <= each <= "۹" for each in text)
    return _figures(folded, order, persian) or _coarse(folded) or _written(text)


def numeric_order(stamps: Iterable[str]) -> Order:
    """Return the order of day and month in a column of stamps, "dmy" unless one of them can only be "mdy"."""
    found = [
        match
        for stamp in stamps
        if len(stamp) <= _LONGEST and (match := _DAY_FIRST.match(fold(stamp)[0].strip()))
    ]
    month_first = any(int(match["month"]) > 12 for match in found)
    return "mdy" if month_first and all(int(match["day"]) <= 12 for match in found) else "dmy"


# --- Clock times ----------------------------------------------------------------------------------

_CLOCK = (
    r"(?P<hour>[0-2]?[0-9]):(?P<minute>[0-5]?[0-9])(?::(?P<second>[0-5]?[0-9]|60)(?:[.,][0-9]{1,9})?)?"
    rf"(?: ?(?P<half>{listed('morning')}|{listed('evening')})(?![a-z]))?"
    r"(?: ?(?!(?:utc?|gmt)(?![a-z]))[a-z]{2,5}(?![a-z]))?"  # a zone by a name, of which there are several each
)
_OFFSET = r"(?P<zone>z|(?:utc?|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|utc?|gmt)"
_TIME = (
    rf"(?:(?: ?[t,|@-] ?| )(?:{_CLOCK}|(?<=t)(?P<figures>[0-9]{{4}}(?:[0-9]{{2}})?)))?"
    rf"(?: ?{_OFFSET})?(?: ?\([^()]*\))?"
)


def _stamp(match: re.Match[str], day: datetime.date | None, calendar: Calendar = "gregorian") -> Stamp | None:
    """Return the stamp of a day and the clock time in a match; None for a time that no clock shows."""
    if day is None:
        return None
    parts = match.groupdict()
    figures = parts.get("figures") or ""
    hour, minute = parts.get("hour") or figures[:2], parts.get("minute") or figures[2:4]
    if not hour:
        return Stamp(day, calendar=calendar)
    hours = int(hour)
    if half := parts.get("half"):
        if hours > 12 and half not in listed_set("evening"):
            return None
        hours = hours % 12 + 12 * (half in listed_set("evening")) if hours <= 12 else hours
    seconds = min(int(parts.get("second") or figures[4:] or 0), 59)  # a leap second is of the same day
    try:
        time = datetime.time(hours, int(minute), seconds, tzinfo=_zone(parts.get("zone")))
    except ValueError:
        return None
    return Stamp(day, moment=datetime.datetime.combine(day, time), calendar=calendar)


def _zone(written: str | None) -> datetime.tzinfo | None:
    if not written:
        return None
    found = _SIGNED.search(written)
    minutes = int(found["hours"]) * 60 + int(found["minutes"] or 0) if found else 0
    if minutes >= 24 * 60:
        raise ValueError(written)
    sign = -1 if found and found["sign"] == "-" else 1
    return datetime.timezone(datetime.timedelta(minutes=sign * minutes))


_SIGNED = re.compile(r"(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?$")


# --- The ways of writing --------------------------------------------------------------------------

_EPOCH = re.compile(
    r"(?:/?date\()?(?P<number>[0-9]{9,10}(?:\.[0-9]{1,9})?|[0-9]{12,13}|[0-9]{16})(?P<zone>[+-][0-9]{4})?(?:\)/?)?"
)
_PER_SECOND = {9: 1, 10: 1, 12: 1000, 13: 1000, 16: 1_000_000}


def _epoch(folded: str) -> Stamp | None:
    """Read seconds, milliseconds or microseconds since 1970, told apart by their length."""
    match = _EPOCH.fullmatch(folded)
    if match is None or _COMPACT.fullmatch(folded):
        return None
    seconds = float(match["number"]) / _PER_SECOND[len(match["number"].partition(".")[0])]
    try:
        zone = _zone(match["zone"]) or datetime.UTC
    except ValueError:
        return None
    moment = datetime.datetime.fromtimestamp(seconds, zone)
    return Stamp(moment.date(), moment=moment)


_COMPACT = re.compile(
    r"(?P<year>19[0-9]{2}|20[0-9]{2})(?P<month>[01][0-9])(?P<day>[0-3][0-9])"
    r"(?:t?(?P<figures>[0-2][0-9][0-5][0-9](?:[0-5][0-9])?)(?P<zone>z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def _compact(folded: str) -> Stamp | None:
    match = _COMPACT.fullmatch(folded)
    return _stamp(match, _day(match["year"], match["month"], match["day"])) if match else None


_MAIL = re.compile(
    r"(?:[a-z]{3,9},? )?[0-3]?[0-9][ -][a-z]{3,9}[ -](?:[0-9]{4}|[0-9]{2}) [0-2]?[0-9]:[0-5][0-9].*"
)


def _mail(folded: str) -> Stamp | None:
    """Read a time of RFC 822, with its year of two digits and its zones by name."""
    parts = parsedate_tz(folded) if _MAIL.fullmatch(folded) else None
    if parts is None:
        return None
    year, month, day, hour, minute, second, *_, offset = parts
    try:
        zone = None if offset is None else datetime.timezone(datetime.timedelta(seconds=offset))
        moment = datetime.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (ValueError, OverflowError):
        return None
    return Stamp(moment.date(), moment=moment)


_NAME = rf"(?P<month>{any_of(name for name in months() if name.isascii())})\.?"
_ENGLISH = re.compile(
    rf"(?:[a-z]{{3,9}},? )?{_NAME} (?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?,? (?P<year>[0-9]{{4}}){_TIME}"
)
# C's time has the year behind the hour.
_YEAR_LAST = re.compile(r"([a-z, ]{3,20}[0-9]{1,2}) ([0-9:]{4,8}(?: [a-z+0-9-]{1,6})?) ([0-9]{4})")


def _english(folded: str) -> Stamp | None:
    """Read the times of C, JavaScript and English pages, the month first: "Tue Feb 10 08:30:00 2026"."""
    match = _ENGLISH.fullmatch(_YEAR_LAST.sub(r"\1 \3 \2", folded))
    return _stamp(match, _day(match["year"], months()[match["month"]], match["day"])) if match else None


_YEAR_FIRST = re.compile(
    rf"(?P<year>[0-9]{{4}})(?P<by>[-/.])(?P<month>[0-9]{{1,2}})(?P=by)(?P<day>[0-9]{{1,2}}){_TIME}"
)
_DAY_FIRST = re.compile(
    rf"(?P<day>[0-9]{{1,2}})(?P<by>[-/.])(?P<month>[0-9]{{1,2}})(?P=by)(?P<year>[0-9]{{4}}){_TIME}"
)


def _figures(folded: str, order: Order, persian: bool) -> Stamp | None:
    """Read a day in figures, with its time: of day and month the order decides where both readings are possible."""
    match = _YEAR_FIRST.fullmatch(folded) or _DAY_FIRST.fullmatch(folded)
    if match is None:
        return None
    year, month, day = (int(match[part]) for part in ("year", "month", "day"))
    if match.re is _DAY_FIRST and (month > 12 or (order == "mdy" and day <= 12)):
        month, day = day, month
    calendar = calendar_of(year, month, day, persian=persian) if 1300 <= year < 1500 else "gregorian"
    return _stamp(match, gregorian(calendar, year, month, day), calendar) if calendar else None


_COARSE = re.compile(
    r"(?P<year>1[89][0-9]{2}|20[0-9]{2})(?:[-/](?P<month>0?[1-9]|1[0-2]))?|(?P<first_month>0?[1-9]|1[0-2])[-/](?P<last_year>1[89][0-9]{2}|20[0-9]{2})"
)


def _coarse(folded: str) -> Stamp | None:
    """Read a month or a year: "2026-02", "02/2026", "2026"."""
    match = _COARSE.fullmatch(folded)
    if match is None:
        return None
    month = match["month"] or match["first_month"]
    day = _day(match["year"] or match["last_year"], month or 1, 1)
    return Stamp(day, "month" if month else "year") if day else None


def _written(text: str) -> Stamp | None:
    """Read what people write for a date: «الثلاثاء 10 شباط 2026», «شباط 2026»."""
    published = parse_published(text)
    if published is None:
        mentions = find_dates(text, of_publication=True)
        whole = len(mentions) == 1 and text.strip() == text[mentions[0].start : mentions[0].end]
        return Stamp(_iso(mentions[0].date), mentions[0].precision) if whole else None
    if published.date is None or published.precision is None:
        return None
    calendars = {
        each.calendar for each in find_dates(text, of_publication=True) if each.date == published.date
    }
    calendar: Calendar = "gregorian" if "gregorian" in calendars or not calendars else calendars.pop()
    return Stamp(_iso(published.date), published.precision, calendar=calendar)


def _in_pattern(text: str, pattern: str) -> Stamp | None:
    try:
        moment = datetime.datetime.strptime(text.strip()[:_LONGEST].translate(_LATIN), pattern)
    except (ValueError, OverflowError, re.error):  # strptime makes an expression of the pattern
        return None
    return Stamp(moment.date(), moment=moment)


_LATIN = {
    ord(digit): str(value) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(digits)
}


def _day(year: str | int, month: str | int, day: str | int) -> datetime.date | None:
    return gregorian("gregorian", int(year), int(month), int(day))


def _iso(date: str) -> datetime.date:
    return datetime.date.fromisoformat(date)
