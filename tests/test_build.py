"""Assembly: early loading, an index left unfinished by a kill, and an empty archive."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot import filling
from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.build import Musnad, build
from bot.settings import Settings
from corpus.document import Document
from corpus.errors import ArchiveBusyError, ArchiveUnusableError
from corpus.ingest import ingest
from vectorstore.embed import Embedder

TEXT = """انعقاد المنتدى الزراعي في حلب
الناشر: نشرة الاختبار
التاريخ: 3 أيار 2024

انعقد المنتدى الزراعي السنوي في مدينة حلب يوم الخميس. وشارك فيه أربعون مزارعًا من ثلاث محافظات.
"""


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "forum.txt").write_text(TEXT, encoding="utf-8")
    return folder


def test_an_empty_archive_says_so(tmp_path: Path, embedder: Embedder) -> None:
    with build(Settings(data=tmp_path / "data"), embedder=embedder) as musnad:
        musnad.load()
        answer = musnad.asker.ask(Question("متى انعقد المنتدى؟"))
    assert (answer.status, answer.reason) == ("refused", "empty_archive")


def test_what_a_killed_ingest_left_unindexed_is_indexed_at_the_next_start(
    tmp_path: Path, articles: Path, embedder: Embedder
) -> None:
    settings = Settings(data=tmp_path / "data")
    with build(settings, embedder=embedder) as musnad:
        # As a kill between the two leaves it: in the archive, not in the index.
        ingest([articles], musnad.archive, musnad.index.chunk, recipe=musnad.index.chunk_recipe)
    with build(settings, embedder=embedder) as musnad:
        musnad.load()
        answer = musnad.asker.ask(Question("كم مزارعًا شارك في المنتدى الزراعي؟"))
    assert "أربعون" in answer.shown[0].text


def test_one_thread_may_load_while_another_asks(tmp_path: Path, articles: Path, embedder: Embedder) -> None:
    with build(Settings(data=tmp_path / "data"), embedder=embedder) as musnad:
        musnad.ingest([articles])
        answers: list[Answer] = []
        threads = [
            threading.Thread(target=musnad.load),
            threading.Thread(
                target=lambda: answers.append(musnad.asker.ask(Question("أين انعقد المنتدى الزراعي؟")))
            ),
            threading.Thread(target=musnad.load),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        assert "حلب" in answers[0].shown[0].text


def test_progress_names_the_stage(tmp_path: Path, articles: Path, embedder: Embedder) -> None:
    seen: list[tuple[str, int, int]] = []
    with build(Settings(data=tmp_path / "data"), embedder=embedder) as musnad:
        report = musnad.ingest([articles], progress=lambda *step: seen.append(step))
        again = musnad.ingest([articles])
    assert report.added == ("forum.txt",)
    assert again.unchanged == ("forum.txt",)
    assert ("read", 1, 1) in seen
    assert seen[-1] == ("embed", 1, 1)


@pytest.mark.parametrize("name", ["bot.sqlite", "archive.sqlite"])
def test_a_database_that_another_program_locks_cannot_be_written_to(
    tmp_path: Path, embedder: Embedder, name: str
) -> None:
    with build(Settings(data=tmp_path), embedder=embedder) as musnad:
        musnad.check_writable(0.1)
        with closing(sqlite3.connect(tmp_path / name, isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(ArchiveBusyError):
                musnad.check_writable(0.1)
        musnad.check_writable(0.1)
        (tmp_path / name).unlink()
        with pytest.raises(ArchiveUnusableError):
            musnad.check_writable(0.1)
        assert not (tmp_path / name).exists()


def test_an_archive_that_an_ingest_writes_to_counts_as_writable(tmp_path: Path, embedder: Embedder) -> None:
    with (
        build(Settings(data=tmp_path), embedder=embedder) as musnad,
        build(Settings(data=tmp_path), embedder=embedder) as other,
        other.archive.lock(),
        closing(sqlite3.connect(tmp_path / "archive.sqlite", isolation_level=None)) as writer,
    ):
        writer.execute("begin immediate")
        musnad.check_writable(0.1)


def unindexed(musnad: Musnad, folder: Path, count: int) -> None:
    """Leave articles in the archive and not in the index, as a kill between the two does."""
    folder.mkdir()
    for number in range(count):
        text = TEXT.replace("حلب", f"حلب {number}").replace("أربعون", str(40 + number))
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    ingest([folder], musnad.archive, musnad.index.chunk, recipe=musnad.index.chunk_recipe)


def test_an_unfinished_index_answers_and_is_completed_piece_by_piece(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "PIECE", 4)
    monkeypatch.setattr(filling, "SLICE", 2)
    settings = Settings(data=tmp_path / "data")
    with build(settings, embedder=embedder) as musnad:
        unindexed(musnad, tmp_path / "many", 10)
    seen: list[tuple[str, int, int]] = []
    with build(settings, embedder=embedder) as musnad:
        musnad.load(fill=False)
        assert musnad.filling
        assert (held := musnad.index_state()) is not None
        assert (held.vectors, held.passages, held.writing) == (None, 10, True)
        assert musnad.asker.ask(Question("كم مزارعًا شارك في المنتدى الزراعي؟")).status == "refused"
        assert musnad.fill(lambda *step: seen.append(step))
        assert seen == [("embed", 2, 10), ("embed", 4, 10)]
        assert (held := musnad.index_state()) is not None
        assert (held.vectors, held.agree, held.writing) == (4, False, True)
        assert musnad.asker.ask(Question("كم مزارعًا شارك في المنتدى الزراعي؟")).shown
    with build(settings, embedder=embedder) as musnad:  # as after a kill in between
        musnad.load(fill=False)
        report = musnad.ingest_documents([Document("new.txt", TEXT.encode(), ".txt")])
        assert report.added == ("new.txt",)
        assert (held := musnad.index_state()) is not None
        assert (held.vectors, held.passages) == (4, 11), "its turn comes with the others"
        while musnad.fill(lambda *step: None):
            pass
        assert (held := musnad.index_state()) is not None
        assert (held.vectors, held.agree, held.writing) == (11, True, False)
        assert not musnad.filling
        musnad.load(fill=False)
        assert not musnad.filling


def test_what_is_complete_is_not_filled(tmp_path: Path, articles: Path, embedder: Embedder) -> None:
    with build(Settings(data=tmp_path / "data"), embedder=embedder) as musnad:
        musnad.load(fill=False)
        assert not musnad.filling
        musnad.ingest([articles])
        musnad.load(fill=False)
        assert not musnad.filling
