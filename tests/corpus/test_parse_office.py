"""Files of word processors and electronic books: each is read as its reader sees it, or refused with what to do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.decode import NoTextError, Reason
from corpus.parse import KINDS, ParseError, parse, read
from tests.office import HEAD, LEDE, MORE, Sample, packed
from tests.office.others import ODT_HEAD, OTHERS, RTF_HEAD, epub, odt, rtf, tp
from tests.office.word import BOUND, STORED, TEXT, TITLE, WORD, chunk, link, p, r, table, word

ALL = {**WORD, **OTHERS}
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize("sample", ALL.values(), ids=ALL)
def test_a_file_reads_as_its_reader_sees_it(sample: Sample) -> None:
    page = read(sample.data, sample.kind)
    assert tuple(line for line in page.text.splitlines() if line) == sample.lines
    [article] = parse(page.text, "file" + sample.kind, page.said)
    assert article.title == sample.title
    assert article.body == "".join(page.text[span.start : span.end] for span in article.kept)


def test_kinds_of_lines_are_known_from_their_styles() -> None:
    body = (
        TITLE
        + p(LEDE)
        + p("ما قيل", "a2")
        + p("أولا", "Item")
        + p("ثانيا", "Item", "<w:numPr><w:numId w:val='0'/></w:numPr>")
    )
    page = read(word(body + p(MORE)), ".docx")
    [article] = parse(page.text, "x.docx", page.said)
    assert [(block.kind, article.body[block.start : block.end]) for block in article.blocks] == [
        ("paragraph", LEDE),
        ("heading", "ما قيل"),
        ("item", "أولا"),
        ("heading", "ثانيا"),  # by its shape, as any short line
        ("paragraph", MORE),
    ]


def test_a_book_says_its_outlet_and_its_day() -> None:
    page = read(OTHERS["epub of several"].data, ".epub")
    [article] = parse(page.text, "x.epub", page.said)
    assert (article.publisher, article.published.date) == ("دار الحي", "2025-03-04")


def test_the_day_on_which_a_book_was_made_is_only_a_bound() -> None:
    about = (
        '<dc:date>2025-03-04T10:00:00Z</dc:date><meta property="dcterms:modified">2025-03-04T10:00:00Z</meta>'
    )
    page = read(epub([f"<h1>{HEAD}</h1><p>{LEDE}</p><p>{MORE}</p>"], about=about), ".epub")
    [article] = parse(page.text, "x.epub", page.said)
    assert (article.published.date, article.published.not_after) == (None, "2025-03-04")
    dated = read(
        epub([f"<h1>{HEAD}</h1><p>نشر في 1 آذار 2025</p><p>{LEDE}</p><p>{MORE}</p>"], about=about), ".epub"
    )
    [article] = parse(dated.text, "x.epub", dated.said)
    assert article.published.date == "2025-03-01"


@pytest.mark.parametrize(
    ("data", "kind", "reason", "says"),
    [
        (COMPOUND + "WordDocument".encode("utf-16-le"), ".doc", Reason.UNSUPPORTED, "save it as .docx"),
        (COMPOUND + "WordDocument".encode("utf-16-le"), ".docx", Reason.UNSUPPORTED, "save it as .docx"),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), ".docx", Reason.LOCKED, ""),
        (COMPOUND + "Workbook".encode("utf-16-le"), ".doc", Reason.UNSUPPORTED, "a spreadsheet"),
        (COMPOUND + "PowerPoint Document".encode("utf-16-le"), ".doc", Reason.UNSUPPORTED, "a presentation"),
        (b"PK\x03\x04", ".odt", Reason.DAMAGED, "no OpenDocument text"),
        (b"nothing", ".odt", Reason.DAMAGED, "no OpenDocument text"),
        (b"nothing", ".rtf", Reason.DAMAGED, "no RTF file"),
        (b"nothing", ".epub", Reason.DAMAGED, "no electronic book"),
        (b"", ".doc", Reason.DAMAGED, "no Word document"),
        (b"{\\rtf1 \\par}", ".rtf", Reason.EMPTY, ""),
        (b"{\\rtf1 " + b"{" * 2000 + b"x", ".rtf", Reason.DAMAGED, ""),
        (odt(""), ".odt", Reason.EMPTY, ""),
        (
            odt(tp(LEDE), more={"META-INF/manifest.xml": "<m><manifest:encryption-data/></m>"}),
            ".odt",
            Reason.LOCKED,
            "",
        ),
        (
            packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
            ".odt",
            Reason.UNSUPPORTED,
            "a spreadsheet",
        ),
        (packed({"META-INF/container.xml": "<x/>"}), ".epub", Reason.DAMAGED, "no electronic book"),
        (epub(["<p></p>"]), ".epub", Reason.EMPTY, ""),
        (
            packed(
                {
                    "_rels/.rels": "<r><Relationship Id='a' Type='x/officeDocument' Target='xl/workbook.xml'/></r>",
                    "xl/workbook.xml": "<workbook/>",
                }
            ),
            ".docx",
            Reason.UNSUPPORTED,
            "a spreadsheet",
        ),
    ],
)
def test_a_file_that_is_not_read_says_why(data: bytes, kind: str, reason: Reason, says: str) -> None:
    with pytest.raises(NoTextError) as caught:
        read(data, kind)
    assert caught.value.reason == reason
    assert says in caught.value.detail


@pytest.mark.parametrize("kind", [".xls", ".xlsx", ".ppt", ".pptx", ".pages", ".numbers", ".wpd"])
def test_a_format_that_is_not_read_is_named(kind: str) -> None:
    with pytest.raises(NoTextError) as caught:
        read(b"PK\x03\x04", kind)
    assert caught.value.reason == Reason.UNSUPPORTED
    assert caught.value.detail.startswith("a ")
    assert kind not in KINDS


def test_a_locked_book_is_locked() -> None:
    locked = {"META-INF/encryption.xml": "<e><CipherReference URI='OEBPS/text/c 0.xhtml'/></e>"}
    with pytest.raises(NoTextError) as caught:
        read(epub([f"<p>{LEDE}</p>"], more=locked), ".epub")
    assert caught.value.reason == Reason.LOCKED


def test_documents_within_each_other_end() -> None:
    data = word(p(MORE))
    for _ in range(6):
        data = chunk("part.docx", data)
    assert read(data, ".docx").text.count(LEDE) == 3


def test_a_path_that_would_take_any_time_is_not_followed() -> None:
    form = BOUND.replace("/n:news[1]/n:place[1]", "//*[count(//*)]")
    data = word(
        p(f"{r('في ')}{form}") + p(LEDE),
        parts=STORED,
        links=link("rId5", "customXml", "../customXml/item1.xml"),
    )
    assert "في اسم المكان" in read(data, ".docx").text


RTF = rtf(f"{RTF_HEAD}{LEDE}\\par\\trowd\\cellx1 x\\cell\\row {MORE}\\par")
FILES = {
    ".odt": odt(ODT_HEAD + tp(LEDE) + tp(MORE), flat=True),
    ".rtf": RTF,
    ".docx": word(TITLE + TEXT + table(["أ", "ب"])),
    ".epub": epub([f"<h1>{HEAD}</h1><p>{LEDE}</p>"]),
}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.floats(0, 1), st.binary(max_size=12), st.integers(0, 40))
def test_a_broken_file_is_read_or_refused(kind: str, place: float, junk: bytes, gone: int) -> None:
    whole = FILES[kind]
    at = int(place * len(whole))
    try:
        page = read(whole[:at] + junk + whole[at + gone :], kind)
        articles = parse(page.text, "x", page.said)
    except (NoTextError, ParseError):
        return
    for article in articles:
        assert article.body == "".join(page.text[span.start : span.end] for span in article.kept)
