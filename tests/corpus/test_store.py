"""The archive: versions that stay, passages that keep in step, and files that are not archives."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from corpus import arabic
from corpus.article import Article, Block, Chunk, Dropped, Published, Span
from corpus.store import (
    AmbiguousArticleError,
    Archive,
    ArchiveBusyError,
    ArchiveDamagedError,
    ArchiveError,
    ArchiveNewerError,
    ArchiveUnusableError,
    ArticleNotFoundError,
    Filter,
    InconsistentArticleError,
    QuerySyntaxError,
)

BRIDGE = "افتتحت البلدية جسر النهر الجديد يوم الإثنين. وقال المهندس إن العمل استغرق 14 شهرا."
MARKET = "أعادت المدينة القديمة فتح سوقها المسقوف. وعاد التجار إلى محالهم بعد الترميم."
HARVEST = "بدأ موسم حصاد القمح في السهل الشرقي. وتوقعت المديرية محصولا أوفر من العام الماضي."


def article(body: str, source: str = "a.txt", **details: object) -> Article:
    said = Article(
        source=source,
        title="عنوان الخبر",
        body=body,
        publisher="صحيفة السهل",
        site="sahl.example",
        place="المدينة",
        published=Published("2026-02-09", "day", "٩ شباط ٢٠٢٦"),
        blocks=(Block(0, len(body), "paragraph"),),
        kept=(Span(12, 12 + len(body)),),
        dropped=(Dropped(0, 12, "share"),),
    )
    return replace(said, **details)  # type: ignore[arg-type]


def text_of(said: Article) -> str:
    return "شارك الخبر:\n" + said.body


def cut(said: Article) -> list[Chunk]:
    """A sentence a chunk."""
    return [Chunk(said.id, span.start, span.end, (span,)) for span in arabic.sentences(said.body)]


def add(archive: Archive, said: Article, **more: object) -> str:
    text = text_of(said)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return archive.add_file(said.source, digest, text, [said], cut, **more).status  # type: ignore[arg-type]


def found(archive: Archive, word: str, where: Filter | None = None) -> list[str]:
    """The article of each passage that holds a word."""
    return [id.split(":")[0] for id, _ in archive.match(f'{{words stems}} : ("{word}")', 100, where)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "data" / "archive.sqlite") as opened:
        yield opened


# What comes back


def test_an_article_comes_back_as_it_was_said(archive: Archive) -> None:
    said = article(BRIDGE, url="https://sahl.example/1")
    assert add(archive, said) == "added"
    stored = archive.article(said.id)
    assert replace(stored, ingested=None) == said
    assert stored.ingested is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", stored.ingested)
    assert archive.articles() == [stored]
    assert archive.articles_by_id([said.id, "no such id"]) == {said.id: stored}
    assert archive.file_text("a.txt") == text_of(said)
    assert archive.publishers() == {"صحيفة السهل": 1}


def test_chunks_come_back_in_the_order_asked_for(archive: Archive) -> None:
    said = article(BRIDGE)
    add(archive, said)
    chunks = cut(said)
    assert archive.chunks([chunks[1].id, "gone:0-1", chunks[0].id]) == [chunks[1], chunks[0]]
    assert archive.chunks([chunk.id for chunk in chunks]) == chunks
    assert archive.chunk_ids() == {chunk.id for chunk in chunks}
    assert archive.size() == 2


def test_an_article_is_named_by_id_by_its_beginning_by_source_and_by_title(archive: Archive) -> None:
    bridge, market = article(BRIDGE), article(MARKET, "b.txt", title="سوق المدينة")
    add(archive, bridge)
    add(archive, market)
    for ref in (market.id, market.id[:4], "b.txt", "سوق المدينة", " b.txt\n"):
        assert archive.article(ref).id == market.id
    for ref in ("c.txt", "سوق", "", market.id[:3], "g" * 16, "%", market.id[:4] + "%"):
        with pytest.raises(ArticleNotFoundError, match="give an id"):
            archive.article(ref)


def test_a_name_of_several_articles_is_refused_with_their_ids(archive: Archive) -> None:
    bridge, market = article(BRIDGE), article(MARKET, "b.txt")
    add(archive, bridge)
    add(archive, market)
    with pytest.raises(AmbiguousArticleError) as caught:
        archive.article("عنوان الخبر")
    assert bridge.id in str(caught.value)
    assert market.id in str(caught.value)
    assert isinstance(caught.value, LookupError)


def test_a_source_of_two_articles_names_its_first(archive: Archive) -> None:
    first, glued = article(BRIDGE, kept=()), article(MARKET, part=1, kept=())
    archive.add_file("a.txt", "d", BRIDGE + MARKET, [first, glued], cut)
    assert archive.article("a.txt").id == first.id
    assert [said.id for said in archive.articles()] == [first.id, glued.id]


# Versions


def test_the_same_file_again_writes_nothing(archive: Archive) -> None:
    add(archive, article(BRIDGE), path=Path("/in/a.txt"))
    before = archive.generation()
    with Database(archive.path) as db:
        version = db.execute("pragma data_version").fetchone()
        assert add(archive, article(BRIDGE), path=Path("/in/a.txt")) == "unchanged"
        assert db.execute("pragma data_version").fetchone() == version
    assert archive.generation() == before


def test_a_changed_file_is_a_new_version_and_the_old_one_stays_quotable(archive: Archive) -> None:
    old, new = article(BRIDGE), article(BRIDGE.replace("14", "15"))
    add(archive, old)
    before = archive.generation()
    assert add(archive, new) == "changed"
    assert archive.generation() > before
    assert [said.id for said in archive.articles()] == [new.id]
    assert [(said.version, said.current) for said in archive.articles(current=False)] == [
        (1, False),
        (2, True),
    ]

    stored = archive.article(old.id)
    start = stored.body.index("14 شهرا")
    (in_file,) = stored.in_file(Span(start, start + 7))
    assert archive.file_text("a.txt", old.id)[in_file.start : in_file.end] == "14 شهرا"
    assert "15 شهرا" in archive.file_text("a.txt")
    assert found(archive, "14") == []
    assert found(archive, "15") == [new.id]


def test_a_text_that_comes_back_is_the_version_it_was(archive: Archive) -> None:
    old, new = article(BRIDGE), article(MARKET)
    for said in (old, new, old):
        add(archive, said)
    assert [(said.id, said.version, said.current) for said in archive.articles(current=False)] == [
        (old.id, 1, True),
        (new.id, 2, False),
    ]
    assert found(archive, "النهر") == [old.id]
    assert found(archive, "التجار") == []
    assert add(archive, article(HARVEST)) == "changed"
    assert archive.article("a.txt").version == 3


def test_an_article_that_only_moved_in_its_file_keeps_its_id_and_resolves_in_the_new_text(
    archive: Archive,
) -> None:
    old = article(BRIDGE)
    add(archive, old)
    notice = "تنويه: " * 10
    moved = replace(old, kept=(Span(70, 70 + len(BRIDGE)),), dropped=(Dropped(0, 70, "notice"),))
    assert archive.add_file("a.txt", "new", notice + BRIDGE, [moved], cut).status == "changed"
    stored = archive.article(old.id)
    assert (stored.version, stored.kept) == (1, moved.kept)
    (in_file,) = stored.in_file(Span(0, 8))
    assert archive.file_text("a.txt", old.id)[in_file.start : in_file.end] == BRIDGE[:8]


def test_a_removed_file_is_not_found_but_its_quotes_resolve(archive: Archive) -> None:
    said = article(BRIDGE)
    add(archive, said)
    archive.remove_file("a.txt")
    assert archive.sources() == {}
    assert archive.articles() == []
    assert archive.size() == 0
    assert list(archive.vocabulary()) == []
    assert found(archive, "النهر") == []
    assert archive.article(said.id).body == BRIDGE
    assert archive.file_text("a.txt", said.id) == text_of(said)
    with pytest.raises(ArticleNotFoundError):
        archive.file_text("a.txt")
    with pytest.raises(ArticleNotFoundError, match=r"a\.txt"):
        archive.remove_file("a.txt")
    assert add(archive, said) == "added"
    assert archive.article("a.txt").version == 1


def test_a_glued_article_that_is_no_longer_there_goes_out_of_search(archive: Archive) -> None:
    first, glued = article(BRIDGE, kept=()), article(MARKET, part=1, kept=())
    archive.add_file("a.txt", "d1", BRIDGE + MARKET, [first, glued], cut)
    archive.add_file("a.txt", "d2", BRIDGE, [first], cut)
    assert found(archive, "التجار") == []
    assert found(archive, "النهر") == [first.id]
    assert not archive.article(glued.id).current


def test_another_recipe_or_folding_makes_chunks_anew_under_the_same_ids(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = article(BRIDGE)
    add(archive, said, recipe="model one")
    assert add(archive, said, recipe="model one") == "unchanged"

    def whole(given: Article) -> list[Chunk]:
        return [Chunk(given.id, 0, len(given.body), tuple(arabic.sentences(given.body)))]

    digest = archive.sources()["a.txt"]
    assert (
        archive.add_file("a.txt", digest, text_of(said), [said], whole, recipe="model two").status
        == "changed"
    )
    assert archive.chunk_ids() == {f"{said.id}:0-{len(BRIDGE)}"}
    assert archive.frequency(["النهر"]) == {"النهر": 1}

    monkeypatch.setattr(arabic, "VERSION", arabic.VERSION + 1)
    monkeypatch.setattr(arabic, "words", lambda *given: [arabic.Word("غير", "غير", 0, 1)])
    assert (
        archive.add_file("a.txt", digest, text_of(said), [said], whole, recipe="model two").status
        == "changed"
    )
    assert archive.vocabulary() == ["غير"]
    assert (archive.article("a.txt").id, archive.article("a.txt").version) == (said.id, 1)


def test_rechunk_makes_all_passages_anew(archive: Archive) -> None:
    said, other = article(BRIDGE), article(MARKET, "b.txt")
    add(archive, said)
    add(archive, other)
    seen: list[tuple[int, int]] = []
    archive.rechunk(
        lambda given: cut(given)[:1], recipe="smaller", progress=lambda done, of: seen.append((done, of))
    )
    assert archive.chunk_ids() == {cut(said)[0].id, cut(other)[0].id}
    assert found(archive, "المهندس") == []
    assert seen == [(1, 2), (2, 2)]
    assert (
        archive.add_file(
            "a.txt", archive.sources()["a.txt"], text_of(said), [said], cut, recipe="smaller"
        ).status
        == "unchanged"
    )


def test_a_body_that_is_not_in_its_file_is_refused(archive: Archive) -> None:
    said = article(BRIDGE)
    for text, articles in (
        (MARKET, [said]),
        (text_of(said), [said, said]),
        (text_of(said), [replace(said, source="b.txt")]),
    ):
        with pytest.raises(InconsistentArticleError, match=r"a\.txt"):
            archive.add_file("a.txt", "d", text, articles, cut)
    assert archive.articles(current=False) == []
    assert archive.sources() == {}


def test_an_error_in_the_middle_leaves_nothing(archive: Archive) -> None:
    add(archive, article(MARKET))

    def broken(said: Article) -> list[Chunk]:
        raise KeyboardInterrupt

    before = dump(archive.path)
    with pytest.raises(KeyboardInterrupt):
        archive.add_file("a.txt", "new", text_of(article(BRIDGE)), [article(BRIDGE)], broken)
    assert dump(archive.path) == before
    assert add(archive, article(BRIDGE)) == "changed"


# Search


def test_match_ranks_by_bm25_and_ties_by_id(archive: Archive) -> None:
    for name in ("e.txt", "a.txt", "c.txt"):
        add(archive, article("وصل القطار إلى المحطة.", name))
    add(archive, article("القطار القطار القطار.", "d.txt"))
    for number in range(20):
        add(archive, article("لا شيء هنا.", f"{number}.txt"))
    hits = archive.match('words : ("القطار")', 10)
    scores = [score for _, score in hits]
    assert hits[0][0].startswith(archive.article("d.txt").id)
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    assert [id for id, _ in hits[1:]] == sorted(id for id, _ in hits[1:])
    assert len(set(scores[1:])) == 1
    assert archive.match('words : ("القطار")', 2) == hits[:2]
    assert archive.match('words : ("القطار")', 0) == []


def test_stems_find_what_words_do_not(archive: Archive) -> None:
    said = article(MARKET)
    add(archive, said)
    stem = arabic.stem("التجار")
    assert archive.match(f'words : ("{stem}")', 5) == []
    assert len(archive.match(f'stems : ("{stem}")', 5)) == 1


def test_filters_take_publishers_and_dates_with_their_bounds(archive: Archive) -> None:
    days = {
        "jan": Published("2026-01-31", "day"),
        "feb": Published("2026-02-01", "month"),
        "march": Published("2026-03-05", "day"),
        "undated": Published(not_before="2026-02-10"),
    }
    for name, published in days.items():
        publisher = "صحيفة السهل" if name != "march" else "منبر 'الوادي'"
        add(archive, article(BRIDGE, f"{name}.txt", published=published, publisher=publisher))

    def names(where: Filter) -> set[str]:
        return {archive.article(id).source.removesuffix(".txt") for id in found(archive, "النهر", where)}

    assert names(Filter()) == {*days}
    assert names(Filter(since="2026-02-01")) == {"feb", "march"}
    assert names(Filter(until="2026-02-01")) == {"jan", "feb"}
    assert names(Filter(since="2026-01-31", until="2026-01-31")) == {"jan"}
    assert names(Filter(frozenset({"منبر 'الوادي'"}))) == {"march"}
    assert names(Filter(frozenset({"صحيفة السهل", "منبر 'الوادي'"}), until="2026-01-31")) == {"jan"}
    assert names(Filter(frozenset({"لا أحد"}))) == set()


@pytest.mark.parametrize("query", ["(", '"النهر', "title : x", "AND", "a b OR", "don't", '"x" NEAR('])
def test_what_fts5_does_not_understand_is_an_error_of_its_own(archive: Archive, query: str) -> None:
    add(archive, article(BRIDGE))
    with pytest.raises(QuerySyntaxError, match=re.escape(repr(query))):
        archive.match(query, 5)


def test_an_empty_query_finds_nothing(archive: Archive) -> None:
    add(archive, article(BRIDGE))
    assert archive.match("", 5) == archive.match("  ", 5) == []


def test_a_word_is_not_cut_again_by_the_index(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = ["2.5", "c++", "don't", 'q"q', "λόγος", "a_b", "ẞ", "ﷺ", "١"]
    monkeypatch.setattr(arabic, "words", lambda *given: [arabic.Word(word, f"{word}/", 0, 1) for word in odd])
    said = article("نص.")
    add(archive, said)
    for word in odd:
        quoted = word.replace('"', '""')
        assert archive.match(f'words : ("{quoted}") AND stems : ("{quoted}/")', 5)
    assert set(archive.vocabulary()) == set(odd)
    assert archive.match('words : ("c") OR words : ("2")', 5) == []


def test_frequency_counts_chunks_not_occurrences(archive: Archive) -> None:
    add(archive, article("القطار قطار القطار. محطة القطار. لا شيء."))
    stem = arabic.stem("القطار")
    assert archive.frequency(["القطار", stem, "ال", "غائب"]) == {"القطار": 2, stem: 2, "ال": 0, "غائب": 0}
    assert archive.frequency([]) == {}


Step = tuple[str, int | None]
BODIES = (BRIDGE, MARKET, HARVEST, "١٤.", "!!", "القطار قطار. القطار.")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.integers(0, len(BODIES) - 1)), max_size=12))
def test_whatever_comes_and_goes_search_holds_the_current_and_the_archive_all(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    now: dict[str, Article] = {}
    ever: dict[str, Article] = {}
    with Archive(tmp_path_factory.mktemp("archive") / "archive.sqlite") as archive:
        for source, body in steps:
            if body is not None:
                now[source] = article(BODIES[body], source)
                ever[now[source].id] = now[source]
                add(archive, now[source])
            elif now.pop(source, None):
                archive.remove_file(source)
        assert {said.id for said in archive.articles()} == {said.id for said in now.values()}
        for id, said in ever.items():
            stored = archive.article(id)
            assert stored.body == said.body
            text = archive.file_text(said.source, id)
            assert "".join(text[span.start : span.end] for span in stored.kept) == said.body
        chunks = [chunk for said in now.values() for chunk in cut(said)]
        assert archive.chunk_ids() == {chunk.id for chunk in chunks}
        check_search(archive, {chunk.id: said for said in now.values() for chunk in cut(said)})
        for source in "ab":
            versions = [said.version for said in archive.articles(current=False) if said.source == source]
            assert versions == list(range(1, len(versions) + 1))


def check_search(archive: Archive, current: dict[str, Article]) -> None:
    """FTS5 and the counts hold the words of the current chunks and nothing else."""
    words: dict[str, set[str]] = {}
    terms: dict[str, set[str]] = {}
    for chunk in archive.chunks(sorted(archive.chunk_ids())):
        for span in chunk.sentences:
            for word in arabic.words(current[chunk.id].body, span.start, span.end):
                words.setdefault(word.text, set()).add(chunk.id)
                terms.setdefault(word.text, set()).add(chunk.id)
                terms.setdefault(word.stem, set()).add(chunk.id)
    assert archive.vocabulary() == sorted(words)
    assert archive.frequency([*terms]) == {term: len(chunks) for term, chunks in terms.items()}
    for term, chunks in terms.items():
        assert {id for id, _ in archive.match(f'{{words stems}} : ("{term}")', 1000)} == chunks
    with Database(archive.path) as db:
        db.execute("insert into search(search) values ('integrity-check')")
        db.execute("create virtual table temp.counted using fts5vocab('main', 'search', 'row')")
        assert dict(db.execute("select term, doc from counted")) == dict(
            db.execute("select term, chunks from terms")
        )


# Threads and processes


def test_readers_in_other_threads_see_whole_files_while_one_writes(archive: Archive) -> None:
    pair = [article(BRIDGE, kept=()), article(MARKET, part=1, kept=())]
    other = [article(HARVEST, kept=()), article(BRIDGE, part=1, kept=())]
    archive.add_file("a.txt", "0", "0", pair, cut)
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(len(archive.articles()))
            archive.match('words : ("النهر")', 5)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 30):
        archive.add_file("a.txt", str(number), str(number), other if number % 2 else pair, cut)
    done.set()
    for reader in readers:
        reader.join()
    assert len(seen) > 3
    assert set(seen) == {2}


def test_two_threads_that_write_take_turns(archive: Archive) -> None:
    def write(name: str) -> None:
        for number in range(15):
            add(archive, article(f"{BRIDGE} {number}.", f"{name}{number}.txt"))

    writers = [threading.Thread(target=write, args=[name]) for name in "xy"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(archive.articles()) == 30
    assert archive.generation() == 30


def test_connections_of_threads_that_ended_are_closed(archive: Archive) -> None:
    before = _open_files(archive.path)
    for _ in range(20):
        thread = threading.Thread(target=archive.size)
        thread.start()
        thread.join()
    assert _open_files(archive.path) - before <= 3


def _open_files(path: Path) -> int:
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    return sum(os.readlink(link).startswith(str(path)) for link in links if os.path.islink(link))


def test_a_second_process_that_writes_waits_or_is_told(archive: Archive) -> None:
    code = (
        "import sys; from pathlib import Path; from corpus.store import Archive, ArchiveBusyError\n"
        "with Archive(Path(sys.argv[1])) as archive:\n"
        "    try:\n"
        "        with archive.lock(wait=float(sys.argv[2])): print('in')\n"
        "    except ArchiveBusyError as error: print(error)\n"
        "    print(archive.size())\n"
    )

    def other(wait: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, str(archive.path), str(wait)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    add(archive, article(BRIDGE))
    with archive.lock():
        told, _ = other(0.1).communicate(timeout=30)
        waiting = other(30)
        time.sleep(0.3)
    came, _ = waiting.communicate(timeout=30)
    assert "another musnad is writing" in told
    assert told.endswith("2\n")  # reading went on
    assert came == "in\n2\n"


def test_a_second_thread_is_told_too(archive: Archive) -> None:
    told: list[Exception] = []

    def write() -> None:
        try:
            with archive.lock(wait=0.05):
                pass
        except ArchiveError as error:
            told.append(error)

    with archive.lock(), archive.lock():  # the thread that holds it may take it again
        add(archive, article(BRIDGE))
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert [type(error) for error in told] == [ArchiveBusyError]
    with archive.lock(wait=0.05):
        pass


def test_several_processes_may_make_the_archive_at_once(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    code = (
        "import sys; from pathlib import Path; from corpus.store import Archive\n"
        "print(Archive(Path(sys.argv[1])).size())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate(timeout=60)[0] for process in started] == ["0\n"] * 4


# Files that are no archives


def newer(path: Path) -> None:
    with Archive(path):
        pass
    with Database(path) as db:
        db.table("_sqlite_migrations").insert(
            {"migration_set": "musnad.archive", "name": "from the future", "applied_at": "2030"}
        )


def torn(path: Path) -> None:
    with Archive(path) as archive:
        for number in range(30):
            add(archive, article(f"{BRIDGE} {number}.", f"{number}.txt"))
    data = bytearray(path.read_bytes())
    data[4096:-1] = b"\xaa" * (len(data) - 4097)
    path.write_bytes(data)


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table books (title text)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (newer, ArchiveNewerError, "newer musnad: update"),
        (lambda path: path.write_text("ليس قاعدة بيانات " * 100), ArchiveDamagedError, "put it aside"),
        (torn, ArchiveDamagedError, "put it aside"),
        (foreign, ArchiveDamagedError, "not an archive of musnad"),
        (Path.mkdir, ArchiveUnusableError, "is a folder"),
    ],
)
def test_a_file_that_is_no_archive_is_named_and_left_alone(
    tmp_path: Path, make: Callable[[Path], object], error: type[ArchiveError], said: str
) -> None:
    path = tmp_path / "archive.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error, match=said) as caught, Archive(path) as archive:
        archive.articles()
    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveUnusableError, match="cannot be made"):
        Archive(tmp_path / "file" / "archive.sqlite")


def test_a_folder_that_is_read_only_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("root may write everywhere")
    try:
        with pytest.raises(ArchiveUnusableError, match="writable"):
            Archive(tmp_path / "archive.sqlite")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_is_named_and_nothing_is_lost(archive: Archive) -> None:
    add(archive, article(MARKET))
    with archive._connections.reading() as db:  # the disk, as SQLite sees it
        pages = db.execute("pragma page_count").fetchone()[0]
        db.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(ArchiveUnusableError, match="full"):
        add(archive, article(BRIDGE * 200, "b.txt"))
    assert list(archive.sources()) == ["a.txt"]


def test_a_closed_archive_says_so(archive: Archive) -> None:
    archive.close()
    with pytest.raises(ArchiveUnusableError, match="closed"):
        archive.size()


def dump(path: Path) -> list[object]:
    """All that the tables say."""
    with Database(path) as db:
        return [
            json.dumps([sorted(map(repr, db.table(name).rows))], ensure_ascii=False)
            for name in ("files", "sources", "articles", "chunks", "search", "terms", "state")
        ]
