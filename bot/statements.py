"""What of a chat model's statements goes into an answer.

A statement has words, a passage's number and a quote. It stands when

- its quote is in that passage, in one piece, of some length, in no more than two sentences;
- one of these sentences could answer the question by the evidence (``bot.evidence``): it holds what is asked for, ranks
  not far behind the best that does, and its passage speaks of whom the question names; and none tells a machine what to
  do (``bot.directives``).

Then the whole sentence is quoted. The statement's own words are shown when they are that sentence shortened
(``bot.wording``), else the quote goes out without them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answer import Answer, Quote
from bot.candidates import FEATURES, Candidate, candidates
from bot.directives import directs
from bot.evidence import MOST_QUOTES, fitting
from bot.llm import Statement
from bot.matching import view
from bot.question import Asked
from bot.quotes import cut, locate
from bot.wording import as_published
from corpus.arabic import sentences, words
from prompts import Language, say

if TYPE_CHECKING:
    from vectorstore.index import Hit

_COVERAGE = FEATURES.index("coverage")
_SHORTEST_QUOTE = 3  # words; fewer are found anywhere
_MOST_SENTENCES = 2
_BEHIND = 4.0
"""Log odds by which a sentence may rank below the best one that could answer: twice what a further quote may."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A statement that stands: its quote, and its words where they say no more ("" else)."""

    text: str
    quote: Quote


def tell(
    extractive: Answer, statements: Sequence[Statement], asked: Asked, hits: Sequence[Hit], language: Language
) -> Answer:
    """The answer that the statements make; where none stands, the extractive one, which then says so.

    No statements means that the model found no answer in the passages. The evidence found one, so it goes out with
    that said: a reader can judge the quote, and a model that is told to refuse must not be able to silence the archive.
    """
    if not statements:
        return replace(extractive, notice=say("llm_no_answer", language))
    standing = stand(statements, asked, hits)
    if not standing:
        return replace(extractive, notice=say("llm_unverified", language))
    quotes = tuple(dict.fromkeys(found.quote for found in standing))
    text = "\n".join(dict.fromkeys(found.text for found in standing if found.text))
    if text:
        return replace(extractive, text=text, quotes=quotes, mode="llm")
    # The first line of the extractive answer rests on its first quote.
    direct = extractive.text if any(quote.id == extractive.quotes[0].id for quote in quotes) else ""
    return replace(extractive, text=direct, quotes=quotes, mode="llm", notice=say("llm_words", language))


def stand(statements: Sequence[Statement], asked: Asked, hits: Sequence[Hit]) -> list[Standing]:
    """The statements that stand, in order, on at most three quotes."""
    fit = _could_answer(asked, hits)
    standing: list[Standing] = []
    quotes: list[Quote] = []
    for statement in statements:
        found = _stand(statement, hits, fit)
        if found is None:
            continue
        same = next((quote for quote in quotes if _overlap(quote, found.quote)), None)
        if same is None and len(quotes) < MOST_QUOTES:
            quotes.append(found.quote)
            standing.append(found)
        elif same is not None and found.quote.text in same.text:
            standing.append(replace(found, quote=same))
    return standing


def _stand(
    statement: Statement, hits: Sequence[Hit], fit: Mapping[tuple[str, int], Candidate]
) -> Standing | None:
    if not 1 <= statement.passage <= len(hits):
        return None
    hit = hits[statement.passage - 1]
    body = hit.article.body
    span = locate(statement.quote, body, hit.chunk.start, hit.chunk.end)
    if span is None or len(words(body, span.start, span.end)) < _SHORTEST_QUOTE:
        return None
    inside = [s for s in hit.chunk.sentences if s.start < span.end and span.start < s.end]
    if len(inside) > _MOST_SENTENCES:
        return None
    around = view(f"{hit.article.title}\n{hit.text}")
    chosen = [
        candidate
        for s in inside
        if (candidate := fit.get((hit.article.id, s.start))) is not None
        and all(term.match(around) for term in candidate.names_missing)
    ]
    if not chosen:
        return None
    quote = _quote(chosen)
    if any(directs(quote.text[s.start : s.end]) for s in sentences(quote.text)):
        return None
    sources = "\n".join(body[candidate.start : candidate.end] for candidate in chosen)
    return Standing(as_published(statement.text, sources, _day(hit)) or "", quote)


def _could_answer(asked: Asked, hits: Sequence[Hit]) -> dict[tuple[str, int], Candidate]:
    """The sentences that could answer, by article and place: those with some word of the question, by the evidence's
    own rule but for one thing.

    Whom the question names need not be named as near as the evidence asks for: a model reads whom «الانضمام» is said of
    three sentences on.
    """
    found = {(c.article.id, c.start): c for c in candidates(asked, hits) if c.features[_COVERAGE] > 0}
    fit = fitting(asked, [replace(c, names_missing=()) for c in found.values()])
    keys = [(c.article.id, c.start) for c in fit if c.rank >= fit[0].rank - _BEHIND]
    return {key: found[key] for key in keys}


def _quote(chosen: Sequence[Candidate]) -> Quote:
    """The sentences as one quote, from where the first of them is to be read."""
    probability = max(candidate.probability for candidate in chosen)
    return cut(chosen[0].article, chosen[0].opens_before, chosen[-1].end, round(probability, 4))


def _overlap(first: Quote, second: Quote) -> bool:
    return first.article.id == second.article.id and first.start < second.end and second.start < first.end


def _day(hit: Hit) -> datetime.date | None:
    published = hit.article.published
    if published.date is None or published.precision != "day":
        return None
    return datetime.date.fromisoformat(published.date)
