"""`bot.backup.restore`: all of a backup or nothing of it, and nothing that was there before is lost."""

from __future__ import annotations

import random
import resource
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from bot.backup import placing
from bot.backup.backup import back_up
from bot.backup.errors import BackupError
from bot.backup.restore import check, restore
from bot.build import build
from bot.settings import Settings
from bot.telegram.runtime.lockfile import locked
from corpus.errors import ArchiveBusyError
from corpus.store import Archive
from tests.backup.folders import DAM, SCHOOL, data_folder, quotes_of, rows
from vectorstore.embed import Embedder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return data_folder(tmp_path / "data")


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    return back_up(data, tmp_path / "all.tar.zst").file


def failing(*reasons: str) -> AbstractContextManager[object]:
    return pytest.raises(BackupError, check=lambda error: error.reason in reasons)


def state_in(folder: Path) -> list[str]:
    """Return the names of what is in a data folder beside its locks."""
    return [each.name for each in placing.occupants(folder)] if folder.exists() else []


# What is there already


def test_a_folder_that_holds_data_is_left_as_it_is(data: Path, backup: Path) -> None:
    before = {each: each.read_bytes() for each in data.iterdir() if each.suffix == ".sqlite"}
    with failing("not_empty"):
        restore(backup, data)
    assert {each: each.read_bytes() for each in before} == before


def test_what_was_there_is_moved_aside_when_that_is_wanted(data: Path, backup: Path, tmp_path: Path) -> None:
    other = data_folder(tmp_path / "other", {"dam.txt": DAM})
    (other / "notes.txt").write_text("mine", encoding="utf-8")
    before = {each.name for each in placing.occupants(other)}
    done = restore(backup, other, force=True)
    assert done.aside is not None
    assert {each.name for each in done.aside.iterdir()} == before
    assert quotes_of(other) == (2, 2)
    assert quotes_of(done.aside) == (1, 1), "what was moved aside is a data folder as before"
    assert restore(backup, other, force=True).aside not in (None, done.aside)
    assert done.aside.is_dir(), "and stays when it is done again"


def test_a_folder_on_which_a_bot_runs_is_left_as_it_is(data: Path, backup: Path) -> None:
    with locked(data), failing("bot_runs"):
        restore(backup, data, force=True)
    assert quotes_of(data) == (2, 2)


def test_a_folder_into_which_articles_go_is_left_as_it_is(data: Path, backup: Path) -> None:
    with Archive(data / "archive.sqlite") as archive, archive.lock(), pytest.raises(ArchiveBusyError):
        restore(backup, data, force=True)
    assert quotes_of(data) == (2, 2)


def test_nobody_opens_a_folder_while_a_restore_into_it_is_at_its_end(data: Path) -> None:
    (data / ".restore-ready").mkdir()
    with placing.held(data), failing("restoring"):
        build(Settings(data=data))


# What cannot be restored


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"(\xb5/\xfd", bytes(10_000), b"\x1f\x8b\x08", DAM.encode()]
)
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with failing("not_one", "damaged", "cut_off"):
        restore(file, tmp_path / "new")
    assert state_in(tmp_path / "new") == []


def test_no_file_and_a_folder_are_named_for_what_they_are(tmp_path: Path) -> None:
    with failing("missing"):
        restore(tmp_path / "gone", tmp_path / "new")
    with failing("is_folder"):
        restore(tmp_path, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_wherever_a_backup_is_cut_off_it_is_refused(data: Path, backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    draw = random.Random(5)
    for length in [4, 5, 12, len(whole) - 40, *draw.sample(range(len(whole) - 40), 40)]:
        (tmp_path / "part").write_bytes(whole[:length])
        with failing("cut_off", "damaged"):
            restore(tmp_path / "part", tmp_path / "new")
        assert state_in(tmp_path / "new") == [], length


def test_wherever_a_byte_is_damaged_nothing_else_than_what_was_backed_up_is_restored(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    whole = backup.read_bytes()
    tables = rows(data / "archive.sqlite")
    draw = random.Random(6)
    refused = 0
    places = [*range(20), *range(len(whole) - 20, len(whole)), *draw.sample(range(len(whole)), 80)]
    for number, place in enumerate(places):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << draw.randrange(8)
        (tmp_path / "damaged").write_bytes(damaged)
        new = tmp_path / f"new-{number}"
        try:
            restore(tmp_path / "damaged", new)
        except BackupError as error:
            # The first bytes say how it is packed: with another one of them it may be no backup at all.
            refused += error.reason == "damaged" or place < 20
            assert state_in(new) == []
        else:
            assert rows(new / "archive.sqlite") == tables, place
    assert refused > len(places) - 5


def test_a_folder_of_newer_code_is_named_before_it_is_backed_up(data: Path, tmp_path: Path) -> None:
    """Nobody can say here what that code needs beside it."""
    with closing(sqlite3.connect(data / "archive.sqlite")) as db:
        step = "insert into _sqlite_migrations (migration_set, name, applied_at) values ('musnad.archive', 'x', '')"
        db.execute(step)
        db.commit()
    with pytest.raises(BackupError, match=r"newer musnad \(archive\.sqlite\)"):
        back_up(data, tmp_path / "new.tar.zst")


def test_a_full_disk_leaves_the_folder_as_it_was(backup: Path, tmp_path: Path) -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, usual[1]))
    try:
        with failing("cannot_restore"):
            restore(backup, tmp_path / "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert state_in(tmp_path / "new") == []
    assert not list((tmp_path / "new").glob(".restore*"))
    restore(backup, tmp_path / "new")
    assert quotes_of(tmp_path / "new") == (2, 2)


def test_a_restore_that_was_interrupted_is_gone_on_with_by_whoever_opens_the_folder(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(data: Path) -> None:
        raise Interrupted

    new = tmp_path / "new"
    with monkeypatch.context() as patch:
        patch.setattr(placing, "go_on", _twice(placing.go_on, interrupt))
        with pytest.raises(Interrupted):
            restore(backup, new)
    assert not (new / "archive.sqlite").exists()
    with build(Settings(data=new)) as musnad:
        assert musnad.archive.count_articles() == 2
    assert not list(new.glob(".restore*"))


def _twice(first: Callable[[Path], object], second: Callable[[Path], object]) -> Callable[[Path], object]:
    """Return a function that does the first thing when it is called first, then the second."""
    todo = [first, second]
    return lambda data: todo.pop(0)(data)


# Afterwards


def test_a_restored_archive_answers_as_before_without_embedding_anything_again(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "متى امتلأت بحيرة سد الوادي؟"
    with build(Settings(data=tmp_path / "old"), embedder=embedder) as musnad:
        (tmp_path / "dam.txt").write_text(DAM, encoding="utf-8")
        (tmp_path / "school.txt").write_text(SCHOOL, encoding="utf-8")
        musnad.ingest([tmp_path / "dam.txt", tmp_path / "school.txt"])
        before = musnad.ask(question)
        backup = back_up(tmp_path / "old", tmp_path / "all.tar.zst").file  # while it is open

    restore(backup, tmp_path / "new")
    monkeypatch.setattr(embedder, "passages", lambda passages: pytest.fail("a passage was embedded again"))
    with build(Settings(data=tmp_path / "new"), embedder=embedder) as musnad:
        musnad.load()
        after = musnad.ask(question)
        state = musnad.index.index_state()
    assert before.quotes
    assert [quote.text for quote in after.quotes] == [quote.text for quote in before.quotes]
    assert after.text == before.text
    assert state.agree
    assert state.vectors == state.passages > 0


def test_without_the_vectors_they_are_computed_again(tmp_path: Path, embedder: Embedder) -> None:
    with build(Settings(data=tmp_path / "old"), embedder=embedder) as musnad:
        (tmp_path / "dam.txt").write_text(DAM, encoding="utf-8")
        musnad.ingest([tmp_path / "dam.txt"])
        before = musnad.ask("متى امتلأت بحيرة سد الوادي؟")
        backup = back_up(tmp_path / "old", tmp_path / "all.tar.zst", index=False).file
    restore(backup, tmp_path / "new")
    with build(Settings(data=tmp_path / "new"), embedder=embedder) as musnad:
        musnad.load()
        assert musnad.ask("متى امتلأت بحيرة سد الوادي؟").text == before.text


def test_a_check_reads_all_and_writes_nothing(backup: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert check(backup).counts["articles"] == 2
    assert sorted(tmp_path.rglob("*")) == before
