"""How questions ask, from ``questions.toml``: question words, what shapes a question, what it asks for."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from corpus.arabic.folding import fold_text
from corpus.arabic.wordlists import folded, read, word_set

Interrogative = Literal[
    "when", "where", "who", "how_many", "how", "why", "what", "whether", "which_is", "which"
]


def written_interrogatives() -> dict[Interrogative, str]:
    """Return the question words as they are written, by what they ask for."""
    words: dict[Interrogative, str] = read("questions")["words"]
    return words


@cache
def interrogatives() -> dict[Interrogative, str]:
    """Return the question words, folded, by what they ask for."""
    return {asked: fold_text(word) for asked, word in written_interrogatives().items()}


@cache
def question_words(kind: str) -> frozenset[str]:
    """Return the folded words of a list of questions.toml: ``time``, ``count``, ``person`` …"""
    return word_set("questions", kind)


@cache
def shape_words() -> frozenset[str]:
    """Return the folded words that shape a question or address the one asked, question words among them."""
    return folded(read("questions")["words"].values()).union(
        *(question_words(kind) for kind in ("shape", "happened", "topic"))
    )


@cache
def about_words() -> frozenset[str]:
    """Return the folded words that part the one who speaks from what is spoken of."""
    return question_words("about") | question_words("topic")


@cache
def english_kinds() -> tuple[tuple[Any, re.Pattern[str]], ...]:
    """Return patterns of English questions, lower-case, with the kind of each; the first that is found decides."""
    return tuple((each["kind"], re.compile(each["pattern"])) for each in read("questions")["english"])
