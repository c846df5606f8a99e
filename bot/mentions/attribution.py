"""Words that attribute what is said to somebody."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot import lexicon
from corpus.arabic import Word, stem


def speech(text: str, found: Sequence[Word]) -> list[int]:
    """Numbers of the words that attribute speech: «قال»، «وفقًا للبيان»."""
    verbs, nouns = speech_forms()
    return [
        index
        for index, word in enumerate(found)
        if word.text in verbs or (word.text[0] in "وف" and word.text[1:] in verbs) or word.stem in nouns
    ]


@lru_cache(maxsize=1)
def speech_forms() -> tuple[frozenset[str], frozenset[str]]:
    """Folded verbs of speech, and the stems of nouns that attribute it."""
    return lexicon.speech("verbs"), frozenset(map(stem, lexicon.speech("nouns")))
