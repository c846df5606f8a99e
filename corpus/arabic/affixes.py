"""Clitics and affixes, folded, from ``affixes.toml``."""

from __future__ import annotations

from functools import cache

from corpus.arabic.wordlists import word_list


@cache
def affixes(kind: str) -> tuple[str, ...]:
    """Return the affixes of a list of affixes.toml in their order."""
    return word_list("affixes", kind)


@cache
def article() -> str:
    """Return the article."""
    (article,) = affixes("article")
    return article


@cache
def articles() -> tuple[str, ...]:
    """Return the article and its forms with a clitic before it: «وال», «لل»."""
    return (article(), *affixes("joined_articles"))


@cache
def proclitics() -> tuple[str, ...]:
    """Return all that may be joined before a noun, the longest first."""
    return (
        *affixes("joined_articles"),
        article(),
        *affixes("conjunctions"),
        *affixes("prepositions"),
    )
