"""Passage vectors on disk."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.article import Article, Published
from corpus.store import Filter
from vectorstore.chroma import Chroma, FolderChroma, ServerChroma, metadata
from vectorstore.errors import IndexDamagedError
from vectorstore.server import Address

DIMENSION = 8


def vectors(count: int) -> NDArray[np.float32]:
    """``count`` vectors of length 1, always the same."""
    found = np.random.default_rng(7).normal(size=(count, DIMENSION)).astype(np.float32)
    unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def names(count: int) -> list[str]:
    return [f"chunk {number}" for number in range(count)]


@pytest.fixture
def chroma(tmp_path: Path, place: str | None) -> Iterator[Chroma]:
    opened: Chroma
    if place is None:
        opened = FolderChroma(tmp_path / "chroma", DIMENSION)
    else:
        opened = ServerChroma(Address.of(place), f"test-{secrets.token_hex(4)}", DIMENSION)
    yield opened
    opened.close()


def test_the_nearest_come_first_with_their_cosine(chroma: Chroma) -> None:
    held = vectors(30)
    chroma.upsert(names(30), held, [{"article": "a"}] * 30)
    found = chroma.query(held[3] * 5, 30)
    assert found[0][0] == "chunk 3"
    cosines = dict(zip(names(30), held @ held[3], strict=True))
    assert [name for name, _ in found] == sorted(cosines, key=lambda name: -cosines[name])
    assert all(abs(cosine - cosines[name]) < 1e-5 for name, cosine in found)


def test_the_same_id_again_replaces_its_vector(chroma: Chroma) -> None:
    held = vectors(2)
    chroma.upsert(["x"], held[:1], [{"article": "a"}])
    chroma.upsert(["x"], held[1:], [{"article": "a"}])
    assert chroma.count() == 1
    assert chroma.query(held[1], 1)[0][1] == pytest.approx(1.0, abs=1e-5)


def test_what_is_deleted_is_gone_and_the_rest_is_there(chroma: Chroma) -> None:
    chroma.upsert(names(5), vectors(5), [{"article": "a"}] * 5)
    chroma.delete(["chunk 1", "chunk 4", "never there"])
    assert chroma.ids() == {"chunk 0", "chunk 2", "chunk 3"}
    assert chroma.count() == 3
    chroma.delete([])
    assert chroma.count() == 3


def test_more_than_one_batch_at_a_time(chroma: Chroma) -> None:
    count = 6000  # Chroma takes 5,461 at once
    chroma.upsert(names(count), vectors(count), [{"article": "a"}] * count)
    assert chroma.count() == count
    assert chroma.ids() == set(names(count))
    chroma.delete(names(count))
    assert chroma.count() == 0
    assert chroma.ids() == set()


@pytest.mark.parametrize("count", [0, 5, 6, 11])
def test_ids_are_read_page_by_page(chroma: Chroma, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectorstore.chroma._PAGE", 5)
    chroma.upsert(names(count), vectors(count), [{"article": "a"}] * count)
    assert chroma.ids() == set(names(count))


def test_a_mark_stays_and_the_vectors_with_it(chroma: Chroma) -> None:
    assert chroma.marked() == ""
    chroma.upsert(names(3), vectors(3), [{"article": "a"}] * 3)
    for mark in ("one", "two"):
        chroma.mark(mark)
        assert chroma.marked() == mark
    chroma.reopen()
    assert chroma.marked() == "two"
    assert chroma.nearest(vectors(3)) == pytest.approx([1.0] * 3, abs=1e-5)


def test_filters(chroma: Chroma) -> None:
    articles = [
        Article("1", "t", "b", publisher="وكالة", published=Published("2025-03-01", "day")),
        Article("2", "t", "b", publisher="جريدة", published=Published("2026-03-01", "day")),
        Article("3", "t", "b"),
    ]
    chroma.upsert(names(3), vectors(3), [metadata(article) for article in articles])

    def found(where: Filter) -> set[str]:
        return {name for name, _ in chroma.query(vectors(1)[0], 3, where)}

    assert found(Filter()) == set(names(3))
    assert found(Filter(frozenset({"وكالة"}))) == {"chunk 0"}
    assert found(Filter(frozenset({"وكالة", "جريدة"}), since="2025-03-02")) == {"chunk 1"}
    assert found(Filter(since="2025-03-01", until="2025-03-01")) == {"chunk 0"}


def test_closed_and_opened_again_it_is_all_there(tmp_path: Path) -> None:
    first = FolderChroma(tmp_path / "chroma", DIMENSION)
    first.upsert(names(3), vectors(3), [{"article": "a"}] * 3)
    first.close()
    second = FolderChroma(tmp_path / "chroma", DIMENSION)
    assert second.ids() == set(names(3))
    second.reopen()
    assert second.query(vectors(3)[2], 1)[0][0] == "chunk 2"
    second.close()


def test_lost_vector_files_are_noticed(tmp_path: Path) -> None:
    # Enough that Chroma writes them to files of their own; else it finds one or two and says nothing.
    held = FolderChroma(tmp_path / "chroma", DIMENSION)
    held.upsert(names(2500), vectors(2500), [{"article": "a"}] * 2500)
    held.close()
    (folder,) = (each for each in (tmp_path / "chroma").iterdir() if each.is_dir())
    shutil.rmtree(folder)
    with pytest.raises(IndexDamagedError, match=r"vectors are missing.*musnad reindex"):
        FolderChroma(tmp_path / "chroma", DIMENSION)


def test_after_a_failure_to_open_the_mended_folder_opens(tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(IndexDamagedError):
        FolderChroma(folder, DIMENSION)
    (folder / "chroma.sqlite3").unlink()
    mended = FolderChroma(folder, DIMENSION)
    assert mended.count() == 0
    mended.close()
