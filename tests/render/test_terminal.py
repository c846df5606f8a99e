"""Answers and articles as rendered for a terminal and for a pipe."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from wcwidth import wcswidth

from bot.answer import Answer, Quote
from bot.claim import Checked
from bot.quotes import cut
from bot.render.claim import render_check
from bot.render.layout import Layout, columns, layout_of
from bot.render.report import render_read, render_report
from bot.render.terminal import (
    BAR,
    render_answer,
    render_article,
    render_passage,
    render_quote,
    render_sources,
)
from corpus.article import Article, Span
from corpus.ingest import Duplicate, Report, Skipped
from corpus.parse import parse
from corpus.report import Collected, Refusals
from corpus.store import Archive

HARBOUR = """\
الميناء يستقبل أول سفينة بعد الترميم
الناشر: صحيفة الشاطئ
التاريخ: 4 نيسان 2024
الرابط: https://shati.example/port/1

رست في الميناء القديم، صباح اليوم الخميس، سفينة شحن تحمل أربعة آلاف طن من القمح.

وقالت مديرة الميناء ريم العلي: «انتهى الترميم قبل موعده، والأرصفة الثلاثة تعمل».

وأضافت أن شركة "BlueSea 2000" ستشغّل الرافعات.

ويتوقع أن تصل سفينتان أخريان الأسبوع المقبل.

وكان الميناء قد أُغلق عامين كاملين.
"""
GARDEN = """\
حديقة جديدة على ضفة النهر

فتحت البلدية حديقة عامة على ضفة النهر، وزرعت فيها ثلاثمئة شجرة زيتون.
"""

MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x1b]")
TERMINAL = Layout("ar", width=80, colour=False)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.sqlite") as archive:
        for source, text in (("harbour.txt", HARBOUR), ("garden.txt", GARDEN)):
            archive.add_file(source, source, text, parse(text, source), lambda article: [])
        yield archive


@pytest.fixture
def harbour(archive: Archive) -> Article:
    return archive.article("harbour.txt")


@pytest.fixture
def garden(archive: Archive) -> Article:
    return archive.article("garden.txt")


def quote(article: Article, words: str) -> Quote:
    at = article.body.index(words)
    return cut(article, at, at + len(words), 0.9)


def answered(*quotes: Quote, text: str = "") -> Answer:
    return Answer("كم طنًّا حملت السفينة؟", "كم طنًّا حملت السفينة؟", "answered", text, quotes)


def refused(*related: Quote) -> Answer:
    return Answer(
        "من بنى الجسر؟", "من بنى الجسر؟", "refused", "لا جواب في الأرشيف.", (), related, "no_evidence"
    )


# In a pipe


def test_an_answer_in_a_pipe(
    archive: Archive, harbour: Article, garden: Article, snapshot: SnapshotAssertion
) -> None:
    answer = answered(
        quote(harbour, "رست في الميناء القديم، صباح اليوم الخميس، سفينة شحن تحمل أربعة آلاف طن من القمح."),
        quote(harbour, "ويتوقع أن تصل سفينتان أخريان الأسبوع المقبل."),
        quote(garden, garden.body.strip()),
        text="«أربعة آلاف طن»",
    )
    assert render_answer(answer, archive, Layout("ar")) == snapshot
    assert render_answer(answer, archive, Layout("en")) == snapshot(name="english")


def test_a_refusal_names_related_passages_as_what_they_are(
    archive: Archive, garden: Article, snapshot: SnapshotAssertion
) -> None:
    shown = render_answer(refused(quote(garden, garden.body.strip())), archive, Layout("ar"))
    assert shown == snapshot
    assert shown.index("وليست جوابًا") < shown.index("فتحت البلدية")


def test_what_is_nearest_is_shown_below_what_it_leaves_open(
    archive: Archive, harbour: Article, garden: Article, snapshot: SnapshotAssertion
) -> None:
    quotes = (
        quote(garden, garden.body.strip()),
        quote(harbour, "ويتوقع أن تصل سفينتان أخريان الأسبوع المقبل."),
    )
    answer = replace(refused(*quotes), reason="nearest", text="", open=("الجسر", "بنى"))
    shown = render_answer(answer, archive, Layout("ar"))
    assert shown == snapshot
    assert render_answer(answer, archive, Layout("en", width=60, colour=True)) == snapshot(name="english")
    assert "ذات صلة" not in shown


def test_a_refusal_without_anything_related_is_one_line(archive: Archive) -> None:
    assert render_answer(refused(), archive, Layout("ar")) == "لا جواب في الأرشيف."


def test_a_pipe_gets_no_marks_colours_or_line_breaks_inside_a_quote(
    archive: Archive, harbour: Article
) -> None:
    text = "وقالت مديرة الميناء ريم العلي: «انتهى الترميم قبل موعده، والأرصفة الثلاثة تعمل»."
    shown = render_answer(answered(quote(harbour, text)), archive, layout_of(io.StringIO(), "ar"))
    assert not MARKS.search(shown)
    assert f"{BAR}{text}" in shown.splitlines()


def test_a_follow_up_says_how_it_was_understood(archive: Archive, garden: Article) -> None:
    answer = replace(
        answered(quote(garden, garden.body.strip())), understood="متابعة لسؤالك: كم شجرة في حديقة النهر؟"
    )
    assert "كم شجرة في حديقة النهر؟" in render_answer(answer, archive, Layout("ar")).splitlines()[0]
    same = replace(answer, understood="", standalone_question="كم طنا حملت السفينة؟")
    assert "كم طنا" not in render_answer(same, archive, Layout("ar"))


def test_what_went_otherwise_than_asked_is_said(archive: Archive, garden: Article) -> None:
    answer = replace(answered(quote(garden, garden.body.strip())), notice="نموذج المحادثة غير متاح الآن.")
    assert "نموذج المحادثة غير متاح الآن." in render_answer(answer, archive, Layout("ar"))


def test_a_quote_the_archive_does_not_hold_is_never_shown(archive: Archive, garden: Article) -> None:
    invented = replace(garden, body=garden.body.replace("زيتون", "ليمون"))
    false = cut(invented, 0, len(invented.body))
    for answer in (answered(false, text="ليمون"), refused(false)):
        shown = render_answer(answer, archive, Layout("ar"))
        assert "ليمون" not in shown
        assert shown.strip()
    assert "ليمون" not in render_sources(answered(false), archive, Layout("ar"))


# On a terminal


def test_an_answer_on_a_terminal(archive: Archive, harbour: Article, snapshot: SnapshotAssertion) -> None:
    answer = answered(
        quote(harbour, 'وأضافت أن شركة "BlueSea 2000" ستشغّل الرافعات.'),
        quote(harbour, "رست في الميناء القديم، صباح اليوم الخميس، سفينة شحن تحمل أربعة آلاف طن من القمح."),
    )
    assert render_answer(answer, archive, Layout("ar", width=60, colour=True)) == snapshot


def test_arabic_lines_end_at_the_right_edge_and_addresses_begin_at_the_left(
    archive: Archive, harbour: Article
) -> None:
    answer = answered(quote(harbour, harbour.body.strip().split("\n")[0]), text="جواب")
    lines = [line for line in render_answer(answer, archive, TERMINAL).splitlines() if line]
    address = [line for line in lines if "https" in line]
    assert address == ["https://shati.example/port/1"]
    assert {wcswidth(line) for line in lines if line not in address} == {79}


def test_a_wide_terminal_gets_lines_of_readable_length_at_its_right_edge() -> None:
    lines = Layout("ar", width=200).lines("كلمة " * 90).splitlines()
    assert max(wcswidth(line.strip(" ")) for line in lines) in range(90, 101)
    assert {wcswidth(line) for line in lines} == {199}


def test_no_mark_stands_inside_a_quote(archive: Archive, harbour: Article) -> None:
    text = 'وأضافت أن شركة "BlueSea 2000" ستشغّل الرافعات.'
    shown = render_answer(answered(quote(harbour, text)), archive, Layout("ar", width=40))
    quoted = [line.split(BAR)[1] for line in shown.splitlines() if BAR in line]
    assert len(quoted) > 1
    assert " ".join(part.removesuffix("\u2069") for part in quoted) == text


def test_commands_and_names_in_our_own_lines_are_isolated() -> None:
    note = TERMINAL.note("للأوامر: /help، وللخروج: /quit")
    assert "\u2068/help\u2069،" in note
    assert "\u2068/quit\u2069" in note
    assert Layout("ar").note("للأوامر: /help") == "للأوامر: /help"
    assert "«BlueSea»" in TERMINAL.note("لم أجد «BlueSea» في الأرشيف")


def test_an_english_line_stays_left_and_keeps_arabic_names_together() -> None:
    layout = Layout("en", width=80)
    assert layout.note("[1] صحيفة الشاطئ · 4 April 2024") == "[1] \u2068صحيفة الشاطئ\u2069 · 4 April 2024"
    assert layout.lines("سفينة شحن", marker=BAR).startswith(" " * 60)


def test_an_article_cannot_move_the_cursor_or_change_colours() -> None:
    hostile = "خبر\x1b[2J\x9b31m عاجل\r\nثم\tتتمة"
    shown = TERMINAL.lines(hostile)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    assert "عاجل" in shown
    assert Layout("ar").lines(hostile) == hostile


words = st.lists(
    st.text(alphabet="ابتسليمنوه\u064e\u0651ABCxyz019«».،\u0640", min_size=1, max_size=30),
    min_size=1,
    max_size=30,
)


@given(words, st.integers(20, 160))
def test_wrapping_loses_and_adds_no_word(text: list[str], width: int) -> None:
    layout = Layout("ar", width=width)
    lines = layout.lines(" ".join(text)).split("\n")
    assert [word for line in lines for word in line.strip("\u2067\u2069 ").split(" ")] == text
    room = max(min(width - 2, 100), 20)
    assert all(
        columns(line.strip("\u2067\u2069 ")) <= room or " " not in line.strip("\u2067\u2069 ")
        for line in lines
    )


@given(words, st.integers(20, 60))
def test_no_line_ends_inside_an_isolate(text: list[str], width: int) -> None:
    for line in Layout("ar", width=width).note(" ".join(text)).split("\n"):
        depth = 0
        for character in line:
            depth += (character in "\u2067\u2068") - (character == "\u2069")
            assert depth >= 0
        assert depth == 0


def test_colours_are_for_terminals_that_have_them() -> None:
    assert Layout("ar", width=80, colour=True).paint("خبر", "bold") == "\x1b[1mخبر\x1b[0m"
    assert Layout("ar", width=80).paint("خبر", "bold") == "خبر"


def test_the_words_that_answer_are_bold_on_a_terminal_and_change_no_letter(
    archive: Archive, harbour: Article, snapshot: SnapshotAssertion
) -> None:
    text = harbour.body.strip().split("\n")[0]
    made = quote(harbour, text)
    start = made.start + text.index("سفينة")
    answer = answered(replace(made, words=Span(start, start + len("سفينة شحن تحمل أربعة آلاف"))))
    for width in (None, 30, 44, 80):
        bold = render_answer(answer, archive, Layout("ar", width=width, colour=width is not None))
        plain = render_answer(answered(made), archive, Layout("ar", width=width, colour=width is not None))
        strong = "\x1b\\[1m(سفينة|شحن|تحمل|أربعة|آلاف)( (شحن|تحمل|أربعة|آلاف))*\x1b\\[0m"
        assert re.sub(strong, lambda found: found[0][4:-4], bold) == plain
        assert (bold == plain) == (width is None)
    assert render_answer(answer, archive, Layout("ar", width=44, colour=True)) == snapshot
    assert "\x1b" not in render_answer(answer, archive, Layout("ar", width=44))


def test_bold_words_are_found_again_behind_what_a_terminal_does_not_get() -> None:
    layout = Layout("ar", width=40, colour=True)
    shown = layout.lines("سطر\r\nأول هنا\r\nوهنا", bold=Span(9, 17))
    assert [line.strip(" \u2067\u2069") for line in shown.split("\n")] == [
        "سطر", "أول \x1b[1mهنا\x1b[0m", "\x1b[1mوهن\x1b[0mا",
    ]  # fmt: skip


# Sources, passages, articles


def test_sources_name_each_article_once_with_its_quotes(
    archive: Archive, harbour: Article, garden: Article, snapshot: SnapshotAssertion
) -> None:
    answer = answered(
        quote(harbour, "ويتوقع أن تصل سفينتان"), quote(garden, "حديقة عامة"), quote(harbour, "أربعة آلاف طن")
    )
    shown = render_sources(answer, archive, Layout("ar"))
    assert shown == snapshot
    assert shown.count(harbour.title) == 1
    assert "[1] [3]" in shown


def test_a_passage_stands_between_the_paragraphs_around_it(archive: Archive, harbour: Article) -> None:
    shown = render_passage(quote(harbour, "ويتوقع أن تصل سفينتان أخريان الأسبوع المقبل."), Layout("ar"))
    assert f"{BAR}ويتوقع أن تصل سفينتان أخريان الأسبوع المقبل." in shown.splitlines()
    assert "BlueSea" in shown
    assert "أُغلق عامين" in shown
    assert "أربعة آلاف طن" not in shown
    assert "…" in shown.splitlines()


def test_a_passage_inside_a_paragraph_is_set_apart_from_the_rest_of_it(harbour: Article) -> None:
    shown = render_passage(quote(harbour, "«انتهى الترميم قبل موعده، والأرصفة الثلاثة تعمل»"), Layout("ar"))
    lines = shown.splitlines()
    assert "وقالت مديرة الميناء ريم العلي:" in lines
    assert f"{BAR}«انتهى الترميم قبل موعده، والأرصفة الثلاثة تعمل»" in lines


def test_an_article_is_shown_whole_with_what_is_known_of_it(
    harbour: Article, snapshot: SnapshotAssertion
) -> None:
    shown = render_article(harbour, Layout("ar"))
    assert shown == snapshot
    for block in harbour.blocks:
        assert harbour.body[block.start : block.end] in shown


def test_an_article_without_a_date_says_so_and_what_bounds_it(garden: Article) -> None:
    published = replace(garden.published, date=None, not_before="2023-05-01", evidence="في أيار 2023")
    shown = render_article(replace(garden, published=published), Layout("ar"))
    assert "بلا تاريخ نشر" in shown
    assert "نُشر في موعد لا يسبق: 1 أيار/مايو 2023" in shown
    assert "في أيار 2023" in shown


# Ingest, check


def test_a_report_names_files_by_what_befell_them(snapshot: SnapshotAssertion) -> None:
    report = Report(
        added=("a.txt", "b.txt"),
        missing=("old.txt",),
        skipped=(Skipped("bad.txt", "wrongly encoded", "not UTF-8 at byte 3"),),
        duplicates=(Duplicate("copy.txt", "a.txt"),),
        articles=3,
    )
    assert render_report(report, Layout("ar")) == snapshot
    assert render_report(report, Layout("en")) == snapshot(name="english")


def test_a_report_counts_the_entries_of_collections_by_what_befell_them(snapshot: SnapshotAssertion) -> None:
    collected = Collected(
        "news.jsonl.xz",
        added=900,
        changed=2,
        unchanged=30,
        duplicates=5,
        missing=1,
        refused=(
            Refusals("empty", 23, (("a-1", ""), ("a-2", ""), ("a-3", ""))),
            Refusals("damaged", 1, (("17", "no JSON"),)),
        ),
        left_out=(("draft", 4),),
        fields=(("key", "id"), ("title", "headline"), ("text", "content")),
    )
    report = Report(collections=(collected,), articles=932, undated=7, unnamed=3)
    assert render_report(report, Layout("ar")) == snapshot
    assert render_report(report, Layout("en")) == snapshot(name="english")


def test_many_files_that_were_skipped_are_grouped_by_reason() -> None:
    skipped = tuple(Skipped(f"{n}.txt", "empty" if n else "damaged") for n in range(40))
    shown = render_report(Report(skipped=skipped), Layout("en"))
    assert "empty (39): 1.txt, 2.txt" in shown
    assert "damaged (1): 0.txt" in shown
    assert "39.txt" not in shown


def test_many_files_are_counted_not_listed() -> None:
    shown = render_report(Report(added=tuple(f"{n}.txt" for n in range(500)), articles=500), Layout("en"))
    assert "Added (500)" in shown
    assert len(shown) < 300


def test_what_was_read_is_told_for_each_article(harbour: Article, snapshot: SnapshotAssertion) -> None:
    assert render_read([harbour], Layout("ar")) == snapshot


def test_a_claim_that_was_not_published_is_compared_with_the_nearest(
    archive: Archive, harbour: Article, snapshot: SnapshotAssertion
) -> None:
    nearest = quote(harbour, "ويتوقع أن تصل سفينتان أخريان الأسبوع المقبل.")
    shown = render_check(
        "ويتوقّع أن تصل ثلاث سفن الأسبوع المقبل", Checked("absent", nearest), archive, Layout("ar")
    )
    assert shown == snapshot
    assert f"{BAR}{nearest.text}" in shown.splitlines()


def test_a_claim_with_nothing_near_it_gets_one_line(archive: Archive) -> None:
    assert len(render_check("كلام", Checked("absent", None), archive, Layout("ar")).splitlines()) == 1


LONG = "وطالب السكان " + "، ".join(f"بإصلاح الشارع رقم {n} وإنارته" for n in range(40)) + "، وبفتح المستوصف."
WRAPPED = """\
سوق جديدة في المدينة

افتتحت البلدية صباح اليوم سوقًا جديدة للخضار تضم
أربعين متجرًا، بعد أعمال ترميم استمرت سبعة أشهر كاملة
وشارك فيها عمال من الحي نفسه، وهم عشرون عاملًا يعملون
كل يوم من الصباح، وستفتح أبوابها ستة أيام في الأسبوع.
"""


@pytest.mark.parametrize(("start", "end"), [(0, 200), (100, 300), (200, None), (0, None)])
def test_a_part_of_a_sentence_is_said_to_be_one_outside_of_the_quote(start: int, end: int | None) -> None:
    (article,) = parse(f"خبر من الحي\n\n{LONG}\n", "long.txt")
    part = cut(article, start, len(article.body) if end is None else end)
    shown = render_quote(part, Layout("ar")).split("\n")
    said = [line for line in shown if line.startswith("…")]
    assert ("… أول الجملة قبل هذا:" in said) is (start > 0)
    assert ("… وللجملة بقية في المقال." in said) is (end is not None)
    assert f"{BAR}{part.text}" in shown


def test_a_quote_of_wrapped_lines_fills_a_terminal_and_is_as_it_is_in_a_pipe() -> None:
    (article,) = parse(WRAPPED, "wrapped.txt")
    whole = cut(article, 0, len(article.body))
    assert "\n" in whole.text
    assert whole.text.replace("\n", f"\n{BAR}") in render_quote(whole, Layout("ar"))
    assert "تضم أربعين متجرًا" in render_quote(whole, Layout("ar", 200))
