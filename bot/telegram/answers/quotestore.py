"""The quotes that were sent, by their permanent ids."""

from __future__ import annotations

from collections.abc import Iterable

from bot.answer import Quote
from bot.permalink import Permalink, find_quote, open_permalink
from bot.quotes import Articles
from bot.state import State, stamp


class QuoteStore:
    """The table ``quotes`` of the bot's state. Blocks: not for the event loop."""

    def __init__(self, state: State, archive: Articles) -> None:
        self._state = state
        self._archive = archive

    def issue(self, quotes: Iterable[Quote]) -> None:
        """Store the ids of quotes that are sent, so that their permalinks can be opened."""
        now = stamp()
        rows = [(quote.id, quote.article.id, quote.start, quote.end, now) for quote in quotes]
        with self._state.writing() as db:
            db.conn.executemany("insert or ignore into quotes values (?, ?, ?, ?, ?)", rows)

    def find(self, id: str) -> Quote | None:
        """Return the quote with that id, cut anew from its article; None when it was never sent or is gone."""
        return find_quote(id, self._state, self._archive)

    def open(self, id: str) -> Permalink | None:
        """Return the quote with that id and what has become of its article; None when the id leads nowhere."""
        return open_permalink(id, self._state, self._archive)
