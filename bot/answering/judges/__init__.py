"""The seam between finding sentences and choosing among them.

A ``Judge`` is given a question and the sentences of the passages found for it, and says of each how well it answers.
Which of them are shown, and as what, is decided elsewhere (``bot.answering.select``), the same for every judge.

    linear          the default: fitted models over few features, and the ``reader``
    cross_encoder   any of sentence-transformers, beside the default
    chat            a chat model
    corrected       a judge as the archive's calibration corrects it; ``configured`` chooses by the settings
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.answering.candidates import Candidate
from bot.answering.question import Query
from corpus.article import Span
from corpus.errors import MusnadError


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence, and what a judge makes of it."""

    candidate: Candidate
    rank: float
    """Log odds that this sentence, rather than another of those found, answers: comparable within one question."""
    probability: float
    """How likely the sentence states what is asked: 0 … 1, calibrated on held-out news."""
    open: tuple[str, ...] = ()
    """Words of the question, as it writes them, that the sentence and what stands around it leave open; the most
    open first."""
    words: Span | None = None
    """The words of the sentence that answer, in offsets of the article's body; None where the judge cannot tell."""
    certain: float = 0.0
    """How sure the judge is of just these words: 0 … 1."""
    openness: tuple[float, ...] = ()
    """For each of the query's words, how likely it is left open: 0 … 1; none where the judge does not say."""


class Judge(Protocol):
    """Says of each sentence how well it answers the question."""

    @property
    def recipe(self) -> str:
        """What the judgement depends on: name and version, model and digest."""
        ...

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        """Every candidate judged, the best-ranked first. Raises JudgeError when the judge cannot do its work."""
        ...


class JudgeError(MusnadError):
    """A judge could not judge: ``why`` is ``slow``, ``down``, ``nonsense`` or ``spent``. Another judge's answer goes
    out, and says so."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why


class JudgeModelError(MusnadError):
    """The model that judges cannot be had; the message says which one, why, and what to do."""
