"""What the bot answers: an Answer, carried by its Quotes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from corpus.article import Article

Status = Literal["answered", "refused"]
Mode = Literal["extractive", "llm"]
Reason = Literal["no_evidence", "subject_missing", "kind_missing", "empty_archive", "not_a_question"]


class UnverifiedQuoteError(ValueError):
    """A text was about to be quoted that is not, character for character, a slice of its article."""


@dataclass(frozen=True, slots=True)
class Quote:
    """``article.body[start:end]``, and nothing else: any other text cannot become a Quote."""

    article: Article
    start: int
    end: int
    text: str
    score: float = 0.0

    def __post_init__(self) -> None:
        if (
            not self.text
            or not 0 <= self.start < self.end <= len(self.article.body)
            or self.article.body[self.start : self.end] != self.text
        ):
            raise UnverifiedQuoteError(
                f"{self.article.id}[{self.start}:{self.end}] does not hold the text given"
            )

    @property
    def id(self) -> str:
        """12 hexadecimal digits, the same for the same span of the same version of an article for good."""
        return hashlib.sha256(f"{self.article.id}:{self.start}:{self.end}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer or refusal, the same for every front end."""

    question: str
    standalone_question: str
    status: Status
    text: str
    """The first line: the direct answer when the evidence allows one, else what the quotes are; for a refusal,
    what is missing. In the user's language, as plain text."""
    quotes: tuple[Quote, ...] = ()
    related: tuple[Quote, ...] = ()
    """With a refusal: the nearest passages, which are not an answer."""
    reason: Reason | None = None
    mode: Mode = "extractive"
    notice: str | None = None
    """What went otherwise than asked, for the user: the chat model was down, say."""
    timings_ms: dict[str, float] = field(default_factory=dict)
