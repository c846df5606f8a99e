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
        generation = self._archive.generation()
        counts = {build.chunks, chroma.count(), self._vectors.count(build), self._archive.size()}
        if self.complete(build) and len(counts) == 1:
            return Synced(0, 0)
        self._vectors.unsettle(build)
        wanted, near, kept = self._archive.chunk_ids(), chroma.ids(), self._vectors.ids(build)
        missing, stale = sorted(wanted - (near & kept)), sorted((near | kept) - wanted)
        size = size or SLICE
        now = missing if most is None else missing[:most]
        done = 0
        for keys in self._embedded(build, now, kept, size):
            self._write(build, chroma, keys)
            done += len(keys)
            if progress:
                progress(done, len(missing))
        if len(now) < len(missing):
            return Synced(len(now), 0, left=len(missing) - len(now))
        chroma.delete(stale)
        self._vectors.remove(build, stale)
        check_found(build, chroma, self._vectors, self._dimension)
        mark = secrets.token_hex(8)
        chroma.mark(mark)
        self._vectors.settle(build, generation, len(wanted), self._builds.place, mark)
        self._changed()
        return Synced(len(missing), len(stale))

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
