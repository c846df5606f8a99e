"""Distinguish lines that give an article's publication date from reporting that contains a date."""

from __future__ import annotations

import re
from typing import Literal

from corpus.article import Precision
from corpus.dates.words import LETTER, MAYBE, SPACE, START, STOP, WEEKDAYS, fold, listed

Role = Literal["published", "updated"]

_THING = r"(?:ال)?(?:خبر|مقال|مقاله|ماده|تقرير|موضوع|نص|تحقيق|حوار|منشور|تدوينه)"
_LABEL = re.compile(
    rf"{START}(?:"
    rf"(?:تاريخ|وقت|موعد){SPACE}(?:و(?:وقت|ساعه){SPACE})?(?:ال)?(?:نشر|اضافه|اصدار|ادراج)(?:{SPACE}{_THING})?"
    rf"|تاريخ{SPACE}{_THING}"
    rf"|(?:date{SPACE}published|publication{SPACE}date|published{SPACE}date|publish{SPACE}date|date{SPACE}of{SPACE}publication)"
    rf"){STOP}"
)
_VERB = re.compile(
    rf"{START}(?:(?:تم{SPACE})?(?:ال)?نشر(?:ت|ه|ها)?|(?:تمت{SPACE})?(?:ال)?اضاف[هت]ه?ا?|اضيف(?:ت)?|ادرجت?|كتبه?ا?|حرر|صدرت?"
    rf"|بتاريخ|(?:ال)?تاريخ(?={MAYBE}:)|date(?={MAYBE}:)|published|posted|written|first{SPACE}published|added){STOP}"
)
_UPDATE = re.compile(
    rf"{START}(?:(?:اخر|احدث|تاريخ){SPACE}(?:ال)?(?:تحديث|تعديل)|(?:تم{SPACE})?(?:ال)?(?:تحديث|تعديل)ه?|حدثت?|عدلت?"
    rf"|(?:last{SPACE})?(?:updated?|modified|edited)){STOP}"
)
_NOTICE = re.compile(
    rf"^{MAYBE}(?:(?:هذا|هذه|this|the){SPACE}(?:{_THING}|article|story|report|post|item){STOP}.*?)?"
    rf"(?P<label>{START}نشرت?{STOP}|{START}(?:was{SPACE})?(?:first{SPACE})?published{STOP})",
    re.DOTALL,
)
_OPENS_NOTICE = re.compile(
    rf"^{MAYBE}(?:(?:هذا|هذه){SPACE}{_THING}|this{SPACE}(?:article|story|report|post|item)){STOP}"
    rf"|{START}نشرت?{SPACE}(?:اولا|لاول{SPACE}مره|للمره{SPACE}الاولي){STOP}"
)

# What stands beside a date in a line of its own: a byline, a clock, counts of readers.
_BESIDE = frozenset(
    fold(word)[0]
    for word in listed(
        """هيئة التحرير تحرير فريق محرر المحرر بقلم كتب كتبه كتبت إعداد بواسطة نشر نشرت النشر تم في
        يوم تاريخ بتاريخ الساعة ساعة بتوقيت توقيت غرينتش جرينتش المحلي مكة المكرمة دمشق بيروت
        القاهرة الرياض بغداد عمان تونس صباحا مساء ظهرا عصرا ص م ه هـ الموافق موافق آخر تحديث
        التحديث تعديل منذ مشاهدة مشاهدات قراءة قراءات زيارة تعليق تعليقات دقيقة دقائق مشاركة
        مشاركات وكالات متابعات خاص gmt utc am pm t z est cet by at on posted published updated
        last update staff editor views min read محرم صفر ربيع الأول الآخر الثاني جمادى الأولى
        الآخرة رجب شعبان رمضان شوال ذو ذي القعدة الحجة"""
    )
)
_AUTHOR = re.compile(rf"^(?:بقلم|كتب|كتبه|كتبت|اعداد|تحرير|بواسطه|by){STOP}")
_HARD = re.compile(r"[|•·\t]|(?<=\s)-+(?=\s)|^-|-$|[^\S\n]{2,}|\n")
_WORD = re.compile(f"[{LETTER}]+")
_MOST_WORDS = 8


def role(lead: str, tail: str, precision: Precision) -> tuple[Role | None, int]:
    """Return the role of a date for its article, and the offset in ``lead`` where the date's label begins.

    ``lead`` is the folded text before the date, from the preceding date on; ``tail`` is the folded text after
    it. The offset is ``len(lead)`` if there is no label.
    """
    update, label, verb = (_last(pattern, lead) for pattern in (_UPDATE, _LABEL, _VERB))
    label_stands = label and _near(lead[label.end() :], 3) and _begins_piece(lead, label.start())
    if label and label_stands and not (update and update.start() > label.start()):
        return "published", label.start()
    if update and _near(lead[update.end() :], 3):
        return (
            ("updated", update.start())
            if _is_beside(lead[: update.start()], adjacent_first=False)
            else (None, 0)
        )
    ends = _is_beside(tail, adjacent_first=True)
    if not ends:
        return None, len(lead)
    if _OPENS_NOTICE.search(lead) and (notice := _NOTICE.search(lead)):
        return "published", notice.start("label")
    if verb and _near(lead[verb.end() :], 6) and _is_beside(lead[: verb.start()], adjacent_first=False):
        return "published", verb.start()
    if precision == "day" and _is_beside(lead, adjacent_first=False):
        return "published", len(lead)
    return None, len(lead)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _near(between: str, words: int) -> bool:
    """Return whether only a few words, and no end of a sentence, stand between a label and its date."""
    return len(_WORD.findall(between)) <= words and not re.search(r"[.!؟?](?:\s|$)|\n", between)


def _begins_piece(lead: str, start: int) -> bool:
    """Return whether only a few words stand before a label: the rest of a line of such labels, or a byline."""
    return len(_WORD.findall(lead, 0, start)) <= 5


def _is_beside(text: str, *, adjacent_first: bool) -> bool:
    """Return whether a text may stand beside a date: known words, or separate pieces of at most three words."""
    words = _WORD.findall(text)
    if len(words) > _MOST_WORDS:
        return False
    pieces = _HARD.split(text)
    near, far = (pieces[0], pieces[1:]) if adjacent_first else (pieces[-1], pieces[:-1])
    return _is_known(near) and all(_is_known(piece) or len(_WORD.findall(piece)) <= 3 for piece in far)


def _is_known(piece: str) -> bool:
    words = _WORD.findall(piece)
    if _AUTHOR.match(piece.strip()) and len(words) <= 6:
        return True
    return all(word in _BESIDE or word.removeprefix("ال") in WEEKDAYS for word in words)
