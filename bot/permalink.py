"""Permalinks: the short, permanent id of a quote, and the way back from it to the passage in its article.

The id is made of the article's version and the place in it (``Quote.id``), so that it names the same words for good.
Only what went out has one that can be opened: the table ``quotes`` says where it leads.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.answer import Quote, UnverifiedQuoteError
from bot.quotes import Articles, cut, locate
from bot.state import State
from corpus.arabic import fold_text, sentences
from corpus.article import Article

_TOKEN = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:t|telegram)\.me/\w+/?\?start=|tg://resolve/?\?domain=\w+&start=)?"
    r"(?:q_)?([0-9a-f]{12})",
    re.IGNORECASE,
)
_NEAR = 55.0
"""How alike, of 100, the nearest words of a newer version must be to be shown."""


class Versions(Articles, Protocol):
    """Stored articles, and which of a source are current; ``corpus.store.Archive`` is one."""

    def articles_of(self, source: str) -> list[Article]: ...


Held = Literal["exact", "alike", "absent"]


@dataclass(frozen=True, slots=True)
class Permalink:
    """Where a permalink leads."""

    quote: Quote
    """Cut from its own version of the article, whatever became of the article since."""
    digest: str
    """SHA-256 of that version's body, hexadecimal."""
    newer: Article | None
    """The version that is current now; None when that is the quote's own, or when none is."""
    held: Held = "exact"
    """What the newer version still holds of the quote: its words, those but for marks and blanks, or neither."""
    now: Quote | None = None
    """The quote in the newer version, or the nearest to it there; None when nothing is near."""

    @property
    def standing(self) -> Literal["same", "changed", "removed"]:
        """What became of the article since it was quoted."""
        if self.newer is not None:
            return "changed"
        return "same" if self.quote.article.current else "removed"


def token(quote: Quote) -> str:
    """What stands for a quote in a link, in ``/quote`` and in an inline query."""
    return f"q_{quote.id}"


def address(bot: str, quote: Quote) -> str:
    """The link that opens a quote in the bot's private chat; ``bot`` is its user name."""
    return f"https://t.me/{bot}?start={token(quote)}"


def token_in(text: str) -> str | None:
    """The quote's id when the text is one: ``q_0123456789ab``, the id alone, or the link that holds it."""
    found = _TOKEN.fullmatch(text.strip())
    return found[1].lower() if found else None


def find_quote(id: str, state: State, archive: Articles) -> Quote | None:
    """The quote of that id, cut anew from its own version of the article; None when none went out or it is gone."""
    row = state.row("select article, start, stop from quotes where id = ?", [id])
    if row is None:
        return None
    try:
        quote = cut(archive.article(row["article"]), row["start"], row["stop"])
    except (LookupError, UnverifiedQuoteError):
        return None
    return quote if quote.id == id else None


def open_permalink(id: str, state: State, archive: Versions) -> Permalink | None:
    """Where the permalink of that id leads; None when it leads nowhere. Blocks: not for the event loop."""
    quote = find_quote(id, state, archive)
    if quote is None:
        return None
    digest = hashlib.sha256(quote.article.body.encode()).hexdigest()
    if quote.article.current:
        return Permalink(quote, digest, None)
    return _since(quote, digest, archive.articles_of(quote.article.source))


def paragraph_of(article: Article, at: int) -> tuple[int, int]:
    """In which paragraph of the body a place lies, and of how many; from 1."""
    count = [bool(line.strip()) for line in article.body.split("\n")]
    before = article.body.count("\n", 0, at)
    return max(sum(count[: before + 1]), 1), max(sum(count), 1)


def _since(quote: Quote, digest: str, current: list[Article]) -> Permalink:
    """What the source says now. The same article may have moved in its file, so its words come before its number."""
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
    """The same words in another version, where it says them several times those nearest to where they stood."""
    places = [found.start() for found in re.finditer(re.escape(quote.text), article.body)]
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - quote.start))
    return cut(article, start, start + len(quote.text))


def _nearest(quote: Quote, article: Article) -> Quote | None:
    """As many sentences in a row as the quote has, whose letters are most like its own."""
    from rapidfuzz.fuzz import ratio

    count = len(sentences(quote.text))
    spans = sentences(article.body)
    runs = [(spans[first], spans[first + count - 1]) for first in range(len(spans) - count + 1)]
    wanted = fold_text(quote.text)
    scored = [
        (ratio(wanted, fold_text(article.body[first.start : last.end])), first.start, last.end)
        for first, last in runs
    ]
    score, start, end = max(scored, default=(0.0, 0, 0))
    return cut(article, start, end) if score >= _NEAR else None
