"""Correct a word to the archive's spelling when the archive lacks it: «التحالوف» is «التحالف».

Only small slips count, of fingers and ears: letters that sound or look alike, one letter too many, too few or
swapped. A word that is simply not in the archive must stay unknown, or a question about it would be answered with
something else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

_ALIKE = str.maketrans(
    {"ظ": "ض", "ذ": "د", "ز": "د", "ط": "ت", "ث": "س", "ص": "س", "ق": "ك", "غ": "ق", "ح": "ه", "ء": "ا"}
)


class Spelling:
    """Corrections from a vocabulary that is read again when ``generation`` changes."""

    def __init__(self, vocabulary: Callable[[], Iterable[str]], generation: Callable[[], int]) -> None:
        self._vocabulary = vocabulary
        self._generation = generation
        self._lock = threading.Lock()
        self._read: int | None = None
        self._words: list[str] = []
        self._sounds: dict[str, str] = {}

    def correct(self, word: str) -> str | None:
        """Return the vocabulary's word for a folded word it lacks, or None."""
        # Without its article: of a short word, every slip makes another word, and «الأسد» is not «أسعد».
        bare = len(word.removeprefix("ال"))
        if bare < 4 or word.isascii():
            return None
        self._refresh()
        heard = self._sounds.get(_sound(word))
        if heard is not None:
            return heard
        if bare < 5:
            return None
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        allowed = 1 if len(word) < 8 else 2
        near = extract(word, self._words, scorer=OSA.distance, score_cutoff=allowed, limit=5)
        # A changed first letter makes another word more often than a slip; so does a changed ending of a short one.
        fitting = [
            (distance, candidate)
            for candidate, distance, _ in near
            if candidate[:1] == word[:1] or len(word) >= 7
        ]
        return min(fitting)[1] if fitting else None

    def _refresh(self) -> None:
        generation = self._generation()
        with self._lock:
            if self._read != generation:
                self._words = sorted(w for w in self._vocabulary() if len(w) >= 4 and not w.isascii())
                self._sounds = {_sound(w): w for w in reversed(self._words)}
                self._read = generation


def _sound(word: str) -> str:
    return word.translate(_ALIKE)
