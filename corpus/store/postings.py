"""Where each word and stem stands, packed for ranking: the best passages by BM25 in milliseconds.

FTS5 ranks passage by passage; among 100,000 articles a question took it a quarter of a second. Here the passages with
a term, and how often each has it, are two arrays, and BM25 is arithmetic on arrays, the same that FTS5's bm25() does
(`find_passages` is the other way to the same result).

Passages are packed in blocks of ``BLOCK`` by their numbers, when so many have come, in the transaction of the last of
them; ``FACTOR`` neighbouring blocks of one size become one, until they hold ``LARGEST``. Those that came after the last
block are read when something is asked. A block is never changed: a passage that is gone is left
out of what is found. Its number is never given again, and its block is packed anew when most of it is gone.
"""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlite_utils import Database

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORD_WEIGHT, STEM_WEIGHT = 1.0, 2.0
"""Weights of a matching word and stem in BM25. Measured with fusion: nDCG@10 .967 / .888 on XQuAD-ar / ARCD
with equal weights, .969 / .895 with these; three or four for a stem is no better."""

K1, B = 1.2, 0.75
"""The constants of FTS5's bm25(), which cannot be set there."""

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

Kept = Callable[[Sequence[int]], Mapping[int, str]]
"""A callback that returns the ids of those of some numbers that are passages still, and wanted."""


def best(
    db: Database, words: Sequence[str], stems: Sequence[str], limit: int, kept: Kept
) -> list[tuple[str, float]]:
    """Return the ids of the passages with the best BM25 for words and stems, and it as a positive number, best first.

    Ties are ordered by id.
    """
    with _snapshot(db):
        rows, tokens = _totals(db)
        wanted = [(WORDS, word) for word in words] + [(STEMS, stem) for stem in stems]
        counted = _counted(db, wanted)
        wanted = [each for each in wanted if counted[each]]
        if not wanted or limit < 1:
            return []
        first, lengths = _lengths(db)
        scores = _scores(db, wanted, counted, first, lengths, rows, tokens / max(rows, 1))
        return _first(scores, first, limit, kept)


def seal(db: Database) -> None:
    """Pack the passages that have come, once they are enough for a block."""
    last = _last(db)
    top = _top(db)
    if top - last < BLOCK:
        return
    _drop_worn(db)
    for start in range(last + 1, top - BLOCK + 2, BLOCK):
        _pack(db, start, start + BLOCK - 1)
        _merge(db)


def seal_all(db: Database) -> None:
    """Pack the passages of an archive that has none packed."""
    top = _top(db)
    for size in (LARGEST, LARGEST // FACTOR, BLOCK):  # as they would be, had they come one by one
        for start in range(_last(db) + 1, top - size + 2, size):
            _pack(db, start, start + size - 1)


def count_passages(db: Database) -> int:
    """Return the number of passages, without counting them."""
    return _totals(db)[0]


def take_numbers(db: Database, count: int) -> int:
    """Return the first of ``count`` numbers for new passages, none of which was ever given."""
    first = _top(db) + 1
    db.execute("update state set value = ? where key = 'passages'", [first + count - 1])
    return first


# --- packing ----------------------------------------------------------------------------------------------


def _top(db: Database) -> int:
    """Return the last number that was given to a passage."""
    return int(db.execute("select value from state where key = 'passages'").fetchone()[0])


def _last(db: Database) -> int:
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


# --- ranking ----------------------------------------------------------------------------------------------


@contextmanager
def _snapshot(db: Database) -> Iterator[None]:
    """Read one state of the archive, whatever others write meanwhile."""
    if db.conn.in_transaction:
        yield
        return
    db.execute("begin")
    try:
        yield
    finally:
        db.execute("commit")


def _totals(db: Database) -> tuple[int, int]:
    """Return the number of passages, and of all their words and stems, as FTS5 counts them.

    Its first record holds them, as varints: the number of rows, and of the tokens in each column.
    """
    record = db.execute("select block from search_data where id = 1").fetchone()
    values, value = [], 0
    for byte in record[0] if record else b"":
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            values.append(value)
            value = 0
    return (values[0], sum(values[1:])) if values else (0, 0)


def _counted(db: Database, wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the number of passages with each word and stem."""
    found = dict.fromkeys(wanted, 0)
    for term, words, stems in db.execute(
        "select term, words, stems from terms where term in (select value from json_each(?))",
        [json.dumps([term for _, term in wanted])],
    ):
        for key, count in (((WORDS, term), words), ((STEMS, term), stems)):
            if key in found:
                found[key] = count
    return found


def _lengths(db: Database) -> tuple[int, NDArray[np.float64]]:
    """Return the first number that a passage has, and from there the number of words and stems of each."""
    import numpy as np

    blocks = db.execute("select first, last, lengths from blocks where size > 0 order by first").fetchall()
    top = _top(db)
    first = blocks[0][0] if blocks else _last(db) + 1
    lengths = np.zeros(max(top - first + 1, 0))
    for start, end, packed in blocks:
        lengths[start - first : end - first + 1] = np.frombuffer(packed, "<u4")
    return first, lengths


def _scores(
    db: Database,
    wanted: Sequence[tuple[int, str]],
    counted: Mapping[tuple[int, str], int],
    first: int,
    lengths: NDArray[np.float64],
    rows: int,
    mean: float,
) -> NDArray[np.float64]:
    """Return the BM25 of each passage from number ``first`` on."""
    import numpy as np

    numbers, counts = _postings(db, wanted)
    for number, frequencies, length in _loose(db, wanted):
        lengths[number - first] = length
        for key, count in frequencies.items():
            numbers[key].append(np.array([number], "<u4").tobytes())
            counts[key].append(np.array([count], "<u2").tobytes())
    norms = K1 * (1 - B + B * lengths / mean)
    scores = np.zeros(len(lengths))
    for key in wanted:
        at = np.frombuffer(b"".join(numbers[key]), "<u4").astype(np.int64) - first
        frequency = np.frombuffer(b"".join(counts[key]), "<u2") * (STEM_WEIGHT if key[0] else WORD_WEIGHT)
        idf = math.log((rows - counted[key] + 0.5) / (counted[key] + 0.5))
        # A term in more than half of the passages tells next to nothing, and takes nothing away.
        scores[at] += (idf if idf > 0 else 1e-6) * (frequency * (K1 + 1) / (frequency + norms[at]))
    return scores


_Packed = dict[tuple[int, str], list[bytes]]


def _postings(db: Database, wanted: Sequence[tuple[int, str]]) -> tuple[_Packed, _Packed]:
    """Return the numbers of the packed passages with each term, and how often each has it, as arrays of bytes."""
    numbers: _Packed = {key: [] for key in wanted}
    counts: _Packed = {key: [] for key in wanted}
    for term, field, which, often in db.execute(
        "select postings.term, field, numbers, counts from blocks cross join json_each(?) as wanted cross join postings"
        " on postings.block = blocks.id and postings.term = wanted.value",
        [json.dumps(sorted({term for _, term in wanted}))],
    ):
        if (field, term) in numbers:
            numbers[field, term].append(which)
            counts[field, term].append(often)
    return numbers, counts


def _loose(
    db: Database, wanted: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, dict[tuple[int, str], int], int]]:
    """Yield number, terms and length of each passage that is in no block yet."""
    for number, *texts in db.execute("select id, c0, c1 from search_content where id > ?", [_last(db)]):
        found = [text.split() for text in texts]
        frequencies = {key: count for key in wanted if (count := found[key[0]].count(key[1]))}
        yield number, frequencies, sum(map(len, found))


def _first(scores: NDArray[np.float64], first: int, limit: int, kept: Kept) -> list[tuple[str, float]]:
    """Return the first of the passages that are kept, by their score and their id."""
    import numpy as np

    (able,) = np.nonzero(scores)
    take = 2 * limit + _TIES
    while True:
        chosen = able
        if len(able) > take:
            least = np.partition(scores[able], len(able) - take)[len(able) - take]
            chosen = able[scores[able] >= least]
        ids = kept([int(at) + first for at in chosen])
        if len(ids) >= limit or len(chosen) == len(able):
            found = [(id, float(scores[number - first])) for number, id in ids.items()]
            return sorted(found, key=lambda each: (-each[1], each[0]))[:limit]
        take *= 8


_TIES = 28  # more than are wanted, as some are gone
