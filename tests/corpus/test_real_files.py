"""Files that real programs made of the same two articles: whatever the format, the articles are the same.

The name of each says what made it; docs/formats.md names the formats and the programs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.article import Article, Chunk
from corpus.chunk import chunks
from corpus.decode import Reason
from corpus.ingest import ingest
from corpus.parse import KINDS, read
from corpus.parse.collections import COLLECTIONS
from corpus.store import Archive

FOLDER = Path(__file__).parent / "files"
RIGHT = tomllib.loads((FOLDER / "right.toml").read_text(encoding="utf-8"))
BYLINE, SITE = "موقع موجز مُسنَد", "موجز مُسنَد"

ONE = {
    **dict.fromkeys(["libreoffice.docx", "libreoffice.rtf", "libreoffice.epub", "libreoffice.pdf"], BYLINE),
    **dict.fromkeys(["pandoc.docx", "pandoc.odt", "pandoc.epub", "pandoc.md"], BYLINE),
    **dict.fromkeys(["chromium.pdf", "weasyprint.pdf"], BYLINE),
    **dict.fromkeys(["fmt.txt", "iconv-cp1256.txt", "iconv-iso8859-6.txt", "iconv-utf16.txt"], BYLINE),
    **dict.fromkeys(["chromium.html", "chromium.mhtml"], SITE),
}
"""Files of one article, each with the outlet that it names."""
SHORT = {"libreoffice.pdf", "chromium.pdf", "weasyprint.pdf"}
"""Files of its first and its last paragraph."""
TWO = {
    **dict.fromkeys(
        ["news.json", *(f"news.jsonl.{packed}" for packed in ("gz", "bz2", "xz", "zst"))], BYLINE
    ),
    **dict.fromkeys(["calc.csv", "calc.tsv", "feed.rss", "feed.atom", "wordpress.xml"], BYLINE),
    **dict.fromkeys(["result.json", "messages.html"], BYLINE),
    **dict.fromkeys(["pages.warc.gz", "pages.wacz"], SITE),
}
"""Collections of both articles."""
POSTS = {"result.json", "messages.html"}
"""Collections whose articles have no headline of their own: the first line is of the text, too."""
_MARKER = re.compile(r"^[-•]\s*")


def cut(article: Article) -> list[Chunk]:
    return chunks(article, lambda texts: [len(text.split()) for text in texts])


def articles_of(name: str, archive: Archive) -> list[Article]:
    """Ingest a file and return its articles, the newest first."""
    report = ingest([FOLDER / name], archive, cut)
    assert not report.skipped
    return sorted(archive.articles(), key=lambda each: each.published.date or "", reverse=True)


def said(name: str, article: Article) -> list[str]:
    """Return an article's paragraphs without the signs of a list."""
    found = [_MARKER.sub("", article.body[block.start : block.end]) for block in article.blocks]
    return [" ".join(each.split()) for each in found] if name == "fmt.txt" else found


def right(name: str, which: str) -> list[str]:
    paragraphs: Sequence[str] = RIGHT[which]["paragraphs"]
    if name in SHORT:
        paragraphs = [paragraphs[0], paragraphs[-1]]
    if "iso8859-6" in name:  # which has no such quotation marks
        paragraphs = [each.translate(str.maketrans("«»", '""')) for each in paragraphs]
    return [*([RIGHT[which]["title"]] if name in POSTS else []), *paragraphs]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive.sqlite")


@pytest.mark.parametrize(
    ("name", "outlet", "which"),
    [
        *((name, outlet, ["statement"]) for name, outlet in ONE.items()),
        *((name, outlet, ["statement", "white-house"]) for name, outlet in TWO.items()),
    ],
)
def test_headline_outlet_date_and_paragraphs_are_those_of_the_article(
    name: str, outlet: str, which: list[str], archive: Archive
) -> None:
    with archive:
        found = articles_of(name, archive)
    for article, expected in zip(found, which, strict=True):
        assert article.title == RIGHT[expected]["title"]
        assert article.publisher == outlet
        assert (article.published.date, article.published.precision) == (RIGHT[expected]["published"], "day")
        assert said(name, article) == right(name, expected)


def test_a_pdf_may_begin_behind_what_a_server_said() -> None:
    data = (FOLDER / "chromium.pdf").read_bytes()
    assert read(b"HTTP/1.1 200 OK\r\n\r\n" + data, ".pdf") == read(data, ".pdf")


def test_an_old_word_file_is_refused_with_what_to_do(archive: Archive) -> None:
    with archive:
        [skipped] = ingest([FOLDER / "libreoffice.doc"], archive, cut).skipped
    assert skipped.reason is Reason.UNSUPPORTED
    assert "save it as .docx" in skipped.detail


def test_every_format_is_in_the_table_of_formats() -> None:
    table = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    assert not [suffix for suffix in KINDS | COLLECTIONS if f"`{suffix}`" not in table]
