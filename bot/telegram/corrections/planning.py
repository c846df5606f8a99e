"""What a chat is told of the articles that changed: only what touches its quotes, never the same twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.changes.given import Given, GivenQuotes
from bot.changes.touched import Touched, touched
from bot.permalink import find_quote
from bot.telegram.corrections.store import CorrectionStore, Due, Item

if TYPE_CHECKING:
    from bot.state import State
    from corpus.store import Archive

MOST_SINGLE = 3
"""Most notices of one article that a chat gets in an hour; what is beyond goes into a digest, one an hour."""
HOUR = 3600.0
_NOTICED_AGAIN = timedelta(days=1)
"""Time in which a chat is told only once of text over the same article: of one that grows upwards it comes often."""


@dataclass(frozen=True, slots=True)
class Planner:
    """The planning for all chats. Blocks: not for the event loop."""

    state: State
    archive: Archive
    store: CorrectionStore
    given: GivenQuotes
    wants: Callable[[int, int | None], bool]
    """Whether a chat, or a topic there, is let in and is to be told."""

    def plan(self, chat: int, due: list[Due]) -> None:
        """Turn what is due in a chat into notices.

        Leave it due while the chat has had its share of the hour, or one of the answers is still being sent.
        """
        single, digest = self.store.recent(chat, HOUR)
        if digest or any(given.at_work for each in due for given in self._given(each)):
            return
        items = [item for each in due if (item := self._item(each)) is not None]
        if single + len(items) <= MOST_SINGLE:
            self.store.fix(chat, due, [[item] for item in items])
        else:
            self.store.fix(chat, due, [items], digest=True)

    def _item(self, due: Due) -> Item | None:
        """Return the quotes that a chat was given of a source and that are touched; None for none."""
        given = [
            each for each in self._given(due) if self.wants(each.chat, each.thread if each.chat < 0 else None)
        ]
        found = [
            each
            for id in dict.fromkeys(each.quote for each in given)
            if (each := self._touched(id, due)) is not None
        ]
        return Item.of(found, given) if found else None

    def _given(self, due: Due) -> list[Given]:
        versions = [article.id for article in self.archive.versions_of(due.source)]
        return self.given.of_articles(versions, due.chat)

    def _touched(self, id: str, due: Due) -> Touched | None:
        """Return how a quote is touched, unless the chat was told of it."""
        quote = find_quote(id, self.state, self.archive)
        if quote is None:
            return None
        told = self.store.wordings(due.chat, id)
        found = touched(quote, self.archive, due.before)
        if found is None or found.what == "noticed":
            # What stands, or stands again: to be said only to those who were told otherwise.
            if told and not next(reversed(told)).startswith(("again", "noticed")):
                found = Touched(quote, "again", above=found.above if found is not None else None)
            elif found is None or self._noticed_lately(told):
                return None
        return None if found.wording in told else found

    def _noticed_lately(self, told: dict[str, str]) -> bool:
        since = (datetime.now(UTC) - _NOTICED_AGAIN).isoformat(timespec="seconds")
        return any(at > since for wording, at in told.items() if wording.startswith("noticed"))
