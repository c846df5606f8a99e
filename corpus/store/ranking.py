"""The best passages by BM25, in milliseconds: arithmetic on the arrays of `postings`.

FTS5 ranks passage by passage: among 100,000 articles a question took it up to 0.2 s. The formula is the one of its
bm25(), and so are the scores to the last bit; `find_passages` is the other way to the same result.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlite_utils import Database

from corpus.store.postings import STEMS, WORDS, last_number, last_packed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORD_WEIGHT, STEM_WEIGHT = 1.0, 2.0
"""Weights of a matching word and stem in BM25. Measured with fusion: nDCG@10 .967 / .888 on XQuAD-ar / ARCD
with equal weights, .969 / .895 with these; three or four for a stem is no better."""

K1, B = 1.2, 0.75
"""The constants of FTS5's bm25(), which cannot be set there."""

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


def count_passages(db: Database) -> int:
    """Return the number of passages, without counting them."""
    return _totals(db)[0]


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
    top = last_number(db)
    first = blocks[0][0] if blocks else last_packed(db) + 1
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
    for number, *texts in db.execute("select id, c0, c1 from search_content where id > ?", [last_packed(db)]):
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
