"""Sending: replies in their place, and the typing that shows that the bot is at work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from telegram import LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError

from bot.telegram.place import Place

log = logging.getLogger(__name__)

TYPING_AFTER = 0.3
"""Seconds until typing shows: a quicker answer needs none, and typing sent beside it would outlive it."""
TYPING_EVERY = 4.0
"""Seconds between two typing actions; Telegram shows each for five."""


async def send(message: Message, place: Place, parts: Sequence[str]) -> list[Message]:
    """Send messages of HTML, in order, where ``message`` stands; in groups as replies to it.

    A TelegramError ends it at the part that failed. A lost reply may have been delivered, so that nothing is
    sent twice.
    """
    reply = None if place.private else ReplyParameters(message.message_id, allow_sending_without_reply=True)
    return [
        await message.get_bot().send_message(
            place.chat,
            part,
            parse_mode=ParseMode.HTML,
            message_thread_id=place.thread,
            reply_parameters=reply,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        for part in parts
    ]


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
