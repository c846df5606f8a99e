"""Find dates relative to the day of writing, in folded text: «أمس الأحد», «السبت الماضي», «الشهر الحالي».

These words also have other meanings: «اليوم التالي», «روسيا اليوم», «الأمين العام الحالي», «سوق الأحد»,
«في أمس الحاجة», «غدا» (became). They count only where the words around them leave no other reading.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from corpus.arabic.affixes import affixes
from corpus.arabic.calendar import (
    Direction,
    days,
    directions,
    english_directions,
    parts_of_day,
    periods,
    weekdays,
)
from corpus.arabic.numbers import value_of
from corpus.article import Precision
from corpus.dates.words import (
    DIRECTION,
    FUTURE,
    LETTER,
    MAYBE,
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
from corpus.dates.written import STEP, shift_month

Relative = tuple[int, int, datetime.date | None, Precision]
"""Start and end in the folded text, first day, precision; no day: words taken without giving a date."""

# Each pattern is tried only where one of its signs is there at all: most sentences have none.
_DAY_SIGNS = tuple(day for day in days() if not any(other in day for other in days() if other != day))
_WEEKDAY_SIGNS = tuple(weekdays())
_AGO_SIGNS = tuple(listed_set("ago"))
_PERIOD_SIGNS = (*periods("month"), *periods("year"))


def find_relative(
    folded: str, anchor: datetime.date, words: Callable[[int, int], str], quoted: Callable[[int], bool]
) -> Iterator[Relative]:
    """Yield the relative dates of ``folded``, pattern by pattern.

    ``words(start, end)`` returns a span of it as it was published, with its vowel marks; ``quoted(i)`` returns
    whether ``folded[i]`` stands in a quotation: a speaker's «أمس» is not the article's, unless a weekday
    confirms it.
    """
    if any(sign in folded for sign in _DAY_SIGNS):
        yield from _days(folded, anchor, words, quoted)
    if any(sign in folded for sign in _AGO_SIGNS):
        yield from _ago(folded, anchor, quoted)
    if any(sign in folded for sign in _WEEKDAY_SIGNS):
        for match in _WEEKDAY.finditer(folded):
            if _is_time(match):
                which = _direction(match["direction"] or match["which"])
                day = _weekday(weekdays()[match["weekday"] or match["english"]], which, anchor)
                yield *match.span("date"), None if quoted(match.start()) else day, "day"
    if any(sign in folded for sign in _PERIOD_SIGNS):
        for match in _PERIOD.finditer(folded):
            if _word_before(match, "date") not in _GENERAL_BEFORE:
                yield (
                    *match.span("date"),
                    None if quoted(match.start()) else _period(match, anchor),
                    _unit(match),
                )


# --- «اليوم», «أمس», «غداً» -----------------------------------------------------------------------

_DAY_WORD = listed("day_word")
_DAY = re.compile(
    rf"{START}[وف]?(?P<date>(?P<day>(?:{any_of(parts_of_day('before_today'))}{SPACE})?(?P<word>{any_of(days())})){STOP}"
    rf"(?:(?:{SPACE}|{MAYBE}[,،(]{MAYBE})(?:{_DAY_WORD}{SPACE})?(?:ال(?P<weekday>{WEEKDAY_ARABIC})|(?P<english>{WEEKDAY_ENGLISH}))"
    rf"{STOP})?)"
)
# «في اليوم التالي», «ذلك اليوم», and the papers and channels that are called so.
_NOT_TODAY_BEFORE = listed_set("not_today_before")
_NOT_TODAY = re.compile(
    rf"{SPACE}(?:ال{listed('not_today_after_with_article')}|{listed('not_today_after')}){STOP}"
)
_ALSO_THE_DAY = listed_set("today_or_the_day")
_ALSO_PRESSING = listed_set("yesterday_or_pressing")
_ALSO_BECAME = listed_set("tomorrow_or_became")
_NOT_YESTERDAY_BEFORE = listed_set("in")
_NOT_YESTERDAY = re.compile(rf"{SPACE}{listed('not_yesterday_after')}{STOP}")


def _is_day(match: re.Match[str], words: Callable[[int, int], str]) -> bool:
    """Return whether the word for a day, without a weekday, means that day and nothing else."""
    word, before = match["word"], _word_before(match, "day")
    with_part = match["day"] != word
    if word in _ALSO_THE_DAY:
        # «مساء اليوم» needs no more; «لليوم» and «باليوم» never get here.
        return with_part or (
            before not in _NOT_TODAY_BEFORE and not _NOT_TODAY.match(match.string, match.end("day"))
        )
    if word in _ALSO_PRESSING:
        return before not in _NOT_YESTERDAY_BEFORE and not _NOT_YESTERDAY.match(
            match.string, match.end("day")
        )
    if word in _ALSO_BECAME:
        return with_part or "\u064b" in words(match.start("day"), match.end("day"))
    return True


def _days(
    folded: str, anchor: datetime.date, words: Callable[[int, int], str], quoted: Callable[[int], bool]
) -> Iterator[Relative]:
    for match in _DAY.finditer(folded):
        day = anchor + datetime.timedelta(days=days()[" ".join(match["word"].split())])
        named = match["weekday"] or match["english"]
        if named:
            yield *match.span("date"), day if weekdays()[named] == day.weekday() else None, "day"
        elif _is_day(match, words) and not quoted(match.start()):
            yield *match.span("day"), day, "day"


_AGO = re.compile(
    rf"{START}[وف]?(?P<date>{listed('ago')}{SPACE}(?:(?P<two>{listed('two_days')})"
    rf"|(?P<count>[0-9]{{1,3}}|[{LETTER}]+){SPACE}{listed('counted_days')})){STOP}(?!{SPACE}{listed('not_ago_after')}{STOP})"
)
_NOT_AGO_BEFORE = listed_set("not_ago_before")
_LONGEST_AGO = 60  # days; more of them are a round number


def _ago(folded: str, anchor: datetime.date, quoted: Callable[[int], bool]) -> Iterator[Relative]:
    """Yield «قبل ثلاثة أيام», counted from the day of writing."""
    for match in _AGO.finditer(folded):
        count = 2.0 if match["two"] else value_of(match["count"])
        if count and count <= _LONGEST_AGO and _word_before(match, "date") not in _NOT_AGO_BEFORE:
            day = anchor - datetime.timedelta(days=round(count))
            yield *match.span("date"), None if quoted(match.start()) else day, "day"


# --- «السبت», «السبت الماضي» ----------------------------------------------------------------------

_WEEKDAY = re.compile(
    rf"{START}[وف]?(?P<date>(?:(?P<cue>(?:{any_of(parts_of_day('all'))}{SPACE})+)ال(?=\w)|ال|"
    rf"(?:on{SPACE}|(?P<which>last|next){SPACE})(?=[a-z]))"
    rf"(?:(?<=ال)(?P<weekday>{WEEKDAY_ARABIC})|(?<= )(?P<english>{WEEKDAY_ENGLISH})){STOP}"
    rf"(?:{SPACE}(?P<direction>{DIRECTION}))?)"
)
_EVERY = listed_set("every")
# Markets, prayers and mosques have their day, «بين الاثنين» is two, «من الأحد إلى الخميس» is every week.
_NOT_A_DAY_BEFORE = listed_set("not_a_day_before")
_MORE_DAYS = re.compile(
    rf"{MAYBE}(?:[/-]|و|[,،]{MAYBE}و?|{SPACE}{listed('until_or')}{SPACE}){MAYBE}(?:{_DAY_WORD}{SPACE})?ال{WEEKDAY_ARABIC}{STOP}"
    rf"|{SPACE}{listed('of_every_week')}{STOP}"
)
_PRONOUN = any_of(affixes("pronouns_of_things"))
_TIME_FOLLOWS = re.compile(
    rf"{MAYBE}(?:[,،.؛:!؟)\n]|$)|{SPACE}(?:و?[اب]?{listed('that')}{_PRONOUN}?|{listed('says_with_pronoun')}{_PRONOUN}|"
    rf"{listed('follows_day')}){STOP}"
)


def _is_time(match: re.Match[str]) -> bool:
    """Return whether a weekday means a day near the anchor: stated so, or placed as in news («، السبت، أن …»)."""
    folded, before = match.string, _word_before(match, "date")
    if match["english"] or match["direction"]:
        return before not in _EVERY
    bare = (before or "").removeprefix("و").removeprefix("ال")
    if {before, bare} & _NOT_A_DAY_BEFORE or bare in weekdays():
        return False
    if _MORE_DAYS.match(folded, match.end()):
        return False
    if not match["cue"] and not _TIME_FOLLOWS.match(folded, match.end()):
        return False
    # «سيعقد الاجتماع، السبت» is the next one or the one after: left out.
    sentence = max((end.end() for end in SENTENCE_END.finditer(folded, 0, match.start())), default=0)
    return FUTURE.search(folded, sentence, match.start()) is None


def _weekday(weekday: int, direction: Direction | None, anchor: datetime.date) -> datetime.date:
    """Return the latest such day up to the anchor; before it for «الماضي», the first after it for «المقبل»."""
    if direction == "next":
        return anchor + datetime.timedelta(days=(weekday - anchor.weekday()) % 7 or 7)
    back = (anchor.weekday() - weekday) % 7
    return anchor - datetime.timedelta(days=(back or 7) if direction == "past" else back)


# --- «الشهر الماضي», «العام الحالي» -----------------------------------------------------------------

_ARABIC_PERIOD = any_of(period for period in _PERIOD_SIGNS if not period.isascii())
_ENGLISH_PERIOD = any_of(period for period in _PERIOD_SIGNS if period.isascii())
_PERIOD = re.compile(
    rf"{START}[وف]?ب?(?P<date>(?P<unit>{_ARABIC_PERIOD}){SPACE}(?P<direction>{DIRECTION})"
    rf"|هذ[اه]{SPACE}(?P<this>{_ARABIC_PERIOD}){STOP}"
    rf"|(?P<which>{any_of(english_directions())}){SPACE}(?P<english>{_ENGLISH_PERIOD}){STOP})"
)
# «الأمين العام الحالي»: here العام is not the year but "general".
_GENERAL_BEFORE = listed_set("general_before")


def _unit(match: re.Match[str]) -> Precision:
    return "month" if (match["unit"] or match["this"] or match["english"]) in periods("month") else "year"


def _period(match: re.Match[str], anchor: datetime.date) -> datetime.date:
    step = STEP[_direction(match["direction"] or match["which"]) or "now"]
    return shift_month(anchor, step) if _unit(match) == "month" else datetime.date(anchor.year + step, 1, 1)


_LAST_WORD = re.compile(rf"([{LETTER}]+){SPACE}[وف]?$")


def _word_before(match: re.Match[str], group: str) -> str | None:
    start = match.start(group)
    word = _LAST_WORD.search(match.string, max(0, start - 30), start)
    return word[1] if word else None


def _direction(word: str | None) -> Direction | None:
    if word is None:
        return None
    return english_directions().get(word) or directions()[word.removeprefix("ال").removesuffix("ه")]
