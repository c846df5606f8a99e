"""The archive: every version of every article in one SQLite file, and the current ones' passages for search.

There is one writer, and any number of readers in other threads and processes. Each file is written in one
transaction, so that a killed ingest leaves whole files only. Nothing that was quoted is ever deleted: a
superseded or removed version keeps its id, its body and the text of the file it came from; it is no longer
searched.

``Archive`` is the front for the rest of musnad. The work is done by the modules beside this one: those that write
are given the connections and make their own transactions, those that read are given this thread's connection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database

from corpus.article import Article, Chunk
from corpus.errors import ArchiveBusyError, ArchiveDamagedError, ArchiveNewerError
from corpus.store import (
    articles,
    changes,
    copies,
    files,
    outlets,
    passages,
    postings,
    ranking,
    sources,
    upkeep,
)
from corpus.store.changes import Changes
from corpus.store.collections import Collections
from corpus.store.connections import WAIT, Connections
from corpus.store.copies import Copies
from corpus.store.files import Added, File
from corpus.store.migrations import STEPS, migrations
from corpus.store.outlets import Newest, Outlet
from corpus.store.passages import Chunker, Filter
from corpus.store.sources import Origin
from corpus.store.upkeep import Cleaned, Progress

P = ParamSpec("P")
T = TypeVar("T")


class Archive:
    """The archive in the SQLite file at ``path``, which is created if it does not exist.

    Safe to share among threads. Every method raises a subclass of ArchiveError when the file cannot be used:
    a busy, damaged or newer file, a full disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = Connections(path)
        self.collections = Collections(self._connections)
        self.changes = Changes(self._connections)
        self._counted: tuple[int, dict[str, int]] | None = None
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    # Writing

    def add_file(
        self,
        source: str,
        digest: str,
        text: str,
        articles: Sequence[Article],
        chunk: Chunker,
        *,
        path: Path | None = None,
        stamp: tuple[int | None, int | None] = (None, None),
        parser: str = "",
        recipe: str = "",
        collection: str | None = None,
        raw: str | None = None,
        outlet: str | None = None,
        anew: bool = False,
    ) -> Added:
        """Store ``text`` as the current text of ``source``, and ``articles`` as its articles: all or nothing.

        ``digest`` identifies the text, ``path`` is the path of the file, ``stamp`` its size and time (see
        ``Origin``), ``parser`` the version that made the articles, ``outlet`` the one given for them. ``recipe``
        names the dependencies of ``chunk`` beside the article, such as its tokenizer: when it, the chunker's or the
        folding's version differ from the last time, chunks are made again. ``collection`` is the one that the source
        is an entry of, ``raw`` the digest of what it was read from there. ``anew``: what differs may come from a newer
        parser, and counts as no change by the outlet (see ``Change``). An article that is the same in everything
        its id is made from keeps its id and its version, also when an older text comes back. When nothing differs,
        nothing is written. Raises InconsistentArticleError.
        """
        file = File(
            source=source,
            digest=digest,
            text=text,
            articles=articles,
            path=path,
            stamp=stamp,
            parser=parser,
            recipe=recipe,
            collection=collection,
            raw=raw,
            outlet=outlet,
        )
        return files.add(self._connections, file, chunk, anew=anew)

    def remove_file(self, source: str) -> None:
        """Remove the articles of ``source`` from search; they stay resolvable. Raises ArticleNotFoundError."""
        files.remove(self._connections, source)

    def mark_withdrawn(self, source: str, withdrawn: bool) -> bool:
        """Record that the outlet took away the page of a source, or has it again; return whether that was news.

        The articles stay as they are, and are searched. A source that is unknown or was removed is left alone.
        """
        return files.mark_withdrawn(self._connections, source, withdrawn)

    def rechunk(self, chunk: Chunker, *, recipe: str = "", progress: Progress | None = None) -> None:
        """Make the chunks of all current articles again.

        A reindex needs this after a change of model, chunker or folding. Each file is one transaction; a run
        that is killed in the middle must be started again.
        """
        upkeep.rechunk(self._connections, chunk, recipe, progress)

    def clean(self, chunk: Chunker, *, every: bool = True, progress: Progress | None = None) -> Cleaned:
        """Find what recurs in the articles of each outlet, and leave it out of their passages; compare articles.

        New articles are counted as they come and marked by what is known; this settles what is known, by all
        articles that are current, and marks the others by it: of ``every`` outlet, or only of those of whose articles a
        fiftieth came or went since. Articles that older versions stored are compared with all others, as new ones
        are when they come. Only articles whose marks change are cut again. May be
        killed at any point and called again: an article's marks and its passages change in one transaction.
        """
        return upkeep.clean(self._connections, chunk, every=every, progress=progress)

    def lock(self, wait: float = WAIT) -> AbstractContextManager[None]:
        """Hold the write lock of all processes over several calls.

        Raises ArchiveBusyError after ``wait`` seconds.
        """
        return self._connections.lock(wait)

    def check_writable(self, wait: float) -> None:
        """Raise what a change would raise after ``wait`` seconds; do nothing while another thread or process writes."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self.lock(0))
            except ArchiveBusyError:
                return
            self._connections.check_writable(wait)

    # Reading: articles and files

    def articles(self, *, current: bool = True) -> list[Article]:
        """Return the current articles, or with ``current=False`` all versions, by source, part and version."""
        return self._read(articles.read, current=current)

    def retired(self) -> list[Article]:
        """Return the versions that were replaced or removed, those ingested last first."""
        return self._read(articles.retired)

    def articles_of(self, source: str) -> list[Article]:
        """Return the current articles of a source, by part; none when the archive does not know it."""
        return self._read(articles.of_source, source)

    def versions_of(self, source: str) -> list[Article]:
        """Return all versions of the articles of a source, current or not, by part and version."""
        return self._read(articles.versions_of, source)

    def elsewhere(self, article: Article) -> list[Article]:
        """Return the current articles of other sources that came from the same text, or have the same headline."""
        return self._read(articles.elsewhere, article)

    def articles_in(self, collection: str) -> list[str]:
        """Return the ids of the current articles of a collection's entries, those ingested last first."""
        return self._read(articles.ids_in, collection)

    def article(self, ref: str) -> Article:
        """Return the article that ``ref`` names.

        ``ref`` is an id, of any version; a source name (the first current article of that file); the exact
        title of a current article; or the beginning of an id, 4 digits or more. Raises ArticleNotFoundError,
        AmbiguousArticleError.
        """
        return self._read(articles.find, ref)

    def count_articles(self) -> int:
        """Return the number of current articles."""
        return self._read(articles.count)

    def articles_by_id(self, ids: Collection[str]) -> dict[str, Article]:
        """Return the articles with these ids, of any version; ids not in the archive are left out."""
        return self._read(articles.by_id, ids)

    def latest(self, limit: int) -> list[Article]:
        """Return the current articles that were ingested last, the newest first."""
        return self._read(articles.latest, limit)

    def newest(self, publisher: str | None = None) -> Newest:
        """Return what came last, of all current articles or of one outlet's; by indexes, however many there are.

        A day after tomorrow is no article's: what a page claims of it is passed over.
        """
        return self._read(outlets.newest, publisher)

    def publishers(self) -> dict[str, int]:
        """Return the number of current articles of each outlet, most first; counted again only after a change."""
        generation = self.generation()
        if self._counted is None or self._counted[0] != generation:
            self._counted = generation, self._read(outlets.publishers)
        return dict(self._counted[1])

    def outlets(self) -> list[Outlet]:
        """Return the outlets of the current articles by name, host and attribution, those of most articles first."""
        return self._read(outlets.by_host)

    def recurring_outlets(self) -> dict[str, str]:
        """Return the outlets of current articles that recur in their folders, by the path of the file."""
        return self._read(outlets.recurring_in_folders)

    def sources(self) -> dict[str, str]:
        """Return the digest of each source's current text, by source."""
        return self._read(sources.digests)

    def origins(self) -> dict[str, Origin]:
        """Return the origin of the current text of each source that is no entry of a collection, by source."""
        return self._read(sources.origins)

    def origin(self, source: str) -> Origin | None:
        """Return the origin of a source's current text, None for a source that the archive does not know."""
        return self._read(sources.origin, source)

    def recipes(self) -> set[str]:
        """Return the keys by which the chunks of all sources were made; see `derivation`."""
        return self._read(sources.recipes)

    def holder(self, digest: str, *, entries: bool = False) -> str | None:
        """Return a source whose current text has this digest, the one known longest; or only of ``entries``."""
        return self._read(sources.holder, digest, entries=entries)

    def count_lacking(self, sources: Collection[str]) -> tuple[int, int]:
        """Return how many current articles of these sources, or of these collections, have no date, and no outlet."""
        return self._read(outlets.count_lacking, sources)

    def file_text(self, source: str, article_id: str | None = None) -> str:
        """Return the decoded text of the file ``source``.

        This is its current text, or the one that ``Article.kept`` of the given version of an article refers
        to. Raises ArticleNotFoundError.
        """
        return self._read(sources.text, source, article_id)

    def copies_of(self, ids: Sequence[str]) -> list[Copies]:
        """Return the groups of copies that articles belong to, in their order; none for those without copies.

        Only current articles have copies.
        """
        return self._read(copies.groups, ids)

    def copies_in(self, article: str) -> list[Article]:
        """Return the copies of a current article, without itself, the likeliest original first; none for others."""
        ids = [id for group in self.copies_of([article]) for id in group.articles if id != article]
        found = self.articles_by_id(ids)
        return [found[id] for id in ids]

    def credits_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the outlets that current articles credit for their text, by the articles' ids."""
        return self._read(copies.credits, ids)

    # Reading: passages, all of current articles

    def chunks(self, ids: Sequence[str]) -> list[Chunk]:
        """Return the chunks with these ids, in their order; ids of chunks that no longer exist are left out."""
        return self._read(passages.passages_by_id, ids)

    def chunk_ids(self, where: Filter | None = None) -> set[str]:
        """Return the ids of all chunks, or of those of the articles in ``where``."""
        return self._read(passages.passage_ids, where)

    def new_chunks(self, number: int, limit: int = -1) -> dict[str, int]:
        """Return the numbers of the chunks that came after the one of a number, by id, in order; the first or all.

        No number is given twice.
        """
        return self._read(passages.new_passages, number, limit)

    def last_number(self) -> int:
        """Return the last number that was given to a chunk."""
        return self._read(postings.last_number)

    def size(self) -> int:
        """Return the number of chunks."""
        return self._read(ranking.count_passages)

    def match(self, query: str, limit: int, where: Filter | None = None) -> list[tuple[str, float]]:
        """Return the chunks that match the FTS5 ``query`` as (id, BM25), best first.

        The query is over the columns ``words`` and ``stems``. BM25 is positive here, more is better; ties are
        ordered by id. Raises QuerySyntaxError.
        """
        return self._read(passages.find_passages, query, limit, where)

    def best(
        self, words: Sequence[str], stems: Sequence[str], limit: int, where: Filter | None = None
    ) -> list[tuple[str, float]]:
        """Return the chunks with any of some folded words and stems as ``match`` does, by their BM25."""
        return self._read(passages.best_passages, words, stems, limit, where)

    def passing(self, ids: Sequence[str], where: Filter) -> set[str]:
        """Return those of some chunks whose articles pass a filter."""
        return self._read(passages.passing_passages, ids, where)

    def few_passing(self, where: Filter, most: int) -> list[str] | None:
        """Return the chunks that pass a filter by outlet or article; None if they are more, or it is by date alone."""
        return self._read(passages.few_passing, where, most)

    def frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of chunks with each of ``terms``, as a folded word or as a stem; 0 for the unknown."""
        return self._read(passages.count_terms, terms)

    def vocabulary(self) -> list[str]:
        """Return every folded word of the chunks, once, in code point order."""
        return self._read(passages.vocabulary)

    def generation(self) -> int:
        """Return a number that every change increases: data read under another one may be outdated."""
        return self._read(changes.generation)

    # The file itself

    def close(self) -> None:
        """Close the connections of all threads."""
        self._connections.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _migrate(self) -> None:
        """Migrate the tables to this version. Raises ArchiveDamagedError or ArchiveNewerError if impossible."""
        with self._connections.reading() as db:
            applied = {migration.name for migration in migrations.applied(db)}
            if not applied and set(db.table_names()) - {migrations.migrations_table}:
                raise ArchiveDamagedError(
                    f"{self.path} is a database, but not an archive of musnad: name another file"
                )
            if applied - STEPS:
                raise ArchiveNewerError(f"{self.path} was made by a newer musnad: update this one to read it")
            ready = db.journal_mode == "wal" and not migrations.pending(db)
        if not ready:
            with self.lock(), self._connections.reading() as db:
                db.enable_wal()
                migrations.apply(db)

    def _read(self, question: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._connections.reading() as db:
            return question(db, *args, **kwargs)
