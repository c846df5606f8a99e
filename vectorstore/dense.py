"""The side of the vectors: the passages nearest to a question, in Chroma, which is opened when first needed.

Chroma is looked at when it was just opened, and when its server was connected to anew. One that lost something is
written again from the vectors in ``index.sqlite``, at once where they are few, else in the background; questions are
then answered by an exact search among those.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.store import Archive, Filter
from vectorstore import soundness
from vectorstore.builds import Builds
from vectorstore.chroma import Chroma
from vectorstore.errors import IndexDamagedError, IndexUnreachableError, VectorstoreError
from vectorstore.exact import Exact
from vectorstore.mending import Mending
from vectorstore.vectors import Build, Vectors

log = logging.getLogger(__name__)

WIDE = 2000
"""Passages: so few that pass a filter are all compared, and of so many of the nearest those that pass are taken."""

FEW = 2000
"""Passages whose vectors are written again within a question: half a second."""


class Mend(Protocol):
    """Writes what Chroma lost to it again: all, when the build still has the ``folder`` that was found damaged."""

    def __call__(self, folder: str, progress: Callable[[int, int], None] | None = None) -> object: ...


class Dense:
    """The passages of the build that is searched, by their vectors. Safe among threads.

    ``check`` raises when a build was made by another recipe.
    """

    def __init__(
        self,
        archive: Archive,
        vectors: Vectors,
        builds: Builds,
        dimension: int,
        *,
        check: Callable[[Build], None],
        mend: Mend,
    ) -> None:
        self._archive = archive
        self._vectors = vectors
        self._builds = builds
        self._dimension = dimension
        self._check = check
        self._mend = mend
        self._exact = Exact(archive, vectors, dimension)
        self._mending = Mending(lambda progress: mend(self._broken, progress))
        self._broken = ""
        """Folder of the build that was found damaged last."""
        self._lock = threading.RLock()
        self._opened: tuple[Build, Chroma] | None = None

    def nearest(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> tuple[Build | None, list[str]]:
        """Return the build that was searched, None before any sync, and its chunks nearest to ``vector``."""
        build = self._vectors.current()
        if build is None:
            return None, []
        if build.mending:
            self._check(build)
            self._mending.begin()
            return build, self._exact.nearest(build, vector, limit, where)
        try:
            return build, self._asked(build, vector, limit, where)
        except IndexDamagedError as error:
            now = self._vectors.current()
            if now is None or now.folder != build.folder:  # another process has made it anew
                return self.nearest(vector, limit, where)
            self._notice(build, error)
        if self._vectors.count(build) <= FEW and self._mended(build):
            now = self._vectors.current() or build
            return now, self._asked(now, vector, limit, where)
        self._mending.begin()
        return build, self._exact.nearest(build, vector, limit, where)

    def open(self) -> None:
        """Open the build that is searched, and look whether it is sound; do nothing before any sync."""
        build = self._vectors.current()
        if build is None:
            return
        try:
            with self._lock:
                self.chroma(build)
        except IndexDamagedError as error:
            if (now := self._vectors.current()) is None or now.folder != build.folder:
                return
            self._notice(build, error)
            self._mending.begin()

    def chroma(self, build: Build, *, look: bool = False) -> Chroma:
        """Return the Chroma of the build that is searched, opened anew when another process wrote to it.

        ``look``: whether to look at it in any case. Raises IndexDamagedError when it is not sound.
        """
        with self._lock:
            if self._opened is not None and _same(self._opened[0], build):
                chroma = self._opened[1]
                if self._opened[0].changes != build.changes:
                    chroma.reopen()
                    look = True
            else:
                self._check(build)
                self.close_chroma()
                chroma = self._builds.open(build, self._dimension)
                look = True
            self._opened = (build, chroma)
            if look:
                self._look(build, chroma)
            return chroma

    def count(self, build: Build) -> int | None:
        """Return the number of vectors in Chroma where that is open and as ``build`` says; else None."""
        with self._lock:
            # Opened before another process wrote, it has yet to see what that one did.
            if self._opened is None or not _same(self._opened[0], build) or build.mending:
                return None
            opened, chroma = self._opened
            try:
                return chroma.count() if opened.changes == build.changes else None
            except IndexUnreachableError:
                raise
            except IndexDamagedError:
                return 0

    def note_changes(self) -> None:
        """Record the writes of this process, so that the open Chroma is not opened anew for them."""
        build = self._vectors.current()
        with self._lock:
            if build is not None and self._opened is not None and _same(self._opened[0], build):
                self._opened = (build, self._opened[1])

    def end(self, build: Build, chroma: Chroma) -> None:
        """Free what only served until ``build``, just mended, was complete: the exact search, other folders."""
        self._exact.forget()
        self._builds.keep(build, chroma)

    def wait(self) -> None:
        """Wait until a mending in the background has ended."""
        self._mending.wait()

    def close(self) -> None:
        self._mending.close()
        self.close_chroma()

    def close_chroma(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened[1].close()
                self._opened = None

    def _asked(
        self, build: Build, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> list[str]:
        with self._lock:  # so that no other thread closes it meanwhile
            chroma = self.chroma(build)
            found = self._queried(build, chroma, vector, limit, where)
            if chroma.doubtful:  # the server may have been another one
                self._look(build, chroma)
            return found

    def _queried(
        self, build: Build, chroma: Chroma, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> list[str]:
        """Return the chunks nearest to ``vector`` that pass a filter.

        Chroma's own filter first lists all that pass: 40 ms among 16,000 passages, over a second among 156,000. In an
        archive of many it is left for filters that few of the nearest pass, but many others.
        """
        if where is None or self._archive.size() <= WIDE:
            return [key for key, _ in chroma.query(vector, limit, where)]
        few = self._archive.few_passing(where, WIDE)
        if few is not None:
            stored = self._vectors.get(build, few, self._dimension)
            cosines = {key: float(of[0] @ vector) for key, of in stored.items()}
            return sorted(cosines, key=lambda key: (-cosines[key], key))[:limit]
        nearest = [key for key, _ in chroma.query(vector, WIDE)]
        passing = self._archive.passing(nearest, where)
        if len(passing) >= limit:
            return [key for key in nearest if key in passing][:limit]
        return [key for key, _ in chroma.query(vector, limit, where)]

    def _look(self, build: Build, chroma: Chroma) -> None:
        """Raise IndexDamagedError when ``chroma`` is not what ``build`` says, unless somebody is writing to it."""
        if build.generation is None or build.place != self._builds.place:
            return
        chroma.trust()
        try:
            soundness.check(build, chroma, self._vectors, self._dimension)
        except VectorstoreError as error:
            chroma.doubtful = True
            now = self._vectors.current()
            written = now is not None and now != build and now.folder == build.folder
            if isinstance(error, IndexDamagedError) and written:
                return
            raise  # also where it was moved meanwhile: what stands at its old place is nothing

    def _notice(self, build: Build, error: IndexDamagedError) -> None:
        log.warning("the vectors in Chroma are written again from index.sqlite: %s", error.why)
        self._broken = build.folder
        with self._lock:
            if self._opened is not None and self._opened[0].folder == build.folder:
                self.close_chroma()

    def _mended(self, build: Build) -> bool:
        try:
            self._mend(build.folder)
        except VectorstoreError as error:
            log.warning("the vectors could not be written to Chroma again: %s", error)
            return False
        return True


def _same(one: Build, other: Build) -> bool:
    return (one.id, one.folder) == (other.id, other.folder)
