"""Embedding on a Ray cluster: a real one, of several processes on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bot.cli import main
from corpus.article import Span
from corpus.store import Archive
from tests.vectorstore.test_index import ROOT, WordEmbedder, article, many, put
from vectorstore import cluster
from vectorstore.cluster import Cluster
from vectorstore.embed import Embedded, Embedder, EmbeddingModelError, Passage, load_embedder
from vectorstore.embedding import Here, Slice
from vectorstore.errors import ClusterError, RecipeMismatchError
from vectorstore.index import Index, Synced

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # Ray's own, of what it will do otherwise one day
]
with_ray = pytest.mark.skipif(cluster.missing() is not None, reason="ray is not installed")


@pytest.fixture(autouse=True, scope="module")
def _importable() -> Iterator[None]:
    """Let the workers import the tests."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(ROOT))
        yield


class Fatal(WordEmbedder):
    """Ends its own process once, at the passage that says so."""

    def __init__(self, flag: Path) -> None:
        super().__init__()
        self._flag = flag

    def passages(self, passages: Sequence[Passage], progress: object = None) -> list[Embedded]:
        if any("قاتلة" in each.text for each in passages) and not self._flag.exists():
            self._flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().passages(passages)


class Slow(WordEmbedder):
    """Says who has begun, and takes its time."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def passages(self, passages: Sequence[Passage], progress: object = None) -> list[Embedded]:
        (self._folder / str(os.getpid())).touch()
        time.sleep(0.5)
        return super().passages(passages)


def slices(count: int, size: int = 4) -> list[Slice]:
    return [
        (
            n,
            [
                Passage(f"ملاحظة رقم {n} عن المحطة {i}", (Span(0, 6),))
                for i in range(n * size, (n + 1) * size)
            ],
        )
        for n in range(count)
    ]


def same(here: dict[int, list[np.ndarray]], there: dict[int, list[np.ndarray]]) -> bool:
    return here.keys() == there.keys() and all(
        len(here[n]) == len(there[n]) and all(map(np.array_equal, here[n], there[n])) for n in here
    )


@with_ray
def test_the_vectors_are_those_of_this_machine_to_the_last_bit(models: Path, embedder: Embedder) -> None:
    texts = [f"وقال الوزير رقم {n} إن العمل في الجسر سيبدأ قريبا. " * (1 + n % 7) for n in range(150)]
    given: list[Slice] = [(n, [Passage(text) for text in texts[n * 50 : (n + 1) * 50]]) for n in range(3)]
    given.insert(1, (7, []))
    there = Cluster("local", partial(load_embedder, models, workers=1), embedder.recipe, workers=2)
    try:
        assert same(dict(Here(embedder).embed(given)), dict(there.embed(given)))
    finally:
        there.close()


def note(seen: list[int], done: int, of: int) -> None:
    seen.append(done)


@with_ray
def test_a_sync_on_a_cluster_is_the_same_as_here_even_when_a_worker_is_killed(tmp_path: Path) -> None:
    found = []
    embedder, flag = WordEmbedder(), tmp_path / "killed"
    for name in ("here", "there"):
        there = (
            Cluster("local", partial(Fatal, flag), embedder.recipe, workers=2) if name == "there" else None
        )
        seen: list[int] = []
        with (
            Archive(tmp_path / name / "archive.sqlite") as archive,
            Index(tmp_path / name, archive, embedder, embedding=there) as index,
        ):
            put(archive, embedder, *many(40), article("fatal", "ملاحظة قاتلة عن المحطة."))
            assert index.sync(partial(note, seen), size=4) == Synced(41, 0)
            assert (len(seen), seen[-1], sorted(seen)) == (11, 41, seen)
            found.append(
                [(hit.chunk.id, hit.dense, hit.sentence_cosines) for hit in index.search("المحطة", 50)]
            )
    assert flag.exists()
    assert found[0] == found[1]
    assert embedder.embedded == 41  # none of the cluster's were embedded here


@with_ray
def test_a_machine_that_dies_costs_nothing(tmp_path: Path) -> None:
    import ray
    from ray.cluster_utils import Cluster as Machines

    machines = Machines(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    lost = machines.add_node(num_cpus=1)
    there = Cluster(machines.address, partial(Slow, tmp_path), WordEmbedder().recipe, workers=2)
    try:
        found = {}
        for number, rows in there.embed(slices(24)):
            found[number] = rows
            if lost is not None and len(list(tmp_path.iterdir())) == 2:
                machines.remove_node(lost, allow_graceful=False)
                lost = None
        assert lost is None
        assert same(dict(Here(WordEmbedder()).embed(slices(24))), found)
    finally:
        there.close()
        ray.shutdown()
        machines.shutdown()  # type: ignore[no-untyped-call, unused-ignore]


SYNC = """
import sys
from functools import partial
from pathlib import Path
from corpus.article import Span
from corpus.store import Archive
from tests.vectorstore.test_cluster import Slow
from tests.vectorstore.test_index import WordEmbedder
from vectorstore.cluster import Cluster
from vectorstore.index import Index
folder, embedder = Path(sys.argv[1]), WordEmbedder()
there = Cluster("local", partial(Slow, folder / "begun"), embedder.recipe, workers=1)
with Archive(folder / "archive.sqlite") as archive, Index(folder, archive, embedder, embedding=there) as index:
    index.sync(lambda done, of: print(done, flush=True), size=4)
"""


@with_ray
def test_a_killed_ingest_leaves_no_process_and_goes_on(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    (tmp_path / "begun").mkdir()
    with Archive(tmp_path / "archive.sqlite") as archive:
        put(archive, embedder, *many(40))
    driver = subprocess.Popen([sys.executable, "-c", SYNC, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"4\n"
    driver.kill()
    driver.wait()
    driver.stdout.close()
    workers = [int(each.name) for each in (tmp_path / "begun").iterdir()]
    until = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < until
        time.sleep(0.1)
    with Archive(tmp_path / "archive.sqlite") as archive, Index(tmp_path, archive, embedder) as index:
        left = index.sync().added
        assert 0 < left <= 36
        assert embedder.embedded == left
        assert {hit.chunk.id for hit in index.search("ملاحظة عن المحطة", 50)} == archive.chunk_ids()


@with_ray
def test_workers_with_another_model_are_refused_by_name() -> None:
    there = Cluster("local", WordEmbedder, {"model": "words", "digest": "2"}, workers=1)
    try:
        with pytest.raises(RecipeMismatchError, match=r"the worker on .*\(digest: '2', there '1'\)"):
            list(there.embed(slices(1)))
    finally:
        there.close()


def no_model() -> Embedder:
    raise EmbeddingModelError("the model 'x' cannot be loaded")


@with_ray
def test_a_worker_without_the_model_says_so() -> None:
    there = Cluster("local", no_model, WordEmbedder().recipe, workers=1)
    try:
        with pytest.raises(ClusterError, match=r"the worker on .* the model 'x' cannot be loaded"):
            list(there.embed(slices(1)))
    finally:
        there.close()


@with_ray
@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_named(address: str) -> None:
    with pytest.raises(ClusterError, match=rf"nothing answers at {address} \(.*refused"):
        Cluster(address, WordEmbedder, {})


@pytest.mark.parametrize(
    ("address", "installed", "said"),
    [("local", False, 'pip install "musnad[ray]"'), ("articles", True, "HOST:PORT")],
)
def test_what_the_command_needs_is_said_in_one_line(
    address: str,
    installed: bool,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cluster, "missing", lambda: None if installed else cluster._INSTALL)
    assert main(["ingest", "--ray", address, "--data", str(tmp_path), str(tmp_path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert said in line
