"""What strangers get: a word to a pressed button and to a query in inline mode; their channels are left."""

from __future__ import annotations

import logging

from telegram import CallbackQuery, InlineQuery, InlineQueryResultsButton, User
from telegram.error import TelegramError

from bot.telegram.access.ratelimits import Limits, Rate
from bot.telegram.access.store import AccessStore
from bot.telegram.chats.context import language
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.errors import brief
from prompts import say

log = logging.getLogger(__name__)

_EACH = Rate(20, 60.0)
"""Limit on answers to one user."""
_CACHED = 60
"""Seconds for which Telegram may give the same answer to the same user."""
_START = "ask"
"""Start payload of the button that opens the private chat, where a request can be made."""


class Refusals:
    """Answers to callback and inline queries of strangers, for whom a client would else wait in vain."""

    def __init__(self, *, register: AccessStore, delivery: Delivery) -> None:
        self._register = register
        self._delivery = delivery
        self._limits = Limits(_EACH, None)

    async def press(self, query: CallbackQuery) -> None:
        """Answer a pressed button with a line over the chat."""
        if self._limits.take(query.from_user.id) is None:
            await self._delivery.toast(query, self._why(query.from_user, "telegram_closed"))

    async def query(self, query: InlineQuery) -> None:
        """Answer an inline query with no result and a button that says why."""
        if self._limits.take(query.from_user.id) is not None:
            return
        button = InlineQueryResultsButton(self._why(query.from_user, "inline_closed"), start_parameter=_START)
        try:
            await query.answer([], cache_time=_CACHED, is_personal=True, button=button)
        except TelegramError as error:
            log.info("a stranger's inline query was not answered: %s", brief(error))

    async def leave(self, channel: int) -> None:
        """Leave a channel of strangers: its posts are nobody's to take in."""
        log.warning("left channel %d: no owner let it in", channel)
        try:
            await self._delivery.leave(channel)
        except TelegramError as error:
            log.info("a stranger's channel could not be left: %s", brief(error))

    def _why(self, user: User, closed: str) -> str:
        denied = self._register.verdict("user", user.id) == "denied"
        return say("telegram_turned_down" if denied else closed, language(user))
