"""Match the words of a text with a word of a question: by form, by stem, by root, by value.

There is no list of synonyms: other wordings are left to the vectors and to the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from corpus.arabic import Word, stem, values, variants, words
from corpus.arabic.affixes import affixes, article
from corpus.arabic.roots import WORDS, bare_forms, root

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


TEXTS = 2048
"""Sentences whose preparation is cached, some 5 KB each: those of a few questions, whose stages ask for them again."""

NOTHING = View(frozenset(), frozenset(), frozenset())


@lru_cache(maxsize=TEXTS)
def view(text: str) -> View:
    """Prepare the words of ``text`` for matching. Cached."""
    found = words_of(text)
    forms: set[str] = set()
    for word in found:
        forms |= forms_of(word.text)
    roots = frozenset(filter(None, (root(word.text) for word in found)))
    return View(frozenset(forms), roots, frozenset(value for value, _, _ in values(found)))


@lru_cache(maxsize=TEXTS)
def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text, cached."""
    return tuple(words(text))


@lru_cache(maxsize=WORDS)
def forms_of(word: str) -> frozenset[str]:
    """Return a folded word, its stem, and both of what is left without its clitic prefixes."""
    bare = bare_forms(word)
    # A verb's feminine and plural: أوقفت، أوقفوا.
    verbs = {
        form[: -len(end)]
        for form in (word, *bare)
        for end in affixes("verb_endings")
        if len(form) > 4 and form.endswith(end)
    }
    return frozenset({word, stem(word), *bare, *map(stem, bare), *verbs})


@lru_cache(maxsize=WORDS)
def spellings(word: str) -> frozenset[str]:
    """Return the forms under which a text may have a folded word of a question: its own, its stem and variants."""
    forms = {word, stem(word)}
    for other in variants(word):
        forms |= {other, stem(other)}
    # «شقًّا» is «شق»: the ا of an indefinite object is no letter of the word.
    if len(word) >= 3 and word.endswith("ا") and not word.startswith(article()):
        forms |= {word[:-1], stem(word[:-1])}
    return frozenset(form for form in forms if len(form) > 1 or form == word)
