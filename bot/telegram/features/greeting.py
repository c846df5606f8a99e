"""What the bot says when it joins: a greeting to a group and, once, how it works there to whoever added it.

In a channel nothing is said: what works there, its adder is told in private.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Literal

from telegram import ChatMember
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.render.people import render_about
from bot.state import State, stamp
from bot.telegram.access.gate import Gate
from bot.telegram.chats.context import ChatContext, ChatContexts
from bot.telegram.outgoing.delivery import Delivery
from prompts import Language

log = logging.getLogger(__name__)


class Greeting:
    """Greeting for groups and channels; safe to repeat for one update."""

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

    async def give(
        self,
        here: ChatContext,
        title: str,
        adder: int | None,
        spoken: Language,
        is_group: bool | None = None,
    ) -> None:
        """Greet a group that is let in; of a channel tell only the adder.

        ``adder``: the user who added the bot, None when unknown; ``spoken``: their language unless they have set
        another. ``is_group``: None where Telegram has to be asked.
        """
        if is_group is None:
            is_group = await self._is_group(here.chat)
        if is_group:
            await self._greet(here)
            if not await self._sees_all(here.chat):
                await self._explain(here, "privacy", adder, spoken, title)
        else:
            await self._explain(here, "channel", adder, spoken, title)

    async def _greet(self, here: ChatContext) -> None:
        try:
            await self._delivery.line(here, "telegram_group_hello")
        except (Forbidden, BadRequest) as error:
            log.info("group %d could not be greeted: %s", here.chat, error)

    async def _is_group(self, chat: int) -> bool:
        """Ask Telegram whether a chat is a group; where it does not say, nothing is written there."""
        try:
            found = await self._bot.get_chat(chat)
        except TelegramError as error:
            log.info("of chat %d it is not known whether it is a group: %s", chat, error)
            return False
        return found.type in (ChatType.GROUP, ChatType.SUPERGROUP)

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

    async def _explain(
        self,
        here: ChatContext,
        what: Literal["privacy", "channel"],
        adder: int | None,
        spoken: Language,
        title: str,
    ) -> None:
        """Explain privacy mode, or what works in a channel, once for each chat.

        In private to the adder if they can be reached; else privacy mode in few words in the group.
        """
        key = f"{what}:{here.chat}"
        async with self._explaining:  # of two greetings at once, the second is to know of the first
            if await asyncio.to_thread(self._state.row, "select 1 from notified where key = ?", [key]):
                return
            if not await self._notified_in_private(what, adder, spoken, here.update_id, title):
                if what == "channel":
                    return
                try:
                    await self._delivery.line(here, "telegram_group_privacy_short", bot=self._bot.username)
                except (Forbidden, BadRequest) as error:
                    log.info("group %d could not be told of privacy mode: %s", here.chat, error)
                    return
            await asyncio.to_thread(self._remember, key)

    async def _notified_in_private(
        self, what: str, adder: int | None, spoken: Language, update_id: int, title: str
    ) -> bool:
        if adder is None or not self._gate.admits_user(adder):
            return False  # an anonymous administrator, or somebody the bot does not talk with
        try:
            here = self._contexts.private(adder, spoken, update_id)
            name = f"telegram_group_{what}"
            html = render_about(name, here.language, {"bot": self._bot.username}, title=title)
            await self._delivery.send(here, [html], f"line:{name}")
        except (Forbidden, BadRequest):
            return False  # they have never written to the bot, or blocked it
        return True

    def _remember(self, key: str) -> None:
        with self._state.writing() as db:
            db.execute("insert or ignore into notified values (?, ?)", [key, stamp()])
