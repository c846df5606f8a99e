"""Read what articles come from: rows of ``sources`` and ``files``."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from corpus.errors import ArticleNotFoundError
from corpus.store.rows import one


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


def digests(db: Database) -> dict[str, str]:
    """Return the digest of each source's current text, by source and in their order."""
    rows = db.query(
        "select sources.source, digest from sources join files on files.id = sources.file"
        " order by sources.source"
    )
    return {row["source"]: row["digest"] for row in rows}


def origins(db: Database) -> dict[str, Origin]:
    """Return the origin of each source that is no entry of a collection, by source and in their order."""
    rows = db.query(f"{_ORIGINS} where collection is null order by sources.source")
    return {row.pop("source"): Origin(**row) for row in rows}


def origin(db: Database, source: str) -> Origin | None:
    """Return the origin of a source, None for one that the archive does not know."""
    row = one(db, f"{_ORIGINS} where sources.source = ?", [source])
    if row is None:
        return None
    del row["source"]
    return Origin(**row)


def recipes(db: Database) -> set[str]:
    """Return the keys by which the chunks of all sources were made; see ``passages.derivation``."""
    return {row["recipe"] for row in db.query("select distinct recipe from sources")}


def holder(db: Database, digest: str, *, entries: bool) -> str | None:
    """Return the source known longest whose current text has this digest, among all or only ``entries``."""
    only = "and collection is not null" if entries else ""
    row = one(
        db,
        "select sources.source from files join sources on sources.file = files.id"
        f" where digest = ? {only} order by files.id limit 1",
        [digest],
    )
    return row["source"] if row else None


def text(db: Database, source: str, article_id: str | None) -> str:
    """Return the current text of a source, or the one that a version of its articles was read from.

    Raises ArticleNotFoundError.
    """
    if article_id is None:
        row = one(
            db,
            "select text from files join sources on sources.file = files.id where sources.source = ?",
            [source],
        )
    else:
        row = one(
            db,
            "select text from files join articles on articles.file = files.id"
            " where articles.source = ? and articles.id = ?",
            [source, article_id],
        )
    if row is None:
        of = f" with an article {article_id}" if article_id else ""
        raise ArticleNotFoundError(f"the archive holds no file {source!r}{of}")
    found: str = row["text"]
    return found
