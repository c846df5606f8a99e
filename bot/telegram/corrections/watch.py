"""Watch over the archive: whatever changed it, chats that were given what changed are noted, and told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from bot.telegram.corrections.planning import Planner
from bot.telegram.corrections.sending import NoticeSender
from bot.telegram.corrections.store import CorrectionStore, Due
from corpus.errors import ArchiveError

if TYPE_CHECKING:
    from corpus.store import Archive, Change

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks at the number of the archive's last change."""
_AT_ONCE = 500
"""Changes that are looked through in one transaction."""
_LONGEST = 30
"""Multiples of ``gathers`` after which chats are told although the archive still changes."""


class Corrections:
    """The watch, as a task beside the bot's work; what it finds is told by itself too."""

    def __init__(
        self,
        *,
        archive: Archive,
        store: CorrectionStore,
        planner: Planner,
        sender: NoticeSender,
        gathers: float,
        every: float = EVERY,
    ) -> None:
        """Set the parts, and begin the watch where there was none before. Blocks: not for the event loop.

        ``gathers``: seconds without a change after which chats are told of those before.
        """
        self._archive = archive
        self._store = store
        self._planner = planner
        self._sender = sender
        self._gathers = gathers
        self._every = min(every, gathers)
        self._changed = 0.0
        store.scanned(archive.changes.last())

    async def run(self) -> None:
        """Look at intervals, until cancelled."""
        try:
            while True:
                try:
                    await self.once()
                except (ArchiveError, sqlite3.Error) as error:
                    log.warning("what changed in the archive was not looked through, trying again: %s", error)
                await asyncio.sleep(self._every)
        finally:
            await self._sender.stop()

    async def once(self) -> None:
        """Note what changed, fix what is told of it once the archive is quiet, and send that."""
        if await asyncio.to_thread(self._scan):
            self._changed = time.monotonic()
        due = await asyncio.to_thread(self._store.due)
        quiet = time.monotonic() - self._changed >= self._gathers
        for chat, theirs in due.items():
            if quiet or time.time() - theirs[0].since > self._gathers * _LONGEST:
                await asyncio.to_thread(self._planner.plan, chat, theirs)
        self._sender.send(await asyncio.to_thread(self._store.waiting))

    def _scan(self) -> bool:
        """Note the chats that were given quotes of what changed; return whether anything did."""
        last = self._archive.changes.last()
        begun = number = self._store.scanned(last)
        while number < last and (changes := self._archive.changes.after(number, _AT_ONCE)):
            number = changes[-1].number
            due = [each for change in changes for each in self._concerned(change)]
            self._store.note(due, number)
            if due:
                log.info(
                    "%d changes in the archive: quotes of %d chats looked through", len(changes), len(due)
                )
        return number > begun

    def _concerned(self, change: Change) -> list[Due]:
        """Return the chats that were given quotes of a source, unless only the reading of its text changed."""
        if change.kind == "reread":
            return []
        versions = [article.id for article in self._archive.versions_of(change.source)]
        return [
            Due(chat, change.source, change.before, time.time())
            for chat in sorted(self._planner.given.chats_of(versions))
        ]
