"""How long an answer takes, how fast articles go in, how long a start takes, and how much memory it needs.

``make bench``, or ``python -m tests.bench --archive articles.jsonl.xz --limit 500``. Everything happens in a
temporary folder. What the model alone takes for the same texts is measured in the same run, in turns with the
product, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from bot.answering.pipeline import Question
from bot.build import Musnad, build
from bot.settings import Settings
from corpus.samples import folder as samples
from tests.bench.archives import QUESTIONS, headlines, unpack
from vectorstore.fill import passage

ASK_ROUNDS = 3
STARTS = 3
COMMAND = [sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())"]

_WATCH = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""
# A small process in between: Linux counts what the parent holds as its child's own peak, and this one has held a model.


@dataclass(frozen=True, slots=True)
class Ingest:
    """Ingest times: medians over the rounds, in seconds."""

    articles: int
    chunks: int
    seconds: float
    read_seconds: float
    """Part of ``seconds`` until the archive held everything; the rest is embedding and indexing."""
    bare_seconds: float
    """SentenceTransformer.encode of the same passages, right after, with the product's number of torch threads."""
    bare_all_threads_seconds: float
    """The same with a torch thread for every core, the default of sentence-transformers."""
    share_of_bare: float
    """The product's throughput as a share of the faster bare encoding's."""
    again_seconds: float
    """Time for the same folder once more, with nothing changed."""
    peak_mib: float
    """Peak memory of this process when the ingest was done, the model included."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Answer times in milliseconds."""

    questions: int
    p50: float
    p95: float
    encode_p50: float
    encode_p95: float
    """Encoding by the model alone, on the same questions in turns."""
    encode_share: float
    """Share of an answer's time spent on encoding the question."""
    judge_p50: float
    """Part of an answer's time spent on judging its sentences: the reader's work."""
    quick_p50: float
    quick_p95: float
    """An answer while the user types, by the quick judge alone."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start of new processes, in seconds and MiB."""

    load_seconds: float
    """The very first load, when the model is converted."""
    help_seconds: float
    ask_seconds: float
    """``musnad ask`` from start to end, everything cached."""
    ask_peak_mib: float


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="musnad-bench-") as name:
        data, articles, questions = _prepare(Path(name), options)
        with build(Settings(data=data), llm=False) as musnad:
            loading = _seconds(musnad.load)
            ingest = measure_ingest(musnad, articles, options.rounds or (1 if options.archive else 3))
            latency = measure_latency(musnad, questions)
        start = measure_start(data, questions[0], loading)
    if options.json:
        print(json.dumps({"ingest": asdict(ingest), "latency": asdict(latency), "start": asdict(start)}))
    else:
        print(_report(ingest, latency, start))


def measure_ingest(musnad: Musnad, folder: Path, rounds: int) -> Ingest:
    """Ingest a folder into ``musnad``, then into new instances, in turns with bare encoding."""
    musnad.index.encode(["تمهيد"] * 16)
    seconds, reads, bares, threaded = [], [], [], []
    encode: Callable[..., object] | None = None
    peak = 0.0
    for round_ in range(rounds):
        settings = Settings(data=musnad.settings.data / f"round-{round_}")
        with build(settings, llm=False, embedder=musnad.embedder) as another:
            target = another if round_ else musnad
            whole, read = _ingest(target, folder)
            peak = peak or _mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        encode = encode or bare(musnad)  # loaded once the product's own memory is known
        seconds.append(whole)
        reads.append(read)
        bares.append(_seconds(partial(encode, _passages(musnad))))
        with _all_threads():
            threaded.append(_seconds(partial(encode, _passages(musnad))))
    fastest = [min(pair) for pair in zip(bares, threaded, strict=True)]
    return Ingest(
        articles=len(musnad.archive.articles()),
        chunks=musnad.archive.size(),
        seconds=statistics.median(seconds),
        read_seconds=statistics.median(reads),
        bare_seconds=statistics.median(bares),
        bare_all_threads_seconds=statistics.median(threaded),
        share_of_bare=statistics.median(bare / whole for bare, whole in zip(fastest, seconds, strict=True)),
        again_seconds=_seconds(lambda: musnad.ingest([folder])),
        peak_mib=peak,
    )


def bare(musnad: Musnad) -> Callable[..., object]:
    """Return the encoding of the same model by sentence-transformers, in the product's number format."""
    from sentence_transformers import SentenceTransformer

    from vectorstore.models.numberformat import fastest

    folder = musnad.embedder.folder
    assert folder is not None
    model = SentenceTransformer(
        str(folder), local_files_only=True, device="cpu", model_kwargs={"dtype": fastest(folder)}
    )
    return partial(model.encode, prompt_name="passage", show_progress_bar=False)


def measure_latency(musnad: Musnad, questions: Sequence[str]) -> Latency:
    """Measure every question ``ASK_ROUNDS`` times, in turns with the model alone, after one round of warm-up."""
    encodes: list[float] = []
    totals: list[float] = []
    shares: list[float] = []
    judges: list[float] = []
    quicks: list[float] = []
    for round_ in range(ASK_ROUNDS + 1):
        for question in questions:
            encode = _seconds(partial(musnad.index.encode, [question]))
            started = time.perf_counter()
            answer = musnad.asker.ask(Question(question))
            total = time.perf_counter() - started
            quick = _seconds(partial(musnad.asker.ask, Question(question, quick=True)))
            if round_:
                encodes.append(encode * 1000)
                totals.append(total * 1000)
                shares.append(answer.timings_ms["encode"] / (total * 1000))
                judges.append(answer.timings_ms["judge"])
                quicks.append(quick * 1000)
    return Latency(
        questions=len(totals),
        p50=statistics.median(totals),
        p95=_p95(totals),
        encode_p50=statistics.median(encodes),
        encode_p95=_p95(encodes),
        encode_share=statistics.mean(shares),
        judge_p50=statistics.median(judges),
        quick_p50=statistics.median(quicks),
        quick_p95=_p95(quicks),
    )


def measure_start(data: Path, question: str, load_seconds: float) -> Start:
    """Measure ``musnad --help`` and ``musnad ask`` in new processes: median seconds of ``STARTS`` runs each."""
    helps = [_run(["--help"])[0] for _ in range(STARTS)]
    asks = [_run(["--data", str(data), "ask", question]) for _ in range(STARTS)]
    return Start(
        load_seconds=load_seconds,
        help_seconds=statistics.median(helps),
        ask_seconds=statistics.median(seconds for seconds, _ in asks),
        ask_peak_mib=max(peak for _, peak in asks),
    )


@contextmanager
def _all_threads() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--archive", type=Path, help="articles as JSON lines (.jsonl, .jsonl.xz); else the samples"
    )
    parser.add_argument("--limit", type=int, default=500, help="how many of them (default: 500)")
    parser.add_argument("--rounds", type=int, help="how often to ingest (default: 3, with --archive 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _prepare(folder: Path, options: argparse.Namespace) -> tuple[Path, Path, list[str]]:
    """Return the data directory, the folder of articles and the questions."""
    if options.archive is None:
        return folder / "data", samples(), QUESTIONS
    articles = folder / "articles"
    articles.mkdir()
    unpack(options.archive, articles, options.limit)
    return folder / "data", articles, QUESTIONS + headlines(articles, len(QUESTIONS))


def _ingest(musnad: Musnad, folder: Path) -> tuple[float, float]:
    """Ingest the folder; return the seconds in total and until everything was read."""
    read = started = time.perf_counter()

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal read
        if stage == "read":
            read = time.perf_counter()

    musnad.ingest([folder], progress=progress)
    return time.perf_counter() - started, read - started


def _passages(musnad: Musnad) -> list[str]:
    """Return all passages of the archive as they were embedded."""
    articles = {article.id: article for article in musnad.archive.articles()}
    chunks = musnad.archive.chunks(sorted(musnad.archive.chunk_ids()))
    return [passage(articles[chunk.article_id], chunk).text for chunk in chunks]


def _run(arguments: Sequence[str]) -> tuple[float, float]:
    """Run ``musnad``; return the seconds and the peak MiB of its process."""
    started = time.perf_counter()
    watched = subprocess.run(
        [sys.executable, "-c", _WATCH, *COMMAND, *arguments], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    code, peak = watched.stdout.split()
    if int(code) not in (0, 1):
        raise SystemExit(f"musnad {' '.join(arguments)} failed: {watched.stderr.strip()}")
    return seconds, _mib(int(peak))


def _seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _mib(peak: int) -> float:
    """Return a peak in MiB: Linux counts it in KiB, macOS in bytes."""
    return peak / (1 << 20 if platform.system() == "Darwin" else 1 << 10)


def _report(ingest: Ingest, latency: Latency, start: Start) -> str:
    return f"""\
Question, {latency.questions} answers over {ingest.articles} articles, {ingest.chunks} passages
  whole answer      p50 {latency.p50:7.1f} ms   p95 {latency.p95:7.1f} ms   (aim: p50 at most 300 ms)
  … judging         p50 {latency.judge_p50:7.1f} ms
  while one types   p50 {latency.quick_p50:7.1f} ms   p95 {latency.quick_p95:7.1f} ms   (aim: p50 at most 60 ms)
  the encode alone  p50 {latency.encode_p50:7.1f} ms   p95 {latency.encode_p95:7.1f} ms   \
({latency.encode_share:.0%} of an answer)
Ingest
  product           {ingest.seconds:7.1f} s   {ingest.chunks / ingest.seconds:6.1f} passages/s   \
(reading, cutting, storing: {ingest.read_seconds:.1f} s)
  bare encode       {ingest.bare_seconds:7.1f} s   {ingest.chunks / ingest.bare_seconds:6.1f} passages/s
  … on every core   {ingest.bare_all_threads_seconds:7.1f} s   \
{ingest.chunks / ingest.bare_all_threads_seconds:6.1f} passages/s   (a torch thread a core)
  product / bare    {ingest.share_of_bare:.2f} of the faster one's throughput (aim: at least 0.8)
  nothing changed   {ingest.again_seconds:7.1f} s
Start
  musnad --help     {start.help_seconds:7.1f} s
  musnad ask        {start.ask_seconds:7.1f} s
  first load ever   {start.load_seconds:7.1f} s   (the model is converted)
Memory at its peak
  musnad ask        {start.ask_peak_mib:7.0f} MiB
  ingest            {ingest.peak_mib:7.0f} MiB"""


if __name__ == "__main__":
    main()
