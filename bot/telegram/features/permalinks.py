"""Opening a quote by its permanent id: ``/start q_…`` from a link, ``/quote``, or the link sent as a message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from bot.permalink import token_in
from bot.render.cards import render_permalink
from bot.telegram.answers.quotestore import QuoteStore
from bot.telegram.chats.context import ChatContexts
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.outgoing.keyboards import permalink_keyboard
from bot.telegram.runtime.update import UpdateContext, message_of

_LINKED = re.compile(r"^/start(?:@\w+)?\s+q_")
_ALONE = re.compile(
    r"^\s*(?:q_|(?:https?://)?t(?:elegram)?\.me/\w+/?\?start=q_)[0-9a-f]{12}\s*$", re.IGNORECASE
)


class Permalinks:
    """Handlers that show a quote in its article; they come before those for ``/start`` and plain text."""

    kinds = ("message",)

    def __init__(self, *, quotes: QuoteStore, delivery: Delivery, contexts: ChatContexts) -> None:
        self._quotes = quotes
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        message = filters.UpdateType.MESSAGE
        private = message & filters.ChatType.PRIVATE
        return (
            CommandHandler("start", self.quote, message & filters.Regex(_LINKED)),
            CommandHandler("quote", self.quote, message),
            MessageHandler(private & filters.Regex(_ALONE), self.alone),
        )

    async def quote(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        _, *rest = (message.text or "").split(maxsplit=1)
        await self._open(update, "".join(rest))

    async def alone(self, update: Update, context: UpdateContext) -> None:
        await self._open(update, message_of(update).text or "")

    async def _open(self, update: Update, text: str) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        if not text.strip():
            await self._delivery.line(here, "card_quote_usage", reply_to=message.message_id)
            return
        found = await asyncio.to_thread(self._quotes.open, token_in(text) or "")
        if found is None:
            await self._delivery.line(here, "card_unknown", reply_to=message.message_id)
            return
        bot = message.get_bot().bot
        parts = [Part(html) for html in render_permalink(found, bot.username or "", here.language)]
        parts[-1] = replace(parts[-1], keyboard=permalink_keyboard(found.quote, bot, here.language))
        await self._delivery.send(here, parts, "quote", reply_to=message.message_id)
