"""Quotes that a change of their article touches, and what is told of each."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.answer import Quote, UnverifiedQuoteError
from bot.changes.fate import fate_of
from bot.quotes import cut, verify
from corpus.article import Article

What = Literal["reworded", "dropped", "removed", "withdrawn", "noticed", "again"]
"""What is told of a quote: its words were changed or taken out, its article is gone from the archive, its page from its
outlet, text was put over the article, or the words stand again."""


class Versions(Protocol):
    """Articles in all their versions; ``corpus.store.Archive`` is one."""

    def article(self, ref: str) -> Article: ...
    def articles_of(self, source: str) -> list[Article]: ...
    def articles_by_id(self, ids: Collection[str]) -> dict[str, Article]: ...
    def elsewhere(self, article: Article) -> list[Article]: ...


@dataclass(frozen=True, slots=True)
class Touched:
    """A quote that was touched, with the words that stand in its place and the text over its article, if any."""

    quote: Quote
    what: What
    now: Quote | None = None
    above: Quote | None = None

    @property
    def wording(self) -> str:
        """A key of what is told, the same when the same would be told again."""
        of = self.above if self.what == "noticed" else self.now if self.what == "reworded" else None
        return f"{self.what}:{hashlib.sha256(of.text.encode()).hexdigest()[:16]}" if of else self.what

    def pack(self) -> dict[str, Any]:
        """Convert to JSON values, quotes as positions in their articles."""

        def place(quote: Quote | None) -> list[Any] | None:
            return None if quote is None else [quote.article.id, quote.start, quote.end]

        return {
            "quote": place(self.quote),
            "what": self.what,
            "now": place(self.now),
            "above": place(self.above),
        }

    @classmethod
    def unpack(cls, values: dict[str, Any], archive: Versions) -> Touched:
        """Restore from JSON values, each quote cut anew. Raises UnverifiedQuoteError."""

        def quote(place: list[Any] | None) -> Quote | None:
            if place is None:
                return None
            try:
                return verify(cut(archive.article(place[0]), place[1], place[2]), archive)
            except LookupError as error:
                raise UnverifiedQuoteError(f"the archive holds no article {place[0]}") from error

        old = quote(values["quote"])
        assert old is not None, "every quote has a place"
        return cls(old, values["what"], quote(values["now"]), quote(values["above"]))


def touched(quote: Quote, archive: Versions, before: Collection[str] = ()) -> Touched | None:
    """Return how a quote is touched by what its article has become; None when it stands.

    ``before``: the versions that stood before the change; see ``touched_by``.
    """
    current = archive.articles_of(quote.article.source)
    stood = list(archive.articles_by_id(before).values())
    found = touched_by(quote, current, stood)
    if found is None or found.what == "noticed":
        return Touched(quote, "withdrawn") if any(article.withdrawn for article in current) else found
    if found.what == "reworded":
        return found
    # A file may have got another name: the words are then elsewhere, and nobody took them out.
    others = archive.elsewhere(quote.article)
    return touched_by(quote, current, stood, others) if others else found


def touched_by(
    quote: Quote, current: Sequence[Article], before: Sequence[Article], others: Sequence[Article] = ()
) -> Touched | None:
    """Return how a change of a source's articles touches a quote; None when it does not.

    ``current``: the articles after it, ``before``: those that were replaced. Of a quote from an older version they hold
    the words that the change can touch: where those stand, or there are none, another change touched the quote, or a
    newer parser. ``others``: articles of other sources in which the words may stand.
    """
    fate = fate_of(quote, current, others)
    if fate.kind == "stands":
        return Touched(quote, "noticed", fate.now, fate.above) if fate.above is not None else None
    if before and all(article.id != quote.article.id for article in before):
        stood = fate_of(quote, before)
        if stood.now is None or (
            stood.kind == "reworded" and fate_of(stood.now, current, others).kind == "stands"
        ):
            return None
    return Touched(quote, fate.kind, fate.now, fate.above)
