"""Sentences of which a quote holds only a part: the lines, outside of the quote, that say so."""

from __future__ import annotations

from bot.answer import Quote
from corpus.arabic import sentences_of
from corpus.article import Span
from prompts import Language, say


def lines_around(quote: Quote, language: Language) -> tuple[str, str]:
    """Return what to say above and below a quote: "" where it begins and ends as a sentence of its article does."""
    above, below = elided(quote)
    return (
        say("quote_begins_before", language) if above else "",
        say("quote_goes_on", language) if below else "",
    )


def elided(quote: Quote) -> tuple[bool, bool]:
    """Return whether the quote's first sentence begins before it, and whether its last one goes on after it."""
    return _cuts(quote, quote.start), _cuts(quote, quote.end)


def _cuts(quote: Quote, at: int) -> bool:
    """Return whether words of one sentence stand on both sides of an offset of the body."""
    body, block = quote.article.body, _block(quote, at)
    for sentence in sentences_of(quote.article, block.start, block.end, whole=True):
        if sentence.start < at < sentence.end:
            sides = body[sentence.start : at], body[at : sentence.end]
            return all(any(map(str.isalnum, side)) for side in sides)
    return False


def _block(quote: Quote, at: int) -> Span:
    article = quote.article
    found = article.block_at(at)
    if found is None:
        return Span(0, len(article.body))
    return Span(article.blocks[found].start, article.blocks[found].end)
