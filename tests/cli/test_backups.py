"""`musnad backup` and `musnad restore`: what they say, their exit codes, and that no mistake costs data."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.cli import main
from tests.backup.folders import data_folder, quotes_of

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return data_folder(tmp_path / "data")


@pytest.fixture
def backup(data: Path, tmp_path: Path, capsys: Captured) -> Path:
    assert main(["backup", str(tmp_path / "all.tar.zst"), "--data", str(data)]) == 0
    capsys.readouterr()
    return tmp_path / "all.tar.zst"


def complaint(capsys: Captured) -> str:
    """Return the one line that says what was wrong."""
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("musnad: ")]
    assert out == ""
    assert len(lines) == 1
    assert "Traceback" not in err
    return lines[0]


def test_a_backup_into_a_folder_says_where_it_is_and_what_it_holds(
    data: Path, tmp_path: Path, capsys: Captured
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert main(["backup", str(folder), "--data", str(data)]) == 0
    out, err = capsys.readouterr()
    (file,) = folder.iterdir()
    assert re.fullmatch(r"musnad-\d{8}T\d{6}Z\.tar\.zst", file.name)
    assert str(file) in out
    assert "المقالات 2 " in out
    assert "والاقتباسات المرسلة 2" in out
    assert "التحقق من النسخة" in err


def test_what_was_lost_is_there_again_after_a_restore(
    data: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    shutil.rmtree(data)
    monkeypatch.setenv("MUSNAD_DATA", str(data))
    monkeypatch.setenv("MUSNAD_LANGUAGE", "en")
    assert main(["restore", str(backup)]) == 0
    assert f"Restored in {data}." in capsys.readouterr().out
    assert quotes_of(data) == (2, 2)
    assert main(["show", "dam.txt"]) == 0


def test_a_mistake_costs_no_data(data: Path, backup: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(["restore", str(backup), "--data", str(data)]) == 2
    assert "--force" in complaint(capsys)
    assert main(["backup", str(backup), "--data", str(data)]) == 2
    assert "--overwrite" in complaint(capsys)
    assert main(["backup", str(tmp_path / "none" / "all.tar.zst"), "--data", str(data)]) == 2
    assert "none" in complaint(capsys)
    assert main(["restore", str(tmp_path / "nowhere"), "--data", str(tmp_path / "new")]) == 2
    assert "لا ملف هنا" in complaint(capsys)
    assert main(["backup", str(tmp_path), "--data", str(tmp_path / "nothing")]) == 2
    assert "لا أرشيف" in complaint(capsys)
    assert main(["backup", str(tmp_path / "x"), "--keep", "3", "--data", str(data)]) == 2
    assert "--keep" in complaint(capsys)
    assert quotes_of(data) == (2, 2)


def test_what_a_forced_restore_moved_aside_is_named(data: Path, backup: Path, capsys: Captured) -> None:
    assert main(["restore", str(backup), "--force", "--data", str(data)]) == 0
    out = capsys.readouterr().out
    (aside,) = data.glob("before-restore-*")
    assert str(aside) in out
    assert quotes_of(aside) == quotes_of(data) == (2, 2)


def test_a_check_tells_a_whole_backup_from_a_damaged_one(
    backup: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["backup", str(backup), "--check"]) == 0
    assert "النسخة سليمة كلها" in capsys.readouterr().out
    damaged = bytearray(backup.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    backup.write_bytes(damaged)
    assert main(["backup", str(backup), "--check"]) == 2
    assert "تالفة" in complaint(capsys)


@pytest.mark.parametrize("command", ["backup", "restore"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_help_is_in_the_users_language(
    command: str, language: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("MUSNAD_LANGUAGE", language)
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert ("مجلد" in out) == (language == "ar")
    assert "--data DIR" in out
