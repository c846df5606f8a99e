"""Articles in Word documents: what is read, and which files are refused before they do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.decode import NoTextError, Reason
from corpus.parse import parse, read

HEADLINE = "تقرير عن موسم القطاف في القرى الجبلية"
LEDE = "بدأ أهالي القرى الجبلية قطاف التفاح هذا الأسبوع، ويتوقعون محصولا يفوق محصول العام الماضي بالثلث."
SECOND = "وقال رئيس الجمعية الزراعية إن «الأسعار لم تتحدد بعد»، وإن التجار يزورون البساتين كل يوم."


def saved(write: Callable[[Any], object]) -> bytes:
    document = docx.Document()
    write(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def report(document: Any) -> None:
    document.sections[0].header.paragraphs[0].text = "سرّي، لا يوزّع على أحد خارج الجمعية الزراعية"
    document.add_heading(HEADLINE, 1)
    document.add_paragraph("الناشر: نشرة الجبل")
    document.add_paragraph("التاريخ: 10 أيلول 2025")
    lede = document.add_paragraph(LEDE[:20])
    lede.add_run(LEDE[20:]).bold = True
    document.add_heading("ما قيل", 2)
    document.add_paragraph(SECOND)
    document.add_paragraph("تفاح أحمر من البساتين العليا", style="List Bullet")
    document.add_paragraph("تفاح أصفر من بساتين الوادي", style="List Number")
    table = document.add_table(2, 3)
    for at, text in enumerate(("القرية", "الصناديق", "", "العالية", "1200", "زيادة")):
        table.cell(at // 3, at % 3).text = text
    table.cell(1, 1).merge(table.cell(1, 2))
    document.add_paragraph("وينتهي القطاف قبل أول المطر كما في كل عام.")


def test_a_document_is_its_lines_in_their_order() -> None:
    page = read(saved(report), ".docx")
    [article] = parse(page.text, "report.docx", page.said)
    assert (article.title, article.publisher, article.published.date) == (
        HEADLINE,
        "نشرة الجبل",
        "2025-09-10",
    )
    assert [(block.kind, article.body[block.start : block.end]) for block in article.blocks] == [
        ("paragraph", LEDE),
        ("heading", "ما قيل"),
        ("paragraph", SECOND),
        ("item", "تفاح أحمر من البساتين العليا"),
        ("item", "تفاح أصفر من بساتين الوادي"),
        ("paragraph", "القرية\tالصناديق"),
        ("paragraph", "العالية\t1200 زيادة"),
        ("paragraph", "وينتهي القطاف قبل أول المطر كما في كل عام."),
    ]
    assert article.body == "".join(page.text[span.start : span.end] for span in article.kept)


def test_what_was_deleted_stays_deleted_and_what_was_inserted_counts() -> None:
    def write(document: Any) -> None:
        document.add_paragraph(LEDE)
        second = document.add_paragraph()
        inside = second.add_run(SECOND)._r
        for name, text in (("ins", " وهذا ما زيد عليه."), ("del", " وهذا ما حذف منه.")):
            change = inside.makeelement(f"{{{inside.nsmap['w']}}}{name}")
            second._p.append(change)
            change.append(docx.Document().add_paragraph().add_run(text)._r)

    text = read(saved(write), ".docx").text
    assert f"{SECOND} وهذا ما زيد عليه." in text
    assert "حذف" not in text


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return stream.getvalue()


def test_a_cell_that_claims_a_million_columns_is_one_cell() -> None:
    def write(document: Any) -> None:
        report(document)
        properties = document.tables[0].cell(0, 0)._tc.get_or_add_tcPr()
        properties.get_or_add_gridSpan().val = 100_000_000

    assert "القرية\tالصناديق" in read(saved(write), ".docx").text


def test_what_stands_in_a_form_is_read() -> None:
    def write(document: Any) -> None:
        document.add_paragraph(LEDE)
        inside = document.add_paragraph(SECOND)._p
        form = inside.makeelement(f"{{{inside.nsmap['w']}}}sdt")
        content = inside.makeelement(f"{{{inside.nsmap['w']}}}sdtContent")
        inside.addprevious(form)
        form.append(content)
        content.append(inside)

    assert read(saved(write), ".docx").text == f"{LEDE}\n\n{SECOND}"


WHOLE = saved(report)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (saved(lambda document: None), Reason.EMPTY),
        (WHOLE[: len(WHOLE) // 2], Reason.DAMAGED),
        (b"PK\x03\x04", Reason.DAMAGED),
        (archive({"a.txt": b"x"}), Reason.DAMAGED),
        (archive({"word/document.xml": b"<w"}), Reason.DAMAGED),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            Reason.LOCKED,
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Reason.UNSUPPORTED),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: Reason) -> None:
    with pytest.raises(NoTextError) as caught:
        read(data, ".docx")
    assert caught.value.reason == reason


MIB = 1024 * 1024


@pytest.mark.parametrize(
    "parts",
    [
        {"word/document.xml": 21 * MIB},
        {"word/document.xml": 0, "word/media/x.png": 21 * MIB},
        {f"word/{part}": 17 * MIB for part in ("document.xml", *"abcde")},
        {f"{n}": 0 for n in range(5001)},
    ],
    ids=["text", "picture", "together", "number"],
)
def test_a_file_whose_parts_are_too_large_or_too_many_is_too_large(parts: dict[str, int]) -> None:
    data = archive({name: b"\0" * size for name, size in parts.items()})
    with pytest.raises(NoTextError) as caught:
        read(data, ".docx")
    assert caught.value.reason == Reason.TOO_LARGE


def test_a_part_that_claims_less_than_it_holds_is_not_unpacked() -> None:
    packed = bytearray(archive({"word/document.xml": b" " * 50 * 1024 * 1024}))
    at = packed.rindex(b"PK\x01\x02")  # the directory, which lists it as of ten bytes
    packed[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(NoTextError) as caught:
        read(bytes(packed), ".docx")
    assert caught.value.reason == Reason.DAMAGED


def test_a_document_whose_parts_are_encrypted_is_locked() -> None:
    packed = bytearray(WHOLE)
    at = packed.rindex(b"PK\x01\x02")  # the last entry of the directory, with its flags
    packed[at + 8] |= 1
    with pytest.raises(NoTextError) as caught:
        read(bytes(packed), ".docx")
    assert caught.value.reason == Reason.LOCKED


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


def replaced(declared: str, words: str) -> bytes:
    """The whole document with a document type in its main part, and other words where its text begins."""
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    head, _, rest = parts["word/document.xml"].decode().partition("?>")
    parts["word/document.xml"] = f"{head}?>{declared}{rest}".replace(LEDE[:20], words).encode()
    return archive(parts)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (BOMB + "]>", "&j;"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "&a;"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">', LEDE[:20]),
        ('<!DOCTYPE x [<!ENTITY a "b">]>', LEDE[:20]),
        ("", "&a;"),
        ("", "<w:p>"),
    ],
)
def test_a_document_with_declarations_or_broken_markup_is_refused_by_its_part(
    declared: str, words: str
) -> None:
    with pytest.raises(NoTextError) as caught:
        read(replaced(declared, words), ".docx")
    assert (caught.value.reason, caught.value.detail) == (
        Reason.DAMAGED,
        "its part “word/document.xml” cannot be read",
    )


@pytest.mark.parametrize("suffix", [".odt", ".epub"])
def test_entities_in_other_documents_leave_no_holes(suffix: str) -> None:
    typed = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    parts = {
        ".odt": {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": (
                f'{typed}<o:document-content xmlns:o="{office}office:1.0" xmlns:t="{office}text:1.0"><o:body><o:text>'
                f"<t:p>{LEDE}&a;</t:p></o:text></o:body></o:document-content>"
            ).encode(),
        },
        ".epub": {
            "META-INF/container.xml": f"{typed}<container><rootfiles>&a;</rootfiles></container>".encode()
        },
    }[suffix]
    with pytest.raises(NoTextError) as caught:
        read(archive(parts), suffix)
    assert caught.value.reason == Reason.DAMAGED
    assert f"“{list(parts)[-1]}”" in caught.value.detail


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_broken_document_is_read_or_refused(at: int, junk: bytes) -> None:
    try:
        page = read(WHOLE[:at] + junk + WHOLE[at + len(junk) :], ".docx")
    except NoTextError:
        return
    assert page.text
