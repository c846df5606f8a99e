"""Permalinks: short, permanent ids of quotes, resolved to the passage in its article.

The id is computed from the article's version and the position in it (``Quote.id``), so that it always names the
same words. Only quotes that were sent can be opened by it: the table ``quotes`` stores their positions.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Literal

from bot.answer import Quote, Standing, UnverifiedQuoteError
from bot.quotes import Articles, cut, locate, standing_of
from bot.state import State
from corpus.arabic import fold_text, sentences_of
from corpus.article import Article

_TOKEN = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:t|telegram)\.me/\w+/?\?start=|tg://resolve/?\?domain=\w+&start=)?"
    r"(?:q_)?([0-9a-f]{12})",
    re.IGNORECASE,
)
_NEAR = 55.0
"""Minimum similarity, out of 100, at which the nearest words of a newer version are shown."""


Held = Literal["exact", "alike", "absent"]


@dataclass(frozen=True, slots=True)
class Permalink:
    """A resolved permalink: its quote, and the newer version of the article, if any."""

    quote: Quote
    """Cut from its own version of the article, even when the article was changed or removed since."""
    digest: str
    """SHA-256 of that version's body, hexadecimal."""
    newer: Article | None
    """The current version; None when that is the quote's own, or when there is none."""
    held: Held = "exact"
    """Whether the newer version holds the quote's words, the same except for marks and blanks, or neither."""
    now: Quote | None = None
    """The quote in the newer version, or the text nearest to it there; None when nothing is near."""

    @property
    def standing(self) -> Standing:
        """Whether the article is the same, changed or removed since it was quoted."""
        if self.newer is not None:
            return "changed"
        return "same" if self.quote.article.current else "removed"


def token(quote: Quote) -> str:
    """Return the token for a quote in a link, in ``/quote`` and in an inline query."""
    return f"q_{quote.id}"


def address(bot: str, quote: Quote) -> str:
    """Return the link that opens a quote in the bot's private chat; ``bot`` is its user name."""
    return f"https://t.me/{bot}?start={token(quote)}"


def token_in(text: str) -> str | None:
    """Return the id in ``q_0123456789ab``, in the id alone or in a link with it; None for any other text."""
    found = _TOKEN.fullmatch(text.strip())
    return found[1].lower() if found else None


def find_quote(id: str, state: State, archive: Articles) -> Quote | None:
    """Return the quote with that id, cut anew from its version of the article; None when never sent or gone."""
    row = state.row("select article, start, stop from quotes where id = ?", [id])
    if row is None:
        return None
    try:
        quote = cut(archive.article(row["article"]), row["start"], row["stop"])
    except (LookupError, UnverifiedQuoteError):
        return None
    if quote.id != id:
        return None
    return replace(quote, standing=standing_of(quote.article, archive, quote.text))


def open_permalink(id: str, state: State, archive: Articles) -> Permalink | None:
    """Resolve the permalink with that id; return None when it leads nowhere. Blocks: not for the event loop."""
    quote = find_quote(id, state, archive)
    if quote is None:
        return None
    digest = hashlib.sha256(quote.article.body.encode()).hexdigest()
    if quote.article.current:
        return Permalink(quote, digest, None)
    return _since(quote, digest, archive.articles_of(quote.article.source))


def paragraph_of(article: Article, at: int) -> tuple[int, int]:
    """Return the number of the paragraph at an offset of the body, from 1, and the number of paragraphs."""
    if article.blocks:
        return (article.block_at(at) or 0) + 1, len(article.blocks)
    count = [bool(line.strip()) for line in article.body.split("\n")]
    before = article.body.count("\n", 0, at)
    return max(sum(count[: before + 1]), 1), max(sum(count), 1)


def _since(quote: Quote, digest: str, current: list[Article]) -> Permalink:
    """Find the quote in the source's current articles, by words before number: an article may move in its file."""
    same_part = [article for article in current if article.part == quote.article.part]
    for article in (*same_part, *current):
        if found := _exact(quote, article):
            return Permalink(quote, digest, article, "exact", found)
    for article in (*same_part, *current):
        if span := locate(quote.text, article.body):
            return Permalink(quote, digest, article, "alike", cut(article, span.start, span.end))
    if same_part:
        return Permalink(quote, digest, same_part[0], "absent", _nearest(quote, same_part[0]))
    return Permalink(quote, digest, None)


def _exact(quote: Quote, article: Article) -> Quote | None:
    """Return the same words in another version; of several occurrences, the one nearest to the old position."""
    places = [found.start() for found in re.finditer(re.escape(quote.text), article.body)]
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - quote.start))
    return cut(article, start, start + len(quote.text))


def _nearest(quote: Quote, article: Article) -> Quote | None:
    """Return the run of as many sentences as the quote has whose letters are most similar to its own."""
    from rapidfuzz.fuzz import ratio

    count = len(sentences_of(quote.article, quote.start, quote.end))
    spans = sentences_of(article)
    runs = [(spans[first], spans[first + count - 1]) for first in range(len(spans) - count + 1)]
    wanted = fold_text(quote.text)
    scored = [
        (ratio(wanted, fold_text(article.body[first.start : last.end])), first.start, last.end)
        for first, last in runs
    ]
    score, start, end = max(scored, default=(0.0, 0, 0))
    return cut(article, start, end) if score >= _NEAR else None
