"""How an answer opens: its first line, or what stands for one where it has none."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answer import Answer
from prompts import Language, listed, say


def first_line(answer: Answer, language: Language) -> str:
    """The first line of an answer; without one, what the quotes below it are, or that there is nothing."""
    if text := answer.text.strip():
        return text
    if answer.status == "answered":
        return say("quotes_only", language)
    if answer.reason == "nearest":
        return nearest_line(answer.open, language)
    return say("unproven", language)


def nearest_line(open: Sequence[str], language: Language) -> str:
    """What is said above the quotes that come nearest to a question: that they do not answer it, and which of its
    words they do not speak of."""
    if not open:
        return say("nearest", language)
    return say("nearest_open", language, words=listed(open, language))
