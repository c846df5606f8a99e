"""Which of a page's dates is its article's."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Published
from corpus.parse import parse, read
from corpus.parse.html.dates import PageDates, settle

NEWS = (
    "افتتح مجلس البلدة أمس حديقة جديدة على ضفة النهر تضم ملعبًا للأطفال وممرًّا للدراجات بعد أعمال استمرت نحو عام كامل.",
    "وقال رئيس المجلس إن الدخول إلى الحديقة مجاني كل يوم، وإن حراسها من أبناء البلدة الذين شاركوا في زراعة أشجارها.",
)


def page(
    *, linked: object = None, meta: dict[str, str] | None = None, above: str = "", below: str = ""
) -> bytes:
    article = {
        "@type": "NewsArticle",
        "headline": "حديقة جديدة على ضفة النهر",
        **(linked if isinstance(linked, dict) else {}),
    }
    tags = "".join(f'<meta property="{name}" content="{value}">' for name, value in (meta or {}).items())
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in NEWS)
    return (
        f'<!DOCTYPE html><html lang="ar"><head><meta charset="utf-8"><title>حديقة جديدة على ضفة النهر</title>{tags}'
        f'<script type="application/ld+json">{json.dumps(article)}</script></head><body><main><article>'
        f"<h1>حديقة جديدة على ضفة النهر</h1>{above}{paragraphs}{below}</article></main></body></html>"
    ).encode()


def published(data: bytes, url: str | None = None) -> Published:
    read_page = read(data, ".html", url=url)
    (article,) = parse(read_page.text, "page.html", read_page.said)
    assert "20" not in article.body  # no date of the page in the text
    return article.published


LATE = {"datePublished": "2026-02-09T22:40:00Z"}
DAY = "<p>الثلاثاء 10 شباط 2026</p>"


@pytest.mark.parametrize(
    ("data", "url", "date"),
    [
        (page(linked=LATE), None, "2026-02-09"),
        (page(linked=LATE), "https://news.example.sy/1", "2026-02-10"),
        (page(linked=LATE), "https://example.com/1", "2026-02-09"),
        (page(linked=LATE | {"dateModified": "2026-02-10T08:00:00+03:00"}), None, "2026-02-10"),
        (page(linked=LATE, above=DAY), None, "2026-02-10"),
        (
            page(linked={"datePublished": "2026-02-09T22:40:00+00:00"}, above=DAY),
            "https://example.com/1",
            "2026-02-10",
        ),
        (page(linked={"datePublished": "2026-02-09T22:40:00"}, above=DAY), None, "2026-02-10"),
        (page(linked={"datePublished": "2026-02-09T22:40:00-05:00"}, above=DAY), None, "2026-02-09"),
        (page(linked={"datePublished": "2026-02-07T22:40:00Z"}, above=DAY), None, "2026-02-07"),
        (page(linked={"datePublished": "2026-02-09T08:40:00Z"}, above=DAY), None, "2026-02-09"),
        (page(linked={"datePublished": "2026-02-11T08:40:00Z"}, above=DAY), None, "2026-02-10"),
        (page(linked={"datePublished": "2026-02-11T12:40:00Z"}, above=DAY), None, "2026-02-11"),
        (page(linked={"datePublished": 1770712200}), None, "2026-02-10"),
        (page(linked={"datePublished": ["2026-2-10"]}), None, "2026-02-10"),
        (page(linked={"datePublished": True}), None, None),
        (
            page(linked={"datePublished": "1970-01-01T00:00:00Z"}, meta={"pubdate": "10/2/2026"}),
            None,
            "2026-02-10",
        ),
        (page(linked={"datePublished": "2199-01-01"}, above=DAY), None, "2026-02-10"),
        (page(linked={"datePublished": "1447-08-22"}), None, "2026-02-10"),
        (page(linked={"datePublished": "1447-08-21"}, above=DAY), None, "2026-02-10"),
        (page(above="<p>22 شعبان 1447هـ</p>"), None, "2026-02-10"),
        (page(above='<time datetime="2026-02-09T22:40:00Z">10 شباط 2026</time>'), None, "2026-02-10"),
        (
            page(above='<time datetime="2026-02-09T22:40:00Z">قبل يومين</time>'),
            "https://a.example.sy/1",
            "2026-02-10",
        ),
        (page(above='<time datetime="0001-01-01">10 شباط 2026</time>'), None, "2026-02-10"),
        (page(meta={"article:published_time": "Tue, 10 Feb 2026 08:30:00 +0300"}), None, "2026-02-10"),
        (
            page(
                above='<div class="related-posts"><a href="/1">خبر آخر من البلدة</a>'
                '<time datetime="2019-03-04">أمس</time></div>'
                "<p>كتب مراسل البلدة، 10 شباط 2026</p>"
            ),
            None,
            "2026-02-10",
        ),
    ],
)
def test_the_day_is_the_outlets_own(data: bytes, url: str | None, date: str | None) -> None:
    assert published(data, url).date == date


@pytest.mark.parametrize(
    ("line", "date", "precision"),
    [
        ("تاريخ النشر: آذار 2024", "2024-03-01", "month"),
        ("تاريخ النشر: آذار/مارس ٢٠٢٤", "2024-03-01", "month"),
        ("التاريخ: 12 آذار 2024", "2024-03-12", "day"),
        ("نُشر في مارس 2024", "2024-03-01", "month"),
        ("تم النشر: نيسان 2024", "2024-04-01", "month"),
        ("تاريخ النشر: 2024", "2024-01-01", "year"),
        ("نُشرت في آذار 2024 رواية عن النهر", None, None),
        ("آذار 2024", None, None),
    ],
)
def test_a_month_behind_a_label_is_a_month(line: str, date: str | None, precision: str | None) -> None:
    text = "\n\n".join(("حديقة جديدة على ضفة النهر", line, *NEWS))
    (article,) = parse(text, "page.txt")
    assert (article.published.date, article.published.precision) == (date, precision)
    assert (line in article.body) is (date is None)
    read_page = read(page(above=f"<p>{line}</p>"), ".html")
    (article,) = parse(read_page.text, "page.html", read_page.said)
    assert (article.published.date, article.published.precision) == (date, precision)


def test_a_time_of_change_bounds_the_article_on_the_outlets_clock() -> None:
    data = page(linked={"datePublished": "0001-01-01", "dateModified": "2026-02-09T22:40:00Z"})
    assert published(data, "https://news.example.sy/1").not_after == "2026-02-10"


@pytest.mark.parametrize(
    "name",
    ['class="updated"', 'class="entry-date modified"', 'itemprop="dateModified"', 'class="dt-updated"'],
)
def test_a_time_that_is_named_after_the_last_change_gives_way(name: str) -> None:
    line = (
        f'<p class="meta"><time {name} datetime="2026-02-14T08:00:00+03:00">14 شباط 2026</time> '
        '<time datetime="2026-02-10T08:00:00+03:00">10 شباط 2026</time></p>'
    )
    assert published(page(above=line)).date == "2026-02-10"


_STAMPS = st.lists(
    st.sampled_from(
        [
            "",
            "2026-02-09T22:40:00Z",
            "1447-08-22",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2026",
            "x",
        ]
    )
    | st.text(max_size=20),
    max_size=3,
).map(tuple)


@given(
    _STAMPS,
    _STAMPS,
    st.text(max_size=20),
    st.none() | st.dates().map(lambda day: Published(day.isoformat(), "day", "")),
)
def test_any_stamps_settle(
    published: tuple[str, ...], updated: tuple[str, ...], host: str, seen: Published | None
) -> None:
    found = settle(PageDates(published, updated, host), seen)
    if found:
        assert datetime.date.fromisoformat(found.date or found.not_after or "")
        assert found == seen or found.evidence in (*published, *updated)
