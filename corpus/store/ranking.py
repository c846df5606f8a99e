"""The best passages by BM25, found without reading every passage that has one of the words.

The result is that of FTS5's own ``order by bm25(…)``. That ranks each passage with any of the words, and in a large
archive most of its time goes to the passages of common words, few of which are among the best. Here the rare words
find the passages, and the common ones only score those (MaxScore: Turtle and Flood, «Query evaluation: strategies and
optimizations», 1995):

- a term adds at most ``(K1 + 1) · idf`` to a score, however often a passage has it;
- the terms of which all together can add less than the least of the best has are *common*: a passage that has no
  other term is not among the best, and its row is never read;
- of the passages with the others, FTS5 gives the sum of these; only those are read that could still be among the best
  if they had every common term.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from sqlite_utils import Database

WORD_WEIGHT, STEM_WEIGHT = 1.0, 2.0
"""Weights of a matching word and stem in BM25. Measured with fusion: nDCG@10 .967 / .888 on XQuAD-ar / ARCD
with equal weights, .969 / .895 with these; three or four for a stem is no better."""

K1, B = 1.2, 0.75
"""The constants of FTS5's bm25(), which cannot be set there."""

FEW: Final = 2000
"""Rows that are ranked in no more time than it takes to choose among them."""

_SHARE: Final = 0.5
"""Of the least score of the best, what the common terms may add: the more, the fewer rows are ranked and the more are
read. Rows ranked and read at the 95th percentile of 200 questions among 22,000 passages: 2,968 and 2,832 at 1, 3,810
and 1,134 at .7, 4,842 and 498 at .5, 6,030 and 183 at .3; of 10,693 in all."""

_TIE, _DIGITS = 1e-9, 9
"""Difference of two scores that comes of adding in another order, and the digits that it leaves."""

_TIES = 16  # rows that may be as good as the last one; with more all are read
_READ = 64  # rows read at a time


@dataclass(frozen=True, slots=True)
class _Term:
    column: str
    text: str
    rows: int
    """Number of passages that have it in that column."""
    idf: float

    @property
    def weight(self) -> float:
        return WORD_WEIGHT if self.column == "words" else STEM_WEIGHT

    @property
    def most(self) -> float:
        """The most that it can add to a score."""
        return (K1 + 1) * self.idf


def best(db: Database, words: Sequence[str], stems: Sequence[str], limit: int) -> list[tuple[str, float]]:
    """Return the ids of the passages with the best BM25 for words and stems, and it as a positive number, best first.

    Ties are ordered by id.
    """
    size, length = _averages(db)
    terms = _terms(db, words, stems, size) if size and limit > 0 else []
    if not terms:
        return []
    few, sure = _few(terms, limit), 0.0
    if few < len(terms):
        tried = _completed(db, _by_score(db, terms[:few], limit), terms[few:], length)
        # The best of all have at least what the best of some have.
        sure = min(tried.values()) if len(tried) >= limit else 0.0
    common = _common(terms, _SHARE * sure)
    found = _found(db, terms[: len(terms) - len(common)], common, limit, length, sure)
    ids = _ids(db, found)
    scored = [(ids[number], score) for number, score in found.items() if number in ids]
    return sorted(scored, key=lambda each: (-round(each[1], _DIGITS), each[0]))[:limit]


def expression(words: Iterable[str], stems: Iterable[str]) -> str:
    """Return the FTS5 expression that finds any of the words and stems; "" when there are none."""
    columns = (("words", words), ("stems", stems))
    found = ((name, " OR ".join(map(_quoted, terms))) for name, terms in columns)
    return " OR ".join(f"{name} : ({quoted})" for name, quoted in found if quoted)


def _quoted(term: str) -> str:
    """Return a term as an FTS5 string, with its quotes doubled."""
    return '"' + term.replace('"', '""') + '"'


def _terms(db: Database, words: Sequence[str], stems: Sequence[str], size: int) -> list[_Term]:
    """Return the terms that any passage has, the rarest first."""
    rows = db.execute(
        "select term, words, stems from terms where term in (select value from json_each(?))",
        [json.dumps([*words, *stems])],
    )
    held = {term: (as_word, as_stem) for term, as_word, as_stem in rows.fetchall()}
    counted = [("words", text, held.get(text, (0, 0))[0]) for text in dict.fromkeys(words)]
    counted += [("stems", text, held.get(text, (0, 0))[1]) for text in dict.fromkeys(stems)]
    found = [_Term(column, text, count, _idf(count, size)) for column, text, count in counted if count]
    return sorted(found, key=lambda term: term.rows)


def _idf(rows: int, size: int) -> float:
    """Return the weight that FTS5 gives a term, of which those in more than half of the rows have next to none."""
    idf = math.log((size - rows + 0.5) / (rows + 0.5))
    return idf if idf > 0 else 1e-6


def _few(terms: Sequence[_Term], limit: int) -> int:
    """Return how many of the rarest terms are enough to learn about what the best of all have."""
    counts = list(accumulate(term.rows for term in terms))
    if counts[-1] <= FEW:
        return len(terms)
    return next(at for at, count in enumerate(counts, 1) if count >= min(2 * limit, counts[-1]))


def _common(terms: Sequence[_Term], allowed: float) -> Sequence[_Term]:
    """Return the last of the terms, those that can add no more than ``allowed`` together."""
    added = accumulate(term.most for term in reversed(terms[1:]))
    return terms[len(terms) - sum(most <= allowed for most in added) :]


def _found(
    db: Database, terms: Sequence[_Term], common: Sequence[_Term], limit: int, length: float, sure: float
) -> dict[int, float]:
    """Return the rows with the best scores, and all others that are as good as the last of them."""
    if not common:
        found = _by_score(db, terms, limit + _TIES)
        least = _least(found, limit)
        if len(found) == limit + _TIES and min(found.values()) >= least - _TIE:
            found = _by_score(db, terms, -1)
    else:
        most = sum(term.most for term in common)
        able = _above(db, terms, sure - most - _TIE)
        order, found = sorted(able, key=able.__getitem__, reverse=True), {}
        for start in range(0, len(order), _READ):
            least = max(sure, _least(found, limit))
            part = {at: able[at] for at in order[start : start + _READ] if able[at] + most >= least - _TIE}
            found |= _completed(db, part, common, length)
            if len(part) < _READ:
                break
    least = _least(found, limit)
    return {number: score for number, score in found.items() if score >= least - _TIE}


def _least(scores: Mapping[int, float], limit: int) -> float:
    """Return the score of the last of the best; 0 while they are fewer."""
    return sorted(scores.values(), reverse=True)[limit - 1] if len(scores) >= limit else 0.0


_SCORE = f"select rowid, -bm25(search, {WORD_WEIGHT}, {STEM_WEIGHT}) as score from search where search match ?"


def _by_score(db: Database, terms: Sequence[_Term], limit: int) -> dict[int, float]:
    """Return the first rows by the score of some terms; -1 for all."""
    return dict(db.execute(f"{_SCORE} order by score desc limit ?", [_match(terms), limit]).fetchall())


def _above(db: Database, terms: Sequence[_Term], least: float) -> dict[int, float]:
    """Return the rows whose score of some terms is at least so much."""
    # With its limit the inner query is no part of the outer one, which would compute each score twice.
    sql = f"select * from ({_SCORE} limit -1) where score >= ?"
    return dict(db.execute(sql, [_match(terms), least]).fetchall())


def _match(terms: Sequence[_Term]) -> str:
    return expression(
        [term.text for term in terms if term.column == "words"],
        [term.text for term in terms if term.column == "stems"],
    )


def _completed(
    db: Database, scores: Mapping[int, float], terms: Sequence[_Term], length: float
) -> dict[int, float]:
    """Return scores with what further terms add to them."""
    if not terms:
        return dict(scores)
    rows = db.execute(
        "select id, c0, c1 from search_content where id in (select value from json_each(?))",
        [json.dumps(list(scores))],
    )
    found: dict[int, float] = {}
    for number, words, stems in rows:
        texts = {"words": words.split(), "stems": stems.split()}
        norm = K1 * (1 - B + B * sum(map(len, texts.values())) / length)
        score = scores[number]
        for term in terms:
            if frequency := texts[term.column].count(term.text) * term.weight:
                score += term.idf * frequency * (K1 + 1) / (frequency + norm)
        found[number] = score
    return found


def _ids(db: Database, numbers: Iterable[int]) -> dict[int, str]:
    rows = db.execute(
        "select number, id from chunks where number in (select value from json_each(?))",
        [json.dumps(list(numbers))],
    )
    return dict(rows.fetchall())


def _averages(db: Database) -> tuple[int, float]:
    """Return the number of passages and the mean number of their words and stems, as FTS5 counts them.

    Its first record holds them: the number of rows, and of the tokens in each column, each as a varint.
    """
    record = db.execute("select block from search_data where id = 1").fetchone()
    rows, *tokens = _varints(record[0]) if record else [0]
    return rows, sum(tokens) / max(rows, 1)


def _varints(record: bytes) -> list[int]:
    """Return SQLite's variable-length integers: seven bits a byte, the first ones first, none of nine bytes."""
    found, value = [], 0
    for byte in record:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            found.append(value)
            value = 0
    return found
