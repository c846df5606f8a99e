"""Find the dates of a text by their wording, and interpret them by the words around them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.arabic.calendar import month_names
from corpus.arabic.folding import SIGNS
from corpus.article import Precision, Published
from corpus.dates.calendars import SIGHTED_APART, Calendar, is_possible
from corpus.dates.labels import is_beside, labelled_year
from corpus.dates.labels import role as date_role
from corpus.dates.relative import find_relative
from corpus.dates.words import (
    CITED,
    FUTURE,
    LETTER,
    MAYBE,
    PAST,
    SENTENCE_END,
    SPACE,
    UNSURE,
    fold,
    listed,
)
from corpus.dates.written import find_written, shift_month


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date mentioned at ``text[start:end]``.

    ``date`` is ISO ``YYYY-MM-DD``, the first day of the period when ``precision`` is month or year.
    ``relative`` is true when the anchor was needed: «أمس», «السبت الماضي», and a day and month without a year.
    """

    start: int
    end: int
    date: str
    precision: Precision
    relative: bool
    calendar: Calendar = "gregorian"
    """The calendar in which it is written."""


def find_dates(
    text: str,
    anchor: datetime.date | None = None,
    start: int = 0,
    end: int | None = None,
    *,
    of_publication: bool = False,
) -> list[DateMention]:
    """Return the dates of ``text[start:end]`` in order, none overlapping another; offsets are into ``text``.

    ``anchor`` is the day on which the text (its article) was written: «اليوم» is that day, «10 نوفمبر» the
    nearest to it. Without it only dates that name their year are found. With ``of_publication`` also dates of other
    calendars and months in figures, «02/2026»: beside a label they are dates, in a sentence a law's number.
    """
    part = text[start:end]
    folded, at = fold(part)

    def persian(first: int, last: int) -> bool:
        return any("۰" <= each <= "۹" for each in part[at[first] : at[last]])

    found, written = find_written(folded, anchor, persian if of_publication else None)
    if anchor is not None:

        def words(first: int, last: int) -> str:
            return text[start + at[first] : start + at[last]]

        def quoted(index: int) -> bool:
            return _in_quotation(text, start + at[index])

        for first, last, day, precision in find_relative(folded, anchor, words, quoted):
            if not any(first < e and s < last for s, e in written):
                written.append((first, last))
                if day is not None:
                    found.append((first, last, day, precision, True, "gregorian"))
        found.sort()
    return [
        DateMention(
            start + at[s],
            _with_marks(text, start + at[e - 1] + 1),
            day.isoformat(),
            precision,
            relative,
            calendar,
        )
        for s, e, day, precision, relative, calendar in found
    ]


def format_date(date: str, precision: Precision, language: Literal["ar", "en"]) -> str:
    """Format a date in Arabic or English to its precision.

    «9 شباط/فبراير 2026», «شباط/فبراير 2026», «2026»; "9 February 2026", "February 2026", "2026".
    """
    day = datetime.date.fromisoformat(date)
    if precision == "year":
        return str(day.year)
    names = ("levantine", "egyptian") if language == "ar" else ("english",)
    name = "/".join(month_names(calendar)[day.month - 1] for calendar in names)
    return f"{day.day} {name} {day.year}" if precision == "day" else f"{name} {day.year}"


_IS_MARK = re.compile(f"[{SIGNS}]*")


def _with_marks(text: str, end: int) -> int:
    """Return the end of a word, including the vowel marks on its last letter."""
    marks = _IS_MARK.match(text, end)
    return marks.end() if marks else end


def _in_quotation(text: str, position: int) -> bool:
    """Return whether a quotation that opened in the same paragraph is still open."""
    paragraph = text[text.rfind("\n", 0, position) + 1 : position]
    return (
        paragraph.count("«") > paragraph.count("»")
        or paragraph.count("“") > paragraph.count("”")
        or paragraph.count('"') % 2 == 1
    )


# --- Lines that say when an article was published --------------------------------------------------


def parse_published(text: str, today: datetime.date | None = None) -> Published | None:
    """Return the publication date that a line gives for its article; None for a line that gives none.

    A sentence of reporting that contains a date does not count: the date must follow a label («تاريخ
    النشر:») or a notice («نشر أولاً على موقع … بتاريخ …»), or stand alone except for a byline, a
    place or a clock time. Of several dates that of publication counts. Where only an update is dated
    («آخر تحديث: …»), the article is not younger than that: ``date`` stays None and ``not_after`` holds
    it. ``evidence`` is the label and the date, verbatim. Default dates of programs and days after tomorrow
    (``today`` is the clock's unless it is given) are no dates.

    Of a date in two calendars («22 شعبان 1447 هـ الموافق 10 فبراير 2026») the Gregorian one counts where the two are
    as near as sightings of the crescent; where they are not, both bound the article and neither dates it.
    """
    updated: Published | None = None
    for line in text.splitlines():
        dates = list(_dates_of(line, today))
        if (
            not dates
            and (year := labelled_year(fold(line)[0]))
            and is_possible(datetime.date(year, 1, 1), today)
        ):
            return Published(f"{year}-01-01", "year", line.strip())
        begin = 0
        for number, date in enumerate(dates):
            lead, at = fold(line[begin : date.start])
            role, label = date_role(
                lead,
                fold(_between(line, date.end, dates[number + 1 : number + 1 + _FOLLOWING]))[0],
                date.precision,
            )
            labelled = label < len(lead)
            evidence = line[
                begin + at[label] if labelled else date.words[0] : date.end if labelled else date.words[1]
            ]
            begin = date.end
            if role == "published":
                if date.first != date.last:
                    evidence = line[date.start : date.end]
                    return Published(evidence=evidence, not_before=date.first, not_after=date.last)
                return Published(date.first, date.precision, evidence)
            if role == "updated" and updated is None:
                updated = Published(evidence=evidence, not_after=_last_day(date.last, date.precision))
    return updated


def _between(line: str, start: int, dates: Sequence[_Date]) -> str:
    """Return what follows a date without the days in it, as far as the first few of them."""
    end = start + _AFTER
    days = [date for date in dates if date.precision == "day" and date.end <= end]
    edges = [start, *(edge for date in days for edge in (date.start, date.end)), end]
    return "  ".join(line[one:other] for one, other in zip(edges[::2], edges[1::2], strict=True))


_FOLLOWING = 3
"""Number of dates behind one that are left out where its surroundings are judged: of an update, of other calendars."""
_AFTER = 400
"""Number of characters behind a date that are judged: more than what may stand beside it."""


def dated_spans(line: str) -> list[tuple[int, int]]:
    """Return the spans of the days with their years in a line; two calendars' words for one day are one span."""
    return [(date.start, date.end) for date in _dates_of(line, datetime.date.max) if date.precision == "day"]


@dataclass(frozen=True, slots=True)
class _Date:
    """The date at ``line[start:end]``, in one calendar or in two; ``first`` and ``last`` where they do not agree."""

    start: int
    end: int
    words: tuple[int, int]
    """The span of the Gregorian one of two."""
    first: str
    last: str
    precision: Precision


def _dates_of(line: str, today: datetime.date | None) -> Iterator[_Date]:
    """Yield the possible dates of a line, two that name one day in two calendars as one."""
    mentions = find_dates(line, of_publication=True)
    at = 0
    while at < len(mentions):
        one = mentions[at]
        other = mentions[at + 1] if at + 1 < len(mentions) else None
        if other and _are_one_day(line, one, other):
            ours = one if one.calendar == "gregorian" else other
            first, last = sorted((one.date, other.date))
            if _days_between(first, last) <= SIGHTED_APART:
                first = last = ours.date
            date = _Date(one.start, other.end, (ours.start, ours.end), first, last, "day")
            at += 2
        else:
            date = _Date(one.start, one.end, (one.start, one.end), one.date, one.date, one.precision)
            at += 1
        if is_possible(datetime.date.fromisoformat(date.last), today):
            yield date


def _are_one_day(line: str, one: DateMention, other: DateMention) -> bool:
    """Return whether two dates, one of them Gregorian, have nothing but «الموافق» or a sign between them."""
    return (
        (one.calendar == "gregorian") != (other.calendar == "gregorian")
        and one.precision == other.precision == "day"
        and other.start - one.end <= _BETWEEN
        and is_beside(fold(line[one.end : other.start])[0])
    )


_BETWEEN = 40
"""Number of characters between two dates that may be one day."""


def _days_between(first: str, last: str) -> int:
    return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days


def _last_day(date: str, precision: Precision) -> str:
    first = datetime.date.fromisoformat(date)
    if precision == "day":
        return date
    after = shift_month(first, 1 if precision == "month" else 12)
    return (after - datetime.timedelta(days=1)).isoformat()


def converted(published: Published) -> str | None:
    """Return the words of a publication date in another calendar that was converted; None for all others."""
    if published.date is None:
        return None
    mentions = find_dates(published.evidence, of_publication=True)
    same = [mention for mention in mentions if mention.date == published.date]
    if not same or any(mention.calendar == "gregorian" for mention in same):
        return None
    return published.evidence[same[0].start : same[0].end]


# --- What a text without a date of publication tells of its age ------------------------------------


def bound(text: str) -> Published:
    """Return ``not_before``, the latest date that the text treats as past or cites, and its ``evidence``.

    A date counts after a word that marks it as over («تأسس … عام 2014») or at the end of a reference, and not
    where its sentence refers to the future: a looser bound is preferred to a wrong one. A month or a year bounds
    by its first day. Measured on 10,161 news articles that are dated otherwise: 733 bounded, 6 of them wrongly.
    """
    known = (
        mention for mention in find_dates(text) if is_possible(datetime.date.fromisoformat(mention.date))
    )
    latest_first = sorted(
        known, key=lambda mention: (mention.date, _FINENESS[mention.precision]), reverse=True
    )
    best = next((mention for mention in latest_first[:_MOST_MENTIONS] if _is_past(text, mention)), None)
    return Published(evidence=text[best.start : best.end], not_before=best.date) if best else Published()


_FINENESS: dict[Precision, int] = {"year": 0, "month": 1, "day": 2}
_MOST_MENTIONS = 1000
"""Number of dates looked at, the latest ones: a text with more of them is a table."""
_LINE = 10_000
"""Number of characters of a line looked at before a date."""
_NEAR = 80
"""Number of characters before a date within which a word still refers to it."""
_ENDS_REFERENCE = re.compile(rf"{MAYBE}[.)]*{MAYBE}(?:\n|$)")
_AFTER_COMMA = re.compile(rf"[,،(]{MAYBE}(?:{listed('reference_date')}{SPACE})?$")


def _is_past(text: str, mention: DateMention) -> bool:
    """Return whether the words around a date in its sentence mark it as past, or it closes a reference."""
    reach = max(0, mention.start - _LINE)
    before, _ = fold(text[max(reach, text.rfind("\n", reach, mention.start) + 1) : mention.start])
    after, _ = fold(text[mention.end : mention.end + 40])
    sentence = max((end.end() for end in SENTENCE_END.finditer(before)), default=0)
    if FUTURE.search(before, sentence) or _SOON_AFTER.match(after):
        return False
    if _ENDS_REFERENCE.match(after) and _AFTER_COMMA.search(before):
        return CITED.search(before) is not None
    said = text[mention.start : mention.end]
    if said.startswith("ل") or UNSURE.search(before, max(sentence, len(before) - _NEAR)):
        return False
    return bool(PAST.search(before, max(sentence, len(before) - _NEAR)) or _VERB_AFTER.match(after))


_VERB_AFTER = re.compile(rf"{MAYBE}[,،]?{MAYBE}(?={PAST.pattern})")
_SOON_AFTER = re.compile(
    rf"{MAYBE}[,،)]?{MAYBE}(?:(?!{listed('that')})[{LETTER}]+{SPACE})??(?={FUTURE.pattern})"
)
