"""Reading pages as they are scraped: what is the article, what surrounds it, what the page says about it.

The pages below are written for these tests. Each line carries a mark for what should become of it:
``T`` headline, ``p`` paragraph, ``h`` heading, ``i`` item, ``r`` reference, ``-`` dropped; ``=`` begins
another article.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.article import Article
from corpus.parse import ParseError, parse
from corpus.parse.plain.outlets import outlet_of

KINDS = {"p": "paragraph", "h": "heading", "i": "item", "r": "reference"}


@dataclass(frozen=True)
class Page:
    name: str
    marked: str
    facts: tuple[dict[str, Any], ...] = ()
    newline: str = "\n"
    start: str = ""
    lines: list[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        lines = [(line[:1], line[2:]) for line in self.marked.strip("\n").split("\n")]
        object.__setattr__(self, "lines", lines)

    @property
    def text(self) -> str:
        return self.start + self.newline.join(text for mark, text in self.lines if mark != "=")

    @property
    def expected(self) -> list[dict[str, Any]]:
        """For each article its headline and its blocks."""
        articles: list[dict[str, Any]] = [{"title": None, "blocks": []}]
        for mark, text in self.lines:
            if mark == "=":
                articles.append({"title": None, "blocks": []})
            elif mark == "T":
                articles[-1]["title"] = text.strip()
            elif mark in KINDS:
                articles[-1]["blocks"].append((KINDS[mark], text.strip(" \t\u00a0\u200f\u200e\ufeff")))
        return articles


NILE = "يبلغ طول نهر النيل نحو 6650 كيلومترا، وتتقاسم مياهه إحدى عشرة دولة، ويصب في البحر المتوسط شمال مصر."
LEAGUE = (
    "تأسست جامعة الدول العربية في القاهرة في آذار 1945، وكانت مصر وسوريا والعراق ولبنان والأردن "
    "والسعودية واليمن أعضاءها المؤسسين."
)
MARS = (
    "يستغرق دوران المريخ حول الشمس نحو 687 يوما أرضيا، ويزيد طول اليوم على سطحه قليلا على أربع "
    "وعشرين ساعة، وفق ما تذكره كتب الفلك."
)
ALGIERS = (
    "نالت الجزائر استقلالها في الخامس من تموز عام 1962 بعد حرب دامت أكثر من سبع سنوات، وأصبح هذا "
    "اليوم عيدا وطنيا تحتفل به البلاد."
)
SUEZ = (
    "افتتحت قناة السويس للملاحة عام 1869، وهي تصل البحر الأحمر بالبحر المتوسط وتختصر الطريق بين "
    "آسيا وأوروبا آلاف الكيلومترات على السفن."
)
COFFEE = (
    "عرف اليمن القهوة مشروبا في القرن الخامس عشر، وكان ميناء المخا بعد ذلك أشهر مرافئ تصديرها إلى "
    "العالم مدة طويلة من الزمن."
)

PAGES = [
    Page(
        "agency report with share lines and a published label",
        f"""
- الرئيسية » أخبار » بيئة
T نهر النيل يجمع إحدى عشرة دولة
- تاريخ النشر: 12 مايو 2024 - 14:30
- آخر تحديث: 13 مايو 2024
- شارك الخبر
- فيسبوك
- تويتر
- واتساب

p القاهرة – (د ب أ) – {NILE}
p {SUEZ}
- إعلان
p {LEAGUE}

- (د ب أ)
- شارك هذا الموضوع عبر: فيسبوك، تويتر
- الوسوم: النيل، مصر، مياه
- عدد المشاهدات: 1250
""",
        ({"publisher": "د ب أ", "place": "القاهرة", "date": "2024-05-12"},),
    ),
    Page(
        "Maghrebi months, a byline and agencies as the source",
        f"""
T الجزائر تحيي ذكرى استقلالها
- كتب: محرر الشؤون العربية
- نشر في: الجمعة 5 جويلية 2019

p {ALGIERS}
p {LEAGUE}
- المصدر: وكالات
- اقرأ المزيد: متاحف العاصمة تفتح أبوابها مجانا
- الرابط المختصر: https://bit.ly/3abcdef
""",
        ({"publisher": None, "date": "2019-07-05", "site": None, "url": "https://bit.ly/3abcdef"},),
    ),
    Page(
        "the headline again with other punctuation, and related topics as a list",
        f"""
T قناة السويس: طريق يختصر العالم..!
- موقع الأخبار | السبت 3 شباط 2024
- «قناة السويس» طريق يختصر العالم

p {SUEZ}
p {NILE}
- موضوعات ذات صلة
- كيف حفرت القناة في القرن التاسع عشر
- صور نادرة من حفل الافتتاح
- جميع الحقوق محفوظة © 2024
""",
        ({"date": "2024-02-03"},),
    ),
    Page(
        "Windows newlines, a byte order mark, tabs, non-breaking spaces and direction marks",
        f"""
T \u200fالمريخ ويومه الطويل\u200f
- \u00a0
- \t
p \u200f{MARS}
p \t\u00a0{NILE}\u00a0
- \u200fعاجل !!\u200f
- \u200fسياسة
- \t
""",
        newline="\r\n",
        start="\ufeff",
    ),
    Page(
        "follow lines, cookies, and an outlet's name over the headline",
        f"""
- تخطى إلى المحتوى
- سانا
T القهوة التي خرجت من المخا
- مدة القراءة: 3 دقائق
p {COFFEE}
- اقرأ أيضا: أسواق البن القديمة في صنعاء
p {LEAGUE}
p {SUEZ}
- تابعونا على تلغرام: https://t.me/example
- للاشتراك في قناتنا على واتساب اضغط هنا
- يستخدم هذا الموقع ملفات تعريف الارتباط لتحسين تجربتك، وباستخدامك له فإنك توافق على ذلك.
- موافق
""",
        ({"publisher": "سانا"},),
    ),
    Page(
        "a teaser in the middle: the report goes on after it",
        f"""
T جامعة الدول العربية في سطور
p {LEAGUE}
- شاهد أيضاً
- جولة مصورة في ميدان التحرير
p {ALGIERS}
p {NILE}
p {SUEZ}
""",
    ),
    Page(
        "an article with a dateline glued after a teaser",
        f"""
T الجزائر في يوم استقلالها
- 5 يوليو 2023
p {ALGIERS}
p {LEAGUE}
- المصدر: الجزيرة نت
- اقرأ أيضاً:
- صور من الاحتفال
=
T المخا وميناؤها القديم
p صنعاء (رويترز) - {COFFEE}
p {SUEZ}
- (رويترز)
""",
        (
            {"publisher": "الجزيرة", "date": "2023-07-05"},
            {"publisher": "رويترز", "place": "صنعاء", "date": None, "not_after": "2023-07-05"},
        ),
    ),
    Page(
        "an article glued after a source line, known by its paragraphs",
        f"""
T الجزائر في يوم استقلالها
p {ALGIERS}
p {LEAGUE}
- المصدر: مجلة العلوم
- إقرأ أيضا
=
T أيام المريخ
p {MARS}
p {NILE}
p {SUEZ}
- المصدر: قناة العلوم + وكالات
""",
        ({"publisher": "مجلة العلوم"}, {"publisher": "قناة العلوم", "not_after": None}),
    ),
    Page(
        "an interview, with a photo credit and an editor's line",
        f"""
T حوار عن القهوة وتاريخها
- حاورته: أسرة التحرير
p س: من أين جاءت القهوة؟
p ج: {COFFEE}
- الصورة: أرشيف
p س: وهل بقي الميناء؟
p ج: نعم، والمدينة قائمة إلى اليوم.
- تحرير: قسم المنوعات
""",
    ),
    Page(
        "headings, numbered and bulleted lists, footnote marks and their list",
        f"""
T مقارنة بين كوكبين
h مقدمة:
p {MARS.removesuffix(".")}[1].
h ما الذي نعرفه عن الكوكب الأحمر
p {MARS.removesuffix(".")}[2].
p وفي ما يلي أبرز الأرقام:
i 1. اليوم: أربع وعشرون ساعة وتسع وثلاثون دقيقة.
i ٢) السنة: 687 يوما.
i • عدد الأقمار: قمران.
r الهوامش
r [1] كتاب الفلك، الفصل الأول.
r [2] https://science.nasa.gov/mars/
- أضف تعليقاً
- لن يتم نشر عنوان بريدك الإلكتروني.
- موضوع جميل وشكرا لكم
""",
        ({"url": None, "site": None},),
    ),
    Page(
        "a poem keeps its short lines",
        """
T قفا نبك
- امرؤ القيس - معلقته
p قفا نبك من ذكرى حبيب ومنزل
p بسقط اللوى بين الدخول فحومل
p فتوضح فالمقراة لم يعف رسمها
p لما نسجتها من جنوب وشمأل
- شاركها على:
- Facebook Twitter WhatsApp
""".replace("- امرؤ القيس - معلقته\n", ""),
    ),
    Page(
        "a section name in a list that a sentence announces stays",
        f"""
T أبواب الموسوعة
p {LEAGUE}
p وتضم الموسوعة ثلاثة أبواب هي:
p سياسة
p اقتصاد
p رياضة
""",
    ),
    Page(
        "a masthead after the headline, an address, and a dated dateline",
        f"""
T المريخ ويومه الطويل
- المريخ ويومه الطويل | الجزيرة نت
- https://www.aljazeera.net/science/2024/1/5/mars
p عمّان 5-1-2024 (بترا) - {MARS}
p {NILE}
- رابط مختصر
- https://t.me/example
""",
        (
            {
                "publisher": "الجزيرة",
                "site": "aljazeera.net",
                "url": "https://www.aljazeera.net/science/2024/1/5/mars",
                "place": "عمّان",
                "date": "2024-01-05",
            },
        ),
    ),
    Page(
        "a republication notice with an unknown host, and comments",
        f"""
T طريق السفن القديم
- هذا الخبر بعنوان "القناة "القديمة"" نشر أولاً على موقع www.example.org وتم جلبه بتاريخ ٣ كانون الثاني ٢٠٢٤.
- لا يتحمل موقعنا مضمونه بأي شكل من الأشكال.
p {SUEZ}
p {NILE}
- سوريا محلي
- أخبار العالم العربي
- التعليقات (2)
- شكرا على هذا التقرير
- ننتظر المزيد.
""",
        ({"publisher": "example.org", "site": "example.org", "date": "2024-01-03"},),
    ),
    Page(
        "a clean file with a header",
        f"""
T النيل في أرقام
- الناشر: موجز مُسنَد
- التاريخ: 9 شباط 2026
- الرابط: https://www.example.org/nile
- المكان: القاهرة
- الترخيص: MIT

p {NILE}

p {SUEZ}
""",
        (
            {
                "publisher": "موجز مُسنَد",
                "date": "2026-02-09",
                "url": "https://www.example.org/nile",
                "site": "example.org",
                "place": "القاهرة",
            },
        ),
    ),
    Page(
        "a header in English",
        """
T The Suez Canal opened in 1869
- Publisher: Musnad Briefs
- Date: 9 February 2026
- URL: https://www.example.org/suez
- Place: Cairo

p The canal joins the Mediterranean and the Red Sea and has no locks, since both seas are level.
""",
        ({"publisher": "Musnad Briefs", "date": "2026-02-09", "place": "Cairo"},),
    ),
    Page(
        "lines that look like dirt and are reporting",
        f"""
T تقرير: ما الذي تقوله الأرقام
p {LEAGUE}
p شارك وزير الخارجية في الاجتماع.
p تابع الوزير حديثه عبر فيسبوك قائلا إن العمل مستمر.
p وقال المصدر: لا تغيير في المواعيد المعلنة.
p انضم إلى الاتفاق عدد من الدول بعد ذلك التاريخ.
p وأعلن الموقع أن ملفات تعريف الارتباط ستتوقف العام المقبل.
p {ALGIERS}
""",
    ),
    Page(
        "a timeline keeps its dates",
        f"""
T محطات من القرن العشرين
h 22 آذار 1945
p {LEAGUE}
h 5 تموز 1962
p {ALGIERS}
""",
        ({"date": None},),
    ),
    Page(
        "a very short brief",
        """
T افتتاح المكتبة
p تفتح المكتبة أبوابها صباح الغد.
""",
    ),
    Page(
        "related pieces at the end with summaries, dates and names",
        f"""
T القهوة التي خرجت من المخا
p {COFFEE}
p {SUEZ}
- قد يهمك أيضا
- مدن الموانئ على البحر الأحمر
- جولة في مدن عاشت من التجارة البحرية قرونا طويلة.
- 4 ديسمبر 2021
- قسم التاريخ
- أسواق قديمة ما زالت حية
- حكاية أسواق بقيت مفتوحة منذ مئات السنين في مدن عربية عدة.
- 2 ديسمبر 2021
""",
        ({"date": None},),
    ),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_keeps_its_reporting_and_nothing_else(page: Page) -> None:
    articles = parse(page.text, "page.txt")

    found = [
        {
            "title": article.title,
            "blocks": [(block.kind, article.body[block.start : block.end]) for block in article.blocks],
        }
        for article in articles
    ]
    expected = page.expected
    for wanted in expected:
        wanted["title"] = wanted["title"].strip("\u200f")
    assert found == expected
    for article in articles:
        check_partition(page.text, article)


@pytest.mark.parametrize(
    ("page", "part", "name", "value"),
    [
        pytest.param(page, part, name, value, id=f"{page.name}: {part} {name}")
        for page in PAGES
        for part, facts in enumerate(page.facts)
        for name, value in facts.items()
    ],
)
def test_a_page_says_where_and_when_it_was_published(
    page: Page, part: int, name: str, value: str | None
) -> None:
    article = parse(page.text, "page.txt")[part]
    holder = article.published if name in {"date", "not_after"} else article
    assert getattr(holder, name) == value


def check_partition(text: str, article: Article) -> None:
    """Kept and dropped cover the text once; the body is what was kept; blocks are its lines."""
    assert article.body == "".join(text[span.start : span.end] for span in article.kept)
    spans = sorted(
        [(span.start, span.end) for span in article.kept]
        + [(gone.start, gone.end) for gone in article.dropped]
    )
    at = 0
    for start, end in spans:
        assert start == at < end
        at = end
    assert at == len(text)
    assert all(gone.reason for gone in article.dropped)
    at = 0
    for block in article.blocks:
        line = article.body[block.start : block.end]
        assert block.start >= at
        assert line
        assert line.strip() == line
        assert all(part.strip() for part in line.splitlines()), (
            "of a wrapped paragraph, whose lines follow each other"
        )
        at = block.end
    assert article.blocks
    assert article.blocks[0].start == 0
    assert article.blocks[-1].end == len(article.body)
    assert article.title
    assert "\n" not in article.title


@pytest.mark.parametrize(
    ("opening", "place", "publisher", "date"),
    [
        ("القاهرة – (د ب أ) – ", "القاهرة", "د ب أ", None),
        ("دبي، الإمارات العربية المتحدة (CNN)-- ", "دبي، الإمارات العربية المتحدة", "CNN", None),
        ("الخرطوم (CNN بالعربية) -- ", "الخرطوم", "CNN بالعربية", None),
        ("دمشق-سانا ", "دمشق", "سانا", None),
        ("إسطنبول/ الأناضول - ", "إسطنبول", "الأناضول", None),
        ("لندن: «الشرق الأوسط» - ", "لندن", "الشرق الأوسط", None),
        ("رام الله 10-2-2026 وفا- ", "رام الله", "وفا", "2026-02-10"),
        ("القاهرة في 12 فبراير 2026 /أ ش أ/ ", "القاهرة", "أ ش أ", "2026-02-12"),
        ("باريس, 3 آذار 2024 (أ ف ب) - ", "باريس", "فرانس برس", "2024-03-03"),
        ("عين الحلوة (الوكالة الوطنية للإعلام) - ", "عين الحلوة", "الوكالة الوطنية للإعلام", None),
        ("واشنطن – ", "واشنطن", None, None),
        ("بيروت- ", "بيروت", None, None),
        # Not datelines: a sentence with an agency in it, a road between two towns, a known place with no dash.
        ("وقال مسؤول في تصريح لوكالة (رويترز) إن ", None, None, None),
        ("ونقلت شبكة (CNN) أن ", None, None, None),
        ("دمشق-حلب طريق قديم، و", None, None, None),
        ("وقال الباحث - وهو مؤرخ - إن ", None, None, None),
    ],
)
def test_a_dateline_gives_place_agency_and_date(
    opening: str, place: str | None, publisher: str | None, date: str | None
) -> None:
    [article] = parse(f"عنوان عن القناة\n\n{opening}{SUEZ}\n{NILE}", "dateline.txt")
    assert (article.place, article.publisher, article.published.date) == (place, publisher, date)
    assert article.body == f"{opening}{SUEZ}\n{NILE}"


@pytest.mark.parametrize(
    ("credit", "publisher", "site"),
    [
        ("المصدر: رويترز", "رويترز", None),
        ("المصدر : أ ف ب", "فرانس برس", None),
        ("المصدر: الجزيرة + وكالات", "الجزيرة", None),
        ("المصادر: وكالات، مواقع", None, None),
        ("المصدر: https://www.enabbaladi.net/123/", "عنب بلدي", "enabbaladi.net"),
        ("المصدر: sana.sy", "سانا", "sana.sy"),
        ("المصدر\nشبكة الأخبار", "شبكة الأخبار", None),
        ("نقلا عن وكالة الأنباء السعودية واس", "واس", None),
        ("Source: Reuters", "رويترز", None),
        ("المصدر: مجلة الفلك", "مجلة الفلك", None),
    ],
)
def test_a_source_line_names_the_outlet(credit: str, publisher: str | None, site: str | None) -> None:
    [article] = parse(f"عنوان عن القناة\n\n{SUEZ}\n{NILE}\n{credit}\nثقافة", "source.txt")
    assert (article.publisher, article.site) == (publisher, site)
    assert article.body == f"{SUEZ}\n{NILE}"


@pytest.mark.parametrize(
    ("host", "outlet"),
    [
        ("sana.sy", "سانا"),
        ("WWW.Sana.sy", "سانا"),
        ("arabic.cnn.com", "CNN بالعربية"),
        ("edition.cnn.com", "CNN"),
        ("unknown.example.org", "unknown.example.org"),
        ("notsana.sy", "notsana.sy"),
    ],
)
def test_a_host_stands_for_its_outlet_or_for_itself(host: str, outlet: str) -> None:
    assert outlet_of(host) == outlet


def test_one_long_line_becomes_an_article_with_its_first_words_as_headline() -> None:
    text = f"باريس - {COFFEE} {LEAGUE} {ALGIERS}"
    [article] = parse(text, "line.txt")
    assert article.body == text
    assert article.title.endswith("…")
    assert COFFEE.startswith(article.title[:-1])
    assert article.place == "باريس"


def test_a_page_flattened_to_one_line_still_loses_its_notice() -> None:
    notice = (
        'هذا الخبر بعنوان "الميناء" نشر أولاً على موقع sana.sy وتم جلبه من مصدره الأصلي بتاريخ ٣ شباط ٢٠٢٤.'
    )
    [article] = parse(f"القهوة في المخا {notice} {COFFEE}", "flat.txt")
    assert article.title == "القهوة في المخا"
    assert article.body == COFFEE
    assert article.publisher == "سانا"
    assert article.published.date == "2024-02-03"
    assert article.published.evidence == "٣ شباط ٢٠٢٤"


def test_without_a_headline_every_paragraph_stays_in_the_body() -> None:
    text = f"{LEAGUE}\n\n{ALGIERS}\n\n{NILE}"
    [article] = parse(text, "bare.txt")
    assert article.body == text
    assert LEAGUE.startswith(article.title.rstrip("…"))


def test_a_single_sentence_is_its_own_article() -> None:
    [article] = parse("تفتح المكتبة أبوابها صباح الغد.", "brief.txt")
    assert article.body == "تفتح المكتبة أبوابها صباح الغد."
    assert article.title == "تفتح المكتبة أبوابها صباح الغد"


def test_a_glued_article_never_gets_a_date_of_its_own() -> None:
    text = (
        f"الجزائر في يوم استقلالها\nتاريخ النشر: 6 تموز 2023\n{ALGIERS}\n{LEAGUE}\nالمصدر: الجزيرة نت\n"
        f"اقرأ أيضا:\nالمريخ ويومه\nباريس (فرانس برس) - {MARS}"
    )
    host, glued = parse(text, "two.txt")
    assert (host.part, glued.part) == (0, 1)
    assert glued.published.date is None
    assert glued.published.not_after == "2023-07-06"
    assert glued.published.evidence in text
    assert "6 تموز 2023" in glued.published.evidence
    assert ALGIERS not in glued.body
    assert MARS not in host.body


def test_without_a_date_the_latest_one_it_looks_back_on_bounds_it() -> None:
    [article] = parse(f"القناة والجامعة\n{LEAGUE}\n{SUEZ}", "undated.txt")
    assert article.published.date is None
    assert article.published.not_before == "1945-03-01"
    assert article.published.evidence in article.body


def test_a_page_that_says_only_when_it_was_changed_is_not_younger_than_that() -> None:
    [article] = parse(f"القناة والجامعة\nآخر تحديث: 3 أيار 2024\n{LEAGUE}\n{SUEZ}", "changed.txt")
    assert article.published.date is None
    assert article.published.not_before == "1945-03-01"
    assert article.published.not_after == "2024-05-03"
    assert "3 أيار 2024" in article.published.evidence


def test_many_blank_lines_shrink_to_one() -> None:
    text = f"النيل\n\n\n\n{NILE}\n \n\n\n\n{SUEZ}\n\n\n"
    [article] = parse(text, "gaps.txt")
    assert article.body == f"{NILE}\n \n{SUEZ}"
    check_partition(text, article)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no text"),
        (" \n\t\u200f\ufeff\n", "holds no text"),
        ("1234 !!\n----", "holds no text"),
        ("شاركها على:\nسياسة\nسياسة\nعاجل !!", "no reporting"),
        ("اقرأ أيضا\nجميع الحقوق محفوظة", "no reporting"),
    ],
)
def test_nothing_publishable_is_an_error_that_says_so(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        parse(text, "folder/empty.txt")
    assert "folder/empty.txt" in str(caught.value)


DIRT = [
    "سياسة",
    "شاركها على:",
    "اقرأ أيضاً:",
    "إقرأ أيضا: ميناء قديم",
    "عاجل !!",
    "المصدر: وكالات",
    "المصدر",
    "المراجع:",
    "1. كتاب قديم",
    "[1] كتاب قديم",
    "الوسوم",
    "التعليقات",
    "https://www.sana.sy/?p=1",
    "الناشر: سانا",
    "التاريخ: 9 شباط 2026",
    "9 شباط 2026",
    "هيئة التحرير25 نوفمبر 2025آخر تحديث :",
    'هذا الخبر بعنوان "خبر" نشر أولاً على موقع sana.sy وتم جلبه من مصدره الأصلي بتاريخ ٩ شباط ٢٠٢٦.',
    "دمشق - سانا",
    "صنعاء (رويترز) - " + COFFEE,
    "عنوان قصير",
    "عنوان ينتهي بنقطتين:",
    "♦ اقتباس",
    "---",
    NILE,
    LEAGUE,
    MARS,
]
NEWLINES = ["\n", "\r\n", "\r", "\n\n", "\n \t\n\n", "\u2028", " ", ""]
pages = st.lists(
    st.tuples(st.sampled_from(DIRT) | st.text(max_size=12), st.sampled_from(NEWLINES)), max_size=25
).map(lambda parts: "".join(line + newline for line, newline in parts))


@pytest.mark.parametrize("line", ["الرابط: {}", "المصدر: {}", "الرابط المختصر: {}", "{}", "الموقع: {}"])
@pytest.mark.parametrize(
    "url", ["https://www.reuters.com@evil.example/a", "https://reuters.com:x@evil.example"]
)
def test_an_address_with_a_user_before_its_host_is_not_taken(line: str, url: str) -> None:
    [article] = parse(
        f"{line.format(url)}\n\nعنوان قصير للخبر\n\n{COFFEE}\n\n{NILE}\n\n{line.format(url)}\n", "x"
    )
    assert (article.url, article.site) == (None, None)
    assert article.publisher != "رويترز"


def test_the_last_paragraph_of_an_article_behind_a_marker_with_its_headline_stays() -> None:
    text = (
        f"عنوان أول\n\n{COFFEE}\n\n{LEAGUE}\n\nاقرأ أيضا: افتتاح سوق جديد\n\nدمشق - سانا: {NILE}\n\n{MARS}\n"
    )
    first, second = parse(text, "x")
    assert first.body.endswith(LEAGUE)
    assert second.title == "افتتاح سوق جديد"
    assert second.body.endswith(MARS)


@given(pages | st.text())
@example("\x00")
@example("\x1d أ\x85")
@example("إقرأ أيضا: ميناء\n" + COFFEE)
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        articles = parse(text, "any.txt")
    except ParseError:
        return
    assert [article.part for article in articles] == list(range(len(articles)))
    for article in articles:
        check_partition(text, article)
    kept = sorted((span.start, span.end) for article in articles for span in article.kept)
    assert all(before[1] <= after[0] for before, after in pairwise(kept))


# The site's own voice below an article

MARKET = (
    "سوق جديدة في البلدة\n\nافتتحت البلدية صباح أمس سوقًا للخضار تضم أربعين متجرًا، بعد أعمال ترميم استمرت سبعة أشهر.\n\n"
    "وقال رئيس البلدية إن السوق ستعمل ستة أيام في الأسبوع، وإن إيجار المتجر الواحد لن يزيد على خمسين ألف ليرة.\n\n"
)
VOICES = (
    "ترحب بوابة السهل بآراء قرائها وتنشر منها ما يخلو من التجريح، ويحق لفريق الإشراف حذف أي رد يخالف القانون.",
    "تحتفظ الصحيفة بحقها في حذف أي مشاركة تخالف ضوابط النشر، وتقع المسؤولية كاملة على صاحبها.",
    "يمكنكم التعليق بعد تسجيل الدخول، ويحق لإدارة المنصة رفض ما يخالف شروط الاستخدام من ردود المستخدمين.",
    "لن ينشر أي تعليق يتضمن إساءة أو تجريحًا، ويرجى من القراء الكرام التزام آداب الحوار في صحيفتنا.",
    "يعمل هذا الموقع بفضل تبرعات قرائه، ويلتزم قواعد الاستقلال التحريري، ونشكر كل من يسهم في استمراره.",
)


@pytest.mark.parametrize("voice", VOICES)
def test_a_site_that_speaks_of_itself_below_an_article_is_no_reporting(voice: str) -> None:
    (article,) = parse(MARKET + voice, "a.txt")
    assert article.body == MARKET.split("\n\n", 1)[1].strip()
    assert [drop.reason for drop in article.dropped if drop.reason == "site notice"]


@pytest.mark.parametrize("voice", VOICES)
def test_the_same_words_inside_an_article_or_as_the_whole_of_one_stay(voice: str) -> None:
    before, after = MARKET.rstrip().rsplit("\n\n", 1)
    (article,) = parse(f"{before}\n\n{voice}\n\n{after}", "a.txt")
    assert voice in article.body
    (alone,) = parse(f"سياسة التعليقات\n\n{voice}", "a.txt")
    assert voice in alone.body


@pytest.mark.parametrize(
    "news",
    [
        "وأضاف أن الموقع سيحذف تعليقات المستخدمين التي تخالف القانون، ويرجى من القراء الالتزام بشروط الاستخدام.",
        "وختم بالقول: «نرجو من القراء الالتزام بآداب التعليق في موقعنا وفق سياسة النشر».",
        "وتلتزم الإدارة مراجعة العقود مع أصحاب المتاجر كل عام، وفق شروط يقرها مجلس البلدة بعد سماع آراء السكان.",
    ],
)
def test_reporting_of_terms_and_comments_stays(news: str) -> None:
    (article,) = parse(MARKET + news, "a.txt")
    assert article.body.endswith(news)
