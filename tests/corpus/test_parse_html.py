"""Articles read off web pages: what is the article, what the page says of it, and that no character changes."""

from __future__ import annotations

import html
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.article import Article
from corpus.decode import NoTextError, Reason
from corpus.parse import Page, ParseError, parse, read
from corpus.parse.html.markup import MOST_LINES, collapse

HEADLINE = "افتتاح مكتبة جديدة في حي المطاحن القديم"
LEDE = "افتتحت بلدية المدينة مكتبة عامة جديدة في حي المطاحن القديم بعد عامين من العمل في ترميم المبنى."
SECOND = "وقالت أمينة المكتبة إن فيها «أربعة آلاف كتاب» للأطفال، وإن أبوابها مفتوحة كل يوم حتى الثامنة مساء."
THIRD = "وأضافت أن قاعة القراءة في الطابق الأرضي تتسع لستين قارئا، وأن الدخول إليها لا يحتاج إلى بطاقة."
STANDFIRST = "المكتبة الأولى في الحي منذ أن أغلقت مكتبته القديمة أبوابها قبل عشرين عاما."
ITEMS = ("قاعة للقراءة تتسع لستين قارئا", "ركن للأطفال فيه أربعة آلاف كتاب", "غرفة للصحف القديمة")

MENU = '<nav><ul><li><a href="/">الرئيسية</a><li><a href="/p">سياسة</a><li><a href="/s">رياضة</a></ul></nav>'
SHARE = '<div class="share-bar">شارك الخبر: <a href="#">فيسبوك</a> <a href="#">واتساب</a></div>'
RELATED = """<div class="related-posts"><h3>مقالات ذات صلة</h3><ul>
<li><a href="/1">سوق الجمعة يعود إلى الساحة الكبيرة بعد انقطاع دام ثلاثة أشهر</a></li>
<li><a href="/2">انطلاق أعمال ترميم الجسر الحجري عند مدخل المدينة الشمالي</a></li></ul></div>"""
COOKIES = """<div id="cookie-consent"><p>يستخدم هذا الموقع ملفات تعريف الارتباط لتحسين تجربة الزوار، وباستمرارك في
التصفح فإنك توافق على ذلك.</p><button>موافق</button></div>"""
FOOTER = """<footer><p>صحيفة الضفة صحيفة يومية تصدر منذ 1 كانون الثاني 2003، وتغطي أخبار المدينة وريفها، ويمكنكم
مراسلتها بالبريد.</p><p>جميع الحقوق محفوظة © 2 شباط 2024</p></footer>"""
COMMENTS = """<section id="comments"><h3>التعليقات</h3><p>قارئ من الحي: شكرا لكل من عمل في هذه المكتبة، فقد انتظرناها
طويلا نحن وأولادنا في الحي كله.</p></section>"""


def page_of(*, head: str = "", body: str = "", title: str = HEADLINE) -> str:
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f'<body class="single has-sidebar">{body}</body></html>'
    )


MODERN = page_of(
    head="<script>var p = '<p>لا يقرأ هذا أحد من الناس في أي صفحة من صفحات هذا الموقع أبدا.</p>';</script>",
    body=f"""{COOKIES}<header>{MENU}<div>الأحد 15 شباط 2026</div></header><main>
<div class="breadcrumb"><a>الرئيسية</a> / <a>محليات</a></div>
<article class="post tag-books category-local"><h1>{HEADLINE}</h1>
<div class="post-meta"><span>هيئة التحرير</span><time datetime="2026-02-10T23:30:00+03:00">قبل يومين</time></div>{SHARE}
<p class="lede">{STANDFIRST}</p>
<figure><img src="x.jpg"><figcaption>واجهة المكتبة من جهة النهر</figcaption></figure>
<div class="entry-content"><p>{LEDE}</p><div class="ad-slot"><p>إعلان</p></div>{RELATED}<h2>ما في المكتبة</h2>
<p>{SECOND}</p><ul>{"".join(f"<li>{item}</li>" for item in ITEMS)}</ul>
<p><strong>اقرأ أيضا:</strong> <a href="/3">سوق الجمعة يعود إلى الساحة</a></p>
<script>count()</script><p style="display:none">نص مخفي لا يراه قارئ الصفحة ولا ينبغي أن ينقل عنها أبدا.</p>
<p>{THIRD}</p></div>
{SHARE}{RELATED}{COMMENTS}</article></main><aside><h4>الأكثر قراءة</h4><ol><li><a>خبر</a></ol></aside>{FOOTER}""",
)


def article_of(markup: str | bytes, url: str | None = None, charset: str | None = None) -> Article:
    data = markup if isinstance(markup, bytes) else markup.encode()
    page = read(data, ".html", url=url, charset=charset)
    [article] = parse(page.text, "page.html", page.said)
    check(page, article)
    return article


def check(page: Page, article: Article) -> None:
    """The contract of every body: it is what its spans keep of the stored text, and nothing is left unsaid."""
    assert article.body == "".join(page.text[span.start : span.end] for span in article.kept)
    covered = sorted(
        [(span.start, span.end) for span in article.kept]
        + [(span.start, span.end) for span in article.dropped]
    )
    assert [start for start, _ in covered] == [0, *(end for _, end in covered[:-1])]
    assert covered[-1][1] == len(page.text)


def lines(article: Article) -> list[tuple[str, str]]:
    return [(block.kind, article.body[block.start : block.end]) for block in article.blocks]


# The article


def test_a_cluttered_page_is_its_article_and_nothing_else() -> None:
    article = article_of(MODERN)
    assert article.title == HEADLINE
    assert lines(article) == [
        ("paragraph", STANDFIRST),
        ("paragraph", LEDE),
        ("heading", "ما في المكتبة"),
        ("paragraph", SECOND),
        *(("item", item) for item in ITEMS),
        ("paragraph", THIRD),
    ]
    assert article.published.date == "2026-02-10"


OLD = f"""<html dir=rtl><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1256">
<title>صحيفة الضفة - {HEADLINE}</title></head><body><form><table width=100%><tr><td><a href=1>الرئيسية</a>
| <a href=2>محليات</a></td></tr>
<tr><td><a href=5>سوق الجمعة يعود إلى الساحة الكبيرة</a><br><a href=6>أخبار الرياضة</a></td>
<td><font size=5><b>{HEADLINE}</b></font><br><br>{LEDE}<br><br>{SECOND}<br><br>{THIRD}<br>نشر بتاريخ: 10-02-2026<br>
<a href=print>طباعة</a></td></tr></table></form><center>جميع الحقوق محفوظة &copy; 2010</center></body></html>"""


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [
        ("cp1256", None),
        ("cp1256", "windows-1256"),
        ("cp1256", "iso-8859-1"),
        ("cp1256", "utf-8"),
        ("utf-8", None),
    ],
)
def test_an_old_page_of_tables_is_read_in_its_encoding(encoding: str, charset: str | None) -> None:
    article = article_of(OLD.encode(encoding), charset=charset)
    assert article.title == HEADLINE
    assert lines(article) == [("paragraph", LEDE), ("paragraph", SECOND), ("paragraph", THIRD)]
    assert article.published.date == "2026-02-10"


def test_a_page_of_nameless_boxes_is_read_by_its_text() -> None:
    cards = "".join(
        f"<div class=c><a href=/{n}><h3>عنوان خبر آخر رقم {n} من أخبار المدينة</h3></a><p>ملخص الخبر رقم {n} الذي"
        " يشرح بعض ما فيه للقارئ ثم ينقطع عند هذا...</p></div>"
        for n in range(5)
    )
    paragraphs = "".join(
        f"<div class=x{n}><span>{text}</span></div>" for n, text in enumerate((LEDE, SECOND, THIRD))
    )
    body = f"""<div><div>{MENU}</div><div><div><h1>{HEADLINE}</h1><div>نُشر في: 10 شباط/فبراير 2026</div></div>
<div>{paragraphs}</div></div><div><h2>المزيد</h2>{cards}</div>{FOOTER}</div>"""
    article = article_of(page_of(body=body))
    assert [text for _, text in lines(article)] == [LEDE, SECOND, THIRD]
    assert article.published.date == "2026-02-10"


def test_a_wrapper_with_an_unlucky_name_is_kept() -> None:
    body = f'<div id="printArea" class="content-with-sidebar"><h1>{HEADLINE}</h1><p>{LEDE}</p><p>{SECOND}</p></div>'
    assert [text for _, text in lines(article_of(page_of(body=body + FOOTER)))] == [LEDE, SECOND]


def test_the_rows_of_a_table_are_lines() -> None:
    table = (
        "<table><tr><th>العام</th><th>عدد الكتب</th></tr><tr><td>2025</td><td>أربعة\nآلاف</td></tr></table>"
    )
    article = article_of(
        page_of(body=f"<article><h1>{HEADLINE}</h1><p>{LEDE}</p>{table}<p>{SECOND}</p></article>")
    )
    assert [text for _, text in lines(article)] == [LEDE, "العام\tعدد الكتب", "2025\tأربعة آلاف", SECOND]


# Its characters

SPOKEN = st.text(
    st.sampled_from([*"ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأإؤئىةّْٰـ٠٣ abc",
         *"«»“”()&<>\"'…–،؛؟.  \n\t", "\u200c", "\u200f", "\u202b",
                     "\u2068", "\u2069", "\u00a0", "\ufe8e", "\u0301", "😀", "ﷺ"]
    ),
    max_size=60,
)  # fmt: skip


@given(st.lists(SPOKEN, min_size=1, max_size=4), st.booleans())
@example(["كلمة\u200cكلمة \u202bنص\u202c \u00a0 ١٢٣ &amp;", "مدّ ـــ ﷺ"], True)
def test_paragraphs_come_back_in_the_pages_own_characters(said: list[str], numeric: bool) -> None:
    paragraphs = [f"{LEDE} {words} {THIRD}" for words in said]

    def escape(text: str) -> str:
        return "".join(f"&#{ord(each)};" for each in text) if numeric else html.escape(text)

    body = "".join(
        f"<p>{escape(text[:40])}<b>{escape(text[40:80])}</b>{escape(text[80:])}</p>" for text in paragraphs
    )
    article = article_of(page_of(body=f"{MENU}<article><h1>{HEADLINE}</h1>{body}</article>{FOOTER}"))
    for text in paragraphs:
        assert collapse(text) in article.body.split("\n")


def test_bytes_that_are_no_text_are_refused_only_inside_the_article() -> None:
    torn = MODERN.encode().replace("واتساب".encode(), b"\xd9\xff", 1)
    assert article_of(torn).title == HEADLINE
    with pytest.raises(NoTextError) as caught:
        read(MODERN.encode().replace("بطاقة".encode(), b"\xd9\xff", 1), ".html")
    assert caught.value.reason == Reason.ENCODING


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(st.sampled_from('<>/="!-[]& pdivhtmla1لن\n'), max_size=300).map(str.encode),
    )
)
@example(b"<" * 3000)
@example(b"<div>" * 3000 + "نص".encode())
@example(b"<html><body><script type='application/ld+json'>" + b"[" * 100_000 + b"</script><p>x")
def test_any_bytes_are_articles_or_a_reason(data: bytes) -> None:
    try:
        page = read(data, ".html")
        for article in parse(page.text, "page.html", page.said):
            check(page, article)
    except (NoTextError, ParseError):
        return


@pytest.mark.parametrize(
    "stray", ["\0", "\x0b", "\x1b", "&#0;", "&#27;", "&#xD800;", "&#xdfff", "&#1114112;", "&#x1F;"]
)
def test_a_stray_sign_that_is_no_character_is_left_out(stray: str) -> None:
    article = article_of(MODERN.replace("بطاقة", f"بطا{stray}قة", 1).replace(HEADLINE, HEADLINE + stray))
    assert article == article_of(MODERN)


@pytest.mark.parametrize("kept", ["&#1593;", "&#x639;", "&#9;", "&amp;#27;"])
def test_other_references_stay(kept: str) -> None:
    assert html.unescape(kept).strip() in article_of(MODERN.replace("بطاقة", f"بطاقة {kept}", 1)).body


@pytest.mark.parametrize("tag", ["div", "font", "span"])
def test_a_page_nested_hundreds_deep_is_read_whole(tag: str) -> None:
    deep = page_of(
        body=f"<h1>{HEADLINE}</h1><p>{LEDE}</p>{f'<{tag}>' * 900}<p>{SECOND}</p>{f'</{tag}>' * 900}<p>{THIRD}</p>"
    )
    assert article_of(deep).body.split("\n\n") == [LEDE, SECOND, THIRD]


def test_a_page_nested_deeper_than_can_be_read_is_refused_and_not_cut() -> None:
    deep = page_of(body=f"<h1>{HEADLINE}</h1><p>{LEDE}</p><p>{SECOND}</p>{'<div>' * 5000}<p>{THIRD}</p>")
    many = page_of(body=f"<h1>{HEADLINE}</h1>{'<div>' * 1900}{f'<p>{LEDE}</p>' * 1500}")
    for markup in (deep, many):
        with pytest.raises(NoTextError) as caught:
            read(markup.encode(), ".html")
        assert caught.value.reason == Reason.TOO_LARGE


PARAGRAPHS = f"<h1>{HEADLINE}</h1><p>{LEDE}</p><p>{SECOND}</p>"


@pytest.mark.parametrize(
    "data",
    [
        MODERN.encode(),
        ("\ufeff  \n<!-- saved -->\n" + MODERN).encode(),
        MODERN.encode("utf-16"),
        MODERN.encode("utf-32"),
        ('<?xml version="1.0" encoding="utf-8"?>\n' + MODERN).encode(),
        MODERN.replace("utf-8", "windows-1256").encode("cp1256", "xmlcharrefreplace"),
        PARAGRAPHS.encode(),
        f"<div>\n{PARAGRAPHS}\n</div>".encode(),
    ],
)
def test_the_source_of_a_page_that_was_saved_as_text_is_read_as_the_page(data: bytes) -> None:
    page = read(data, ".txt")
    assert page == read(data, ".html")
    assert "<" not in page.text
    assert page.text.startswith(HEADLINE)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADLINE}\n\n{LEDE}\n\nتبدأ الصفحة بالسطر <!doctype html> وفيها <p>فقرة</p> <p>وأخرى</p>.\n",
        f"<خاص> {HEADLINE}\n\n{LEDE}\n",
        f"<p> هي علامة الفقرة في لغة الصفحات\n\n{LEDE}\n",
        f"<html-الحلقة الأولى\n\n{LEDE}\n",
    ],
)
def test_a_text_that_speaks_of_tags_is_none(text: str) -> None:
    assert read(text.encode(), ".txt").text == text


def test_what_steers_a_terminal_or_the_direction_is_in_no_headline_and_no_name() -> None:
    head = linked(
        **{"@type": "NewsArticle"},
        headline="\x1b[31m\u202eجسر\x07 جديد",
        publisher={"name": "\x9b2J\u2067صحيفة\u200c الضفة"},
    )
    body = f"<p>{LEDE} \u2066(Library)\u2069</p><p>{SECOND}</p>"
    article = article_of(f"<html><head>{head}</head><body>{body}</body></html>")
    assert (article.title, article.publisher) == ("جسر جديد", "2Jصحيفة\u200c الضفة")
    assert "\u2066(Library)\u2069" in article.body  # verbatim


def test_a_page_without_end_is_refused() -> None:
    with pytest.raises(NoTextError) as caught:
        read(b"<p>x" * (MOST_LINES + 1), ".html")
    assert caught.value.reason == Reason.TOO_LARGE


@pytest.mark.parametrize(
    "data", [b"", b" \n", page_of(body=MENU + SHARE).encode(), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]
)
def test_what_holds_no_article_says_so(data: bytes) -> None:
    with pytest.raises((NoTextError, ParseError)):
        article_of(data)


# What it says of itself

TEXT = f"<article><h1>{HEADLINE}</h1><p>{LEDE}</p><p>{SECOND}</p></article>"


def linked(**said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(said)}</script>'


@pytest.mark.parametrize(
    ("head", "body", "date"),
    [
        (linked(**{"@type": "NewsArticle", "datePublished": "2026-02-09T22:30:00Z"}), TEXT, "2026-02-09"),
        (
            linked(**{"@graph": [{"@type": "WebSite"}, {"@type": ["NewsArticle"], "datePublished": "2026-02-09"}]}),
            TEXT,
            "2026-02-09",
        ),
        ('<meta property="article:published_time" content="2026-02-10T00:15:00+03:00">', TEXT, "2026-02-10"),
        ('<meta itemprop="datePublished" content="2026-02-10">', TEXT, "2026-02-10"),
        ("", TEXT.replace("<p>", '<time datetime="2026-02-10">أمس</time><p>', 1), "2026-02-10"),
        ("", TEXT.replace("<p>", "<div>تاريخ النشر: 10 شباط 2026</div><p>", 1), "2026-02-10"),
        # Nothing of the page's edges, of other articles or of nonsense:
        ("", "<div>الأحد 15 شباط 2026</div>" + TEXT + FOOTER, None),
        ("", TEXT + '<div class=x><time datetime="2026-02-01"></time><a href=/>خبر آخر</a></div>', None),
        ('<meta property="article:published_time" content="2026-02-31">', TEXT, None),
        (
            linked(
                **{"@graph": [{"@type": "Article", "headline": name, "datePublished": "2026-01-01"} for name in "ab"]}
            ),
            TEXT,
            None,
        ),
    ],
)  # fmt: skip
def test_a_pages_date_is_its_own(head: str, body: str, date: str | None) -> None:
    assert article_of(page_of(head=head, body=body)).published.date == date


def test_a_page_that_says_only_when_it_changed_is_not_younger() -> None:
    head = linked(**{"@type": "NewsArticle", "dateModified": "2026-02-11T08:00:00+03:00"})
    published = article_of(page_of(head=head, body=TEXT)).published
    assert (published.date, published.not_after) == (None, "2026-02-11")


@pytest.mark.parametrize(
    ("head", "url", "publisher"),
    [
        ('<meta property="og:site_name" content="صحيفة الضفة">', None, "صحيفة الضفة"),
        (linked(**{"@type": "NewsArticle", "publisher": {"name": "صحيفة الضفة"}}), None, "صحيفة الضفة"),
        ('<meta property="og:site_name" content="SANA">', "https://www.sana.sy/1", "سانا"),
        ("", "https://daffa.example/1", "daffa.example"),
        ("", None, None),
    ],
)
def test_a_pages_outlet(head: str, url: str | None, publisher: str | None) -> None:
    assert article_of(page_of(head=head, body=TEXT), url).publisher == publisher


def test_a_notice_in_the_text_goes_before_the_site() -> None:
    notice = f'هذا الخبر بعنوان "{HEADLINE}" نشر أولاً على موقع sana.sy وتم جلبه من مصدره الأصلي بتاريخ ٩ شباط ٢٠٢٦.'
    head = (
        '<meta property="og:site_name" content="صحيفة الضفة">'
        '<meta property="article:published_time" content="2026-02-12">'
    )
    article = article_of(page_of(head=head, body=TEXT.replace("<p>", f"<p>{notice}</p><p>", 1)))
    assert (article.publisher, article.published.date) == ("سانا", "2026-02-09")


@pytest.mark.parametrize(
    ("claimed", "found", "url"),
    [
        (
            "https://daffa.example/2026/books",
            "https://m.daffa.example/x?id=1",
            "https://daffa.example/2026/books",
        ),
        ("/2026/books", "https://daffa.example/x", "https://daffa.example/2026/books"),
        ("https://sana.sy/1", "https://daffa.example/x", None),
        ("https://daffa.example/", "https://daffa.example/x", None),
        ("javascript:alert(1)", "https://daffa.example/x", None),
        ("https://u:p@daffa.example/1", "https://daffa.example/x", None),
        ("http://[", None, None),
        ("https://sana.sy/1", None, "https://sana.sy/1"),
    ],
)
def test_a_page_may_name_an_address_of_its_own_host(claimed: str, found: str | None, url: str | None) -> None:
    head = f'<link rel="canonical" href="{claimed}">'
    assert article_of(page_of(head=head, body=TEXT), found).url == url


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:site_name" content="صحيفة الضفة">', f"{HEADLINE} | صحيفة الضفة"),
        (f'<meta property="og:title" content="{HEADLINE}">', "صحيفة الضفة"),
        (linked(**{"@type": "NewsArticle", "headline": HEADLINE.replace("في", "&#1601;ي")}), ""),
    ],
)
def test_a_headline_is_found_without_its_outlet(head: str, title: str) -> None:
    body = f"<article><p>{LEDE}</p><p>{SECOND}</p></article>"
    assert article_of(page_of(head=head, body=body, title=title)).title == HEADLINE


@pytest.mark.parametrize(
    ("title", "heading", "found"),
    [
        ("الضفة نيوز: آخر الأخبار", HEADLINE, HEADLINE),
        ("مكتبة جديدة", "افتتاح مكتبة جديدة", "افتتاح مكتبة جديدة"),
        (HEADLINE, "صحيفة الضفة اليومية", HEADLINE),
    ],
)
def test_the_only_heading_of_a_page_is_its_headline_unless_it_names_the_outlet(
    title: str, heading: str, found: str
) -> None:
    body = f"<h1>{heading}</h1><article><p>{LEDE}</p><p>{SECOND}</p></article>"
    assert article_of(page_of(body=body, title=title)).title == found


@pytest.mark.parametrize(
    ("claim", "is_address"),
    [
        ("https://daffa.example/1", True),
        ("https://daffa.example:8443/1", True),
        ("HTTPS://Daffa.Example/1", True),
        ("https://أخبار.example/1", True),
        ("https://[2001:db8::1]/1", True),
        ("http://a:99999999/", False),
        ("https://daffa.example:abc/x", False),
        ("https://daffa.example:0/x", False),
        ("https://daffa..example/1", False),
        ("https://-daffa.example/1", False),
        ("https://.../1", False),
        ("https://daf,fa.example/1", False),
        (f"https://{'d' * 64}.example/1", False),
        (f"https://{'d.' * 127}example/1", False),
        ("https://[2001:db8/1", False),
        ("https://reuters.com@daffa.example/1", False),
        ("ftp://daffa/1", False),
    ],
)
def test_an_address_is_one_that_there_may_be(claim: str, is_address: bool) -> None:
    page = page_of(head=f'<link rel="canonical" href="{claim}">', body=TEXT)
    text = f"{HEADLINE}\nالرابط: {claim}\n\n{LEDE}\n\n{SECOND}\n"
    for article in (article_of(page), parse(text, "page.txt")[0]):
        assert article.url == (claim if is_address else None)
        assert is_address or article.site is None
