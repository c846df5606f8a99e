"""The bounded process that reads: what comes back from it, what it may use, and what remains when it dies."""

from __future__ import annotations

import io
import json
import mmap
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import corpus.worker.client
from corpus.chunk import chunks
from corpus.decode import NoTextError, Reason
from corpus.ingest import ingest
from corpus.parse import ParseError, parse, read
from corpus.parse.page import PageMetadata
from corpus.samples import folder
from corpus.store import Archive
from corpus.worker import Bounds, Worker
from corpus.worker.process import OVER_MEMORY, answer, resident
from corpus.worker.wire import (
    MOST_BYTES,
    BrokenPipesError,
    pack_article,
    pack_metadata,
    pack_text,
    packed,
    receive,
    unpack_article,
    unpack_metadata,
    unpack_text,
)

TEXT = "افتتاح جسر جديد\n\nقالت مديرية الطرق إن الجسر الجديد افتتح يوم الإثنين. وأضافت أن العمل استغرق 14 شهرا.\n"
PAGE = """<html><head><title>افتتاح جسر جديد</title><meta property="article:published_time" content="2026-02-09">
<link rel="canonical" href="https://news.example/bridge"></head><body><article><h1>افتتاح جسر جديد</h1>
<p>قالت مديرية الطرق في المدينة إن الجسر الجديد افتتح يوم الإثنين وأضافت أن العمل استغرق عاما.</p>
<ul><li>بند أول</li><li>بند ثان</li></ul></article></body></html>"""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as opened:
        yield opened


def refusal(worker: Worker, data: bytes = TEXT.encode(), kind: str = ".txt") -> tuple[Reason, str]:
    with pytest.raises(NoTextError) as caught:
        worker.read(data, kind)
    return caught.value.reason, caught.value.detail


def number(worker: Worker) -> int:
    """The number of the process, started if it was not."""
    worker.read(TEXT.encode(), ".txt")
    assert worker._process is not None
    return worker._process.pid


# What comes back


@pytest.mark.parametrize(("data", "kind"), [(TEXT.encode("utf-16"), ".txt"), (PAGE.encode(), ".html")])
def test_pages_and_articles_come_back_as_they_are_read_here(worker: Worker, data: bytes, kind: str) -> None:
    url = "https://news.example/1"
    page = worker.read(data, kind, url=url)
    assert page == read(data, kind, url=url)
    assert worker.parse(page.text, "a.txt", page.said) == parse(page.text, "a.txt", page.said)


def test_all_samples_come_back_as_they_are_parsed_here(worker: Worker) -> None:
    for path in folder().glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert worker.parse(text, path.name) == parse(text, path.name)


def test_reasons_come_back(worker: Worker) -> None:
    assert refusal(worker, b"a\0b") == (Reason.BINARY, "NUL at byte 1")
    assert refusal(worker, b"x", ".xyz")[0] == Reason.UNSUPPORTED
    with pytest.raises(ParseError, match="no text to read"):
        worker.parse("12 34\n", "numbers.txt")


def test_articles_and_metadata_pass_the_wire() -> None:
    text = "عنوان \ud800\n\n" + TEXT
    assert unpack_text(pack_text(text)) == text
    page = read(PAGE.encode(), ".html", url="https://news.example/1")
    for said in (None, PageMetadata(), page.said):
        assert unpack_metadata(json.loads(json.dumps(pack_metadata(said)))) == said
    for article in parse(page.text, "a.html", page.said):
        assert unpack_article(json.loads(json.dumps(pack_article(article))), "a.html", page.text) == article


def test_frames_are_whole_or_refused() -> None:
    frame = packed({"a": "ب"}, b"content")
    assert receive(io.BytesIO(frame)) == ({"a": "ب"}, b"content")
    assert receive(io.BytesIO()) is None
    too_long = (MOST_BYTES + 1).to_bytes(4, "big") * 2
    for broken in (frame[:3], frame[:12], frame[:-1], too_long):
        with pytest.raises(BrokenPipesError):
            receive(io.BytesIO(broken))


def test_a_request_is_answered() -> None:
    header, content = answer({"kind": ".txt", "url": None, "charset": None}, TEXT.encode())
    assert (header, unpack_text(content)) == ({"said": None}, TEXT)
    assert answer({"kind": ".txt", "url": None, "charset": None}, b" ") == (
        {"reason": "empty", "detail": ""},
        b"",
    )
    header, _ = answer({"source": "a.txt", "said": None}, TEXT.encode())
    assert [article["title"] for article in header["articles"]] == ["افتتاح جسر جديد"]


# What it may use


def test_it_sees_nothing_of_the_programs_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSNAD_TELEGRAM_TOKEN", "12345:secret")
    with Worker() as worker:
        environment = Path(f"/proc/{number(worker)}/environ")
        if not environment.exists():
            pytest.skip("this system shows no environments")
        assert environment.read_bytes() == b"MALLOC_ARENA_MAX=1\0"


def test_a_document_that_takes_too_much_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.worker.client, "_CODE", _code("bytearray(400 * 1024**2)"))
    with Worker(Bounds(memory=300 * 1024**2)) as worker:
        assert refusal(worker) == (Reason.TOO_MUCH_MEMORY, "more than 300 MB")
        assert worker._process is None


def test_memory_is_watched_where_the_system_bounds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    code = _code("kept = b'x' * 400 * 1024**2; time.sleep(20)", "process._bound_memory = lambda memory: None")
    monkeypatch.setattr(corpus.worker.client, "_CODE", code)
    with Worker(Bounds(memory=300 * 1024**2)) as worker:
        assert refusal(worker) == (Reason.TOO_MUCH_MEMORY, "more than 300 MB")


def test_a_document_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched, Worker(Bounds(seconds=1)) as worker:
        patched.setattr(corpus.worker.client, "_CODE", _code("while True: pass"))
        began = time.monotonic()
        assert refusal(worker) == (Reason.TOO_SLOW, "more than 1 s")
        patched.setattr(corpus.worker.client, "_GRACE", 0.2)
        patched.setattr(corpus.worker.client, "_CODE", _code("time.sleep(30)"))
        assert refusal(worker, b"x" * 1_000_000) == (Reason.TOO_SLOW, "more than 1 s")
        assert time.monotonic() - began < 20


def test_seconds_are_each_documents_own() -> None:
    with Worker(Bounds(seconds=1)) as worker:
        before = number(worker)
        for _ in range(12):  # more than a second of reading together
            worker.read("\n".join(["قالت مديرية الطرق إن الجسر افتتح."] * 40_000).encode(), ".txt")
        assert number(worker) == before


def _code(does: str, first: str = "pass") -> str:
    """The process with something else in the place of reading."""
    return (
        "import json, sys, time; sys.path[:] = json.loads(sys.argv[1]); from corpus.worker import process\n"
        f"def read(*given, **more):\n    {does}\n"
        f"process.read = read\n{first}\nprocess.main()"
    )


# What it leaves


def test_one_process_serves_many_documents_until_it_is_spent() -> None:
    with Worker(Bounds(requests=3)) as worker:
        first = number(worker)
        assert number(worker) == first
        worker.read(TEXT.encode(), ".txt")
        assert worker._process is None
        assert number(worker) != first


def test_a_process_that_is_killed_loses_no_document() -> None:
    with Worker() as worker:
        os.kill(first := number(worker), signal.SIGKILL)
        assert worker.read(TEXT.encode(), ".txt").text == TEXT
        assert number(worker) != first


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("sys.exit(1)", Reason.DAMAGED),
        ("1 / 0", Reason.DAMAGED),
        ("import os; os.kill(os.getpid(), 11)", Reason.DAMAGED),
        (f"import os; os._exit({OVER_MEMORY})", Reason.TOO_MUCH_MEMORY),
    ],
)
def test_a_document_that_kills_every_process_is_refused(
    monkeypatch: pytest.MonkeyPatch, does: str, reason: Reason
) -> None:
    with Worker() as worker:
        with monkeypatch.context() as patched:
            patched.setattr(corpus.worker.client, "_CODE", _code(does))
            assert refusal(worker)[0] == reason
        assert worker.read(TEXT.encode(), ".txt").text == TEXT


def test_a_system_without_room_for_a_process_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Worker() as worker:
        assert refusal(worker) == (Reason.UNREADABLE, "No such file or directory")


PARENT = """
import sys, time
from corpus.worker import Worker
worker = Worker()
worker.read(b"a word", ".txt")
print(worker._process.pid, flush=True)
time.sleep(60) if sys.argv[1] == "idle" else worker.read(open(sys.argv[2], "rb").read(), ".pdf")
"""


@pytest.mark.parametrize("at", ["idle", "work"])
def test_a_killed_program_leaves_no_process(tmp_path: Path, at: str) -> None:
    from tests.corpus.test_parse_pdf import endless

    (tmp_path / "endless.pdf").write_bytes(endless())
    command = [sys.executable, "-c", PARENT, at, str(tmp_path / "endless.pdf")]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 10
    while _lives(child):
        assert time.monotonic() < until
        time.sleep(0.05)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")  # one that nobody waits for is over too
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_an_ingest_whose_processes_are_killed_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, exchange = random.Random(7), Worker._exchange

    def killed(worker: Worker, *given: object) -> object:
        reply = exchange(worker, *given)  # type: ignore[arg-type]
        if worker._process is not None and chance.random() < 0.2:
            worker._process.kill()
        return reply

    monkeypatch.setattr(Worker, "_exchange", killed)
    with Archive(tmp_path / "archive.sqlite") as archive:
        report = ingest(
            [folder()], archive, lambda article: chunks(article, lambda texts: [len(each) for each in texts])
        )
    assert (len(report.added), report.skipped) == (15, ())


def test_a_process_knows_what_it_holds() -> None:
    before = resident()
    with mmap.mmap(
        -1, 50_000_000
    ) as kept:  # never memory that the process has already, freed by another test
        kept.write(b"x" * len(kept))
        assert before > 1_000_000
        assert sys.platform != "linux" or resident() - before > 0.9 * len(kept)
