"""Make questions from an archive's own articles, to calibrate a judge on it. No model writes them.

- *headline*: an article's headline, asked as it stands. Right are the lead sentences that name most of its words
  (``NAMED``). When it is judged, the headline itself is hidden (``bot.answering.calibrating.calibrate``).
- *keywords*: of a sentence further down, two thirds of its content words behind «متى», «كم» or «ما», without the
  date or number that it gives. Right is that sentence.

They differ from real questions. They repeat the article's own words, so finding and judging them is easier, and
they are not well-formed Arabic; a calibration on them says how a judge's scores lie in this archive, and not how
often the bot will be right for its readers. English articles are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal

from bot.answering import features
from bot.answering.directives import directs
from bot.answering.matching import view
from bot.answering.question import is_english, understand
from corpus.arabic.questions import written_interrogatives
from corpus.arabic.sentences import sentences_of
from corpus.article import Article, Span

LEAD = 3
"""Number of sentences at the top of an article that its headline may sum up."""
MOST_WORDS = 7
"""Maximum number of content words of a question, taken from the start."""
NAMED = 0.6
"""Minimum share of a headline's words that a sentence must name to answer it."""
_SHORTEST, _LONGEST = 8, 40  # words of a sentence that a question is made from

Kind = Literal["headline", "keywords"]


@dataclass(frozen=True, slots=True)
class SelfMade:
    """A question with its article and the sentences that answer it."""

    kind: Kind
    text: str
    article: Article
    right: tuple[Span, ...]
    """Spans of the sentences that answer, in the article's body."""


def questions(articles: Iterable[Article], most: int) -> list[SelfMade]:
    """Make at most ``most`` questions, both kinds in turn and at most one of each kind per article.

    The result is the same for the same articles in the same order.
    """
    headlines: list[SelfMade] = []
    keywords: list[SelfMade] = []
    for article in articles:
        if min(len(headlines), len(keywords)) >= most:
            break
        if is_english(article.body[:500]):
            continue
        found = [span for span in sentences_of(article) if not article.recurs(span)]
        headlines += _of_headline(article, found)
        keywords += _of_sentence(article, found)
    turns = chain.from_iterable(zip_longest(headlines, keywords))
    return [each for each in turns if each is not None][:most]


def _of_headline(article: Article, found: list[Span]) -> Iterator[SelfMade]:
    words = understand(article.title).words
    right = tuple(
        span
        for span in found[:LEAD]
        if sum(word.match(view(_text(article, span))) for word in words) >= NAMED * len(words)
    )
    if len(words) >= 3 and right:
        yield SelfMade("headline", article.title, article, right)


def _of_sentence(article: Article, found: list[Span]) -> Iterator[SelfMade]:
    """Yield a question of the first sentence below the lead that is neither short nor long.

    A sentence that gives a date or a number is preferred.
    """
    fitting = [
        span
        for span in found[LEAD:] or found[1:]
        if _SHORTEST <= len(_text(article, span).split()) <= _LONGEST and not directs(_text(article, span))
    ]
    made = [each for span in fitting[:5] if (each := _keywords(article, span)) is not None]
    made.sort(key=lambda each: each.text.startswith(f"{written_interrogatives()['which_is']} "))
    yield from made[:1]


def _keywords(article: Article, span: Span) -> SelfMade | None:
    text = _text(article, span)
    day = features.anchor(article)
    dates, numbers = features.dates(text, day), features.numbers(text, day)
    asked = written_interrogatives()["when" if dates else "how_many" if numbers else "which_is"]
    held = [(each.start, each.end) for each in (dates or numbers)]
    words = [
        word.text
        for word in understand(text).words
        if word.value is None
        and not any(word.span.start < end and start < word.span.end for start, end in held)
    ]
    kept = [word for n, word in enumerate(words) if n % 3 != 2][:MOST_WORDS]
    if len(kept) < 3:
        return None
    return SelfMade("keywords", f"{asked} {' '.join(kept)}؟", article, (span,))


def _text(article: Article, span: Span) -> str:
    return article.body[span.start : span.end]
