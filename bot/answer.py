"""What the bot answers: an Answer, carried by its Quotes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from corpus.article import Article, Span

Status = Literal["answered", "refused"]
Mode = Literal["extractive", "llm"]
Reason = Literal[
    "nearest", "no_evidence", "subject_missing", "kind_missing", "empty_archive", "not_a_question"
]


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
    words: Span | None = field(default=None, compare=False)
    """The words in it that answer, as a span of the article's body: shown bold. None when no words alone do."""

    def __post_init__(self) -> None:
        if (
            not self.text
            or not 0 <= self.start < self.end <= len(self.article.body)
            or self.article.body[self.start : self.end] != self.text
        ):
            raise UnverifiedQuoteError(
                f"{self.article.id}[{self.start}:{self.end}] does not hold the text given"
            )
        if self.words is not None and not self.start <= self.words.start < self.words.end <= self.end:
            raise UnverifiedQuoteError(
                f"{self.article.id}[{self.words.start}:{self.words.end}] is not in the quote"
            )

    @property
    def id(self) -> str:
        """12 hexadecimal digits, the same for the same span of the same version of an article for good."""
        return hashlib.sha256(f"{self.article.id}:{self.start}:{self.end}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question has no answer, and what comes nearest to one."""

    reason: Reason
    open: tuple[str, ...]
    """Words of the question, as it writes them, that ``related`` does not speak of."""
    related: tuple[Quote, ...]


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
    open: tuple[str, ...] = ()
    """With the reason "nearest": words of the question, as it writes them, that ``related`` does not speak of."""
    mode: Mode = "extractive"
    notice: str | None = None
    """What went otherwise than asked, for the user: the chat model was down, say."""
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[Quote, ...]:
        """The quotes that stand below the first line, with their buttons: the answer's own, or those nearest to one."""
        return self.quotes or self.related

    @property
    def refusal(self) -> Refusal | None:
        """Why there is no answer; None when there is one."""
        return (
            Refusal(self.reason or "no_evidence", self.open, self.related)
            if self.status == "refused"
            else None
        )
