"""Write a file and its articles into the archive, take them out of search, or note that the outlet took them away.

Each function is one transaction: a killed ingest leaves whole files only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sqlite_utils import Database

from corpus.article import Article
from corpus.errors import ArticleNotFoundError
from corpus.store import copies, recurrence
from corpus.store.changes import Reading, raise_generation, record
from corpus.store.connections import Connections
from corpus.store.passages import Chunker, TermCounts, derivation, remove_passages, replace_passages
from corpus.store.postings import seal
from corpus.store.rows import Row, check_articles, one, put_article, put_file, to_row


@dataclass(frozen=True, slots=True)
class Added:
    """The outcome of ``add_file``, and the ids of the file's articles."""

    status: Literal["added", "changed", "unchanged"]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it was read, and what its articles and their chunks were made by; see ``Archive.add_file``."""

    source: str
    digest: str
    text: str
    articles: Sequence[Article]
    path: Path | None
    stamp: tuple[int | None, int | None]
    parser: str
    recipe: str
    collection: str | None
    raw: str | None
    outlet: str | None

    def row(self, id: int, before: Row | None) -> Row:
        """Return the row of ``sources`` for it, with the id of its text; ``before`` is the row that it replaces."""
        return {
            "source": self.source,
            "file": id,
            "path": str(self.path) if self.path else before and before["path"],
            "parser": self.parser,
            "recipe": derivation(self.recipe),
            "size": self.stamp[0],
            "modified": self.stamp[1],
            "collection": self.collection,
            "raw": self.raw,
            "outlet": self.outlet,
        }


def add(connections: Connections, file: File, chunk: Chunker, *, anew: bool) -> Added:
    """Store a file and its articles, all or nothing; see ``Archive.add_file``. Raises InconsistentArticleError."""
    source = file.source
    check_articles(source, file.text, file.articles)
    rows = {article.id: to_row(article) for article in file.articles}
    with connections.writing() as db:
        before = one(db, "select * from sources where source = ?", [source])
        entry = file.row(put_file(db, source, file.digest, file.text), before)
        known = {row["id"]: row for row in db.query("select * from articles where source = ?", [source])}
        current = {id for id, row in known.items() if row["current"]}
        same = {id for id in rows if id in current and rows[id].items() <= known[id].items()}
        kept = same if before and before["recipe"] == entry["recipe"] else set()
        if before and before["file"] == entry["file"] and kept == current == rows.keys():
            if entry != before:
                db.table("sources").upsert(entry, pk="source")
            return Added("unchanged", tuple(rows))

        terms = TermCounts()
        for id in sorted(current - rows.keys()):
            _retire(db, id, terms)
        for article in file.articles:
            put_article(db, article, {**rows[article.id], "file": entry["file"]}, known.get(article.id))
            if article.id not in kept:
                _make_searchable(db, article, file.text, chunk, terms, is_known=article.id in known)
        db.table("sources").upsert(entry, pk="source")
        if before and current != rows.keys():
            same_text = anew or Reading.of(before).is_same(Reading.of(entry))
            record(db, source, "reread" if same_text else "changed", current - rows.keys(), rows)
        elif known and not before:
            record(db, source, "returned", (), rows)
        terms.write(db)
        seal(db)
        raise_generation(db)
    return Added("changed" if before else "added", tuple(rows))


def remove(connections: Connections, source: str) -> None:
    """Remove the articles of a source from search; they stay resolvable. Raises ArticleNotFoundError."""
    with connections.writing() as db:
        if not one(db, "select source from sources where source = ?", [source]):
            raise ArticleNotFoundError(f"the archive holds no file {source!r}")
        terms = TermCounts()
        current = [
            row["id"] for row in db.query("select id from articles where source = ? and current", [source])
        ]
        for id in current:
            _retire(db, id, terms)
        record(db, source, "removed", current)
        db.table("sources").delete(source)
        terms.write(db)
        raise_generation(db)


def mark_withdrawn(connections: Connections, source: str, withdrawn: bool) -> bool:
    """Record that the page of a source was taken away or is there again; see ``Archive.mark_withdrawn``."""
    values: list[object] = [source, int(not withdrawn)]
    which = "where source = ? and current and withdrawn = ?"
    with connections.reading() as db:
        if not one(db, f"select id from articles {which} limit 1", values):
            return False
    with connections.writing() as db:
        ids = [row["id"] for row in db.query(f"select id from articles {which}", values)]
        db.execute(f"update articles set withdrawn = ? {which}", [int(withdrawn), *values])
        record(db, source, "withdrawn" if withdrawn else "returned", (), ids)
    return bool(ids)


def _make_searchable(
    db: Database, article: Article, text: str, chunk: Chunker, terms: TermCounts, *, is_known: bool
) -> None:
    """Count, mark, cut and compare an article that was stored; ``text``: its file's; ``is_known``: it was before."""
    recurrence.collect(db, article)
    article = replace(article, recurring=recurrence.marks(db, article))
    if article.recurring or is_known:
        recurrence.put_marks(db, article)
    replace_passages(db, article, chunk(article), terms)
    copies.collect(db, article, text)


def _retire(db: Database, id: str, terms: TermCounts) -> None:
    """Mark an article as an old version: quotes of it resolve, search does not find it."""
    recurrence.forget(db, id)
    copies.forget(db, id)
    remove_passages(db, id, terms)
    db.table("articles").update(id, {"current": 0})
