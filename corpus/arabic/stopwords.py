"""Function words, from ``stopwords.toml``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from corpus.arabic.folding import fold_text
from corpus.arabic.wordlists import word_list


@cache
def stopwords() -> frozenset[str]:
    """Return function words, folded: Arabic (bare and after «و», question words and dialect among them) and English."""
    return frozenset(_stopwords())


def _stopwords() -> Iterator[str]:
    other_with_waw = word_list("stopwords", "not_after_waw")
    for word in word_list("stopwords", "arabic"):
        yield fold_text(word)
        if word not in other_with_waw:
            yield fold_text("و" + word)
    yield from word_list("stopwords", "english")
