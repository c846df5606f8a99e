"""The index: passages found by vectors and by words, fused into one ranking.

A passage's vector is stored in Chroma, and also in ``index.sqlite`` as float16, with one per sentence. Both
are copies that can be made again from the archive at any time. An id in Chroma implies its vectors in
``index.sqlite``, because those are written first; a killed run is detected and completed by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from corpus import arabic
from corpus.article import Article, Chunk
from corpus.chunk import VERSION as CHUNKER
from corpus.chunk import chunks
from corpus.store import Archive, ArchiveBusyError, Filter
from corpus.store.passages import derivation
from vectorstore import lexical
from vectorstore.builds import Builds, FolderBuilds, ServerBuilds
from vectorstore.chroma import DISTANCE
from vectorstore.dense import Dense
from vectorstore.embed import Embedder
from vectorstore.embedding import Embedding, Here
from vectorstore.errors import IndexBusyError, IndexDamagedError, RecipeMismatchError
from vectorstore.fill import Progress, Sync, Synced
from vectorstore.fuse import fuse, normalise
from vectorstore.hit import Clock, Found, Hit
from vectorstore.vectors import Build, Vectors

log = logging.getLogger(__name__)

__all__ = ["POOL", "Found", "Hit", "Index", "IndexState", "Progress", "Synced"]

POOL = 50
"""Number of candidates taken from each ranking before they are fused."""

SMALL = 1000
"""Number of passages up to which every word is looked up.

Among few passages, «in more than half of them» says little about a word.
"""

_ATTEMPTS = 2
"""How often a sync writes to a new place in Chroma because that it wrote to broke."""

WRITER_SECONDS = 60.0
"""Seconds that a sync waits for another process's sync."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """Contents of the archive and the index at one moment."""

    passages: int
    vectors: int | None
    """Number of passages in the index; None before any sync."""
    agree: bool
    """Whether the index holds exactly the archive's passages."""
    writing: bool
    """Whether they differ because a thread or process is writing to either just now."""


class Index:
    """The index of ``archive`` in the data directory ``folder``. Safe to use from several threads.

    Nothing is opened before it is needed. Methods raise RecipeMismatchError when the index was made by
    another recipe and IndexDamagedError when it cannot be read: `musnad reindex` repairs both.

    With ``chroma_url`` the passages' vectors are on that Chroma server instead; methods then raise
    IndexUnreachableError when it does not answer. The copies in ``index.sqlite`` stay in ``folder``, so that
    a change of place, and a server that lost the vectors, cost no embedding. ``embedding`` embeds the passages
    elsewhere, as a ``Cluster`` does, and is closed with the index.
    """

    def __init__(
        self,
        folder: Path,
        archive: Archive,
        embedder: Embedder,
        *,
        chroma_url: str | None = None,
        embedding: Embedding | None = None,
    ) -> None:
        self.folder = folder
        self._archive = archive
        self._embedder = embedder
        self._vectors = Vectors(folder / "index.sqlite")
        self._builds: Builds = (
            ServerBuilds(chroma_url, self._vectors) if chroma_url else FolderBuilds(folder / "chroma")
        )
        self._dense = Dense(
            archive, self._vectors, self._builds, embedder.dimension, check=self._check, mend=self._mend
        )
        self._embedding = embedding or Here(embedder)
        self._filling = Sync(
            archive, embedder, self._vectors, self._builds, self._dense.note_changes, self._embedding
        )

    def search(
        self, question: str, k: int = 10, where: Filter | None = None, *, expansions: Sequence[str] = ()
    ) -> list[Hit]:
        """Return the ``k`` best passages for ``question``, best first.

        ``expansions`` are further words for the lexical side only, such as translations and corrected
        spellings.
        """
        return list(self.find(question, k, where, expansions=expansions).hits)

    def find(
        self,
        question: str,
        k: int = 10,
        where: Filter | None = None,
        *,
        expansions: Sequence[str] = (),
        vector: NDArray[np.float32] | None = None,
        without: Collection[str] = (),
        pool: int = POOL,
    ) -> Found:
        """Search as ``search`` does, and return the question's vector and the timings too.

        ``vector`` is the question's, where known already; ``without`` holds ids of articles to leave out;
        ``pool`` is the number of candidates taken from each ranking.
        """
        clock = Clock()
        if vector is None:
            vector = self._embedder.queries([question])[0]
        clock.lap("encode")
        build, near = self._dense.nearest(vector, pool, where)
        clock.lap("dense")
        if build is None:
            return Found((), vector, clock.laps)
        sought = self._sought(question, expansions)
        bm25 = dict(self._archive.best(sought.words, sought.stems, pool, where))
        clock.lap("lexical")
        candidates = [key for key in dict.fromkeys([*near, *bm25]) if _article_id(key) not in without]
        stored = self._vectors.get(build, candidates, self._embedder.dimension)
        cosines = {key: stored[key] @ vector for key in candidates if key in stored}
        bm25 = {key: score for key, score in bm25.items() if key in cosines}
        shares = normalise(bm25)
        ranking = {
            each.id: each.score for each in fuse({key: float(of[0]) for key, of in cosines.items()}, bm25)
        }
        clock.lap("fuse")
        hits = [
            Hit(
                chunk=each,
                article=article,
                score=ranking[each.id],
                dense=float(cosines[each.id][0]),
                lexical=shares.get(each.id, 0.0),
                bm25=bm25.get(each.id, 0.0),
                sentence_cosines=tuple(map(float, cosines[each.id][1:])),
            )
            for each, article in self._passages(list(ranking), k)
        ]
        clock.lap("read")
        return Found(tuple(hits), vector, clock.laps)

    def encode(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """Return the questions' vectors (n, d), for ``find``."""
        return self._embedder.queries(questions)

    def open(self) -> None:
        """Open the vectors, so that the first question finds them ready; do nothing before any sync."""
        self._dense.open()

    def sync(
        self,
        progress: Progress | None = None,
        *,
        wait: float = WRITER_SECONDS,
        size: int | None = None,
        most: int | None = None,
    ) -> Synced:
        """Make the index hold exactly the archive's current chunks. Cheap when it does already.

        May be killed at any point and called again. ``size`` chunks are embedded at a time (``fill.SLICE``), and at
        most ``most`` in all: the next call goes on. Raises IndexBusyError after ``wait`` seconds when another process
        is writing to the index.
        """
        with self._vectors.lock(wait):
            build = self._current()
            for _ in range(_ATTEMPTS):
                try:
                    return self._fill(build, progress, size, most)
                except IndexDamagedError as error:
                    log.warning("the vectors in Chroma are written again from index.sqlite: %s", error.why)
                build = self._moved(build)
            return self._fill(build, progress, size, most)

    def embed_after(self, number: int, size: int) -> int | None:
        """Embed the first ``size`` chunks that came after a number, and return the last one's; None if they are fewer.

        A sync must follow. Raises what it raises.
        """
        with self._vectors.lock(0):
            build = self._current()
            return self._filling.fill_after(build, self._dense.chroma(build), number, size)

    def last_chunk(self) -> int:
        """Return the number of the archive's last chunk, for ``embed_after``."""
        return self._archive.last_number()

    def _current(self) -> Build:
        """Return the build that is searched, made where there is none."""
        build = self._vectors.current() or self._vectors.begin(self.recipe(), current=True)
        self._check(build)
        return build

    def reindex(self, progress: Progress | None = None, *, wait: float = WRITER_SECONDS) -> Synced:
        """Rebuild the index by the current recipe, and first the archive's chunks where another recipe made them.

        The old index answers until the new one is complete (unless the chunks changed), and a killed reindex
        continues where it stopped.
        """
        try:
            self._vectors.current()
        except IndexDamagedError:
            self._vectors.clear()
        with self._vectors.lock(wait):
            self._builds.prepare()
            self._cut_anew()
            build = self._begin_anew()
            with closing(self._builds.open(build, self._embedder.dimension)) as chroma:
                synced = self._filling.fill(build, chroma, progress)
                self._vectors.use(build)
                self._dense.close_chroma()
                self._builds.keep(build, chroma)
            return synced

    def chunk(self, article: Article) -> list[Chunk]:
        """Return the article's passages for this index, as ``Archive.add_file`` and ``ingest`` take them."""
        return chunks(article, self._embedder.count_tokens)

    @property
    def chunk_recipe(self) -> str:
        """Recipe of ``chunk``, for ``Archive.add_file`` and ``ingest``: the model whose tokens it counts."""
        return f"{self._embedder.name} {self._embedder.recipe.get('digest', '')}".strip()

    def recipe(self) -> dict[str, str]:
        """Return all settings that give the vectors and the words their meaning."""
        return {
            **self._embedder.recipe,
            "chunker": str(CHUNKER),
            "folding": str(arabic.VERSION),
            "distance": DISTANCE,
        }

    def check_recipe(self) -> None:
        """Raise RecipeMismatchError when the index was made by another recipe, naming what differs."""
        build = self._vectors.current()
        if build is not None:
            self._check(build)

    def index_state(self) -> IndexState:
        """Return whether the index holds the archive's passages. Opens and loads nothing, and is quick."""
        build = self._vectors.current()
        passages = self._archive.size()
        if build is None:
            return IndexState(passages, None, passages == 0, passages > 0 and self._written())
        counts = [self._vectors.count(build)]
        if (held := self._dense.count(build)) is not None:
            counts.append(held)
        agree = self._filling.complete(build) and {*counts, build.chunks} == {passages}
        return IndexState(passages, min(counts), agree, not agree and self._written())

    def _written(self) -> bool:
        """Return whether another thread or process is writing to the archive or to the index."""
        try:
            with self._archive.lock(0), self._vectors.lock(0):
                return False
        except (ArchiveBusyError, IndexBusyError):
            return True

    def close(self) -> None:
        self._dense.close()
        self._embedding.close()
        self._vectors.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _check(self, build: Build) -> None:
        recipe = self.recipe()
        differing = sorted(
            key for key in {*recipe, *build.recipe} if recipe.get(key) != build.recipe.get(key)
        )
        if differing:
            named = "; ".join(
                f"{key}: {build.recipe.get(key)!r}, now {recipe.get(key)!r}" for key in differing
            )
            raise RecipeMismatchError(
                f"the search index in {self.folder} was made otherwise ({named}): run `musnad reindex`"
            )

    def _sought(self, question: str, expansions: Sequence[str]) -> lexical.LexicalQuery:
        """Return the words and stems to look for; none when there is no word in the question."""
        query, size = lexical.query(question, expansions), self._archive.size()
        if size > SMALL:
            query = query.telling(self._archive.frequency([*query.words, *query.stems]), size)
        return query

    def _passages(self, ranked: Sequence[str], k: int) -> list[tuple[Chunk, Article]]:
        """Return the first ``k`` of the ``ranked`` chunks that the archive still holds, with their articles.

        The index may be a moment behind.
        """
        found: list[tuple[Chunk, Article]] = []
        for start in range(0, len(ranked), max(k, 1)):
            passages = self._archive.chunks(ranked[start : start + k])
            articles = self._archive.articles_by_id({each.article_id for each in passages})
            found += [(each, articles[each.article_id]) for each in passages if each.article_id in articles]
            if len(found) >= k:
                break
        return found[:k]

    # Writing

    def _mend(self, folder: str, progress: Progress | None = None) -> Synced:
        """Write to Chroma what it lost: all of it where the build still has the ``folder`` found damaged."""
        with self._vectors.lock(0):
            build = self._vectors.current()
            if build is None or build.folder != folder:
                return self.sync(progress, wait=0)
            self._check(build)
            return self._fill(self._moved(build), progress)

    def _fill(
        self, build: Build, progress: Progress | None, size: int | None = None, most: int | None = None
    ) -> Synced:
        chroma = self._dense.chroma(build, look=True)
        synced = self._filling.fill(build, chroma, progress, size=size, most=most)
        if build.mending and not synced.left:
            self._dense.end(build, chroma)
        return synced

    def _moved(self, build: Build) -> Build:
        """Give the build a new, empty place in Chroma, to be written without embedding what was embedded."""
        self._dense.close_chroma()
        self._builds.prepare()
        return self._vectors.move(build)

    def _cut_anew(self) -> None:
        """Rechunk the archive where its chunks and their words were made by other code or another model."""
        wanted = derivation(self.chunk_recipe)
        if self._archive.recipes() - {wanted}:
            self._archive.rechunk(self.chunk, recipe=self.chunk_recipe)

    def _begin_anew(self) -> Build:
        """Return a build by the current recipe: one that was left unfinished, or a new one."""
        unfinished = self._vectors.unfinished()
        fitting = [build for build in unfinished if build.recipe == self.recipe()]
        for build in unfinished:
            if build not in fitting[:1]:
                self._vectors.drop(build)
        return fitting[0] if fitting else self._vectors.begin(self.recipe(), current=False)


def _article_id(chunk_id: str) -> str:
    return chunk_id.partition(":")[0]
