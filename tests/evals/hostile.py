"""Sentences that deny, doubt, condition, plan or cancel, and figures of something else: no fact for a first line.

The cases are in ``hostile.toml``. Those of the half ``fit`` may be looked at while working on the judge; those of
``held`` are counted, never printed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answer import Answer
from corpus.arabic import fold_text
from corpus.dates import format_date

CASES = Path(__file__).with_name("hostile.toml")
HALVES = ("fit", "held")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_PREFIX = "(?:[وف]?(?:[بكل]?ال|لل|[بكل])?)"


@dataclass(frozen=True, slots=True)
class Brief:
    """A text of the archive."""

    id: str
    half: str
    title: str
    publisher: str
    published: str
    text: str

    @property
    def file(self) -> str:
        head = f"{self.title}\nالناشر: {self.publisher}\nالتاريخ: {self.published}\n"
        return f"{head}\n{self.text}\n"


@dataclass(frozen=True, slots=True)
class Case:
    """A question on one brief, with the words that its first line must not say."""

    brief: str
    half: str
    kind: str
    question: str
    never: tuple[str, ...]
    right: str
    expect: str
    open_word: str = ""
    before: str = ""
    """Id of the older brief, which must not come first."""
    not_quoted: str = ""
    """Words of another speaker, which must not be in the first quote."""


def _read() -> tuple[dict[str, Brief], list[Case]]:
    found: dict[str, list[dict[str, Any]]] = tomllib.loads(CASES.read_text(encoding="utf-8"))
    briefs = {brief["id"]: Brief(**brief) for brief in found["brief"]}
    return briefs, [Case(**{**case, "never": tuple(case["never"])}) for case in found["case"]]


BRIEFS, ALL = _read()


def of(half: str) -> list[Case]:
    return [case for case in ALL if case.half == half]


def says(line: str, words: str) -> bool:
    """Return whether a line says a day (given in ISO 8601, however the line writes it), a number or words."""
    if _ISO.fullmatch(words):
        day, _, rest = format_date(words, "day", "ar").partition(" ")
        months, _, year = rest.rpartition(" ")
        written = [words, *(f"{day} {month} {year}" for month in (months, *months.split("/")))]
        return any(
            re.search(rf"(?<!\d){re.escape(fold_text(form))}(?!\d)", fold_text(line)) for form in written
        )
    folded = re.escape(fold_text(words))
    if words[0].isdigit():
        return re.search(rf"(?<!\d)(?<!\d[.,٫٬]){folded}(?!\d|[.,٫٬]\d)", fold_text(line)) is not None
    return re.search(rf"(?<!\w){_PREFIX}{folded}(?!\w)", fold_text(line)) is not None


def first_line(answer: Answer) -> str:
    """Return the direct line of an answer, empty for a refusal."""
    return answer.text if answer.status == "answered" else ""


def wrong_line(case: Case, answer: Answer) -> str:
    """Return the fault of the first line, or ""."""
    line = first_line(answer)
    if said := [words for words in case.never if says(line, words)]:
        return f"«{line}» says {', '.join(said)}"
    return f"«{line}» where none may be" if line and case.expect != "line" else ""


def wrong_quote(case: Case, answer: Answer) -> str:
    """Return the fault of the first quote, or "". Only some cases restrict it."""
    if answer.status != "answered" or not answer.quotes:
        return ""
    quote = answer.quotes[0]
    if case.before and quote.article.title == BRIEFS[case.before].title:
        return "the older brief comes first"
    return "another's words come first" if case.not_quoted and case.not_quoted in quote.text else ""


def told(half: str, wrong: Mapping[Case, str]) -> str:
    """Return a report of the faults: by kind and, for the half that may be looked at, by case."""
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(Counter(case.kind for case in wrong).items()))
    shown = [f"{case.kind}: {case.question} {why}" for case, why in wrong.items()] if half == "fit" else []
    return "\n".join([f"{len(wrong)} of {len(of(half))}: {kinds}", *shown])
