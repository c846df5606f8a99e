"""The typing that shows that the bot is at work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Message
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.telegram.place import Place

log = logging.getLogger(__name__)

TYPING_AFTER = 0.3
"""Seconds until typing shows: a quicker answer needs none, and typing sent beside it would outlive it."""
TYPING_EVERY = 4.0
"""Seconds between two typing actions; Telegram shows each for five."""


@asynccontextmanager
async def typing(message: Message, place: Place) -> AsyncIterator[None]:
    """Show in the chat that the bot types, for as long as the block runs."""
    task = asyncio.create_task(_type(message, place))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _type(message: Message, place: Place) -> None:
    await asyncio.sleep(TYPING_AFTER)
    while True:
        try:
            await message.get_bot().send_chat_action(
                place.chat, ChatAction.TYPING, message_thread_id=place.thread
            )
        except TelegramError as error:
            # The answer matters, not the sign that it is coming.
            log.debug("typing was not shown: %s", error)
        await asyncio.sleep(TYPING_EVERY)
