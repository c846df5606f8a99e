"""Whether letters are Arabic as it is written, by what nearly every sentence of it holds.

A text decoded in the wrong way has the letters of Arabic in another order or others instead; it then has few words that
begin with the article or end with ta marbuta, and hardly any of the commonest words. A text stored back to front has
words that begin with ta marbuta or end with the article turned round, which no word does.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from corpus.arabic.affixes import article, articles
from corpus.arabic.folding import SIGNS
from corpus.arabic.wordlists import word_list

_WORD = re.compile(r"(?<![^\W\d_])[ء-غف-ي]{2,}(?![^\W\d_])")
_SIGNS = re.compile(f"[{SIGNS}]")
_DRAWN = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")


@dataclass(frozen=True, slots=True)
class Signs:
    """The words of Arabic letters in a text, and how many of them tell in which direction they run."""

    words: int
    forward: int
    """Words with the article, with ta marbuta at their end, and the commonest ones."""
    backward: int
    """Words of which that is true when their letters are turned round, and only then."""


def signs(text: str) -> Signs:
    """Count the signs in a text. Words with letters of other scripts inside are none of Arabic."""
    text = _DRAWN.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    words = [found[0] for found in _WORD.finditer(_SIGNS.sub("", text))]
    forward = sum(_is_telling(word) for word in words)
    backward = sum(_is_telling(word[::-1]) and not _is_telling(word) for word in words)
    return Signs(len(words), forward, backward)


@lru_cache(maxsize=1 << 14)  # of the words of a language many are the same
def _is_telling(word: str) -> bool:
    return word in _common() or (
        len(word) > 3 and (word.startswith(_with_article()) or word.endswith(_FINAL))
    )


# Ta marbuta and alef maqsura end words; the article is never followed by another alef and lam.
_FINAL = ("\u0629", "\u0649")


@cache
def _with_article() -> tuple[str, ...]:
    return (article(), *articles())


@cache
def _common() -> frozenset[str]:
    return frozenset(word_list("wordorder", "common"))
