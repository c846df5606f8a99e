"""What of a chat model's statements stands: each on its quote, and saying no more than it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answer import Quote
from bot.llm import Statement
from bot.matching import view
from bot.question import understand
from bot.quotes import cut, locate

if TYPE_CHECKING:
    from vectorstore.index import Hit


def stand(statement: Statement, hits: tuple[Hit, ...]) -> tuple[str, Quote] | None:
    """A statement with its quote, widened to whole sentences; None when it does not stand.

    It stands when its quote is in the passage it names, in one piece and of some length, and when it says nothing
    its quote does not: its words and numbers are the quote's, it denies when the quote denies, and it is Arabic.
    """
    if not 1 <= statement.passage <= len(hits):
        return None
    hit = hits[statement.passage - 1]
    span = locate(statement.quote, hit.article.body, hit.chunk.start, hit.chunk.end)
    if span is None or len(view(statement.quote).stems) < 3:
        return None
    inside = [s for s in hit.chunk.sentences if s.start < span.end and span.start < s.end]
    if not inside:
        return None
    # What the model joined across sentences is not one quote, however verbatim.
    if len(inside) > 2:
        return None
    quote = cut(hit.article, inside[0].start, inside[-1].end, hit.score)
    return (statement.text.strip(), quote) if supported(statement.text, quote) else None


_DENIALS = frozenset({"لا", "لم", "لن", "ليس", "ليست", "دون", "بدون", "غير", "ما"})


def supported(text: str, quote: Quote) -> bool:
    """Whether a statement in the model's words says no more than its quote, as far as words can tell."""
    said, shown = (
        understand(text),
        view(f"{quote.text} {quote.article.title} {quote.article.publisher or ''}"),
    )
    if said.english or not said.terms:
        return False
    digits = {form for form in view(text).forms if any(c.isdigit() for c in form)}
    dated = (
        view(quote.article.published.date.replace("-", " ")).forms
        if quote.article.published.date
        else frozenset()
    )
    if not digits <= (shown.forms | {d.lstrip("0") for d in dated}):
        return False
    if bool(_DENIALS - {"ما"} & view(text).forms) != bool(_DENIALS - {"ما"} & view(quote.text).forms) and (
        (_DENIALS - {"ما"}) & view(text).forms
    ):
        return False
    matched = [term.match(shown) for term in said.terms]
    names = all(match for term, match in zip(said.terms, matched, strict=True) if term.name)
    return names and sum(1 for match in matched if match) >= 0.7 * len(matched)
