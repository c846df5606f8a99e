"""Whose the files of a data directory are."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from corpus.store import Archive
from corpus.store.private import keep_private, make_private_folder


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _open_to_all() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def test_an_archive_and_the_folder_made_for_it_are_their_owners_alone(tmp_path: Path) -> None:
    with Archive(tmp_path / "data" / "archive.sqlite") as archive:
        archive.add_file("a.txt", "1", "a", [], lambda article: [])
        files = list((tmp_path / "data").iterdir())
        assert {file.name for file in files} >= {
            "archive.sqlite",
            "archive.sqlite-wal",
            "archive.sqlite.lock",
        }
        assert {rights(file) for file in files} == {0o600}
    assert rights(tmp_path / "data") == 0o700


def test_an_archive_that_others_may_read_is_tightened_and_its_folder_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    with Archive(folder / "archive.sqlite"):
        pass
    (folder / "archive.sqlite").chmod(0o644)
    with Archive(folder / "archive.sqlite") as archive:
        assert archive.count_articles() == 0
    assert rights(folder / "archive.sqlite") == 0o600
    assert rights(folder) == 0o755


def test_what_is_in_a_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("content")
    keep_private(file)
    keep_private(file)
    assert (file.read_text(), rights(file)) == ("content", 0o600)
    keep_private(tmp_path / "nowhere" / "a")
    make_private_folder(tmp_path)
    assert not (tmp_path / "nowhere").exists()


def test_where_files_cannot_be_made_without_being_opened_they_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "mknod", refuse)
    keep_private(tmp_path / "a")
    keep_private(tmp_path / "a")
    assert rights(tmp_path / "a") == 0o600
