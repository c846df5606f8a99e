"""The signature of an article: MinHashes of its parts, in bands (Broder 1997; Indyk and Motwani 1998).

A copy that was cut is unlike its original as a whole and like it in parts. So an article is cut into its sentences, and
long ones where their own words say (Manber 1994: behind words whose hash is a multiple of a number), which a copy has
too wherever it begins. Two parts of a Jaccard similarity J agree in some band with a probability of
1 - (1 - J^ROWS)^BANDS: .93 for .8, .28 for .5, .0005 for .1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

from corpus.arabic import fold_text
from corpus.article import Article

if TYPE_CHECKING:
    from datasketch import MinHash

VERSION = 1
"""Raised when an article would get another signature: `Archive.clean` then makes all anew."""

ROWS, BANDS = 4, 5
SHINGLE = 2  # words
_EVERY = 10  # words, on average, from the least on to where a part ends
_LEAST, _MOST = 8, 40  # words of a part
_PARTS = 32  # of one article, spread over it

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_STOP = re.compile(r"[.!?؟\n]+(?:\s+|$)")
_THOUSANDS = re.compile(r"(?<=\d)[,،](?=\d{3}(?!\d))")


def tokens(text: str) -> list[str]:
    """Return the folded words and numbers of a text; numbers without their thousands separators."""
    return _TOKEN.findall(_THOUSANDS.sub("", fold_text(text)))


def own_text(article: Article) -> str:
    """Return the body of an article without what recurs in its outlet's articles."""
    if not article.recurring:
        return article.body
    found, at = [], 0
    for mark in article.recurring:
        found.append(article.body[at : mark.start])
        at = mark.end
    return "\n".join([*found, article.body[at:]])


def signature(article: Article) -> tuple[int, ...]:
    """Return the band keys of an article, sorted 63-bit numbers; none for one of fewer words than a part has."""
    keys: set[int] = set()
    for part in _spread(_parts(own_text(article))):
        keys.update(_band_keys(part))
    return tuple(sorted(keys))


def pack(keys: Sequence[int]) -> bytes:
    """Return band keys as bytes, 8 each."""
    return b"".join(key.to_bytes(8, "big") for key in keys)


def unpack(packed: bytes) -> list[int]:
    """Return the band keys that ``pack`` made bytes of."""
    return [int.from_bytes(packed[at : at + 8], "big") for at in range(0, len(packed), 8)]


def _parts(text: str) -> list[list[str]]:
    """Return the parts of a text: they end with a sentence, or behind a word of a certain kind in one."""
    parts: list[list[str]] = []
    part: list[str] = []
    for sentence in _STOP.split(text):
        before = len(parts)
        for word in tokens(sentence):
            part.append(word)
            if len(part) >= _MOST or (len(part) >= _LEAST and crc32(word.encode()) % _EVERY == 0):
                parts.append(part)
                part = []
        if len(part) >= _LEAST:
            parts.append(part)
            part = []
        elif part and len(parts) > before:  # the next sentence begins a part: a copy may begin with it
            parts[-1] += part
            part = []
    if part and (not parts or len(part) > _LEAST // 2):
        parts.append(part)
    return parts


def _spread(parts: list[list[str]]) -> list[list[str]]:
    if len(parts) <= _PARTS:
        return parts
    return [parts[at * len(parts) // _PARTS] for at in range(_PARTS)]


def _band_keys(part: Sequence[str]) -> list[int]:
    minhash = _new()
    minhash.update_batch([f"{one} {other}".encode() for one, other in pairwise(part)])
    packed = minhash.hashvalues.tobytes()
    width = len(packed) // BANDS
    return [_key(band, packed[band * width : (band + 1) * width]) for band in range(BANDS)]


def _key(band: int, rows: bytes) -> int:
    return (crc32(rows, band) << 32 | crc32(rows[::-1], band)) >> 1


def _new() -> MinHash:
    made, permutations = _permutations()
    return made(num_perm=ROWS * BANDS, hashfunc=crc32, permutations=permutations, scheme="affine32")


@cache
def _permutations() -> tuple[type[MinHash], Any]:
    from datasketch import MinHash

    return MinHash, MinHash(num_perm=ROWS * BANDS, seed=1, scheme="affine32").permutations
