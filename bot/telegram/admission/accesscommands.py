"""``/allow`` and ``/deny``: owners let in and shut out whom they name."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from telegram import (
    Bot,
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginUser,
    Update,
)
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.render.people import render_about, shown
from bot.telegram.access.store import AccessStore, Party, Verdict
from bot.telegram.admission.decisions import Decisions
from bot.telegram.chats.context import ChatContexts
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.update import UpdateContext, message_of


class AccessCommands:
    """Handlers for the owners' access commands in private chats."""

    kinds = ("message", "my_chat_member")

    def __init__(
        self,
        *,
        owners: frozenset[int],
        register: AccessStore,
        decisions: Decisions,
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        self._owners = owners
        self._register = register
        self._decisions = decisions
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        owners = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.User(self._owners)
        return (
            CommandHandler("allow", self.allow, owners),
            CommandHandler("deny", self.deny, owners),
        )

    async def allow(self, update: Update, context: UpdateContext) -> None:
        await self._decide(update, "allowed")

    async def deny(self, update: Update, context: UpdateContext) -> None:
        await self._decide(update, "denied")

    async def _decide(self, update: Update, verdict: Verdict) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        party = await self._meant(message)
        if isinstance(party, str):
            await self._delivery.line(here, party)
            return
        if party.kind == "user" and party.id in self._owners:
            await self._delivery.line(here, "telegram_allow_owner")
            return
        owner = message.from_user
        name = shown(owner.full_name) if owner else ""
        await self._decisions.decide_on(party, verdict, here.user, name, update.update_id)
        html = render_about(f"telegram_{verdict}", here.language, name=party.label)
        await self._delivery.send(here, [html], "set")

    async def _meant(self, message: Message) -> Party | str:
        """Return the user or chat that a command names, or the name of the message that explains why none is."""
        words = (message.text or "").split()[1:]
        if len(words) > 1:
            return "telegram_allow_usage"
        if words:
            return await self._called(words[0], message)
        replied = message.reply_to_message
        if replied is None:
            return "telegram_allow_usage"
        found = _author(replied)
        if found is None:
            found = await asyncio.to_thread(self._register.asked_by, replied.chat.id, replied.message_id)
        if found is not None:
            return found
        return "telegram_allow_hidden" if replied.forward_origin else "telegram_allow_usage"

    async def _called(self, name: str, message: Message) -> Party | str:
        if re.fullmatch(r"-?\d{1,15}", name):
            number = int(name)
            if not number:
                return "telegram_allow_unknown"
            return await asyncio.to_thread(self._register.known, "user" if number > 0 else "chat", number)
        found = await asyncio.to_thread(self._register.named, name)
        if found is None and name.startswith("@"):
            found = await _public_chat(name, message.get_bot())
        return found or "telegram_allow_unknown"


async def _public_chat(name: str, bot: Bot) -> Party | None:
    """Return the group or channel with a public name; Telegram does not tell bots users' names."""
    try:
        chat = await bot.get_chat(name)
    except TelegramError:
        return None
    return Party("chat", chat.id, shown(chat.title or ""), chat.username or "") if chat.id < 0 else None


def _author(message: Message) -> Party | None:
    """Return the author of a forwarded message or the user of a shared contact; None without either."""
    origin = message.forward_origin
    if isinstance(origin, MessageOriginUser):
        user = origin.sender_user
        return Party("user", user.id, shown(user.full_name), user.username or "")
    if isinstance(origin, MessageOriginChat | MessageOriginChannel):
        chat = origin.sender_chat if isinstance(origin, MessageOriginChat) else origin.chat
        return Party("chat", chat.id, shown(chat.title or ""), chat.username or "")
    if message.contact is not None and message.contact.user_id:
        return Party("user", message.contact.user_id, shown(message.contact.first_name))
    return None
