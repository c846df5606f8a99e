"""What grows with the archive: ``python -m tests.bench.sizes ingest|ask|usual|chart …``.

    ingest SOURCE DATA         take SOURCE into an empty folder DATA: rate, memory, disk; and again, nothing changed
    ask DATA                   put 200 questions to the archive in DATA: latency and its parts, start, memory
    usual SOURCE               the same articles by the usual LangChain pipeline and by musnad, one after the other
    chart RESULTS docs/large.svg

SOURCE is a file of articles (``tests.bench.varied`` makes large ones). Each prints one JSON object, and appends it to
``--results FILE``. What is measured runs in a process of its own, whose peak memory is its alone. The ingest is
compared with ``SentenceTransformer.encode`` of the same passages in the same process right after; where there are more
than ``SAMPLE``, of so many drawn at random. ``usual`` needs `langchain-huggingface`, `langchain-chroma` and
`langchain-text-splitters`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tests.bench.archives import read_articles

SAMPLE = 800
"""Passages encoded for comparison."""

NEWS = Path(__file__).parents[1] / "evals" / "news-fit.jsonl"
PARTS = ("understand", "encode", "dense", "lexical", "fuse", "read", "retrieve", "judge")
"""Of an answer; ``retrieve`` is ``encode`` to ``read``, and what comes before ``judge``."""

_SEED = 13
_WARM = 20  # questions before the first that is measured
_HEADLINES = 100


def main() -> None:
    options = _options()
    if options.do == "chart":
        from tests.bench.sizes_chart import chart

        results = [json.loads(line) for line in options.paths[0].open(encoding="utf-8")]
        options.paths[1].write_text(chart(results), encoding="utf-8")
        return
    if options.inside:
        print(json.dumps(DONE[options.do](*options.paths, limit=options.limit)))
        return
    found = DOES[options.do](*options.paths, limit=options.limit)
    line = json.dumps({"bench": options.do, "at": time.strftime("%Y-%m-%d"), **found})
    print(line)
    if options.results:
        with options.results.open("a", encoding="utf-8") as results:
            results.write(f"{line}\n")


def measure_ingest(source: Path, data: Path, limit: int | None) -> dict[str, Any]:
    first = _child("ingest", source, data)
    again = _child("again", source, data)
    return {**first, "again_s": again["seconds"], "again_peak_mib": again["peak_mib"], **_disk(data)}


def measure_asking(data: Path, limit: int | None) -> dict[str, Any]:
    from tests.bench.__main__ import measure_start

    found = _child("ask", data)
    start = measure_start(data, "متى انضمت سوريا إلى التحالف الدولي؟", 0.0)
    return {**found, "start_s": start.ask_seconds, "start_peak_mib": start.ask_peak_mib, **_disk(data)}


def measure_usual(source: Path, limit: int | None) -> dict[str, Any]:
    """Take ``limit`` articles in by the usual pipeline and by musnad; both load the model before the clock runs."""
    with tempfile.TemporaryDirectory(prefix="musnad-bench-") as folder:
        some = Path(folder, "some.jsonl")
        with some.open("w", encoding="utf-8") as out:
            for article in islice(read_articles(source), limit or 200):
                out.write(json.dumps(article, ensure_ascii=False) + "\n")
        ours = _child("ingest", some, Path(folder, "data"))
        usual = _child("usual", some, Path(folder, "data"))
    return {
        "articles": ours["articles"],
        "seconds": ours["seconds"],
        "usual_s": usual["seconds"],
        "usual_chunks": usual["chunks"],
        "times_as_fast": round(usual["seconds"] / ours["seconds"], 2),
    }


DOES: dict[str, Callable[..., dict[str, Any]]] = {
    "ingest": measure_ingest,
    "ask": measure_asking,
    "usual": measure_usual,
}


# --- in a process of its own ------------------------------------------------------------------------------


def ingest(source: Path, data: Path, limit: int | None) -> dict[str, Any]:
    from bot.build import build
    from bot.settings import Settings
    from tests.bench.__main__ import bare as bare_encode

    laps: dict[str, float] = {}
    with build(Settings(data=data), llm=False) as musnad:
        if musnad.archive.size():
            raise SystemExit(f"{data} holds articles already")
        musnad.index.encode(["تمهيد"] * 16)
        started = time.perf_counter()

        def progress(stage: str, done: int, total: int) -> None:
            laps[stage] = time.perf_counter() - started

        musnad.ingest([source], progress=progress)
        seconds = time.perf_counter() - started
        peak = _peak()
        passages = musnad.archive.size()
        texts = _passages(musnad, min(passages, SAMPLE))
        bare = _faster(partial(bare_encode(musnad), texts)) / len(texts)
        return {
            "articles": musnad.archive.count_articles(),
            "passages": passages,
            "seconds": round(seconds, 2),
            "until_s": {stage: round(at, 2) for stage, at in laps.items()},
            "bare_s": round(bare * passages, 2),
            "share_of_bare": round(bare * passages / seconds, 3),
            "peak_mib": round(peak),
        }


def again(source: Path, data: Path, limit: int | None) -> dict[str, Any]:
    from bot.build import build
    from bot.settings import Settings

    with build(Settings(data=data), llm=False) as musnad:
        musnad.index.encode(["تمهيد"])
        return {"seconds": round(_seconds(lambda: musnad.ingest([source])), 3), "peak_mib": round(_peak())}


def ask(data: Path, limit: int | None) -> dict[str, Any]:
    from bot.answering.pipeline import Question
    from bot.build import build
    from bot.settings import Settings

    with build(Settings(data=data), llm=False) as musnad:
        musnad.load(fill=False)
        loaded = _peak()
        questions = list(_questions(musnad))
        for question in questions[:: max(1, len(questions) // _WARM)]:
            musnad.asker.ask(Question(f"{question} "))
        totals: list[float] = []
        parts: dict[str, list[float]] = {part: [] for part in PARTS}
        for question in questions:
            started = time.perf_counter()
            answer = musnad.asker.ask(Question(question))
            totals.append((time.perf_counter() - started) * 1000)
            for part, values in parts.items():
                values.append(answer.timings_ms.get(part, 0.0))
        return {
            "articles": musnad.archive.count_articles(),
            "passages": musnad.archive.size(),
            "questions": len(questions),
            "p50_ms": _p50(totals),
            "p95_ms": _p95(totals),
            "parts_p50_ms": {part: _p50(values) for part, values in parts.items()},
            "parts_p95_ms": {part: _p95(values) for part, values in parts.items()},
            "loading_mib": round(loaded),
            "peak_mib": round(_peak()),
            "resident_mib": round(_memory("VmRSS")),
        }


def usual(source: Path, data: Path, limit: int | None) -> dict[str, Any]:
    """Do as the tutorials do; ``data`` holds musnad's model."""
    from langchain_chroma import Chroma  # type: ignore[import-not-found, unused-ignore]
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found, unused-ignore]
    from langchain_text_splitters import (  # type: ignore[import-not-found, unused-ignore]
        RecursiveCharacterTextSplitter,
    )

    (model,) = (path for path in (data / "models").iterdir() if path.is_dir())
    embeddings = HuggingFaceEmbeddings(model_name=str(model))
    embeddings.embed_documents(["تمهيد"] * 16)
    started = time.perf_counter()
    documents = [
        Document(page_content=f"{article['title']}\n\n{article['text']}", metadata={"id": article["id"]})
        for article in read_articles(source)
    ]
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(documents)
    with tempfile.TemporaryDirectory(prefix="usual-") as folder:
        Chroma.from_documents(chunks, embeddings, persist_directory=folder)
        seconds = time.perf_counter() - started
    return {"seconds": round(seconds, 2), "chunks": len(chunks), "peak_mib": round(_peak())}


DONE: dict[str, Callable[..., dict[str, Any]]] = {
    "ingest": ingest,
    "again": again,
    "ask": ask,
    "usual": usual,
}


def _questions(musnad: Any) -> Iterator[str]:
    """Yield the hand-made questions on the news, and as many made of headlines, the same ones each time."""
    for line in NEWS.open(encoding="utf-8"):
        yield json.loads(line)["question"]
    sources = sorted(musnad.archive.sources())
    drawn = random.Random(_SEED).sample(sources, min(_HEADLINES, len(sources)))
    for source in drawn:
        for article in musnad.archive.articles_of(source)[:1]:
            yield f"ما خبر {article.title}؟"


def _passages(musnad: Any, count: int) -> list[str]:
    from vectorstore.fill import passage

    ids = random.Random(_SEED).sample(sorted(musnad.archive.chunk_ids()), count)
    chunks = musnad.archive.chunks(ids)
    articles = musnad.archive.articles_by_id({chunk.article_id for chunk in chunks})
    return [passage(articles[chunk.article_id], chunk).text for chunk in chunks]


def _faster(encode: Callable[[], object]) -> float:
    """Return the seconds of the faster way to encode: with the product's number of threads, or one a core."""
    import os

    import torch

    before = torch.get_num_threads()
    found = [_seconds(encode)]
    torch.set_num_threads(os.cpu_count() or 1)
    found.append(_seconds(encode))
    torch.set_num_threads(before)
    return min(found)


def _peak() -> float:
    return _memory("VmHWM")


def _memory(which: str) -> float:
    """Return this process's memory in MiB: the peak, ``VmHWM``, or what it holds now, ``VmRSS``."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(which))


# --- around it --------------------------------------------------------------------------------------------


def _child(do: str, *paths: Path) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench.sizes", "--inside", do, *map(str, paths)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def _disk(data: Path) -> dict[str, Any]:
    def size(path: Path) -> float:
        files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
        return round(sum(each.stat().st_blocks * 512 for each in files) / 2**20, 1)

    parts = {
        path.name: size(path) for path in sorted(data.iterdir()) if path.name != "models" and size(path) > 0.1
    }
    return {"disk_mib": round(sum(parts.values()), 1), "disk_parts_mib": parts}


def _seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def _p50(values: Sequence[float]) -> float:
    return round(statistics.median(values), 2)


def _p95(values: Sequence[float]) -> float:
    return round(statistics.quantiles(values, n=20)[-1], 2)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.sizes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("do", choices=[*DOES, "again", "chart"])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, help="articles for the usual pipeline (default: 200)")
    parser.add_argument("--results", type=Path, help="file of results, one JSON object a line")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
