"""Dates that programs write, days of other calendars, and the clocks of outlets."""

from __future__ import annotations

import datetime
import time
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Published
from corpus.dates import converted, numeric_order, parse_published, parse_stamp, read_stamp, zone_of_host
from corpus.dates.calendars import calendar_of, gregorian, is_possible, on_weekday

TODAY = datetime.date(2026, 12, 1)
DAMASCUS = zone_of_host("sana.sy")

_OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarter: datetime.timedelta(minutes=15 * quarter))
_MOMENTS = st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2026, 11, 30)).flatmap(
    lambda moment: _OFFSETS.map(
        lambda offset: moment.replace(microsecond=0, tzinfo=datetime.timezone(offset))
    )
)
_TOKENS = (
    "2026 1447 1404 ١٠ ۱۴۰۴ 9 02 31 0 / - . : T Z + GMT EST am ص هـ هـ.ش ش م شباط ك2 شعبان بهمن Feb Tue , ( ) Date "
    "1770712200 20260210 ـ \u200f \x00 الموافق تاريخ النشر"
)
_WRITTEN = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_TOKENS.split(" "))).map("".join))


# --- Stamps ---------------------------------------------------------------------------------------


@given(_MOMENTS)
def test_a_moment_is_read_back_however_programs_write_it(moment: datetime.datetime) -> None:
    day = moment.date().isoformat()
    local = moment.strftime
    for written in (
        moment.isoformat(),
        moment.isoformat(" "),
        f"{moment.year}-{moment.month}-{moment.day} {local('%H:%M:%S')}",
        local("%Y/%m/%d %H:%M"),
        local("%d/%m/%Y %H:%M:%S"),
        local("%d-%m-%Y %I:%M %p"),
        local("%Y%m%dT%H%M%S%z"),
        local("%a %b %d %H:%M:%S %Y"),
        local("%a %b %d %Y %H:%M:%S GMT%z (some zone)"),
        format_datetime(moment),
    ):
        stamp = read_stamp(written)
        assert stamp, written
        assert stamp.day.isoformat() == day, written
        assert stamp.offset in (None, moment.utcoffset())
    epoch = int(moment.timestamp())
    if epoch >= 100_000_000:  # nine digits: from 1973 on
        for number in (epoch, epoch * 1000, f"/Date({epoch * 1000})/"):
            stamp = read_stamp(str(number))
            assert stamp
            assert stamp.moment == moment


@given(_MOMENTS)
def test_only_a_stamp_in_utc_is_turned_to_the_outlets_day(moment: datetime.datetime) -> None:
    utc = moment.astimezone(datetime.UTC)
    stamp, there = read_stamp(utc.isoformat()), read_stamp(moment.isoformat())
    assert stamp
    assert there
    assert DAMASCUS
    assert stamp.day_in(DAMASCUS) == utc.astimezone(DAMASCUS).date()
    assert stamp.day_in(None) == utc.date()
    if moment.utcoffset():
        assert there.day_in(DAMASCUS) == moment.date()


@given(_MOMENTS, st.integers(-2, 2))
def test_a_moment_is_on_the_days_that_some_clock_shows(moment: datetime.datetime, days: int) -> None:
    stamp = read_stamp(moment.isoformat())
    assert stamp
    day = stamp.day + datetime.timedelta(days=days)
    clocks = (datetime.timezone(datetime.timedelta(hours=hours)) for hours in range(-12, 15))
    assert stamp.may_be_on(day) == (day in {moment.astimezone(clock).date() for clock in clocks})


def test_a_zone_by_a_name_is_not_known() -> None:
    stamp = read_stamp("2021-01-03T17:40:00EET")
    assert stamp
    assert (stamp.day, stamp.offset) == (datetime.date(2021, 1, 3), None)


def test_the_day_of_a_stamp_in_utc() -> None:
    late = "2026-02-09T22:40:00Z"
    assert parse_stamp(late, DAMASCUS, today=TODAY) == Published("2026-02-10", "day", late)
    assert parse_stamp(late, today=TODAY) == Published("2026-02-09", "day", late)


def test_the_order_of_day_and_month_is_that_of_the_column() -> None:
    assert numeric_order(["02/05/2016", "17/05/2015"]) == "dmy"
    assert numeric_order(["02/05/2016", "05/17/2015", "2016-05-02"]) == "mdy"
    assert numeric_order(["13/05/2016", "05/17/2015"]) == "dmy"  # both: what Arab papers write
    assert numeric_order([]) == "dmy"
    assert parse_stamp("02/05/2016", order="mdy", today=TODAY) == Published("2016-02-05", "day", "02/05/2016")
    assert parse_stamp("17/05/2016", order="mdy", today=TODAY) == Published("2016-05-17", "day", "17/05/2016")


def test_a_given_pattern_is_the_only_one_that_is_read() -> None:
    assert parse_stamp("٠٥.٠٢.٢٦", pattern="%d.%m.%y", today=TODAY) == Published(
        "2026-02-05", "day", "٠٥.٠٢.٢٦"
    )
    assert parse_stamp("2026-02-05", pattern="%d.%m.%y", today=TODAY) is None
    assert parse_stamp("2026-02-05", pattern="%Y-%m-%d%", today=TODAY) is None


@given(_WRITTEN, st.text(max_size=8), st.sampled_from(["dmy", "mdy"]))
def test_any_text_is_a_possible_day_or_none(text: str, pattern: str, order: str) -> None:
    for published in (
        parse_stamp(text, DAMASCUS, order="mdy" if order == "mdy" else "dmy", today=TODAY),
        parse_stamp(text, pattern=pattern, today=TODAY),
        parse_published(text, TODAY),
    ):
        if published and published.date:
            assert is_possible(datetime.date.fromisoformat(published.date), TODAY)
            assert published.evidence in text
            converted(published)
    numeric_order([text])


@pytest.mark.parametrize(
    "filler", ["9", "9/", "1٠", "ـ9", "22 شعبان 1447 ", "10/02/2026 ", "غرة ", "ك2 ", "2026 شباط "]
)
def test_a_long_line_takes_no_time(filler: str) -> None:
    began = time.process_time()
    parse_published("تاريخ النشر: " + filler * 8000, TODAY)
    read_stamp(filler * 8000)
    assert time.process_time() - began < 10


# --- Calendars ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hijri", "day"),
    [
        ((1445, 9, 1), "2024-03-11"),
        ((1446, 1, 1), "2024-07-07"),
        ((1444, 12, 10), "2023-06-28"),
        ((1447, 8, 22), "2026-02-10"),
    ],
)
def test_hijri_days_are_those_of_umm_al_qura(hijri: tuple[int, int, int], day: str) -> None:
    assert gregorian("hijri", *hijri) == datetime.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("jalali", "day"),
    [
        ((1403, 1, 1), "2024-03-20"),
        ((1403, 12, 30), "2025-03-20"),
        ((1404, 1, 1), "2025-03-21"),
        ((1357, 11, 22), "1979-02-11"),
    ],
)
def test_solar_years_begin_in_spring(jalali: tuple[int, int, int], day: str) -> None:
    assert gregorian("jalali", *jalali) == datetime.date.fromisoformat(day)


def test_a_sighted_month_may_have_a_day_more() -> None:
    short = next(
        month for month in range(1, 13) if gregorian("hijri", 1447, month, 30) == first_of(month + 1)
    )
    assert gregorian("hijri", 1447, short, 31) is None
    assert gregorian("jalali", 1404, 12, 30) is None


def first_of(month: int) -> datetime.date | None:
    return gregorian("hijri", 1447 + (month > 12), (month - 1) % 12 + 1, 1)


def test_a_year_that_names_no_calendar() -> None:
    assert calendar_of(1447, 8, 22, persian=False, today=TODAY) == "hijri"  # the solar year 1447 is to come
    assert calendar_of(1404, 11, 21, persian=False, today=TODAY) is None
    assert calendar_of(1404, 11, 21, persian=True, today=TODAY) == "jalali"
    assert calendar_of(1447, 13, 40, persian=True, today=TODAY) is None


def test_a_weekday_beside_a_hijri_date_says_where_the_crescent_was_seen() -> None:
    tuesday = datetime.date(2026, 2, 10)
    assert [on_weekday(tuesday, number) for number in (None, 0, 1, 2)] == [
        tuesday,
        datetime.date(2026, 2, 9),
        tuesday,
        datetime.date(2026, 2, 11),
    ]
    assert on_weekday(tuesday, 4) is None


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1753-01-01", "1899-12-30", "1900-01-01", "1969-12-31", "1970-01-01", "2026-12-03"]
)
def test_what_no_article_is_published_on(day: str) -> None:
    assert not is_possible(datetime.date.fromisoformat(day), TODAY)


def test_a_clock_that_stands_at_its_beginning_does_not_take_the_dates_away() -> None:
    assert is_possible(datetime.date(2026, 12, 2), TODAY)
    assert is_possible(datetime.date(2026, 2, 10))


def test_two_calendars_that_do_not_agree_bound_the_article() -> None:
    line = "22 شعبان 1447 هـ الموافق 10 مارس 2026"
    assert parse_published(line, TODAY) == Published(
        evidence=line, not_before="2026-02-10", not_after="2026-03-10"
    )


def test_a_converted_date_is_known_by_its_words() -> None:
    hijri = parse_published("نُشر في 22 شعبان 1447 هـ", TODAY)
    both = parse_published("22 شعبان 1447 هـ الموافق 10 فبراير 2026", TODAY)
    assert hijri
    assert converted(hijri) == "22 شعبان 1447 هـ"
    assert both
    assert converted(both) is None
    assert converted(Published(evidence="22 شعبان 1447 هـ", not_after="2026-02-10")) is None


# --- Clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "zone"),
    [
        ("www.sana.sy", "Asia/Damascus"),
        ("news.example.gov.sa", "Asia/Riyadh"),
        ("m.youm7.com", "Africa/Cairo"),
        ("aljazeera.net", "Asia/Qatar"),
        ("example.ma", "Africa/Casablanca"),
        ("example.tv", None),
        ("example.com", None),
        ("sy", None),
        ("", None),
    ],
)
def test_an_outlets_clock_is_known_by_its_host(host: str, zone: str | None) -> None:
    found = zone_of_host(host)
    assert (str(found) if found else None) == zone


@given(st.text(max_size=40))
def test_any_host_has_a_clock_or_none(host: str) -> None:
    assert zone_of_host(host) is None or isinstance(zone_of_host(host), datetime.tzinfo)


@pytest.mark.parametrize("stamp", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_the_ends_of_the_calendar_are_on_their_own_day_and_no_dates(stamp: str) -> None:
    found = read_stamp(stamp)
    assert found is not None
    assert found.may_be_on(found.day)
    assert not found.may_be_on(datetime.date(2026, 2, 10))
    assert parse_stamp(stamp) is None
