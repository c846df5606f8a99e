"""Store what recurs in an outlet's articles: ``edges``, ``members``, ``unsettled``, ``recurring``; articles' marks."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from functools import lru_cache

from sqlite_utils import Database

from corpus.article import Article, Recurring, Span
from corpus.recurrence import (
    FORM,
    VERSION,
    Known,
    content,
    groups,
    is_filled_with,
    is_reporting,
    needed,
    pieces,
    recurring,
    stems_outside,
)
from corpus.store.rows import as_json, from_row

_SAMPLE = 30  # articles that are read to tell what a sentence is about
_SEED = 7
_SHARE = 0.02  # of a group's articles, which must have come or gone before it is worth while to count them all again


@dataclass(frozen=True, slots=True)
class RecurringLine:
    """A line that recurs in the articles of an outlet, host or folder, and in how many of them."""

    outlet: str
    text: str
    articles: int


def collect(db: Database, article: Article) -> None:
    """Store the sentences at the edges of a current article, and where it is counted, in place of those before."""
    forget(db, article.id)
    db.conn.executemany(
        "insert or ignore into edges (key, article, start, stop) values (?, ?, ?, ?)",
        [(key, article.id, piece.start, piece.end) for piece in pieces(article) for key in piece.keys],
    )
    db.conn.executemany(
        "insert into members values (?, ?)", [(group, article.id) for group in groups(article)]
    )
    _unsettle(db, article.id)


def forget(db: Database, article: str) -> None:
    """Count an article no more."""
    _unsettle(db, article)
    for table in ("edges", "members"):
        db.execute(f"delete from {table} where article = ?", [article])


def _unsettle(db: Database, article: str) -> None:
    """Note that an article came to its groups, or leaves them."""
    db.execute(
        'insert into unsettled select "group", 1 from members where article = ?'
        ' on conflict ("group") do update set changes = changes + 1',
        [article],
    )


def uncollected(db: Database) -> list[str]:
    """Return the ids of the current articles that are counted nowhere; of all when pieces are made otherwise now."""
    if db.execute("select value from state where key = 'recurrence'").fetchone() != (VERSION,):
        db.execute('insert or ignore into unsettled select distinct "group", 1 from recurring')
        for table in ("edges", "members"):
            db.execute(f"delete from {table}")
        db.execute("update state set value = ? where key = 'recurrence'", [VERSION])
    found = db.execute("select id from articles where current and id not in (select article from members)")
    return [id for (id,) in found]


def settle(db: Database, group: str) -> None:
    """Find anew what recurs in the articles of a group."""
    size = db.execute('select count(*) from members where "group" = ?', [group]).fetchone()[0]
    # Articles of one headline are one article that was published twice.
    counted = db.execute(
        "select key, count(distinct title) as titles, min(edges.article), count(distinct edges.article) from members"
        " cross join edges on edges.article = members.article join articles on articles.id = edges.article"
        ' where members."group" = ? group by key having titles >= ?',
        [group, needed(0, 0)],
    ).fetchall()
    reader = _Reader(db, group, {key for key, titles, _, _ in counted if titles >= needed(size, key)})
    found: list[tuple[str, int, int, str]] = []
    for key, titles, example, articles in counted:
        if titles >= needed(size, key):
            line, title = reader.line(key, example)
            # The outlet's name says nothing about a sentence: its articles name it, too.
            if not reader.is_reporting(key, content(line, title) - content(group, "")):
                found.append((group, key, articles, " ".join(line.split())))
    before = db.execute('select * from recurring where "group" = ? order by key', [group]).fetchall()
    if sorted(found) != before:
        db.execute('delete from recurring where "group" = ?', [group])
        db.conn.executemany("insert into recurring values (?, ?, ?, ?)", found)


class _Reader:
    """The articles of a group, read to tell what the sentences that recur in them are about."""

    def __init__(self, db: Database, group: str, keys: Iterable[int]) -> None:
        self._db = db
        self._group = group
        self._keys = json.dumps(sorted(keys))
        self._stems = lru_cache(maxsize=None)(self._read)

    def line(self, key: int, article: str) -> tuple[str, str]:
        """Return a sentence as an article has it, and the headline of that."""
        line, title = self._db.execute(
            "select substr(body, start + 1, stop - start), title from edges join articles on id = article"
            " where key = ? and article = ?",
            [key, article],
        ).fetchone()
        return line, title

    def is_reporting(self, key: int, wanted: Collection[str]) -> bool:
        holders = self._ids("in", key)
        if key & 3 == FORM and 2 * sum(self._fills(id, key) for id in holders) > len(holders):
            return True
        others = self._ids("not in", key)
        return is_reporting(wanted, [self._stems(id) for id in holders], [self._stems(id) for id in others])

    def _fills(self, id: str, key: int) -> bool:
        """Return whether an article fills in a form with its own words."""
        (article,) = map(from_row, self._db.query("select * from articles where id = ?", [id]))
        filled = next(
            (
                words
                for piece in pieces(article)
                for each, words in zip(piece.keys, piece.filled, strict=True)
                if each == key
            ),
            "",
        )
        return is_filled_with(filled, article.title, self._stems(id))

    def _ids(self, which: str, key: int) -> list[str]:
        """Return the ids of some articles that hold a key or do not, the same ones each time."""
        found = self._db.execute(
            f'select article from members where "group" = ? and article {which}'
            " (select article from edges where key = ?) order by article",
            [self._group, key],
        ).fetchall()
        drawn = random.Random(_SEED).sample(found, _SAMPLE) if len(found) > _SAMPLE else found
        return [id for (id,) in drawn]

    def _read(self, id: str) -> frozenset[str]:
        """Return the stems of an article outside all that recurs in it."""
        row = next(iter(self._db.query("select * from articles where id = ?", [id])))
        spans = self._db.execute(
            "select start, stop from edges where article = ? and key in (select value from json_each(?))",
            [id, self._keys],
        )
        return stems_outside(from_row(row), spans.fetchall())


def all_groups(db: Database) -> list[str]:
    """Return every group that has articles, and those of which only what recurred is left."""
    found = db.execute('select "group" from members union select "group" from recurring order by 1')
    return [group for (group,) in found]


def due_groups(db: Database) -> list[str]:
    """Return the groups of which so many articles came or went since they were settled that others may recur."""
    found = db.execute(
        'select "group" from unsettled where changes >='
        ' ? * (select count(*) from members where members."group" = unsettled."group") order by 1',
        [_SHARE],
    )
    return [group for (group,) in found]


def note_settled(db: Database, settled: Collection[str]) -> None:
    """Note that groups were settled, and their articles marked."""
    db.execute('delete from unsettled where "group" in (select value from json_each(?))', [as_json(settled)])


def affected(db: Database, settled: Collection[str]) -> list[str]:
    """Return the ids of the current articles of some groups that have marks, or a key that recurs in a group."""
    found = db.execute(
        "with settled as (select value from json_each(?))"
        " select id from articles where current and recurring != '[]'"
        ' and id in (select article from members where "group" in settled)'
        " union select edges.article from recurring"
        ' cross join edges on edges.key = recurring.key join members on members."group" = recurring."group"'
        ' and members.article = edges.article where recurring."group" in settled order by 1',
        [as_json(settled)],
    )
    return [id for (id,) in found]


def marks(db: Database, article: Article) -> tuple[Recurring, ...]:
    """Return what is known to recur of an article that is collected."""
    named = groups(article)
    rows = db.execute(
        'select "group", key, articles from recurring where "group" in (select value from json_each(?))'
        " and key in (select key from edges where article = ?)",
        [as_json(named), article.id],
    )
    known: dict[int, Known] = {}
    for group, key, articles in sorted(rows, key=lambda row: named.index(row[0]), reverse=True):
        known[key] = Known(group, articles)
    return recurring(article, known) if known else ()


def put_marks(db: Database, article: Article) -> None:
    """Store what recurs of an article."""
    packed = json.dumps([astuple(mark) for mark in article.recurring], ensure_ascii=False)
    db.execute("update articles set recurring = ? where id = ?", [packed, article.id])


def spans_of(article: Article) -> list[Span]:
    """Return the spans that are left out of an article's passages."""
    return [Span(mark.start, mark.end) for mark in article.recurring]


def lines(db: Database) -> list[RecurringLine]:
    """Return what recurs, by outlet and most first, each line once: under the outlet where most articles have it."""
    best: dict[str, RecurringLine] = {}
    for group, articles, line in db.execute(
        'select "group", articles, line from recurring order by articles desc, "group" like \'%/\', "group"'
    ).fetchall():
        best.setdefault(line, RecurringLine(group, line, articles))
    return sorted(best.values(), key=lambda line: (line.outlet, -line.articles, line.text))
