"""Outlets in the lines that sign an article: «صحيفة الوئام | 21 يوليو 2015», «© شبكة رصد», «نشر في الوفد يوم 3-4-2015».

A name is read from its words (a noun such as «صحيفة» before it, or a word such as «نيوز» in it) and its place (beside
a date, a bar, a label), not from a list of names. What could as well be a person or a rubric is only ``possible``: it
takes other files with the same line to make an outlet of it (`corpus.folderoutlets`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.arabic import stopwords
from corpus.arabic.outlets import name_marks, not_in_places, outlet_nouns
from corpus.arabic.speech import folded_speech_verbs
from corpus.arabic.wordlists import word_set
from corpus.parse.plain.boilerplate import reason_for
from corpus.parse.plain.dateline import is_place
from corpus.parse.plain.lines import Line
from corpus.parse.plain.outlets import is_generic, known_outlet
from corpus.parse.plain.stamps import DATE_WORDS, has_full_date

_MOST_WORDS = 5  # of a name, its noun included
_LONGEST = 200  # characters of a line that signs
_BREAK = re.compile(
    r"\s+[-–—ـ/]+\s*|[-–—ـ]{2,}|[-–—ـ/]+\s+|^[-–—ـ/]+|[-–—ـ/]+$|[|•·«»\"“”()\[\]،,:؛;©\t]+|\.(?=\s|$)"
)
_TOKEN = re.compile(r"\S+")
_JOINED = ("ب", "ل")  # before a noun: «رابط الخبر بصحيفة …»
_DAY = re.compile(r"\d[\d٠-٩/.:-]*")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a line says of its outlet: a name that is certain to be one, or names that may be."""

    name: str | None = None
    possible: tuple[str, ...] = ()
    rest: str = ""
    """The other parts of a line with a name, of which one may be its date."""


def read_signature(text: str, *, labelled: bool = False) -> Signature:
    """Return the outlet that a line signs for, as the line writes it or by its usual name.

    ``labelled``: other words may stand before the noun, as in a link's label or a copyright line.
    """
    if len(text) > _LONGEST:
        return Signature()
    possible: list[str] = []
    pieces = list(_pieces(text))
    for at, (piece, is_label) in enumerate(pieces):
        name = _by_noun(piece, labelled=labelled)
        if name is None:
            bare = _stripped(piece)
            if not bare or not _could_be_name(bare):
                continue
            name = bare if known_outlet(bare) or _is_marked(bare) else None
            if name is None and not is_label:
                possible.append(bare)
        if name is not None:
            others = [other for other, _ in pieces]
            others[at] = " ".join(piece.split()).replace(name, "", 1)
            rest = " | ".join(other.strip() for other in others if other.strip())
            return Signature(known_outlet(name) or name, rest=rest)
    return Signature(None, tuple(possible))


def is_signed(line: Line) -> bool:
    """Return whether a line is a full date with the name of an outlet, in few words."""
    return has_full_date(line) and not line.is_paragraph and read_signature(line.text).name is not None


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a line, each with whether it is the label of the next."""
    start = 0
    for found in [*_BREAK.finditer(text), None]:
        piece = text[start : found.start() if found else len(text)].strip()
        if piece:
            yield piece, found is not None and ":" in found[0]
        start = found.end() if found else start


def _by_noun(piece: str, *, labelled: bool) -> str | None:
    """Return the name that a noun opens in a piece of a line, up to a date; None where other words come before."""
    tokens = _TOKEN.findall(piece)
    for at, token in enumerate(tokens):
        word = _folded(token)
        bare = word[1:] if word.startswith(_JOINED) and word[1:] in outlet_nouns() else word
        if bare not in outlet_nouns():
            if labelled or _is_beside(word):
                continue
            return None
        name = [token[len(word) - len(bare) :], *_up_to_date(tokens[at + 1 :])]
        rest = [_folded(each) for each in name[1:]]
        sentence = len(rest) > 1 and bool((stopwords() | folded_speech_verbs("opening")).intersection(rest))
        phrase = " ".join(name)
        if not 1 < len(name) <= _MOST_WORDS or sentence or is_generic(phrase):
            return None
        return phrase
    return None


def _up_to_date(tokens: list[str]) -> list[str]:
    for at, token in enumerate(tokens):
        word = _folded(token)
        if _DAY.match(token) or (word in DATE_WORDS and not is_place(word)):
            return tokens[:at]
    return tokens


def _stripped(piece: str) -> str:
    """Return a piece of a line without the dates and labels at its ends."""
    tokens = _TOKEN.findall(piece)
    while tokens and _is_beside(_folded(tokens[0])):
        tokens.pop(0)
    while tokens and _is_beside(_folded(tokens[-1])):
        tokens.pop()
    return " ".join(tokens)


def _is_beside(word: str) -> bool:
    """Return whether a word stands beside names in such lines and is in none: of a date, an hour, a label."""
    return not word or word.isdigit() or (word in _BESIDE and not is_place(word))


def _could_be_name(text: str) -> bool:
    line = Line(0, len(text), len(text), text)
    first = line.words[0] if line.words else ""
    return (
        0 < len(line.words) <= _MOST_WORDS
        and not any(word.isdigit() for word in line.words)
        and first not in not_in_places() - outlet_nouns()
        and not line.is_stopped
        and not is_generic(text)
        and not is_place(text)
        and reason_for(line, "edge") in {"", "outlet name"}
    )


def _is_marked(text: str) -> bool:
    """Return whether a word of news media stands in a name of several words."""
    words = [_folded(token) for token in text.split()]
    return len(words) > 1 and bool(name_marks().intersection(words))


def _folded(token: str) -> str:
    return "".join(Line(0, len(token), len(token), token).words)


_BESIDE = DATE_WORDS | word_set("dates", "beside")
