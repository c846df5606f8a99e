"""Tasks done at start, every minute and once a day."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.state import State, stamp
from bot.telegram.features.erasure import Memory
from bot.telegram.outgoing.ownernotices import OwnerNotices
from bot.telegram.outgoing.sourcenotices import SourceNotices

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)


class Upkeep:
    """The tasks: erase old data, tell the owners of a used-up model budget and of followed sources in trouble."""

    def __init__(
        self,
        *,
        settings: Settings,
        state: State,
        owner_notices: OwnerNotices,
        source_notices: SourceNotices,
        every: float = 60.0,
    ) -> None:
        """Set the parts; ``every``: seconds between two looks at what is due."""
        self._settings = settings
        self._state = state
        self._owner_notices = owner_notices
        self._source_notices = source_notices
        self._memory = Memory(state)
        self._every = every
        self._expired: str | None = None

    async def run(self) -> None:
        """Run the tasks at intervals until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> None:
        from corpus.errors import ArchiveError

        try:
            await self._expire()
            await self._notify_spent()
            await self._source_notices.once()
        except (ArchiveError, TelegramError) as error:
            log.warning("what is done at intervals was not, trying again: %s", error)

    async def _expire(self) -> None:
        days = self._settings.retention_days
        now = datetime.now(UTC)
        if not days or self._expired == now.date().isoformat():
            return
        gone = await asyncio.to_thread(self._memory.expire, now - timedelta(days=days))
        self._expired = now.date().isoformat()
        if gone:
            log.info("%d questions from more than %d days ago were erased", gone, days)

    async def _notify_spent(self) -> None:
        """Tell the owners, once a day, that the chat model's budget is used up."""
        from bot.llm.budget import Budget

        most = self._settings.llm_daily
        if not most:
            return
        budget = Budget(self._state, most)
        if await asyncio.to_thread(budget.spent) and await asyncio.to_thread(
            self._first, f"llm_spent:{budget.day}"
        ):
            log.warning("the chat model has reached its daily limit (%d): answers go out without it", most)
            await self._owner_notices.line("telegram_llm_spent", 0, most=most)

    def _first(self, key: str) -> bool:
        with self._state.writing() as db:
            return db.execute("insert or ignore into notified values (?, ?)", [key, stamp()]).rowcount > 0
