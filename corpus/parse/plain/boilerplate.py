"""Table of rules for the lines of a scraped page that are not reporting.

A rule fires on a whole line, never on part of one. «anywhere» rules are for lines that no report contains;
«edge» rules are for lines that a report might contain («سياسة», a date by itself): they fire only before the
first and after the last paragraph of reporting. Patterns are written in ordinary spelling and matched against
`Line.bare`: folded words and numbers, one space between, no punctuation. Doubtful cases have no rule: the
line stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from corpus.arabic import fold_text
from corpus.parse.plain import boilerplatewords
from corpus.parse.plain.boilerplatewords import any_of, arabic
from corpus.parse.plain.lines import Line
from corpus.parse.plain.outlets import known_agency
from corpus.parse.plain.stamps import is_date, is_dated_name, is_labelled_date

Where = Literal["anywhere", "edge"]
Test = Callable[[Line], bool]


def reason_for(line: Line, where: Where) -> str:
    """Return the reason of the first rule that fires on a line, "" when none does.

    ``edge`` applies all rules, ``anywhere`` only those that need no position.
    """
    if not line.words:
        return "ornament"
    for rule in RULES:
        if (where == "edge" or rule.where == "anywhere") and rule.fires(line):
            return rule.reason
    return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for lines to drop, with the reason given for them."""

    reason: str
    where: Where
    longest: int
    """Maximum number of words: a longer line is never dropped by this rule."""
    test: Test
    items: bool = True
    """Whether the rule may fire on a numbered or bulleted line."""

    def fires(self, line: Line) -> bool:
        return len(line.words) <= self.longest and (self.items or not line.is_item) and self.test(line)


def _is(*patterns: str) -> Test:
    """Return a test for lines that match one of the patterns as a whole."""
    compiled = re.compile(arabic("|".join(patterns)))
    return lambda line: bool(compiled.fullmatch(line.bare))


def _opens(*patterns: str) -> Test:
    """Return a test for lines that start with one of the patterns, as whole words."""
    compiled = re.compile(arabic(f"(?:{'|'.join(patterns)})(?![^ ])"))
    return lambda line: bool(compiled.match(line.bare))


def _holds(*patterns: str) -> Test:
    """Return a test for lines that contain one of the patterns, as whole words."""
    compiled = re.compile(arabic(f"(?<![^ ])(?:{'|'.join(patterns)})(?![^ ])"))
    return lambda line: bool(compiled.search(line.bare))


def _written(*patterns: str) -> Test:
    """Return a test for folded lines, with their punctuation, that match one of the patterns as a whole."""
    compiled = re.compile(arabic("|".join(patterns)))
    return lambda line: bool(compiled.fullmatch(line.folded))


def _made_of(words: str, *, with_one_of: str) -> Test:
    """Return a test for lines of listed words, one of the second list; numbers and a leading «و» are ignored."""
    known = frozenset(fold_text(f"{words} {with_one_of}").split())
    keys = frozenset(fold_text(with_one_of).split())

    def test(line: Line) -> bool:
        found = {
            word if word in known else word.removeprefix("و") for word in line.words if not word.isdigit()
        }
        return found <= known and bool(found & keys)

    return test


def _all(*tests: Test) -> Test:
    return lambda line: all(test(line) for test in tests)


def _unquoted(line: Line) -> bool:
    """Return whether the line quotes nobody."""
    return not any(mark in line.text for mark in '"«“”')


def _is_label(line: Line) -> bool:
    return not line.text.endswith(":")


def _is_agency(line: Line) -> bool:
    """Return whether the line is only an agency's name: «رويترز», «-أ ف ب-», «(CNN)»."""
    return known_agency(line.text) is not None


def _is_bracketed_credit(line: Line) -> bool:
    """Return whether the line is a credit in brackets: «(رويترز)», «[أ ف ب]», «(أرشيفية)»."""
    inside = re.fullmatch(r"[(\[]([^()\[\]]{2,40})[)\]]", line.text)
    return inside is not None and (known_agency(inside[1]) is not None or _ARCHIVE(line))


_ARCHIVE = _is(
    r"(?:صورة )?(?:أرشيف|أرشيفية|الأرشيف|من الأرشيف|تعبيرية|توضيحية|خاص|وكالات|الإنترنت|مواقع التواصل)"
)

RULES = (
    Rule(
        "breaking flash",
        "anywhere",
        4,
        _is(r"(?:خبر |أخبار )?(?:عاجل|عاجلة)(?: عاجل)*", "breaking(?: news)?"),
    ),
    Rule(
        "advertisement",
        "anywhere",
        6,
        _is(
            r"(?:ال)?(?:إعلان|إعلانات)(?: ممولة?| مدفوعة?| تجاري)?",
            r"محتوى (?:إعلاني|ممول|مدعوم)",
            r"مساحة إعلانية",
            r"(?:يستمر|تابع) (?:القراءة|المحتوى) بعد الإعلان",
            r"advert|advertisements?|sponsored(?: content)?|ads?",
        ),
        items=False,
    ),
    Rule(
        "share",
        "anywhere",
        14,
        _made_of(
            f"{boilerplatewords.NETWORKS} {boilerplatewords.SHARE_WORDS}",
            with_one_of=boilerplatewords.SHARE_VERBS,
        ),
    ),
    Rule(
        "share",
        "edge",
        14,
        _made_of(boilerplatewords.SHARE_WORDS, with_one_of=boilerplatewords.NETWORKS),
        items=False,
    ),
    Rule("share", "edge", 5, _is(any_of(boilerplatewords.SHARE_PHRASES)), items=False),
    Rule("follow us", "anywhere", 30, _all(_opens(any_of(boilerplatewords.FOLLOW_US)), _unquoted)),
    Rule(
        "follow us",
        "anywhere",
        30,
        _all(_opens(any_of(boilerplatewords.JOIN_VERBS)), _holds(any_of(boilerplatewords.OURS)), _unquoted),
    ),
    Rule(
        "follow us",
        "anywhere",
        20,
        _all(
            _opens(any_of(boilerplatewords.JOIN_CALLS)), _holds(any_of(boilerplatewords.CHANNELS)), _unquoted
        ),
    ),
    Rule(
        "disclaimer",
        "anywhere",
        40,
        _all(
            _opens(*(boilerplatewords.NOTES + pattern for pattern in boilerplatewords.DISCLAIMERS)),
            _holds(boilerplatewords.WHOSE_OPINIONS),
            _unquoted,
        ),
    ),
    Rule(
        "cookie notice",
        "anywhere",
        60,
        _all(
            _holds(r"(?:ل)?ملفات (?:تعريف )?(?:الارتباط|الكوكيز)", "(?:ال)?كوكيز", "cookies?"),
            _holds(
                r"نستخدم|(?:يستخدم|يستعمل) (?:هذا )?(?:الموقع|موقعنا)|(?:هذا الموقع|موقعنا) يستخدم",
                r"باستخدامك|باستخدام(?:كم)? (?:هذا )?(?:الموقع|موقعنا)|أوافق|موافق",
                r"this (?:site|website) uses|we use|accept(?: all)?",
            ),
            _unquoted,
        ),
    ),
    Rule(
        "cookie notice", "edge", 3, _is("موافق|أوافق|قبول(?: الكل)?|رفض(?: الكل)?|accept(?: all)?|decline|ok")
    ),
    Rule(
        "copyright",
        "anywhere",
        20,
        _holds(
            r"(?:جميع |كافة |كل )?(?:الحقوق|حقوق (?:النشر|الطبع|الطبع والنشر|النشر والطبع)) محفوظة",
            r"all rights reserved",
        ),
    ),
    Rule("copyright", "anywhere", 14, _written(r"(?:©|\(c\)|copyright\b).{0,80}")),
    Rule("copyright", "edge", 14, _opens("حقوق النشر|حقوق الطبع")),
    Rule(
        "view count",
        "anywhere",
        10,
        _is(
            r"(?:عدد )?(?:ال)?(?:مشاهدات|مشاهدة|زيارات|قراءات|قراء|قراءة|مرات القراءة|تعليقات|مشاركات|"
            r"إعجابات)"
            r"(?: الخبر| المقال)? \d[\d ]*",
            r"\d[\d ]* (?:ألف )?(?:مشاهدة|مشاهدات|زيارة|قراءة|تعليق|تعليقات|مشاركة|مشاركات|إعجاب)",
            r"\d[\d ]*k? (?:views?|comments?|shares?|likes?)",
            r"(?:مدة|وقت|زمن) (?:ال)?قراءة(?: المتوقع| التقديري)? \d+ ?(?:دقيقة|دقائق|ثانية)?",
            r"(?:ال)?(?:قراءة|تقرأ)(?: في)? \d+ (?:دقيقة|دقائق)",
            r"\d+ (?:دقيقة|دقائق) (?:قراءة|للقراءة)",
            r"\d+ min(?:ute)?s? read",
            r"(?:قيم|تقييم) (?:هذا |هذه )?(?:المقال|الخبر|الموضوع|المادة).{0,20}",
        ),
    ),
    Rule("photo credit", "anywhere", 5, _is_bracketed_credit),
    Rule(
        "photo credit",
        "anywhere",
        8,
        _written(
            r"(?:تصوير|عدسة|مصدر الصورة|صدر الصورة|الصورة|صورة|photo|photo credit|credit|image|image source)"
            r"\s*[:：،/|-]\s*[^.؟!]{2,60}",
            r"(?:صورة|صور) (?:أرشيفية|تعبيرية|توضيحية|من الأرشيف|من الإنترنت|وكالة .{3,30})",
            r"\*?ملاحظة\s*:\s*الصورة (?:توضيحية|أرشيفية|تعبيرية)[-.]?",
            r"(?:getty images|gettyimages|shutterstock|epa|afp|ap photo|reuters)(?:\s*[/|-]\s*[\w .]{2,40})?",
        ),
    ),
    Rule(
        "short link label",
        "anywhere",
        5,
        _is(
            r"(?:ال)?رابط(?: المختصر| مختصر| الخبر| المقال| الدائم| المادة)?(?: للخبر| للمقال)?",
            r"short ?link|permalink",
        ),
    ),
    Rule("date line", "anywhere", 18, is_labelled_date),
    Rule("date line", "edge", 16, is_date, items=False),
    Rule("dated byline", "edge", 14, is_dated_name, items=False),
    Rule("outlet name", "edge", 6, _is_agency),
    Rule("end mark", "edge", 1, _is("انتهى|انتهت|تم|النهاية|يتبع")),
    Rule(
        "byline",
        "edge",
        9,
        _written(
            r"(?:[^:.]{2,20}[-–—/]\s*)?(?:كتب|كتبت|كتبه|بقلم|إعداد|أعده|أعدته|أعدها|تحرير|ترجمة|ترجمها|"
            r"حاوره|حاورته|"
            r"حاورها|متابعة|متابعات|المحرر|المحررة|الكاتب|الكاتبة|المراسل|مراسلنا|إعداد وتحرير|إعداد "
            r"وتقديم|مراجعة|"
            r"تدقيق|by|author|written by|editor)\s*(?:[:：/|]|[-–—]+)\s*(?:[^.:؟!\s]++\s?){0,6}",
            r"بقلم (?:(?:الكاتب|الدكتور|د\.?) )?[^.:؟!]{2,50}",
            r"by [^.:?!]{2,40}",
        ),
        items=False,
    ),
    Rule(
        "byline",
        "edge",
        5,
        _is(
            r"(?:هيئة|فريق|قسم|إدارة|أسرة|غرفة|مدير|رئيس|رئيسة) (?:ال)?(?:تحرير|أخبار|موقع|ترجمة|"
            r"مراسلين)(?: [^ ]+){0,2}",
            r"(?:خاص|متابعات|متابعة|وكالات|مراسلون|المحرر|محرر الموقع|صحف|مواقع)(?: (?:خاص|وكالات|"
            r"متابعات|مواقع))?",
            r"خاص ب?[^ ]{3,12}(?: [^ ]{3,12})?",
        ),
        items=False,
    ),
    Rule(
        "section name",
        "edge",
        5,
        _all(_made_of(boilerplatewords.SECTION_QUALIFIERS, with_one_of=boilerplatewords.SECTIONS), _is_label),
        items=False,
    ),
    Rule(
        "section name",
        "edge",
        10,
        _written(r"(?:القسم|التصنيف|التصنيفات|نشر في قسم|الفئة|category|filed under)\s*[:：].{2,60}"),
    ),
    Rule(
        "navigation",
        "edge",
        30,
        _is(
            rf"{any_of(boilerplatewords.MENU)}(?: (?:{any_of(boilerplatewords.MENU)}|"
            rf"{any_of('،'.join(boilerplatewords.SECTIONS.split()))}))*"
        ),
    ),
    Rule("navigation", "edge", 4, _written(r"a\s?[+-](?:\s*a\s?[+-]?)*", "[+-]?a(?: [+-]?a)+")),
    Rule("navigation", "edge", 40, _written(r"(?:أنت هنا\s*:?\s*)?(?:الرئيسية|home)\s*[/»>›|\\←-].*")),
)
"""The rules in order; the first that fires gives the reason."""
