"""Messages to a group that the bot joins: a greeting and, once, an explanation of privacy mode."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from telegram import ChatMember, User
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.render.people import render_about
from bot.state import State, stamp
from bot.telegram.access.gate import Gate
from bot.telegram.chats.context import ChatContext, ChatContexts, language
from bot.telegram.outgoing.delivery import Delivery

log = logging.getLogger(__name__)


class Greeting:
    """Greeting for groups; safe to repeat for one update."""

    def __init__(
        self,
        *,
        state: State,
        gate: Gate,
        bot: ExtBot[Any],
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        self._state = state
        self._gate = gate
        self._bot = bot
        self._delivery = delivery
        self._contexts = contexts
        self._explaining = asyncio.Lock()

    async def give(self, here: ChatContext, title: str, admin: User | None) -> None:
        """Greet a group that is let in; ``admin`` is the user who added the bot, if known."""
        try:
            await self._delivery.line(here, "telegram_group_hello")
        except (Forbidden, BadRequest) as error:
            log.info("group %d could not be greeted: %s", here.chat, error)
        if not await self._sees_all(here.chat):
            async with self._explaining:  # of two greetings at once, the second is to know of the first
                await self._explain_privacy(here, title, admin)

    async def _sees_all(self, group: int) -> bool:
        """Ask Telegram anew whether the bot gets all of a group's messages: the setting may have changed."""
        with contextlib.suppress(TelegramError):
            await self._bot.get_me()
        if self._bot.can_read_all_group_messages:
            return True
        with contextlib.suppress(TelegramError):
            me = await self._bot.get_chat_member(group, self._bot.id)
            return me.status == ChatMember.ADMINISTRATOR
        return False

    async def _explain_privacy(self, here: ChatContext, title: str, admin: User | None) -> None:
        """Explain privacy mode once per group, in private to who added the bot if reachable, else in the group."""
        key = f"privacy:{here.chat}"
        if await asyncio.to_thread(self._state.row, "select 1 from told where key = ?", [key]):
            return
        if admin is None or not await self._notified_in_private(admin, here.update_id, title):
            try:
                await self._say_privacy(here, title)
            except (Forbidden, BadRequest) as error:
                log.info("group %d could not be told of privacy mode: %s", here.chat, error)
                return
        await asyncio.to_thread(self._remember, key)

    async def _say_privacy(self, here: ChatContext, title: str) -> None:
        html = render_about("telegram_group_privacy", here.language, {"bot": self._bot.username}, title=title)
        await self._delivery.send(here, [html], "line:telegram_group_privacy")

    async def _notified_in_private(self, admin: User, update_id: int, title: str) -> bool:
        if admin.is_bot or not self._gate.admits_user(admin.id):
            return False  # an anonymous administrator, or somebody the bot does not talk with
        try:
            here = self._contexts.private(admin.id, language(admin), update_id)
            await self._say_privacy(here, title)
        except (Forbidden, BadRequest):
            return False  # they have never written to the bot, or blocked it
        return True

    def _remember(self, key: str) -> None:
        with self._state.writing() as db:
            db.execute("insert or ignore into told values (?, ?)", [key, stamp()])
