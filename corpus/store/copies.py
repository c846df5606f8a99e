"""Store which articles are copies: rows of ``signatures``, ``bands`` and ``copies``.

Only pairs are stored, and each was compared. So an article that is retired takes its own pairs along and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlite_utils import Database

from corpus.article import Article
from corpus.copies.compare import IsRare, Told, compare
from corpus.copies.original import Member, carrier, credited, order, original
from corpus.copies.signatures import VERSION, pack, signature, unpack
from corpus.store.rows import as_json, from_row

_OF_KEY = 64  # articles looked at that have a key: the first that came
_SELDOM, _ENOUGH = 4, 2  # one key in common is enough where few articles have it: others are turns of phrase
_COMPARED = 16  # articles, those of most keys in common
_RARE = 0.01  # share of the passages
_RARE_AT_LEAST = 3  # passages


@dataclass(frozen=True, slots=True)
class Copies:
    """An article's copies with itself: of one source, however many outlets have it."""

    articles: tuple[str, ...]
    """Ids, the likeliest original first."""
    original: str | None
    """The id of the one that the others were made of; None where that is not certain."""
    credit: str | None
    """The only outlet that members of the group credit; None for none or several."""


def collect(db: Database, article: Article, text: str) -> None:
    """Store an article's signature and find its copies, in place of those before. ``text``: its file's."""
    forget(db, article.id)
    keys = signature(article)
    number = db.execute(
        "insert into signatures (article, keys, credit) values (?, ?, ?) returning number",
        [article.id, pack(keys), credited(article, text)],
    ).fetchone()[0]
    found = candidates(db, keys)
    db.conn.executemany("insert or ignore into bands values (?, ?)", [(key, number) for key in keys])
    if not found:
        return
    own, is_rare = Told(article), _rarity(db)
    for other in _read(db, found):
        likeness = compare(own, Told(other), is_rare)
        if likeness is not None:
            db.conn.executemany(
                "insert or replace into copies values (?, ?, ?)",
                [(article.id, other.id, likeness), (other.id, article.id, likeness)],
            )


def candidates(db: Database, keys: Sequence[int]) -> list[int]:
    """Return the numbers of the articles to compare: those with most of the keys, of equals those that came first."""
    # One question for all keys of an article, which has some forty.
    rows = db.execute(
        "select (select json_group_array(number) from"
        " (select number from bands where key = value order by number limit ?)) from json_each(?)",
        [_OF_KEY, json.dumps(keys)],
    )
    counts: Counter[int] = Counter()
    for (packed,) in rows:
        found = json.loads(packed)
        weight = _ENOUGH if len(found) <= _SELDOM else 1
        counts.update(dict.fromkeys(found, weight))
    enough = [number for number, weight in counts.items() if weight >= _ENOUGH]
    return sorted(enough, key=lambda number: (-counts[number], number))[:_COMPARED]


def forget(db: Database, article: str) -> None:
    """Take an article out of all groups."""
    row = db.execute("select number, keys from signatures where article = ?", [article]).fetchone()
    if row is None:
        return
    number, keys = row
    db.conn.executemany(
        "delete from bands where key = ? and number = ?", [(key, number) for key in unpack(keys)]
    )
    db.execute("delete from signatures where number = ?", [number])
    others = db.execute("select other from copies where article = ?", [article]).fetchall()
    db.conn.executemany(
        "delete from copies where article = ? and other = ?",
        [pair for (other,) in others for pair in ((article, other), (other, article))],
    )


def uncollected(db: Database) -> list[str]:
    """Return the ids of the current articles without a signature; of all when signatures are made otherwise now."""
    if db.execute("select value from state where key = 'copies'").fetchone() != (VERSION,):
        for table in ("signatures", "bands", "copies"):
            db.execute(f"delete from {table}")
        db.execute("update state set value = ? where key = 'copies'", [VERSION])
    found = db.execute(
        "select id from articles where current and id not in (select article from signatures) order by rowid"
    )
    return [id for (id,) in found]


def text_of(db: Database, article: str) -> str:
    """Return the text of the file that an article was read from."""
    text: str = db.execute(
        "select text from files join articles on articles.file = files.id where articles.id = ?", [article]
    ).fetchone()[0]
    return text


_GROUP = """
with recursive
  asked as (select value as id from json_each(:ids)),
  near as (
    select id as asked, id as member from asked
    union
    select near.asked, copies.other from near join copies on copies.article = near.member
    where copies.likeness = 'whole'
  )
select found.asked, articles.id, publisher, attribution, origin, credit, published, ingested, dating from (
  select asked, member from near
  union select id, other from asked join copies on copies.article = asked.id
) as found join articles on articles.id = found.member join signatures on signatures.article = found.member
where articles.current
"""


def groups(db: Database, ids: Sequence[str]) -> list[Copies]:
    """Return the groups of the articles that have copies, in their order, each once.

    A group is an article, those that are part of it or that it is part of, and those that are the same as a whole,
    also by way of others that are. Two parts of one article are no copies of each other.
    """
    members: dict[str, dict[str, Member]] = {}
    for asked, id, publisher, attribution, origin, credit, published, ingested, dating in db.execute(
        _GROUP, {"ids": as_json(ids)}
    ):
        is_day = json.loads(dating).get("precision") == "day"
        outlet = carrier(publisher, attribution, origin)
        credit = credit or (publisher if outlet != publisher else None)
        member = Member(id, outlet, credit, published, ingested or "", is_day)
        members.setdefault(asked, {})[id] = member
    found: dict[frozenset[str], Copies] = {}
    for id in ids:
        group = list(members.get(id, {}).values())
        if len(group) > 1:
            credits = {each.credit for each in group if each.credit}
            listed = tuple(each.id for each in order(group))
            one = credits.pop() if len(credits) == 1 else None
            found.setdefault(frozenset(listed), Copies(listed, original(group), one))
    return list(found.values())


def credits(db: Database, ids: Sequence[str]) -> dict[str, str]:
    """Return the outlets that articles credit, by the id of the article."""
    rows = db.execute(
        "select article, credit from signatures"
        " where credit is not null and article in (select value from json_each(?))",
        [as_json(ids)],
    )
    return dict(rows.fetchall())


def _read(db: Database, numbers: Sequence[int]) -> list[Article]:
    rows = db.query(
        "select articles.* from json_each(?) join signatures on signatures.number = value"
        " join articles on articles.id = signatures.article",
        [json.dumps(numbers)],
    )
    return [from_row(row) for row in rows]


def _rarity(db: Database) -> IsRare:
    size = db.execute("select coalesce(max(number), 0) from chunks").fetchone()[0]
    most = max(_RARE_AT_LEAST, _RARE * size)

    @cache
    def is_rare(word: str) -> bool:
        if len(word) < 3 or not word.isalpha():
            return False
        row = db.execute("select chunks from terms where term = ?", [word]).fetchone()
        return row is None or row[0] <= most

    return is_rare
