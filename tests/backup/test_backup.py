"""`bot.backup.backup`: what a backup of a data folder in use holds, and what is never in it."""

from __future__ import annotations

import re
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from bot.backup import contents
from bot.backup.backup import back_up
from bot.backup.errors import BackupError
from bot.backup.restore import check, restore
from bot.backup.rotation import name_at
from tests.backup.folders import check_integrity, data_folder, quotes_of, rows
from vectorstore.vectors import Vectors

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return data_folder(tmp_path / "data")


def names_in(backup: Path) -> list[str]:
    """Return the names that tar finds in a backup."""
    with zstandard.open(backup) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as tar:
        return [member.name for member in tar]


def failing(reason: str) -> AbstractContextManager[object]:
    return pytest.raises(BackupError, check=lambda error: error.reason == reason)


def test_what_is_restored_is_what_was_backed_up(data: Path, tmp_path: Path) -> None:
    made = back_up(data, tmp_path / "all.tar.zst")
    restore(made.file, tmp_path / "new")
    for name in ("archive.sqlite", "bot.sqlite", "index.sqlite"):
        assert rows(tmp_path / "new" / name) == rows(data / name), name
    assert (tmp_path / "new/judge.json").read_bytes() == (data / "judge.json").read_bytes()
    assert quotes_of(tmp_path / "new") == (2, 2)
    assert check(made.file) == made.manifest
    assert made.manifest.counts["articles"] == made.manifest.counts["quotes"] == 2


def test_a_backup_holds_no_secret_and_nothing_that_can_be_made_again(data: Path, tmp_path: Path) -> None:
    made = back_up(data, tmp_path / "all.tar.zst")
    kept = ["bot.sqlite", "archive.sqlite", "index.sqlite", "judge.json"]
    assert names_in(made.file) == ["musnad-backup.json", *kept, "manifest.json"]
    with zstandard.open(made.file) as unpacked:
        assert b"not-for-others" not in unpacked.read()


def test_a_backup_is_its_owners_alone(data: Path, tmp_path: Path) -> None:
    made = back_up(data, tmp_path / "all.tar.zst")
    restore(made.file, tmp_path / "new")
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    for name in ("archive.sqlite", "bot.sqlite", "index.sqlite", "judge.json"):
        assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600


def test_the_vectors_can_be_left_out(data: Path, tmp_path: Path) -> None:
    made = back_up(data, tmp_path / "small.tar.zst", index=False)
    assert "index.sqlite" not in names_in(made.file)
    assert "vectors" not in made.manifest.counts


def test_every_file_of_a_data_folder_is_either_kept_or_known_to_be_left_out(data: Path) -> None:
    kept = {*contents.DATABASES, *contents.FILES}
    left_out = re.compile(
        r".*\.lock|.*\.lock-journal|.*-wal|.*-shm|models|chroma|webhook-secret|repl_history"
    )
    assert [
        each.name for each in data.iterdir() if each.name not in kept and not left_out.fullmatch(each.name)
    ] == []


def test_the_steps_of_every_set_of_migrations_are_known() -> None:
    """Else a database that went through them would be taken for one of newer code."""
    made = re.compile(r'= Migrations\("([\w.]+)"\)')
    sources = [
        path for package in ("bot", "corpus", "vectorstore") for path in (ROOT / package).rglob("*.py")
    ]
    sets = {name for path in sources for name in made.findall(path.read_text(encoding="utf-8"))}
    assert sets == set(contents.STEPS)


# While others write


@contextmanager
def writers(data: Path, *names: str) -> Iterator[list[int]]:
    """Yield how often each process has written so far, while they write."""
    written = [0] * len(names)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.backup.writing", str(data), name], stdout=subprocess.PIPE, cwd=ROOT
        )
        for name in names
    ]
    ready = [threading.Event() for _ in names]

    def count(number: int) -> None:
        stream = processes[number].stdout
        assert stream is not None
        for _ in stream:
            written[number] += 1
            ready[number].set()
        ready[number].set()

    threads = [threading.Thread(target=count, args=[number]) for number in range(len(names))]
    for thread in threads:
        thread.start()
    try:
        for each in ready:
            assert each.wait(60)
        yield written
    finally:
        for process in processes:
            process.kill()
            process.wait()
        for thread in threads:
            thread.join()
        for process in processes:
            assert process.stdout is not None
            process.stdout.close()


def test_a_backup_of_a_folder_that_is_written_to_holds_every_article_that_its_quotes_name(
    data: Path, tmp_path: Path
) -> None:
    found = []
    with writers(data, "الأولى", "الثانية") as written:
        for number in range(8):
            before = list(written)
            made = back_up(data, tmp_path / f"{number}.tar.zst")
            found.append((made, before, list(written)))
    for number, (made, before, _) in enumerate(found):
        new = tmp_path / f"new-{number}"
        restore(made.file, new)
        check_integrity(new)
        sent, resolved = quotes_of(new)
        assert sent == resolved == made.manifest.counts["quotes"]
        assert sent >= sum(before) + 2, "what was written before a backup is in it"
        assert made.manifest.unresolved == 0
    assert found[-1][2] > found[0][1], "nobody wrote meanwhile"


def test_writers_go_on_while_a_database_is_copied(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that let writers wait, or that began anew whenever one wrote, would not end here."""
    monkeypatch.setattr("bot.backup.snapshot._PAGES", 2)
    wrote = []
    with closing(sqlite3.connect(data / "archive.sqlite")) as db:
        (before,) = db.execute("select value from state where key = 'generation'").fetchone()

    def write(stage: str, done: int, total: int) -> None:
        if stage == "copy":
            with closing(sqlite3.connect(data / "archive.sqlite", timeout=0)) as db:
                db.execute("update state set value = value + 1 where key = 'generation'")
                db.commit()
            wrote.append(done)
            assert len(wrote) < 1000, "it begins anew whenever somebody writes"

    made = back_up(data, tmp_path / "all.tar.zst", progress=write)
    assert len(wrote) > 20
    generation = made.manifest.generation
    assert generation is not None
    assert before < generation < before + len(wrote), "the archive as it was when its copy began"


def test_the_index_is_written_to_while_it_is_copied(data: Path, tmp_path: Path) -> None:
    with (
        closing(Vectors(data / "index.sqlite")) as vectors,
        closing(sqlite3.connect(data / "index.sqlite")) as copy,
    ):
        build = vectors.begin({"model": "ours"}, current=True)
        copy.execute("begin")
        copy.execute("select count(*) from builds").fetchone()
        with vectors.lock(0):
            vectors.touch(build)
        assert vectors.current() != build


def test_older_ones_that_cannot_be_deleted_are_told_of_once_the_new_one_is_made(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path, keep: int) -> list[Path]:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("bot.backup.backup.drop_oldest", fail)
    (tmp_path / "backups").mkdir()
    with failing("not_dropped"):
        back_up(data, tmp_path / "backups", keep=1)
    (made,) = (tmp_path / "backups").iterdir()
    check(made)


# What stands in the way


def test_a_file_that_is_there_is_not_overwritten_unasked(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "thesis.txt"
    file.write_text("four years of work", encoding="utf-8")
    with failing("exists"):
        back_up(data, file)
    assert file.read_text(encoding="utf-8") == "four years of work"
    assert back_up(data, file, force=True).manifest == check(file)


def test_a_file_that_appears_meanwhile_is_not_overwritten_either(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.zst"

    def appear(stage: str, done: int, total: int) -> None:
        file.write_text("quicker", encoding="utf-8")

    with failing("exists"):
        back_up(data, file, progress=appear)
    assert file.read_text(encoding="utf-8") == "quicker"


def test_a_folder_without_an_archive_is_not_backed_up(tmp_path: Path) -> None:
    with failing("nothing_there"):
        back_up(tmp_path, tmp_path / "all.tar.zst")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_named_instead_of_backed_up(data: Path, tmp_path: Path) -> None:
    with (data / "bot.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(BackupError, match=r"bot\.sqlite"):
        back_up(data, tmp_path / "all.tar.zst")
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_a_full_disk_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    """No file may grow beyond that size, as none can on a full disk, whether a copy or the packed file is at it."""
    whole = back_up(data, tmp_path / "whole.tar.zst").file.stat().st_size
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    for most in (10_000, whole // 2, whole - 1, 150_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, usual[1]))
        try:
            with failing("cannot_write"):
                back_up(data, tmp_path / "new.tar.zst")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "whole.tar.zst"]


def test_room_is_looked_for_first(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=100_000))
    with failing("no_room"):
        back_up(data, tmp_path / "all.tar.zst")


# One after the other


def test_only_the_latest_are_kept_and_nothing_else_is_deleted(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    now = datetime.now(UTC)
    old = [folder / name_at(now - timedelta(days=days)) for days in (1, 2, 3)]
    others = [
        folder / name for name in ("musnad.tar.zst", "musnad-20260101T000000Z.tar.zst.bak", "notes.txt")
    ]
    for each in (*old, *others):
        each.write_text("kept", encoding="utf-8")
    made = back_up(data, folder, keep=2)
    assert made.dropped == (old[2], old[1])
    assert {each.name for each in folder.iterdir()} == {
        made.file.name,
        old[0].name,
        *(each.name for each in others),
    }


def test_nothing_is_deleted_where_no_backup_was_made(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = folder / name_at(datetime(2026, 1, 1, tzinfo=UTC))
    old.write_text("kept", encoding="utf-8")
    (data / "archive.sqlite").write_bytes(b"SQLite format 3\0" + bytes(5000))
    for each in ("archive.sqlite-wal", "archive.sqlite-shm"):
        (data / each).unlink(missing_ok=True)
    with pytest.raises(BackupError):
        back_up(data, folder, keep=1)
    assert [each.name for each in folder.iterdir()] == [old.name]


def test_how_many_to_keep_needs_a_folder(data: Path, tmp_path: Path) -> None:
    with failing("keep_needs_folder"):
        back_up(data, tmp_path / "all.tar.zst", keep=3)
