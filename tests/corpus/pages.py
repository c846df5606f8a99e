# ruff: noqa: E501 (markup)
"""Small pages with the right text beside each: what a reader of the page sees of its article, line by line.

Half of them are set aside (``aside``): the rules are written with the others in sight, and tried on these.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

TITLE = "مدرسة قرية الزعتر تفتح مكتبتها لأهل القرية"
LEDE = "فتحت مدرسة قرية الزعتر يوم السبت مكتبتها لأهل القرية كلهم بعد أن كانت للتلاميذ وحدهم، وفيها ثلاثة آلاف كتاب."
HOURS = "وقالت مديرة المدرسة إن المكتبة ستعمل ثلاثة أيام في الأسبوع، وإن الاستعارة مجانية لكل من يحمل بطاقة من البلدية."
FUND = "وجمع أهل القرية كلفة الرفوف الجديدة من تبرعات استمرت عاما كاملا، وصنعها نجار من القرية من خشب الجوز."
PLAN = (
    "وتنوي المدرسة أن تقيم في قاعة المكتبة أمسيات للقراءة كل خميس، وأن تدعو إليها كتابا من المدينة القريبة."
)
LAST = "ويأمل تلاميذ المدرسة أن تصل إلى المكتبة قبل الشتاء كتب العلوم التي طلبوها من وزارة التربية في الربيع."
OTHER = "مباراة ودية بين فريقي الحي الشرقي والحي الغربي تنتهي بالتعادل"
SECOND_OTHER = "انقطاع المياه عن ثلاثة أحياء بسبب أعمال الصيانة في الخزان"


APART = "توزّع موظفتان شابتان خرائط ملوّنة صغيرة عند الباب الشمالي، ويُسمح بالتصوير بلا إضاءة حتى الغروب."


@dataclass(frozen=True, slots=True)
class Sample:
    """A page, its headline and the lines of its article."""

    name: str
    markup: str
    lines: tuple[str, ...]
    title: str = TITLE
    date: str | None = None
    """The day it was published, where the sample is about that."""
    aside: bool = False


def page(body: str, *, head: str = "", title: str = TITLE) -> str:
    """A page with a menu above its content and a footer below it."""
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        '<body><header><nav><a href="/">الرئيسية</a> <a href="/a">محليات</a> <a href="/b">رياضة</a></nav></header>'
        f"<main>{body}</main><footer>جميع الحقوق محفوظة</footer></body></html>"
    )


def article(*content: str, head: str = "", heading: str = TITLE, title: str = "") -> str:
    """A page with an article of these paragraphs; what begins with a tag stands as it is."""
    inside = "".join(each if each.startswith("<") else f"<p>{each}</p>" for each in content)
    return page(f"<article><h1>{heading}</h1>{inside}</article>", head=head, title=title or heading)


def card(title: str, summary: str = "") -> str:
    return f'<div class="c"><a href="/n/{len(title)}"><h4>{title}</h4></a>{f"<p>{summary}</p>" if summary else ""}</div>'


def _pair(
    name: str, first: tuple[str, tuple[str, ...]], second: tuple[str, tuple[str, ...]]
) -> Iterator[Sample]:
    yield Sample(name, first[0], first[1])
    yield Sample(f"{name}, again", second[0], second[1], aside=True)


def _samples() -> Iterator[Sample]:
    cost = "وقدرت البلدية كلفة العمل بنحو {} ألف ليرة، دفعت المدرسة ربعها ودفع أهل القرية ما بقي منها."
    yield from _pair(
        "struck",
        (article(LEDE, cost.format("<s>سبعين</s> تسعين"), HOURS), (LEDE, cost.format("تسعين"), HOURS)),
        (
            article(
                LEDE,
                f"<p><strike>{FUND}</strike></p>",
                cost.format("<del>سبعين</del> <ins>تسعين</ins>"),
                HOURS,
            ),
            (LEDE, cost.format("تسعين"), HOURS),
        ),
    )
    yield from _pair(
        "struck by its style",
        (
            article(
                LEDE, cost.format('<span style="text-decoration: line-through">سبعين</span> تسعين'), HOURS
            ),
            (LEDE, cost.format("تسعين"), HOURS),
        ),
        (
            article(
                LEDE,
                cost.format('<span class="old">سبعين</span> تسعين'),
                HOURS,
                head="<style>.old{color:gray;text-decoration-line:line-through}</style>",
            ),
            (LEDE, cost.format("تسعين"), HOURS),
        ),
    )
    yield from _pair(
        "hidden by its attribute or style",
        (
            article(LEDE, f"<p hidden>{FUND}</p>", f'<p style="display : none">{PLAN}</p>', HOURS),
            (LEDE, HOURS),
        ),
        (
            article(
                LEDE,
                f'<p style="visibility:hidden">{FUND}</p>',
                f'<div style="font-size:0">{PLAN}</div>',
                HOURS.replace("المكتبة", 'المكتبة <span style="font-size: 0px;">مسروق من موقعنا</span>', 1),
            ),
            (LEDE, HOURS),
        ),
    )
    yield from _pair(
        "out of the page",
        (
            article(LEDE, f'<div style="position:absolute; left:-9999px">{FUND}</div>', HOURS),
            (LEDE, HOURS),
        ),
        (
            article(
                LEDE,
                HOURS.replace(
                    "الأسبوع", 'الأسبوع<span style="position:absolute;top:-5000em">نسخ من الموقع</span>', 1
                ),
                f'<p style="text-indent:-9999px">{FUND}</p>',
                PLAN,
            ),
            (LEDE, HOURS, PLAN),
        ),
    )
    yield from _pair(
        "for screen readers",
        (
            article(
                LEDE,
                "ونشرت <a href='https://e.test'>المدرسة<span class='sr-only'> (رابط خارجي)</span></a> قائمة الكتب كلها"
                " على صفحتها، ومنها كتب نادرة طبعت قبل مئة عام.",
                HOURS,
            ),
            (LEDE, "ونشرت المدرسة قائمة الكتب كلها على صفحتها، ومنها كتب نادرة طبعت قبل مئة عام.", HOURS),
        ),
        (
            article(
                LEDE,
                HOURS.replace(
                    "المدرسة",
                    'المدرسة<span style="position:absolute;clip:rect(0 0 0 0);width:1px;height:1px">، للقارئ الآلي،'
                    "</span>",
                    1,
                ),
                FUND.replace("القرية", '<span class="u-visuallyHidden visually-hidden">قرية</span>القرية', 1),
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    yield from _pair(
        "seen though hidden from screen readers",
        (
            article(
                LEDE,
                HOURS.replace(
                    "ثلاثة", '<span aria-hidden="true">ثلاثة</span><span class="sr-only">3</span>', 1
                ),
                f'<div aria-hidden="true">{OTHER}</div>',
                FUND,
            ),
            (LEDE, HOURS, FUND),
        ),
        (
            article(
                LEDE.replace("ثلاثة آلاف", '<b aria-hidden="true">ثلاثة آلاف</b>', 1),
                f'<section aria-hidden="true" class="panel"><p>{OTHER}</p><p>{PLAN}</p></section>',
                HOURS,
                FUND,
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    yield from _pair(
        "hidden by a rule of the page",
        (
            article(
                LEDE,
                f'<div class="trap">{FUND}</div>',
                HOURS,
                head="<style>/* x */ .a, div.trap { color:red; display:none }</style>",
            ),
            (LEDE, HOURS),
        ),
        (
            article(
                LEDE,
                f'<div class="box"><span class="note">{FUND}</span></div>',
                f'<p id="ghost">{PLAN}</p>',
                HOURS,
                head="<style>p{margin:0} .box > .note{visibility:hidden!important} #ghost{display:none}</style>",
            ),
            (LEDE, HOURS),
        ),
    )
    yield from _pair(
        "hidden elsewhere than on the screen",
        (
            article(
                LEDE,
                f'<p class="noprint">{FUND}</p>',
                HOURS,
                head="<style media=print>.noprint{display:none}</style><style>@media print{p{display:none}}</style>",
            ),
            (LEDE, FUND, HOURS),
        ),
        (
            article(
                LEDE,
                f'<p class="fold open">{FUND}</p><p class="fold">{PLAN}</p>',
                HOURS,
                head="<style>.fold{display:none} .fold.open{display:block} p:hover{visibility:hidden}"
                "@media (max-width: 300px){p{display:none}}</style>",
            ),
            (LEDE, FUND, HOURS),
        ),
    )
    yield from _pair(
        "a page whose script shows it",
        (
            article(LEDE, HOURS, FUND, head="<style>article{visibility:hidden}</style>"),
            (LEDE, HOURS, FUND),
        ),
        (
            article(LEDE, HOURS, FUND, head="<style>main{display:none} .x{display:none}</style>"),
            (LEDE, HOURS, FUND),
        ),
    )
    yield from _pair(
        "a word in a button",
        (
            article(LEDE, HOURS.replace("مجانية", '<button class="term">مجانية</button>', 1), FUND),
            (LEDE, HOURS, FUND),
        ),
        (
            article(
                LEDE,
                "<p><span role=button tabindex=0>لا</span> تعار كتب المراجع خارج القاعة مهما كانت الحاجة إليها، كما"
                " تقول المديرة.</p>",
                FUND.replace("الجوز", "<button>الجوز</button>"),
            ),
            (LEDE, "لا تعار كتب المراجع خارج القاعة مهما كانت الحاجة إليها، كما تقول المديرة.", FUND),
        ),
    )
    yield from _pair(
        "buttons that do something",
        (
            article(
                "<div class=tools><button>استمع</button> <button>نسخ الرابط</button> <button>حجم الخط</button></div>",
                LEDE,
                f"<p>{HOURS} <button>شارك الفقرة</button></p>",
                FUND,
            ),
            (LEDE, HOURS, FUND),
        ),
        (
            article(
                LEDE,
                "<h2>ما في المكتبة <button aria-label=x>نسخ العنوان</button></h2>",
                HOURS,
                "<div><a role=button href='#'>اقرأ المزيد من التفاصيل</a></div>",
                FUND,
            ),
            (LEDE, "ما في المكتبة", HOURS, FUND),
        ),
    )
    yield from _pair(
        "tables in tables",
        (
            page(
                f"<table><tr><td><table><tr><td><a href=/>الرئيسية</a></td></tr><tr><td><a href=/2>{OTHER}</a></td></tr>"
                f"</table></td><td><h1>{TITLE}</h1><p>{LEDE}</p><table><tr><td>السبت</td><td>من العاشرة</td></tr><tr>"
                f"<td>الثلاثاء</td><td>من الثالثة</td></tr></table><p>{HOURS}</p></td></tr></table>"
            ),
            (LEDE, "السبت\tمن العاشرة", "الثلاثاء\tمن الثالثة", HOURS),
        ),
        (
            article(
                LEDE,
                "<table><tr><th>القسم</th><th>ما فيه</th></tr><tr><td>الأدب</td><td><table><tr><td>شعر</td><td>400"
                "</td></tr><tr><td>قصص</td><td>900</td></tr></table></td></tr></table>",
                HOURS,
            ),
            (LEDE, "القسم\tما فيه", "الأدب", "شعر\t400", "قصص\t900", HOURS),
        ),
    )
    yield from _pair(
        "laid out in a table",
        (
            page(
                f"<table width=100%><tr><td><a href=/>الرئيسية</a> <a href=/2>{OTHER}</a></td><td>{LEDE}</td></tr><tr>"
                f"<td></td><td>{HOURS}</td></tr><tr><td></td><td>{FUND}</td></tr></table>"
            ),
            (LEDE, HOURS, FUND),
        ),
        (
            page(
                f"<table><tr><td colspan=2><font size=6>{TITLE}</font></td></tr><tr><td valign=top>{LEDE}<br><br>{HOURS}"
                f"<br><br>{FUND}</td><td><a href=/1>{OTHER}</a><br><a href=/2>{SECOND_OTHER}</a></td></tr></table>"
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    yield from _pair(
        "ruby",
        (
            article(LEDE, HOURS.replace("الاستعارة", "<ruby>الاستعارة<rt>الإعارة</rt></ruby>", 1), FUND),
            (LEDE, HOURS, FUND),
        ),
        (
            article(
                LEDE,
                HOURS,
                FUND.replace("الجوز", "<ruby><rb>الجوز</rb><rp>(</rp><rt>jawz</rt><rp>)</rp></ruby>", 1),
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    area = "وتبلغ مساحة القاعة 120 م{}، وفيها رفوف تتسع لنحو 4500{} كتاب كما جاء في بيان المدرسة."
    yield from _pair(
        "raised figures",
        (
            article(LEDE, area.format("<sup>2</sup>", '<sup><a href="#fn1">1</a></sup>'), FUND),
            (LEDE, area.format("²", ""), FUND),
        ),
        (
            article(
                LEDE,
                area.format("²", '<a href="#n3" class="footnote-ref"><sup>3</sup></a>'),
                FUND.replace(
                    "كاملا،", "كاملا<sup id=r2><a href='/page#n2' role='doc-noteref'>[2]</a></sup>،"
                ),
            ),
            (LEDE, area.format("²", ""), FUND),
        ),
    )
    yield from _pair(
        "details",
        (
            article(LEDE, f"<details><summary>متى تعمل المكتبة؟</summary><p>{HOURS}</p></details>", FUND),
            (LEDE, "متى تعمل المكتبة؟", HOURS, FUND),
        ),
        (
            article(
                LEDE,
                f"<h3><button aria-expanded=true>متى تعمل المكتبة؟</button></h3><div><p>{HOURS}</p></div>",
                FUND,
                PLAN,
            ),
            (LEDE, "متى تعمل المكتبة؟", HOURS, FUND, PLAN),
        ),
    )
    yield from _pair(
        "twins",
        (
            article(
                LEDE,
                f"<template><p>{PLAN}</p></template><noscript><p>{HOURS}</p></noscript>",
                HOURS,
                f"<noscript>{FUND}</noscript>",
                FUND,
            ),
            (LEDE, HOURS, FUND),
        ),
        (
            article(
                f'<div class="d-none d-lg-block"><p>{LEDE}</p></div><div class="d-lg-none"><p>{LEDE}</p></div>',
                HOURS,
                FUND,
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    first, second = "مدرسة قرية الزعتر تفتح مكتبتها", "لأهل القرية"
    yield from _pair(
        "a headline of two lines",
        (article(LEDE, HOURS, heading=f"{first}<br>{second}", title=TITLE), (LEDE, HOURS)),
        (
            page(f"<div><h2>{first}<br/>\n {second}</h2><p>{LEDE}</p><p>{HOURS}</p></div>"),
            (LEDE, HOURS),
        ),
    )
    yield from _pair(
        "paragraphs parted by line breaks",
        (
            page(f"<h1>{TITLE}</h1><div><font size=4>{LEDE}<br><br>{HOURS}<br>\n<br>{FUND}</font></div>"),
            (LEDE, HOURS, FUND),
        ),
        (
            page(
                f"<h1>{TITLE}</h1><font face=Tahoma><b>{LEDE}</b><br />&nbsp;<br />{HOURS}<br><br><br>{FUND}</font>"
            ),
            (LEDE, HOURS, FUND),
        ),
    )

    def wrapped(text: str, columns: int) -> str:
        return "<br>\n".join(textwrap.wrap(text, columns))

    yield from _pair(
        "lines broken inside sentences",
        (
            page(
                f"<h1>{TITLE}</h1><div>{wrapped(LEDE, 50)}<br><br>{wrapped(HOURS, 50)}<br><br>{wrapped(FUND, 50)}</div>"
            ),
            (LEDE, HOURS, FUND),
        ),
        (
            page(
                f"<h1>{TITLE}</h1><p>{wrapped(LEDE, 62)}</p><p>{wrapped(HOURS, 62)}</p><p>{wrapped(PLAN, 62)}</p>"
            ),
            (LEDE, HOURS, PLAN),
        ),
    )
    yield from _pair(
        "named as paid for",
        (
            article(*(f'<p class="paywall">{each}</p>' for each in (LEDE, HOURS, FUND, PLAN))),
            (LEDE, HOURS, FUND, PLAN),
        ),
        (
            article(
                LEDE,
                HOURS,
                f'<div class="paywall-content paywall"><p>{FUND}</p></div>',
                '<div class="paywall"><p>هذا المقال للمشتركين وحدهم، فإن كنت منهم فادخل باسمك لتقرأ ما بقي منه إلى آخره.</p>'
                '<a href="/subscribe">اشترك الآن</a></div>',
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    summary = "انتهت المباراة التي جرت على الملعب البلدي بهدفين لكل فريق، وحضرها جمع كبير من أهل الحيين."
    yield from _pair(
        "teasers without a name",
        (
            article(LEDE, HOURS, FUND, f"<div>{card(OTHER, summary)}{card(SECOND_OTHER, summary)}</div>"),
            (LEDE, HOURS, FUND),
        ),
        (
            article(
                LEDE,
                HOURS,
                f"<section><h3>أخبار من القرية</h3><div class=k><a href=/1>{OTHER}</a><span>4 آذار 2019</span><p>{summary}"
                f"</p></div><div class=k><a href=/2>{SECOND_OTHER}</a><span>5 آذار 2019</span><p>{summary}</p></div>"
                "</section>",
                FUND,
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    yield from _pair(
        "a teaser between paragraphs",
        (
            article(LEDE, HOURS, f'<div class="x1">{card(OTHER, summary)}</div>', FUND, PLAN),
            (LEDE, HOURS, FUND, PLAN),
        ),
        (
            article(
                LEDE,
                HOURS,
                f'<div class="teaser"><p>{summary} <a href="/1">{OTHER}</a></p></div>',
                FUND,
                PLAN,
            ),
            (LEDE, HOURS, FUND, PLAN),
        ),
    )
    yield from _pair(
        "a box to subscribe",
        (
            article(
                LEDE,
                HOURS,
                '<div class="b7"><h4>رسالة الصباح</h4><p>تصلك كل صباح في بريدك أهم أخبار القرية وما حولها قبل أن تشرب'
                " قهوتك.</p><form><input type=email><button>أرسل</button></form></div>",
                FUND,
            ),
            (LEDE, HOURS, FUND),
        ),
        (
            article(
                LEDE,
                HOURS,
                FUND,
                '<div class="newsletter"><p>اشترك في رسالتنا اليومية لتصلك أخبار القرية كلها كل صباح قبل أن تخرج.</p></div>',
                '<section class="z"><p>ادعم صحيفتنا الصغيرة لتبقى أخبارها مفتوحة للناس كلهم كما كانت من قبل عشرين عاما.</p>'
                "<button>ادعمنا</button></section>",
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    policy = (
        "نرحب بآرائكم وننشر منها ما لا تجريح فيه ولا دعاية، ولصاحب الموقع أن يحذف ما يراه مخالفا، ومن أرسل رأيا فقد وافق"
        " على الشروط التي تجدونها في صفحتها."
    )
    yield from _pair(
        "a policy below the text",
        (
            article(LEDE, HOURS, FUND, f'<div class="q"><p>{policy}</p></div>'),
            (LEDE, HOURS, FUND),
        ),
        (
            page(
                f'<div class="w"><h1>{TITLE}</h1><div><p>{LEDE}</p><p>{HOURS}</p><p>{FUND}</p><p>{PLAN}</p></div>'
                f'<div style="border:1px"><span>{policy}</span></div></div>'
            ),
            (LEDE, HOURS, FUND, PLAN),
        ),
    )
    yield from _pair(
        "the last paragraph in a box of its own",
        (
            article(LEDE, HOURS, FUND, f'<div class="wrap"><p>{LAST}</p></div>'),
            (LEDE, HOURS, FUND, LAST),
        ),
        (
            article(
                LEDE,
                HOURS,
                FUND,
                "<blockquote><p>لم أقرأ في حياتي كتابا كاملا قبل أن تفتح هذه القاعة أبوابها لنا نحن الكبار أيضا.</p>"
                "</blockquote>",
            ),
            (
                LEDE,
                HOURS,
                FUND,
                "لم أقرأ في حياتي كتابا كاملا قبل أن تفتح هذه القاعة أبوابها لنا نحن الكبار أيضا.",
            ),
        ),
    )
    box = f'<aside class="related"><a href="/o">{OTHER}</a> <time datetime="2019-03-04T10:00Z">4 آذار 2019</time></aside>'
    yield Sample(
        "the date of a teaser",
        article(box, '<div class="meta">كتبت المراسلة، الأحد 8 شباط 2026</div>', LEDE, HOURS),
        (LEDE, HOURS),
        date="2026-02-08",
    )
    yield Sample(
        "the date of a teaser, again",
        article(
            '<div class="byline author"><a href="/w">هيئة التحرير</a> <time datetime="2026-02-08">قبل يوم</time></div>',
            f'<div class="latest"><ul><li><a href=/1>{OTHER}</a> <time datetime="2019-03-04">4 آذار 2019</time></ul></div>',
            LEDE,
            HOURS,
        ),
        (LEDE, HOURS),
        date="2026-02-08",
        aside=True,
    )
    yield Sample(
        "every paragraph in a widget",
        page(
            f'<div class="b"><div class="b-widget b-head"><h1>{TITLE}</h1></div>'
            + "".join(f'<div class="b-widget"><p>{each}</p></div>' for each in (LEDE, HOURS, APART))
            + "</div>"
        ),
        (LEDE, HOURS, APART),
        aside=True,
    )
    yield from _pair(
        "a live page",
        (
            page(
                f"<article><h1>{TITLE}</h1><p>{LEDE}</p></article><article class=u><h3>10:00 كلمة المديرة</h3><p>{HOURS}</p>"
                f"</article><article class=u><h3>11:00 الرفوف</h3><p>{FUND}</p></article>"
            ),
            (LEDE, "10:00 كلمة المديرة", HOURS, "11:00 الرفوف", FUND),
        ),
        (
            article(
                LEDE,
                f'<div class="post" id="p1"><h3><a href="#p1">10:00 كلمة المديرة أمام الأهالي</a></h3><p>{HOURS}</p></div>'
                f'<div class="post" id="p2"><h3><a href="#p2">11:00 الرفوف التي صنعها النجار</a></h3><p>{FUND}</p></div>',
            ),
            (LEDE, "10:00 كلمة المديرة أمام الأهالي", HOURS, "11:00 الرفوف التي صنعها النجار", FUND),
        ),
    )

    outlet = "صوت الزعتر"

    def with_logo(logo: str, heading: str, title: str) -> str:
        return (
            f'<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>{title}</title></head><body><header>{logo}'
            f'</header><div class="post">{heading}<p>{LEDE}</p><p>{HOURS}</p><p>{FUND}</p></div></body></html>'
        )

    yield from _pair(
        "the outlet's name as a heading before the headline",
        (
            with_logo(f"<h1>{outlet}</h1>", f"<h2>{TITLE}</h2>", f"{TITLE} - محليات - {outlet}"),
            (LEDE, HOURS, FUND),
        ),
        (
            with_logo(f'<a href="/"><h1>{outlet}</h1></a>', f"<h1>{TITLE}</h1>", f"{outlet} | {TITLE}"),
            (LEDE, HOURS, FUND),
        ),
    )
    yield from _pair(
        "the outlet's name as a heading and as the page's title",
        (
            with_logo(
                f'<h1><a href="https://zaatar.example/">{outlet}</a></h1>', f"<h1>{TITLE}</h1>", outlet
            ),
            (LEDE, HOURS, FUND),
        ),
        (
            with_logo(
                f'<h1><a href="index.html">{outlet}</a></h1>', f"<h1>{TITLE}</h1>", f"{outlet} - أخبار"
            ),
            (LEDE, HOURS, FUND),
        ),
    )
    offer = (
        "احجز الآن رحلتك إلى شواطئ الجنوب بأسعار الموسم، وادفع على ثلاث دفعات من دون فوائد مع شركة السياحة."
    )
    yield from _pair(
        "paragraphs in elements named as something else",
        (
            article(
                f'<div class="promo-text"><p>{LEDE}</p></div>',
                f'<div class="print-body"><p>{HOURS}</p></div>',
                f'<div class="banner"><p>{offer}</p></div>',
                PLAN,
                LAST,
            ),
            (LEDE, HOURS, PLAN, LAST),
        ),
        (
            article(
                LEDE,
                f'<section id="subscribersOnly" class="subscriber-area"><p>{HOURS}</p><p>{FUND}</p></section>',
                f'<div class="ad-box"><p>{offer}</p></div>',
                f'<div class="gallery-note"><p>{PLAN}</p></div>',
            ),
            (LEDE, HOURS, FUND, PLAN),
        ),
    )
    yield from _pair(
        "what speaks of the article and is none of it",
        (
            article(
                LEDE,
                f'<figure><img src="1.jpg" alt=""><p class="caption">{PLAN}</p></figure>',
                HOURS,
                f'<div class="comments"><p>{LAST}</p></div>',
            ),
            (LEDE, HOURS),
        ),
        (
            article(
                LEDE,
                f'<div class="related-story"><p>{LAST}</p></div>',
                HOURS,
                FUND,
                f'<div class="author-bio"><p>{PLAN}</p></div>',
            ),
            (LEDE, HOURS, FUND),
        ),
    )


SAMPLES = tuple(_samples())
