"""Progress of long work, shown in the chat that asked for it, and the point where cancelled work ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.render.direction import line
from bot.telegram.chats.context import ChatContext
from bot.telegram.intake.workers import StoppingError
from bot.telegram.outgoing.delivery import Delivery
from prompts import Language, say

_EVERY = 2.0
"""Seconds between two edits that show progress: Telegram allows few edits a minute."""


class Shown:
    """A progress callback that holds the line to show; called from the working thread."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.text = ""
        self.over = False
        """Whether nobody waits for the work any more.

        A thread cannot be cancelled, but its next call of this object raises StoppingError.
        """

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.over:
            raise StoppingError
        if stage != "read":
            name = "feed_reindexing" if stage == "reindex" else "feed_embedding"
            self.text = say(name, self._language, done=done, total=total)


@asynccontextmanager
async def shown(delivery: Delivery, here: ChatContext, number: int | None) -> AsyncIterator[Shown]:
    """Yield a progress callback, shown in a message of the bot; after the block it ends the work that calls it."""
    progress = Shown(here.language)
    showing = asyncio.create_task(_show(delivery, here, number, progress))
    try:
        yield progress
    finally:
        progress.over = True
        showing.cancel()
        await asyncio.wait({showing})


async def _show(delivery: Delivery, here: ChatContext, number: int | None, progress: Shown) -> None:
    said = ""
    while number is not None:
        await asyncio.sleep(_EVERY)
        if progress.text and progress.text != said:
            said = progress.text
            await delivery.edit(here.chat, number, line(said, here.language))
