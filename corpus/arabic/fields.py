"""The names of the fields under which exports hold the parts of an article: see ``fields.toml``."""

from __future__ import annotations

import re
from functools import cache

from corpus.arabic.folding import fold_text
from corpus.arabic.wordlists import word_list

ROLES = ("key", "title", "text", "published", "outlet", "url")
"""What a field may hold."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")


def field_key(name: str) -> str:
    """Return a field's name for comparison: its words in lower case, folded, with single spaces."""
    return " ".join(_WORD.findall(fold_text(_CAMEL.sub(" ", name)).lower()))


@cache
def ranks(role: str) -> dict[str, int]:
    """Return the place in its list of each name for a role; lower is likelier."""
    return {field_key(name): at for at, name in reversed(list(enumerate(word_list("fields", role))))}


@cache
def inner_names() -> frozenset[str]:
    return frozenset(map(field_key, word_list("fields", "inner")))


@cache
def other_dates() -> frozenset[str]:
    return frozenset(map(field_key, word_list("fields", "other_dates")))
