"""Store and search passages: rows of ``chunks``, ``search`` and ``terms``, written together."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from corpus import arabic
from corpus.article import Article, Chunk, Span
from corpus.chunk import VERSION as CHUNKER
from corpus.errors import QuerySyntaxError
from corpus.store.postings import take_numbers
from corpus.store.ranking import STEM_WEIGHT, WORD_WEIGHT, best
from corpus.store.rows import Row, as_json

FEW = 2000
"""Passages that pass a filter, up to which it is quicker to list them than to ask of each of more."""

Chunker = Callable[[Article], list[Chunk]]


@dataclass(frozen=True, slots=True)
class Filter:
    """The articles to search.

    An article without a date passes no bound on dates; one dated to a month or a year counts as of its first
    day.
    """

    publishers: frozenset[str] = frozenset()
    """Names as in ``Article.publisher``; empty: all."""
    since: str | None = None
    until: str | None = None
    """ISO dates, inclusive."""
    articles: frozenset[str] = frozenset()
    """Ids of articles; empty: all."""


class TermCounts:
    """Changes by one transaction to the number of chunks with each term, in total, as a word and as a stem."""

    def __init__(self) -> None:
        self._chunks: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()

    def count(self, words: Sequence[str], stems: Sequence[str], by: int) -> None:
        """Count one chunk that is added (``by`` = 1) or removed (-1)."""
        for term in {*words, *stems}:
            self._chunks[term] += by
        for word in set(words):
            self._words[word] += by
        for stem in set(stems):
            self._stems[stem] += by

    def write(self, db: Database) -> None:
        counted = ((term, by, self._words[term], self._stems[term]) for term, by in self._chunks.items())
        changes = sorted(each for each in counted if any(each[1:]))
        db.conn.executemany(
            "insert into terms (term, chunks, words, stems) values (?, ?, ?, ?) on conflict (term) do update set"
            " chunks = chunks + excluded.chunks, words = words + excluded.words, stems = stems + excluded.stems",
            changes,
        )
        db.conn.executemany(
            "delete from terms where term = ? and chunks = 0", [(term,) for term, by, *_ in changes if by < 0]
        )


def derivation(recipe: str) -> str:
    """Return the key that determines an article's chunks and words: the versions of the code, and ``recipe``."""
    return f"chunker {CHUNKER}, folding {arabic.VERSION}, {recipe}"


def replace_passages(db: Database, article: Article, chunks: Sequence[Chunk], terms: TermCounts) -> None:
    """Replace the passages of a current article with ``chunks``."""
    remove_passages(db, article.id, terms)
    number = take_numbers(db, len(chunks))
    db.conn.executemany(
        "insert into chunks (number, id, article, start, stop, sentences) values (?, ?, ?, ?, ?, ?)",
        (_to_row(at, chunk) for at, chunk in enumerate(chunks, number)),
    )
    db.conn.executemany(
        "insert into search (rowid, words, stems) values (?, ?, ?)",
        _passages(article, chunks, terms, number),
    )


def _passages(
    article: Article, chunks: Sequence[Chunk], terms: TermCounts, number: int
) -> Iterator[tuple[int, str, str]]:
    """Yield number, words and stems of each chunk, one at a time: those of a long text would fill the memory."""
    before: dict[Span, list[arabic.Word]] = {}  # neighbouring chunks share sentences
    for at, chunk in enumerate(chunks, number):
        sentences = {
            span: before.get(span) or arabic.words(article.body, span.start, span.end)
            for span in chunk.sentences
        }
        found = [word for span in chunk.sentences for word in sentences[span]]
        words, stems = [word.text for word in found], [word.stem for word in found]
        terms.count(words, stems, 1)
        yield at, " ".join(words), " ".join(stems)
        before = sentences


def remove_passages(db: Database, article: str, terms: TermCounts) -> None:
    """Remove the passages of an article from search."""
    passages = db.execute(
        "select number, words, stems from chunks join search on search.rowid = chunks.number"
        " where article = ?",
        [article],
    ).fetchall()
    for _, words, stems in passages:
        # As they were cut when they came, whatever the folding is today.
        terms.count(words.split(), stems.split(), -1)
    db.conn.executemany("delete from search where rowid = ?", [(number,) for number, _, _ in passages])
    db.table("chunks").delete_where("article = ?", [article])


def find_passages(db: Database, query: str, limit: int, where: Filter | None) -> list[tuple[str, float]]:
    """Return the ids of the passages that match an FTS5 query, with BM25 as a positive number, best first."""
    if not query.strip() or limit < 1:
        return []
    conditions, values = _conditions(where or Filter())
    try:
        return db.execute(
            f"select chunks.id, -bm25(search, {WORD_WEIGHT}, {STEM_WEIGHT}) as score from search"
            " join chunks on chunks.number = search.rowid join articles on articles.id = chunks.article"
            f" where search match ? {conditions} order by score desc, chunks.id limit ?",
            [query, *values, limit],
        ).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise QuerySyntaxError(f"{query!r} is not a query of FTS5 ({error})") from error


def best_passages(
    db: Database, words: Sequence[str], stems: Sequence[str], limit: int, where: Filter | None
) -> list[tuple[str, float]]:
    """Return what ``find_passages`` does for any of the words and stems, sooner in a large archive."""
    conditions, values = _conditions(where or Filter())
    joined = "join articles on articles.id = chunks.article" if conditions else ""

    def kept(numbers: Sequence[int]) -> dict[int, str]:
        if where is not None and len(numbers) > FEW and (few := few_passing(db, where, FEW)) is not None:
            rows = db.execute(
                "select number, id from chunks where id in (select value from json_each(?))", [as_json(few)]
            )
            wanted = set(numbers)
            return {number: id for number, id in rows if number in wanted}
        rows = db.execute(
            f"select number, chunks.id from chunks {joined} where number in (select value from json_each(?))"
            f" {conditions}",
            [json.dumps(numbers), *values],
        )
        return dict(rows.fetchall())

    return best(db, words, stems, limit, kept)


def passing_passages(db: Database, ids: Sequence[str], where: Filter) -> set[str]:
    """Return those of some passages whose articles pass a filter."""
    conditions, values = _conditions(where)
    rows = db.execute(
        "select chunks.id from chunks join articles on articles.id = chunks.article"
        f" where chunks.id in (select value from json_each(?)) {conditions}",
        [as_json(ids), *values],
    )
    return {id for (id,) in rows}


def passage_ids(db: Database, where: Filter | None) -> set[str]:
    """Return the ids of all passages, or of those of the articles in ``where``."""
    if where is None:
        return {id for (id,) in db.execute("select id from chunks")}
    conditions, values = _conditions(where)
    rows = db.execute(
        f"select chunks.id from chunks join articles on articles.id = chunks.article where true {conditions}",
        values,
    )
    return {id for (id,) in rows}


def few_passing(db: Database, where: Filter, most: int) -> list[str] | None:
    """Return the passages that pass a filter; None if they are more, or not found by an index: by date alone."""
    if not (where.publishers or where.articles):
        return None
    conditions, values = _conditions(where)
    current = "+articles.current" if where.articles else "articles.current"  # which index is the one to use
    found = db.execute(
        "select chunks.id from articles join chunks on chunks.article = articles.id"
        f" where {current} = 1 {conditions} limit ?",
        [*values, most + 1],
    ).fetchall()
    return [id for (id,) in found] if len(found) <= most else None


def _conditions(where: Filter) -> tuple[str, list[object]]:
    conditions: list[str] = []
    values: list[object] = []
    if where.publishers:
        conditions.append("and articles.publisher in (select value from json_each(?))")
        values.append(as_json(sorted(where.publishers)))
    if where.since:
        conditions.append("and articles.published >= ?")
        values.append(where.since)
    if where.until:
        conditions.append("and articles.published <= ?")
        values.append(where.until)
    if where.articles:
        conditions.append("and articles.id in (select value from json_each(?))")
        values.append(as_json(sorted(where.articles)))
    return " ".join(conditions), values


def count_terms(db: Database, terms: Sequence[str]) -> dict[str, int]:
    """Return the number of passages that contain each of ``terms``."""
    rows = db.execute(
        "select term, chunks from terms where term in (select value from json_each(?))", [as_json(terms)]
    )
    return dict.fromkeys(terms, 0) | dict(rows.fetchall())


def passages_by_id(db: Database, ids: Sequence[str]) -> list[Chunk]:
    """Return the passages with these ids, in their order; unknown ids are left out."""
    rows = db.query("select * from chunks where id in (select value from json_each(?))", [as_json(ids)])
    found = {row["id"]: _to_chunk(row) for row in rows}
    return [found[id] for id in ids if id in found]


def new_passages(db: Database, number: int, limit: int) -> dict[str, int]:
    """Return the numbers of the passages after the one of a number, by id, in order; all for a ``limit`` of -1."""
    rows = db.execute(
        "select id, number from chunks where number > ? order by number limit ?", [number, limit]
    )
    return dict(rows.fetchall())


def vocabulary(db: Database) -> list[str]:
    """Return every folded word of the passages, once, in code point order."""
    return [term for (term,) in db.execute("select term from terms where words > 0 order by term")]


def _to_chunk(row: Row) -> Chunk:
    """Convert a row of ``chunks`` to a chunk."""
    return Chunk(
        row["article"], row["start"], row["stop"], tuple(Span(*span) for span in json.loads(row["sentences"]))
    )


def _to_row(number: int, chunk: Chunk) -> tuple[int, str, str, int, int, str]:
    sentences = json.dumps([[span.start, span.end] for span in chunk.sentences])
    return number, chunk.id, chunk.article_id, chunk.start, chunk.end, sentences
