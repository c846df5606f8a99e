"""Names across scripts: the consonants that a Latin and an Arabic spelling of one name share."""

from __future__ import annotations

import re

from bot.matching import without_article

_LATIN_SOUNDS = (
    ("sh", "ش"),
    ("kh", "خ"),
    ("gh", "غ"),
    ("th", "ث"),
    ("dh", "ذ"),
    ("ch", "ش"),
    ("ph", "ف"),
    ("ck", "ك"),
)
_LATIN_LETTERS = {
    "b": "ب", "c": "ك", "d": "د", "f": "ف", "g": "غ", "h": "ه", "j": "ج", "k": "ك", "l": "ل", "m": "م", "n": "ن",
    "p": "ب",
    "q": "ق", "r": "ر", "s": "س", "t": "ت", "v": "ف", "x": "كس", "z": "ز",
}  # fmt: skip
# Arabic letters that Latin spelling does not tell apart.
_ALIKE = str.maketrans({"ص": "س", "ض": "د", "ط": "ت", "ظ": "ز", "ذ": "ز", "ح": "ه", "ق": "ك", "ث": "ت", "ع": None,
                        "ا": None, "و": None, "ي": None, "ج": "غ"})  # fmt: skip


def transliterated(latin: str) -> str:
    """The consonants a Latin spelling of a name shares with its Arabic one: Shaibani → «شبن»."""
    rest = re.sub(r"^(?:al|el|ash|as|an|ar|at)-", "", latin.lower())
    for sound, letter in _LATIN_SOUNDS:
        rest = rest.replace(sound, letter)
    letters = "".join(_LATIN_LETTERS.get(c, c if not c.isascii() else "") for c in rest)
    return _once(letters.translate(_ALIKE))


def consonants(arabic: str) -> str:
    """The same of a folded Arabic word: الشيباني → «شبن»."""
    return _once(without_article(arabic).translate(_ALIKE))


def _once(text: str) -> str:
    # A last h is silent in both: Fatimah, فاطمة.
    return re.sub(r"(.)\1+", r"\1", text).removesuffix("ه")
