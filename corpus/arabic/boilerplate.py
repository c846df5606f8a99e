"""What pages put around an article, from ``boilerplate.toml``, as patterns and words."""

from __future__ import annotations

from functools import cache

from corpus.arabic.wordlists import fold_pattern, pattern, word_list, word_set


@cache
def boilerplate(kind: str) -> str:
    """Return a pattern for folded text."""
    return fold_pattern(pattern("boilerplate", kind))


def boilerplate_as_written(kind: str) -> str:
    """Return a pattern for text as it is written."""
    return pattern("boilerplate", kind)


@cache
def boilerplate_words(kind: str) -> frozenset[str]:
    """Return the words and phrases of a list, folded."""
    return word_set("boilerplate", kind)


def boilerplate_words_as_written(kind: str) -> tuple[str, ...]:
    """Return the words and phrases of a list, as they are written."""
    return word_list("boilerplate", kind)
