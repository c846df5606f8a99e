"""Embedding beside an ingest: the index ends as it would have without."""

from __future__ import annotations

import hashlib
import random
import threading
from contextlib import closing
from pathlib import Path

import pytest

from corpus.article import Article
from corpus.store import Archive
from corpus.store.passages import Chunker
from tests.vectorstore.test_index import WordEmbedder, many, opened
from vectorstore import ahead as module
from vectorstore.ahead import ahead
from vectorstore.index import Index, Synced

QUESTION = "ماذا كتب حارس المحطة عن الملاحظة 17؟"


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 8)


def put(archive: Archive, articles: list[Article], chunk: Chunker) -> None:
    for each in articles:
        archive.add_file(
            each.source, hashlib.sha256(each.body.encode()).hexdigest(), each.body, [each], chunk
        )


def ranking(index: Index) -> list[tuple[str, float]]:
    return [(hit.chunk.id, round(hit.score, 6)) for hit in index.search(QUESTION, 20)]


def test_what_was_embedded_meanwhile_is_not_embedded_again(tmp_path: Path) -> None:
    embedder, embedded = WordEmbedder(), threading.Event()
    own = embedder.passages

    def passages(*given: object) -> object:
        found = own(*given)  # type: ignore[arg-type]
        if embedder.embedded >= 24:
            embedded.set()
        return found

    embedder.passages = passages  # type: ignore[assignment, method-assign]
    with opened(tmp_path / "beside", embedder) as (archive, index):
        with ahead(index) as chunk:
            put(archive, many(30), chunk)
            assert embedded.wait(60)
        assert not index.index_state().agree
        before = embedder.embedded
        assert index.sync() == Synced(30 - before, 0)
        assert embedder.embedded == 30
        assert index.index_state().agree
        beside = ranking(index)
    with opened(tmp_path / "after", WordEmbedder()) as (archive, index):
        put(archive, many(30), index.chunk)
        index.sync()
        assert ranking(index) == beside


def test_a_few_passages_are_left_to_the_sync(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        with ahead(index) as chunk:
            put(archive, many(5), chunk)
        assert embedder.embedded == 0
        assert index.sync() == Synced(5, 0)


def test_while_another_writes_to_the_index_all_is_left_to_the_sync(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        with index._vectors.lock(1), ahead(index) as chunk:
            put(archive, many(20), chunk)
        assert embedder.embedded == 0
        assert index.sync() == Synced(20, 0)


def break_off(archive: Archive, index: Index) -> None:
    with ahead(index) as chunk:
        put(archive, many(10), chunk)
        raise KeyboardInterrupt


def test_an_ingest_that_fails_ends_the_work(tmp_path: Path) -> None:
    with opened(tmp_path, WordEmbedder()) as (archive, index):
        with pytest.raises(KeyboardInterrupt):
            break_off(archive, index)
        assert not [each for each in threading.enumerate() if each.name == "embed ahead"]
        index.sync()
        assert index.index_state().agree


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_and_goes_between_the_index_ends_whole(tmp_path: Path, seed: int) -> None:
    """Also what another process, here another index, writes meanwhile, and what came before the first slice."""
    draw = random.Random(seed)
    left, held = many(400), list[Article]()
    with opened(tmp_path, WordEmbedder()) as (archive, index):
        other = Index(index.folder, archive, WordEmbedder())
        last = index.last_chunk()
        with closing(other):
            for _ in range(40):
                do = draw.choice(("put", "put", "remove", "ahead", "ahead", "skip", "other", "sync"))
                if do == "put":
                    new = [left.pop() for _ in range(draw.randint(1, 12))]
                    put(archive, new, index.chunk)
                    held += new
                elif do == "remove" and held:
                    archive.remove_file(held.pop(draw.randrange(len(held))).source)
                elif do == "ahead":
                    last = index.embed_after(last, draw.randint(1, 6)) or last
                elif do == "skip":
                    last = index.last_chunk()
                elif do in ("other", "sync"):
                    (other if do == "other" else index).sync()
                    assert index.index_state().agree
            index.sync()
            assert index.index_state().agree
            build = index._vectors.current()
            assert build is not None
            assert archive.chunk_ids() == index._vectors.ids(build) == index._dense.chroma(build).ids()


def test_as_many_that_went_as_were_passed_over_are_told_apart(tmp_path: Path) -> None:
    made = many(30)
    with opened(tmp_path, WordEmbedder()) as (archive, index):
        put(archive, made[:10], index.chunk)
        index.sync()
        put(archive, made[10:13], index.chunk)
        last = index.last_chunk()
        for each in made[:3]:
            archive.remove_file(each.source)
        put(archive, made[13:21], index.chunk)
        assert index.embed_after(last, 8)
        assert index.sync() == Synced(3, 3)
        assert index.index_state().agree
