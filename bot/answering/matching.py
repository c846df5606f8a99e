"""Match the words of a text with a word of a question: by form, by stem, by root, by value.

There is no list of synonyms: other wordings are left to the vectors and to the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from corpus.arabic import Word, stem, values, variants, words

SAME, RELATED = 1.0, 0.7
"""Scores of a word of the same form, stem or value, and of one of the same root: انضمت، انضمام."""


@dataclass(frozen=True, slots=True)
class View:
    """The words of a text, prepared for matching."""

    forms: frozenset[str]
    """Folded words, their stems, and both without their clitic prefixes."""
    roots: frozenset[str]
    values: frozenset[float]
    """Numbers in the text, in digits or words."""

    def __or__(self, other: View) -> View:
        return View(self.forms | other.forms, self.roots | other.roots, self.values | other.values)


NOTHING = View(frozenset(), frozenset(), frozenset())


@lru_cache(maxsize=16384)
def view(text: str) -> View:
    """Prepare the words of ``text`` for matching. Cached: the same sentences come up question after question."""
    found = words_of(text)
    forms: set[str] = set()
    for word in found:
        forms |= forms_of(word.text)
    roots = frozenset(filter(None, (root(word.text) for word in found)))
    return View(frozenset(forms), roots, frozenset(value for value, _, _ in values(found)))


@lru_cache(maxsize=16384)
def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text, cached."""
    return tuple(words(text))


@lru_cache(maxsize=1 << 17)
def forms_of(word: str) -> frozenset[str]:
    """Return a folded word, its stem, and both of what is left without its clitic prefixes."""
    bare = bare_forms(word)
    # A verb's feminine and plural: أوقفت، أوقفوا.
    verbs = {
        form[: -len(end)]
        for form in (word, *bare)
        for end in ("ت", "وا")
        if len(form) > 4 and form.endswith(end)
    }
    return frozenset({word, stem(word), *bare, *map(stem, bare), *verbs})


@lru_cache(maxsize=1 << 16)
def spellings(word: str) -> frozenset[str]:
    """Return the forms under which a text may have a folded word of a question: its own, its stem and variants."""
    forms = {word, stem(word)}
    for other in variants(word):
        forms |= {other, stem(other)}
    # «شقًّا» is «شق»: the ا of an indefinite object is no letter of the word.
    if len(word) >= 3 and word.endswith("ا") and not word.startswith("ال"):
        forms |= {word[:-1], stem(word[:-1])}
    return frozenset(form for form in forms if len(form) > 1 or form == word)


_PROCLITICS = ("وال", "فال", "بال", "كال", "لل", "ال", "و", "ف", "ب", "ل", "ك")


@lru_cache(maxsize=1 << 16)
def bare_forms(word: str) -> tuple[str, ...]:
    """Return the forms of the word without each clitic prefix it may have."""
    found = []
    for clitic in _PROCLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= 3:
            rest = word[len(clitic) :]
            found.append(rest)
            if clitic in {"وال", "فال", "بال", "كال", "لل"}:
                found.append("ال" + rest)
    return tuple(dict.fromkeys(found))


_PREFIXES = ("وال", "فال", "بال", "كال", "لل", "ال", "وي", "وت", "في", "سي", "ست", "لي", "لت")
_SUFFIXES = (
    "تهما", "هما", "تها", "تهم", "ونه", "وها", "وه", "وا", "ون", "ين", "ان", "ات", "تم", "نا", "ها", "هم", "ته", "يه",
    "ت", "ه", "ي", "ا",
)  # fmt: skip


@lru_cache(maxsize=1 << 17)
def root(word: str) -> str:
    """Return the consonants that words of one root share, roughly; "" when fewer than three.

    Of انضمت، انضمام، ينضم it is «نضم». Not a dictionary root: affixes and weak letters are dropped and doubled
    letters written once. Two words that share it are taken for related, never for the same.
    """
    if not word or word.isascii() or " " in word:
        return ""
    rest = word
    for prefix in _PREFIXES:
        if rest.startswith(prefix) and len(rest) - len(prefix) >= 3:
            rest = rest[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if rest.endswith(suffix) and len(rest) - len(suffix) >= 3:
            rest = rest[: -len(suffix)]
            break
    # «مقاتل» is one who fights, «قتل» to kill: the م of an agent stays.
    agent = len(rest) == 5 and rest[0] == "م" and rest[2] == "ا" and not word.endswith("ه")
    if (
        len(rest) >= 4
        and rest[0] in "يتامن"
        and not agent
        and not (rest[0] == "م" and len(rest) == 4 and rest[2] not in "اوي")
    ):
        inner = rest[1:]
        if len([c for c in inner if c not in "اوي"]) >= 3:
            rest = inner
    consonants: list[str] = []
    for index, letter in enumerate(rest):
        if letter in "اوي" and not (index == 0 and letter == "و"):
            continue
        if not consonants or consonants[-1] != letter:
            consonants.append(letter)
    return "".join(consonants) if len(consonants) >= 3 else ""
