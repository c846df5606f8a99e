"""Words used in dates: month names from Baghdad to Rabat, weekdays, ordinals; and their folding.

Everything here is in folded form (see ``fold``), ready for use in a pattern.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

# A letter, after folding. A word is never entered in its middle, except by the digits of a glued line.
LETTER = "a-z\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u00c0-\u024f"
START, STOP = f"(?<![{LETTER}])", f"(?![{LETTER}])"
# Bounded, so that a page of blanks costs no time.
SPACE = r"[^\S\n]{1,6}"
MAYBE = r"[^\S\n]{0,6}"

HARAKAT = "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
_UNSEEN = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_MARK = re.compile(f"[{HARAKAT}{_UNSEEN}]+")

# One character to one character, so that offsets stay what they are until marks are dropped. The usual
# letters are in it even where they stay: translating a character that the table lacks takes far longer.
_TABLE: dict[int, str] = {code: chr(code).lower() if code < 0x80 else chr(code) for code in range(0x700)}
_TABLE |= {0x660 + digit: str(digit) for digit in range(10)} | {
    0x6F0 + digit: str(digit) for digit in range(10)
}
_TABLE |= {
    ord(letter): folded
    for letters, folded in zip(
        ["أإآٱ", "ىیئ", "ؤ", "ةۀہھ", "کڪ", "‐‑‒–—―−"], ["ا", "ي", "و", "ه", "ك", "-"], strict=True
    )
    for letter in letters
}
# A presentation form stands for a letter that may itself be folded: ﺓ → ة → ه.
for _code in range(0xFE70, 0xFEFD):
    _letter = unicodedata.normalize("NFKC", chr(_code))
    if len(_letter) == 1:
        _TABLE[_code] = _TABLE.get(ord(_letter), _letter)


def fold(text: str) -> tuple[str, Sequence[int]]:
    """Return ``(folded, at)``: the text in the form of the patterns; ``folded[i]`` stands at ``text[at[i]]``.

    Hamzas, alef maqsura, ta marbuta, digits, dashes and capitals are normalized; vowel marks, tatweel and
    invisible direction marks are dropped. ``len(at) == len(folded) + 1``.
    """
    flat = text.translate(_TABLE)
    if _MARK.search(flat) is None:
        return flat, range(len(flat) + 1)
    at: list[int] = []
    kept: list[str] = []
    begin = 0
    for mark in _MARK.finditer(flat):
        at += range(begin, mark.start())
        kept.append(flat[begin : mark.start()])
        begin = mark.end()
    at += range(begin, len(flat) + 1)
    return "".join(kept) + flat[begin:], at


def listed(words: str) -> list[str]:
    """Return words separated by blanks as a list."""
    return words.split()


def any_of(words: Sequence[str]) -> str:
    """Return a pattern for any of the words, the longest first, with any blanks where a word has one."""
    longest_first = sorted({fold(word)[0] for word in words}, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", SPACE) for word in longest_first) + ")"


_MONTH_NAMES = {
    1: "كانون الثاني، كانون ثاني، كانون ثان، يناير، جانفي، january، jan",
    2: "شباط، فبراير، فيفري، february، feb",
    3: "آذار، مارس، march، mar",
    4: "نيسان، أبريل، ابرايل، أفريل، april، apr",
    5: "أيار، مايو، ماي، may",
    6: "حزيران، يونيو، يونيه، يونية، جوان، june، jun",
    7: "تموز، يوليو، يوليه، يوليوز، جويلية، جويليا، july، jul",
    8: "آب، أغسطس، أغسطوس، أوت، غشت، august، aug",
    9: "أيلول، سبتمبر، شتنبر، september، sept، sep",
    10: "تشرين الأول، تشرين أول، أكتوبر، اوكتوبر، october، oct",
    11: "تشرين الثاني، تشرين ثاني، تشرين ثان، نوفمبر، نونبر، نوفنبر، november، nov",
    12: "كانون الأول، كانون أول، ديسمبر، دسمبر، ديسامبر، دجنبر، december، dec",
}
MONTHS: dict[str, int] = {
    fold(name)[0]: number for number, names in _MONTH_NAMES.items() for name in names.split("، ")
}
MONTH = f"{any_of(list(MONTHS))}{STOP}" r"(?:(?<=[a-z])\.)?"

LEVANTINE = (
    "كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران",
    "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
)  # fmt: skip
EGYPTIAN = (
    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
    "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
)  # fmt: skip
ENGLISH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_WEEKDAY_NAMES = ("اثنين اتنين", "ثلاثاء ثلاثا ثلثاء", "اربعاء اربعا", "خميس", "جمعه", "سبت", "احد")
_WEEKDAYS_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS: dict[str, int] = {
    name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names.split()
} | {name: number for number, name in enumerate(_WEEKDAYS_ENGLISH)}
"""Folded names, without the article, mapped to Python's number: Monday is 0."""
WEEKDAY_ARABIC = any_of([name for name in WEEKDAYS if name not in _WEEKDAYS_ENGLISH])
WEEKDAY_ENGLISH = any_of(_WEEKDAYS_ENGLISH)

_UNITS = listed("الحادي الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع")
_TENS = ("العشرين", "العشرون")
ORDINALS: dict[str, int] = {
    fold(word)[0].removeprefix("ال"): number
    for number, word in [
        (1, "الأول"),
        *enumerate(_UNITS[1:], 2),
        (10, "العاشر"),
        *((10 + unit, f"{word} عشر") for unit, word in enumerate(_UNITS, 1)),
        *((20 + unit, f"{word} و{ten}") for unit, word in enumerate(_UNITS, 1) for ten in _TENS),
        *((31, f"الحادي و{ten}") for ten in ("الثلاثين", "الثلاثون")),
        (20, "العشرين"), (20, "العشرون"), (30, "الثلاثين"), (30, "الثلاثون"),
    ]
}  # fmt: skip
"""Folded ordinals, without their article, mapped to the day of the month."""

Direction = Literal["past", "now", "next"]
DIRECTIONS: dict[str, Direction] = {
    **dict.fromkeys(("ماضي", "فايت", "منصرم", "منقضي", "فارط"), "past"),
    **dict.fromkeys(("جاري", "حالي"), "now"),
    **dict.fromkeys(("مقبل", "قادم"), "next"),
}
DIRECTION = f"ال{any_of(list(DIRECTIONS))}ه?{STOP}"

# Nouns that are counted: a number before one of them is how many, never a year.
COUNTED = any_of(
    listed(
        """شخص مقاتل عنصر جندي عسكري قتيل جريح مدني لاجئ نازح معتقل أسير طفل امرأة رجل عامل موظف طالب
        لاعب متفرج مصاب مشارك أسرة عائلة حالة إصابة وفاة دولار يورو ليرة دينار درهم ريال جنيه
        مليون مليار ألف طن كيلوغرام لتر برميل متر كيلومتر كلم ميل هكتار دونم فدان صاروخ غارة قذيفة
        طائرة دبابة سيارة قرية مدينة منزل وحدة مدرسة نقطة صوت مقعد صفحة ساعة دقيقة ثانية يوم أسبوع
        شهر عام سنة مرة people persons fighters soldiers civilians villages tons dollars euros
        miles points votes km meters days weeks months years hours"""
    )
)

# After these a day and a month are part of a name, whose year is its own: «هجمات 11 أيلول», «اتفاق 10 آذار».
NAMED_BEFORE = frozenset(
    fold(word)[0]
    for word in listed(
        """هجمات هجوم أحداث اعتداءات ثورة ثورتي حركة قوى فريق تحالف جسر شارع نهج ساحة ميدان مدينة
        جامعة محور حرب انتفاضة انقلاب تيار ائتلاف منظمة جمعية ملعب مستشفى حزب مدرسة معهد محطة حراك
        اتفاق اتفاقية تفاهم مجزرة ذكرى عيد دستور مرسوم كتيبة لواء نكسة هبة تظاهرات جيل شباب شهداء
        حديقة قاعة مركب نكبة"""
    )
)
# Two days of the year that became names of themselves.
NAMED_DAYS = frozenset({(9, 11), (10, 7)})

SENTENCE_END = re.compile(r"[.!؟?\n]")
# Words after which a date is still to come, or may be. Rather one too many: a date taken for a coming one is
# only left out. «سيعقد» but not «سياسة», «سيطرة», «سيارات».
FUTURE = re.compile(
    rf"{START}(?:[وفبل]?(?:ال|لل)?(?:مقرر|مزمع|مرتقب|منتظر|متوقع|مقبل|قادم)(?:ه|ين|ون)?"
    rf"|[وفل]?(?:سوف|بحلول|حتي|لن|غدا|سيتم|ستتم|خطه|رويه|هدف|[يت]هدف|موعد|مهله|[يت]نتهي|[يت]عتزم|[يت]خطط|[يت]ستعد"
    r"|س[يت](?!اس|اح|اق|ار[هات]|اد[هت]|طر[هتو]|طرا|ناريو"
    rf"|(?:د[هي]|دات|دتي|ره|رات|رته|رتها|ناء|نما|ول|وف|ما){STOP})[{LETTER}]{{3,}}"
    rf"|will|shall|scheduled|due|upcoming|expected|planned|plans|by|until|deadline)){STOP}"
)
# Words before a date that say it is over. Not «قال», «أعلن», «قرر»: what was announced may be still to come.
PAST = re.compile(
    rf"{START}[وفل]?(?:"
    + any_of(
        listed(
            """كان كانوا منذ تأسس تأسست أنشئ أنشئت ولد ولدت توفي توفيت قتل قتلت قتلوا عقدت انعقد
            انعقدت وقع وقعت وقعا وقعوا أبرم أبرمت انضم انضمت بدأ بدأت انطلق انطلقت جرى جرت شهد
            شهدت زار زارت وصل وصلت صدر صدرت صادر الصادر الصادرة المؤرخ المؤرخة الموقع الموقعة
            المنعقد المنعقدة نشر نشرت نشره نشرته حصل حصلت فاز فازت اندلع اندلعت سقط سقطت أصبح
            أصبحت تولى تولت انتخب انتخبت أقيم أقيمت افتتح افتتحت اعتقل اعتقلت اغتيل تعرض تعرضت سجل
            سجلت بلغ بلغت خلف خلفت دخل دخلت غادر غادرت عاد عادت التقى التقت استضاف استضافت حضر
            شارك شاركت توصل توصلت استهدف استهدفت سيطر سيطرت ضم ضمت نفذ نفذت حدث حدثت was were had
            since held signed joined founded began killed born died took became met visited
            published dated"""
        )
    )
    + f"){STOP}"
)
# Words before a date that leave open whether it was to come: plans, terms, decisions.
UNSURE = re.compile(
    rf"{START}[وفبل]?(?:"
    + any_of(
        listed(
            """غاية حدود قبل مشروع لتنظيم عقد لعقد انعقاد بداية ابتداء انطلاقا أجل ينتظر مزمعا مقررا
            مقررة يجب اقترح اقترحت مقترح مقترحا تتواصل يتواصل يتم تأجيل تأجل قرر قررت قرروا أقر
            أقرت تقرر اختيار تمديد تعليق دعا دعت تدعو يدعو تنفيذ لتنفيذ ميزانية المالية إلغاء
            يفضلون يمكن برنامج برمجة"""
        )
    )
    + f"){STOP}"
)
CITED = re.compile(
    rf"^{MAYBE}(?:\[?[0-9]+[].)-]|[•*-])"
    rf"|{START}(?:ال)?(?:موقع|صحيفه|وكاله|مجله|مركز|تقرير|كتاب|قناه|report|website|journal|press|accessed){STOP}"
)
