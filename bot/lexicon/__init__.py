"""What musnad knows of words beyond the archive: dialect, names of one thing, numbers, places, English.

Facts as TOML files beside this one, folded when first read. Nothing here answers a question: it only widens how
a question finds its evidence.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from corpus.arabic import fold_text


@dataclass(frozen=True, slots=True)
class Dialect:
    """Dialect words and prefixes, folded, with the standard words that stand for them."""

    words: dict[str, str]
    prefixes: dict[str, str]


@cache
def dialect() -> Dialect:
    data = _read("dialect")
    return Dialect(
        {fold_text(word): standard for word, standard in data["words"].items()},
        {fold_text(prefix): standard for prefix, standard in data["prefixes"].items()},
    )


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    """A folded name to the other folded names of the same thing."""
    found: dict[str, tuple[str, ...]] = {}
    for group in _read("aliases")["groups"]:
        folded = tuple(dict.fromkeys(fold_text(name) for name in group))
        for name in folded:
            found[name] = tuple(other for other in folded if other != name)
    return found


@cache
def families() -> dict[str, frozenset[int]]:
    """A folded word to the numbers of the word families it belongs to."""
    found: dict[str, set[int]] = {}
    for number, family in enumerate(_read("aliases")["families"]):
        for word in map(fold_text, family):
            # A verb's feminine and plural come along: أوقف، أوقفت، أوقفوا.
            for form in (word, word + "ت", word + "وا"):
                found.setdefault(form, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


@cache
def family_words() -> tuple[tuple[str, ...], ...]:
    """The folded words of each family, by its number."""
    return tuple(tuple(dict.fromkeys(map(fold_text, family))) for family in _read("aliases")["families"])


@cache
def equals() -> dict[str, frozenset[str]]:
    """A folded word to the folded words that say the same."""
    found: dict[str, set[str]] = {}
    for group in _read("aliases")["equals"]:
        folded = set(map(fold_text, group))
        for word in folded:
            found.setdefault(word, set()).update(folded - {word})
    return {word: frozenset(others) for word, others in found.items()}


@cache
def english() -> dict[str, tuple[str, ...]]:
    """A lower-case English word to folded Arabic words for it: news words, and countries by their CLDR names."""
    found = {
        word: tuple(dict.fromkeys(map(fold_text, arabic)))
        for word, arabic in _read("english")["words"].items()
    }
    for arabic, name in _read("places")["cities"].items():
        found.setdefault(name, (fold_text(arabic),))
    for arabic, name in _countries().items():
        found.setdefault(name, (arabic,))
    return found


@cache
def places() -> frozenset[str]:
    """Folded names of countries, cities and regions."""
    return frozenset(map(fold_text, _read("places")["cities"])) | frozenset(_countries())


@cache
def place_names() -> frozenset[str]:
    """Every folded place name: countries, cities, regions and towns."""
    return places() | towns()


@cache
def towns() -> frozenset[str]:
    """Folded names of towns: places by which nobody is called as by a country or a great city."""
    return frozenset(map(fold_text, _read("places")["towns"]["names"]))


@cache
def capitals() -> dict[str, str]:
    """A country's folded name to its capital's."""
    return {fold_text(country): fold_text(city) for country, city in _read("places")["capitals"].items()}


@cache
def numbers() -> dict[str, float]:
    """Folded number words, cardinal and ordinal, to their value."""
    data = _read("numbers")
    return {fold_text(word): value for kind in ("cardinal", "ordinal") for word, value in data[kind].items()}


@cache
def ordinals() -> frozenset[str]:
    return frozenset(map(fold_text, _read("numbers")["ordinal"]))


@cache
def speech(kind: str) -> frozenset[str]:
    """Folded words of attributed speech: ``verbs``, ``nouns``, ``titles`` or ``offices``."""
    return frozenset(map(fold_text, _read("speech")[kind]))


@cache
def _countries() -> dict[str, str]:
    """Folded Arabic names of countries to their English names in lower case, from CLDR; short forms beside long."""
    from babel import Locale

    arabic, english = Locale("ar").territories, Locale("en").territories
    found = {}
    for code, name in arabic.items():
        if (
            len(code) == 2
            and code.isalpha()
            and code in english
            and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ"}
        ):
            found[fold_text(name)] = english[code].lower()
    for short, name in {
        "السعودية": "saudi arabia",
        "الإمارات": "emirates",
        "بريطانيا": "britain",
        "أمريكا": "america",
        "أميركا": "america",
        "سورية": "syria",
        "فلسطين": "palestine",
    }.items():
        found[fold_text(short)] = name
    return found


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__name__) / f"{name}.toml").read_text(encoding="utf-8"))
