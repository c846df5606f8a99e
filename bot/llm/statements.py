"""TO BE DELETED with bot/statements.py: what the chat model was asked before it became a judge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field, ValidationError

from bot.directives import without_directives
from bot.llm.client import LLMError, objects
from prompts import prompt

MOST_STATEMENTS = 3
MOST_PASSAGES = 12
"""Passages that are shown to the model, best first: with the prompt about 5,000 tokens of Arabic, and room to answer
in a context of 8,192, which small local models have."""

_READ_STATEMENTS = 20  # of a reply; what comes beyond is not looked at


class Statement(BaseModel):
    """What the model says one passage says."""

    text: str = Field(max_length=2000)
    passage: int
    quote: str = Field(min_length=1, max_length=4000)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as the model is shown it."""

    number: int
    title: str
    outlet: str | None
    published: str | None
    text: str


def messages(question: str, passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """What the model is told: the rules, then question and passages as JSON, without what talks to machines."""
    shown = [
        {
            "passage": passage.number,
            "headline": without_directives(passage.title),
            "outlet": passage.outlet,
            "published": passage.published,
            "text": without_directives(passage.text),
        }
        for passage in passages
    ]
    return [
        ("system", prompt("answer.v1", most=MOST_STATEMENTS)),
        ("human", json.dumps({"question": question, "passages": shown}, ensure_ascii=False, indent=1)),
    ]


def parse(reply: str) -> list[Statement]:
    """The statements of a reply, whatever is written around the JSON object: thoughts, a code fence, an apology.

    What is no statement among them is left out. LLMError ("nonsense") when there is no such object, or nothing in it.
    """
    listed = next((found for found in objects(reply) if "statements" in found), None)
    if listed is None:
        raise LLMError("nonsense", "no JSON object with statements in the reply")
    items = listed["statements"]
    if not isinstance(items, list):
        raise LLMError("nonsense", "the statements are no list")
    statements = []
    for item in items[:_READ_STATEMENTS]:
        try:
            statements.append(Statement.model_validate(item))
        except ValidationError:
            continue
    if items and not statements:
        raise LLMError("nonsense", "none of the statements has the form asked for")
    return statements
