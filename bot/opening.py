"""First line of an answer, or its replacement when there is none; and the lines around several answers."""

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


def apart_line(open: Sequence[str], language: Language) -> str:
    """Return the line of a question without an answer, where the nearest quotes are not shown."""
    if not open:
        return say("refused_no_evidence", language)
    return say("nearest_apart", language, words=listed(open, language))


def unanswered_line(questions: Sequence[str], language: Language) -> str:
    """Return the line that names the questions of a message beyond those that were answered."""
    asked = (question.strip() for question in questions)
    joined = " ".join(
        question if question.endswith(("؟", "?", ".")) else f"{question}." for question in asked
    )
    return say("unanswered", language, questions=joined)
