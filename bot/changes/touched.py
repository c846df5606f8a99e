"""Quotes that a change of their article touches, and what is told of each."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.answer import Quote, UnverifiedQuoteError
from bot.changes.fate import Fate, fate_of
from bot.quotes import cut, verify
from corpus.article import Article

What = Literal["reworded", "dropped", "removed", "noticed", "again"]
"""What is told of a quote: its words were changed or taken out, its article is gone, text was put over the article, or
the words stand again."""


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
            return quote and [quote.article.id, quote.start, quote.end]

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

    ``before``: the versions that stood before the change. Of a quote from an older one they hold the words that the
    change can touch: where those stand, or there are none, another change touched the quote, or a newer parser.
    """
    current = archive.articles_of(quote.article.source)
    fate = _fate(quote, archive, current)
    if fate.kind == "stands":
        return Touched(quote, "noticed", fate.now, fate.above) if fate.above is not None else None
    if before and quote.article.id not in before:
        stood = fate_of(quote, list(archive.articles_by_id(before).values()))
        if stood.now is None or (
            stood.kind == "reworded" and _fate(stood.now, archive, current).kind == "stands"
        ):
            return None
    return Touched(quote, fate.kind, fate.now, fate.above)


def _fate(quote: Quote, archive: Versions, current: Sequence[Article]) -> Fate:
    fate = fate_of(quote, current)
    if fate.kind in ("dropped", "removed"):
        others = archive.elsewhere(quote.article)
        return fate_of(quote, current, others) if others else fate
    return fate
