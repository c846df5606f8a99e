"""Arabic text as search sees it, and the facts of the language, each once, as data.

The stored text is never changed. Everything here either returns spans of it or a folded copy with a way back.

Text: ``folding`` gives the search form and its offsets; ``text`` cuts into words and stems; ``roots`` strips words
further, to compare them; ``sentences`` cuts into sentences; ``numbers`` reads number words.

Facts are TOML files, each with its source in its head, read when first asked for: ``wordlists`` reads any of them, and
those with a structure of their own have a module of their own.

    affixes       clitics, pronouns and endings that are joined to a word
    calendar      months, weekdays, units and periods
    speech        verbs and nouns of speech
    questions     question words, and what questions ask for
    dialect       words of dialects and their standard Arabic
    negation      words by which a sentence denies, doubts, conditions, plans or calls off
    stopwords     function words
    directives    sentences that command a machine
    boilerplate   what pages put around an article
    letters       whether letters are Arabic as it is written
    outlets       names of news outlets and agencies, by host and by the names they go by
    fields        names of columns and keys in exports of articles

Lists without a module: ``dates`` (words around dates), ``places`` (places of datelines),
``countries`` (of outlets, by host),
``courtesy`` (greetings and thanks),
``wordorder`` (words and pairs of words in their order).
"""

from corpus.arabic.folding import Folded, fold, fold_text
from corpus.arabic.numbers import value_of, values
from corpus.arabic.sentences import sentences, sentences_of
from corpus.arabic.stopwords import stopwords
from corpus.arabic.text import VERSION, Word, stem, variants, words

__all__ = [
    "VERSION",
    "Folded",
    "Word",
    "fold",
    "fold_text",
    "sentences",
    "sentences_of",
    "stem",
    "stopwords",
    "value_of",
    "values",
    "variants",
    "words",
]
