"""The gate: no quote leaves the program unless it is, character for character, a slice of a stored article.

Quotes are made here by ``cut`` alone, which slices a stored body, and looked at here again by ``verify_answer``
at the moment of sending, against the archive, whatever wrote the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from bot.answer import Answer, Quote, UnverifiedQuoteError
from corpus.arabic import fold
from corpus.article import Article, Span


class Articles(Protocol):
    """Where stored articles come from; ``corpus.store.Archive`` is one."""

    def article(self, ref: str) -> Article: ...


def cut(article: Article, start: int, end: int, score: float = 0.0) -> Quote:
    """The quote ``article.body[start:end]``, without blanks at its ends. UnverifiedQuoteError when nothing is left."""
    text = article.body[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    return Quote(article=article, start=start, end=start + len(text), text=text, score=score)


def verify(quote: Quote, archive: Articles) -> None:
    """Raise UnverifiedQuoteError unless the archive's own copy of the article holds the quote at its place."""
    try:
        stored = archive.article(quote.article.id)
    except LookupError as error:
        raise UnverifiedQuoteError(f"the archive holds no article {quote.article.id}") from error
    if not quote.text or stored.id != quote.article.id or stored.body[quote.start : quote.end] != quote.text:
        raise UnverifiedQuoteError(
            f"{quote.article.id}[{quote.start}:{quote.end}] is not what the archive holds"
        )


def verify_answer(answer: Answer, archive: Articles) -> Answer:
    """The answer with every quote that fails taken out. An answer none of whose quotes stands is a refusal, and its
    first line, which rested on them, goes too."""
    quotes = _standing(answer.quotes, archive)
    related = _standing(answer.related, archive)
    if answer.status == "answered" and len(quotes) != len(answer.quotes):
        if not quotes:
            return replace(
                answer, status="refused", reason="no_evidence", text="", quotes=(), related=related
            )
        # The first line may have rested on the quote that fell.
        return replace(answer, text="", quotes=quotes, related=related)
    return replace(answer, quotes=quotes, related=related)


def _standing(quotes: Iterable[Quote], archive: Articles) -> tuple[Quote, ...]:
    standing = []
    for quote in quotes:
        try:
            verify(quote, archive)
        except UnverifiedQuoteError:
            continue
        standing.append(quote)
    return tuple(standing)


def locate(claim: str, body: str, start: int = 0, end: int | None = None) -> Span | None:
    """Where ``body[start:end]`` holds the claim: exactly, or but for what search folds away (marks over letters,
    forms of alef, digits) and the kind of blanks and quotation marks. None when it does not.

    What comes back is a span of the body, so that what is then shown is the published text, never the claim.
    """
    end = len(body) if end is None else end
    claim = claim.strip().strip("«»\"“”'").strip()
    if not claim:
        return None
    at = body.find(claim, start, end)
    if at >= 0:
        return Span(at, at + len(claim))
    folded, wanted = fold(body[start:end]), fold(claim).text.strip()
    pattern = r"\s+".join(re.escape(_plain(part)) for part in wanted.split())
    found = re.search(pattern, _plain(folded.text)) if pattern else None
    if found is None:
        return None
    span = folded.span(found.start(), found.end())
    return Span(span.start + start, span.end + start)


def _plain(text: str) -> str:
    """One shape for every quotation mark; as long as the text."""
    return text.translate(_MARKS)


_MARKS = {ord(mark): '"' for mark in "«»“”„‟"} | {ord(mark): "'" for mark in "‘’‚‛"}
