"""Words by which a sentence does not state what it speaks of, from ``negation.toml``."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from corpus.arabic.wordlists import read, word_set

Negation = Literal[
    "denied", "doubted", "conditional", "planned", "cancelled", "particles", "excepted", "bounds",
    "ambiguous", "lasting", "perhaps", "was", "english",
]  # fmt: skip


@cache
def negations(kind: Negation) -> frozenset[str]:
    """Return the folded words and phrases of a kind."""
    return word_set("negation", kind)


@cache
def future_verb() -> re.Pattern[str]:
    """Return what a folded verb of the future looks like."""
    return re.compile(read("negation")["patterns"]["future"])
