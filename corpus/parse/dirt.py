"""What a scraped page holds besides reporting, as a table of rules.

A rule fires on a whole line, never on part of one. «anywhere» rules are for lines that no report contains;
«edge» rules are for lines that one might («سياسة», a date by itself): they fire only before the first and
after the last paragraph of reporting. Patterns are written in ordinary spelling and matched against
`Line.bare`: folded words and numbers, one space between, no punctuation. When in doubt, there is no rule:
the line stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from corpus.arabic import STOPWORDS, fold_text
from corpus.datewords import MONTHS, WEEKDAYS
from corpus.parse.lines import Line
from corpus.parse.outlets import known_agency

Where = Literal["anywhere", "edge"]


def arabic(pattern: str) -> str:
    """A pattern whose Arabic letters are folded as `Line.bare` is; the rest of it is left alone."""
    return re.sub(r"[\u0621-\u064a]+", lambda letters: fold_text(letters[0]), pattern)


@dataclass(frozen=True, slots=True)
class Rule:
    """Lines to drop, and the reason given for them."""

    reason: str
    where: Where
    test: Callable[[Line], bool]
    longest: int
    """In words: a longer line is never dropped by this rule."""
    items: bool = True
    """Whether it may fire on a numbered or bulleted line."""

    def fires(self, line: Line) -> bool:
        return len(line.words) <= self.longest and (self.items or not line.is_item) and self.test(line)


def _is(*patterns: str) -> Callable[[Line], bool]:
    """The whole line is one of the patterns."""
    compiled = re.compile(arabic("|".join(patterns)))
    return lambda line: bool(compiled.fullmatch(line.bare))


def _opens(*patterns: str) -> Callable[[Line], bool]:
    """The line starts with one of the patterns, as whole words."""
    compiled = re.compile(arabic(f"(?:{'|'.join(patterns)})(?![^ ])"))
    return lambda line: bool(compiled.match(line.bare))


def _written(*patterns: str) -> Callable[[Line], bool]:
    """The whole line with its punctuation (folded) is one of the patterns."""
    compiled = re.compile(arabic("|".join(patterns)), re.IGNORECASE)
    return lambda line: bool(compiled.fullmatch(line.folded))


def _made_of(words: str, *, with_one_of: str = "", numbers: bool = False) -> Callable[[Line], bool]:
    """Every word of the line is in the list («و» before it ignored), and one is a key word where some are given."""
    known = frozenset(fold_text(f"{words} {with_one_of}").split())
    keys = frozenset(fold_text(with_one_of).split())

    def test(line: Line) -> bool:
        bare = {word if word in known else word.removeprefix("و") for word in line.words}
        if numbers:
            bare = {word for word in bare if not word.isdigit()}
        return bool(bare) and bare <= known and (not keys or bool(bare & keys))

    return test


def _all(*tests: Callable[[Line], bool]) -> Callable[[Line], bool]:
    return lambda line: all(test(line) for test in tests)


def _holds(*patterns: str) -> Callable[[Line], bool]:
    compiled = re.compile(arabic(f"(?<![^ ])(?:{'|'.join(patterns)})(?![^ ])"))
    return lambda line: bool(compiled.search(line.bare))


def _is_date(line: Line) -> bool:
    """Nothing but a date with a year, and the words and hours that go with one; with a colon it heads a list."""
    return (
        _full_date(line)
        and not line.text.endswith(":")
        and all(word.isdigit() or word in _DATE_WORDS for word in line.words)
    )


def _is_labelled_date(line: Line) -> bool:
    """«تاريخ النشر: …», «آخر تحديث …», «نُشر في …»: the label, a date or an hour, and at most four words more."""
    others = [word for word in line.words if not word.isdigit() and word not in _DATE_WORDS]
    label = _DATE_LABEL.search(line.bare)
    return label is not None and len(others) <= 4 and (_full_date(line) or label.end() == len(line.bare))


def _is_dated_name(line: Line) -> bool:
    """A full date with at most four words around it, no sentence: «هيئة التحرير - 12 مايو 2024»."""
    others = [word for word in line.words if not word.isdigit() and word not in _DATE_WORDS]
    listing = line.text.endswith((":", "،")) or STOPWORDS & frozenset(others)
    return _full_date(line) and len(others) <= 4 and not line.is_stopped and not listing


def _full_date(line: Line) -> bool:
    digits = [word for word in line.words if word.isdigit()]
    has_year = any(len(word) == 4 and word[:2] in {"19", "20", "14"} for word in digits)
    has_month = any(word in _MONTH_WORDS for word in line.words)
    return has_year and (len(digits) >= 3 or (has_month and len(digits) >= 2))


def _is_agency(line: Line) -> bool:
    """Nothing but an agency's name: «رويترز», «-أ ف ب-», «(CNN)»."""
    return known_agency(line.text) is not None


def _is_photo_credit(line: Line) -> bool:
    """«(رويترز)», «الصورة: أ ف ب», «Getty Images»: a name between brackets, or after the word for a picture."""
    bracketed = re.fullmatch(r"[(\[]([^()\[\]]{2,40})[)\]]", line.text)
    return bool(bracketed and (known_agency(bracketed[1]) or _PHOTO_ARCHIVE(line))) or _PHOTO(line)


_MONTH_WORDS = frozenset(word for name in MONTHS for word in name.split())
_DATE_WORDS = (
    _MONTH_WORDS
    | frozenset(WEEKDAYS)
    | frozenset("ال" + day for day in WEEKDAYS)
    | frozenset(
        fold_text(
            "الموافق لـ ل في يوم بتاريخ تاريخ الساعة ساعة الوقت بتوقيت غرينتش جرينتش غرينيتش دمشق القاهرة "
            "مكة محلي م ه هـ ص "
            "صباحا صباحًا مساء مساءً ظهرا ظهرًا النشر نشر نشرت تم الإضافة التحديث تحديث آخر اخر حدث حدثت "
            "من و "
            "gmt utc am pm at on th st nd rd est cet updated published last date posted"
        ).split()
    )
)
_DATE_LABEL = re.compile(
    arabic(
        r"(?<![^ ])(?:تاريخ (?:النشر|الإضافة|التحديث|الخبر|المقال)|(?:آخر|أخر) تحديث|تم (?:النشر|التحديث|"
        r"نشره|تحديثه)|"
        r"نشر(?:ت)? (?:في|بتاريخ|يوم|منذ)|حدثت? في|منذ \d+ (?:ثانية|دقيقة|دقائق|ساعة|ساعات|يوم|أيام)|منذ "
        r"(?:ساعة|ساعتين|يوم|يومين)|"
        r"published(?: on)?|updated|last updated?|posted on)(?![^ ])"
    )
)

_NETWORKS = (
    "فيسبوك فايسبوك الفيسبوك تويتر واتساب الواتساب واتس اب آب تلغرام تليغرام تيليغرام تلجرام تيليجرام "
    "التلغرام التليغرام "
    "إنستغرام انستغرام إنستجرام يوتيوب تيكتوك تيك توك لينكدإن لينكد إن سناب شات سنابشات ماسنجر بينتريست "
    "ريديت فايبر إكس منصة "
    "facebook twitter whatsapp telegram instagram youtube tiktok linkedin messenger pinterest reddit "
    "viber x email "
    "snapchat threads google news rss tumblr skype"
)
_SHARE_WORDS = (
    "على عبر في مع هذا هذه الخبر المقال المقالة الموضوع التقرير المادة الصفحة القصة المنشور التدوينة "
    "أصدقائك الأصدقاء الآخرين "
    "صديق لصديق إلى البريد الإلكتروني بريد إلكتروني بواسطة وسائل التواصل الاجتماعي مواقع رابط الرابط نسخ "
    "انسخ تم النسخ طباعة "
    "اطبع حفظ أرسل إرسال ارسال انقر اضغط هنا الآن للمشاركة لـ ل this on via the post article story copy "
    "link print save send"
)
_OURS = (
    r"(?:قناتنا|قنواتنا|صفحتنا|صفحاتنا|مجموعتنا|مجموعاتنا|حسابنا|حساباتنا|نشرتنا|موقعنا|تطبيقنا|منصاتنا|"
    r"أخبارنا|نشراتنا|"
    r"بقناتنا|بصفحتنا|لقناتنا|لصفحتنا|لنشرتنا|النشرة|النشرات|نشرة|الإشعارات|قناة|صفحة|حساب|تطبيق|google "
    r"news|newsletter)"
)
_SECTIONS = (
    "سياسة سياسي سياسية السياسة اقتصاد الاقتصاد اقتصادية اقتصادي مال المال أعمال الأعمال رياضة الرياضة "
    "رياضية ثقافة الثقافة ثقافية "
    "فن فنون الفن منوعات المنوعات محلي محلية محليات المحليات دولي دوليات دولية عربي عربية عربيات عالمي "
    "عالمية عالميات أخبار الأخبار "
    "تقارير تقرير تحقيقات تحليلات تحليل مقالات مقال الرأي راي آراء تكنولوجيا تقنية التقنية علوم صحة الصحة "
    "طب مجتمع المجتمع حوادث قضايا "
    "ملفات حوارات حوار مقابلات فيديو فيديوهات صور كاريكاتير إنفوغراف إنفوغرافيك بودكاست سياحة تعليم بيئة "
    "طقس الطقس أسرة إسلاميات "
    "تراث ميديا إعلام عسكري أمن برلمان مدونات ترجمات دراسات أبحاث سيارات طاقة بورصة أسواق مختارات متفرقات "
    "سلايدر مصنف عاجل "
    "politics economy business sport sports news world culture opinion health science technology tech "
    "local video videos "
    "photos uncategorized slider featured arts entertainment"
)
_SECTION_QUALIFIERS = (
    "و في من كل جميع أهم آخر أبرز غير خاص خاصة عام عامة رئيسي رئيسية مميزة اليوم العالم الشرق الأوسط "
    "الوطن العرب الخليج المغرب "
    "سوريا سورية لبنان العراق الأردن فلسطين مصر السعودية الإمارات قطر الكويت البحرين عمان اليمن السودان "
    "ليبيا تونس الجزائر موريتانيا "
    "تركيا إيران إسرائيل أميركا أمريكا أوروبا آسيا أفريقيا إفريقيا السورية اللبنانية العراقية المصرية "
    "العربية العالمية الدولية المحلية "
    "العربي العالمي الدولي المحلي ودولي and the middle east arab"
)
_MENU = (
    "الرئيسية القائمة بحث البحث ابحث اتصل بنا من نحن عن الموقع أعلن معنا راسلنا خريطة سياسة الخصوصية شروط "
    "الاستخدام الشروط والأحكام "
    "تسجيل الدخول دخول خروج إنشاء حساب الاشتراك اشترك السابق التالي العودة عودة إلى الأعلى للأعلى الصفحة "
    "التالية السابقة التاليه "
    "تكبير تصغير حجم الخط خط استمع للمقال استماع تخطى المحتوى الانتقال أرشيف الأرشيف المزيد إغلاق إظهار "
    "إخفاء هنا أنت موقعك "
    "home menu search login sign in up subscribe about us contact privacy policy terms english français "
    "francais العربية a "
    "skip to content main next previous prev back top listen close open"
)

_PHOTO = _written(
    r"(?:تصوير|عدسة|مصدر الصورة|صدر الصورة|الصورة|صورة|الصور|photo|photo credit|credit|image|image "
    r"source)\s*[:：،/|-]\s*[^.؟!]{2,60}",
    r"(?:صورة|صور) (?:أرشيفية|تعبيرية|توضيحية|من الأرشيف|من الإنترنت|وكالة .{3,30})",
    r"\*?ملاحظة\s*:\s*الصورة (?:توضيحية|أرشيفية|تعبيرية)[-.]?",
    r"(?:©|\(c\)\s)?\s*(?:getty images|gettyimages|shutterstock|epa|afp|ap photo|reuters)(?:\s*[/|"
    r"-]\s*[\w .]{2,40})?",
)
_PHOTO_ARCHIVE = _is(
    r"(?:صورة )?(?:أرشيف|أرشيفية|الأرشيف|من الأرشيف|تعبيرية|توضيحية)",
    r"(?:خاص|وكالات|الإنترنت|مواقع التواصل)",
)

RULES = (
    Rule("breaking flash", "anywhere", _is(r"(?:خبر |أخبار )?(?:عاجل|عاجلة)(?: "
                                           r"عاجل)*", "breaking(?: news)?"), 4),
    Rule(
        "advertisement",
        "anywhere",
        _is(r"(?:ال)?[إا]علان(?:ات)?(?: ممولة?| مدفوعة?| "
            r"تجاري)?", r"محتوى (?:إعلاني|ممول|مدعوم)", r"مساحة إعلانية",
            r"(?:يستمر|تابع) (?:القراءة|المحتوى) بعد الإعلان", r"advert|advertisements?|sponsored(?: "
                                                               r"content)?|ads?"),
        6,
        items=False,
    ),
    Rule(
        "share",
        "anywhere",
        _made_of(f"{_NETWORKS} {_SHARE_WORDS}", with_one_of="شارك شاركها شاركه شاركنا شاركوا مشاركة انشر "
                                                            "انشرها للمشاركة share tweet"),
        14,
    ),
    Rule("share", "edge", _made_of(f"{_NETWORKS} {_SHARE_WORDS}", numbers=True), 14, items=False),
    Rule(
        "follow us",
        "anywhere",
        _all(
            _opens(r"تابعونا|تابعنا|تابعوا|للاشتراك|اشتركوا?|اشترك الآن|انضموا?|للانضمام|لمتابعة|لتصلك|"
                   r"لتصلكم|احصلوا? على|سجلوا?|"
                   r"حملوا?|حمل الآن|نزلوا?|تابع|زوروا|follow|subscribe|join|download|sign up|get"),
            _holds(r"تابعونا|تابعنا|follow us|subscribe", rf"(?:و|ب|ل|عبر |على )?{_OURS}"),
            lambda line: '"' not in line.text and "«" not in line.text,
        ),
        30,
    ),
    Rule(
        "disclaimer",
        "anywhere",
        _opens(r"لا يتحمل (?:موقعنا|الموقع|موقع [^ ]+) (?:مضمونه|مسؤولية|أي|"
               r"أية)", r"بإمكانكم الإطلاع على تفاصيل هذا الخبر",
               r"(?:إن )?(?:جميع )?(?:الآراء|المقالات|المواد|التعليقات|الأفكار) (?:الواردة|المنشورة|"
               r"المذكورة)? ?.{0,60}(?:لا )?(?:تعبر|تعكس|تمثل) .{0,40}(?:رأي|آراء|وجهة|موقف|مواقف)",
               r"(?:هذا|هذه) (?:المقال|المقالة|المادة|النص) .{0,20}(?:لا )?(?:يعبر|تعبر) .{0,30}(?:رأي|"
               r"وجهة|موقف|مواقف)",
               r"(?:ال)?مقال(?:ة|ات)? .{0,20}(?:يعبر|تعبر|يعكس|تعكس) .{0,20}(?:رأي|آراء|وجهة)",
               r"إخلاء (?:المسؤولية|مسؤولية|طرف)", r"(?:إن )?الموقع غير مسؤول", r"الموقع (?:لا يتحمل|غير مسؤول)"),
        60,
    ),
    Rule(
        "cookie notice",
        "anywhere",
        _all(
            _holds(r"(?:ل)?ملفات تعريف الارتباط|(?:ال|ل)?كوكيز|cookies?"),
            _holds(r"(?:هذا )?(?:الموقع|موقعنا)|نستخدم|نحن|أوافق|موافق|قبول|this (?:site|website)|we use|"
                   r"accept"),
            lambda line: not line.text.startswith(("قال", "وقال", "أعلن", "وأعلن")),
        ),
        60,
    ),
    Rule(
        "copyright",
        "anywhere",
        _all(
            _holds(r"(?:جميع |كافة |كل )?(?:ال)?حقوق (?:النشر |الطبع )?(?:محفوظة|والطبع محفوظة)|all "
                   r"rights reserved|copyright|حقوق النشر"),
            lambda line: not line.is_paragraph,
        ),
        20,
    ),
    Rule("copyright", "anywhere", _written(r"©.{0,80}"), 14),
    Rule(
        "view count",
        "anywhere",
        _is(r"(?:عدد )?(?:ال)?(?:مشاهدات|مشاهدة|زيارات|قراءات|القراء|قراءة|مرات القراءة|تعليقات|تعليق|"
            r"مشاركات|إعجابات|إعجاب)(?: الخبر| المقال)? \d[\d ]*",
            r"\d[\d ]* (?:ألف )?(?:مشاهدة|مشاهدات|زيارة|قراءة|تعليق|تعليقات|مشاركة|مشاركات|إعجاب|views?|"
            r"comments?|shares?|likes?)",
            r"(?:مدة|وقت|زمن) (?:ال)?قراءة(?: المتوقع| التقديري)? \d+ ?(?:دقيقة|دقائق|دقيقه|ثانية)?",
            r"(?:ال)?(?:قراءة|تقرأ)(?: في)? \d+ (?:دقيقة|دقائق)", r"\d+ (?:دقيقة|دقائق|دقيقه) (?:قراءة|"
                                                                  r"للقراءة)", r"\d+ min(?:ute)?s? read",
            r"(?:قيم|تقييم|قيّم) (?:هذا |هذه )?(?:المقال|الخبر|الموضوع|المادة).{0,20}"),
        10,
    ),
    Rule("photo credit", "anywhere", _is_photo_credit, 12),
    Rule(
        "short link label",
        "anywhere",
        _is(r"(?:ال)?رابط(?: ال)? ?(?:المختصر|مختصر|الخبر|المقال|الدائم|المادة)?(?: للخبر| "
            r"للمقال)?", "short ?link|permalink|copy link"),
        5,
    ),
    Rule("end mark", "edge", _is("انتهى|انتهت|تم|النهاية|يتبع"), 1),
    Rule("date line", "anywhere", _all(_is_labelled_date, lambda line: not line.is_paragraph), 18),
    Rule("date line", "edge", _is_date, 16, items=False),
    Rule("dated byline", "edge", _is_dated_name, 14, items=False),
    Rule("outlet name", "edge", _is_agency, 6),
    Rule(
        "byline",
        "edge",
        _written(r"(?:[^:.]{2,20}[-–—ـ/]\s*)?(?:كتب|كتبت|كتبه|بقلم|إعداد|أعده|أعدته|أعدها|تحرير|ترجمة|"
                 r"ترجمها|حاوره|حاورته|حاورها|متابعة|متابعات|"
                 r"المحرر|المحررة|الكاتب|الكاتبة|المراسل|مراسلنا|إعداد وتحرير|إعداد وتقديم|مراجعة|تدقيق|"
                 r"by|author|written by|editor|author)"
                 r"\s*(?:[:：/|]|[-–—ـ]+)\s*(?:[^.:؟!\s]+\s?){0,6}",
                 r"بقلم(?: الكاتب| الدكتور| د\.?)? [^.:؟!]{2,50}", r"by [^.:?!]{2,40}"),
        9,
        items=False,
    ),
    Rule(
        "byline",
        "edge",
        _is(r"(?:هيئة|فريق|قسم|إدارة|أسرة|غرفة|مدير|رئيس|رئيسة) ?(?:ال)?(?:تحرير|أخبار|موقع|ترجمة|"
            r"المراسلين)(?: [^ ]+){0,2}",
            r"(?:خاص|متابعات|متابعة|وكالات|مراسلون|المحرر|محرر الموقع|صحف|مواقع)(?: (?:خاص|وكالات|متابعات|"
            r"مواقع|ب[^ ]{3,12}))?",
            r"خاص [^ ]{3,12}(?: [^ ]{3,12})?"),
        5,
        items=False,
    ),
    Rule("section name", "edge", _all(_made_of(_SECTION_QUALIFIERS, with_one_of=_SECTIONS), lambda line: not line.text.endswith(":")), 5, items=False),
    Rule("section name", "edge", _written(r"(?:القسم|التصنيف|التصنيفات|نشر في قسم|الفئة|category|filed "
                                          r"under)\s*[:：].{2,60}"), 10),
    Rule("navigation", "edge", _made_of(f"{_MENU} {_SECTION_QUALIFIERS} "
                                        f"{_SECTIONS}", with_one_of=_MENU, numbers=True), 30),
    Rule("navigation", "edge", _written(r"(?:أنت هنا\s*:?\s*)?(?:الرئيسية|home)\s*[/»>›|\\←-].*"), 40),
)  # fmt: skip

TAGS = re.compile(
    arabic(
        r"(?:ال)?(?:وسوم|تاغات|أوسمة|الأوسمة|هاشتاغات|الهاشتاغات)|(?:ال)?كلمات (?:ال)?(?:مفتاحية|دلالية|"
        r"دليلية)|كلمات البحث|علامات|"
        r"مواضيع الخبر|tags?|keywords|وسوم الخبر|وسم"
    )
    + r"(?![^ ])"
)
"""Opens a line of tags, or stands above some."""

COMMENTS = re.compile(
    arabic(
        r"(?:ال)?تعليقات(?: القراء| الزوار| \d+)?|\d+ تعليقات?|(?:لا توجد|لا يوجد) (?:تعليقات|أي تعليقات|"
        r"تعليق)|"
        r"(?:اترك|أضف|اكتب|شاركنا|ضع) (?:تعليقا|تعليقك|تعليق|تعليقًا|ردا|ردًا|رأيك|برأيك)(?: .{0,20})?|"
        r"التعليق على الخبر|"
        r"إلغاء الرد|لن يتم نشر عنوان بريدك الإلكتروني.*|كن أول من يعلق.*|comments?(?: \d+)?|\d+ "
        r"comments?|leave a (?:comment|reply).*"
    )
)
"""The whole of a line that opens readers' comments."""


def reason_for(line: Line, where: Where) -> str:
    """Why a line is dirt: the reason of the first rule that fires, "" when none does.

    ``edge`` asks all rules, ``anywhere`` only those that need no position.
    """
    if not line.words:
        return "ornament"
    for rule in RULES:
        if (where == "edge" or rule.where == "anywhere") and rule.fires(line):
            return rule.reason
    return ""
