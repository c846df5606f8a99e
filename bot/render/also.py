"""Rendering of an answer's sources: where else a quote was published, and how many outlets say so independently."""

from __future__ import annotations

from collections.abc import Callable

from bot.answer import Answer, Quote
from corpus.article import Article
from corpus.copies.original import carrier
from prompts import Language, counted, say

_MOST = 4
"""Outlets that are named."""


def also_line(quote: Quote, language: Language, isolate: Callable[[str], str] = str) -> str:
    """Return the line that names the outlets of a quote's copies; "" where none has another name than its own."""
    own = outlet(quote.article)
    others = [name for each in quote.also if (name := outlet(each)) and name != own]
    names = [isolate(name) for name in dict.fromkeys(others)]
    if not names:
        return ""
    listed = ("، " if language == "ar" else ", ").join(names[:_MOST])
    return say("also_in_more" if len(names) > _MOST else "also_in", language, outlets=listed)


def independent_line(answer: Answer, language: Language) -> str:
    """Return the line that several independent outlets state the answer; "" where that is not certain."""
    if answer.independent < 2 or answer.status != "answered":
        return ""
    count = counted("count_independent", answer.independent, language)
    return say("independent", language, sources=count)


def outlet(article: Article) -> str | None:
    """Return the outlet in which an article stands, whomever it credits."""
    return carrier(article.publisher, article.attribution, article.origin) or article.origin or article.site
