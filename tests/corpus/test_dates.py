"""Dates of Arabic and English news: what they resolve to, and what is left out rather than guessed."""

from __future__ import annotations

import datetime
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.arabic import fold_text
from corpus.article import Precision, Published
from corpus.dates import DateMention, bound, find_dates, format_date, parse_published
from corpus.dates.words import fold

MONDAY = datetime.date(2026, 2, 9)


def found(text: str, anchor: datetime.date | None = MONDAY) -> list[tuple[str, str]]:
    """The words of each date, and its day cut to its precision: ``2026-02-09``, ``2026-02``, ``2026``."""
    length = {"day": 10, "month": 7, "year": 4}
    return [(text[m.start : m.end], m.date[: length[m.precision]]) for m in find_dates(text, anchor)]


def days(text: str, anchor: datetime.date | None = MONDAY) -> list[str]:
    return [date for _, date in found(text, anchor)]


# --- Dates that name their year -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "date"),
    [
        ("وصل الوفد في 7 تشرين الثاني 2025 إلى المطار", "7 تشرين الثاني 2025", "2025-11-07"),
        ("في تشرين الثاني/نوفمبر 2025، وقّع الطرفان", "تشرين الثاني/نوفمبر 2025", "2025-11"),
        ("أُعلن ذلك في 29 يونيو/حزيران 2014 من الموصل", "29 يونيو/حزيران 2014", "2014-06-29"),
        ("أُعلن ذلك في 29 يونيو (حزيران) 2014 من الموصل", "29 يونيو (حزيران) 2014", "2014-06-29"),
        ("وذلك بتاريخ ٩ شباط ٢٠٢٦", "٩ شباط ٢٠٢٦", "2026-02-09"),
        ("وذلك بتاريخ ۹ شباط ۲۰۲۶", "۹ شباط ۲۰۲۶", "2026-02-09"),
        ("افتُتح في 9 من شهر شباط عام 2026 بحضور الوزير", "9 من شهر شباط عام 2026", "2026-02-09"),
        ("عُقد يوم الاثنين الموافق 9 من شباط 2026", "يوم الاثنين الموافق 9 من شباط 2026", "2026-02-09"),
        ("وقّعوه في العاشر من آذار 2025 بدمشق", "العاشر من آذار 2025", "2025-03-10"),
        ("بدأ في الحادي والعشرين من أيلول 2014", "الحادي والعشرين من أيلول 2014", "2014-09-21"),
        ("تأسس التحالف عام 2014 بقيادة أمريكية", "عام 2014", "2014"),
        ("تأسس سنة ٢٠١٤م وتوسّع", "سنة ٢٠١٤م", "2014"),
        ("وفتح القسطنطينية عام 1453 م", "عام 1453 م", "1453"),
        ("لم يعودوا منذ 2014.", "2014", "2014"),
        ("وفي 2014 كانت المدينة محاصرة", "2014", "2014"),
        ("الموازنة لعام 2025", "لعام 2025", "2025"),
        ("سُجّل في 5 جويلية 1962 بالجزائر", "5 جويلية 1962", "1962-07-05"),
        ("سُجّل في 20 غشت 1953 بالرباط", "20 غشت 1953", "1953-08-20"),
        ("انعقدت يوم 3 دجنبر 2024 بفاس", "3 دجنبر 2024", "2024-12-03"),
        ("جرى ذلك في 24فيفري2017", "24فيفري2017", "2017-02-24"),
        ("نوفمبر 25, 2025", "نوفمبر 25, 2025", "2025-11-25"),
        ("تسلّمها في 2026-02-09T14:30 بتوقيت دمشق", "2026-02-09", "2026-02-09"),
        ("تسلّمها في 09/02/2026 صباحاً", "09/02/2026", "2026-02-09"),
        ("تسلّمها في 9.2.2026 صباحاً", "9.2.2026", "2026-02-09"),
        ("تسلّمها في 2026/2/9 صباحاً", "2026/2/9", "2026-02-09"),
        ("The 11th, November 2025 GMT edition", "11th, November 2025", "2025-11-11"),
        ("It met on November 11, 2025 in Rome", "November 11, 2025", "2025-11-11"),
        ("It met on 10 Nov 2025 in Rome", "10 Nov 2025", "2025-11-10"),
        ("It met on Sept. 3, 2014 in Wales", "Sept. 3, 2014", "2014-09-03"),
        ("It has been there since 2014.", "2014", "2014"),
        ("21 شعبان 1447 هـ الموافق 9 فبراير 2026م", "9 فبراير 2026م", "2026-02-09"),
        ("الـ9 من شَبَاطٍ 2026", "9 من شَبَاطٍ 2026", "2026-02-09"),
        ("وُقّع في ﺷﺒﺎﻁ 2026", "ﺷﺒﺎﻁ 2026", "2026-02"),
    ],
)
def test_a_date_that_names_its_year_needs_no_anchor(text: str, words: str, date: str) -> None:
    assert found(text, None) == [(words, date)]
    assert not find_dates(text)[0].relative


@pytest.mark.parametrize(
    "text",
    [
        "بقي نحو 2500 مقاتل، وقُتل في 2014 عنصراً وفي 2014 قرية",
        "كان من أشد المتحمسين لآب، ومارس ضغوطاً على ماي في أيار",
        "اجتمعوا في 31 شباط 2026 وفي 30/02/2026 وفي 00 شباط 2026",
        "صدر في 21 شعبان 1447 هـ وفي عام 1447هـ وسنة 1445",
        "بدأت الثورة في 5 جويلية 62. وانتهت",
        "في النصف الأول من العام",
        "يمتد العمل بين تموز/آب 2014",
        "الخادم 192.168.10.2014 والهاتف 2014-11-12-33",
        "ازداد عام 2014% وفي سنة 500 قبل الميلاد",
        "You may 10 times march 3 miles",
        "وصل اليوم الإثنين وغادر أمس في 9 شباط",
    ],
)
def test_without_an_anchor_nothing_is_guessed(text: str) -> None:
    assert found(text, None) == []


def test_years_and_days_that_share_a_word() -> None:
    assert days("بين عامي 2014 و2016", None) == ["2014", "2016"]
    assert days("في أعوام 2011، 2012 و2013 خصوصاً", None) == ["2011", "2012", "2013"]
    assert found("عُقد يومي 9 و10 شباط 2026", None) == [("9", "2026-02-09"), ("10 شباط 2026", "2026-02-10")]
    assert days("بين 28 كانون الأول و4 كانون الثاني 2026", None) == ["2025-12-28", "2026-01-04"]


def test_of_a_written_date_and_its_weekday_the_date_counts() -> None:
    assert found("عُقد الثلاثاء 9 شباط 2026 بدمشق", None) == [("9 شباط 2026", "2026-02-09")]


# --- Dates that hang on the day of writing --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "date"),
    [
        ("ينعقد اليوم الإثنين في الرياض اجتماع", "اليوم الإثنين", "2026-02-09"),
        ("وأعلنت الوزارة اليوم أنها", "اليوم", "2026-02-09"),
        ("وصل الوزير أمس الأحد إلى الرياض", "أمس الأحد", "2026-02-08"),
        ("وصل مساء أمس إلى الرياض", "مساء أمس", "2026-02-08"),
        ("وصل أول أمس إلى الرياض", "أول أمس", "2026-02-07"),
        ("وصل أول من أمس السبت إلى الرياض", "أول من أمس السبت", "2026-02-07"),
        ("يغادر غداً إلى عمّان", "غداً", "2026-02-10"),
        ("يغادر غدا الثلاثاء إلى عمّان", "غدا الثلاثاء", "2026-02-10"),
        ("ونقلت عن بيان، السبت، قوله", "السبت", "2026-02-07"),
        ("أعلنت الوزارة الاثنين أن العمل بدأ", "الاثنين", "2026-02-09"),
        ("وصل يوم الخميس برفقة وفد", "يوم الخميس", "2026-02-05"),
        ("قال الاثنين الماضي إن العمل بدأ", "الاثنين الماضي", "2026-02-02"),
        ("يعود الأحد المقبل إلى دمشق", "الأحد المقبل", "2026-02-15"),
        ("تمّ ذلك خلال الشهر الماضي بهدوء", "الشهر الماضي", "2026-01"),
        ("تمّ ذلك هذا الشهر بهدوء", "هذا الشهر", "2026-02"),
        ("ارتفعت الصادرات العام الماضي كثيراً", "العام الماضي", "2025"),
        ("وفي 10 نوفمبر زار واشنطن", "10 نوفمبر", "2025-11-10"),
        ("يوم الاثنين الموافق 9 من شباط، حيث", "يوم الاثنين الموافق 9 من شباط", "2026-02-09"),
        ("نُشر الثلاثاء 10 شباط", "الثلاثاء 10 شباط", "2026-02-10"),
        ("في 5 نوفمبر الماضي", "5 نوفمبر الماضي", "2025-11-05"),
        ("في 5 نيسان المقبل", "5 نيسان المقبل", "2026-04-05"),
        ("في آذار من العام الماضي", "آذار من العام الماضي", "2025-03"),
        ("وُقّع في نوفمبر الماضي بباريس", "نوفمبر الماضي", "2025-11"),
        ("في الخامس من الشهر الجاري", "الخامس من الشهر الجاري", "2026-02-05"),
        ("He said on Saturday that", "on Saturday", "2026-02-07"),
        ("He said yesterday that", "yesterday", "2026-02-08"),
    ],
)
def test_relative_words_resolve_against_the_article(text: str, words: str, date: str) -> None:
    assert found(text) == [(words, date)]
    assert find_dates(text, MONDAY)[0].relative
    assert found(text, None) == []


@pytest.mark.parametrize(
    "text",
    [
        "ينعقد اليوم الثلاثاء في الرياض اجتماع",  # 9 February 2026 is a Monday
        "وصل أمس الجمعة إلى الرياض",
        "عُقد الاثنين 10 شباط بدمشق",
        "وفي اليوم التالي، أعلنت السفارة، وفي ذلك اليوم",
        "نقلت روسيا اليوم عن مصادر",
        "والبلاد في أمس الحاجة إلى الغذاء",
        "فقد غدا وحيداً",
        "قال: «وصلنا أمس، وسنعود السبت الماضي»",
        "صلاة الجمعة، وسوق الأحد، والواحد الأحد.",
        "العمل من الأحد إلى الخميس، وفي يومي السبت والأحد.",
        "سيُعقد المؤتمر، السبت، في جنيف",
        "زار الأمين العام الحالي بغداد",
        "عمل الأسبوع الماضي كله",
        "وقال إن هجمات 11 أيلول غيّرت العالم",
        "التزم الجانبان باتفاق 10 آذار وباتفاق العاشر من آذار",
        "منذ 7 أكتوبر",
        "قبل 29 شباط",
        "تظاهر نحو 2500 مقاتل من مارس 3 رياضات",
    ],
)
def test_what_has_two_readings_is_left_out(text: str) -> None:
    assert found(text) == []


def test_a_sentence_in_another_year_keeps_its_days_there() -> None:
    assert days("سقطت المدينة عام 2014 بعدما حوصرت في 6 حزيران") == ["2014"]
    assert days("سقطت المدينة عام 2014. ثم اجتمعوا في 6 كانون الثاني") == ["2014", "2026-01-06"]


def test_a_speaker_s_day_is_confirmed_by_its_weekday_only() -> None:
    assert days("قال: «وصلنا أمس الأحد»") == ["2026-02-08"]
    assert days("قال: «وصلنا أمس» ثم غادر أمس") == ["2026-02-08"]


@given(st.text(st.sampled_from("اأإىةؤئء\u064e\u0651\u0640\u200fﻻﷲé\u0301 \n.–−-٣۷aB1") | st.characters()))
def test_every_span_of_the_folded_text_leads_back_to_what_it_was_folded_from(text: str) -> None:
    folded, at = fold(text)
    assert len(at) == len(folded) + 1
    assert folded == "".join("-" if letter in "‐‑‒–—―−" else letter for letter in fold_text(text))
    for start, end in pairwise(range(len(folded) + 1)):
        if at[start] < at[end]:  # not within a ligature
            assert folded[start] in fold(text[at[start] : at[end]])[0]


def test_offsets_are_those_of_the_whole_text() -> None:
    text = "في عام 2011 بدأت.\nالتحق في شباط 2026 وغادر في نيسان 2027."
    start = text.index("التحق")
    mentions = find_dates(text, start=start, end=text.index("وغادر"))
    assert mentions == [
        DateMention(text.index("شباط"), text.index(" وغادر"), "2026-02-01", "month", relative=False)
    ]


# --- Properties -----------------------------------------------------------------------------------

_ENGLISH = [format_date(f"2026-{month:02}-01", "month", "en").split()[0] for month in range(1, 13)]
_NAMES = {
    "levantine": "،".join(
        format_date(f"2026-{month:02}-01", "month", "ar").split("/")[0] for month in range(1, 13)
    ),
    "egyptian": "يناير،فبراير،مارس،أبريل،مايو،يونيو،يوليو،أغسطس،سبتمبر،أكتوبر،نوفمبر،ديسمبر",
    "gulf": "يناير،فبراير،مارس،إبريل،مايو،يونيه،يوليه،اغسطس،سبتمبر،اكتوبر،نوفمبر،ديسمبر",
    "tunisian": "جانفي،فيفري،مارس،أفريل،ماي،جوان،جويلية،أوت،سبتمبر،أكتوبر،نوفمبر،ديسمبر",
    "moroccan": "يناير،فبراير،مارس،أبريل،ماي،يونيو،يوليوز،غشت،شتنبر،أكتوبر،نونبر،دجنبر",
    "english": "،".join(_ENGLISH),
    "short": "،".join(name[:3] for name in _ENGLISH),
}
_DIGITS = {"european": "0123456789", "arabic": "٠١٢٣٤٥٦٧٨٩", "persian": "۰۱۲۳۴۵۶۷۸۹"}
_DATES = st.dates(datetime.date(1500, 1, 1), datetime.date(2199, 12, 31))
_TOKENS = (
    '9 10 31 0 00 2014 ٢٠٢٦ 1447 شباط آذار مارس نوفمبر May Nov. / ( ) - و من في عام سنة هـ ، . : « » " \n ـ ً '
    "اليوم أمس غداً الأحد السبت يوم الموافق الماضي المقبل الجاري الشهر العام هذا الأول الثاني تشرين "
    "الحادي والعشرين تاريخ النشر آخر تحديث نشر 2026-02-09 09/02/2026 st of \u200f"
)
_NEWS = st.sampled_from(_TOKENS.split(" "))


@pytest.mark.parametrize("digits", _DIGITS.values(), ids=_DIGITS)
@pytest.mark.parametrize("names", _NAMES.values(), ids=_NAMES)
@given(date=_DATES)
def test_every_naming_of_every_day_is_read_back(names: str, digits: str, date: datetime.date) -> None:
    written = f"{date.day} {names.split('،')[date.month - 1]} {date.year}"
    written = written.translate(str.maketrans("0123456789", digits))
    (mention,) = find_dates(f"وفي {written}، قال")
    assert (mention.date, mention.precision) == (date.isoformat(), "day")
    assert f"وفي {written}، قال"[mention.start : mention.end] == written


@given(
    date=_DATES,
    precision=st.sampled_from(["day", "month"]),
    language=st.sampled_from(["ar", "en"]),
)
def test_a_date_that_is_shown_is_read_back(date: datetime.date, precision: Precision, language: str) -> None:
    shown = format_date(date.isoformat(), precision, "ar" if language == "ar" else "en")
    (mention,) = find_dates(shown)
    first = date if precision == "day" else date.replace(day=1)
    assert mention == DateMention(0, len(shown), first.isoformat(), precision, relative=False)


@given(
    text=st.one_of(st.text(), st.lists(_NEWS).map(" ".join), st.lists(_NEWS).map("".join)),
    anchor=st.none() | st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)),
)
def test_any_text_gives_ordered_spans_that_slice_it(text: str, anchor: datetime.date | None) -> None:
    mentions = find_dates(text, anchor)
    for mention in mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end].strip() == text[mention.start : mention.end]
        datetime.date.fromisoformat(mention.date)
        assert anchor is not None or not mention.relative
    assert all(one.end <= other.start for one, other in pairwise(mentions))
    for published in (parse_published(text), bound(text)):
        assert published is None or published.evidence in text


@pytest.mark.parametrize(
    "filler", [" ", "9", "٩ ", "شباط ", "9 شباط ", "، ", "-", "1/1/", "السبت ", "و", "ـ"]
)
def test_a_page_of_the_same_takes_no_time(filler: str) -> None:
    began = time.process_time()
    find_dates("9 شباط" + filler * 4000 + "2026", MONDAY)
    assert time.process_time() - began < 5


# --- Lines of publication -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "date", "evidence"),
    [
        ("تاريخ النشر: 11th, November 2025 GMT", "2025-11-11", "تاريخ النشر: 11th, November 2025"),
        ("هيئة التحرير25 نوفمبر 2025آخر تحديث :", "2025-11-25", "25 نوفمبر 2025"),
        ("نشر في: 2026-02-09 14:30", "2026-02-09", "نشر في: 2026-02-09"),
        ("الثلاثاء 10 شباط 2026 - 09:15", "2026-02-10", "الثلاثاء 10 شباط 2026"),
        ("بتاريخ ٩ شباط ٢٠٢٦", "2026-02-09", "بتاريخ ٩ شباط ٢٠٢٦"),
        ("نُشر في 9 شباط 2026 | آخر تحديث 10 شباط 2026", "2026-02-09", "نُشر في 9 شباط 2026"),
        ("آخر تحديث: 10 شباط 2026 | نُشر في 9 شباط 2026", "2026-02-09", "نُشر في 9 شباط 2026"),
        ("دمشق - وكالات - 9 شباط 2026", "2026-02-09", "9 شباط 2026"),
        ("أخبار | الثلاثاء، 10 فبراير 2026 | 5 دقائق قراءة", "2026-02-10", "الثلاثاء، 10 فبراير 2026"),
        ("22 شعبان 1447 هـ الموافق 10 فبراير 2026", "2026-02-10", "10 فبراير 2026"),
        ("Published on 9 February 2026 by staff", "2026-02-09", "Published on 9 February 2026"),
        (
            "هذا التقرير نُشر أولاً على موقع مثال.org ونُقل منه بتاريخ ٩ شباط ٢٠٢٦.",
            "2026-02-09",
            "نُشر أولاً على موقع مثال.org ونُقل منه بتاريخ ٩ شباط ٢٠٢٦",
        ),
    ],
)
def test_a_line_of_publication(line: str, date: str, evidence: str) -> None:
    assert parse_published(line) == Published(date, "day", evidence)


def test_a_month_of_publication_needs_its_label() -> None:
    assert parse_published("تاريخ النشر: تشرين الثاني 2025") == Published(
        "2025-11-01", "month", "تاريخ النشر: تشرين الثاني 2025"
    )
    assert parse_published("تشرين الثاني 2025") is None


def test_an_update_bounds_the_publication_and_does_not_date_it() -> None:
    assert parse_published("آخر تحديث: 10 شباط 2026 - 11:00") == Published(
        evidence="آخر تحديث: 10 شباط 2026", not_after="2026-02-10"
    )
    assert parse_published("آخر تحديث: شباط 2024") == Published(
        evidence="آخر تحديث: شباط 2024", not_after="2024-02-29"
    )


@pytest.mark.parametrize(
    "line",
    [
        "عُقد الاجتماع في 9 شباط 2026.",
        "نشرت الوكالة في 9 شباط 2026 بياناً ختامياً",
        "كتب سعيد في 9 شباط 2026 رسالة إلى الوزير",
        "في 10 نوفمبر 2025 زار الوفد واشنطن",
        "1. وزارة الزراعة، «بيان عن الموسم»، موقع الوزارة، 7 تشرين الثاني/نوفمبر 2025.",
        "2. Ministry of Water, Annual Report, official website, updated 2024.",
        "تأسس التحالف عام 2014",
        "الثلاثاء 10 شباط",
        "هذا التقرير الذي نُشر في 9 شباط 2026 يكشف عن تفاصيل جديدة",
        "بلا تاريخ",
        "",
    ],
)
def test_a_sentence_with_a_date_is_no_line_of_publication(line: str) -> None:
    assert parse_published(line) is None


# --- Bounds of an article without a date ----------------------------------------------------------


def test_the_latest_past_date_bounds_the_article() -> None:
    text = "تأسس التحالف عام 2014.\nوانضمت البلاد إليه في تشرين الثاني 2025.\nوكانت قد زارته عام 2019."
    assert bound(text) == Published(evidence="تشرين الثاني 2025", not_before="2025-11-01")


def test_a_reference_bounds_the_article() -> None:
    reference = "1. وزارة الزراعة، «بيان»، موقع الوزارة، 7 تشرين الثاني/نوفمبر 2025."
    text = f"تأسس عام 2014 بقيادة أمريكية.\nالمراجع:\n{reference}"
    assert bound(text) == Published(evidence="7 تشرين الثاني/نوفمبر 2025", not_before="2025-11-07")


@pytest.mark.parametrize(
    "sentence",
    [
        "سيُعقد المؤتمر في 10 نيسان 2027.",
        "من المقرر أن تبدأ في 10 نيسان 2027.",
        "وقال الوزير إن الافتتاح في 10 نيسان 2027.",
        "وقُتل كثيرون، وتنتهي المهلة في 10 نيسان 2027.",
        "أصبح مشروع الموازنة لعام 2027 جاهزاً.",
        "وقعت الحكومة خطة تمتد حتى عام 2030.",
        "بلغ العدد 2500 مقاتل في 10 نيسان.",
    ],
)
def test_a_date_to_come_or_unsure_bounds_nothing(sentence: str) -> None:
    assert bound(f"تأسس عام 2014. {sentence}") == Published(evidence="عام 2014", not_before="2014-01-01")
    assert bound(sentence) == Published()


# --- How dates are shown --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "arabic", "english"),
    [
        ("day", "9 شباط/فبراير 2026", "9 February 2026"),
        ("month", "شباط/فبراير 2026", "February 2026"),
        ("year", "2026", "2026"),
    ],
)
def test_dates_are_shown_as_readers_know_them(precision: Precision, arabic: str, english: str) -> None:
    assert format_date("2026-02-09", precision, "ar") == arabic
    assert format_date("2026-02-09", precision, "en") == english
