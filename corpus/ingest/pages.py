"""Pages of the files that were found, which wait for their turn to be taken in."""

from __future__ import annotations

from pathlib import Path

from corpus.files import read_file
from corpus.ingest.sameness import digest_of
from corpus.parse.page import Page
from corpus.worker import Worker

MOST_HELD = 4_000_000
"""Characters of the pages that were found and wait to be taken in."""


class Pages:
    """Files read once where memory allows: when they are found. Those for which it does not are read again."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._waiting: dict[Path, Page] = {}
        self._held = 0  # characters of these pages

    def read(self, path: Path) -> str:
        """Read a file and return its text's digest. Raises NoTextError.

        Its page waits for its turn, unless many do: then it is read again, so that few texts are in memory.
        """
        page = read_file(path, self._worker)
        if self._held + len(page.text) <= MOST_HELD:
            self._waiting[path] = page
            self._held += len(page.text)
        return digest_of(page.text)

    def take(self, path: Path) -> Page:
        """Return the page of a file, which waits no longer. Raises NoTextError."""
        page = self._waiting.pop(path, None)
        if page is None:
            return read_file(path, self._worker)
        self._held -= len(page.text)
        return page
