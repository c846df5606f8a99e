"""Find the dates of a text by their wording, and interpret them by the words around them."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Literal

from corpus.arabic.calendar import month_names
from corpus.arabic.folding import SIGNS
from corpus.article import Precision, Published
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


def find_dates(
    text: str, anchor: datetime.date | None = None, start: int = 0, end: int | None = None
) -> list[DateMention]:
    """Return the dates of ``text[start:end]`` in order, none overlapping another; offsets are into ``text``.

    ``anchor`` is the day on which the text (its article) was written: «اليوم» is that day, «10 نوفمبر» the
    nearest to it. Without it only dates that name their year are found.
    """
    folded, at = fold(text[start:end])
    found, written = find_written(folded, anchor)
    if anchor is not None:

        def words(first: int, last: int) -> str:
            return text[start + at[first] : start + at[last]]

        def quoted(index: int) -> bool:
            return _in_quotation(text, start + at[index])

        for first, last, day, precision in find_relative(folded, anchor, words, quoted):
            if not any(first < e and s < last for s, e in written):
                written.append((first, last))
                if day is not None:
                    found.append((first, last, day, precision, True))
        found.sort()
    return [
        DateMention(
            start + at[s], _with_marks(text, start + at[e - 1] + 1), day.isoformat(), precision, relative
        )
        for s, e, day, precision, relative in found
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


def parse_published(text: str) -> Published | None:
    """Return the publication date that a line gives for its article; None for a line that gives none.

    A sentence of reporting that contains a date does not count: the date must follow a label («تاريخ
    النشر:») or a notice («نشر أولاً على موقع … بتاريخ …»), or stand alone except for a byline, a
    place or a clock time. Of several dates that of publication counts. Where only an update is dated
    («آخر تحديث: …»), the article is not younger than that: ``date`` stays None and ``not_after`` holds
    it. ``evidence`` is the label and the date, verbatim.
    """
    updated: Published | None = None
    for line in text.splitlines():
        mentions = find_dates(line)
        for before, mention in zip((None, *mentions), mentions, strict=False):
            begin = before.end if before else 0
            lead, at = fold(line[begin : mention.start])
            role, label = date_role(lead, fold(line[mention.end :])[0], mention.precision)
            evidence = line[begin + at[label] : mention.end]
            if role == "published":
                return Published(mention.date, mention.precision, evidence)
            if role == "updated" and updated is None:
                updated = Published(evidence=evidence, not_after=_last_day(mention))
    return updated


def _last_day(mention: DateMention) -> str:
    first = datetime.date.fromisoformat(mention.date)
    if mention.precision == "day":
        return mention.date
    after = shift_month(first, 1 if mention.precision == "month" else 12)
    return (after - datetime.timedelta(days=1)).isoformat()


# --- What a text without a date of publication tells of its age ------------------------------------


def bound(text: str) -> Published:
    """Return ``not_before``, the latest date that the text treats as past or cites, and its ``evidence``.

    A date counts after a word that marks it as over («تأسس … عام 2014») or at the end of a reference, and not
    where its sentence refers to the future: a looser bound is preferred to a wrong one. A month or a year bounds
    by its first day. Measured on 10,161 news articles that are dated otherwise: 733 bounded, 6 of them wrongly.
    """
    latest_first = sorted(
        find_dates(text), key=lambda mention: (mention.date, _FINENESS[mention.precision]), reverse=True
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
