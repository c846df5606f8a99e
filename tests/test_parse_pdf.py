"""Articles in PDF files: read where the text runs as it was written, refused with the reason everywhere else."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

import corpus.parse.pdf
from corpus.decode import NoTextError, Reason
from corpus.parse import parse, read
from corpus.parse.faithful import is_faithful
from corpus.parse.pdf import letters, paragraphs
from corpus.samples import folder

LINES = (
    "افتتاح معرض الكتاب في قاعة البلدية",
    "",
    "افتتح وزير الثقافة يوم الأحد معرض الكتاب في قاعة البلدية بعد أن تأجل مرتين في العام",
    "الماضي، وقال إن المعرض يضم أكثر من ألف عنوان من دور النشر التي شاركت فيه هذا العام من",
    "خلال جناح مشترك.",
    "وأضاف أن الدخول إلى القاعة حر كل يوم، وأن الزوار يمكن أن يشتروا الكتب بنصف أسعارها في",
    "اليوم الأخير.",
)


def pdf(pages: Sequence[Sequence[str]], *, mapped: bool = True) -> bytes:
    """A PDF that shows each line as one string, in the order given, with a map from its glyphs to Unicode."""
    glyphs = {
        char: n for n, char in enumerate(sorted({c for page in pages for line in page for c in line}), 1)
    }
    entries = "".join(f"<{n:04x}> <{char.encode('utf-16-be').hex()}>\n" for char, n in glyphs.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(glyphs)} beginbfchar\n{entries}endbfchar endcmap end end"
    )
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    to_unicode = b" /ToUnicode 4 0 R" if mapped else b""
    objects.append(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H"
        + to_unicode
        + b" /DescendantFonts"
        b" [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo << /Registry (Adobe)"
        b" /Ordering (Identity) /Supplement 0 >> /DW 500 >>] >>"
    )
    objects.append(stream(cmap.encode()))
    kids = []
    for page in pages:
        shown = "BT /F 12 Tf 50 800 Td\n" + "".join(
            f"<{''.join(f'{glyphs[char]:04x}' for char in line)}> Tj\n0 -20 Td\n" for line in page
        )
        objects.append(stream((shown + "ET").encode()))
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


def stream(data: bytes) -> bytes:
    packed = zlib.compress(data)
    return b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)


def written(objects: Sequence[bytes]) -> bytes:
    file = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)
    return bytes(file)


def visual(lines: Sequence[str]) -> list[str]:
    """Glyphs from left to right, as most programs put them into a file."""
    return [line[::-1] for line in lines]


def refusal(data: bytes) -> Reason:
    with pytest.raises(NoTextError) as caught:
        read(data, ".pdf")
    return caught.value.reason


def test_a_pdf_that_runs_as_written_is_read_with_its_wrapped_lines_joined() -> None:
    data = pdf([visual(LINES)])
    assert LINES[0] in PdfReader(io.BytesIO(data)).pages[0].extract_text()
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
    assert read(pdf([[text]]), ".pdf").text == text


def test_shapes_of_letters_are_letters() -> None:
    assert letters("ﻓﻲ ﻻﺟﺘﻤﺎع ﷲ «نص» fi") == "في لاجتماع الله «نص» fi"


def test_text_that_is_turned_round_is_refused() -> None:
    logical = [" ".join(reversed(line.split())) for line in LINES]
    assert refusal(pdf([visual(logical)])) == Reason.UNFAITHFUL
    assert refusal(pdf([LINES])) == Reason.UNFAITHFUL


def test_glyphs_that_no_font_names_are_refused() -> None:
    lost = [line.replace("ا", "\ue012").replace("ل", "\ufffd") for line in visual(LINES)]
    assert refusal(pdf([lost])) == Reason.UNFAITHFUL


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


def test_bounds_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R >> >> >>",
            stream(b"BT /F 9 Tf (x) Tj ET " * 1_000_000),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )
    monkeypatch.setattr(corpus.parse.pdf, "SECONDS", 2)
    assert refusal(endless) == Reason.TOO_SLOW
    monkeypatch.undo()
    assert refusal(pdf([["x"]] * 201)) == Reason.TOO_LARGE
    long = pdf([["x" * 60_000]] * 100)
    assert refusal(long) == Reason.TOO_LARGE


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"%PDF-1.7", pdf([visual(LINES)])[:400]])
def test_a_damaged_file_says_so(data: bytes) -> None:
    assert refusal(data) == Reason.DAMAGED


@settings(max_examples=8, deadline=None)
@given(st.integers(9, 1500), st.binary(min_size=1, max_size=30))
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
    assert not is_faithful(f"{text}\n{scrambled}")


def test_too_little_text_to_tell_is_not_taken_for_faithful() -> None:
    assert not is_faithful("افتتاح معرض الكتاب")


# Paragraphs


def test_running_heads_and_page_numbers_are_left_out() -> None:
    words = "كلمة بعد كلمة في سطر طويل من سطور هذه الصفحة حتى آخر السطر"
    pages = [f"نشرة الجبل - العدد {n}\n{words} {n}\n{words} ثم\n- {n} -" for n in range(1, 5)]
    [text] = paragraphs(pages)
    assert "نشرة" not in text
    assert text.startswith(f"{words} 1 {words} ثم {words} 2")


def test_a_short_line_ends_a_paragraph_and_an_item_begins_one() -> None:
    full = "سطر مملوء من أوله إلى آخره بكلمات كثيرة متتابعة لا تنتهي"
    page = f"عنوان\n{full}\nنهاية.\n{full}\n- بند أول\n- بند ثان"
    assert paragraphs([page]) == ["عنوان", f"{full} نهاية.", full, "- بند أول", "- بند ثان"]
