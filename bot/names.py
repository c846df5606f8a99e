"""Proper names of the lexicon: which words name a country, who and what comes from it, and an organisation."""

from __future__ import annotations

from functools import cache, lru_cache

from bot import lexicon
from bot.matching import CAPITAL, NAMED, SAME, Term, bare_forms, without_article
from corpus.arabic import STOPWORDS, stem, variants


def known_name(folded: list[str], index: int) -> tuple[int, Term | None]:
    """A name of one or more words of the lexicon that begins at ``index``, longest first."""
    for length in range(min(4, len(folded) - index), 0, -1):
        for first in (folded[index], *bare_forms(folded[index])):
            key = " ".join([first, *folded[index + 1 : index + length]])
            names = known_names()
            if key in names and (length > 1 or key not in STOPWORDS):
                return length, name_term(key)
    return 0, None


@cache
def known_names() -> frozenset[str]:
    return (
        lexicon.places()
        | lexicon.towns()
        | frozenset(name for name in lexicon.aliases() if not name.isascii())
    )


@lru_cache(maxsize=1024)
def name_term(name: str) -> Term:
    forms: dict[str, float] = {}
    phrases: dict[tuple[str, ...], float] = {}
    for other, credit in ((name, SAME), *((alias, SAME) for alias in lexicon.aliases().get(name, ()))):
        parts = [stem(part) for part in other.split()]
        if len(parts) > 1:
            phrases.setdefault(tuple(parts), credit)
            continue
        forms.setdefault(other, credit)
        forms.setdefault(
            "ال" + other if not other.startswith("ال") and not other.isascii() else other, credit
        )
        for variant in _respelt(other):
            forms.setdefault(variant, credit)
        if other in lexicon.places():
            for form, less in country_forms(other).items():
                forms.setdefault(form, less)
            capital = lexicon.capitals().get(other, "")
            if capital and " " not in capital:
                for form in (capital, stem(capital)):
                    forms.setdefault(form, CAPITAL)
    return Term(name, forms, phrases=phrases, name=True)


@lru_cache(maxsize=1024)
def country_forms(place: str) -> dict[str, float]:
    """Forms that name a place or who and what comes from it: سوريا، سورية، السوري، السورية، السوريون."""
    forms = {place: SAME}
    for variant in _respelt(place):
        forms.setdefault(variant, SAME)
    base = _base(place)
    if len(base) >= 3:
        for ending in ("ي", "يه", "يين", "يون", "يا"):
            forms.setdefault(base + ending, NAMED)
            forms.setdefault("ال" + base + ending, NAMED)
        if len(base) >= 4 or place.endswith("يا") or place.endswith("يه"):
            forms.setdefault(base, NAMED)  # light10's stem of the nationality
    return forms


def _respelt(name: str) -> list[str]:
    """Other spellings of a name: what ``variants`` gives, but for those that take its first letter for a clitic."""
    return [variant for variant in variants(name) if variant[0] == name[0]]


def _base(place: str) -> str:
    bare = without_article(place)
    for ending in ("يا", "يه", "ا", "ه"):
        if bare.endswith(ending) and len(bare) - len(ending) >= 3:
            return bare[: -len(ending)]
    return bare


@cache
def _nationalities() -> dict[str, str]:
    found: dict[str, str] = {}
    for place in sorted(lexicon.places()):
        if " " in place or len(_base(place)) < 3:
            continue
        for ending in ("ي", "يه", "يين", "يون"):
            found.setdefault(_base(place) + ending, place)
    return found


def nationality(word: str) -> str | None:
    """The country that «السوري» or «تركية» speaks of."""
    for form in (word, *bare_forms(word)):
        place = _nationalities().get(without_article(form))
        if place:
            return place
    return None
