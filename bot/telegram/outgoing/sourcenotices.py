"""What owners are told of followed sources: once when one is silent or fails longer than usual, once when it is back.

Of what began since the last look one message tells, however many sources it is. What was told stands in the table
``notified`` under ``source:ADDRESS`` for as long as the trouble lasts, across restarts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.render.feed import render_sources_back, render_sources_troubled
from bot.state import State, stamp
from bot.telegram.chats.context import ChatContext, ChatContexts
from bot.telegram.chats.zones import zone
from bot.telegram.outgoing.ownernotices import OwnerNotices
from corpus.following import Followed, Following

log = logging.getLogger(__name__)

_KEY = "source:"


class SourceNotices:
    """Sender of these notices."""

    def __init__(
        self,
        *,
        state: State,
        following: Callable[[], Following | None],
        owner_notices: OwnerNotices,
        contexts: ChatContexts,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Set the parts; ``following`` returns the sources that are followed, None while nothing ever was."""
        self._state = state
        self._following = following
        self._owner_notices = owner_notices
        self._contexts = contexts
        self._now = now

    async def once(self) -> None:
        """Tell what is new since the last time. Raises ArchiveError; what was not told is told the next time."""
        now = self._now()
        began, back = await asyncio.to_thread(self._look, now)
        if began:
            log.warning("%d followed sources are silent or cannot be read", len(began))

            def troubled(here: ChatContext) -> str:
                local = zone(self._contexts.settings(here).zone)
                return render_sources_troubled(began, now, here.language, local)

            await self._owner_notices.send_each(troubled, "sources", 0)
            await asyncio.to_thread(self._remember, began)
        if back:
            log.info("%d followed sources are back", len(back))
            await self._owner_notices.send_each(
                lambda here: render_sources_back(back, here.language), "sources back", 0
            )
            await asyncio.to_thread(self._forget, [each.address for each in back])

    def _look(self, now: datetime) -> tuple[list[Followed], list[Followed]]:
        """Return the sources whose trouble has begun, and those that are over theirs, since the last notice."""
        following = self._following()
        if following is None:
            return [], []
        sources = {each.address: each for each in following.all()}
        troubled = {a for a, each in sources.items() if each.standing(now) in ("silent", "failing")}
        rows = self._state.rows("select key from notified where key glob ?", [f"{_KEY}*"])
        told = {str(row["key"]).removeprefix(_KEY) for row in rows}
        if gone := told - sources.keys():  # followed no more
            self._forget(sorted(gone))
        return (
            [each for address, each in sources.items() if address in troubled - told],
            [each for address, each in sources.items() if address in told - troubled],
        )

    def _remember(self, sources: Sequence[Followed]) -> None:
        with self._state.writing() as db:
            for each in sources:
                db.execute("insert or ignore into notified values (?, ?)", [_KEY + each.address, stamp()])

    def _forget(self, addresses: Sequence[str]) -> None:
        with self._state.writing() as db:
            for address in addresses:
                db.execute("delete from notified where key = ?", [_KEY + address])
