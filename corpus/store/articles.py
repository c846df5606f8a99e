"""Read articles: rows of ``articles``, of the current versions and of those before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlite_utils import Database

from corpus.article import Article
from corpus.errors import AmbiguousArticleError, ArticleNotFoundError
from corpus.store.rows import as_json, from_row


def read(db: Database, *, current: bool) -> list[Article]:
    """Return the current articles or all versions, by source, part and version."""
    where = "where current" if current else ""
    return _query(db, f"select * from articles {where} order by source, part, version")


def retired(db: Database) -> list[Article]:
    """Return the versions that are not current, those ingested last first."""
    return _query(db, "select * from articles where not current order by ingested desc, rowid desc")


def of_source(db: Database, source: str) -> list[Article]:
    """Return the current articles of a source, by part."""
    return _query(db, "select * from articles where current and source = ? order by part", [source])


def versions_of(db: Database, source: str) -> list[Article]:
    """Return all versions of the articles of a source, by part and version."""
    return _query(db, "select * from articles where source = ? order by part, version", [source])


def elsewhere(db: Database, article: Article) -> list[Article]:
    """Return the current articles of other sources with the same text behind them or the same headline, at most 20."""
    return _query(
        db,
        "select * from articles where current and source != ?1 and (title = ?2 or file in (select other.id"
        " from files as own join files as other using (digest) join articles on articles.file = own.id"
        " where articles.id = ?3)) order by id limit 20",
        [article.source, article.title, article.id],
    )


def latest(db: Database, limit: int) -> list[Article]:
    """Return the current articles that were ingested last, the newest first."""
    return _query(
        db, "select * from articles where current order by ingested desc, rowid desc limit ?", [limit]
    )


def by_id(db: Database, ids: Collection[str]) -> dict[str, Article]:
    """Return the articles with these ids, of any version; unknown ids are left out."""
    rows = db.query("select * from articles where id in (select value from json_each(?))", [as_json(ids)])
    return {row["id"]: from_row(row) for row in rows}


def ids_in(db: Database, collection: str) -> list[str]:
    """Return the ids of the current articles of a collection's entries, those ingested last first."""
    rows = db.query(
        "select id from articles join sources using (source) where current and collection = ?"
        " order by ingested desc, articles.rowid desc",
        [collection],
    )
    return [row["id"] for row in rows]


def count(db: Database) -> int:
    """Return the number of current articles."""
    number: int = db.execute("select count(*) from articles where current").fetchone()[0]
    return number


def find(db: Database, ref: str) -> Article:
    """Return the article that ``ref`` names, see ``Archive.article``.

    Raises ArticleNotFoundError, AmbiguousArticleError.
    """
    for condition, values in _ways_to_name(ref.strip()):
        found = list(db.query(f"select * from articles where {condition} limit 6", values))
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


def _ways_to_name(ref: str) -> Iterator[tuple[str, list[str]]]:
    yield "id = ?", [ref]
    yield (
        "current and source = ? and part = (select min(part) from articles where current and source = ?)",
        [ref, ref],
    )
    yield "current and title = ?", [ref]
    if len(ref) >= 4 and set(ref) <= set("0123456789abcdef"):
        yield "id between ? and ?", [ref, ref + "g"]


def _query(db: Database, sql: str, values: Sequence[object] = ()) -> list[Article]:
    return [from_row(row) for row in db.query(sql, values)]
