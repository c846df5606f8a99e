"""Words of dialects and their standard Arabic, from ``dialect.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from corpus.arabic.folding import fold_text
from corpus.arabic.wordlists import read


@dataclass(frozen=True, slots=True)
class Dialect:
    """Dialect words and prefixes, folded, with the standard words that stand for them."""

    words: dict[str, str]
    prefixes: dict[str, str]


@cache
def dialect() -> Dialect:
    """Return the dialect words and prefixes."""
    words, prefixes = (
        {fold_text(word): standard for standard, others in read("dialect")[kind].items() for word in others}
        for kind in ("words", "prefixes")
    )
    return Dialect(words, prefixes)
