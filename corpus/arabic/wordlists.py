"""Read the word lists of the language: a TOML file a subject beside this module, its source in its head.

A list is an array of words and phrases, or a text of words with blanks between. They are spelt as people write them
and folded when read. The table ``patterns`` holds regular expressions in ordinary spelling, each a text or an array of
alternatives; in them ``{{name}}`` stands for any entry of the list, or the pattern, of that name in the same file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from corpus.arabic.folding import fold_text


@cache
def read(subject: str) -> dict[str, Any]:
    """Return the contents of ``subject``.toml."""
    return tomllib.loads((files(__package__) / f"{subject}.toml").read_text(encoding="utf-8"))


def entries(value: str | list[str]) -> tuple[str, ...]:
    """Return the entries of a list: those of an array, or the words of a text."""
    return tuple(value.split() if isinstance(value, str) else value)


@cache
def word_list(subject: str, kind: str) -> tuple[str, ...]:
    """Return the words and phrases of a list in their order, as they are written."""
    return entries(read(subject)[kind])


@cache
def word_set(subject: str, kind: str) -> frozenset[str]:
    """Return the words and phrases of a list, folded."""
    return folded(word_list(subject, kind))


def folded(words: Iterable[str]) -> frozenset[str]:
    """Return words and phrases folded."""
    return frozenset(map(fold_text, words))


@cache
def pattern(subject: str, kind: str) -> str:
    """Return a pattern for any of the alternatives of an entry of ``[patterns]``, in ordinary spelling."""
    alternatives = read(subject)["patterns"][kind]
    whole = alternatives if isinstance(alternatives, str) else "|".join(alternatives)
    return _NAMED.sub(lambda found: f"(?:{_any(subject, found[1])})", whole)


def _any(subject: str, kind: str) -> str:
    """Return a pattern for any entry of a list, or that of a pattern."""
    return pattern(subject, kind) if kind in read(subject)["patterns"] else "|".join(word_list(subject, kind))


_NAMED = re.compile(r"\{\{(\w+)\}\}")
_LETTERS = re.compile(r"[\u0621-\u064a][\u0621-\u0652]*")


def fold_pattern(pattern: str) -> str:
    """Return a pattern with its Arabic letters folded; the rest of it is left unchanged."""
    return _LETTERS.sub(lambda letters: fold_text(letters[0]), pattern)
