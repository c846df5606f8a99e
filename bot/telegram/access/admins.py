"""Permission to change a chat's settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from telegram import CallbackQuery, ChatMember, Message
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.telegram.outgoing.retries import Retries
from bot.telegram.runtime.recent import Latest

_KNOWN_FOR = 60.0
"""Seconds before Telegram is asked again for a user's status in a group."""


class Admins:
    """Users who may change a chat's settings.

    In private chats that is the user, in groups the owner and the administrators, including anonymous ones. A
    sender that speaks as a channel, the linked one too, is none: it does not say who it is.
    """

    def __init__(
        self, bot: ExtBot[Any], network: Retries, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bot = bot
        self._network = network
        self._clock = clock
        self._known: Latest[tuple[int, int], tuple[float, bool]] = Latest()

    async def wrote(self, message: Message) -> bool:
        """Return whether one of them wrote a message."""
        chat, sender = message.chat, message.sender_chat
        if sender is not None:
            return sender.id == chat.id  # only administrators can write in the group's own name
        return message.from_user is not None and await self._are(chat.type, chat.id, message.from_user.id)

    async def pressed(self, query: CallbackQuery) -> bool:
        """Return whether one of them pressed a button: a press always names the user, anonymous or not."""
        if query.message is None:
            return False
        return await self._are(query.message.chat.type, query.message.chat.id, query.from_user.id)

    async def _are(self, type: str, chat: int, user: int) -> bool:
        if type == ChatType.PRIVATE:
            return chat == user
        at, known = self._known.get((chat, user), (0.0, None))
        if known is not None and self._clock() - at < _KNOWN_FOR:
            return known
        try:
            member = await self._network.carry_out(
                chat, lambda now: self._bot.get_chat_member(now, user), again=True
            )
        except (BadRequest, Forbidden):
            return False
        found = member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR)
        self._known[chat, user] = (self._clock(), found)
        return found
