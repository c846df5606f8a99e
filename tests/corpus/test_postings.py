"""Ranking by packed words: the same passages, scores and order as FTS5's own bm25()."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import arabic
from corpus.article import Article, Chunk, Published
from corpus.store import Archive, Filter, passages, postings
from corpus.store.migrations import migrations

LETTERS = "بتثجحخدذ"
WORDS = [f"{first}ا{second}ر" for first in LETTERS for second in LETTERS][:40]
"""Invented words, of which the first are in most passages of the texts below and the last in few."""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.sqlite") as opened:
        yield opened


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a few passages are in blocks of every size, and some in none."""
    monkeypatch.setattr(postings, "BLOCK", 3)
    monkeypatch.setattr(postings, "FACTOR", 2)
    monkeypatch.setattr(postings, "LARGEST", 12)
    monkeypatch.setattr(passages, "FEW", 20)


def cut(said: Article) -> list[Chunk]:
    """A sentence a chunk."""
    return [Chunk(said.id, span.start, span.end, (span,)) for span in arabic.sentences(said.body)]


def put(archive: Archive, source: str, body: str) -> None:
    day = f"2026-01-{1 + len(body) % 28:02}"
    said = Article(
        source=source,
        part=0,
        title="",
        body=body,
        publisher=f"صحيفة {len(body) % 3}",
        published=Published(day, "day"),
        blocks=(),
        kept=(),
    )
    archive.add_file(source, hashlib.sha256(body.encode()).hexdigest(), "", [said], cut)


def body(draw: random.Random) -> str:
    sentences = (
        " ".join(WORDS[int(len(WORDS) * draw.random() ** 3)] for _ in range(draw.randint(2, 12)))
        for _ in range(draw.randint(1, 4))
    )
    return ". ".join(sentences) + "."


def check(archive: Archive, draw: random.Random) -> None:
    """Ask both for the same, and want the same of both."""
    days = sorted(f"2026-01-{draw.randint(1, 28):02}" for _ in range(2))
    filters = (None, Filter(publishers=frozenset({"صحيفة 1"})), Filter(since=days[0], until=days[1]))
    for where in filters:
        for limit in (1, 4, 50):
            words = draw.sample([*WORDS, "غائب"], draw.randint(1, 5))
            stems = [arabic.stem(word) for word in words[1:]]
            sought = " OR ".join(
                f"{column} : ({' OR '.join(terms)})"
                for column, terms in (("words", words), ("stems", stems))
                if terms
            )
            assert archive.best(words, stems, limit, where) == archive.match(sought, limit, where)


@pytest.mark.usefixtures("small_blocks")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=40), st.integers(0, 2**32))
def test_whatever_comes_and_goes_the_best_are_those_of_fts5(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, bool]], seed: int
) -> None:
    draw = random.Random(seed)
    with Archive(tmp_path_factory.mktemp("archive") / "archive.sqlite") as archive:
        held: set[str] = set()
        for number, comes in steps:
            source = f"{number}.txt"
            if comes or source not in held:
                put(archive, source, body(draw))
                held.add(source)
            else:
                archive.remove_file(source)
                held.remove(source)
        check(archive, draw)


@pytest.mark.usefixtures("small_blocks")
def test_the_best_of_many_passages_are_those_of_fts5(archive: Archive) -> None:
    draw = random.Random(3)
    for number in range(120):
        put(archive, f"{number}.txt", body(draw))
    for _ in range(10):
        check(archive, draw)
    with sqlite3.connect(archive.path) as db:
        sizes = {last - first + 1 for first, last in db.execute("select first, last from blocks")}
    assert sizes >= {6, 12}


@pytest.mark.usefixtures("small_blocks")
def test_passages_made_anew_leave_no_worn_blocks(archive: Archive) -> None:
    draw = random.Random(4)
    for number in range(30):
        put(archive, f"{number}.txt", body(draw))
    for _ in range(3):
        archive.rechunk(cut)
        check(archive, draw)
    with sqlite3.connect(archive.path) as db:
        held = db.execute("select sum(size) from blocks").fetchone()[0]
    assert held <= 3 * archive.size()


def test_a_repeated_word_counts_as_often_as_it_stands_there(archive: Archive) -> None:
    put(archive, "a.txt", "القطار القطار القطار يصل.")
    put(archive, "b.txt", "القطار يصل إلى المحطة.")
    for number in range(10):
        put(archive, f"{number}.txt", "لا شيء هنا.")
    assert archive.best(["القطار"], [], 5) == archive.match('words : ("القطار")', 5)
    assert archive.best(["القطار"], [], 0) == archive.best(["غائب"], [], 5) == archive.best([], [], 5) == []


@pytest.mark.usefixtures("small_blocks")
def test_an_archive_from_before_is_packed_when_it_is_opened(archive: Archive) -> None:
    draw = random.Random(5)
    for number in range(40):
        put(archive, f"{number}.txt", body(draw))
    archive.close()
    with sqlite3.connect(archive.path) as db:
        db.execute("drop table postings")
        db.execute("drop table blocks")
        db.execute("alter table terms drop column stems")
        db.execute("delete from state where key = 'passages'")
        db.execute(f"delete from {migrations.migrations_table} where name = 'postings'")
    with Archive(archive.path) as opened:
        check(opened, draw)
        with sqlite3.connect(archive.path) as db:
            assert db.execute("select count(*) from blocks where last - first + 1 = 12").fetchone()[0] > 1
