"""The archive: every version of every article in one SQLite file, and the current ones' passages for search.

There is one writer, and any number of readers in other threads and processes. Each file is written in one
transaction, so that a killed ingest leaves whole files only. Nothing that was quoted is ever deleted: a
superseded or removed version keeps its id, its body and the text of the file it came from; it is no longer
searched.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal

from sqlite_utils import Database

from corpus.article import Article, Attribution, Chunk
from corpus.errors import (
    AmbiguousArticleError,
    ArchiveBusyError,
    ArchiveDamagedError,
    ArchiveNewerError,
    ArticleNotFoundError,
)
from corpus.store import copies, recurrence
from corpus.store.changes import Changes, Reading, record
from corpus.store.collections import Collections
from corpus.store.connections import WAIT, Connections
from corpus.store.copies import Copies
from corpus.store.migrations import STEPS, migrations
from corpus.store.passages import (
    Chunker,
    Filter,
    TermCounts,
    best_passages,
    count_terms,
    derivation,
    few_passing,
    find_passages,
    passage_ids,
    passing_passages,
    remove_passages,
    replace_passages,
    to_chunk,
)
from corpus.store.postings import last_number, seal
from corpus.store.ranking import count_passages
from corpus.store.recurrence import RecurringLine
from corpus.store.rows import Row, as_json, check_articles, from_row, one, put_article, put_file, to_row

Progress = Callable[[int, int], None]
"""A callback that receives the number of files done and the total; of articles for ``clean``."""

_BATCH = 50  # articles of one transaction of ``clean``


@dataclass(frozen=True, slots=True)
class Added:
    """The outcome of ``add_file``, and the ids of the file's articles."""

    status: Literal["added", "changed", "unchanged"]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The outcome of ``clean``: what recurs in the archive's articles, and how many of them were cut anew for it."""

    lines: tuple[RecurringLine, ...]
    changed: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The file behind a source's current text, and the parser and recipe of its articles and chunks."""

    digest: str
    path: str | None
    parser: str
    recipe: str
    size: int | None
    modified: int | None
    """``size`` in bytes and ``modified`` in nanoseconds since 1970, of the file when it was read; None when they
    say nothing about its text."""
    outlet: str | None = None
    """The outlet given for it when it was ingested, which holds until another is given."""
    raw: str | None = None
    """The digest of what an entry of a collection was read from."""


_ORIGINS = (
    "select sources.source, digest, path, parser, recipe, size, modified, outlet, raw"
    " from sources join files on files.id = sources.file"
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Current articles that name one outlet, or none, and came from one host."""

    publisher: str | None
    host: str | None
    """The host from which they came, else the one that they name; None for files that name none."""
    attribution: Attribution | None
    articles: int


@dataclass(frozen=True, slots=True)
class Newest:
    """What came last of the current articles, of all or of one outlet's."""

    taken: str | None
    """When the last one was taken in: ISO 8601, UTC, to the second; None where there is none."""
    published: str | None
    """The last day on which one was published, ISO; None where none says its day."""


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
        check_articles(source, text, articles)
        recipe = derivation(recipe)
        rows = {article.id: to_row(article) for article in articles}
        with self._connections.writing() as db:
            before = one(db, "select * from sources where source = ?", [source])
            file = put_file(db, source, digest, text)
            known = {row["id"]: row for row in db.query("select * from articles where source = ?", [source])}
            current = {id for id, row in known.items() if row["current"]}
            same = {id for id in rows if id in current and rows[id].items() <= known[id].items()}
            kept = same if before and before["recipe"] == recipe else set()
            entry = {
                "source": source,
                "file": file,
                "path": str(path) if path else before and before["path"],
                "parser": parser,
                "recipe": recipe,
                "size": stamp[0],
                "modified": stamp[1],
                "collection": collection,
                "raw": raw,
                "outlet": outlet,
            }
            if before and before["file"] == file and kept == current == rows.keys():
                if entry != before:
                    db.table("sources").upsert(entry, pk="source")
                return Added("unchanged", tuple(rows))

            terms = TermCounts()
            for id in sorted(current - rows.keys()):
                _retire(db, id, terms)
            for article in articles:
                put_article(db, article, {**rows[article.id], "file": file}, known.get(article.id))
                if article.id not in kept:
                    recurrence.collect(db, article)
                    article = replace(article, recurring=recurrence.marks(db, article))
                    if article.recurring or article.id in known:
                        recurrence.put_marks(db, article)
                    replace_passages(db, article, chunk(article), terms)
                    copies.collect(db, article, text)
            db.table("sources").upsert(entry, pk="source")
            if before and current != rows.keys():
                same_text = anew or Reading.of(before).is_same(Reading.of(entry))
                record(db, source, "reread" if same_text else "changed", current - rows.keys(), rows)
            elif known and not before:
                record(db, source, "returned", (), rows)
            terms.write(db)
            seal(db)
            _raise_generation(db)
        return Added("changed" if before else "added", tuple(rows))

    def remove_file(self, source: str) -> None:
        """Remove the articles of ``source`` from search; they stay resolvable. Raises ArticleNotFoundError."""
        with self._connections.writing() as db:
            if not one(db, "select source from sources where source = ?", [source]):
                raise ArticleNotFoundError(f"the archive holds no file {source!r}")
            terms = TermCounts()
            current = [
                row["id"]
                for row in db.query("select id from articles where source = ? and current", [source])
            ]
            for id in current:
                _retire(db, id, terms)
            record(db, source, "removed", current)
            db.table("sources").delete(source)
            terms.write(db)
            _raise_generation(db)

    def mark_withdrawn(self, source: str, withdrawn: bool) -> bool:
        """Record that the outlet took away the page of a source, or has it again; return whether that was news.

        The articles stay as they are, and are searched. A source that is unknown or was removed is left alone.
        """
        values: list[object] = [source, int(not withdrawn)]
        which = "where source = ? and current and withdrawn = ?"
        if not self._query(f"select id from articles {which} limit 1", values):
            return False
        with self._connections.writing() as db:
            ids = [row["id"] for row in db.query(f"select id from articles {which}", values)]
            db.execute(f"update articles set withdrawn = ? {which}", [int(withdrawn), *values])
            record(db, source, "withdrawn" if withdrawn else "returned", (), ids)
        return bool(ids)

    def rechunk(self, chunk: Chunker, *, recipe: str = "", progress: Progress | None = None) -> None:
        """Make the chunks of all current articles again.

        A reindex needs this after a change of model, chunker or folding. Each file is one transaction; a run
        that is killed in the middle must be started again.
        """
        with self.lock():
            sources = sorted(self.sources())
            for done, source in enumerate(sources, 1):
                with self._connections.writing() as db:
                    terms = TermCounts()
                    for row in list(
                        db.query("select * from articles where source = ? and current", [source])
                    ):
                        article = from_row(row)
                        replace_passages(db, article, chunk(article), terms)
                    db.table("sources").update(source, {"recipe": derivation(recipe)})
                    terms.write(db)
                    seal(db)
                    _raise_generation(db)
                if progress:
                    progress(done, len(sources))

    def clean(self, chunk: Chunker, *, every: bool = True, progress: Progress | None = None) -> Cleaned:
        """Find what recurs in the articles of each outlet, and leave it out of their passages; compare articles.

        New articles are counted as they come and marked by what is known; this settles what is known, by all
        articles that are current, and marks the others by it: of ``every`` outlet, or only of those of whose articles a
        fiftieth came or went since. Articles that older versions stored are compared with all others, as new ones
        are when they come. Only articles whose marks change are cut again. May be
        killed at any point and called again: an article's marks and its passages change in one transaction.
        """
        with self.lock():
            with self._connections.writing() as db:
                new = recurrence.uncollected(db)
                before = recurrence.all_groups(db) if every else ()
            for start in range(0, len(new), _BATCH):
                with self._connections.writing() as db:
                    for article in _read(db, new[start : start + _BATCH]):
                        recurrence.collect(db, article)
            with self._connections.writing() as db:
                # Also those of which nothing is left since articles were counted otherwise.
                settled = {*before, *recurrence.all_groups(db)} if every else recurrence.due_groups(db)
                for group in sorted(settled):
                    recurrence.settle(db, group)
                found = recurrence.affected(db, settled)
            changed = 0
            for start in range(0, len(found), _BATCH):
                changed += self._mark(found[start : start + _BATCH], chunk)
                if progress:
                    progress(min(start + _BATCH, len(found)), len(found))
            with self._connections.writing() as db:
                recurrence.note_settled(db, settled)
            self._compare_old(progress)
            with self._connections.reading() as db:
                return Cleaned(tuple(recurrence.lines(db)), changed)

    def _compare_old(self, progress: Progress | None) -> None:
        """Find the copies among articles that older versions stored, a batch a transaction."""
        with self._connections.writing() as db:
            old = copies.uncollected(db)
        for start in range(0, len(old), _BATCH):
            with self._connections.writing() as db:
                for article in _read(db, old[start : start + _BATCH]):
                    copies.collect(db, article, copies.text_of(db, article.id))
                _raise_generation(db)
            if progress:
                progress(min(start + _BATCH, len(old)), len(old))

    def _mark(self, ids: Sequence[str], chunk: Chunker) -> int:
        """Mark articles anew, in one transaction, and return how many were cut again."""
        changed = 0
        with self._connections.writing() as db:
            terms = TermCounts()
            for article in _read(db, ids):
                marked = replace(article, recurring=recurrence.marks(db, article))
                if marked.recurring == article.recurring:
                    continue
                recurrence.put_marks(db, marked)
                if recurrence.spans_of(marked) != recurrence.spans_of(article):
                    replace_passages(db, marked, chunk(marked), terms)
                    copies.collect(db, marked, copies.text_of(db, marked.id))
                    changed += 1
            terms.write(db)
            if changed:
                seal(db)
                _raise_generation(db)
        return changed

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
        where = "where current" if current else ""
        return [
            from_row(row)
            for row in self._query(f"select * from articles {where} order by source, part, version")
        ]

    def retired(self) -> list[Article]:
        """Return the versions that were replaced or removed, those ingested last first."""
        rows = self._query("select * from articles where not current order by ingested desc, rowid desc")
        return [from_row(row) for row in rows]

    def articles_of(self, source: str) -> list[Article]:
        """Return the current articles of a source, by part; none when the archive does not know it."""
        rows = self._query("select * from articles where current and source = ? order by part", [source])
        return [from_row(row) for row in rows]

    def versions_of(self, source: str) -> list[Article]:
        """Return all versions of the articles of a source, current or not, by part and version."""
        rows = self._query("select * from articles where source = ? order by part, version", [source])
        return [from_row(row) for row in rows]

    def elsewhere(self, article: Article) -> list[Article]:
        """Return the current articles of other sources that came from the same text, or have the same headline."""
        rows = self._query(
            "select * from articles where current and source != ?1 and (title = ?2 or file in (select other.id"
            " from files as own join files as other using (digest) join articles on articles.file = own.id"
            " where articles.id = ?3)) order by id limit 20",
            [article.source, article.title, article.id],
        )
        return [from_row(row) for row in rows]

    def articles_in(self, collection: str) -> list[str]:
        """Return the ids of the current articles of a collection's entries, those ingested last first."""
        rows = self._query(
            "select id from articles join sources using (source) where current and collection = ?"
            " order by ingested desc, articles.rowid desc",
            [collection],
        )
        return [row["id"] for row in rows]

    def article(self, ref: str) -> Article:
        """Return the article that ``ref`` names.

        ``ref`` is an id, of any version; a source name (the first current article of that file); the exact
        title of a current article; or the beginning of an id, 4 digits or more. Raises ArticleNotFoundError,
        AmbiguousArticleError.
        """
        for condition, values in _ways_to_name(ref.strip()):
            found = self._query(f"select * from articles where {condition} limit 6", values)
            if len(found) > 1:
                named = ", ".join(f"{row['id']} ({row['source']})" for row in found[:5])
                more = ", …" if len(found) > 5 else ""
                raise AmbiguousArticleError(f"{ref!r} names several articles: {named}{more}; give an id")
            if found:
                return from_row(found[0])
        raise ArticleNotFoundError(
            f"the archive holds no article {ref!r}: "
            "give an id or at least 4 digits of it, a file name or an exact title"
        )

    def count_articles(self) -> int:
        """Return the number of current articles."""
        return self._number("select count(*) from articles where current")

    def articles_by_id(self, ids: Collection[str]) -> dict[str, Article]:
        """Return the articles with these ids, of any version; ids not in the archive are left out."""
        rows = self._query(
            "select * from articles where id in (select value from json_each(?))", [as_json(ids)]
        )
        return {row["id"]: from_row(row) for row in rows}

    def latest(self, limit: int) -> list[Article]:
        """Return the current articles that were ingested last, the newest first."""
        rows = self._query(
            "select * from articles where current order by ingested desc, rowid desc limit ?", [limit]
        )
        return [from_row(row) for row in rows]

    def newest(self, publisher: str | None = None) -> Newest:
        """Return what came last, of all current articles or of one outlet's; by indexes, however many there are.

        A day after tomorrow is no article's: what a page claims of it is passed over.
        """
        of, values = ("and publisher = ?", [publisher]) if publisher is not None else ("", [])
        where = f"from articles where current = 1 {of}"
        rows = self._query(
            f"select (select max(ingested) {where}) as taken,"
            f" (select max(published) {where} and published <= date('now', '+1 day')) as published",
            values * 2,
        )
        return Newest(**rows[0])

    def publishers(self) -> dict[str, int]:
        """Return the number of current articles of each outlet, most first; counted again only after a change."""
        generation = self.generation()
        if self._counted is None or self._counted[0] != generation:
            rows = self._query(
                "select publisher, count(*) as articles from articles where current and publisher is not null"
                " group by publisher order by articles desc, publisher"
            )
            self._counted = generation, {row["publisher"]: row["articles"] for row in rows}
        return dict(self._counted[1])

    def outlets(self) -> list[Outlet]:
        """Return the outlets of the current articles by name, host and attribution, those of most articles first."""
        rows = self._query(
            "select publisher, coalesce(origin, site) as host, attribution, count(*) as articles from articles"
            " where current group by 1, 2, 3 order by articles desc, publisher, host, attribution"
        )
        return [Outlet(**row) for row in rows]

    def recurring_outlets(self) -> dict[str, str]:
        """Return the outlets of current articles that recur in their folders, by the path of the file."""
        rows = self._query(
            "select distinct path, publisher from articles join sources using (source)"
            " where current and attribution = 'recurring' and path is not null and publisher is not null"
        )
        return {row["path"]: row["publisher"] for row in rows}

    def sources(self) -> dict[str, str]:
        """Return the digest of each source's current text, by source."""
        rows = self._query(
            "select sources.source, digest from sources join files on files.id = sources.file"
            " order by sources.source"
        )
        return {row["source"]: row["digest"] for row in rows}

    def origins(self) -> dict[str, Origin]:
        """Return the origin of the current text of each source that is no entry of a collection, by source."""
        rows = self._query(f"{_ORIGINS} where collection is null order by sources.source")
        return {row.pop("source"): Origin(**row) for row in rows}

    def origin(self, source: str) -> Origin | None:
        """Return the origin of a source's current text, None for a source that the archive does not know."""
        rows = self._query(f"{_ORIGINS} where sources.source = ?", [source])
        for row in rows:
            del row["source"]
            return Origin(**row)
        return None

    def recipes(self) -> set[str]:
        """Return the keys by which the chunks of all sources were made; see `derivation`."""
        return {row["recipe"] for row in self._query("select distinct recipe from sources")}

    def holder(self, digest: str, *, entries: bool = False) -> str | None:
        """Return a source whose current text has this digest, the one known longest; or only of ``entries``."""
        only = "and collection is not null" if entries else ""
        rows = self._query(
            "select sources.source from files join sources on sources.file = files.id"
            f" where digest = ? {only} order by files.id limit 1",
            [digest],
        )
        return rows[0]["source"] if rows else None

    def count_lacking(self, sources: Collection[str]) -> tuple[int, int]:
        """Return how many current articles of these sources, or of these collections, have no date, and no outlet."""
        named = as_json(sources)
        rows = self._query(
            "select count(*) filter (where published is null) as undated,"
            " count(*) filter (where publisher is null) as unnamed from articles where current and source in ("
            "select source from sources where source in (select value from json_each(?))"
            " or collection in (select value from json_each(?)))",
            [named, named],
        )
        return rows[0]["undated"], rows[0]["unnamed"]

    def file_text(self, source: str, article_id: str | None = None) -> str:
        """Return the decoded text of the file ``source``.

        This is its current text, or the one that ``Article.kept`` of the given version of an article refers
        to. Raises ArticleNotFoundError.
        """
        if article_id is None:
            found = self._query(
                "select text from files join sources on sources.file = files.id where sources.source = ?",
                [source],
            )
        else:
            found = self._query(
                "select text from files join articles on articles.file = files.id"
                " where articles.source = ? and articles.id = ?",
                [source, article_id],
            )
        if not found:
            of = f" with an article {article_id}" if article_id else ""
            raise ArticleNotFoundError(f"the archive holds no file {source!r}{of}")
        text: str = found[0]["text"]
        return text

    def copies_of(self, ids: Sequence[str]) -> list[Copies]:
        """Return the groups of copies that articles belong to, in their order; none for those without copies.

        Only current articles have copies.
        """
        with self._connections.reading() as db:
            return copies.groups(db, ids)

    def copies_in(self, article: str) -> list[Article]:
        """Return the copies of a current article, without itself, the likeliest original first; none for others."""
        ids = [id for group in self.copies_of([article]) for id in group.articles if id != article]
        found = self.articles_by_id(ids)
        return [found[id] for id in ids]

    def credits_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the outlets that current articles credit for their text, by the articles' ids."""
        with self._connections.reading() as db:
            return copies.credits(db, ids)

    # Reading: passages, all of current articles

    def chunks(self, ids: Sequence[str]) -> list[Chunk]:
        """Return the chunks with these ids, in their order; ids of chunks that no longer exist are left out."""
        rows = self._query(
            "select * from chunks where id in (select value from json_each(?))", [as_json(ids)]
        )
        found = {row["id"]: to_chunk(row) for row in rows}
        return [found[id] for id in ids if id in found]

    def chunk_ids(self, where: Filter | None = None) -> set[str]:
        """Return the ids of all chunks, or of those of the articles in ``where``."""
        with self._connections.reading() as db:
            return passage_ids(db, where)

    def new_chunks(self, number: int, limit: int = -1) -> dict[str, int]:
        """Return the numbers of the chunks that came after the one of a number, by id, in order; the first or all.

        No number is given twice.
        """
        with self._connections.reading() as db:
            rows = db.execute(
                "select id, number from chunks where number > ? order by number limit ?", [number, limit]
            )
            return dict(rows.fetchall())

    def last_number(self) -> int:
        """Return the last number that was given to a chunk."""
        with self._connections.reading() as db:
            return last_number(db)

    def size(self) -> int:
        """Return the number of chunks."""
        with self._connections.reading() as db:
            return count_passages(db)

    def match(self, query: str, limit: int, where: Filter | None = None) -> list[tuple[str, float]]:
        """Return the chunks that match the FTS5 ``query`` as (id, BM25), best first.

        The query is over the columns ``words`` and ``stems``. BM25 is positive here, more is better; ties are
        ordered by id. Raises QuerySyntaxError.
        """
        with self._connections.reading() as db:
            return find_passages(db, query, limit, where)

    def best(
        self, words: Sequence[str], stems: Sequence[str], limit: int, where: Filter | None = None
    ) -> list[tuple[str, float]]:
        """Return the chunks with any of some folded words and stems as ``match`` does, by their BM25."""
        with self._connections.reading() as db:
            return best_passages(db, words, stems, limit, where)

    def passing(self, ids: Sequence[str], where: Filter) -> set[str]:
        """Return those of some chunks whose articles pass a filter."""
        with self._connections.reading() as db:
            return passing_passages(db, ids, where)

    def few_passing(self, where: Filter, most: int) -> list[str] | None:
        """Return the chunks that pass a filter by outlet or article; None if they are more, or it is by date alone."""
        with self._connections.reading() as db:
            return few_passing(db, where, most)

    def frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Return the number of chunks with each of ``terms``, as a folded word or as a stem; 0 for the unknown."""
        with self._connections.reading() as db:
            return count_terms(db, terms)

    def vocabulary(self) -> list[str]:
        """Return every folded word of the chunks, once, in code point order."""
        with self._connections.reading() as db:
            return [term for (term,) in db.execute("select term from terms where words > 0 order by term")]

    def generation(self) -> int:
        """Return a number that every change increases: data read under another one may be outdated."""
        return self._number("select value from state where key = 'generation'")

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

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        with self._connections.reading() as db:
            return list(db.query(sql, values))

    def _number(self, sql: str) -> int:
        with self._connections.reading() as db:
            number: int = db.execute(sql).fetchone()[0]
            return number


def _ways_to_name(ref: str) -> Iterator[tuple[str, list[str]]]:
    yield "id = ?", [ref]
    yield (
        "current and source = ? and part = (select min(part) from articles where current and source = ?)",
        [ref, ref],
    )
    yield "current and title = ?", [ref]
    if len(ref) >= 4 and set(ref) <= set("0123456789abcdef"):
        yield "id between ? and ?", [ref, ref + "g"]


def _read(db: Database, ids: Sequence[str]) -> list[Article]:
    return [
        from_row(row)
        for row in db.query(
            "select * from articles where id in (select value from json_each(?)) order by id", [as_json(ids)]
        )
    ]


def _retire(db: Database, id: str, terms: TermCounts) -> None:
    """Mark an article as an old version: quotes of it resolve, search does not find it."""
    recurrence.forget(db, id)
    copies.forget(db, id)
    remove_passages(db, id, terms)
    db.table("articles").update(id, {"current": 0})


def _raise_generation(db: Database) -> None:
    db.execute("update state set value = value + 1 where key = 'generation'")
