"""Find the place in an article that a user asks about by quoting its words: «متى كان ذلك؟»."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answer import Answer, Quote
from bot.claim import published
from bot.quotes import cut, locate
from corpus.arabic import fold_text, sentences_of
from corpus.article import Span

if TYPE_CHECKING:
    from corpus.store import Archive

SURE = 1.0
"""Score of a quote that the user pointed at."""
_LEAST = 3  # words that a line must have to be looked for by itself in the whole archive
_CLAUSE = 14  # words of what was quoted that go into the question
_MARKS = " \t\r\u200e\u200f\u2066\u2067\u2068\u2069…"
"""Blanks and marks that a message has around quoted words: direction marks, isolates, ellipses."""


def spot_of(quoted: str, answer: Answer | None, archive: Archive) -> Quote | None:
    """Find the quoted words in a quote of the answer they are from, else in the archive; None when absent."""
    quotes = answer.shown if answer else ()
    lines = sorted(filter(None, (line.strip(_MARKS) for line in quoted.split("\n"))), key=len, reverse=True)
    for text in dict.fromkeys((quoted.strip(_MARKS), *lines)):
        for quote in quotes:
            if found := locate(text, quote.article.body, quote.start, quote.end):
                return cut(quote.article, found.start, found.end, SURE)
    for quote in quotes:  # the headline under a quote points at the quote
        if any(fold_text(quote.article.title) in fold_text(line) for line in lines):
            return quote
    for text in dict.fromkeys((quoted.strip(_MARKS), *lines)):
        if len(text.split()) >= (_LEAST if text in lines and len(lines) > 1 else 1):
            found_in = published(text, archive)
            if found_in is not None and found_in.quote is not None:
                return replace(found_in.quote, score=SURE)
    return None


def around(spot: Quote) -> Quote:
    """Return the sentences pointed at, with those right before and after in the same paragraph."""
    spans = sentences_of(spot.article)
    at = [i for i, span in enumerate(spans) if span.start < spot.end and spot.start < span.end]
    if not at:
        return spot
    whole = Span(spans[at[0]].start, spans[at[-1]].end)
    before = spans[at[0] - 1] if at[0] else whole
    behind = spans[at[-1] + 1] if at[-1] + 1 < len(spans) else whole
    start = whole.start if spot.article.parted(before.start, whole.start) else before.start
    end = whole.end if spot.article.parted(whole.start, behind.start) else behind.end
    return cut(spot.article, min(start, whole.start), max(end, whole.end), SURE)


def about(question: str, quoted: str) -> str:
    """Return the question with the words that it points at, as a person who sees no passage would ask it."""
    clause = (
        " ".join(quoted.split()[:_CLAUSE])
        .strip(" .،؛:؟?!«»\"“”'")
        .translate({ord("«"): None, ord("»"): None})
    )
    question = " ".join(question.split())
    mark = "?" if question.rstrip().endswith("?") else "؟"
    return f"{question.rstrip(' ؟?.')}: «{clause}»{mark}" if clause else question
