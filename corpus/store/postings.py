"""Where each word and stem stands, packed for ranking (`ranking`): the passages with a term, and how often each has it.

Passages are packed in blocks of ``BLOCK`` by their numbers, when so many have come, in the transaction of the last of
them; ``FACTOR`` neighbouring blocks of one size become one, until they hold ``LARGEST``. Those that came after the last
block are read when something is asked. A block is never changed: a passage that is gone is left out of what is found.
Its number is never given again, and its block is packed anew when most of it is gone.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from sqlite_utils import Database

BLOCK: Final = 128
FACTOR: Final = 16
LARGEST: Final = BLOCK * FACTOR**2
"""Passages: to pack so many takes 2 s and 60 MB."""

WORDS, STEMS = 0, 1

SCHEMA: Final = (
    "create table blocks (id integer primary key, first integer not null, last integer not null,"
    " size integer not null, lengths blob not null)",
    "create table postings (block integer not null references blocks (id), term text not null,"
    " field integer not null, numbers blob not null, counts blob not null,"
    " primary key (block, term, field)) without rowid",
)


def seal(db: Database) -> None:
    """Pack the passages that have come, once they are enough for a block."""
    last = last_packed(db)
    top = last_number(db)
    if top - last < BLOCK:
        return
    _drop_worn(db)
    for start in range(last + 1, top - BLOCK + 2, BLOCK):
        _pack(db, start, start + BLOCK - 1)
        _merge(db)


def seal_all(db: Database) -> None:
    """Pack the passages of an archive that has none packed."""
    top = last_number(db)
    for size in (LARGEST, LARGEST // FACTOR, BLOCK):  # as they would be, had they come one by one
        for start in range(last_packed(db) + 1, top - size + 2, size):
            _pack(db, start, start + size - 1)


def take_numbers(db: Database, count: int) -> int:
    """Return the first of ``count`` numbers for new passages, none of which was ever given."""
    first = last_number(db) + 1
    db.execute("update state set value = ? where key = 'passages'", [first + count - 1])
    return first


# --- packing ----------------------------------------------------------------------------------------------


def last_number(db: Database) -> int:
    """Return the last number that was given to a passage."""
    return int(db.execute("select value from state where key = 'passages'").fetchone()[0])


def last_packed(db: Database) -> int:
    """Return the last number that is in a block."""
    return int(db.execute("select coalesce(max(last), 0) from blocks").fetchone()[0])


def _pack(db: Database, first: int, last: int) -> None:
    """Make a block of the passages with these numbers."""
    lengths = array("I", bytes(4 * (last - first + 1)))
    found: dict[tuple[str, int], tuple[array[int], array[int]]] = defaultdict(
        lambda: (array("I"), array("H"))
    )
    size = 0
    for number, *texts in db.execute(
        "select id, c0, c1 from search_content where id between ? and ? order by id", [first, last]
    ):
        size += 1
        for field, text in enumerate(texts):
            tokens = text.split()
            lengths[number - first] += len(tokens)
            for term, count in Counter(tokens).items():
                numbers, counts = found[term, field]
                numbers.append(number)
                counts.append(count)
    if not size:
        lengths = array("I")
    block = db.execute(
        "insert into blocks (first, last, size, lengths) values (?, ?, ?, ?)",
        [first, last, size, _packed(lengths)],
    ).lastrowid
    db.conn.executemany(
        "insert into postings (block, term, field, numbers, counts) values (?, ?, ?, ?, ?)",
        (
            (block, term, field, _packed(numbers), _packed(counts))
            for (term, field), (numbers, counts) in sorted(found.items())
        ),
    )


def _merge(db: Database) -> None:
    """Make one block of the last ones, while these are ``FACTOR`` of one size."""
    while True:
        last = db.execute(
            "select id, first, last from blocks order by last desc limit ?", [FACTOR]
        ).fetchall()
        spans = {end - start for _, start, end in last}
        if len(last) < FACTOR or len(spans) > 1 or (spans.pop() + 1) * FACTOR > LARGEST:
            return
        _remove(db, [id for id, _, _ in last])
        _pack(db, last[-1][1], last[0][2])


def _drop_worn(db: Database) -> None:
    """Pack anew the blocks most of whose passages are gone."""
    for id, first, last, size in db.execute("select id, first, last, size from blocks").fetchall():
        left = db.execute(
            "select count(*) from chunks where number between ? and ?", [first, last]
        ).fetchone()[0]
        if 2 * left < size:
            _remove(db, [id])
            _pack(db, first, last)


def _remove(db: Database, blocks: Sequence[int]) -> None:
    for table, column in (("postings", "block"), ("blocks", "id")):
        db.conn.executemany(f"delete from {table} where {column} = ?", [(block,) for block in blocks])


def _packed(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()
