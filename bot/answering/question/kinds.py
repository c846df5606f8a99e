"""The kind of thing that a question asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Literal

from bot.answering.question.query import Kind
from corpus.arabic import fold_text
from corpus.arabic.affixes import article
from corpus.arabic.questions import english_kinds, interrogatives, question_words, shape_words
from corpus.arabic.roots import bare_forms
from corpus.arabic.speech import asked_speech
from corpus.arabic.wordlists import word_list


def kind_of(folded: Sequence[str]) -> Kind:
    """Return the kind of an Arabic question, by its folded words in standard Arabic."""
    asking, shape = interrogatives(), shape_words()
    asked = [peeled(word) if peeled(word) in shape else word for word in folded]
    if counting_words() & set(asked[:4]) and not {asking["when"], asking["whether"]} & set(asked[:3]):
        at = next(index for index, word in enumerate(asked) if word in counting_words())
        if asked[at] != counting_noun():
            return "when" if question_words("hour") & set(asked[at + 1 : at + 2]) else "number"
    for index, word in enumerate(asked[:8]):
        behind = [bare(each) for each in asked[index + 1 : index + 4]]
        first = next((each for each in behind if each not in question_words("pronouns")), "")
        if word in _kinds_of_words():
            return _kinds_of_words()[word]
        if word in question_words("why_opening") and index == 0:
            return "why"
        word = word[1:] if word in question_words("which_with_prefix") else word
        if word in _what() | question_words("asking_for_noun") and (
            index <= 2 or word.startswith(asking["which"])
        ):
            # «ما اسم المدينة» asks for a place.
            nouns_asked = behind[1:2] if first in question_words("person") else [first]
            for kind, nouns in _ASKED_BY_NOUN.items():
                if {first, *nouns_asked} & question_words(nouns) and (
                    kind != "who" or not _is_place(nouns_asked)
                ):
                    return kind
            if word in _what() and {*behind, *asked[index + 1 : index + 4]} & asked_speech():
                return "said"
        if word in question_words("for_whom") and index == 0:
            return "who"
        if word == asking["who"] and (
            index == 0 or (index == 1 and asked[0] in question_words("before_who"))
        ):
            return "where" if asked[index + 1 : index + 2] == [asking["where"]] else "who"
    opening = bare(asked[0]) if asked else ""
    return next(
        (
            k
            for k, nouns in _ASKED_BY_NOUN.items()
            if k in {"when", "number"} and opening in question_words(nouns)
        ),
        "what",
    )


@cache
def _kinds_of_words() -> dict[str, Kind]:
    """Return the question words that say the kind by themselves."""
    kinds: tuple[Literal["when", "where", "why", "how", "whether"], ...] = (
        "when", "where", "why", "how", "whether",
    )  # fmt: skip
    return {interrogatives()[kind]: kind for kind in kinds}


@cache
def _what() -> frozenset[str]:
    """Return the words for «what»: «ما», «ماذا», «علام»."""
    return question_words("what_forms") | {interrogatives()["which_is"], interrogatives()["what"]}


def _is_place(words: Sequence[str]) -> bool:
    return bool(set(words) & question_words("place"))


_ASKED_BY_NOUN: Mapping[Kind, str] = {
    "when": "time",
    "number": "count",
    "why": "cause",
    "who": "person",
    "where": "place",
}


def english_kind(text: str) -> Kind:
    """Return the kind of an English question, by its folded text."""
    kinds: Iterator[Kind] = (kind for kind, pattern in english_kinds() if pattern.search(text))
    return next(kinds, "what")


@cache
def counting_words() -> frozenset[str]:
    """Return what opens a question for a number: «كم», «بكم», «عدد»."""
    return question_words("counting") | {interrogatives()["how_many"], counting_noun()}


def counting_noun() -> str:
    """Return «عدد»."""
    return fold_text(word_list("questions", "counting_nouns")[0])


def peeled(word: str) -> str:
    """Return a question word without the و or ف before it."""
    return word[1:] if len(word) > 2 and word[0] in "وف" else word


def bare(word: str) -> str:
    """Return a word without its article and what is joined to that."""
    return next((form for form in bare_forms(word) if not form.startswith(article())), word)
