"""Arabic text as search sees it: folded, cut into words and stems, cut into sentences.

The stored text is never changed. Everything here either returns spans of it or a folded copy with a way back.

``text`` folds and cuts into words and stems, but for ``stopwords``; ``sentences`` cuts into sentences; ``numbers``
reads number words.
"""

from corpus.arabic.numbers import value_of, values
from corpus.arabic.sentences import sentences
from corpus.arabic.text import STOPWORDS, VERSION, Folded, Word, fold, fold_text, stem, variants, words

__all__ = [
    "STOPWORDS",
    "VERSION",
    "Folded",
    "Word",
    "fold",
    "fold_text",
    "sentences",
    "stem",
    "value_of",
    "values",
    "variants",
    "words",
]
