"""Embedding on many machines, as a Ray Data job: the only importer of ray (the optional extra ``musnad[ray]``).

Passages go out in the slices in which they would be embedded here, and their vectors come back in any order; nothing
else is done elsewhere. A slice is embedded as here, batch by batch, so that its vectors are the same ones. One that
was lost with its worker, or with the worker's whole machine, is embedded again by another.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from corpus.article import Span
from corpus.errors import MusnadError
from vectorstore.embed import Embedder, Passage, load_embedder
from vectorstore.embedding import Slice, Stored, stack
from vectorstore.errors import ClusterError, RecipeMismatchError

if TYPE_CHECKING:
    from ray.data import Dataset

LOCAL: Final = "local"
"""The address of a cluster that is started for the job, on this machine, with a worker for each processor."""

_ADDRESS = re.compile(r"(?:ray://)?([\w.-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})", re.ASCII)
_INSTALL = 'pip install "musnad[ray]"'
_CONNECT_SECONDS = 5.0
_WINDOW = 256
"""Slices given to the cluster at a time, 65,536 passages or some 300 MB: Ray keeps them until they are embedded."""
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}

Load = Callable[[], Embedder]


class Cluster:
    """The Ray cluster at ``address``, which is ``local`` or ``HOST:PORT``; joined when first needed.

    ``load`` is called by each worker, and must give it an embedder of the same recipe as ``recipe``.
    ``workers`` are as many as the cluster has processors, unless given. Raises ClusterError, at once when ray is not
    installed or nothing answers at the address.
    """

    def __init__(
        self, address: str, load: Load, recipe: Mapping[str, str], *, workers: int | None = None
    ) -> None:
        if command := missing():
            raise ClusterError(f"embedding on a Ray cluster needs the package ray: {command}")
        if not is_address(address):
            raise ClusterError(f"the address of a Ray cluster is {LOCAL} or HOST:PORT, not {address!r}")
        if address != LOCAL:
            _reach(address)
        self._address = address
        self._load = load
        self._recipe = dict(recipe)
        self._workers = workers
        self._connected = False

    def embed(self, slices: Iterable[Slice]) -> Iterator[tuple[int, list[Stored]]]:
        """Yield the number of each slice and its passages' vectors, as they are ready.

        Raises RecipeMismatchError when a worker has another model, and ClusterError when the cluster is gone.
        """
        waiting = iter(slices)
        while window := list(islice(waiting, _WINDOW)):
            for number, passages in window:
                if not passages:
                    yield number, []
            rows = [_packed(number, passages) for number, passages in window if passages]
            if rows:
                yield from self._embedded(rows)

    def close(self) -> None:
        """Leave the cluster; a local one ends."""
        if self._connected:
            import ray

            ray.shutdown()
            self._connected = False

    def _embedded(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, list[Stored]]]:
        from ray.exceptions import RayError

        try:
            self.join()
            for row in self._job(rows).iter_rows():
                if row["fault"]:
                    raise RecipeMismatchError(row["fault"])
                if row["failure"]:
                    raise ClusterError(row["failure"])
                yield row["number"], _unpacked(row["vectors"], row["counts"])
        except (RayError, ConnectionError, OSError) as error:
            raise ClusterError(f"the Ray cluster ({self._address}) failed: {_line(error)}") from error

    def _job(self, rows: Sequence[Mapping[str, Any]]) -> Dataset:
        import pyarrow
        import ray
        from ray.data import ActorPoolStrategy, DataContext, from_arrow_refs

        logging.getLogger("ray").setLevel(logging.ERROR)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        workers = self._workers or max(1, int(_processors()))
        # One slice is one block: no other cutting of them into batches is possible, so that none changes a vector.
        blocks: Any = [
            ray.put(pyarrow.table({key: [value] for key, value in row.items()}, schema=_schema()))
            for row in rows
        ]
        return from_arrow_refs(blocks).map_batches(
            _Worker,
            fn_constructor_kwargs={"load": self._load, "recipe": self._recipe},
            batch_size=1,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(min_size=1, max_size=min(workers, len(rows))),
            num_cpus=1,
        )

    def join(self) -> None:
        """Join the cluster, or start the local one, unless that was done. Raises ClusterError."""
        if self._connected:
            return
        os.environ.update(_QUIET)
        import ray

        settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
        if self._address == LOCAL:
            settings |= {"include_dashboard": False, "num_cpus": self._workers}
        else:
            settings |= {"address": self._address}
        try:
            ray.init(**settings)
        except (RuntimeError, ValueError, OSError) as error:
            raise ClusterError(
                f"the Ray cluster at {self._address} does not let this machine take part: run `ray start"
                f" --address={self._address}` on it first ({_line(error)})"
                if self._address != LOCAL
                else f"no Ray cluster could be started here: {_line(error)}"
            ) from error
        self._connected = True


class _Worker:
    """What a worker process holds: the model, loaded once."""

    def __init__(self, load: Load, recipe: Mapping[str, str]) -> None:
        host = socket.gethostname()
        self._fault = self._failure = ""
        try:
            self._embedder = load()
        except MusnadError as error:
            self._failure = f"the worker on {host} has no model: {error}"
            return
        own = self._embedder.recipe
        differing = "; ".join(
            f"{key}: {recipe.get(key)!r}, there {own.get(key)!r}"
            for key in sorted({*recipe, *own})
            if recipe.get(key) != own.get(key)
        )
        if differing:
            self._fault = f"the worker on {host} would embed otherwise ({differing})"

    def __call__(self, batch: Any) -> Any:
        import pyarrow

        [row] = batch.to_pylist()
        usable = not (self._fault or self._failure)
        rows = stack(self._embedder.passages(_passages(row["passages"]))) if usable else []
        return pyarrow.table(
            {
                "number": [row["number"]],
                "vectors": [b"".join(each.tobytes() for each in rows)],
                "counts": [[len(each) for each in rows]],
                "fault": [self._fault],
                "failure": [self._failure],
            }
        )


def missing() -> str | None:
    """Return the command that installs ray; None where it is installed."""
    from importlib.util import find_spec

    return None if find_spec("ray") else _INSTALL


def is_address(text: str) -> bool:
    return text == LOCAL or _ADDRESS.fullmatch(text) is not None


def load_on_worker(
    model: str | None = None, query_prompt: str | None = None, passage_prompt: str | None = None
) -> Embedder:
    """Return the embedder of these settings, with the embedded model in the worker's own cache."""
    return load_embedder(
        Path.home() / ".cache" / "musnad" / "models",
        model=model,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        workers=1,
    )


def _reach(address: str) -> None:
    found = _ADDRESS.fullmatch(address)
    assert found is not None
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), timeout=_CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"nothing answers at {address} ({_line(error)}): is the Ray cluster running?"
        ) from error


def _processors() -> float:
    import ray

    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return resources.get("CPU", 1.0)


def _packed(number: int, passages: Sequence[Passage]) -> dict[str, Any]:
    plain = [[each.text, [[span.start, span.end] for span in each.sentences]] for each in passages]
    return {"number": number, "passages": json.dumps(plain).encode()}


def _passages(data: bytes) -> list[Passage]:
    return [
        Passage(text, tuple(Span(start, end) for start, end in sentences))
        for text, sentences in json.loads(data)
    ]


def _unpacked(data: bytes, counts: Sequence[int]) -> list[Stored]:
    whole: NDArray[np.float16] = np.frombuffer(data, dtype="<f2").reshape(sum(counts), -1)
    ends = np.cumsum(counts)
    return np.split(whole, ends[:-1])


def _schema() -> Any:
    import pyarrow

    return pyarrow.schema([("number", pyarrow.int64()), ("passages", pyarrow.binary())])


def _line(error: Exception) -> str:
    return (str(error).strip().partition("\n")[0] or type(error).__name__)[:200]
