"""Read of the current articles which outlets they name, how many, how recent, and what they lack."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from corpus.article import Attribution
from corpus.store.rows import as_json


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


def newest(db: Database, publisher: str | None) -> Newest:
    """Return what came last, of all current articles or of one outlet's; see ``Archive.newest``."""
    of, values = ("and publisher = ?", [publisher]) if publisher is not None else ("", [])
    where = f"from articles where current = 1 {of}"
    taken, published = db.execute(
        f"select (select max(ingested) {where}),"
        f" (select max(published) {where} and published <= date('now', '+1 day'))",
        values * 2,
    ).fetchone()
    return Newest(taken, published)


def publishers(db: Database) -> dict[str, int]:
    """Return the number of current articles of each outlet, most first."""
    rows = db.query(
        "select publisher, count(*) as articles from articles where current and publisher is not null"
        " group by publisher order by articles desc, publisher"
    )
    return {row["publisher"]: row["articles"] for row in rows}


def by_host(db: Database) -> list[Outlet]:
    """Return the outlets of the current articles by name, host and attribution, those of most articles first."""
    rows = db.query(
        "select publisher, coalesce(origin, site) as host, attribution, count(*) as articles from articles"
        " where current group by 1, 2, 3 order by articles desc, publisher, host, attribution"
    )
    return [Outlet(**row) for row in rows]


def recurring_in_folders(db: Database) -> dict[str, str]:
    """Return the outlets of current articles that recur in their folders, by the path of the file."""
    rows = db.query(
        "select distinct path, publisher from articles join sources using (source)"
        " where current and attribution = 'recurring' and path is not null and publisher is not null"
    )
    return {row["path"]: row["publisher"] for row in rows}


def count_lacking(db: Database, sources: Collection[str]) -> tuple[int, int]:
    """Return how many current articles of these sources, or of these collections, have no date, and no outlet."""
    named = as_json(sources)
    undated, unnamed = db.execute(
        "select count(*) filter (where published is null),"
        " count(*) filter (where publisher is null) from articles where current and source in ("
        "select source from sources where source in (select value from json_each(?))"
        " or collection in (select value from json_each(?)))",
        [named, named],
    ).fetchone()
    return undated, unnamed
