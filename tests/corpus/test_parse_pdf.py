"""Articles in PDF files: read where the text runs as it was written, refused with the reason everywhere else."""

from __future__ import annotations

import io
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap

import pytest
from bidi.algorithm import get_display
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

import corpus.parse.pdf
from bot.render.layout import Layout
from bot.render.report import render_report
from corpus.chunk import chunks
from corpus.decode import NoTextError, Reason
from corpus.ingest import ingest
from corpus.parse import parse, read
from corpus.parse.faithful import is_faithful
from corpus.parse.pdf import Paragraph, headline, paragraphs
from corpus.parse.pdf.bidi import kind
from corpus.parse.pdf.glyphs import Glyph
from corpus.parse.pdf.layout import PageLine
from corpus.parse.pdf.rows import letters
from corpus.parse.pdf.strokes import without_strokes
from corpus.samples import folder
from corpus.store import Archive
from corpus.worker import Bounds, Worker
from tests.pdfs import written

LINES = (
    "افتتاح معرض الكتاب في قاعة البلدية",
    "",
    "افتتح وزير الثقافة يوم الأحد معرض الكتاب في قاعة البلدية بعد أن تأجل مرتين في العام",
    "الماضي، وقال إن المعرض يضم أكثر من ألف عنوان من دور النشر التي شاركت فيه هذا العام من",
    "خلال جناح مشترك.",
    "وأضاف أن الدخول إلى القاعة حر كل يوم، وأن الزوار يمكن أن يشتروا الكتب بنصف أسعارها في",
    "اليوم الأخير.",
)


WIDE = 6.0
"""Points that each glyph of these files takes, but for marks, which take none."""
RIGHT = 550.0
LEADING = 20.0


@dataclass
class Drawn:
    """A string drawn with its glyphs from left to right, or an operator."""

    text: str
    x: float = 0.0
    y: float = 0.0
    operator: bool = False


def op(text: str) -> Drawn:
    return Drawn(text, operator=True)


def span(text: str) -> Drawn:
    """What follows stands for this text."""
    return op(f"/Span <</ActualText <feff{text.encode('utf-16-be').hex()}>>> BDC")


END = op("EMC")


def width(text: str) -> float:
    return WIDE * sum(not unicodedata.combining(char) for char in text)


def drawn(lines: Sequence[str], *, right: float = RIGHT, top: float = 800.0) -> list[Drawn]:
    """Lines set to the right, each as one string."""
    return [
        Drawn(line, right - width(line), top - LEADING * number) for number, line in enumerate(lines) if line
    ]


def pdf(pages: Sequence[Sequence[str] | Sequence[Drawn]], *, unmapped: str = "", codes: str = "") -> bytes:
    """A PDF with a map from its glyphs to Unicode, but for those of ``unmapped``; ``codes``: with a map of its own from
    the codes in strings to glyphs."""
    shown = [
        [each if isinstance(each, Drawn) else None for each in page]
        if any(isinstance(each, Drawn) for each in page)
        else drawn([each for each in page if isinstance(each, str)])
        for page in pages
    ]
    strings = [each.text for page in shown for each in page if each is not None and not each.operator]
    glyphs = {char: n for n, char in enumerate(sorted(set("".join(strings))), 1)}
    entries = "".join(
        f"<{n:04x}> <{char.encode('utf-16-be').hex()}>\n"
        for char, n in glyphs.items()
        if char not in unmapped
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(glyphs)} beginbfchar\n{entries}endbfchar endcmap end end"
    )
    marks = "".join(f"{n} [0] " for char, n in glyphs.items() if unicodedata.combining(char))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding "
        + (b"5 0 R" if codes else b"/Identity-H")
        + b" /ToUnicode 4 0 R /DescendantFonts"
        b" [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo << /Registry (Adobe)"
        b" /Ordering (Identity) /Supplement 0 >> /DW 500 /W [" + marks.encode() + b"] >>] >>"
    )
    objects.append(stream(cmap.encode()))
    if codes:
        own = f"begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange {codes} endcmap"
        objects.append(stream(own.encode(), b"/Type /CMap /CMapName /Own "))
    kids = []
    for page in shown:
        content = ["BT /F 12 Tf"]
        for each in page:
            assert each is not None
            codes = "".join(f"{glyphs[char]:04x}" for char in each.text) if not each.operator else ""
            content.append(
                each.text if each.operator else f"1 0 0 1 {each.x:.2f} {each.y:.2f} Tm <{codes}> Tj"
            )
        objects.append(stream("\n".join([*content, "ET"]).encode()))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 842] /Resources << /Font << /F 3 0 R >> >>"
            b" /Contents %d 0 R >>" % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (
        len(kids),
        b" ".join(b"%d 0 R" % kid for kid in kids),
    )
    return written(objects)


def stream(data: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return (
        b"<< " + more + b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)
    )


def visual(lines: Sequence[str]) -> list[str]:
    """Glyphs from left to right, as a page shows them."""
    return [str(get_display(line, base_dir="R")) if line else "" for line in lines]


def text_of(*pages: Sequence[Drawn]) -> str:
    return read(pdf(pages), ".pdf").text


def with_line(*shown: Drawn) -> list[Drawn]:
    """A page of text, and under it, apart, what is drawn."""
    return [*drawn(visual(LINES)), *shown]


def last_line(*shown: Drawn) -> str:
    return text_of(with_line(*shown)).split("\n\n")[-1]


def refusal(data: bytes) -> Reason:
    with pytest.raises(NoTextError) as caught:
        read(data, ".pdf")
    return caught.value.reason


def test_a_pdf_is_read_with_its_wrapped_lines_joined() -> None:
    data = pdf([visual(LINES)])
    page = read(data, ".pdf")
    [article] = parse(page.text, "fair.pdf", page.said)
    assert article.title == LINES[0]
    assert [article.body[block.start : block.end] for block in article.blocks] == [
        " ".join(LINES[2:5]),
        " ".join(LINES[5:]),
    ]
    assert article.body == "".join(page.text[span.start : span.end] for span in article.kept)


def test_latin_text_is_read() -> None:
    text = "The library opened on Sunday after two years of work, and its reading room seats sixty people."
    assert text_of(drawn([text], right=590.0)) == text


LOW = 500.0
"""Where a line stands apart from the page's text."""


def test_numbers_keep_their_places() -> None:
    line = "تعرضت 52 مؤسسة تشغل 15617 عاملا (قسد) خلال شهر نوفمبر 2016، بنسبة 3.5 في BBC (UK)"
    assert last_line(*drawn(visual([line]), top=LOW)) == line


def test_runs_may_be_drawn_in_the_order_of_writing() -> None:
    runs, x, shown = ["عام ", "2014", " نقلت قناة ", "iPhone 6", " خبرا"], RIGHT, []
    for run in runs:
        x -= width(run)
        arabic = kind(run) == "R"
        shown += [
            *([op("/ReversedChars BMC")] if arabic else []),
            Drawn(run[::-1] if arabic else run, x, LOW),
            *([END] if arabic else []),
            op("ET BT /F 12 Tf"),
        ]
    assert last_line(*shown) == "".join(runs)


def test_what_glyphs_stand_for_is_taken_for_them() -> None:
    # A lam with an alef drawn as one glyph, and a letter drawn in two parts.
    shown = [
        Drawn("م", RIGHT - 5 * WIDE, LOW),
        span("لا"),
        Drawn("x", RIGHT - 4 * WIDE, LOW),
        END,
        Drawn("س", RIGHT - 3 * WIDE, LOW),
        span("ي"),
        Drawn("y", RIGHT - 2 * WIDE, LOW),
        Drawn("z", RIGHT - 2 * WIDE, LOW),
        END,
        Drawn("ف", RIGHT - WIDE, LOW),
    ]
    assert last_line(*shown) == "فيسلام"


@pytest.mark.parametrize("order", ["before", "after"])
def test_marks_stand_on_the_letter_they_are_drawn_with(order: str) -> None:
    word = [("م", 0.0), ("ه", WIDE), ("ّ", 1.9 * WIDE), ("م", 2 * WIDE), ("ُ", 3.1 * WIDE), ("ت", 3 * WIDE)]
    if order == "after":  # in the order of writing
        word = word[::-1]
    shown = [Drawn(char, RIGHT - 4 * WIDE + x, LOW) for char, x in word]
    assert last_line(*shown) == "تُمّهم"


def test_a_part_of_a_letter_that_is_said_to_mean_all_of_it_counts_once() -> None:
    shown = [
        span("يّ"),
        Drawn("ّ", RIGHT - WIDE, LOW),
        END,
        span("يّ"),
        Drawn("ي", RIGHT - 2 * WIDE, LOW),
        END,
        Drawn("ح", RIGHT - WIDE, LOW),
    ]
    assert last_line(*shown) == "حيّ"


@pytest.mark.parametrize(
    ("part", "whole"), [("لً", "لًا"), ("لً", "لا"), ("لًا", "لا"), ("لًا", "لًا"), ("لا", "لًا")]
)
def test_a_letter_with_a_sign_whose_parts_mean_more_or_less_of_it_counts_once(part: str, whole: str) -> None:
    shown = [
        span(part),
        Drawn("ً", RIGHT - 2 * WIDE, LOW),
        END,
        span(whole),
        Drawn("ل", RIGHT - 2 * WIDE, LOW),
        END,
        Drawn("ج", RIGHT - WIDE, LOW),
    ]
    assert last_line(*shown) == "جلًا"


def test_spaces_that_no_glyph_stands_for_and_glyphs_that_are_none() -> None:
    shown = [
        Drawn("ةنس", RIGHT - 13 * WIDE, LOW),
        Drawn("2016", RIGHT - 9.5 * WIDE, LOW),
        Drawn(" ", RIGHT - 9.5 * WIDE, LOW),  # behind the line's end, drawn over its first glyphs
        Drawn("يف", RIGHT - 5 * WIDE, LOW),
        Drawn("كلذ", RIGHT - 3 * WIDE, LOW),
    ]
    assert last_line(*shown) == "ذلكفي 2016 سنة"


def test_letters_drawn_twice_to_look_bold_count_once() -> None:
    line = "عنوان عريض لنص الخبر"
    [shown] = drawn(visual([line]), top=LOW)
    assert last_line(shown, replace(shown, x=shown.x + 0.4)) == line


def test_cells_of_a_table_do_not_run_into_each_other() -> None:
    cells = [Drawn("1037", 480.0, LOW), Drawn("1", 506.0, LOW), Drawn("ةظفاحم", 515.0, LOW)]
    assert last_line(*cells) == "محافظة 1 1037"


COLUMN = (
    "تقع المدينة في شمال البلاد، وقال رئيس البلدية إن أعمال الترميم بدأت في العام الماضي بعد أن تأجلت مرتين."
    " وأضاف أن كل بيوت الحي القديم من الحجر الأبيض، وأن سكانه عادوا إليه قبل الشتاء."
)
OTHER = (
    "وفي خبر آخر أعلن الميناء عن رصيف جديد للسفن التي تحمل القمح من الخارج إلى مخازن المدينة، وهو ثاني"
    " رصيف في هذا العام كما قال مدير الميناء في تصريح إلى الصحافة المحلية أمس."
)


def columns() -> tuple[list[Drawn], list[Drawn]]:
    lines = [visual(wrap(text, 26)) for text in (COLUMN, OTHER)]
    return drawn(lines[0]), drawn(lines[1], right=RIGHT - 28.5 * WIDE)


def test_columns_are_read_one_after_the_other() -> None:
    first, second = columns()
    assert text_of([*first, *second]) == f"{COLUMN}\n\n{OTHER}"


def test_columns_drawn_row_by_row_are_refused() -> None:
    first, second = columns()
    rows = [each for pair in zip(first, second, strict=False) for each in pair]
    with pytest.raises(
        NoTextError, match=r"page 1: the order of “تقع المدينة في شمال.*” is not clear"
    ) as caught:
        text_of(rows)
    assert caught.value.reason == Reason.UNFAITHFUL


def test_a_number_beside_a_latin_word_is_refused_where_nothing_tells_their_order() -> None:
    with pytest.raises(NoTextError, match="page 2: the order of “BBC 2014” is not clear") as caught:
        text_of(drawn(visual(LINES)), drawn(visual(["في عام 2014 BBC نقلت"])))
    assert caught.value.reason == Reason.UNFAITHFUL


def test_brackets_are_read_as_they_look_and_as_they_were_meant() -> None:
    lines = ["قوات سوريا (قسد) في «شمال» البلاد", "وقال (الوزير) ذلك"]
    looks = drawn(visual(lines), top=LOW)
    meant = drawn([line[::-1] for line in lines], top=LOW)
    assert [each.text for each in looks] != [each.text for each in meant]
    for shown in (looks, meant):
        assert text_of(with_line(*shown)).endswith("\n\n" + "\n\n".join(lines))


@pytest.mark.parametrize(
    "codes",
    [
        "1 begincidrange <0000> <ffff> 0 endcidrange",
        " ".join(f"1 begincidchar <{n:04x}> {n} endcidchar" for n in range(100)),
    ],
)
def test_codes_are_what_the_file_says_they_are(codes: str) -> None:
    assert read(pdf([visual(LINES)], codes=codes), ".pdf").text == read(pdf([visual(LINES)]), ".pdf").text


def test_codes_of_which_the_file_says_nothing_are_not_passed_over() -> None:
    half = "1 begincidrange <0000> <0010> 0 endcidrange"
    assert refusal(pdf([visual(LINES)], codes=half)) == Reason.UNFAITHFUL


def test_sources_in_latin_letters_keep_their_numbers_and_stops() -> None:
    # In a list that runs from right to left, as pages show it: the second source goes on in a second line.
    shown = drawn([".Example Centre, The Bridges of the Valley, updated 2024 .1"], top=LOW) + drawn(
        [
            "Harbour Office, Yearly Report on Ships, Grain, Fish and the Works, Book Three, No. .2",
            ".237, 2025",
        ],
        top=LOW - 2 * LEADING,
    )
    assert text_of(with_line(*shown)).split("\n\n")[-2:] == [
        "1. Example Centre, The Bridges of the Valley, updated 2024.",
        "2. Harbour Office, Yearly Report on Ships, Grain, Fish and the Works, Book Three, No. 237, 2025.",
    ]


def test_lines_that_stand_alone_are_paragraphs_though_all_on_the_page_do() -> None:
    # As in a page of headlines: no line of it has another below it in its paragraph.
    heads = ["سياسة", "ثقافة", "اقتصاد", "رياضة"]
    apart = [
        replace(each, y=500.0 - 1.6 * LEADING * number) for number, each in enumerate(drawn(visual(heads)))
    ]
    assert text_of(drawn(visual(LINES)), apart).split("\n\n")[-4:] == heads


def test_slanted_letters_are_read_and_much_that_stands_on_its_side_is_refused() -> None:
    [shown] = drawn(visual(["القرار ليس نهائيا"]), top=LOW)
    sheared = [op("q 1 0 0.33 1 -165 0 cm"), shown, op("Q")]
    assert last_line(*sheared) == "القرار ليس نهائيا"
    turned = [op("ET q 0 1 -1 0 850 0 cm BT /F 12 Tf"), *drawn(visual(LINES)), op("ET Q BT /F 12 Tf")]
    with pytest.raises(NoTextError, match="does not run from side to side"):
        text_of([*drawn(visual(LINES)), *turned])


def test_invisible_text_and_text_beside_the_page_are_left_out() -> None:
    hidden = [op("3 Tr"), *drawn(visual(["نص لا يراه أحد"]), top=LOW), op("0 Tr")]
    assert text_of(with_line(*hidden)) == text_of(with_line())
    assert text_of(with_line(*drawn(visual(["نص خارج الصفحة"]), top=-40))) == text_of(with_line())


@pytest.mark.parametrize("white", ["1 g", "1 1 1 rg", "0 0 0 0 k"])
def test_white_text_is_left_out_where_nothing_was_painted_under_it(white: str) -> None:
    shown = drawn(visual(["نص أبيض في أسفل الصفحة"]), top=LOW)
    text = [op(white), *shown, op("0 g")]
    assert text_of(with_line(*text)) == text_of(with_line())
    box = op(f"ET 0 0 1 rg 0 {LOW - 10} 600 40 re f BT /F 12 Tf")
    assert last_line(box, *text) == "نص أبيض في أسفل الصفحة"
    elsewhere = op("ET 0 0 1 rg 0 0 20 20 re f BT /F 12 Tf")
    assert text_of(with_line(elsewhere, *text)) == text_of(with_line())
    paper = op(f"ET 1 g 0 {LOW - 10} 600 40 re f BT /F 12 Tf")
    assert text_of(with_line(paper, *text)) == text_of(with_line())


def test_letters_too_small_to_be_seen_are_left_out() -> None:
    tiny = [op("/F 0.4 Tf"), *drawn(visual(["نص لا يراه أحد"]), top=LOW), op("/F 12 Tf")]
    assert text_of(with_line(*tiny)) == text_of(with_line())


def test_what_stands_for_a_letter_and_a_mark_above_it_is_taken_for_both() -> None:
    [rest] = drawn(visual(["قال إن هذا أمر"]), top=LOW)
    at = rest.x - 3 * WIDE
    shown = [
        rest,
        Drawn("ا", at, LOW),
        span("مًّ"),
        Drawn("~", at + WIDE, LOW + 3.6),
        Drawn("م", at + WIDE, LOW),
        END,
    ]
    assert last_line(*shown).split()[-1] == "مًّا"


def test_a_letter_bears_each_mark_once() -> None:
    [rest] = drawn(visual(["قال إن هذا أمر"]), top=LOW)
    at = rest.x - 3 * WIDE
    for marks in (["ًّ", "ّ"], ["ّ", "ًّ"]):
        first, second = (Drawn(mark, at + WIDE, LOW) for mark in marks)
        shown = [rest, Drawn("ا", at, LOW), span(first.text), first, END, span(second.text), second, END]
        assert last_line(*shown, Drawn("م", at + WIDE, LOW)).split()[-1] == "مًّا"


def test_a_glyph_under_a_name_that_means_no_character_is_none() -> None:
    """Fonts drawn by the file itself name their glyphs at will: their codes say nothing of letters."""
    text = stream(b"BT /F 20 Tf 1 0 0 1 50 400 Tm (abcabc cab abc) Tj ET")
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 97"
        b" /LastChar 99 /Widths [600 600 600] /Encoding << /Differences [97 /%s] >> /CharProcs << >> >>"
    )
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 842] /Contents 4 0 R"
    page += b" /Resources << /Font << /F 5 0 R >> >> >>"
    head = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", page, text]
    assert read(written([*head, font % b"a /b /c"]), ".pdf").text.strip() == "abcabc cab abc"
    assert refusal(written([*head, font % b"g1 /g2 /g3"])) == Reason.SCANNED
    assert refusal(written([*head, font % b"a /g2 /c"])) == Reason.UNFAITHFUL


def test_digits_that_stand_above_the_line_are_seen_so() -> None:
    [line] = drawn(visual(["عدد سكانها 10 نسمة"]), top=LOW)
    at = line.x + line.text.index("10") * WIDE + 2 * WIDE
    raised = [op("/F 6 Tf"), Drawn("6", at, LOW + 4.5), op("/F 12 Tf")]
    assert "10⁶" in last_line(line, *raised)


def test_parts_of_a_row_come_from_the_right_and_are_not_one_sentence() -> None:
    [left] = drawn(visual(["وقبل الرئيس"]), top=LOW, right=300.0)
    [right] = drawn(visual(["رفض الوزير"]), top=LOW)
    assert text_of(with_line(left, right)).split("\n\n")[-2:] == ["رفض الوزير", "وقبل الرئيس"]


def test_letters_set_apart_are_words() -> None:
    shown, x = [], RIGHT
    for char in "وزير الثقافة":
        x -= 1.7 * WIDE
        shown.append(Drawn(char, x, LOW))
    assert last_line(*reversed(shown)) == "وزير الثقافة"


def test_a_shadow_is_not_read() -> None:
    [line] = drawn(visual(["الوزير يستقيل"]), top=LOW)
    assert last_line(line, replace(line, x=line.x + 1.5, y=line.y - 1.5)) == "الوزير يستقيل"


def test_a_range_behind_a_full_line_is_unsure_where_a_paragraph_may_begin_with_it() -> None:
    line = LINES[2]
    for end, sure in ((".", False), ("،", True)):
        shown = drawn(visual([line + end, "من 2016-2014 في بيروت"]), top=LOW)
        range_first = replace(shown[1], text=shown[1].text.removesuffix(" نم"), x=shown[1].x + 3 * WIDE)
        if sure:
            assert last_line(shown[0], range_first).endswith("2016-2014 في بيروت")
        else:
            with pytest.raises(NoTextError, match="is not clear"):
                last_line(shown[0], range_first)


def test_an_english_page_may_hold_an_arabic_word() -> None:
    lines = [
        "The harbour had a press, and on it a paper was printed in two languages",
        "for many years. It was called the paper (ةديرجلا) for short by those who.",
        "Then the paper (ةديرجلا) was closed, and its press was sold to a museum.",
    ]
    shown = [Drawn(line, 60.0, 700.0 - LEADING * number) for number, line in enumerate(lines)]
    assert text_of(shown) == " ".join(lines).replace("ةديرجلا", "الجريدة")


def test_a_small_file_that_means_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.parse.pdf, "MOST_CHARACTERS", 5_000)
    shown = [each for _ in range(4) for each in (span("ن" * 2_000), Drawn("ن", RIGHT, LOW), END)]
    assert refusal(pdf([with_line(*shown)])) == Reason.TOO_LARGE


def test_a_stream_that_breaks_off_is_damaged() -> None:
    whole = pdf([visual(LINES)])
    start = whole.rindex(b">>\nstream\n", 0, whole.index(b"/Type /Page /Parent")) + 10
    middle = start + (whole.index(b"\nendstream", start) - start) // 2
    broken = whole[:middle] + bytes(byte ^ 255 for byte in whole[middle : middle + 40]) + whole[middle + 40 :]
    assert refusal(broken) == Reason.DAMAGED


def test_what_is_there_for_the_eye_only_is_left_out() -> None:
    shown = with_line(span(""), *drawn(["* * *"], top=LOW), END)
    assert text_of(shown) == text_of(with_line())


def test_a_stamp_across_the_page_is_left_out() -> None:
    stamp = [op("ET BT /F 12 Tf 0.7 0.7 -0.7 0.7 100 100 Tm"), op("<0001> Tj"), op("ET BT /F 12 Tf")]
    assert text_of(with_line(*stamp)) == text_of(with_line())


def test_a_sign_that_no_font_names_is_a_bullet_before_an_item() -> None:
    lines = visual(["\ue012 البند الأول من القائمة", "\ue012 والبند الثاني منها"])
    text = text_of(with_line(*drawn(lines, top=LOW)))
    assert text.endswith("• البند الأول من القائمة\n\n• والبند الثاني منها")


def test_shapes_of_letters_are_letters() -> None:
    assert letters("ﻓﻲ ﻻﺟﺘﻤﺎع ﷲ «نص» fi") == "في لاجتماع الله «نص» fi"


def test_text_that_is_turned_round_is_refused() -> None:
    words = [" ".join(reversed(line.split())) for line in LINES]
    assert refusal(pdf([visual(words)])) == Reason.UNFAITHFUL
    assert refusal(pdf([LINES])) == Reason.UNFAITHFUL


def test_glyphs_that_no_font_names_are_refused() -> None:
    lost = [line.replace("ا", "\ue012") for line in visual(LINES)]
    assert refusal(pdf([lost])) == Reason.UNFAITHFUL
    assert refusal(pdf([visual(LINES)], unmapped="ل")) == Reason.UNFAITHFUL


def test_pictures_of_pages_are_refused() -> None:
    assert refusal(pdf([[]])) == Reason.SCANNED


def test_a_password_is_named_and_a_mere_wish_not_to_be_printed_is_none() -> None:
    for password, locked in (("قفل", True), ("", False)):
        writer = PdfWriter(clone_from=io.BytesIO(pdf([visual(LINES)])))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        file = io.BytesIO()
        writer.write(file)
        if locked:
            assert refusal(file.getvalue()) == Reason.LOCKED
        else:
            assert LINES[0] in read(file.getvalue(), ".pdf").text


def endless() -> bytes:
    """A small file of a very long page."""
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R >> >> >>",
            stream(b"BT /F 9 Tf (x) Tj ET " * 1_000_000),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


@pytest.mark.slow
def test_bounds_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    with Worker(Bounds(seconds=1)) as worker, pytest.raises(NoTextError) as caught:
        worker.read(endless(), ".pdf")
    assert caught.value.reason == Reason.TOO_SLOW
    assert refusal(pdf([["x"]] * 201)) == Reason.TOO_LARGE
    monkeypatch.setattr(corpus.parse.pdf, "MOST_CHARACTERS", 10_000)
    assert refusal(pdf([["x" * 600]] * 20)) == Reason.TOO_LARGE


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"%PDF-1.7", pdf([visual(LINES)])[:400]])
def test_a_damaged_file_says_so(data: bytes) -> None:
    assert refusal(data) == Reason.DAMAGED


@settings(max_examples=8, deadline=None)
@given(st.integers(9, 1500), st.binary(min_size=1, max_size=30))
@pytest.mark.slow
def test_a_broken_file_is_read_or_refused(at: int, junk: bytes) -> None:
    whole = pdf([visual(LINES)])
    try:
        page = read(whole[:at] + junk + whole[at + len(junk) :], ".pdf")
    except NoTextError:
        return
    assert is_faithful(page.text)


# Whether a text runs as it was written


SAMPLES = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder().glob("*.txt"))}


def test_most_briefs_pass_and_none_that_is_turned_round() -> None:
    assert sum(map(is_faithful, SAMPLES.values())) >= len(SAMPLES) - 2
    for text in SAMPLES.values():
        lines = text.splitlines()
        assert not is_faithful("\n".join(line[::-1] for line in lines))
        assert not is_faithful("\n".join(" ".join(reversed(line.split())) for line in lines))


@pytest.mark.parametrize(
    "scrambled",
    [
        "، اليوم الأحد، في قاعة البلدية",
        "ذكرت صحيفة »الضفة« أمس الأحد",
        "قوات سوريا )قسد( في شمال شرق",
    ],
)
def test_runs_that_changed_places_are_seen(scrambled: str) -> None:
    text = "\n".join(LINES)
    assert is_faithful(text)
    assert not is_faithful(f"{text}\n{scrambled}\n{scrambled}")


def test_too_little_text_to_tell_is_not_taken_for_faithful() -> None:
    assert not is_faithful("افتتاح معرض الكتاب")


# Paragraphs


def lines(*texts: str, room: float = 0.0, y: float = 400.0) -> list[PageLine]:
    """Lines of one paragraph."""
    return [PageLine(text, first=2.0, room=room, apart=not number, y=y) for number, text in enumerate(texts)]


def texts(pages: Sequence[Sequence[PageLine]]) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(pages)]


WORDS = "كلمة بعد كلمة في سطر طويل من سطور هذه الصفحة حتى آخر السطر"


@pytest.mark.parametrize("count", ["- {} -", "{}", "صفحة {} من 4", "{} / 4", "Page {}"])
def test_running_heads_and_page_numbers_are_left_out(count: str) -> None:
    pages = [
        [
            *lines("نشرة الجبل - العدد 7", y=800),
            *lines(f"{WORDS} {n}", f"{WORDS} ثم"),
            *lines(count.format(n), y=30),
        ]
        for n in range(1, 5)
    ]
    [text] = texts(pages)
    assert "نشرة" not in text
    assert text.startswith(f"{WORDS} 1 {WORDS} ثم {WORDS} 2")
    assert text.endswith("ثم")


def test_what_only_looks_like_a_page_number_or_a_running_head_stays() -> None:
    page = [*lines("أبرز أخبار يوم السبت 18 مارس", "2017"), *lines("نص الخبر في سطر."), *lines("3")]
    assert texts([page]) == ["أبرز أخبار يوم السبت 18 مارس 2017", "نص الخبر في سطر.", "3"]
    dated = [*lines("نص القانون"), *lines("2024-05-12"), *lines("يبدأ العمل به من يوم نشره.")]
    assert "2024-05-12" in texts([dated])
    law = [[*lines(f"المادة ({n})", y=780), *lines(f"{WORDS} {n}.")] for n in range(1, 6)]
    assert sum(text.startswith("المادة") for text in texts(law)) == 5


def test_a_line_behind_which_the_next_word_had_room_ends_a_paragraph_and_an_item_begins_one() -> None:
    full = "سطر مملوء من أوله إلى آخره بكلمات كثيرة متتابعة لا تنتهي"
    short = lines("نهاية.", room=20.0)
    page = [*lines("عنوان"), *lines(full, "وبعده"), *short, *lines(full, "- بند أول", "- بند ثان")]
    page[3] = page[3]._replace(apart=False)
    page[4] = page[4]._replace(apart=False)
    assert texts([page]) == ["عنوان", f"{full} وبعده نهاية.", full, "- بند أول", "- بند ثان"]


def test_a_running_head_of_two_pages_is_one_and_a_line_of_the_text_that_recurs_is_none() -> None:
    head, foot = lines("نشرة الجبل - العدد 7", y=800), lines("في أول الصفحة", f"{WORDS} ثم.", y=40)
    pages = [[*head, *lines(f"{WORDS} {n}."), *foot] for n in range(2)]
    pages = [[*page[:-1], page[-1]._replace(apart=False)] for page in pages]
    found = " ".join(texts(pages))
    assert "نشرة" not in found
    assert found.count("في أول الصفحة") == 2


def test_the_headline_is_the_largest_of_the_first_lines() -> None:
    def sized(text: str, size: float) -> Paragraph:
        return Paragraph(text, size)

    text = [sized(WORDS, 12.0)] * 5
    assert headline([sized("نشرة الجبل", 10.0), sized("العنوان", 20.0), *text]) == 1
    assert headline([sized("نشرة الجبل", 24.0), sized("العنوان", 20.0), *text]) is None
    assert headline([sized("العنوان", 12.5), *text]) is None
    assert headline([*text, *text, sized("العنوان", 20.0)]) is None
    menu = [sized("الرئيسية أخبار اقتصاد", 12.0)] * 9
    assert headline([*menu, sized("العنوان", 20.0), *text]) == 9
    assert headline([]) is None


def glyphs(*drawn: tuple[str, float, float, int]) -> list[Glyph]:
    return [
        Glyph(text, x0, x1, 700.0, 10.0, n, 1, False, shape) for n, (text, x0, x1, shape) in enumerate(drawn)
    ]


def test_strokes_that_lengthen_letters_are_no_letters() -> None:
    apart = glyphs(("", 9.9, 14.0, 1), ("ن", 10.0, 20.0, 0), ("", 20.1, 24.0, 1), ("م", 20.0, 30.0, 0))
    assert [glyph.text for [page] in [without_strokes([apart])] for glyph in page] == ["ن", "م"]
    filled = glyphs(("ا", 0.0, 3.0, 0), ("", 3.0, 6.0, 1), ("", 4.0, 7.0, 1), ("ه", 7.0, 12.0, 0))
    [page] = without_strokes([filled])
    assert [(glyph.text, glyph.x0) for glyph in page] == [("ا", 0.0), ("ه", 3.0)]


def test_a_glyph_without_a_character_that_stands_by_itself_may_be_a_letter() -> None:
    lost = glyphs(
        ("ا", 0.0, 3.0, 0), ("", 3.0, 6.0, 1), ("ه", 6.0, 12.0, 0), ("", 12.0, 15.0, 1), ("", 15.0, 18.0, 1)
    )
    assert without_strokes([lost]) == [lost]


def half_scanned(width: int) -> bytes:
    """A PDF file of a page of text, a page with a picture as wide as this of its 600 points, and an empty page."""
    drawn = f"q {width} 0 0 {width} 0 0 cm /I Do Q".encode()
    text = b"BT /F 12 Tf 50 700 Td (The bridge was opened on Monday.) Tj ET"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 600] /Contents %d 0 R /Resources << /Font << /F 9 0 R >>"
    page += b" /XObject << /I 10 0 R >> >> >>"
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 3 /Kids [3 0 R 4 0 R 5 0 R] >>",
            *(page % content for content in (6, 7, 8)),
            *(
                b"<< /Length %d >>\nstream\n%s\nendstream" % (len(each), each)
                for each in (text.replace(b"700", b"500"), drawn, b"")
            ),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
            b" /Length 1 >>\nstream\n\0\nendstream",
        ]
    )


@pytest.mark.parametrize(("width", "scanned"), [(600, 1), (300, 1), (100, 0)])
def test_pages_that_are_pictures_are_counted(tmp_path: Path, width: int, scanned: int) -> None:
    path = tmp_path / "half.pdf"
    path.write_bytes(half_scanned(width))
    with Archive(tmp_path / "archive.sqlite") as archive:
        report = ingest(
            [path], archive, lambda article: chunks(article, lambda texts: [len(t) for t in texts])
        )
    assert (report.added, report.scanned) == (("half.pdf",), scanned)
    assert ("1" in render_report(report, Layout("en")).partition("not read:")[2][:3]) == bool(scanned)
