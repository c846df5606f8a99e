"""A mention is a span of the text it was found in, so that what is shown of it is the published words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.arabic import Word


@dataclass(frozen=True, slots=True)
class Mention:
    """``text[start:end]``, from the word numbered ``first`` up to, not including, the word numbered ``last``."""

    start: int
    end: int
    first: int
    last: int


def joined(text: str, found: Sequence[Word], index: int) -> bool:
    """Whether only blanks stand between the word and the next: no comma, no full stop, no quotation mark."""
    return index + 1 < len(found) and not text[found[index].end : found[index + 1].start].strip()


def unprefixed(word: str, among: Collection[str]) -> str | None:
    """The word of ``among`` that this one is, clitics before it taken away."""
    for start in ("", "و", "ف", "ل", "ب", "ك", "لل", "ول", "وب"):
        rest = word[len(start) :]
        if word.startswith(start) and (rest in among or (start in {"لل"} and "ال" + rest in among)):
            return rest
    return None
