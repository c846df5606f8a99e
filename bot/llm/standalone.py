"""Restatement of a follow-up by the chat model, so that it stands alone, for searching.

It is shown as what was understood, and nothing that a model writes is shown: the model's offer only tells which
words of the conversation belong together. The question is assembled anew from those words as they were written.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.answering.directives import without_directives
from corpus.arabic import words
from prompts import prompt

if TYPE_CHECKING:
    from bot.conversation import Turn

_MOST_TURNS = 3
_MOST_WORDS = 40
_LONGEST = 600  # characters of one earlier text that is shown


def standalone_prompt(question: str, turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return the messages to the model: the rules, then the conversation and the question as JSON."""
    before = [
        {
            "asked": turn.standalone[:_LONGEST],
            "quoted": [without_directives(text)[:_LONGEST] for text in quoted],
        }
        for turn in turns[-_MOST_TURNS:]
        for quoted in [turn.quoted[:1]]
    ]
    return [
        ("system", prompt("standalone.v1")),
        ("human", json.dumps({"before": before, "question": question}, ensure_ascii=False, indent=1)),
    ]


def restated(offered: str, question: str, turns: Sequence[Turn]) -> str | None:
    """Return the offered question, in words as the question and the turns write them.

    None when it has a word that is in neither, leaves out more than half of the question's words, or adds none.
    """
    own: dict[str, str] = {}
    for text in (question, *_said(turns)):
        for word in words(text):
            own.setdefault(word.text, text[word.start : word.end])
    asked = {word.text for word in words(question)}
    offer = [word.text for word in words(offered[: _LONGEST * 2])]
    opening = _unjoined(question)
    if opening is not None:
        joined, plain, written = opening
        own.setdefault(plain, written)
        asked = (asked - {joined}) | {plain}
        offer = [plain if word == joined else word for word in offer]
    kept = asked & set(offer)
    if len(offer) > _MOST_WORDS or 2 * len(kept) < len(asked) or not set(offer) - asked:
        return None
    if not all(word in own for word in offer):
        return None
    mark = question.rstrip()[-1:]
    return " ".join(own[word] for word in offer) + (mark if mark in ("؟", "?") else "")


def _said(turns: Sequence[Turn]) -> Iterator[str]:
    """Yield the texts of earlier turns, the last turn first."""
    for turn in reversed(turns):
        yield from (turn.standalone, turn.question, turn.direct, *turn.quoted)


def _unjoined(question: str) -> tuple[str, str, str] | None:
    """Return a first word that begins with «و» or «ف», folded, and without it, folded and as written."""
    first = next(iter(words(question)), None)
    if first is None or first.text[0] not in "وف" or len(first.text) < 3:
        return None
    written = question[first.start + 1 : first.end]
    while written and unicodedata.combining(written[0]):
        written = written[1:]
    return first.text, first.text[1:], written
