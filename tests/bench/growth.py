# ruff: noqa: E501 (markup)
"""``python -m tests.bench.growth [KIND …]``: how the time of taking in a file grows with what is repeated in it.

Each input is one thing repeated, in files of a format. A file is read, parsed and cut into passages at four sizes, each
twice the one before; *exponent* is the power of the size with which the time grew from the first to the last: 1 for
twice the time for twice as much, 2 for four times. Files that are refused for their size cost what it takes to refuse
them.
"""

from __future__ import annotations

import argparse
import gc
import math
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from corpus.chunk import chunks
from corpus.decode import NoTextError
from corpus.parse import ParseError, parse, read
from corpus.parse.collections import entries
from tests.bench.hostile_files import docx, pdf
from tests.office.others import epub, odt, rtf

PARAGRAPH = "وقال المتحدث باسم الوزارة في بيان صدر اليوم إن العمل في المشروع الجديد سيبدأ قريبا جدا في المدينة كلها.\n"
DOUBLINGS = 3
_LEAST = 0.03  # seconds under which a time says nothing
_SMALLEST, _LARGEST = 5_000, 640_000  # characters of the first file

T = TypeVar("T")
Make = Callable[[str], bytes]
"""A file with this in its text."""


def _page(repeated: str) -> bytes:
    return f"<html><body><h1>خبر</h1><p>{PARAGRAPH * 3}<table><tr><td>{repeated}".encode()


def _saved(repeated: str) -> bytes:
    head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n"
    return f"{head}{repeated}\n\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>{PARAGRAPH * 3}\n--b--\n".encode()


def _saved_part(repeated: str) -> bytes:
    head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n"
    return (
        f"{head}Content-Transfer-Encoding: quoted-printable\n\n<p>{PARAGRAPH * 3}{repeated}\n--b--\n".encode()
    )


def _text(repeated: str) -> bytes:
    return f"{PARAGRAPH}{repeated}\n{PARAGRAPH}".encode()


def _front(repeated: str) -> bytes:
    return f"---\n{repeated}\n---\n{PARAGRAPH}".encode()


def _line(content: str, end: str = ">") -> Callable[[str], bytes]:
    """A page with a head in which something is repeated between ``content`` and ``end``."""
    return lambda repeated: f"{content}{repeated}{end}<p>{PARAGRAPH * 3}".encode()


_SPOKEN = (
    "<p>ا</p>", "<i>a</i>", "<br/>", "ا", "<div>ا</div>", "<b>ا</b> ", "<p/>", "&amp;", "<h2>ا</h2>", "<span/>", "<hr/>", "<img/>",
)  # fmt: skip
_WORD_LINE = "<w:p><w:r><w:t>اا</w:t></w:r></w:p>"

INPUTS: dict[str, list[tuple[str, Make]]] = {
    ".txt": [
        (token, _text)
        for token in (
            "ا", "a.", "a@", "www.", "http://a.b ", "@", "a@b.", "«ا. ا» قال ", "«", "(((ا. ", "\"ا. ", "2024-01-01 ",
            "في 5 مايو 2024 ", "5 مايو ", "تأسس عام 2014، ", "المصادر\n", "الوسوم\n", "التعليقات\nا\n", "اقرأ أيضا\n",
            "اقرأ أيضا: ااا\n", "سياسة\n", "[1] ا\n", "التاريخ: ا\n", "12\n", "#ا ", "-", "ا| ", "كتب: اا ", "\u064b",
            "\u00a0", "!", "؛ ا", "قال ا\n\n", "&amp;", "Ø§Ù ", "?? ", "وقال إن العمل بدأ صباح اليوم في المدينة، وفيها\n",
        )
    ],
    ".html": [
        *(
            (token, _page)
            for token in (
                "<td>a", "<i>a</i>", "<i>a", "<div>", "<p class='share related'>a</p>", "<li><a href=x>a</a>", "&amp;",
                "<time datetime=2024-01-01>a</time>", "<h1>خبر", "<table><tr><td>", "<table><tr><td>ا</table>",
                "<tr><td>ا<td>ب", "<td><table><tr><td>ا</table></td>", "<br>", "ا<br>ا ", "<button>ا</button> ", "<sup>1",
                "<sup><a href=#a>1</a></sup>", "<p style='display:none'>ا</p>", "<b style='font-size:0", "<input>",
                "<form><input><p>ا</form>", "<div><a href=x>ا ا ا</a><p>ا</p></div>", "<article><p>" + PARAGRAPH,
                "<p>" + PARAGRAPH, "<div><p>" + PARAGRAPH + "</p></div>", "!", "<ruby>ا<rt>ب", "<span aria-hidden=true>ا",
                "<h3><a href=#x>ا</a></h3>", "&#xD800;", "<div class=promo><p>" + PARAGRAPH + "</p></div>",
                "<h2><a href=/>ا</a></h2>", "<div class=promo><p>" + PARAGRAPH,
            )
        ),
        ("&nbsp;", _line("<title>خبر", "الجزيرة</title>")),
        (" | ", _line("<title>خبر", "الجزيرة</title>")),
        (".a{display:none}", _line("<style>", "</style>")),
        (".a .b>.c{display:none}", _line("<style>", "</style><div class=a><p class=c>")),
        ("{", _line("<style>.a{display:none}", "</style>")),
        ("@media all{", _line("<style>.a{display:none}", "</style>")),
        ("(", _line("<style>.a{display:none;left:", "</style>")),
        ("/*", _line("<style>.a{display:none}", "</style>")),
        ("<p class=a>ا", _line("<style>.a{visibility:hidden} div .a{color:red}</style>", "<p>")),
        ("[", _line("<script type=application/ld+json>", "</script>")),
        ("a", _line("<meta charset=", ">")),
    ],
    ".mhtml": [
        *(
            (token, _saved)
            for token in (
                "X: y\n", "X: y\n z\n", "Content-Type: multipart/related; boundary=b\n", "Content-Type: text/html;\n",
                "Content-Location: x\n", " a=b;\n", "\n--b\nContent-Type: image/png\n\nx", "\n--b\n", "\n--c\n",
                "\n--b\nContent-Type: multipart/mixed; boundary=b\n\n", "\n--b\nContent-Type: message/rfc822\n\n",
                "\n--b--", "Subject: =?utf-8?q?a?=", "\r",
            )
        ),
        *((token, _saved_part) for token in ("=D8=A7", "=\n", "=", "--b", "<td>a", "a")),
    ],
    ".docx": [
        (token, lambda repeated: docx(_WORD_LINE + repeated))
        for token in (
            '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>ا</w:t></w:r></w:p>', "<w:p><w:r/></w:p>",
            "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>", _WORD_LINE, "<w:p><w:r><w:br/></w:r></w:p>",
            "<w:p><w:r><w:tab/><w:t>ا</w:t></w:r></w:p>", "<w:p><w:ins><w:r><w:t>ا</w:t></w:r></w:ins></w:p>",
            "<w:p><w:del><w:r><w:delText>ا</w:delText></w:r></w:del></w:p>", "<w:sdt><w:sdtContent><w:p/></w:sdtContent></w:sdt>",
            "<w:p><w:hyperlink><w:r><w:t>ا</w:t></w:r></w:hyperlink></w:p>", "<w:bookmarkStart/>", "<w:p/>",
            "<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc>" + _WORD_LINE + "</w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
            "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>ا</w:t></w:r></w:p>",
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>',
            "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>ا</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>",
            "<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>ا</w:t></w:r></w:p>",
        )
    ],
    ".md": [
        *((token, _text) for token in (
            "ا ", "# ا\n\n", "> ", "- ا\n", "*", "_ا_ ", "[ا](b) ", "[", "![", "`", "| ا ", "<b>", "1. ا\n", "~~ا~~ ", "\\", "    ا\n",
        )),
        *((token, make) for make in (_text, _front) for token in ("*a ", "---\n", "| a ", "&amp;", "![a](", "a: &a [*a]\n")),
        *((token, _front) for token in ("[", "> ", "- ", "`")),
    ],
    ".odt": [
        (token, odt)
        for token in (
            "<text:p>ا</text:p>", "<text:p>", "<text:list><text:list-item><text:p>ا</text:p></text:list-item></text:list>",
            "<text:p><text:span>ا </text:span> <text:s/></text:p>", "<text:h>ا</text:h>", "<text:p/>", "<text:s/>",
            "<table:table><table:table-row><table:table-cell><text:p>ا</text:p></table:table-cell></table:table-row></table:table>",
            "<text:p><text:line-break/></text:p>", "<text:p><text:tab/>ا</text:p>", "<text:section><text:p>ا</text:p></text:section>",
            "<text:p><text:note><text:note-body><text:p>ا</text:p></text:note-body></text:note></text:p>",
        )
    ],
    ".rtf": [
        (token, lambda repeated: rtf(repeated))
        for token in (
            "{", "{}", "\\par ", "\\cell ", "\\row ", "x\\cell\\row ", "\\u1575?", "{\\shptxt x\\par}", "\\'c7",
            "{\\v x\\par}", "\\nestcell ", "x",
        )
    ],
    ".epub": [(token, lambda repeated: epub([f"<h1>خبر</h1><p>{PARAGRAPH * 3}{repeated}</p>"])) for token in _SPOKEN],
    ".pdf": [
        (token, lambda repeated: pdf(repeated.encode()))
        for token in (
            "BT /F 9 Tf (x) Tj ET ", "BT /F 9 Tf 1 0 0 1 9 9 Tm (a) Tj ET\n", "q ", "Q ", "(", "(a) ", "[ ", "<< ", "<61> ",
            "1 0 0 1 0 0 cm ", "/F 9 Tf ", "0 0 m 1 1 l S ", "T* ", "% a\n", "BT (a) Tj 0 -9 Td ET ", "1 ", "/A ",
        )
    ],
}  # fmt: skip
"""What is repeated, by format, and the file that it is repeated in."""


def _lines(repeated: str) -> bytes:
    return f'{{"id": 1, "text": "{PARAGRAPH.strip()}"}}\n{repeated}\n'.encode()


def _posts(repeated: str) -> bytes:
    start = '{"name": "ا", "type": "public_channel", "id": 1, "messages": ['
    return f'{start}{{"id": 1, "type": "message", "date": "2024-01-01T00:00:00", "text": "ا"}}{repeated}]}}'.encode()


def _feed(repeated: str) -> bytes:
    return f"<rss version='2.0'><channel><title>ا</title>{repeated}</channel></rss>".encode()


def _export(repeated: str) -> bytes:
    names = (
        'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    )
    return f"<rss version='2.0' {names}><channel><title>ا</title>{repeated}</channel></rss>".encode()


def _record(repeated: str) -> bytes:
    page = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{PARAGRAPH}</p>".encode()
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n{repeated}Content-Length: {len(page)}"
    return head.encode() + b"\r\n\r\n" + page + b"\r\n\r\n"


_ITEM = f"<item><title>ا</title><link>http://a.example/1</link><description>{PARAGRAPH.strip()}</description></item>"
_POST = f"<item><title>ا</title><wp:post_type>post</wp:post_type><content:encoded>{PARAGRAPH.strip()}</content:encoded></item>"

COLLECTED: dict[str, list[tuple[str, Make]]] = {
    ".jsonl": [
        (token, _lines)
        for token in (
            '{"id": 2, "text": "ا ب"}\n', "{", "[", '{"a":', '"', "\\u0627", "\n", "x", "NaN\n", '{"text": "ا"} ', "[]\n", "{}\n",
        )
    ],
    ".json": [
        *((token, lambda repeated: f'[{{"id": 1, "text": "ا ب ت"}}{repeated}]'.encode())
          for token in (',{"id": 2, "text": "ا ب"}', ",[", ",{}", ",1", ',"a"', " ", ",", "]", "}")),
        *((token, _posts)
          for token in (',{"id": 2, "type": "message", "text": "ا"}', ',{"type": "service"}', ',{"text": [{"text": "ا"}', ",[")),
    ],
    ".csv": [
        (token, lambda repeated: f"العنوان,النص\nا,{PARAGRAPH.strip()}\n{repeated}\n".encode())
        for token in ("ا,ب\n", '"', '""', ",", "\n", '"ا\n', "'", ";", "\t", "\0", "ا" * 50, '","', "|")
    ],
    ".xml": [
        *((token, _feed) for token in (
            _ITEM, "<item/>", "<item>", "<title>", "&amp;", "<!-- -->", "<![CDATA[ا]]>", "<?a b?>", "<a:b/>", "<item><description>",
        )),
        *((token, _export) for token in (_POST, "<wp:a/>", "<item><wp:meta/></item>", "<wp:category><wp:a>ا</wp:a></wp:category>")),
        *((token, lambda repeated: f"<urlset>{repeated}</urlset>".encode())
          for token in ("<url><loc>http://a.example/1</loc></url>", "<url>", "<loc>x</loc>")),
    ],
    ".warc": [
        (token, _record)
        for token in ("X: y\r\n", " z\r\n", "X\r\n", ":\r\n", "WARC-Date: 2024-01-01T00:00:00Z\r\n", "\t\r\n", "é: y\r\n", "X:", "a",
                      "Content-Type: a;b=c;\r\n", "Content-Length: 1\r\n", "WARC/1.0\r\n")
    ],
}  # fmt: skip
"""The same of collections."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The sizes of the files of one input, in characters, and the processor time of each in seconds."""

    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """The power of the size with which the time grows, up to the size that takes longest: larger ones are refused.

        0 for what never takes long enough to tell.
        """
        longest = max(range(len(self.seconds)), key=self.seconds.__getitem__)
        return math.log2(self.seconds[longest] / self.seconds[0]) / longest if longest else 0.0


def taken_in(data: bytes, kind: str) -> None:
    """Read and parse a document, and cut its articles into passages."""
    try:
        page = read(data, kind)
        articles = parse(page.text, "x", page.said)
    except (NoTextError, ParseError):
        return
    for article in articles:
        chunks(article, lambda texts: [1 + len(text) // 4 for text in texts])


def split(data: bytes, kind: str) -> None:
    """Read the entries of a collection."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"x{kind}")
        path.write_bytes(data)
        with suppress(NoTextError):
            for _ in entries(path, {}):
                pass


def seconds(does: Callable[[], object], runs: int = 2) -> float:
    """The processor time of the quickest of some runs, without the collector of what others left: it takes as long as
    there is much of that."""
    found = []
    collects = gc.isenabled()
    gc.disable()
    try:
        for _ in range(runs):
            began = time.process_time()
            does()
            found.append(time.process_time() - began)
    finally:
        if collects:
            gc.enable()
    return min(found)


def growth(
    make: Callable[[int], T], does: Callable[[T], object], size: int = _SMALLEST, runs: int = 1
) -> Growth:
    """The growth of the time of what is done with things of a size, from the first that takes long enough to tell.

    To make them takes no part in it.
    """

    def took(size: int, runs: int) -> float:
        made = make(size)
        return seconds(lambda: does(made), runs)

    while (first := took(size, 2)) < _LEAST and size < _LARGEST:
        size *= 2
    if first < _LEAST:
        return Growth((size,), (first,))
    sizes = tuple(size * 2**step for step in range(DOUBLINGS + 1))
    return Growth(sizes, (first, *(took(each, runs) for each in sizes[1:])))


def of_input(kind: str, token: str, make: Make, runs: int = 1) -> Growth:
    """The growth of the time of files in which something is repeated."""
    does = split if kind in COLLECTED else taken_in
    return growth(lambda size: make(token * (size // len(token))), lambda data: does(data, kind), runs=runs)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument(
        "kinds", nargs="*", choices=[[], *INPUTS, *COLLECTED], help="suffixes of formats; all without any"
    )
    tried = INPUTS | COLLECTED
    for kind in parser.parse_args().kinds or tried:
        for token, make in tried[kind]:
            found = of_input(kind, token, make)
            times = "  ".join(
                f"{size // 1000:>5}k {took:6.3f} s"
                for size, took in zip(found.sizes, found.seconds, strict=True)
            )
            print(f"{kind:6} {found.exponent:5.2f}  {times}  {token[:50]!r}", flush=True)


if __name__ == "__main__":
    main()
