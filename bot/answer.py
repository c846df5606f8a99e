"""Answers of the bot and the verbatim quotes that support them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from corpus.article import Article, Span

Status = Literal["answered", "refused"]
Mode = Literal["extractive", "llm"]
Standing = Literal["same", "withdrawn", "changed", "removed"]
"""Whether an article stands in the archive as it was quoted, the same but taken away by its outlet (``withdrawn``),
in a newer version, or no longer."""
Reason = Literal[
    "nearest", "no_evidence", "subject_missing", "kind_missing", "empty_archive", "not_a_question"
]

Trouble = Literal["silent", "failing"]
"""What is wrong with a followed source: nothing new for longer than it used to take, or it cannot be read."""


class UnverifiedQuoteError(ValueError):
    """Raised for a quote whose text is not, character for character, a slice of its article."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim slice, ``article.body[start:end]``. Raises UnverifiedQuoteError for any other text."""

    article: Article
    start: int
    end: int
    text: str
    score: float = 0.0
    words: Span | None = field(default=None, compare=False)
    """Span of the article's body with the words that answer, shown bold; None when no words alone do."""
    standing: Standing = field(default="same", compare=False)
    """What has become of the article, as of the last look into the archive."""
    also: tuple[Article, ...] = field(default=(), compare=False)
    """Copies of the article that have the quote in nearly its words: the same source."""

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
        """Permanent id, 12 hexadecimal digits, the same for the same span of the same version of an article."""
        return hashlib.sha256(f"{self.article.id}:{self.start}:{self.end}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason a question has no answer, and the nearest passages."""

    reason: Reason
    open: tuple[str, ...]
    """Words of the question, as it writes them, that ``related`` does not mention."""
    related: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the archive took in last, from one outlet or from all."""

    outlet: str | None
    """None: from all."""
    taken: str | None
    """When the last article came in: ISO 8601, UTC, to the second."""
    published: str | None
    """The last day on which one was published, ISO."""
    trouble: Trouble | None = None
    since: str | None = None
    """When the trouble began, as ``taken``."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh the archive was when a question was asked, for a question to which that matters."""

    asked: str
    """When: ISO 8601, UTC, to the second."""
    intakes: tuple[Intake, ...]
    """Of the outlets that are quoted, or of all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer or refusal, the same for every front end."""

    question: str
    standalone_question: str
    status: Status
    text: str
    """First line, plain text in the user's language.

    The direct answer when the evidence allows one, else a description of the quotes; for a refusal, what is
    missing.
    """
    quotes: tuple[Quote, ...] = ()
    related: tuple[Quote, ...] = ()
    """With a refusal: the nearest passages, which are not an answer."""
    reason: Reason | None = None
    open: tuple[str, ...] = ()
    """With the reason "nearest": words of the question, as it writes them, not mentioned in ``related``."""
    mode: Mode = "extractive"
    notice: str | None = None
    """Message to the user about a deviation from the request, such as a chat model that was down."""
    understood: str = ""
    """How a question that leans on the conversation was understood; empty for one taken as it stands."""
    parts: tuple[Answer, ...] = ()
    """The answers to the questions of a message of several, in order; their quotes are among ``quotes``."""
    unanswered: tuple[str, ...] = ()
    """Further questions of the message, beyond those of ``parts``."""
    freshness: Freshness | None = None
    """How fresh the archive is; None where that does not matter to the question."""
    independent: int = field(default=0, compare=False)
    """How many outlets independent of each other state the answer, the first quote's among them; 0 where that is not
    certain."""
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[Quote, ...]:
        """Quotes shown below the first line, with their buttons: the answer's own, else the nearest ones."""
        return self.quotes or self.related

    @property
    def refusal(self) -> Refusal | None:
        """The reason and nearest passages of a refusal; None when there is an answer."""
        return (
            Refusal(self.reason or "no_evidence", self.open, self.related)
            if self.status == "refused"
            else None
        )
