"""``/whoami``: the number, the language and the standing of a user or, for its administrators, of a group."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from telegram import Message, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.render.people import render_about
from bot.render.telegram import render_line
from bot.telegram.access.admins import Admins
from bot.telegram.access.gate import Gate
from bot.telegram.access.ratelimits import Limits, Rate
from bot.telegram.chats.addressing import command_in
from bot.telegram.chats.context import ChatContext, ChatContexts
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.errors import brief
from bot.telegram.runtime.update import UpdateContext, message_of
from prompts import say

log = logging.getLogger(__name__)

_STRANGER, _GROUP = Rate(3, 60.0), Rate(6, 60.0)
"""Limits on answers to one stranger, and in one group that is not let in."""


class WhoAmI:
    """Handler for ``/whoami``, which is answered outside the gate too."""

    kinds = ("message",)

    def __init__(self, *, gate: Gate, admins: Admins, delivery: Delivery, contexts: ChatContexts) -> None:
        self._gate = gate
        self._admins = admins
        self._delivery = delivery
        self._contexts = contexts
        self._limits = Limits(_STRANGER, _GROUP)

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (CommandHandler("whoami", self.whoami, filters.UpdateType.MESSAGE),)

    async def whoami(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        if here.private or await self._admins.wrote(message):
            await self._tell(message, here)
        else:
            await self._delivery.line(here, "telegram_whoami_admins_only", reply_to=message.message_id)

    def asks(self, message: Message) -> bool:
        """Return whether a message is the command, given to this bot."""
        return command_in(message, message.get_bot().bot) == "whoami"

    async def tell_stranger(self, message: Message, update_id: int) -> None:
        """Answer one who may not ask otherwise, now and then; in a group its administrators only."""
        here = self._contexts.of(message, update_id)
        if self._limits.take(here.user, None if here.private else here.chat) is not None:
            return
        try:
            if here.private or await self._admins.wrote(message):
                await self._tell(message, here)
        except TelegramError as error:
            log.info("a stranger was not told their number: %s", brief(error))

    async def _tell(self, message: Message, here: ChatContext) -> None:
        whose = "user" if here.private else "group"
        standing = await asyncio.to_thread(
            self._gate.standing_of, "user" if here.private else "chat", here.chat
        )
        speech = here.language
        html = "\n".join(
            [
                render_about(f"telegram_whoami_{whose}", speech, number=str(here.chat)),
                render_line(
                    say(
                        "telegram_whoami_standing",
                        speech,
                        spoken=say(f"telegram_settings_language_{speech}", speech),
                        standing=say(f"telegram_standing_{whose}_{standing}", speech),
                    ),
                    speech,
                ),
            ]
        )
        await self._delivery.send(here, [html], "whoami", reply_to=message.message_id)
