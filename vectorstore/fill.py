"""Synchronisation: the index is made to hold exactly the archive's current chunks.

One slice of chunks at a time is embedded, stored, and only then made searchable: a killed run loses one slice
at most, and the next run completes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.article import Article, Chunk, Span
from corpus.chunk import context as headline
from corpus.store import Archive
from vectorstore.builds import Builds
from vectorstore.chroma import Chroma, metadata
from vectorstore.embed import Embedder, Passage
from vectorstore.embedding import Embedding, Here, Slice
from vectorstore.soundness import check_found
from vectorstore.vectors import Build, Vectors

SLICE = 256
"""Number of chunks embedded and written at a time unless another is given: the most that a kill can cost."""

Progress = Callable[[int, int], None]
"""Callback that receives the number of chunks done and the number of chunks to do."""


@dataclass(frozen=True, slots=True)
class Synced:
    """Numbers of chunks that a sync added, removed, and left out because it was to add only so many."""

    added: int
    removed: int
    left: int = 0


@dataclass(frozen=True, slots=True)
class _Change:
    """What makes a build hold exactly the archive's chunks."""

    missing: Sequence[str]
    stale: Sequence[str]
    kept: Collection[str]
    """Those of the missing whose vectors a killed run left."""
    size: int
    """The number of chunks that it then holds."""


class Sync:
    """Synchroniser for the builds of an index; ``changed`` is called whenever this process has written to one.

    Passages are embedded by ``embedding``, or else here.
    """

    def __init__(
        self,
        archive: Archive,
        embedder: Embedder,
        vectors: Vectors,
        builds: Builds,
        changed: Callable[[], None],
        embedding: Embedding | None = None,
    ) -> None:
        self._archive = archive
        self._dimension = embedder.dimension
        self._embedding = embedding or Here(embedder)
        self._vectors = vectors
        self._builds = builds
        self._changed = changed

    def complete(self, build: Build) -> bool:
        """Return whether the build is recorded as holding, in this place, the archive's current generation."""
        return build.generation == self._archive.generation() and build.place == self._builds.place

    def fill(
        self,
        build: Build,
        chroma: Chroma,
        progress: Progress | None,
        *,
        size: int | None = None,
        most: int | None = None,
    ) -> Synced:
        """Make ``build`` hold exactly the archive's current chunks, in slices of ``size`` (``SLICE``).

        When more than ``most`` are missing, only so many of them are added, and nothing is removed.
        """
        generation, passages, top = (
            self._archive.generation(),
            self._archive.size(),
            self._archive.last_number(),
        )
        counts = {build.chunks, chroma.count(), self._vectors.count(build)}
        whole = len(counts) == 1 and build.place == self._builds.place
        if whole and self.complete(build) and build.chunks == passages:
            return Synced(0, 0)
        change = (self._added(build, passages) if whole else None) or self._difference(build, chroma)
        self._vectors.unsettle(build)
        now = change.missing if most is None else change.missing[:most]
        done = 0
        for keys in self._embedded(build, now, change.kept, size or SLICE):
            self._write(build, chroma, keys)
            done += len(keys)
            if progress:
                progress(done, len(change.missing))
        if len(now) < len(change.missing):
            return Synced(len(now), 0, left=len(change.missing) - len(now))
        chroma.delete(change.stale)
        self._vectors.remove(build, change.stale)
        check_found(build, chroma, self._vectors, self._dimension)
        mark = secrets.token_hex(8)
        chroma.mark(mark)
        self._vectors.settle(build, generation, change.size, self._builds.place, mark, top)
        self._changed()
        return Synced(len(change.missing), len(change.stale))

    def fill_after(self, build: Build, chroma: Chroma, number: int, size: int) -> int | None:
        """Add the first ``size`` chunks that came after a number, and return the last one's; None if they are fewer.

        The build is then not complete, even if nothing is missing, until it is filled.
        """
        new = self._archive.new_chunks(number, size)
        if len(new) < size:
            return None
        self._vectors.unsettle(build)
        kept = self._vectors.get(build, list(new), self._dimension)
        for keys in self._embedded(build, sorted(new), kept, size):
            self._write(build, chroma, keys)
        return max(new.values())

    def _added(self, build: Build, passages: int) -> _Change | None:
        """Return what a build lacks that was whole, from what came since; None where something also went."""
        if build.top is None or build.chunks is None:
            return None
        new = sorted(self._archive.new_chunks(build.top))
        return _Change(new, [], frozenset(), passages) if build.chunks + len(new) == passages else None

    def _difference(self, build: Build, chroma: Chroma) -> _Change:
        """Return what a build lacks and what it holds too much, from all that it and the archive hold."""
        wanted, near, kept = self._archive.chunk_ids(), chroma.ids(), self._vectors.ids(build)
        missing, stale = sorted(wanted - (near & kept)), sorted((near | kept) - wanted)
        return _Change(missing, stale, kept.intersection(missing), len(wanted))

    def _embedded(
        self, build: Build, keys: Sequence[str], kept: Collection[str], size: int
    ) -> Iterator[Sequence[str]]:
        """Yield slices of chunks, each once its vectors are stored; only those not ``kept`` are embedded."""
        slices = [keys[start : start + size] for start in range(0, len(keys), size)]
        sent: dict[int, list[str]] = {}

        def passages() -> Iterator[Slice]:
            for number, each in enumerate(slices):
                chunks = self._archive.chunks([key for key in each if key not in kept])
                articles = self._archive.articles_by_id({chunk.article_id for chunk in chunks})
                sent[number] = [chunk.id for chunk in chunks]
                yield number, [passage(articles[chunk.article_id], chunk) for chunk in chunks]

        for number, rows in self._embedding.embed(passages()):
            if rows:
                self._vectors.add(build, dict(zip(sent.pop(number), rows, strict=True)))
            yield slices[number]

    def _write(self, build: Build, chroma: Chroma, keys: Sequence[str]) -> None:
        """Make a slice of chunks searchable."""
        passages = self._archive.chunks(keys)
        if not passages:
            return
        articles = self._archive.articles_by_id({each.article_id for each in passages})
        stored = self._vectors.get(build, keys, self._dimension)
        chroma.upsert(
            [each.id for each in passages],
            np.stack([stored[each.id][0] for each in passages]),
            [metadata(articles[each.article_id]) for each in passages],
        )
        self._vectors.touch(build)
        self._changed()


def passage(article: Article, chunk: Chunk) -> Passage:
    """Return a chunk as a passage to embed: its headline, outlet and date, then its text."""
    context = headline(article)
    prefix = f"{context}\n" if context else ""
    shift = len(prefix) - chunk.start
    return Passage(
        text=prefix + article.body[chunk.start : chunk.end],
        sentences=tuple(Span(each.start + shift, each.end + shift) for each in chunk.sentences),
    )
