"""Embedding beside an ingest: passages that are stored are embedded while the next files are read.

Reading keeps one core busy and embedding all of them: one after the other, a machine of two cores idles by half while
it reads. Nothing depends on it: the sync after the ingest finds what was done here, and does the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from corpus.errors import MusnadError

if TYPE_CHECKING:
    from corpus.article import Article, Chunk
    from corpus.store.passages import Chunker
    from vectorstore.index import Index

SLICE: Final = 128
"""Passages embedded at a time: who breaks an ingest off waits for no more, four seconds on two cores."""


@contextmanager
def ahead(index: Index) -> Iterator[Chunker]:
    """Embed, in a thread, what is stored meanwhile with the chunker that this yields."""
    work = _Ahead(index)
    thread = threading.Thread(target=work.run, name="embed ahead", daemon=True)
    thread.start()
    try:
        yield work.chunk
    finally:
        work.end()
        thread.join()


class _Ahead:
    def __init__(self, index: Index) -> None:
        self._index = index
        self._came = threading.Condition()
        self._cut = 0  # passages that were cut and may be stored
        self._over = False

    def chunk(self, article: Article) -> list[Chunk]:
        found = self._index.chunk(article)
        with self._came:
            # The last ones are about to be stored; those before them are.
            self._cut += len(found)
            self._came.notify()
        return found

    def end(self) -> None:
        with self._came:
            self._over = True
            self._came.notify()

    def run(self) -> None:
        after, wanted = self._index.last_chunk(), SLICE
        while self._wait(wanted):
            try:
                reached = self._index.embed_after(after, SLICE)
            except MusnadError:
                return  # as it will be for the sync, which says so
            after = reached or after
            # Too few were stored: look again when another has come.
            wanted = self._cut + 1 if reached is None else wanted + SLICE

    def _wait(self, cut: int) -> bool:
        """Wait until so many were cut; return False at the end."""
        with self._came:
            self._came.wait_for(lambda: self._over or self._cut >= cut)
            return not self._over
