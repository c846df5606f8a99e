"""Channels that the bot is a member of: what they post goes into the archive, and nothing is ever written there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.telegram.feeding.posts import Posts
from bot.telegram.runtime.update import UpdateContext
from corpus.errors import ArchiveError
from vectorstore.errors import VectorstoreError

log = logging.getLogger(__name__)


class Channels:
    """Handler for channels' posts and for their edits; the gate has let the channel in."""

    kinds = ("channel_post", "edited_channel_post")

    def __init__(self, *, posts: Posts | None, lock: asyncio.Lock) -> None:
        """Set the taker of posts, None where there is no archive to feed, and the lock of all who feed it."""
        self._posts = posts
        self._lock = lock

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (MessageHandler(filters.UpdateType.CHANNEL_POSTS, self.posted),)

    async def posted(self, update: Update, context: UpdateContext) -> None:
        message = update.channel_post or update.edited_channel_post
        if self._posts is None or message is None or _is_own(message):
            return
        try:
            async with self._lock:
                await asyncio.to_thread(self._posts.take, message)
        except (ArchiveError, VectorstoreError) as error:
            # Of no fault of the post's: it waits in the inbox until the archive can be written to again.
            log.warning("a post waits, for the archive cannot take it in now: %s", error)
            context.work.postponed = True


def _is_own(message: Message) -> bool:
    """Return whether a post is an answer of the bot that somebody put there: no quote becomes its own source."""
    bot = message.get_bot().bot
    return message.via_bot is not None and message.via_bot.id == bot.id
