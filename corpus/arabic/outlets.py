"""Names of news outlets, from ``outlets.toml``."""

from __future__ import annotations

from functools import cache

from corpus.arabic.wordlists import read, word_list, word_set


@cache
def hosts() -> dict[str, str]:
    """Return the outlet of each host, without ``www.``."""
    named: dict[str, str] = read("outlets")["hosts"]
    return named


@cache
def agencies() -> dict[str, list[str]]:
    """Return the names and initials of outlets in datelines and credits, by the outlet's name."""
    named: dict[str, list[str]] = read("outlets")["agencies"]
    return named


def not_outlets() -> tuple[str, ...]:
    """Return what a credit says in place of an outlet, as it is written: «وكالات»."""
    return word_list("outlets", "not_outlets")


def outlet_nouns() -> frozenset[str]:
    """Return folded nouns that open an outlet's name: «صحيفة»."""
    return word_set("outlets", "outlet_nouns")


def name_marks() -> frozenset[str]:
    """Return folded words that only names of news media hold, among others: «نيوز»."""
    return word_set("outlets", "name_marks")


def title_heads() -> frozenset[str]:
    """Return folded nouns that open papers' titles, and no person's name: «صوت»."""
    return word_set("outlets", "title_heads")


def not_in_places() -> frozenset[str]:
    """Return folded words that name an outlet or a speaker and are in no place's name."""
    return word_set("outlets", "not_in_places")
