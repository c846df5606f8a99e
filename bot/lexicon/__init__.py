"""What musnad knows of words beyond the archive: dialect, courtesy, how questions ask, how sentences deny.

Facts of the language as TOML files beside this one, folded when first read. No names, no topics, no synonyms.
"""

from __future__ import annotations

import re
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
    words, prefixes = (
        {fold_text(word): standard for standard, others in data[kind].items() for word in others}
        for kind in ("words", "prefixes")
    )
    return Dialect(words, prefixes)


@cache
def question(kind: str) -> frozenset[str]:
    """Folded words that shape a question: ``shape``, ``time``, ``count`` … of question.toml."""
    return frozenset(map(fold_text, _read("question")[kind]))


@cache
def units() -> tuple[frozenset[str], ...]:
    """Units of time: the folded forms of each."""
    return tuple(frozenset(map(fold_text, group)) for group in _read("question")["units"])


@cache
def english_kinds() -> tuple[tuple[Any, re.Pattern[str]], ...]:
    """Patterns of English questions, lower-case, with the kind of each; the first that is found decides."""
    return tuple((each["kind"], re.compile(each["pattern"])) for each in _read("question")["english"])


@cache
def denial(kind: str) -> frozenset[str]:
    """Folded words and phrases by which a sentence does not state what it speaks of; a kind of denial.toml."""
    return frozenset(map(fold_text, _read("denial")[kind]))


@cache
def courtesy(kind: str) -> frozenset[str]:
    """Folded words and phrases with which nothing is asked; a kind of courtesy.toml."""
    return frozenset(map(fold_text, _read("courtesy")[kind]))


@cache
def future() -> re.Pattern[str]:
    """What a folded verb of the future looks like."""
    return re.compile(_read("denial")["future"])


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__name__) / f"{name}.toml").read_text(encoding="utf-8"))
