"""Questions and answers as JSON lines, for `musnad ask --jsonl`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, BinaryIO, TextIO

from bot.answering.pipeline import Question
from bot.render.json import render_answer, render_error
from prompts import Language, say

if TYPE_CHECKING:
    from bot.build import Musnad
    from bot.loading import Loading


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can escape what no file can hold


class BadLineError(ValueError):
    """Raised for a line that holds no question; the message says what is wrong with it."""


def answer_lines(lines: BinaryIO, out: TextIO, musnad: Musnad, loading: Loading, language: Language) -> int:
    """Write a JSON object for every line, in order and at once; return 2 when a line held no question, else 0.

    Each conversation keeps its memory, under a key with its own prefix, so that no other front end's is touched.
    """
    bad = 0
    for number, line in enumerate(lines, 1):
        try:
            question = read_question(line, language)
        except BadLineError as error:
            bad += 1
            print(render_error(number, str(error)), file=out, flush=True)
        else:
            loading.wait()
            print(render_answer(musnad.asker.ask(question), musnad.archive, language), file=out, flush=True)
    return 2 if bad else 0


def read_question(line: bytes, language: Language) -> Question:
    """Parse a line such as ``{"question": "…", "conversation": "…"}``. Raises BadLineError."""
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadLineError(say("cli_line_not_utf8", language)) from error
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits
        raise BadLineError(say("cli_line_not_json", language)) from error
    text = value.get("question") if isinstance(value, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise BadLineError(say("cli_line_without_question", language))
    conversation = value.get("conversation")
    if conversation is not None and (
        isinstance(conversation, bool)
        or not isinstance(conversation, str | int)
        or _LONE_SURROGATE.search(str(conversation))
    ):
        raise BadLineError(say("cli_line_bad_conversation", language))
    key = None if conversation in (None, "") else f"jsonl:{conversation}"
    return Question(_LONE_SURROGATE.sub("\ufffd", text), key, language)
