"""Progress of long work, shown in the chat that asked for it, and the point where cancelled work ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.telegram.chats.context import ChatContext
from bot.telegram.intake.workers import StoppingError
from bot.telegram.outgoing.delivery import Delivery
from prompts import Language, say

_EVERY = 2.0
"""Seconds between two edits that show progress: Telegram allows few edits a minute."""


class Shown:
    """A progress callback that holds the line to show; called from the working thread."""

    def __init__(self, language: Language, name: str, text: str) -> None:
        self._language = language
        self._name = name
        self.text = text
        self.over = False
        """Whether nobody waits for the work any more.

        A thread cannot be cancelled, but its next call of this object raises StoppingError.
        """

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.over:
            raise StoppingError
        if stage == "reindex":
            self.text = say("feed_reindexing", self._language, done=done, total=total)
        elif stage == "embed" or (stage == "read" and total > 1):  # a file of many articles
            name = "feed_embedding" if stage == "embed" else "feed_reading_entries"
            self.text = say(name, self._language, name=self._name, done=done, total=total)


@asynccontextmanager
async def shown(
    delivery: Delivery,
    here: ChatContext,
    number: int | None,
    name: str,
    text: str,
    html: Callable[[str], Awaitable[str]],
) -> AsyncIterator[Shown]:
    """Yield a progress callback, shown in a message of the bot; after the block it ends the work that calls it.

    ``name``: what the work is on. The message begins with ``text`` and is rendered by ``html`` each time, so that
    what stands beside the progress is up to date.
    """
    progress = Shown(here.language, name, text)
    showing = asyncio.create_task(_show(delivery, here, number, progress, html))
    try:
        yield progress
    finally:
        progress.over = True
        showing.cancel()
        await asyncio.wait({showing})


async def _show(
    delivery: Delivery,
    here: ChatContext,
    number: int | None,
    progress: Shown,
    html: Callable[[str], Awaitable[str]],
) -> None:
    said = ""
    while number is not None:
        await asyncio.sleep(_EVERY)
        new = await html(progress.text)
        if new != said:
            said = new
            await delivery.edit(here.chat, number, new)
