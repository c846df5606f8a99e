"""The program's side of text recognition: each page is drawn, then read, in bounded processes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from corpus.decode import NoTextError, Reason
from corpus.ocr.bounded import ENVIRONMENT, OVER_MEMORY
from corpus.ocr.draw import DPI

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"})
"""The suffixes of pictures that can be read."""

LANGUAGE = "ara"
"""Tesseract's data for Arabic, which knows Latin digits too; with ``eng`` beside it, Arabic words become Latin ones."""

LEFTOVER = b"leftover\n"
"""The line between the table of a page and that of what the first look passed over."""

_LEFT = 0.01  # of the ink
_SPARSE = "11"  # Tesseract's mode for lines anywhere

_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {} import main; main()"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on the recognition of one file."""

    pages: int = 50
    points: int = 50_000_000
    """Of one page: two of A4 at 600 dots per inch are 70 million."""
    memory: int = 1024**3
    """Bytes of address space of each process: what a page of so many points takes, half as much again."""
    page_seconds: int = 60
    """Processor time for one page to be drawn, and again to be read."""
    seconds: int = 600
    """Time for a file."""
    written: int = 256 * 1024**2
    """Bytes of each temporary file."""


def missing(program: str = "tesseract") -> str:
    """Return what has to be installed for text recognition; "" when all is there."""
    try:
        _program(program)
    except NoTextError as error:
        return error.detail
    return ""


class Ocr:
    """Text recognition, for one thread. What was read from a file is kept on disk until ``close``."""

    def __init__(self, limits: Limits | None = None, *, program: str = "tesseract") -> None:
        """``program`` is Tesseract's name or path."""
        self._limits = limits or Limits()
        self._named = program
        self._program: str | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def recognise(self, data: bytes, kind: str) -> bytes:
        """Return the words of a picture or a PDF file with their places, as Tesseract's tables (TSV), a page each.

        Raises NoTextError: for what is damaged or breaks a bound, and where something is not installed.
        """
        if self._program is None:
            self._program = _program(self._named)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="musnad-ocr-", ignore_cleanup_errors=True)
        kept = Path(self._folder.name, hashlib.sha256(data).hexdigest())
        if kept.exists():  # a file is read once to be compared and once to be taken in
            return kept.read_bytes()
        try:
            with tempfile.TemporaryDirectory(dir=self._folder.name, ignore_cleanup_errors=True) as work:
                found = self._pages(data, kind, Path(work))
                kept.write_bytes(found)
        except OSError as error:  # a full disk
            raise NoTextError(Reason.UNREADABLE, error.strerror or "") from error
        return found

    def close(self) -> None:
        """Remove what is kept."""
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def __enter__(self) -> Ocr:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _pages(self, data: bytes, kind: str, work: Path) -> bytes:
        until = time.monotonic() + self._limits.seconds
        source, drawn = work / f"file{kind}", work / "page.pgm"
        source.write_bytes(data)
        tables: list[bytes] = []
        pages = 1
        while len(tables) < pages:
            pages = self._draw(source, kind, len(tables), drawn, until)
            tables.append(self._read(drawn, kind, work, until))
        return b"".join(tables)

    def _draw(self, source: Path, kind: str, number: int, drawn: Path, until: float) -> int:
        """Draw a page, and return the number of pages."""
        limits = self._limits
        request = [str(source), kind, number, str(drawn), limits.pages, limits.points]
        said = self._run("corpus.ocr.draw", [json.dumps(request)], until)
        try:
            reply = json.loads(said)
            if "reason" in reply:
                raise NoTextError(Reason[reply["reason"]], str(reply["detail"]))
            return min(int(reply["pages"]), limits.pages)
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, NoTextError):
                raise
            raise NoTextError(Reason.DAMAGED) from error

    def _read(self, drawn: Path, kind: str, work: Path, until: float) -> bytes:
        """Return Tesseract's table of the page that was drawn; below it, that of what it passed over first."""
        table, rest = work / "page.tsv", work / "rest.pgm"
        dpi = ["--dpi", str(DPI)] if kind == ".pdf" else []
        found = self._table(drawn, table, dpi, until)
        said = self._run("corpus.ocr.leftover", [json.dumps([str(drawn), str(table), str(rest)])], until)
        try:
            left = float(json.loads(said)["left"])
        except (ValueError, KeyError, TypeError) as error:
            raise NoTextError(Reason.DAMAGED) from error
        if left > _LEFT:
            found += LEFTOVER + self._table(rest, table, [*dpi, "--psm", _SPARSE], until)
        return found

    def _table(self, drawn: Path, table: Path, options: Sequence[str], until: float) -> bytes:
        assert self._program is not None
        table.unlink(missing_ok=True)
        command = [self._program, str(drawn), str(table.with_suffix("")), "-l", LANGUAGE, *options, "tsv"]
        self._run("corpus.ocr.bounded", command, until)
        if not table.exists():
            raise NoTextError(Reason.DAMAGED)
        return table.read_bytes()

    def _run(self, module: str, arguments: Sequence[str], until: float) -> bytes:
        """Run a process within the bounds, and return what it printed. Raises NoTextError where it breaks one."""
        limits = self._limits
        bounds = f"{limits.memory},{limits.page_seconds},{limits.written}"
        left = max(min(until - time.monotonic(), 2 * limits.page_seconds), 0)
        slow = NoTextError(Reason.TOO_SLOW, f"more than {limits.page_seconds} s")
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", _CODE.format(module), json.dumps(sys.path), bounds, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                timeout=left,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise slow from error
        if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            raise slow
        if done.returncode in (OVER_MEMORY, -signal.SIGABRT, -signal.SIGSEGV):  # what C++ does without memory
            raise NoTextError(Reason.TOO_MUCH_MEMORY, f"more than {limits.memory // 1024**2} MB")
        if done.returncode:
            raise NoTextError(Reason.DAMAGED)
        return done.stdout


def _program(name: str) -> str:
    """Return Tesseract's path. Raises NoTextError that says what to install, in the words of Debian and pip."""
    found = shutil.which(name)
    if found is None:
        raise NoTextError(Reason.NO_OCR, "apt install tesseract-ocr tesseract-ocr-ara")
    listed = ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(
            [found, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=ENVIRONMENT,
            timeout=20,
            check=False,
            text=True,
            errors="replace",
        ).stdout
    if LANGUAGE not in listed.split():
        raise NoTextError(Reason.NO_OCR, "apt install tesseract-ocr-ara")
    if find_spec("PIL") is None or find_spec("pypdfium2") is None:
        raise NoTextError(Reason.NO_OCR, "pip install 'musnad[ocr]'")
    return found
