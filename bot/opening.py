"""First line of an answer, or its replacement when there is none."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answer import Answer
from prompts import Language, listed, say


def first_line(answer: Answer, language: Language) -> str:
    """Return an answer's first line; without one, a line on the quotes below it, or that there are none."""
    if text := answer.text.strip():
        return text
    if answer.status == "answered":
        return say("quotes_only", language)
    if answer.reason == "nearest":
        return nearest_line(answer.open, language)
    return say("unproven", language)


def nearest_line(open: Sequence[str], language: Language) -> str:
    """Return the line above the nearest quotes: that they do not answer, and the words they do not mention."""
    if not open:
        return say("nearest", language)
    return say("nearest_open", language, words=listed(open, language))
