"""Memory and time of taking in files that were made to cost much: `python -m tests.bench.hostile_files [NAME …]`.

Each goes into an archive of its own in a process of its own; the memory is the most that this process and its
worker held together at one moment. The embedding model with its libraries, loaded in a bot, comes on top: 800 MB.
"""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.pdfs import written

MEGABYTE = 1024 * 1024
LARGEST = 19 * MEGABYTE
_SENTENCE = "قالت مديرية الطرق في المدينة إن الجسر الجديد افتتح يوم الإثنين بعد عام من العمل وبكلفة أقل"
WORDS = _SENTENCE.split()
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def news(size: int) -> bytes:
    """Text of so many bytes, in sentences and paragraphs."""
    chance = random.Random(1)
    parts: list[str] = []
    written = 0
    while written < size:
        part = " ".join(chance.choices(WORDS, k=12)) + (".\n\n" if chance.random() < 0.2 else ". ")
        parts.append(part)
        written += len(part.encode())
    return "".join(parts).encode()


def docx(body: str, *, most: int = LARGEST) -> bytes:
    """A Word document with this markup in its body."""
    from docx import Document

    whole, packed = io.BytesIO(), io.BytesIO()
    Document().save(whole)
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document {_W}><w:body>{body[:most]}</w:body></w:document>'
    )
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for name in parts.namelist():
            written.writestr(name, xml if name == "word/document.xml" else parts.read(name))
    return packed.getvalue()


def odt(body: str) -> bytes:
    """An OpenDocument text with this markup in its body."""
    from tests.office.others import odt as packed

    return packed(body[:LARGEST])


def nested_zip() -> bytes:
    data = b"\0" * MEGABYTE
    for _ in range(20):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
            for number in range(3):
                parts.writestr(f"{number}.docx", data)
            parts.writestr("word/document.xml", data)
        data = packed.getvalue()[:MEGABYTE]
    return data


def pdf(content: bytes) -> bytes:
    """A PDF file of one page with this content, packed."""
    packed = zlib.compress(content, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 999 999] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return written(objects)


def _paragraphs(count: int) -> str:
    return "<w:p><w:r><w:t>كلمة</w:t></w:r></w:p>" * count


FILES: dict[str, Callable[[], bytes]] = {
    "news-2.txt": lambda: news(3 * MEGABYTE),
    "news-19.txt": lambda: news(LARGEST),
    "lines.txt": lambda: "سطر قصير\n".encode() * 1_000_000,
    "lines-most.txt": lambda: "سطر قصير من عدة كلمات\n".encode() * 49_000,
    "one-line.txt": lambda: news(LARGEST).replace(b"\n", b" "),
    "one-letter.txt": lambda: "ا".encode() * (LARGEST // 2),
    "one-letter-most.txt": lambda: "ا".encode() * 1_990_000,
    "no-end.txt": lambda: " ".join(WORDS).encode() * (LARGEST // 160),
    "no-end-most.txt": lambda: (" ".join(WORDS) + " ").encode() * 20_000,
    "sentences-most.txt": lambda: "كلمة أولى. ".encode() * 99_000,
    "wide.txt": lambda: b"a" * LARGEST + "😀".encode(),
    "old-code-page.txt": lambda: "قال إن في المدينة ".encode("cp1256") * (LARGEST // 18),
    "dates.txt": lambda: "تأسس عام 2014 وفي 5 مايو 2024 ".encode() * 30_000,
    "addresses.txt": lambda: b"a" * 1_000_000 + b" @ " + b"b." * 40_000,
    "markers.txt": lambda: "اقرأ أيضا\nالتعليقات\nالمصادر\nكلمة\n".encode() * 12_000,
    "runs.docx": lambda: docx("<w:p>" + "<w:r/>" * 3_000_000 + "</w:p>"),
    "paragraphs.docx": lambda: docx(_paragraphs(400_000)),
    "text.docx": lambda: docx("<w:p><w:r><w:t>" + "كلمة " * 1_900_000 + "</w:t></w:r></w:p>"),
    "deep.docx": lambda: docx("<w:sdt><w:sdtContent>" * 100_000),
    "table.docx": lambda: docx(
        "<w:tbl>" + ("<w:tr>" + "<w:tc><w:p/></w:tc>" * 50 + "</w:tr>") * 9_000 + "</w:tbl>"
    ),
    "attributes.docx": lambda: docx("<w:p " + " ".join(f'a{n}="1"' for n in range(1_000_000)) + "/>"),
    "nested.docx": nested_zip,
    "changes.docx": lambda: docx(
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>كلمة</w:t></w:r></w:p>" * 200_000
    ),
    "fields.docx": lambda: docx('<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>' * 200_000),
    "boxes.docx": lambda: docx("<w:p><w:r><w:txbxContent>" * 80),
    "paragraphs.odt": lambda: odt("<text:p>كلمة</text:p>" * 400_000),
    "spaces.odt": lambda: odt("<text:p>" + "<text:s text:c='100'/>" * 400_000 + "ا</text:p>"),
    "spans.odt": lambda: odt("<text:p>" + "<text:span>" * 250),
    "groups.rtf": lambda: b"{\\rtf1" + b"{" * LARGEST,
    "pairs.rtf": lambda: b"{\\rtf1" + b"{}" * (LARGEST // 2),
    "letters.rtf": lambda: b"{\\rtf1\\uc0" + b"\\u1575" * (LARGEST // 6),
    "cells.rtf": lambda: b"{\\rtf1" + b"x\\cell" * (LARGEST // 6),
    "boxes.rtf": lambda: b"{\\rtf1" + b"{\\shptxt x\\par" * (LARGEST // 15),
    "deep.html": lambda: b"<div>" * 100_000 + "نص في العمق".encode(),
    "attributes.html": lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(1_000_000)) + b">x</p>",
    "entities.html": lambda: b"<p>" + b"&amp;" * (LARGEST // 5),
    "elements.html": lambda: b"<i>a</i>" * (LARGEST // 8),
    "cells.html": lambda: b"<table><tr>" + b"<td>a" * 200_000,
    "scripts.html": lambda: b"<script>" + b"x" * LARGEST,
    "strings.pdf": lambda: pdf(b"BT /F 9 Tf (x) Tj ET " * 1_000_000),
    "empty.pdf": lambda: pdf(b" " * 300 * MEGABYTE),
    "graphics.pdf": lambda: pdf(b"q 1 0 0 1 0 0 cm " * 3_000_000),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one file cost: seconds, the most bytes of memory at one moment, and what the ingest said."""

    seconds: float
    memory: int
    said: str


def measure(name: str) -> Cost:
    """Take in one file in a new process. The memory is 0 on systems without /proc."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(FILES[name]())
        began, memory = time.monotonic(), 0
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.hostile_files", "--ingest", str(path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        while process.poll() is None:
            memory = max(memory, held(process.pid))
            time.sleep(0.01)
        said = process.communicate()[0].strip()
        return Cost(time.monotonic() - began, memory, said)


def held(process: int) -> int:
    """Return the bytes of memory that a process and its children hold now."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        threads = Path(f"/proc/{process}/task").iterdir()  # each has the children that it started
        children = [child for each in threads for child in (each / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(held(int(child)) for child in children)


def take_in(path: Path) -> None:
    """Take a file into a new archive beside it, and print what became of it."""
    from corpus.chunk import chunks
    from corpus.ingest import ingest
    from corpus.store import Archive

    with Archive(path.parent / "archive.sqlite") as archive:
        report = ingest(
            [path], archive, lambda article: chunks(article, lambda texts: [len(t) // 4 for t in texts])
        )
        print(*report.skipped, f"{archive.size()} passages" if report.added else "")


def main(names: list[str]) -> None:
    if names[:1] == ["--ingest"]:
        take_in(Path(names[1]))
        return
    for name in names or FILES:
        cost = measure(name)
        print(f"{name:22} {cost.seconds:6.1f} s {cost.memory / MEGABYTE:6.0f} MB  {cost.said}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
