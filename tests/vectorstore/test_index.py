"""The index over a real archive, a real Chroma and, where meaning matters, the real model."""

from __future__ import annotations

import copy
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.arabic import words
from corpus.article import Article, Block, Published, Span
from corpus.chunk import chunks
from corpus.store import Archive, Filter
from tests.conftest import CHROMA
from vectorstore import dense as module
from vectorstore.embed import Embedded, Embedder, Passage
from vectorstore.errors import IndexBusyError, IndexDamagedError, RecipeMismatchError
from vectorstore.index import Index, IndexState, Synced

pytestmark = pytest.mark.usefixtures("place")
in_a_folder = pytest.mark.parametrize("place", ["folder"], indirect=True)

BRIDGE = "افتتحت البلدية الجسر المعلق فوق النهر صباح السبت.\nويبلغ طول الجسر أربعمئة متر، وكلف ستة ملايين."
LIBRARY = "تضم المكتبة العامة ثلاثين ألف كتاب.\nويستعير الأطفال الكتب منها مجانا كل خميس."
HARVEST = "توقعت وزارة الزراعة محصولا وفيرا من القمح بعد الأمطار الغزيرة.\nوقال المزارعون إن الأسعار ستنخفض."
MUSEUM = "سرق لصوص تمثالا صغيرا من المتحف الوطني ليلا.\nوعثرت عليه الشرطة بعد يومين قرب الحدود."


class WordEmbedder(Embedder):
    """Vectors from words alone, at no cost: for what does not turn on meaning."""

    name = "words"
    dimension = 64

    def __init__(self) -> None:
        self.recipe = {"model": "words", "digest": "1"}
        self.embedded = 0

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vector(text) for text in texts])

    def passages(self, passages: Sequence[Passage], progress: object = None) -> list[Embedded]:
        self.embedded += len(passages)
        return [
            Embedded(
                self._vector(each.text),
                np.stack([self._vector(each.text[span.start : span.end]) for span in each.sentences]),
            )
            for each in passages
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(self.dimension, 0.01, dtype=np.float32)
        for word in words(text):
            vector[hashlib.sha256(word.stem.encode()).digest()[0] % self.dimension] += 1
        unit: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
        return unit


def article(
    source: str, body: str, *, title: str = "خبر", publisher: str | None = None, published: str | None = None
) -> Article:
    lines = body.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    return Article(
        source=source,
        title=title,
        body=body,
        publisher=publisher,
        published=Published(published, "day" if published else None),
        blocks=tuple(
            Block(start, start + len(line), "paragraph") for start, line in zip(starts, lines, strict=True)
        ),
        kept=(Span(0, len(body)),),
    )


def put(archive: Archive, embedder: Embedder, *articles: Article) -> None:
    for each in articles:
        digest = hashlib.sha256(each.body.encode()).hexdigest()
        archive.add_file(
            each.source, digest, each.body, [each], partial(chunks, count_tokens=embedder.count_tokens)
        )


def four() -> list[Article]:
    return [
        article("bridge", BRIDGE, publisher="وكالة النهر", published="2025-03-01"),
        article("library", LIBRARY, publisher="جريدة المدينة", published="2025-06-15"),
        article("harvest", HARVEST, publisher="وكالة النهر", published="2026-01-10"),
        article("museum", MUSEUM, publisher="وكالة النهر"),
    ]


def many(count: int) -> list[Article]:
    return [
        article(f"note {n}", f"ملاحظة رقم {n} عن المحطة {n * 7}.\nكتبها الحارس {n}.") for n in range(count)
    ]


@contextmanager
def opened(folder: Path, embedder: Embedder) -> Iterator[tuple[Archive, Index]]:
    """Yield an archive and its index, with its vectors at the place under test."""
    with (
        Archive(folder / "archive.sqlite") as archive,
        Index(folder, archive, embedder, chroma_url=os.environ.get(CHROMA)) as index,
    ):
        yield archive, index


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, place: str | None) -> Iterator[Index]:
    """Four articles behind the real model."""
    with opened(tmp_path_factory.mktemp("news"), embedder) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        yield index


ROOT = Path(__file__).parents[2]


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program in another process, with the vectors at the place under test."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, env=environment, check=False)


def first(index: Index, question: str, where: Filter | None = None) -> str:
    return index.search(question, 1, where)[0].article.source


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("كم يبلغ طول الجسر؟", "bridge"),
        ("كم كتابا في المكتبة العامة؟", "library"),
        ("أين وجد رجال الأمن التمثال؟", "museum"),
        ("هل سيكون الحصاد جيدا هذه السنة؟", "harvest"),
        ("Who stole the statue from the museum?", "museum"),
    ],
)
def test_the_passage_that_answers_comes_first(news: Index, question: str, source: str) -> None:
    assert first(news, question) == source


def test_a_hit_says_what_spoke_for_it(news: Index, embedder: Embedder) -> None:
    found = news.find("كم كلف بناء الجسر المعلق؟", 4)
    best, *others = found.hits
    assert best.text == BRIDGE
    assert best.article.body[best.chunk.start : best.chunk.end] == best.text
    assert best.lexical == 1.0
    assert best.bm25 > 0
    assert len(best.sentence_cosines) == len(best.chunk.sentences) == 2
    assert best.sentence_cosines[1] > max(cosine for hit in others for cosine in hit.sentence_cosines)
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    assert all(hit.lexical == 0 for hit in others if hit.bm25 == 0)
    assert list(found.timings_ms) == ["encode", "dense", "lexical", "fuse", "read"]
    assert all(took >= 0 for took in found.timings_ms.values())
    # The question's vector may be used again, and gives the same.
    again = news.find("كم كلف بناء الجسر المعلق؟", 4, vector=found.vector)
    assert again.hits == found.hits
    assert np.allclose(found.vector, embedder.queries(["كم كلف بناء الجسر المعلق؟"])[0], atol=1e-3)


def test_filters_on_outlet_and_date(news: Index) -> None:
    def sources(where: Filter) -> set[str]:
        return {
            hit.article.source for hit in news.search("متى حدث هذا في الجسر أو المكتبة أو المتحف؟", 10, where)
        }

    assert sources(Filter()) == {"bridge", "library", "harvest", "museum"}
    assert sources(Filter(publishers=frozenset({"جريدة المدينة"}))) == {"library"}
    assert sources(Filter(since="2025-06-15")) == {"library", "harvest"}
    assert sources(Filter(until="2025-06-15")) == {"bridge", "library"}
    assert sources(Filter(frozenset({"وكالة النهر"}), "2025-01-01", "2025-12-31")) == {"bridge"}
    assert sources(Filter(publishers=frozenset({"لا أحد"}))) == set()


@pytest.mark.parametrize(("limit", "wide"), [(3, 20), (30, 20), (3, 30), (30, 30)])
def test_a_filter_finds_the_nearest_that_pass_it_in_a_large_archive_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, wide: int
) -> None:
    """By comparing all when they are few; by passing over those that do not; by Chroma's own filter at last."""
    embedder, where = WordEmbedder(), Filter(publishers=frozenset({"وكالة النهر"}))
    some = [replace(each, publisher="وكالة النهر" if n % 3 else "جريدة") for n, each in enumerate(many(40))]
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *some)
        index.sync()
        plain = index.search("ملاحظة عن المحطة 77", limit, where)
        monkeypatch.setattr(module, "WIDE", wide)
        found = index.search("ملاحظة عن المحطة 77", limit, where)
        assert [(hit.chunk.id, hit.score) for hit in found] == [(hit.chunk.id, hit.score) for hit in plain]
        assert {hit.article.publisher for hit in found} == {"وكالة النهر"}
        assert len(found) == min(limit, 26)


def test_expansions_reach_the_words_and_leave_the_meaning_alone(news: Index) -> None:
    plain = news.find("harvest forecast", 4)
    wider = news.find("harvest forecast", 4, expansions=["محصول القمح"])
    assert all(hit.bm25 == 0 for hit in plain.hits)
    assert {hit.article.source for hit in wider.hits if hit.bm25 > 0} == {"harvest"}
    assert {hit.chunk.id: hit.dense for hit in wider.hits} == {hit.chunk.id: hit.dense for hit in plain.hits}


def test_an_article_can_be_searched_as_if_it_were_not_there(news: Index) -> None:
    question = "كم يبلغ طول الجسر المعلق؟"
    bridge = news.search(question, 1)[0].article.id
    without = news.find(question, 10, without={bridge}).hits
    assert {hit.article.source for hit in without} == {"library", "harvest", "museum"}


@pytest.mark.parametrize("question", ["", "؟", '" OR words: *', "x" * 3000, "\ud800"])
def test_any_text_can_be_asked(news: Index, question: str) -> None:
    assert len(news.search(question, 2)) == 2


def test_threads_may_search_together(news: Index) -> None:
    questions = ["كم يبلغ طول الجسر؟", "كم كتابا في المكتبة؟"] * 6
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(partial(first, news), questions)) == ["bridge", "library"] * 6


def test_an_empty_archive_finds_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, WordEmbedder()) as (_, index):
        assert index.search("الجسر") == []
        assert index.sync() == Synced(0, 0)
        assert index.search("الجسر") == []


def test_sync_follows_the_archive(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *four())
        assert index.sync() == Synced(4, 0)
        assert index.sync() == Synced(0, 0)
        put(archive, embedder, article("bridge", "أغلقت البلدية الجسر للصيانة."))
        archive.remove_file("museum")
        # Before the sync too: what the archive no longer searches is not found.
        assert "museum" not in {hit.article.source for hit in index.search("المتحف الوطني")}
        assert index.sync() == Synced(1, 2)
        hits = index.search("الجسر والمتحف", 10)
        assert {hit.chunk.id for hit in hits} == archive.chunk_ids()
        assert {hit.text for hit in hits} == {"أغلقت البلدية الجسر للصيانة.", LIBRARY, HARVEST}
        assert embedder.embedded == 5


def test_one_that_goes_and_one_that_comes_are_both_noticed(tmp_path: Path) -> None:
    """Their number is the same as before, and the last one's place is taken again."""
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *many(5))
        index.sync()
        archive.remove_file("note 4")
        put(archive, embedder, article("bridge", BRIDGE))
        assert index.sync() == Synced(1, 1)
        assert index.index_state().agree
        assert {hit.article.source for hit in index.search("الجسر ملاحظة", 9)} == {
            "bridge",
            *(f"note {n}" for n in range(4)),
        }


def test_what_is_added_is_found_without_asking_for_all_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *many(5))
        index.sync()
        monkeypatch.setattr(Archive, "chunk_ids", lambda self: pytest.fail("all ids were read"))
        put(archive, embedder, *four())
        assert index.sync() == Synced(4, 0)
        assert index.index_state().agree
        assert index.search("كم طول الجسر المعلق", 1)[0].article.source == "bridge"


def test_progress_counts_up_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectorstore.fill.SLICE", 4)
    seen: list[tuple[int, int]] = []
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *many(10))
        index.sync(lambda done, of: seen.append((done, of)))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_a_sync_in_pieces_goes_on_where_it_stopped_and_answers_in_between(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *many(10))
        first = index.sync(lambda done, of: seen.append((done, of)), size=3, most=6)
        assert (first, seen) == (Synced(6, 0, left=4), [(3, 10), (6, 10)])
        held = index.index_state()
        assert (held.vectors, held.agree) == (6, False)
        assert len(index.search("الجسر", k=10)) <= 6
        assert index.sync(size=3, most=6) == Synced(4, 0)
        assert index.index_state().agree
        assert index.sync(most=6) == Synced(0, 0)


def test_opening_before_any_sync_does_nothing_and_after_it_is_cheap(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        index.open()
        assert index.index_state().vectors is None
        put(archive, embedder, *many(2))
        index.sync()
        index.open()
        assert index.index_state().agree


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.vectorstore.test_index import WordEmbedder, opened
import vectorstore.fill
from vectorstore.chroma import Chroma
from vectorstore.vectors import Vectors
place, folder = sys.argv[1], Path(sys.argv[2])
vectorstore.fill.SLICE = 4
owners = {"stored": (Vectors, "add"), "searchable": (Chroma, "upsert"), "removed": (Chroma, "delete")}
owner, name = owners[place]
works, calls = getattr(owner, name), []
def kill(*arguments):
    works(*arguments)
    calls.append(1)
    if len(calls) == (1 if place == "removed" else 2):
        os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, kill)
with opened(folder, WordEmbedder()) as (archive, index):
    index.sync()
"""


@pytest.mark.parametrize("moment", ["stored", "searchable", "removed"])
@pytest.mark.slow
def test_killed_and_run_again_it_is_the_same_as_never_killed(tmp_path: Path, moment: str) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *many(3))
        index.sync()
        put(archive, embedder, *many(14))
        archive.remove_file("note 0")
    killed = run(KILLED, moment, str(tmp_path))
    assert killed.returncode == -signal.SIGKILL
    with opened(tmp_path, embedder) as (archive, index):
        synced = index.sync()
        # At most the slice that was being written is written again.
        assert synced.added <= {"stored": 7, "searchable": 3, "removed": 0}[moment]
        hits = index.search("ملاحظة عن المحطة", 50)
        assert {hit.chunk.id for hit in hits} == archive.chunk_ids()
        assert index.sync() == Synced(0, 0)
        other = tmp_path / "never killed"
        with Archive(other / "archive.sqlite") as whole, Index(other, whole, embedder) as fresh:
            put(whole, embedder, *many(14))
            whole.remove_file("note 0")
            fresh.sync()
            assert [(hit.text, hit.score) for hit in fresh.search("ملاحظة عن المحطة", 50)] == [
                (hit.text, hit.score) for hit in hits
            ]


ADDED = """
import sys
from pathlib import Path
from tests.vectorstore.test_index import WordEmbedder, article, opened, put
embedder = WordEmbedder()
with opened(Path(sys.argv[1]), embedder) as (archive, index):
    put(archive, embedder, article("museum", "فتح المتحف الجديد أبوابه."))
    if sys.argv[2] == "sync":
        index.sync()
    else:
        index.reindex()
"""


@pytest.mark.parametrize("how", ["sync", "reindex"])
@pytest.mark.slow
def test_what_another_process_wrote_is_found(tmp_path: Path, how: str) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, article("bridge", BRIDGE))
        index.sync()
        assert len(index.search("المتحف")) == 1
        assert run(ADDED, str(tmp_path), how).returncode == 0
        hits = index.search("المتحف")
        assert [hit.article.source for hit in hits] == ["museum", "bridge"]
        assert hits[0].dense > hits[1].dense


def other(embedder: Embedder, **recipe: str) -> Embedder:
    changed = copy.copy(embedder)
    changed.recipe = {**embedder.recipe, **recipe}
    return changed


def test_another_recipe_is_refused_by_name_and_a_reindex_mends_it(tmp_path: Path, place: str | None) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        index.check_recipe()
    with opened(tmp_path, other(embedder, digest="2")) as (_, index):
        for attempt in (index.check_recipe, index.sync, partial(index.search, "الجسر")):
            with pytest.raises(RecipeMismatchError, match=r"digest: '1', now '2'.*musnad reindex") as caught:
                attempt()
            assert "model" not in str(caught.value).replace(str(tmp_path), "")
        assert index.reindex() == Synced(4, 0)
        assert first(index, "الجسر المعلق") == "bridge"
        if place is None:
            assert len(list((tmp_path / "chroma").iterdir())) == 1


def test_a_reindex_that_was_interrupted_leaves_the_old_index_in_use_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.fill.SLICE", 4)
    embedder = WordEmbedder()

    def stop(done: int, of: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *many(10))
        index.sync()
        before = embedder.embedded
        with pytest.raises(KeyboardInterrupt):
            index.reindex(stop)
        assert len(index.search("ملاحظة", 20)) == 10
        assert index.sync() == Synced(0, 0)
        assert index.reindex() == Synced(2, 0)
        assert embedder.embedded - before == 10
        assert len(index.search("ملاحظة", 20)) == 10


def spoil_chroma(folder: Path) -> None:
    (next((folder / "chroma").iterdir()) / "chroma.sqlite3").write_bytes(b"no database" * 1000)


def spoil_vectors(folder: Path) -> None:
    for name in ("index.sqlite-wal", "index.sqlite-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "index.sqlite").write_bytes(b"no database" * 1000)


def lose_folder(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


def spoil_folder(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")
    (folder / "chroma").write_text("no folder", encoding="utf-8")


def test_damaged_vectors_are_named_and_a_reindex_mends_them(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
    spoil_vectors(tmp_path)
    with opened(tmp_path, embedder) as (_, index):
        for attempt in (index.sync, partial(index.search, "الجسر")):
            with pytest.raises(IndexDamagedError, match="musnad reindex"):
                attempt()
        assert index.reindex() == Synced(4, 0)
        assert first(index, "الجسر المعلق") == "bridge"


@in_a_folder
@pytest.mark.parametrize("how", ["sync", "search", "open"])
@pytest.mark.parametrize("spoil", [spoil_chroma, spoil_folder, lose_folder])
def test_what_chroma_lost_is_written_again_from_the_vectors_at_rest(
    tmp_path: Path, spoil: Callable[[Path], None], how: str
) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        hits = index.search("الجسر المعلق", 4)
    spoil(tmp_path)
    with opened(tmp_path, embedder) as (_, index):
        if how == "sync":
            assert index.sync() == Synced(4, 0)
        elif how == "open":
            index.open()
        assert index.search("الجسر المعلق", 4) == hits
        index._dense.wait()
        assert index.index_state() == IndexState(4, 4, agree=True, writing=False)
        assert embedder.embedded == 4
        assert len(list((tmp_path / "chroma").iterdir())) == 1


def test_only_one_may_write_at_a_time(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index), opened(tmp_path, embedder) as (_, second):
        put(archive, embedder, *many(2))

        def interrupt(done: int, of: int) -> None:
            with pytest.raises(IndexBusyError, match="try again"):
                second.sync(wait=0.1)

        assert index.sync(interrupt) == Synced(2, 0)
        assert second.sync() == Synced(0, 0)


# What it holds, for a health check


def test_it_says_whether_it_holds_what_the_archive_does(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        assert index.index_state() == IndexState(0, None, agree=True, writing=False)
        put(archive, embedder, *four())
        assert index.index_state() == IndexState(4, None, agree=False, writing=False)
        index.sync()
        assert index.index_state() == IndexState(4, 4, agree=True, writing=False)
        archive.remove_file("bridge")
        assert index.index_state() == IndexState(3, 4, agree=False, writing=False)
        index.sync()
        assert index.index_state() == IndexState(3, 3, agree=True, writing=False)


@pytest.mark.parametrize("what", ["archive", "index"])
def test_it_says_when_they_differ_because_somebody_writes(tmp_path: Path, what: str) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index), opened(tmp_path, embedder) as (others, other):
        put(archive, embedder, *four())
        with others.lock() if what == "archive" else other._vectors.lock(0):
            assert index.index_state().writing
        assert not index.index_state().writing


def test_what_another_process_wrote_counts_although_nobody_asked_since(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index), opened(tmp_path, embedder) as (others, other):
        put(archive, embedder, *four())
        index.sync()
        index.search("الجسر")
        put(others, embedder, article("new.txt", LIBRARY + MUSEUM))
        other.sync()
        assert index.index_state() == IndexState(5, 5, agree=True, writing=False)


def test_a_vector_that_is_lost_is_noticed(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        build = index._vectors.current()
        assert build is not None
        index._vectors.remove(build, sorted(archive.chunk_ids())[:1])
        assert index.index_state() == IndexState(4, 3, agree=False, writing=False)
