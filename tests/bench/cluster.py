"""``python -m tests.bench.cluster``: passages embedded on a local Ray cluster of 1, 2 and 4 workers, against here.

The model is loaded and the cluster started before the clock runs; the vectors of every run are compared with those
made here, bit by bit.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from corpus.chunk import chunks
from corpus.store import Archive
from tests.bench.archives import unpack
from vectorstore.cluster import Cluster
from vectorstore.embed import load_embedder
from vectorstore.embedding import Here, Slice
from vectorstore.fill import SLICE, passage

CountTokens = Callable[[Sequence[str]], list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=500, help="articles")
    parser.add_argument("--slice", type=int, default=SLICE // 4)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--models", type=Path, default=Path(".pytest_cache/d/musnad-models"))
    given = parser.parse_args()
    embedder = load_embedder(given.models)
    with tempfile.TemporaryDirectory() as folder:
        slices = _slices(given.archive, given.limit, given.slice, Path(folder), embedder.count_tokens)
    count = sum(len(each) for _, each in slices)
    began = time.monotonic()
    here = dict(Here(embedder).embed(slices))
    alone = time.monotonic() - began
    print(json.dumps({"passages": count, "here_s": round(alone, 1)}), flush=True)
    for workers in given.workers:
        load = partial(load_embedder, given.models.absolute(), workers=1)
        cluster = Cluster("local", load, embedder.recipe, workers=workers)
        try:
            began = time.monotonic()
            cluster.join()
            joined = time.monotonic() - began
            began = time.monotonic()
            there = dict(cluster.embed(slices))
            took = time.monotonic() - began
        finally:
            cluster.close()
        same = all(all(map(np.array_equal, here[n], there[n])) for n in here)
        figures = {
            "workers": workers,
            "start_s": round(joined, 1),
            "seconds": round(took, 1),
            "rate_of_here": round(alone / took, 2),
            "identical": same,
        }
        print(json.dumps(figures), flush=True)


def _slices(archive: Path, limit: int, size: int, folder: Path, count_tokens: CountTokens) -> list[Slice]:
    from corpus.ingest import ingest

    files = folder / "files"
    files.mkdir()
    unpack(archive, files, limit)
    with Archive(folder / "archive.sqlite") as held:
        ingest([files], held, lambda article: chunks(article, count_tokens))
        keys = sorted(held.chunk_ids())
        found = held.chunks(keys)
        articles = held.articles_by_id({each.article_id for each in found})
    passages = [passage(articles[each.article_id], each) for each in found]
    return [(n, passages[start : start + size]) for n, start in enumerate(range(0, len(passages), size))]


if __name__ == "__main__":
    main()
