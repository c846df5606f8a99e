"""Find dates relative to the day of writing, in folded text: «أمس الأحد», «السبت الماضي», «الشهر الحالي».

These words also have other meanings: «اليوم التالي», «روسيا اليوم», «الأمين العام الحالي», «سوق الأحد»,
«في أمس الحاجة», «غدا» (became). They count only where the words around them leave no other reading.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from corpus.article import Precision
from corpus.dates.words import (
    DIRECTION,
    DIRECTIONS,
    FUTURE,
    LETTER,
    MAYBE,
    SENTENCE_END,
    SPACE,
    START,
    STOP,
    WEEKDAY_ARABIC,
    WEEKDAY_ENGLISH,
    WEEKDAYS,
    Direction,
    any_of,
    fold,
    listed,
)
from corpus.dates.written import STEP, shift_month

Relative = tuple[int, int, datetime.date | None, Precision]
"""Start and end in the folded text, first day, precision; no day: words taken without giving a date."""

# Each pattern is tried only where one of its signs is there at all: most sentences have none.
_DAY_SIGNS = ("اليوم", "امس", "البارحه", "غد", "today", "yesterday", "tomorrow")
_WEEKDAY_SIGNS = tuple(name for name in WEEKDAYS)
_PERIOD_SIGNS = ("الشهر", "العام", "السنه", "month", "year")


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
    if any(sign in folded for sign in _WEEKDAY_SIGNS):
        for match in _WEEKDAY.finditer(folded):
            if _is_time(match):
                which = _direction(match["direction"] or match["which"])
                day = _weekday(WEEKDAYS[match["weekday"] or match["english"]], which, anchor)
                yield *match.span("date"), None if quoted(match.start()) else day, "day"
    if any(sign in folded for sign in _PERIOD_SIGNS):
        for match in _PERIOD.finditer(folded):
            if _word_before(match, "date") not in _OF_GENERAL:
                yield (
                    *match.span("date"),
                    None if quoted(match.start()) else _period(match, anchor),
                    _unit(match),
                )


# --- «اليوم», «أمس», «غداً» -----------------------------------------------------------------------

_DAYS = {fold(word)[0]: 0 for word in ("اليوم", "today")}
_DAYS |= {fold(word)[0]: -1 for word in ("أمس", "بالأمس", "البارحة", "yesterday")}
_DAYS |= {fold(word)[0]: -2 for word in ("أمس الأول", "أول أمس", "أول من أمس", "أول البارحة")}
_DAYS |= {fold(word)[0]: 1 for word in ("غدا", "غد", "tomorrow")} | {fold("بعد غد")[0]: 2}
_DAY = re.compile(
    rf"{START}[وف]?(?P<date>(?P<day>(?:(?:يوم|مساء|صباح){SPACE})?(?P<word>{any_of(list(_DAYS))})){STOP}"
    rf"(?:(?:{SPACE}|{MAYBE}[,،(]{MAYBE})(?:يوم{SPACE})?(?:ال(?P<weekday>{WEEKDAY_ARABIC})|(?P<english>{WEEKDAY_ENGLISH}))"
    rf"{STOP})?)"
)
# «في اليوم التالي», «ذلك اليوم», and the papers and channels that are called so.
_NOT_TODAY_AFTER = frozenset(
    fold(word)[0]
    for word in listed(
        """في ذلك طوال طيلة خلال نفس ذات بعد قبل حتى لغاية إلى منتصف نهاية بداية آخر من كل مدار صحيفة
        جريدة قناة موقع وكالة روسيا ليبيا سوريا فلسطين رأي راي المصري العربي العربية عمان أخبار
        إيران العراق لبنان تونس الجزائر المغرب العالم"""
    )
)
_NOT_TODAY = re.compile(
    rf"{SPACE}(?:ال(?:تالي|سابق|موالي|لاحق|عالمي|وطني|دولي|عربي|اخير|واحد|مذكور|موعود|مشهود|دراسي|انتخابي|تاريخي|مفتوح|"
    rf"اول|ثاني|ثالث|رابع|خامس|سادس|سابع|ثامن|تاسع|عاشر|حادي|عشرين|ثلاثين|ذي|نفس)|نفسه|ذاته|عينه|الذي){STOP}"
)
_NOT_YESTERDAY = re.compile(rf"{SPACE}(?:الحاجه|القريب|الغابر){STOP}")


def _is_day(match: re.Match[str], words: Callable[[int, int], str]) -> bool:
    """Return whether the word for a day, without a weekday, means that day and nothing else."""
    word, before = match["word"], _word_before(match, "day")
    if word == "اليوم":
        # «مساء اليوم» needs no more; «لليوم» and «باليوم» never get here.
        certain = match["day"] != word
        return certain or (
            before not in _NOT_TODAY_AFTER and not _NOT_TODAY.match(match.string, match.end("day"))
        )
    if word in ("امس", "بالامس"):
        return before != "في" and not _NOT_YESTERDAY.match(match.string, match.end("day"))
    if word in ("غدا", "غد"):
        return match["day"] != word or "\u064b" in words(match.start("day"), match.end("day"))
    return True


def _days(
    folded: str, anchor: datetime.date, words: Callable[[int, int], str], quoted: Callable[[int], bool]
) -> Iterator[Relative]:
    for match in _DAY.finditer(folded):
        day = anchor + datetime.timedelta(days=_DAYS[" ".join(match["word"].split())])
        named = match["weekday"] or match["english"]
        if named:
            yield *match.span("date"), day if WEEKDAYS[named] == day.weekday() else None, "day"
        elif _is_day(match, words) and not quoted(match.start()):
            yield *match.span("day"), day, "day"


# --- «السبت», «السبت الماضي» ----------------------------------------------------------------------

_WEEKDAY = re.compile(
    rf"{START}[وف]?(?P<date>(?:(?P<cue>(?:(?:يوم|نهار|مساء|صباح|فجر|ظهر|عصر){SPACE})+)ال(?=\w)|ال|"
    rf"(?:on{SPACE}|(?P<which>last|next){SPACE})(?=[a-z]))"
    rf"(?:(?<=ال)(?P<weekday>{WEEKDAY_ARABIC})|(?<= )(?P<english>{WEEKDAY_ENGLISH})){STOP}"
    rf"(?:{SPACE}(?P<direction>{DIRECTION}))?)"
)
# Markets, prayers and mosques have their day, «بين الاثنين» is two, «من الأحد إلى الخميس» is every week.
_NOT_A_TIME_AFTER = frozenset(
    fold(word)[0]
    for word in listed(
        """صلاة خطبة سوق مسجد جامع كل ليلة ليل أيام واحد بين من إلى حتى لغاية إمام قداس عظة مدينة
        قرية شارع عطلة يومي صباحي مساءي كلا أحد أي غير اعتبارا بدءا ابتداء"""
    )
)
_MORE_DAYS = re.compile(
    rf"{MAYBE}(?:[/-]|و|[,،]{MAYBE}و?|{SPACE}(?:الي|حتي|او){SPACE}){MAYBE}(?:يوم{SPACE})?ال{WEEKDAY_ARABIC}{STOP}"
    rf"|{SPACE}من{SPACE}كل{STOP}"
)
_TIME_FOLLOWS = re.compile(
    rf"{MAYBE}(?:[,،.؛:!؟)\n]|$)|{SPACE}(?:و?[اب]?ان(?:ه|ها|هم)?|في|على|علي|عن|من|الي|مع|عقب|بعد|قبل|خلال|اثر|وسط|ضد|"
    rf"قول(?:ه|ها|هم)|بيانا?|خلال|بحضور|بمشاركه|برفقه|لبحث|حيث|وقال|وذلك|بينما|فيما|لدي|علما){STOP}"
)


def _is_time(match: re.Match[str]) -> bool:
    """Return whether a weekday means a day near the anchor: stated so, or placed as in news («، السبت، أن …»)."""
    folded, before = match.string, _word_before(match, "date")
    if match["english"] or match["direction"]:
        return before not in ("كل", "every")
    bare = (before or "").removeprefix("و").removeprefix("ال")
    if before in _NOT_A_TIME_AFTER or bare in _NOT_A_TIME_AFTER or bare in WEEKDAYS:
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

_PERIOD = re.compile(
    rf"{START}[وف]?ب?(?P<date>(?P<unit>الشهر|العام|السنه){SPACE}(?P<direction>{DIRECTION})"
    rf"|هذ[اه]{SPACE}(?P<this>الشهر|العام|السنه){STOP}|(?P<which>last|this|next){SPACE}(?P<english>month|year){STOP})"
)
# «الأمين العام الحالي»: here العام is not the year but "general".
_OF_GENERAL = frozenset(
    fold(word)[0]
    for word in listed(
        """الأمين أمين المدير مدير المدعي النائب القائد المفتش المراقب الرأي المفوض الاتحاد المنسق
        القنصل الحاكم المجلس الإضراب الوضع المشهد السياق الاتجاه القطاع العفو الشأن النظام القانون
        المال الكاتب المقرر المستوى الأمن الصالح المؤتمر"""
    )
)


def _unit(match: re.Match[str]) -> Precision:
    return "month" if (match["unit"] or match["this"] or match["english"]) in ("الشهر", "month") else "year"


def _period(match: re.Match[str], anchor: datetime.date) -> datetime.date:
    step = STEP[_direction(match["direction"] or match["which"]) or "now"]
    return shift_month(anchor, step) if _unit(match) == "month" else datetime.date(anchor.year + step, 1, 1)


_LAST_WORD = re.compile(rf"([{LETTER}]+){SPACE}[وف]?$")
_WHICH: dict[str, Direction] = {"last": "past", "this": "now", "next": "next"}


def _word_before(match: re.Match[str], group: str) -> str | None:
    start = match.start(group)
    word = _LAST_WORD.search(match.string, max(0, start - 30), start)
    return word[1] if word else None


def _direction(word: str | None) -> Direction | None:
    if word is None:
        return None
    return _WHICH.get(word) or DIRECTIONS[word.removeprefix("ال").removesuffix("ه")]
