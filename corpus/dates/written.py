"""Find dates that are written out, in folded text: «9 من شباط», «نوفمبر 25, 2025», «2026-02-09», «عام 2014».

Each way of writing has a pattern; one rule (``resolve``) turns the parts of a date into a calendar day.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.arabic.calendar import (
    Direction,
    directions,
    hijri_months,
    jalali_months,
    months,
    numbered_months,
    periods,
    weekdays,
)
from corpus.arabic.numbers import ordinals
from corpus.article import Precision
from corpus.dates.calendars import Calendar, calendar_of, gregorian, on_weekday
from corpus.dates.words import (
    COUNTED,
    DIRECTION,
    HIJRI_MONTH,
    JALALI_MONTH,
    LETTER,
    MAYBE,
    MONTH,
    NAMED_DAYS,
    ORDINAL,
    SENTENCE_END,
    SPACE,
    START,
    STOP,
    WEEKDAY_ARABIC,
    WEEKDAY_ENGLISH,
    any_of,
    listed,
    listed_set,
)

Resolved = tuple[int, int, datetime.date, Precision, bool, Calendar]
"""Start and end in the folded text, first day, precision, whether the anchor was needed, calendar it is written in."""


@dataclass(frozen=True, slots=True)
class Written:
    """The date at ``folded[start:end]`` in parts; parts that were not written are None."""

    start: int
    end: int
    core: int
    """Start of the date without the weekday before it."""
    year: int | None = None
    """``UNTOLD`` where the year or month as written is ambiguous: «68», «1447», «تموز/آب»."""
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    direction: Direction | None = None
    """Direction of the date itself: «نوفمبر الماضي»."""
    of_year: Direction | None = None
    """Direction of its year: «من العام الماضي»."""
    of_month: Direction | None = None
    """Direction of its month: «من الشهر الجاري»."""
    calendar: Calendar | None = "gregorian"
    """The calendar that its month or a mark names; None where the year alone shows that it is another."""
    year_there: int = 0
    """Year of a date in another calendar; ``year`` is ``UNTOLD`` then."""


def find_written(
    folded: str, anchor: datetime.date | None, persian: Callable[[int, int], bool] | None = None
) -> tuple[list[Resolved], list[tuple[int, int]]]:
    """Return the dates that can be resolved, in order, and the spans of all written dates, resolved or not.

    Dates of other calendars, and months in figures («02/2026», which may as well be a law's number), are among them
    only with ``persian``, which returns whether a span is written in Persian figures.
    """
    items = list(_read(folded, months_in_figures=persian is not None))
    found: list[Resolved] = []
    for index, item in enumerate(items):
        if item.year_there:
            converted = persian and _converted(item, persian(item.start, item.end))
            if converted:
                found.append(converted)
            continue
        if _floats(item):
            item = _lend_year(item, items[index + 1 : index + 2], folded)
        resolved = resolve(item, anchor)
        if resolved is None or (
            _floats(item) and _has_own_year(item, resolved[2].year, items[:index], folded)
        ):
            continue
        found.append(resolved)
    return found, [(item.start, item.end) for item in items]


def resolve(item: Written, anchor: datetime.date | None) -> Resolved | None:
    """Return a written date as a calendar date; None if there is no such day or a needed anchor is missing."""
    if item.year is not None:
        start = _first_day(item.year, item.month, item.day)
    elif anchor is None:
        return None
    elif item.of_month is not None:
        month = shift_month(anchor, STEP[item.of_month])
        start = _first_day(month.year, month.month, item.day)
    elif item.of_year is not None:
        start = _first_day(anchor.year + STEP[item.of_year], item.month, item.day)
    else:
        start = _nearest(item, anchor)
    if start is None:
        return None
    precision: Precision = "day" if item.day is not None else "month" if item.month is not None else "year"
    agrees = item.weekday is None or start.weekday() == item.weekday
    if not agrees and item.year is None:
        return None
    # With its year written the date stands, and the weekday is the slip.
    return (item.start if agrees else item.core), item.end, start, precision, item.year is None, "gregorian"


def _converted(item: Written, persian: bool) -> Resolved | None:
    """Return a date of another calendar as one of ours; None if there is no such day, or it fits two calendars."""
    if item.month is None or item.day is None:
        return None
    calendar = item.calendar or calendar_of(item.year_there, item.month, item.day, persian=persian)
    day = gregorian(calendar, item.year_there, item.month, item.day) if calendar else None
    if day and calendar == "hijri":
        day = on_weekday(day, item.weekday)
    return (item.start, item.end, day, "day", False, calendar) if day and calendar else None


def shift_month(day: datetime.date, months: int) -> datetime.date:
    """Return the first day of the month that is ``months`` later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, 1)


UNTOLD = 0
"""A year outside the calendar, so that no date results from it."""
STEP: dict[Direction, int] = {"past": -1, "now": 0, "next": 1}
# «شباط الجاري» is the month of the article, or one it borders on.
_THIS_MONTH = datetime.timedelta(days=40)


def _first_day(year: int, month: int | None, day: int | None) -> datetime.date | None:
    try:
        return datetime.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:  # 31 شباط
        return None


def _nearest(item: Written, anchor: datetime.date) -> datetime.date | None:
    """Return the date nearest the anchor with this day and month, on the side of «الماضي» or «المقبل»."""
    base = anchor.replace(day=1) if item.day is None else anchor
    days = [
        day
        for year in (anchor.year - 1, anchor.year, anchor.year + 1)
        if (day := _first_day(year, item.month, item.day)) is not None
        and not (item.direction == "past" and day >= base)
        and not (item.direction == "next" and day <= base)
    ]
    nearest = min(days, key=lambda day: abs(day - base), default=None)
    if nearest and item.direction == "now" and abs(nearest - base) > _THIS_MONTH:
        return None
    return nearest


# --- Which year, where none is written ------------------------------------------------------------

_A_DAY = rf"(?:{listed('day_word')}{SPACE})?"
_UNTIL = rf"(?:{listed('until')}|{listed('english_until')})"
_JOINED = re.compile(rf"{MAYBE}(?:-|و|[،,]|{SPACE}{_UNTIL}{SPACE}){MAYBE}{_A_DAY}")
_WORD_BEFORE = re.compile(rf"([{LETTER}]+){MAYBE}[\"«“(]?{MAYBE}{_A_DAY}(?:ال)?$")
_NAMED_BEFORE = listed_set("named_before")
_PREFIX = re.compile("^[وف]?[بلك]?(?:ال|ل(?=ل))?")


def _floats(item: Written) -> bool:
    """Return whether a day and month are given without any indication of the year."""
    return item.year is None and item.direction is None and item.of_year is None and item.of_month is None


def _lend_year(item: Written, after: Sequence[Written], folded: str) -> Written:
    """Return the date with the year of the one it is joined to: «بين 28 كانون الأول و4 كانون الثاني 2026»."""
    for other in after:
        if other.year and other.month and other.day and _JOINED.fullmatch(folded, item.end, other.start):
            earlier = (item.month or 0, item.day or 0) <= (other.month, other.day)
            return replace(item, year=other.year if earlier else other.year - 1)
    return item


def _has_own_year(item: Written, year: int, before: Sequence[Written], folded: str) -> bool:
    """Return whether the nearest year may be wrong: in a name, «اتفاق 10 آذار», or beside another year."""
    if item.weekday is not None:
        return False
    if (item.month, item.day) in NAMED_DAYS:
        return True
    word = _WORD_BEFORE.search(folded, max(0, item.start - 30), item.start)
    if word and ({word[1], _PREFIX.sub("", word[1])} & _NAMED_BEFORE):
        return True
    told = next((other for other in reversed(before) if other.year), None)
    return told is not None and told.year != year and not SENTENCE_END.search(folded, told.end, item.start)


# --- The patterns ---------------------------------------------------------------------------------

_CHRISTIAN = rf"{MAYBE}{listed('christian')}{STOP}"
# Not a year: part of a longer number, a share, Hijri, before Christ, or how many of something.
_NO_YEAR = (
    rf"(?![0-9]|[.,٫/-][0-9]|{MAYBE}(?:[%٪]|(?:{listed('hijri')}|ق\.?{MAYBE}م|{listed('before_christ')}){STOP})"
    rf"|{SPACE}{COUNTED}ا?{STOP})"
)


def _year(name: str = "year") -> str:
    return rf"(?P<{name}>[12][0-9]{{3}}{_NO_YEAR}(?:{_CHRISTIAN})?)"


_SUFFIX = r"(?:st|nd|rd|th)?(?![0-9])"
_DAY = rf"(?<![0-9a-z])(?<![0-9][.,٫:/])(?P<day>[0-3]?[0-9]){_SUFFIX}"
_ORDINAL = rf"(?:(?<=[وفبك])|{START})(?:ال|لل)(?P<ordinal>{ORDINAL}){STOP}"
# One month by one name or by more: «شباط», «شباط/فبراير», «يونيو (حزيران)», «شباط فبراير».
_MONTH = (
    rf"(?P<month>{MONTH})"
    rf"(?P<others>(?:{MAYBE}[/\\([-]?{MAYBE}{MONTH}(?:{MAYBE}[)\]])?){{0,2}})"
)
_ANY_MONTH = re.compile(MONTH)
_THE_YEAR = rf"(?:ال|لل|ل)?{listed('year_words')}"
_FROM = rf"(?:{listed('from')}{SPACE})?"
_OF_MONTH = rf"(?:{listed('month_word')}{SPACE})?"
_THE_MONTH = any_of(period for period in periods("month") if not period.isascii())
_WHICH_YEAR = (
    rf"(?:(?:{MAYBE}[,،/.\\-]?{MAYBE}|{SPACE}(?:{listed('from_or_in')}{SPACE})?{_THE_YEAR}{SPACE}){_year()}"
    rf"|{SPACE}{_FROM}{_THE_YEAR}{SPACE}(?P<of_year>{DIRECTION})"
    rf"|{SPACE}(?P<direction>{DIRECTION}))"
)

_DAY_MONTH = re.compile(
    rf"(?P<date>(?:{_DAY}(?:{MAYBE}[/,،.\\-]?{MAYBE}|{SPACE}(?:(?:{listed('from')}|{listed('english_of')}){SPACE})?{_OF_MONTH})"
    rf"|{_ORDINAL}{SPACE}{listed('from')}{SPACE}{_OF_MONTH})"
    rf"{_MONTH}(?:{_WHICH_YEAR})?)"
)
_DAY_THIS_MONTH = re.compile(
    rf"(?P<date>(?:{_DAY}|{_ORDINAL}){SPACE}{_FROM}"
    rf"(?:{listed('this')}{SPACE}(?P<this>{_THE_MONTH}){STOP}|{_THE_MONTH}{SPACE}(?P<of_month>{DIRECTION})))"
)
_MONTH_FIRST = re.compile(
    rf"{START}[وف]?[بلك]?(?:ال)?(?P<date>{_MONTH}"
    rf"(?:{_WHICH_YEAR}|{SPACE}(?P<day>[0-3]?[0-9]){_SUFFIX}(?:{MAYBE}[,،]?{MAYBE}{_year('late_year')})?))"
)
_LUNAR = rf"(?:(?<=[0-9]){MAYBE}\(?|{MAYBE}){listed('hijri')}{STOP}\)?"
_SOLAR = rf"{MAYBE}\(?{listed('jalali')}{STOP}\)?"
_NUMERIC = re.compile(
    r"(?<![0-9])(?<![0-9][./:-])(?P<date>(?:"
    rf"(?P<year>[12][0-9]{{3}})(?P<by>{MAYBE}[-/.\\]{MAYBE})(?P<number>[01]?[0-9])(?P=by)(?P<day>[0-3]?[0-9])"
    rf"|(?P<late_day>[0-3]?[0-9])(?P<late_by>{MAYBE}[-/.\\]{MAYBE})(?P<late_number>[01]?[0-9])(?P=late_by)"
    rf"(?P<late_year>[12][0-9]{{3}}))(?![0-9]|[./:-][0-9])(?:(?P<solar>{_SOLAR})|(?P<lunar>{_LUNAR})|{_CHRISTIAN})?)"
)
# «02/2026», «2026-02»; «2011/12» may be a season, whose second year follows.
_MONTH_IN_FIGURES = re.compile(
    r"(?<![0-9])(?<![0-9][./:-])(?P<date>"
    r"(?P<number>0?[1-9]|1[0-2])(?P<by>[-/])(?P<year>(?:19|20)[0-9]{2})"
    r"|(?P<late_year>(?:19|20)[0-9]{2})(?P<late_by>[-/])(?P<late_number>0[1-9]|1[0-2]))(?![0-9]|[./:-][0-9])"
)
_YEAR_FIRST = re.compile(
    rf"(?<![0-9])(?<![0-9][./:-])(?P<date>(?P<year>[12][0-9]{{3}}){MAYBE}[-/.،,]?{MAYBE}{_MONTH}"
    rf"{MAYBE}[-/.،,]?{MAYBE}(?P<day>[0-3]?[0-9]))(?![0-9]|[./:-][0-9])"
)
# «22 شعبان 1447 هـ», «غرة رمضان 1445», «21 بهمن 1404».
_OTHER_CALENDAR = re.compile(
    rf"(?P<date>(?:{_DAY}|{START}{listed('first_of_hijri_month')}{STOP})"
    rf"(?:{MAYBE}[/,،.\\-]?{MAYBE}|{SPACE}{listed('from')}{SPACE})(?:{listed('month_word')}{SPACE})?"
    rf"(?:(?P<hijri_month>{HIJRI_MONTH})|(?P<jalali_month>{JALALI_MONTH}))"
    rf"(?:{MAYBE}[,،/.\\-]?{MAYBE}|{SPACE}(?:{listed('from')}{SPACE})?{_THE_YEAR}{SPACE})"
    rf"(?P<year>1[2-5][0-9]{{2}})(?![0-9])(?:(?P<solar>{_SOLAR})|(?P<lunar>{_LUNAR}))?)"
)

# A bare number is a year only where the clause ends, or goes on with a word that is never what is counted.
_YEAR_ALONE = re.compile(
    rf"{START}[وف]?(?:[بك]?(?P<date>(?:(?:ال|لل|ل)?(?:{listed('year_words')}|{listed('several_years')})|year){SPACE}{_year()})"
    rf"|{listed('since')}{SPACE}(?P<late_date>{_year('late_year')})"
    rf"(?={MAYBE}(?:[][.,،؛;:!؟?)}}»”\"'\n-]|$)|{SPACE}{listed('clause_goes_on')}{STOP}))"
)
_NEXT_YEAR = re.compile(
    rf"{MAYBE}(?:-|و|[،,]{MAYBE}و?|{SPACE}(?:{listed('until_or')}|{listed('english_until_or')}){SPACE}){MAYBE}{_year()}"
)

_WEEKDAY = re.compile(
    rf"{START}[وفبل]?(?P<date>(?:(?:ال)?{listed('day_word')}{SPACE})?(?:ال)?(?P<weekday>{WEEKDAY_ARABIC}|{WEEKDAY_ENGLISH})){STOP}"
    rf"{MAYBE}[,،(-]?{MAYBE}(?:(?:ال)?{listed('corresponding')}(?:{SPACE}ل?|{MAYBE}:{MAYBE}|(?=[0-9])))?"
    rf"(?:{listed('on_the_date')}{SPACE})?(?:ال)?$"
)
# «9 و10 شباط», «9-10 شباط»: the first day has its month from the second.
_FIRST_OF_TWO = re.compile(
    rf"(?<![0-9a-z,.٫/:-])(?P<day>[0-3]?[0-9]){MAYBE}(?:-|و|{SPACE}(?:{listed('as_far_as')}|{listed('english_until')}){SPACE}){MAYBE}$"
)
_TWO_DIGIT_YEAR = re.compile(
    rf"{MAYBE}[/-][0-9]{{2}}(?![0-9])|{SPACE}['’]?[0-9]{{2}}{MAYBE}(?:[.،,؛;:)!؟?\n]|$)"
)
_NOUN_BEFORE = re.compile(
    rf"{START}(?!ال(?:{listed('day_word')}|{WEEKDAY_ARABIC}){STOP})ال[{LETTER}]+{SPACE}$"
)


# --- From a match to its parts --------------------------------------------------------------------


def _read(folded: str, *, months_in_figures: bool) -> list[Written]:
    """Return all dates that are written, in order; where two patterns match, the first of them counts."""
    found: list[Written] = []
    for sign, patterns in _PATTERNS:
        if sign.search(folded):
            for pattern in patterns:
                for match in pattern.finditer(folded):
                    if _is_time(match):
                        found += _items(match)
    if months_in_figures:
        found += [_item(match) for match in _MONTH_IN_FIGURES.finditer(folded) if not _is_season(match)]
    kept: list[Written] = []  # in order, none over another
    for item in found:
        after = bisect_left(kept, item.end, key=lambda other: other.start)
        if not after or kept[after - 1].end <= item.start:
            kept.insert(after, item)
    return kept


# Before each group of patterns the cheap sign without which none of it can match: most sentences have none.
_PATTERNS = (
    (re.compile(rf"[0-9]{MAYBE}[-/.\\]{MAYBE}[0-9]"), (_NUMERIC,)),
    (re.compile("1[2-5][0-9]{2}(?![0-9])"), (_OTHER_CALENDAR,)),
    (re.compile("[12][0-9]{3}"), (_YEAR_FIRST,)),
    (re.compile(MONTH), (_DAY_MONTH, _MONTH_FIRST)),
    (re.compile(_THE_MONTH), (_DAY_THIS_MONTH,)),
    (re.compile("[12][0-9]{3}"), (_YEAR_ALONE,)),
)


def _is_time(match: re.Match[str]) -> bool:
    """Return whether a match is a date: «النصف الأول من آذار», "march 3" (may be a verb) and «آذار 3» are not."""
    if match.re is _MONTH_FIRST and match["day"] and not match["late_year"]:
        return match["month"].isascii() and match["month"] not in ("may", "march", "mar")
    if match.re in (_DAY_MONTH, _MONTH_FIRST) and match["month"][-1].isdigit():
        return bool(match["year"] or match["direction"] or match["of_year"])  # «3 ت1» may be anything
    if match.re is _DAY_MONTH and match["ordinal"]:
        return _NOUN_BEFORE.search(match.string, max(0, match.start() - 20), match.start()) is None
    return True


def _is_season(match: re.Match[str]) -> bool:
    """Return whether two figures are a year and the next one: «2011/12»."""
    return bool(match["late_year"]) and (int(match["late_year"]) + 1) % 100 == int(match["late_number"])


def _items(match: re.Match[str]) -> list[Written]:
    """Return a match's date, or those that share its month («9 و10 شباط») or its cue («عامي 2014 و2016»)."""
    item = _item(match)
    folded = match.string
    if match.re is _YEAR_ALONE:
        items = [item]
        while following := _NEXT_YEAR.match(folded, items[-1].end):
            start, end = following.span("year")
            items.append(Written(start, end, start, _told(following["year"])))
        return items
    if item.day is None:
        return [item]
    first = _FIRST_OF_TWO.search(folded, max(0, item.start - 12), item.start)
    if first and match.re is _DAY_MONTH and int(first["day"]) < item.day:
        start, end = first.span("day")
        return [
            _after_weekday(replace(item, start=start, end=end, core=start, day=int(first["day"])), folded),
            item,
        ]
    return [_after_weekday(item, folded)]


def _item(match: re.Match[str]) -> Written:
    parts = match.groupdict()

    def part(name: str) -> str | None:
        return parts.get(name) or parts.get(f"late_{name}")

    start, end = match.span("date" if parts.get("date") else "late_date")
    year = _told(part("year"))
    names = [
        found[0] for found in _ANY_MONTH.finditer(f"{parts.get('month') or ''} {parts.get('others') or ''}")
    ]
    months = {_month_number(name) for name in names}
    day, ordinal, number = part("day"), part("ordinal"), part("number")
    if there := _in_other_calendar(match):
        return there
    if len(months) > 1 or (day and year is None and _TWO_DIGIT_YEAR.match(match.string, end)):
        year = UNTOLD
    return Written(
        start,
        end,
        start,
        year,
        int(number) if number else min(months, default=None),
        ordinals()[" ".join(ordinal.split())] if ordinal else int(day) if day else None,
        direction=_direction(part("direction")),
        of_year=_direction(part("of_year")),
        of_month="now" if part("this") else _direction(part("of_month")),
    )


def _in_other_calendar(match: re.Match[str]) -> Written | None:
    """Return a date that its month, a mark or its year puts in the Hijri or the solar calendar."""
    if match.re is not _NUMERIC and match.re is not _OTHER_CALENDAR:
        return None
    parts = match.groupdict()
    year = int(parts["year"] or parts["late_year"])
    calendar: Calendar | None = "jalali" if parts["solar"] else "hijri" if parts["lunar"] else None
    if match.re is _OTHER_CALENDAR:
        hijri, jalali = parts["hijri_month"], parts["jalali_month"]
        names = hijri_months() if hijri else jalali_months()
        month = names[" ".join((hijri or jalali).split())]
        calendar = "hijri" if hijri else "jalali"
    elif calendar or (1300 <= year < 1500 and not re.search(_CHRISTIAN, match[0])):
        month = int(parts["number"] or parts["late_number"])
    else:
        return None
    start, end = match.span("date")
    day = int(parts["day"] or parts.get("late_day") or 1)
    return Written(start, end, start, UNTOLD, month, day, calendar=calendar, year_there=year)


def _after_weekday(item: Written, folded: str) -> Written:
    weekday = _WEEKDAY.search(folded, max(0, item.start - 40), item.start)
    if weekday is None:
        return item
    return replace(item, start=weekday.start("date"), weekday=weekdays()[weekday["weekday"]])


def _told(year: str | None) -> int | None:
    """Return the year of a match, «2014» or «1453 م», or ``UNTOLD`` for one that may well be Hijri."""
    if year is None:
        return None
    number = int(year[:4])
    return UNTOLD if number >= 2200 or (1300 <= number < 1500 and len(year) == 4) else number


def _month_number(name: str) -> int:
    name = " ".join(name.rstrip(".").split())
    return numbered_months().get(name) or months()[name]


def _direction(word: str | None) -> Direction | None:
    """Return the direction of a word: «الماضية» is past."""
    return directions()[word.removeprefix("ال").removesuffix("ه")] if word else None
