"""Text recognised in pictures: bounds of the processes, paragraphs of Tesseract's tables, and the mark at every quote.

A stand-in program takes Tesseract's place, except in the last test, which needs the real one and an Arabic font.
"""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import sys
import zlib
from ast import literal_eval
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus.ingest.pipeline
from bot.answer import Quote
from bot.claim import published
from bot.quotes import cut, verify
from bot.render.cards import cite
from bot.render.claim import render_check
from bot.render.json import render_article
from bot.render.layout import Layout
from bot.render.telegram import render_quote, render_source
from bot.render.terminal import render_article as in_terminal
from bot.render.terminal import render_quote as quote_in_terminal
from corpus.arabic import fold_text
from corpus.article import Article, Chunk, Span
from corpus.decode import NoTextError, Reason
from corpus.files import read_bytes
from corpus.ingest import ingest
from corpus.ocr import Limits, Ocr, missing
from corpus.ocr.bounded import ENVIRONMENT
from corpus.ocr.draw import _draw_picture
from corpus.ocr.engine import LEFTOVER
from corpus.parse import parse
from corpus.parse.recognised import LEAST_CONFIDENCE, read_recognised
from corpus.store import Archive
from corpus.worker import Worker

TITLE = "افتتاح المكتبة العامة في البلدة"
LINES = (
    "افتتحت البلدة مكتبتها العامة صباح الأحد بعد عام من",
    "العمل، وقال أمين المكتبة إن فيها عشرة آلاف كتاب.",
)
MORE = "وتفتح المكتبة أبوابها كل يوم إلا الجمعة."
MARK = "قُرئ آليًا من صورة"

Row = tuple[int, int, int, int, str]
"""Block, left edge, right edge and top of a line in points, and its words."""


def table(rows: Sequence[Row], confidence: float = 90.0, height: int = 40) -> str:
    """Return a table as Tesseract writes it: a page, and lines of words that share their width."""
    found = ["level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"]
    found.append("1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t")
    for number, (block, left, right, top, text) in enumerate(rows, 1):
        found.append(f"4\t1\t{block}\t1\t{number}\t0\t{left}\t{top}\t{right - left}\t{height}\t-1\t")
        words = text.split()
        width = (right - left) // len(words)
        for place, word in enumerate(words, 1):
            at = right - place * width
            found.append(
                f"5\t1\t{block}\t1\t{number}\t{place}\t{at}\t{top}\t{width}\t{height}\t{confidence}\t{word}"
            )
    return "\n".join(found) + "\n"


PAGE: tuple[Row, ...] = (
    (1, 300, 900, 100, TITLE),
    (1, 100, 900, 240, LINES[0]),
    (1, 200, 900, 310, LINES[1]),
    (1, 400, 900, 450, MORE),
)


def picture(width: int = 8, height: int = 8) -> bytes:
    """Return a white PNG file; a large one is small on disk."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress((b"\0" + b"\xff" * ((width + 7) // 8)) * min(height, 100), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that makes a program of some Python code, with ``write`` for a table; it lists ``ara``."""

    def make(code: str) -> str:
        path = tmp_path / "tesseract"
        path.write_text(
            f"#!{sys.executable} -S\n"
            "import os, sys\n"
            "if '--list-langs' in sys.argv: print('List:\\nara'); sys.exit()\n"
            f"log = {str(tmp_path / 'log')!r}\n"
            "write = lambda text: open(sys.argv[2] + '.tsv', 'w', encoding='utf-8').write(text)\n" + code,
            encoding="utf-8",
        )
        path.chmod(0o755)
        return str(path)

    return make


def reads(rows: Sequence[Row] = PAGE, confidence: float = 90.0) -> str:
    return f"write({table(rows, confidence)!r})"


# The processes


def test_a_picture_becomes_text_that_says_so(stand_in: Callable[[str], str]) -> None:
    pytest.importorskip("PIL")
    with Ocr(program=stand_in(reads())) as ocr, Worker(ocr=ocr) as worker:
        page = read_bytes(picture(), ".png", worker)
        (article,) = worker.parse(page.text, "library.png", page.said)
    assert page.text == f"{TITLE}\n\n{' '.join(LINES)}\n\n{MORE}"
    assert (article.title, article.machine_read, article.confidence) == (TITLE, True, 90)
    assert article.body == "".join(page.text[span.start : span.end] for span in article.kept)


def test_the_program_gets_bounds_and_nothing_of_the_environment(
    stand_in: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PIL")
    monkeypatch.setenv("MUSNAD_TELEGRAM_TOKEN", "1:secret")
    code = (
        "import resource as r\n"
        "limits = [r.getrlimit(each)[0] for each in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE)]\n"
        "open(log, 'w').write(repr((dict(os.environ), limits, sys.argv[3:])))\n"
    )
    limits = Limits(memory=512 * 1024**2, page_seconds=7, written=1_000_000)
    with Ocr(limits, program=stand_in(code + reads())) as ocr:
        ocr.recognise(picture(), ".png")
    environment, bounds, arguments = literal_eval((tmp_path / "log").read_text())
    assert {name for name in environment if name != "LC_CTYPE"} == ENVIRONMENT.keys()
    assert bounds == [512 * 1024**2, 7, 1_000_000]
    assert arguments == ["-l", "ara", "tsv"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("while True: pass", Reason.TOO_SLOW),
        ("import time; time.sleep(60)", Reason.TOO_SLOW),
        ("os.abort()", Reason.TOO_MUCH_MEMORY),
        ("sys.exit(1)", Reason.DAMAGED),
        ("pass", Reason.DAMAGED),  # no table
        (reads(confidence=LEAST_CONFIDENCE - 1), Reason.UNSURE),
        (reads([(1, 0, 90, 0, "ص ٣")]), Reason.BLANK),
    ],
)
def test_what_goes_wrong_refuses_the_picture_by_name(
    stand_in: Callable[[str], str], code: str, reason: Reason
) -> None:
    pytest.importorskip("PIL")
    with Ocr(Limits(page_seconds=1), program=stand_in(code)) as ocr, Worker(ocr=ocr) as worker:
        with pytest.raises(NoTextError) as refused:
            read_bytes(picture(), ".png", worker)
        assert refused.value.reason is reason
        assert ocr._folder is not None
        left = [each for each in Path(ocr._folder.name).iterdir() if each.is_dir()]
    assert left == []


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (picture(40_000, 40_000), ".png", Reason.TOO_LARGE),
        (picture()[:40], ".png", Reason.DAMAGED),
        (b"II*\0" + b"\xff" * 500, ".tiff", Reason.DAMAGED),
        (b"GIF89a\1\0\1\0", ".webp", Reason.DAMAGED),
        (b"%PDF-1.4 nothing", ".pdf", Reason.DAMAGED),
        (b"", ".jpg", Reason.DAMAGED),
    ],
)
def test_what_cannot_be_drawn_never_reaches_the_program(
    stand_in: Callable[[str], str], tmp_path: Path, data: bytes, kind: str, reason: Reason
) -> None:
    pytest.importorskip("PIL")
    pytest.importorskip("pypdfium2")
    with Ocr(program=stand_in("open(log, 'w')")) as ocr:
        with pytest.raises(NoTextError) as refused:
            ocr.recognise(data, kind)
        assert refused.value.reason is reason
    assert not (tmp_path / "log").exists()


def scan(pages: int) -> bytes:
    """Return a PDF file whose pages are pictures."""
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    image.new("L", (90, 120), 255).save(
        file, "PDF", save_all=True, append_images=[image.new("L", (90, 120), 255)] * (pages - 1)
    )
    return file.getvalue()


def test_each_page_of_a_scan_is_read_once(stand_in: Callable[[str], str], tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    program = stand_in(f"open(log, 'a').write('x')\n{reads()}")
    with Ocr(program=program) as ocr, Worker(ocr=ocr) as worker:
        data = scan(3)
        first = read_bytes(data, ".pdf", worker)
        assert read_bytes(data, ".pdf", worker) == first
    assert (tmp_path / "log").read_text() == "xxx"
    assert first.text.count(MORE) == 3
    assert first.said is not None
    assert first.said.machine_read


def test_a_scan_of_too_many_pages_is_refused(stand_in: Callable[[str], str]) -> None:
    pytest.importorskip("pypdfium2")
    with Ocr(Limits(pages=2), program=stand_in(reads())) as ocr, pytest.raises(NoTextError) as refused:
        ocr.recognise(scan(3), ".pdf")
    assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(("kind", "reason"), [(".png", Reason.PICTURE), (".pdf", Reason.SCANNED)])
def test_without_recognition_pictures_are_refused_with_how_to_switch_it_on(kind: str, reason: Reason) -> None:
    with Worker() as worker, pytest.raises(NoTextError, match="musnad ingest --ocr") as refused:
        read_bytes(picture() if kind == ".png" else scan(1), kind, worker)
    assert refused.value.reason is reason


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    image.new("RGBA", (3, 2), (0, 0, 0, 0)).save(tmp_path / "x.png")
    assert _draw_picture(tmp_path / "x.png", 0, tmp_path / "x.pgm", 1, 100) == 1
    assert (tmp_path / "x.pgm").read_bytes() == b"P5\n3 2\n255\n" + b"\xff" * 6


def test_what_is_missing_is_said_as_debian_calls_it(tmp_path: Path) -> None:
    assert missing(str(tmp_path / "none")) == "apt install tesseract-ocr tesseract-ocr-ara"
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\necho eng\n")
    program.chmod(0o755)
    assert missing(str(program)) == "apt install tesseract-ocr-ara"


# Tables to paragraphs


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param(PAGE, [TITLE, " ".join(LINES), MORE], id="further below"),
        pytest.param(
            [(1, 100, 900, 100, LINES[0]), (1, 600, 900, 170, "العمل."), (1, 100, 900, 240, LINES[1])],
            [f"{LINES[0]} العمل.", LINES[1]],
            id="room behind",
        ),
        pytest.param(
            [(1, 500, 900, 100, LINES[0]), (2, 20, 420, 100, "العمل فيها طوال السنة الماضية كلها.")],
            [f"{LINES[0]} العمل فيها طوال السنة الماضية كلها."],
            id="next column",
        ),
        pytest.param([*PAGE, (2, 10, 14, 900, "|.")], [TITLE, " ".join(LINES), MORE], id="specks"),
        pytest.param(
            [(1, 100, 900, 100, f"\u200f{LINES[0]}\u200e"), (1, 100, 900, 170, LINES[1])],
            [" ".join(LINES)],
            id="steering characters",
        ),
    ],
)
def test_lines_become_paragraphs(rows: Sequence[Row], text: list[str]) -> None:
    assert read_recognised(table(rows).encode()).text == "\n\n".join(text)


LATER: tuple[Row, ...] = ((1, 300, 900, 100, TITLE), (2, 400, 900, 450, MORE))


@pytest.mark.parametrize(
    ("first", "again", "text"),
    [
        pytest.param(PAGE[1:3], LATER, [TITLE, " ".join(LINES), MORE], id="whole lines, above and below"),
        pytest.param(
            [(1, 500, 900, 100, "وتفتح المكتبة أبوابها"), *PAGE[1:3]],
            [(1, 200, 480, 105, "كل يوم إلا الجمعة.")],
            [MORE, " ".join(LINES)],
            id="a part of a line",
        ),
    ],
)
def test_what_was_passed_over_takes_its_place(
    first: Sequence[Row], again: Sequence[Row], text: list[str]
) -> None:
    found = table(first).encode() + LEFTOVER + table(again).encode()
    assert read_recognised(found).text == "\n\n".join(text)
    below = (1, 100, 900, 100, LINES[0])
    assert read_recognised(found + table([below]).encode()).text == "\n\n".join([*text, LINES[0]])


def test_a_second_look_sees_only_what_the_first_passed_over(
    stand_in: Callable[[str], str], tmp_path: Path
) -> None:
    image = pytest.importorskip("PIL.Image")
    page = image.new("L", (1000, 600), 255)
    page.paste(0, (300, 110, 900, 130))  # the ink of a line that is found
    page.paste(0, (400, 460, 900, 480))  # and of one that is not
    file = io.BytesIO()
    page.save(file, "PNG")
    code = (
        f"if '--psm' in sys.argv: os.link(sys.argv[1], log); write({table(LATER[1:])!r})\n"
        f"else: write({table(PAGE[:1])!r})"
    )
    with Ocr(program=stand_in(code)) as ocr:
        found = read_recognised(ocr.recognise(file.getvalue(), ".png"))
    assert found.text == f"{TITLE}\n\n{MORE}"
    with image.open(tmp_path / "log", formats=("PPM",)) as left:
        assert left.point(lambda value: 255 - value).getbbox() == (400, 460, 900, 480)


def test_a_page_of_which_much_was_passed_over_is_refused() -> None:
    rows = [(1, 100, 900, 240 + 70 * number, LINES[0]) for number in range(4)]
    with pytest.raises(NoTextError, match="do not run straight"):
        read_recognised(table(PAGE).encode() + LEFTOVER + table(rows).encode())


@given(
    st.lists(
        st.lists(st.one_of(st.text(max_size=4), st.integers(-9, 9).map(str)), min_size=11, max_size=13).map(
            "\t".join
        ),
        max_size=9,
    )
)
def test_any_table_is_read_or_refused(rows: list[str]) -> None:
    data = "\n".join([*table(PAGE).split("\n"), *rows]).encode("utf-8", "replace")
    with suppress(NoTextError):
        assert TITLE in read_recognised(data).text


# The archive, and what is shown


def whole(article: Article) -> list[Chunk]:
    span = Span(0, len(article.body))
    return [Chunk(article.id, span.start, span.end, (span,))]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "data" / "archive.sqlite") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "in"
    (inside / "page_files").mkdir(parents=True)
    (inside / "scan.png").write_bytes(picture())
    (inside / "page_files" / "logo.png").write_bytes(picture())
    (inside / "page.html").write_text(f"<h1>{TITLE}</h1><p>{LINES[0]} {LINES[1]}</p><p>{MORE} غير أنها</p>")
    return inside


def test_pictures_in_a_folder_are_counted_and_one_by_itself_is_refused(
    archive: Archive, folder: Path
) -> None:
    report = ingest([folder], archive, whole)
    assert (report.pictures, report.skipped, report.added) == (1, (), ("page.html",))
    report = ingest([folder / "scan.png"], archive, whole)
    assert [each.reason for each in report.skipped] == [Reason.PICTURE]


@pytest.fixture
def read_by_machine(
    archive: Archive, folder: Path, stand_in: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Article:
    pytest.importorskip("PIL")
    program = stand_in(reads(confidence=83.7))
    monkeypatch.setattr(corpus.ingest.pipeline, "Ocr", lambda: Ocr(program=program))
    (folder / "page.html").unlink()
    report = ingest([folder / "scan.png"], archive, whole, ocr=True)
    assert report.added == ("scan.png",)
    (article,) = archive.articles_of("scan.png")
    return article


def test_the_archive_keeps_that_a_text_was_recognised(archive: Archive, read_by_machine: Article) -> None:
    assert (read_by_machine.machine_read, read_by_machine.confidence) == (True, 83)
    assert archive.article(read_by_machine.id) == read_by_machine


def test_every_place_that_shows_a_quote_says_so(archive: Archive, read_by_machine: Article) -> None:
    quote = verify(cut(read_by_machine, 0, len(LINES[0])), archive)
    for shown in _shown(quote):
        assert MARK in shown
        assert "83%" in shown
    assert '"machine_read": true' in render_article(read_by_machine)
    (plain,) = parse(f"{TITLE}\n\n{LINES[0]} {LINES[1]}\n\n{MORE}", "library.txt")
    for shown in _shown(cut(plain, 0, len(LINES[0]))):
        assert MARK not in shown
    assert '"machine_read": false' in render_article(plain)


def _shown(quote: Quote) -> list[str]:
    layout = Layout("ar")
    return [
        *render_quote(quote),
        render_source(quote.article),
        cite(quote),
        quote_in_terminal(quote, layout),
        in_terminal(quote.article, layout),
    ]


def test_a_claim_found_in_such_a_text_is_not_called_published(
    archive: Archive, read_by_machine: Article
) -> None:
    claim = f"{LINES[0]} {LINES[1]}"
    checked = published(claim, archive)
    assert checked is not None
    assert checked.verdict in {"machine", "slight"}
    shown = render_check(claim, checked, archive, Layout("ar"))
    assert "حرفًا بحرف" not in shown
    assert MARK in shown


def test_a_written_text_is_found_before_a_recognised_one(
    archive: Archive, read_by_machine: Article, folder: Path
) -> None:
    (folder / "text.txt").write_text(
        f"{TITLE}\n\n{LINES[0]} {LINES[1]}\n\nوقد انتهى العمل.", encoding="utf-8"
    )
    ingest([folder / "text.txt"], archive, whole)
    checked = published(f"{LINES[0]} {LINES[1]}", archive)
    assert checked is not None
    assert checked.quote is not None
    assert checked.quote.article.source == "text.txt"


# The real program


def test_a_rendered_page_is_read(tmp_path: Path) -> None:
    if missing():
        pytest.skip(f"needs {missing()}")
    font = _arabic_font()
    image, draw, fonts = (pytest.importorskip(f"PIL.{name}") for name in ("Image", "ImageDraw", "ImageFont"))
    if font is None or not pytest.importorskip("PIL.features").check("raqm"):
        pytest.skip("needs an Arabic font, and Pillow with Raqm")
    drawn = image.new("L", (1400, 560), 255)
    for number, text in enumerate((TITLE, "", *LINES, "", MORE)):
        where = (1340, 40 + 80 * number)
        letters = fonts.truetype(font, 40)
        draw.Draw(drawn).text(where, text, 0, letters, anchor="ra", direction="rtl", language="ar")
    drawn.save(tmp_path / "page.png")
    with Ocr() as ocr, Worker(ocr=ocr) as worker:
        page = read_bytes((tmp_path / "page.png").read_bytes(), ".png", worker)
    wanted = fold_text(" ".join((TITLE, *LINES, MORE))).split()
    found = set(fold_text(page.text).split())
    assert sum(word in found for word in wanted) >= 0.8 * len(wanted)


def _arabic_font() -> str | None:
    if shutil.which("fc-match") is None:
        return None
    found = subprocess.run(
        ["fc-match", "-f", "%{file}\n%{lang}", "Noto Naskh Arabic:lang=ar"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return found[0] if "ar" in found[1].split("|") else None
