"""Messages to the bot's owners, each in the language that the owner has set."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from telegram.error import TelegramError

from bot.render.telegram import render_line
from bot.telegram.chats.context import ChatContext, ChatContexts
from bot.telegram.outgoing.delivery import Delivery, Part
from prompts import Language, say

log = logging.getLogger(__name__)


class OwnerNotices:
    """Sender of messages to all owners in their private chats; those who cannot be reached are passed over."""

    def __init__(
        self, *, delivery: Delivery, contexts: ChatContexts, owners: frozenset[int], language: Language
    ) -> None:
        """Set the owners' IDs, and the language of those who have set none."""
        self._delivery = delivery
        self._contexts = contexts
        self._owners = sorted(owners)
        self.language = language

    async def line(self, name: str, update_id: int, **variables: Any) -> None:
        """Send a message of ``prompts/messages``, for the work on an update, 0 for none."""
        await self.send(
            lambda language: render_line(say(name, language, **variables), language),
            f"line:{name}",
            update_id,
        )

    async def send(self, part_in: Callable[[Language], str | Part], label: str, update_id: int) -> None:
        """Send the message that ``part_in`` makes in each owner's language, once for the update."""
        await self.send_each(lambda here: part_in(here.language), label, update_id)

    async def send_each(
        self, part_for: Callable[[ChatContext], str | Part], label: str, update_id: int
    ) -> None:
        """Send the message that ``part_for`` makes for each owner's private chat, once for the update."""
        for owner in self._owners:
            here = self._contexts.private(owner, self.language, update_id)
            try:
                # A label for each owner: one update's work sends a label once.
                await self._delivery.send(here, [part_for(here)], f"{label}:{owner}", repeat=True)
            except TelegramError as error:
                log.info("an owner could not be notified: %s", error)

    async def edit(self, chat: int, message: int, part_in: Callable[[Language], str | Part]) -> None:
        """Edit a message to an owner, whose private chat is ``chat``."""
        language = self._contexts.private(chat, self.language, 0).language
        try:
            await self._delivery.edit(chat, message, part_in(language))
        except TelegramError as error:
            log.info("an owner's message could not be changed: %s", error)
