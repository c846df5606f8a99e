"""How well words name a thing: terms, the words of a stretch of text, and how the two are held together.

Matching is graded: a term's own word or stem counts fully, another name or a nationality a little less, a word of
the same family or root less again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot import lexicon
from corpus.arabic import Word, stem, words

SAME, NAMED, CAPITAL, RELATED = 1.0, 0.85, 0.75, 0.7
"""How well a word names a term: its own; another name or a nationality; its capital; the same family or root."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a question speaks of."""

    text: str
    """Folded, as the question says it."""
    forms: Mapping[str, float]
    """Folded words and stems that name it, with how well."""
    phrases: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """Names of several words, as stems."""
    families: frozenset[int] = frozenset()
    root: str = ""
    name: bool = False
    """A proper name: a sentence that does not speak of it cannot answer."""
    weight: float = 1.0
    """How much it tells sentences apart: its inverse document frequency in the archive."""
    known: bool = True
    """Whether the archive has any of its forms."""

    def match(self, view: View) -> float:
        """0 … 1: how well the words of ``view`` name this term."""
        best = max((self.forms[form] for form in self.forms.keys() & view.forms), default=0.0)
        for phrase, credit in self.phrases.items():
            if credit > best and _contains(view.stems, phrase):
                best = credit
        related = self.families & view.families or (self.root and self.root in view.roots)
        return RELATED if best < RELATED and not self.name and related else best


@dataclass(frozen=True, slots=True)
class View:
    """The words of a stretch of text, ready to be matched."""

    stems: tuple[str, ...]
    forms: frozenset[str]
    families: frozenset[int]
    roots: frozenset[str]

    def __or__(self, other: View) -> View:
        return View(
            (*self.stems, "", *other.stems),
            self.forms | other.forms,
            self.families | other.families,
            self.roots | other.roots,
        )


@lru_cache(maxsize=8192)
def view(text: str) -> View:
    """The words of ``text`` for matching. Cached: the same sentences come up question after question."""
    found = [view_of(word.text) for word in words_of(text)]
    none: frozenset[str] = frozenset()
    return View(
        tuple(seen.stems[0] for seen in found),
        none.union(*(seen.forms for seen in found)),
        frozenset[int]().union(*(seen.families for seen in found)),
        none.union(*(seen.roots for seen in found)),
    )


@lru_cache(maxsize=65536)
def view_of(word: str) -> View:
    """One folded word for matching."""
    families = lexicon.families()
    places = lexicon.place_names()
    base = stem(word)
    forms = {word, base}
    own = families.get(word, frozenset()) | families.get(base, frozenset())
    for bare in bare_forms(word):
        own |= families.get(bare, frozenset())
        # «لسوريا» and «بدمشق» name them.
        if bare in places:
            forms.add(bare)
    return View((base,), frozenset(forms), own, frozenset(filter(None, (root(word),))))


@lru_cache(maxsize=8192)
def words_of(text: str) -> list[Word]:
    """The words of a sentence, cached. Not to be changed."""
    return words(text)


_PROCLITICS = ("وال", "فال", "بال", "كال", "لل", "ال", "و", "ف", "ب", "ل", "ك")


@lru_cache(maxsize=16384)
def bare_forms(word: str) -> tuple[str, ...]:
    """The word without what may be written onto its front."""
    found = []
    for clitic in _PROCLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= 3:
            rest = word[len(clitic) :]
            found.append(rest)
            if clitic in {"وال", "فال", "بال", "كال", "لل"}:
                found.append("ال" + rest)
    return tuple(dict.fromkeys(found))


def without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


_PREFIXES = ("وال", "فال", "بال", "كال", "لل", "ال", "وي", "وت", "في", "سي", "ست", "لي", "لت")
_SUFFIXES = (
    "تهما",
    "هما",
    "تها",
    "تهم",
    "ونه",
    "وها",
    "وه",
    "وا",
    "ون",
    "ين",
    "ان",
    "ات",
    "تم",
    "نا",
    "ها",
    "هم",
    "ته",
    "يه",
    "ت",
    "ه",
    "ي",
    "ا",
)


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """The consonants that words of one root share, roughly: انضمت، انضمام، ينضم → «نضم». "" when fewer than three.

    Not a dictionary root: affixes and weak letters are dropped and doubled letters written once. Two words that share
    it are taken for related, never for the same.
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


def _contains(stems: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    length = len(phrase)
    first = phrase[0]
    return any(stems[i] == first and stems[i : i + length] == phrase for i in range(len(stems) - length + 1))
