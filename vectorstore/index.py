"""The index: passages found by vectors and by words, fused into one ranking.

A passage's vector is stored in Chroma, and also in ``index.sqlite`` as float16, with one per sentence. Both
are copies that can be made again from the archive at any time. An id in Chroma implies its vectors in
``index.sqlite``, because those are written first; a killed run is detected and completed by the next.
"""

from __future__ import annotations

import threading
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
from vectorstore.chroma import DISTANCE, Chroma
from vectorstore.embed import Embedder
from vectorstore.errors import IndexBusyError, IndexDamagedError, IndexLostError, RecipeMismatchError
from vectorstore.fill import Progress, Sync, Synced
from vectorstore.fuse import fuse, normalise
from vectorstore.hit import Clock, Found, Hit
from vectorstore.vectors import Build, Vectors

__all__ = ["POOL", "Found", "Hit", "Index", "IndexState", "Progress", "Synced"]

POOL = 50
"""Number of candidates taken from each ranking before they are fused."""

SMALL = 1000
"""Number of passages up to which every word is looked up.

Among few passages, «in more than half of them» says little about a word.
"""

WIDE = 2000
"""Passages: so few that pass a filter are all compared, and of so many of the nearest those that pass are taken."""

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
    a change of place, and a server that lost the vectors, cost no embedding.
    """

    def __init__(
        self, folder: Path, archive: Archive, embedder: Embedder, *, chroma_url: str | None = None
    ) -> None:
        self.folder = folder
        self._archive = archive
        self._embedder = embedder
        self._vectors = Vectors(folder / "index.sqlite")
        self._builds: Builds = (
            ServerBuilds(chroma_url, self._vectors) if chroma_url else FolderBuilds(folder / "chroma")
        )
        self._filling = Sync(archive, embedder, self._vectors, self._builds, self._note_changes)
        self._lock = threading.Lock()
        self._opened: tuple[Build, Chroma] | None = None

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
        build, near = self._nearest(vector, pool, where)
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
        build = self._vectors.current()
        if build is not None:
            with self._lock:
                self._open(build)

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
            build, chroma = self._current()
            try:
                return self._filling.fill(build, chroma, progress, size=size, most=most)
            except IndexLostError:
                with self._lock:
                    chroma.reopen()
                return self._filling.fill(build, chroma, progress, size=size, most=most)

    def embed_after(self, number: int, size: int) -> int | None:
        """Embed the first ``size`` chunks that came after a number, and return the last one's; None if they are fewer.

        A sync must follow. Raises what it raises.
        """
        with self._vectors.lock(0):
            build, chroma = self._current()
            return self._filling.fill_after(build, chroma, number, size)

    def last_chunk(self) -> int:
        """Return the number of the archive's last chunk, for ``embed_after``."""
        return self._archive.last_number()

    def _current(self) -> tuple[Build, Chroma]:
        """Return the build that is searched, made where there is none, and its Chroma."""
        build = self._vectors.current() or self._vectors.begin(self.recipe(), current=True)
        self._check(build)
        with self._lock:
            return build, self._open(build)

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
            with closing(self._chroma(build)) as chroma:
                synced = self._filling.fill(build, chroma, progress)
                self._vectors.use(build)
                self._close_chroma()
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
        with self._lock:
            # Opened before another process wrote, it has yet to see what that one did.
            if self._opened is not None and self._opened[0].id == build.id:
                opened, chroma = self._opened
                counts += [chroma.count()] if opened.changes == build.changes else []
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
        self._close_chroma()
        self._vectors.close()

    def _close_chroma(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened[1].close()
                self._opened = None

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

    def _nearest(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> tuple[Build | None, list[str]]:
        """Return the build that was searched, None before any sync, and its chunks nearest to ``vector``."""
        try:
            return self._asked(vector, limit, where)
        except IndexLostError:
            self.sync()
            return self._asked(vector, limit, where)

    def _asked(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> tuple[Build | None, list[str]]:
        build = self._vectors.current()
        if build is None:
            return None, []
        with self._lock:  # so that no other thread closes it meanwhile
            chroma = self._open(build)
            if where is not None and self._archive.size() > WIDE:
                return build, self._nearest_passing(build, chroma, vector, limit, where)
            return build, [key for key, _ in chroma.query(vector, limit, where)]

    def _nearest_passing(
        self, build: Build, chroma: Chroma, vector: NDArray[np.float32], limit: int, where: Filter
    ) -> list[str]:
        """Return the chunks nearest to ``vector`` that pass a filter, in an archive of many.

        Chroma's own filter first lists all that pass: 40 ms among 16,000 passages, over a second among 156,000. It is
        left for filters that few of the nearest pass, but many others.
        """
        few = self._archive.few_passing(where, WIDE)
        if few is not None:
            stored = self._vectors.get(build, few, self._embedder.dimension)
            cosines = {key: float(of[0] @ vector) for key, of in stored.items()}
            return sorted(cosines, key=lambda key: (-cosines[key], key))[:limit]
        nearest = [key for key, _ in chroma.query(vector, WIDE)]
        passing = self._archive.passing(nearest, where)
        if len(passing) >= limit:
            return [key for key in nearest if key in passing][:limit]
        return [key for key, _ in chroma.query(vector, limit, where)]

    def _sought(self, question: str, expansions: Sequence[str]) -> lexical.LexicalQuery:
        """Return the words and stems to look for; none when there is no word in the question."""
        query, size = lexical.query(question, expansions), self._archive.size()
        if size > SMALL:
            query = query.telling(self._archive.frequency([*query.words, *query.stems]), size)
        return query

    def _open(self, build: Build) -> Chroma:
        """Return the Chroma of the build that is searched, opened anew when another process wrote to it."""
        if self._opened is not None and self._opened[0].id == build.id:
            chroma = self._opened[1]
            if self._opened[0].changes != build.changes:
                chroma.reopen()
        else:
            self._check(build)
            if self._opened is not None:
                self._opened[1].close()
                self._opened = None
            chroma = self._chroma(build)
        self._opened = (build, chroma)
        return chroma

    def _note_changes(self) -> None:
        """Record the writes of this process, so that the open Chroma is not opened anew for them."""
        build = self._vectors.current()
        with self._lock:
            if build is not None and self._opened is not None and self._opened[0].id == build.id:
                self._opened = (build, self._opened[1])

    def _chroma(self, build: Build) -> Chroma:
        return self._builds.open(build, self._embedder.dimension)

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
