"""Greetings, thanks and the like: messages of nothing else, and questions that stand between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal, get_args

from corpus.arabic import Word, words
from corpus.arabic.wordlists import word_set

Courtesy = Literal["salam", "greeting", "wellbeing", "wish", "thanks", "noted", "farewell", "please"]

_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_MARKS = re.compile(r"[^\w\s]|\n")
_BEFORE: frozenset[Courtesy] = frozenset({"salam", "greeting", "wish", "thanks", "please"})
"""Kinds that are courtesy before a question without any mark behind them: «مرحبا متى …»."""
_BEHIND: frozenset[Courtesy] = frozenset({"thanks", "please"})
"""Kinds that are courtesy behind a question without any mark before them: «متى … لو سمحت»."""


def courtesy_in(text: str) -> Courtesy | None:
    """Return the kind of courtesy of which a message consists; None for one that holds anything else."""
    found = words(text)
    first: Courtesy | None = None
    at = 0
    while at < len(found):
        size, kind = _phrase(found, at)
        if kind is None and not _is_in(found[at], "address", "filling"):
            return None
        first = first or kind
        at += size or 1
    return first


def without_courtesy(text: str) -> str:
    """Return the text without the courtesy before and behind what it asks; all of it where it is nothing else."""
    found = words(text)
    start = _led(text, found)
    end = _followed(text, found, start)
    if not start < end or (start, end) == (0, len(found)):
        return text
    head = found[start].start if start else 0
    tail = found[end].start if end < len(found) else len(text)
    return text[head:tail].strip(" \n\t،,؛;:-–—")


def _led(text: str, found: Sequence[Word]) -> int:
    """Return how many words of courtesy stand before anything else."""
    at = 0
    while at < len(found):
        size, kind = _phrase(found, at)
        if kind is None:
            break
        end = at + size
        marked = _marked(text, found, end)
        while end < len(found) and _is_in(found[end], "address"):
            end += 1
            marked = marked or _marked(text, found, end)
        if not marked:
            # «شكرا جزيلا على الجواب. متى …»
            stop = end
            while stop < len(found) and not marked and _is_in(found[stop], "filling"):
                stop += 1
                marked = _marked(text, found, stop)
            end = stop if marked else end
        following = _phrase(found, end)[1] if end < len(found) else None
        if not marked and following is None and (kind not in _BEFORE or _is_doubtful(found, at, size)):
            break
        at = end
    return at


def _followed(text: str, found: Sequence[Word], start: int) -> int:
    """Return the index of the first word of the courtesy that stands behind all else."""
    for at in range(start + 1, len(found)):
        size, kind = _phrase(found, at)
        plain = kind in _BEHIND and not _is_doubtful(found, at, size)
        if kind is None or not (plain or _marked(text, found, at)):
            continue
        if courtesy_in(text[found[at].start :]) is not None:
            return at
    return len(found)


def _marked(text: str, found: Sequence[Word], at: int) -> bool:
    """Return whether a mark or a new line stands before the word at an index."""
    if not 0 < at < len(found):
        return False
    return bool(_MARKS.search(text, found[at - 1].end, found[at].start))


def _phrase(found: Sequence[Word], at: int) -> tuple[int, Courtesy | None]:
    """Return how many words the longest phrase of courtesy at an index has, and its kind; (0, None) without one."""
    known, longest = _phrases()
    for size in range(min(longest, len(found) - at), 0, -1):
        first, *others = (_short(word.text) for word in found[at : at + size])
        behind = tuple(other.removeprefix("و") for other in others)
        for form in (first, first.removeprefix("و")):
            if kind := known.get((form, *behind)):
                return size, kind
    return 0, None


def _is_doubtful(found: Sequence[Word], at: int, size: int) -> bool:
    """Return whether a phrase also means something else."""
    return " ".join(_short(word.text) for word in found[at : at + size]) in word_set("courtesy", "doubtful")


def _is_in(word: Word, *lists: str) -> bool:
    """Return whether a word stands in a list, with «و» before it or without."""
    forms = {_short(word.text), _short(word.text).removeprefix("و")}
    return any(forms & word_set("courtesy", name) for name in lists)


def _short(folded: str) -> str:
    """Return a folded word without letters drawn out: «مرحباااا»."""
    return _DRAWN_OUT.sub(r"\1", folded)


@cache
def _phrases() -> tuple[dict[tuple[str, ...], Courtesy], int]:
    """Return the kind of each phrase by its words, and the length of the longest."""
    known: dict[tuple[str, ...], Courtesy] = {}
    for kind in get_args(Courtesy):
        for phrase in word_set("courtesy", kind):
            first, *others = (word.text for word in words(phrase))
            known.setdefault((first, *(other.removeprefix("و") for other in others)), kind)
    return known, max(map(len, known))
