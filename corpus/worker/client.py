"""The program's side of its worker: it starts the process, asks it, and says why it died.

One process serves many documents, because its start takes longer than most of them. It is replaced after a
document that broke a bound, after a number of requests, and when it has outgrown its memory. Where a process
that had served others dies, the document is tried once more in a new one: no document suffers from another.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from corpus.article import Article
from corpus.decode import NoTextError, Reason
from corpus.ocr import PICTURES, Ocr
from corpus.parse.collections.entry import Item
from corpus.parse.page import RECOGNISED, Page, PageMetadata
from corpus.parse.plain import ParseError
from corpus.worker.process import OVER_MEMORY
from corpus.worker.wire import (
    BrokenPipesError,
    Header,
    pack_metadata,
    pack_text,
    packed,
    receive,
    unpack_article,
    unpack_items,
    unpack_page,
)

_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from corpus.worker.process import main; main()"
)
# Nothing of the program's own environment: it holds keys and tokens. Arenas for threads would take of the memory.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}
_OF_GLYPHS = frozenset({Reason.SCANNED, Reason.UNFAITHFUL})  # of PDF files that show more than they say
SWITCH_ON = "switch on text recognition: musnad ingest --ocr"
_BATCH = 64  # items of a collection in one reply
_GRACE = 5.0  # seconds beyond those of processor time until a process is ended that only waits


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds on the reading of one document, and on the life of the process that reads."""

    memory: int = 320 * 1024 * 1024
    """Bytes of address space: what a PDF file of 400,000 characters takes."""
    seconds: int = 60
    """Processor time for one document to be read, and again to be parsed."""
    requests: int = 3000
    """Number of requests after which the process is replaced."""


class _DiedError(Exception):
    """The process died; ``certain`` where it would die again."""

    def __init__(self, reason: Reason, detail: str = "", *, certain: bool = False) -> None:
        self.reason = reason
        self.detail = detail
        self.certain = certain


class Worker:
    """A bounded process that reads and parses, started when it is first needed. For one thread."""

    def __init__(self, bounds: Bounds | None = None, *, ocr: Ocr | None = None) -> None:
        """With ``ocr`` pictures are read too, and PDF files that hold nothing else or cannot be read faithfully."""
        self._bounds = bounds or Bounds()
        self._ocr = ocr
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def read(self, data: bytes, kind: str, *, url: str | None = None, charset: str | None = None) -> Page:
        """Return the text of a document, as `corpus.parse.read` does. Raises NoTextError, also beyond a bound."""
        if kind in PICTURES:
            if self._ocr is None:
                raise NoTextError(Reason.PICTURE, SWITCH_ON)
            return self._read(self._ocr.recognise(data, kind), RECOGNISED)
        try:
            return self._read(data, kind, url=url, charset=charset)
        except NoTextError as error:
            if error.reason is Reason.SCANNED and self._ocr is None:
                raise NoTextError(error.reason, SWITCH_ON) from error
            if error.reason not in _OF_GLYPHS or self._ocr is None:
                raise
        return self._read(self._ocr.recognise(data, kind), RECOGNISED)

    def _read(self, data: bytes, kind: str, *, url: str | None = None, charset: str | None = None) -> Page:
        header, content = self._ask({"kind": kind, "url": url, "charset": charset}, data)
        try:
            return unpack_page(header, content)
        except (KeyError, TypeError, ValueError) as error:
            raise NoTextError(Reason.DAMAGED) from error

    def parse(self, text: str, source: str, said: PageMetadata | None = None) -> list[Article]:
        """Return the articles of a text, as `corpus.parse.parse` does.

        Raises ParseError, and NoTextError beyond a bound.
        """
        header, _ = self._ask({"source": source, "said": pack_metadata(said)}, pack_text(text))
        try:
            return [unpack_article(packed, source, text) for packed in header["articles"]]
        except (KeyError, TypeError, ValueError) as error:
            raise NoTextError(Reason.DAMAGED) from error

    def split(self, path: Path, fields: Mapping[str, str]) -> Iterator[tuple[Item, int]]:
        """Yield the items of a collection as `corpus.parse.collections.entries` does, and the bytes read by then.

        Nothing else may be asked of this process meanwhile. Raises NoTextError where the collection is none or
        breaks off, and beyond a bound: `Bounds.seconds` hold for a few items together.
        """
        request: Header = {"path": str(path), "fields": dict(fields), "items": _BATCH}
        while True:
            try:
                header, content = self._exchange(request, b"")
            except _DiedError as death:
                raise NoTextError(death.reason, death.detail) from death
            for item in unpack_items(header["found"], content):
                yield item, int(header["read"])
            if "broken" in header:
                raise NoTextError(Reason(header["broken"]), header["detail"])
            if header.get("end"):
                return
            request = {"items": _BATCH}

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: Header, content: bytes) -> tuple[Header, bytes]:
        """Return the reply to a request. Raises NoTextError and ParseError, as the process says or for its death."""
        try:
            header, reply = self._exchange(request, content)
        except _DiedError as death:
            if death.certain:
                raise NoTextError(death.reason, death.detail) from death
            try:
                header, reply = self._exchange(request, content)
            except _DiedError as again:
                raise NoTextError(again.reason, again.detail) from again
        if header.get("spent"):
            self.close()
        if "reason" in header:
            raise NoTextError(Reason(header["reason"]), header["detail"])
        if "unparsed" in header:
            raise ParseError(header["unparsed"])
        return header, reply

    def _exchange(self, request: Header, content: bytes) -> tuple[Header, bytes]:
        """Send a request to the process and return its reply. Raises _DiedError."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        until = time.monotonic() + self._bounds.seconds + _GRACE
        try:
            _write(process.stdin.fileno(), packed(request, content), until)
            _wait_for([process.stdout.fileno()], [], until)
            reply = receive(process.stdout)  # written in one go, once there is all of it
        except TimeoutError:
            raise self._death(late=True) from None
        except (OSError, BrokenPipesError, ValueError):
            reply = None  # half of one, or none at all: the process died, and its status says of what
        if reply is None:
            raise self._death(late=False)
        self._served += 1
        return reply

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            bounds = json.dumps([self._bounds.memory, self._bounds.seconds, self._bounds.requests])
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _CODE, json.dumps(sys.path), bounds],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_ENVIRONMENT,
                )
            except OSError as error:
                raise NoTextError(Reason.UNREADABLE, error.strerror or "") from error
            assert self._process.stdin is not None
            os.set_blocking(self._process.stdin.fileno(), False)
            self._served = 0
        return self._process

    def _death(self, late: bool) -> _DiedError:
        """Return why the process died, which is over then."""
        process, fresh = self._process, not self._served
        assert process is not None
        if not late:
            _wait(process)
        self.close()
        status = process.returncode
        if late or status == -signal.SIGXCPU:
            return _DiedError(Reason.TOO_SLOW, f"more than {self._bounds.seconds} s", certain=True)
        if status in (OVER_MEMORY, -signal.SIGKILL):  # killed by the system when it runs out of memory itself
            megabytes = self._bounds.memory // 1024**2
            return _DiedError(
                Reason.TOO_MUCH_MEMORY, f"more than {megabytes} MB", certain=fresh and status == OVER_MEMORY
            )
        return _DiedError(Reason.DAMAGED, certain=fresh and status > 0)


def _write(pipe: int, data: bytes, until: float) -> None:
    """Write to a pipe that does not block. Raises TimeoutError, and OSError when nobody reads it."""
    left = memoryview(data)
    while left:
        _wait_for([], [pipe], until)
        left = left[os.write(pipe, left[: select.PIPE_BUF * 16]) :]


def _wait_for(reading: list[int], writing: list[int], until: float) -> None:
    """Wait for a pipe to be readable or writable. Raises TimeoutError."""
    wait = select.poll()  # select takes no descriptors beyond 1024
    for pipe in reading:
        wait.register(pipe, select.POLLIN)
    for pipe in writing:
        wait.register(pipe, select.POLLOUT)
    if not wait.poll(max(until - time.monotonic(), 0) * 1000):
        raise TimeoutError


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that closed its pipe to end by itself, so that its status is known."""
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
