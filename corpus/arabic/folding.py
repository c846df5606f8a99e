"""Fold Arabic text to its search form, with a way back to the original."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Span

# Characters that leave no trace in the folded text: Arabic vowel signs, Quranic marks and tatweel, and the
# marks that only steer joining, direction, hyphenation or display.
SIGNS = (
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06de-\u06ed\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
)
_INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
DROPPED = SIGNS + _INVISIBLE
# Accents written as characters of their own: composed with their letter.
ACCENTS = "\u0300-\u034e\u0350-\u036f"
# Letters and ligatures stored in their drawn forms, and full-width Latin: written out.
_DRAWN = "\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc\uff01-\uff5e"

_dropped = re.compile(f"[{DROPPED}]")
_accented = re.compile(f"(?s:.)[{ACCENTS}]+")
_drawn = re.compile(f"[{_DRAWN}]")
# One character of those whose folding may be shorter or longer than itself, or joins the letter before.
_moving = re.compile(f"[{DROPPED}{ACCENTS}{_DRAWN}]")
_accent = re.compile(f"[{ACCENTS}]")
# All whose folding may be shorter or longer than itself, where no character is an accent, and with the letter an accent
# belongs to.
_unaccented = re.compile(f"(?P<dropped>[{DROPPED}]+)|[{_DRAWN}]")
_uneven = re.compile(
    f"[^{DROPPED}][{DROPPED}]*(?:[{ACCENTS}][{DROPPED}]*)+|(?P<dropped>[{DROPPED}]+)|[{_DRAWN}]"
)

LETTERS = {
    letter: folded
    for folded, letters in {
        "ا": "أإآٱٲٳٵ",
        "ي": "ىئیۍێېےۓ",
        "ه": "ةھہۂۃەۀ",
        "و": "ؤۆۇۈۋ",
        "ك": "کڪگڭ",
        "ب": "پ",
        "ج": "چ",
        "ف": "ڤ",
        "ز": "ژ",
        ".": "٫",
        ",": "٬",
    }.items()
    for letter in letters
}


class _Foldings(dict[int, str]):
    """The folded form of each character, computed on first use."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if _dropped.match(character):
        return ""
    if character in LETTERS:
        return LETTERS[character]
    if _drawn.match(character):
        written_out = unicodedata.normalize("NFKC", character)
        # A vowel sign drawn by itself is a space or a tatweel carrying it.
        return "".join(map(_fold_character, written_out)).strip() if written_out != character else character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    return "i" if character == "İ" else character.lower()


_FOLDINGS = _Foldings()


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with the offsets of its characters in the original.

    ``offsets[i]`` is the position in the original of the character that gave ``text[i]``; the last of its
    ``len(text) + 1`` entries is the original's length.
    """

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """Return the span of the original that corresponds to ``text[start:end]``.

        It includes the marks after its last letter, and the whole of a ligature of which only a part is
        requested, so that folding it gives ``text[start:end]`` again (or, for a part of a ligature, contains
        it).
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"no span {start}..{end} in a folded text of {len(self.text)} characters")
        if start == end:
            return Span(self.offsets[start], self.offsets[start])
        last = self.offsets[end - 1]
        while self.offsets[end] == last:
            end += 1
        return Span(self.offsets[start], self.offsets[end])


def fold(text: str) -> Folded:
    """Return the text in its search form, with the offsets into the original; see ``fold_text``."""
    if _moving.search(text) is None:  # as in most of what is published
        return Folded(text.translate(_FOLDINGS), range(len(text) + 1))
    offsets: list[int] = []
    at = 0
    for change in (_uneven if _accent.search(text) else _unaccented).finditer(text):
        start, end = change.span()
        offsets.extend(range(at, start))
        if not change["dropped"]:
            offsets.extend([start] * len(fold_text(change.group())))
        at = end
    offsets.extend(range(at, len(text) + 1))
    return Folded(fold_text(text), tuple(offsets))


def fold_text(text: str) -> str:
    """Return the text in its search form; folding it again changes nothing.

    Vowel signs, Quranic marks, tatweel and invisible marks are removed; أإآٱ become ا, ى and ئ become ي, ة
    becomes ه, ؤ becomes و, Persian, Kurdish and loan letters become the Arabic letter they are read as (ک ك,
    ی ي, گ ك, پ ب, چ ج, ڤ ف, ژ ز); digits of any script become 0-9, ٫ and ٬ become . and , ; drawn letter forms
    (ﻻ, ﷲ, ﬁ, full-width) are written out; Latin is lower-cased and keeps its accents, composed; spaces of any
    width become " ".
    """
    folded = text.translate(_FOLDINGS)
    return _accented.sub(_compose, folded) if _accent.search(folded) else folded


def _compose(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match.group())
