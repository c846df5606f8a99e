"""Kills at every step of a backup and of a restore: what is there afterwards is the old or the new, whole.

Each step that changes the file system raises one of Python's audit events. A child process is killed by SIGKILL right
before the first of them, another before the second, and so on to the last; others are killed at random, in the middle
of what is written.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.backup.backup import back_up
from bot.backup.placing import finish, occupants
from bot.backup.restore import check
from tests.backup.folders import DAM, data_folder, rows

ROOT = Path(__file__).parents[2]
EVENTS = {
    "open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link", "shutil.rmtree", "shutil.copyfile",
    "sqlite3.connect", "fcntl.flock", "tempfile.mkdtemp",
}  # fmt: skip

PROGRAM = f"""
import os, signal, sys, time
from pathlib import Path
import bot.telegram.runtime.lockfile, encodings.ascii
from bot.backup.backup import back_up
from bot.backup.restore import restore

EVENTS = {EVENTS!r}


def run(work, at, after):
    # The process's exit status: 9 when it was killed, 0 when it ended before that step or those seconds.
    child = os.fork()
    if child == 0:
        seen = 0

        def kill(event, values):
            nonlocal seen
            if event in EVENTS:
                seen += 1
                if seen == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        if not after:
            sys.addaudithook(kill)
        work()
        os._exit(0)
    if after:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def main(kind, source, target, force, first):
    # Each line of input asks for one more run, killed one step later, or after so many seconds.
    for at, line in enumerate(sys.stdin, first):
        place, after = Path(line.split("\\t")[0]), float(line.split("\\t")[1])
        work = {{
            "backup": lambda: back_up(Path(source), place),
            "restore": lambda: restore(Path(source), place, force=force == "force"),
        }}[kind]
        print(run(work, at, after), flush=True)


main(*sys.argv[1:5], 1)
"""


class Killing:
    """A process that runs a backup or a restore again and again, each time killed one step later."""

    def __init__(self, kind: str, source: Path, *, force: bool = False) -> None:
        arguments = [kind, str(source), "", "force" if force else ""]
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip

    def run(self, place: Path, after: float = 0.0) -> bool:
        """Run once more, and return whether it was killed: one step later than before, or after so many seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(f"{place}\t{after}", file=self._process.stdin, flush=True)
        status = int(self._process.stdout.readline())
        assert status in (0, 9)
        return status == 9

    def __enter__(self) -> Killing:
        return self

    def __exit__(self, *of: object) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_folder(tmp_path_factory.mktemp("kills") / "data")


@pytest.fixture(scope="module")
def backup(data: Path) -> Path:
    return back_up(data, data.parent / "all.tar.zst").file


def test_a_backup_killed_at_any_step_leaves_none_or_a_whole_one(data: Path, tmp_path: Path) -> None:
    kills = whole = 0
    with Killing("backup", data) as killing:
        killed = True
        while killed:
            file = tmp_path / f"{kills}.tar.zst"
            killed = killing.run(file)
            kills += killed
            if file.exists():
                check(file)
                whole += 1
            else:
                assert killed
    assert kills > 20
    assert 1 <= whole < kills
    left = [each.name for each in tmp_path.iterdir() if not each.name.endswith(".tar.zst")]
    assert left == [], "what killed runs left is removed by the next"


def test_a_restore_killed_at_any_step_leaves_nothing_or_all(data: Path, backup: Path, tmp_path: Path) -> None:
    wanted = rows(data / "archive.sqlite")
    kills = none = 0
    with Killing("restore", backup) as killing:
        killed = True
        while killed:
            new = tmp_path / f"{kills}"
            killed = killing.run(new)
            kills += killed
            if new.exists():
                finish(new)
            names = {each.name for each in occupants(new)} if new.exists() else set()
            assert names in (set(), {"archive.sqlite", "bot.sqlite", "index.sqlite", "judge.json"}), kills
            if names:
                assert rows(new / "archive.sqlite") == wanted
            else:
                none += 1
                assert killed
    assert kills > 20
    assert none < kills - 3, "the last steps were killed too"


def test_a_forced_restore_killed_at_any_step_leaves_the_old_or_the_new_and_loses_neither(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    old = {"dam.txt": DAM}
    kills = 0
    seen = set()
    with Killing("restore", backup, force=True) as killing:
        killed = True
        while killed:
            new = data_folder(tmp_path / f"{kills}", old)
            killed = killing.run(new)
            kills += killed
            finish(new)
            found = len(rows(new / "archive.sqlite")["articles"]), len(rows(new / "bot.sqlite")["quotes"])
            assert found in ((1, 1), (2, 2)), kills
            seen.add(found)
            if found == (2, 2):
                (aside,) = new.glob("before-restore-*")
                assert len(rows(aside / "archive.sqlite")["articles"]) == 1
                assert {"archive.sqlite", "bot.sqlite", "chroma"} <= {each.name for each in aside.iterdir()}
            else:
                assert killed
    assert seen == {(1, 1), (2, 2)}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder of 40 MB, of which half does not pack."""
    folder = data_folder(tmp_path_factory.mktemp("large") / "data")
    with closing(sqlite3.connect(folder / "bot.sqlite")) as db:
        for number in range(20):
            turn = (number, os.urandom(1 << 19).hex())
            db.execute("insert into turns values (?, 'c', '', 'q', 'q', 'refused', ?, null)", turn)
            db.commit()
    return folder


@pytest.mark.slow
def test_killed_at_random_it_is_the_same(large: Path, tmp_path: Path) -> None:
    draw = random.Random(11)
    began = time.monotonic()
    backup = back_up(large, tmp_path / "all.tar.zst").file
    seconds = time.monotonic() - began
    kills = whole = 0
    with Killing("backup", large) as killing:
        for number in range(40):
            file = tmp_path / f"{number}.tar.zst"
            kills += killing.run(file, draw.uniform(0.001, seconds * 1.2))
            if file.exists():
                check(file)
                whole += 1
    with Killing("restore", backup) as killing:
        for number in range(40):
            new = tmp_path / f"new-{number}"
            kills += killing.run(new, draw.uniform(0.001, seconds * 0.8))
            if new.exists():
                finish(new)
            if new.exists() and occupants(new):
                assert rows(new / "bot.sqlite") == rows(large / "bot.sqlite")
                whole += 1
    print(f"{kills} kills of 80, {whole} whole")
    assert kills > 20
