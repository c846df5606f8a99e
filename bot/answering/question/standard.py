"""Dialect in a question, word by word in standard Arabic."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.arabic import Word, fold_text
from corpus.arabic.affixes import article
from corpus.arabic.dialect import dialect
from corpus.arabic.questions import interrogatives, question_words, shape_words
from corpus.arabic.speech import asked_speech


def standard_of(found: Sequence[Word], index: int) -> str:
    """Return a dialect word in standard Arabic, with its prefixes; any other as it is, folded."""
    known = dialect()
    word = found[index].text
    standard = known.words.get(word)
    # «شو قال» is «ماذا قال», «شو اسم» is «ما اسم».
    if standard == interrogatives()["which_is"] and index + 1 < len(found):
        following = fold_text(known.words.get(found[index + 1].text, found[index + 1].text))
        if following in asked_speech() or following in shape_words():
            return interrogatives()["which_is" if following in question_words("person") else "what"]
    if standard is None and word[0] == "و" and word[1:] in known.words:
        return "و" + known.words[word[1:]]
    if standard is not None:
        return standard
    for prefix, meaning in known.prefixes.items():
        if word == prefix:
            return meaning
        if prefix.endswith(article()) and word.startswith(prefix) and len(word) > len(prefix) + 2:
            return meaning + word[len(prefix) :]
    return word


_MARKS = re.compile("[\u0640\u064b-\u065f\u0670]")  # tatweel and the vowel signs


def replaced(text: str, found: Sequence[Word], standard: Sequence[str]) -> str:
    """Return the text with standard words in place of dialect and without marks, as news is written."""
    parts: list[str] = []
    at = 0
    for word, meant in zip(found, standard, strict=True):
        parts.append(_MARKS.sub("", text[at : word.start]))
        parts.append(_MARKS.sub("", text[word.start : word.end]) if meant == word.text else meant)
        at = word.end
    return " ".join("".join([*parts, text[at:]]).split())
