"""Any bytes in any format are articles or a reason: noise, broken files, markup put together at random.

``make fuzz`` tries many more of them than the tests do.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.chunk import chunks
from corpus.decode import NoTextError
from corpus.ingest import ingest
from corpus.parse import KINDS, ParseError, parse, read
from corpus.parse.page import is_whole
from corpus.store import Archive
from tests.bench.growth import COLLECTED, INPUTS, split
from tests.bench.hostile_files import docx, pdf
from tests.corpus.pages import FUND, HOURS, LEDE, TITLE, article
from tests.corpus.test_parse_mhtml import part, saved
from tests.office.others import epub, odt, rtf, tp

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
tried = settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

_STYLED = article(
    LEDE, "<p class=x>ا<sup><a href='#a'>1</a></sup></p>", FUND, head="<style>.x > b{display:none}</style>"
)
_WORD = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in (TITLE, LEDE, HOURS))
WHOLE = {
    ".txt": "\n\n".join((TITLE, LEDE, HOURS)).encode(),
    ".html": _STYLED.encode(),
    ".mhtml": saved(part(_STYLED.encode(), "text/html; charset=utf-8"), part(b"\0", "image/png", "base64")),
    ".docx": docx(_WORD),
    ".md": f"---\ntitle: {TITLE}\n---\n\n# {TITLE}\n\n{LEDE}\n\n{HOURS}\n".encode(),
    ".odt": odt(tp(TITLE) + tp(LEDE) + tp(HOURS)),
    ".rtf": rtf("".join(f"{each}\\par " for each in (TITLE, LEDE, HOURS))),
    ".epub": epub([f"<h1>{TITLE}</h1><p>{LEDE}</p><p>{HOURS}</p>"]),
    ".pdf": pdf(b"BT /F 9 Tf 9 9 Td (one two three) Tj ET"),
}
SOUP = {kind: sorted({token for token, _ in inputs}) for kind, inputs in INPUTS.items()}
NAMES = sorted(WHOLE)


def taken(data: bytes, kind: str) -> None:
    """Read and parse a file, and hold what comes of it to what is promised of articles."""
    try:
        page = read(data, kind)
        articles = parse(page.text, "x", page.said)
    except (NoTextError, ParseError):
        return
    for found in articles:
        assert found.body == "".join(page.text[span.start : span.end] for span in found.kept)
        covered = sorted(
            [(span.start, span.end) for span in found.kept]
            + [(span.start, span.end) for span in found.dropped]
        )
        assert [start for start, _ in covered] == [0, *(end for _, end in covered[:-1])]
        assert covered[-1][1] == len(page.text)
        for chunk in chunks(found, lambda texts: [1 + len(text) // 4 for text in texts]):
            assert 0 <= chunk.start < chunk.end <= len(found.body)
        for said in (found.title, found.body, found.publisher, found.url, found.published.evidence):
            assert is_whole(said or "")


def test_every_format_is_tried() -> None:
    same = {".htm": ".html", ".mht": ".mhtml", ".docm": ".docx", ".doc": ".docx", ".fodt": ".odt"}
    same[".markdown"] = ".md"
    assert {same.get(kind, kind) for kind in KINDS} == set(WHOLE) == set(SOUP)
    for kind in set(WHOLE) - {".pdf"}:
        assert TITLE in read(WHOLE[kind], kind).text


@pytest.mark.parametrize("kind", NAMES)
@given(st.binary(max_size=2000))
@tried
def test_noise(kind: str, data: bytes) -> None:
    taken(data, kind)


@pytest.mark.parametrize("kind", NAMES)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 200), st.binary(max_size=20)), min_size=1, max_size=4)
)
@tried
def test_broken_files(kind: str, edits: list[tuple[float, int, bytes]]) -> None:
    data = WHOLE[kind]
    for place, length, put in edits:
        at = int(place * len(data))
        data = data[:at] + put + data[at + length :]
    taken(data, kind)


@pytest.mark.parametrize("kind", NAMES)
@given(st.data())
@tried
def test_soup(kind: str, data: st.DataObject) -> None:
    token = st.sampled_from([*SOUP[kind], LEDE, HOURS, "ا ", "\n\n"])
    tokens = data.draw(st.lists(st.tuples(token, st.integers(1, 4)), max_size=30))
    soup = "".join(each * count for each, count in tokens)
    make = data.draw(st.sampled_from([make for _, make in INPUTS[kind]]))
    taken(make(soup), kind)


COLLECTIONS = {kind: [make(token * 3) for token, make in inputs] for kind, inputs in COLLECTED.items()}


@pytest.mark.parametrize("kind", sorted(COLLECTIONS))
@given(st.binary(max_size=2000))
@tried
def test_noise_for_a_collection(kind: str, data: bytes) -> None:
    split(data, kind)


@pytest.mark.parametrize("kind", sorted(COLLECTIONS))
@given(
    st.data(), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 200), st.binary(max_size=20)), max_size=4)
)
@tried
def test_broken_collections(kind: str, data: st.DataObject, edits: list[tuple[float, int, bytes]]) -> None:
    whole = data.draw(st.sampled_from(COLLECTIONS[kind]))
    for place, length, put in edits:
        at = int(place * len(whole))
        whole = whole[:at] + put + whole[at + length :]
    split(whole, kind)


HALF = "\\ud800"
FIELDS = {
    "headline": TITLE,
    "publisher": "نشرة القرية",
    "author": "هيئة التحرير",
    "datePublished": "2026-02-10",
    "dateModified": "2026-02-10",
    "url": "https://daffa.example/1",
    "mainEntityOfPage": "https://daffa.example/2",
}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *((kind, field) for kind in (".html", ".mhtml") for field in (*FIELDS, "everything", "text")),
        (".txt", "text"),
    ],
)
def test_half_of_a_surrogate_pair_ends_no_run(kind: str, field: str, tmp_path: Path) -> None:
    named = {each: value + HALF for each, value in FIELDS.items() if field in (each, "everything")}
    linked = json.dumps({"@type": "NewsArticle", **named}).replace(r"\\u", r"\u")
    body = LEDE + ("\ud800" if field == "text" else "")
    page = article(body, HOURS, head=f"<script type='application/ld+json'>{linked}</script>")
    data = page.encode("utf-8", "surrogatepass")
    data = saved(part(data, "text/html; charset=utf-8")) if kind == ".mhtml" else data
    data = body.encode("utf-16", "surrogatepass") if kind == ".txt" else data
    (tmp_path / f"a{kind}").write_bytes(data)
    (tmp_path / "b.txt").write_text(f"{TITLE}\n\n{FUND}\n\n{HOURS}", encoding="utf-8")
    with Archive(tmp_path / "archive.sqlite") as archive:
        report = ingest(
            [tmp_path], archive, lambda found: chunks(found, lambda texts: [len(each) // 4 for each in texts])
        )
    added, skipped = set(report.added), {each.source for each in report.skipped}
    assert "b.txt" in added
    assert f"a{kind}" in (skipped if field == "text" else added)
