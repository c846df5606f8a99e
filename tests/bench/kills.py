"""``python -m tests.bench.kills``: whether the index survives kill -9 of what holds its vectors, amid writes.

An archive of short notes is indexed, and changed, in small slices. Again and again the Chroma server, or with
``--folder`` the process that writes to the folder, is killed: at a random moment, or with ``--aimed`` just as Chroma
begins to write the files of its graph. It is started again, the index is brought up to date, and what it finds is
compared with an exact search among the vectors in ``index.sqlite``. *damaged*: kills after which Chroma could not go
on, so that the vectors were written to it again; *wrong*: kills after which the index, brought up to date, held or
found something else than it should.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from corpus.store import Archive, Filter
from tests.chromaserver import ChromaServer
from tests.vectorstore.test_index import WordEmbedder, article, put
from vectorstore.errors import IndexUnreachableError
from vectorstore.index import Index
from vectorstore.vectors import Build

PIECE, SLICE = 1280, 32
LATEST = 1.5
"""Most seconds from the beginning of the writes to a kill at random."""
OUTLETS = [f"وكالة {n}" for n in range(5)]

_SYNC = """
import sys
from pathlib import Path
from tests.bench.kills import opened, PIECE, SLICE
with opened(Path(sys.argv[1]), None) as index:
    print("open", flush=True)
    index.sync(size=SLICE, most=PIECE)
"""


@dataclass
class Kills:
    place: str
    aimed: bool
    kills: int = 0
    damaged: int = 0
    crashes: int = 0
    """How often the server ended when it read what the kill had left, and was started again."""
    wrong: int = 0
    passages: int = 0
    least_recall: float = 1.0
    """Of the ten nearest, over the questions after one kill."""
    back_s: list[float] = field(default_factory=list)
    """Seconds from such a kill until what was being written and all that was lost was there."""


class opened:
    def __init__(self, folder: Path, url: str | None) -> None:
        self._archive = Archive(folder / "archive.sqlite")
        self._index = Index(folder, self._archive, WordEmbedder(), chroma_url=url)

    def __enter__(self) -> Index:
        return self._index

    def __exit__(self, *_: object) -> None:
        self._index.close()
        self._archive.close()


def measure(kills: int, *, folder: bool, aimed: bool, seed: int, notes: int) -> Kills:
    """Kill so often, in a temporary folder, and return what came of it."""
    result = Kills("folder" if folder else "server", aimed)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        server = None if folder else ChromaServer(data / "server")
        where = data / "chroma" if server is None else server.folder
        where.mkdir(exist_ok=True)
        if server is not None:
            server.start()
        url = server.url if server else None
        version = 0
        with Archive(data / "archive.sqlite") as archive:
            while result.kills < kills:
                with opened(data, url) as index:
                    before = index._vectors.current()
                    if index.index_state().agree:
                        version += 1
                        write(archive, notes, version, chance)
                if server is None:
                    began = kill_writer(data, lambda going: wait(where, aimed, chance, going))
                else:
                    began = kill_server(data, server, lambda going: wait(where, aimed, chance, going), result)
                result.kills += 1
                watched = server.supervised() if server else nullcontext(list[int]())
                with watched as ended:
                    _bring_up_to_date(data, url, before, began, result)
                result.crashes += len(ended)
                print(json.dumps(asdict(result), ensure_ascii=False), file=sys.stderr, flush=True)
        if server is not None:
            server.stop(signal.SIGKILL)
    return result


def write(archive: Archive, notes: int, version: int, chance: random.Random) -> None:
    """Put the notes into the archive the first time, and change a third of them later."""
    embedder = WordEmbedder()
    for n in range(notes):
        if version == 1 or chance.random() < 0.33:
            body = f"ملاحظة {version} رقم {n} عن المحطة {n * 7 % 997} والطريق {n * 13 % 89} في الحي {n % 31}."
            day = f"2025-03-{1 + n % 28:02}"
            put(archive, embedder, article(f"note {n}", body, publisher=OUTLETS[n % 5], published=day))


def wait(where: Path, aimed: bool, chance: random.Random, going: Callable[[], bool]) -> None:
    """Wait for the moment of the kill, or until the writes are over."""
    first, until = _files(where), time.monotonic() + chance.random() * LATEST
    while going() and ((aimed and _files(where) == first) or (not aimed and time.monotonic() < until)):
        time.sleep(0.0005)
    if aimed:
        time.sleep(chance.random() * 0.03)


def kill_server(
    data: Path, server: ChromaServer, wait: Callable[[Callable[[], bool]], None], result: Kills
) -> float:
    """Kill the server while a thread writes to it, and start it again; the writes go on. Return when it was killed."""
    with opened(data, server.url) as index:
        index.open()

        def sync() -> None:
            try:
                index.sync(size=SLICE, most=PIECE)
            except IndexUnreachableError as error:
                print(error, file=sys.stderr)

        writing = threading.Thread(target=sync)
        writing.start()
        wait(writing.is_alive)
        killed = time.monotonic()
        server.stop(signal.SIGKILL)
        server.start()
        with server.supervised() as ended:
            writing.join()
    result.crashes += len(ended)
    return killed


def kill_writer(data: Path, wait: Callable[[Callable[[], bool]], None]) -> float:
    """Kill a process that writes to the folder, and return when."""
    writer = subprocess.Popen([sys.executable, "-c", _SYNC, str(data)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    wait(lambda: writer.poll() is None)
    killed = time.monotonic()
    writer.kill()
    writer.wait()
    writer.stdout.close()
    return killed


def _bring_up_to_date(data: Path, url: str | None, before: Build | None, began: float, result: Kills) -> None:
    with opened(data, url) as index:
        while True:
            try:
                index.sync(size=256, most=PIECE)
                break
            except IndexUnreachableError:  # it is just being started
                if time.monotonic() - began > 120:
                    raise
        build = index._vectors.current()
        assert build is not None
        if before is not None and before.folder != build.folder:
            result.damaged += 1
            result.back_s.append(round(time.monotonic() - began, 2))
        recall = _recall(index)
        result.passages = index.index_state().passages
        result.least_recall = min(result.least_recall, round(recall, 4))
        chroma = index._dense.chroma(build)
        held = chroma.ids()
        result.wrong += recall < 0.95 or len(held) != chroma.count() or bool(held - index._vectors.ids(build))


def _recall(index: Index) -> float:
    """Return the share of the ten nearest that Chroma finds, with and without a filter."""
    build = index._vectors.current()
    assert build is not None
    chroma, found, of = index._dense.chroma(build), 0, 0
    held = chroma.ids()
    for vector in list(index._vectors.sample(build, 12, WordEmbedder.dimension).values()):
        for where in (None, Filter(frozenset(OUTLETS[1:3]), since="2025-03-05", until="2025-03-20")):
            exact = index._dense._exact.nearest(build, vector, 400, where)
            vectors = index._vectors.get(build, exact, WordEmbedder.dimension)
            near = sorted((float(vectors[key][0] @ vector) for key in exact if key in held), reverse=True)[
                :10
            ]
            there = [cosine for _, cosine in chroma.query(vector, 10, where)]
            # By their cosines: many notes are equally near.
            found += int(np.sum(np.asarray(there[: len(near)]) >= near[-1] - 1e-3)) if near else 0
            of += len(near)
    return found / max(1, of)


def _files(where: Path) -> list[tuple[str, int, int]]:
    found = []
    for file in where.rglob("*.*"):
        try:
            if file.suffix in (".bin", ".pickle"):
                found.append((file.name, file.stat().st_mtime_ns, file.stat().st_size))
        except OSError:
            continue
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--notes", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", action="store_true")
    parser.add_argument("--aimed", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    result = measure(given.kills, folder=given.folder, aimed=given.aimed, seed=given.seed, notes=given.notes)
    print(json.dumps(asdict(result), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
