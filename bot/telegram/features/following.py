"""What the archive follows, for owners in private: ``/follow`` adds and lists, a button or ``/unfollow`` ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from telegram import Message, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.render.telegram import render_line
from bot.telegram.chats.context import ChatContext, ChatContexts
from bot.telegram.chats.zones import zone
from bot.telegram.feeding.sources import FollowedList, NothingThereError
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.runtime.errors import brief
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from corpus.errors import ArchiveError
from prompts import say

if TYPE_CHECKING:
    from corpus.following import Followed

log = logging.getLogger(__name__)


class FollowCommands:
    """Handlers for the commands and for the buttons under the list."""

    kinds = ("message", "callback_query")

    def __init__(
        self,
        *,
        owners: frozenset[int],
        sources: FollowedList,
        begin: Callable[[], None],
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        """Set the parts; ``begin`` is called when something new is followed."""
        self._owners = owners
        self._sources = sources
        self._begin = begin
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        owner = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.User(user_id=self._owners)
        return (
            CommandHandler("follow", self.follow, owner),
            CommandHandler("unfollow", self.unfollow, owner),
            CallbackQueryHandler(self.button, pattern=r"^unfollow:"),
        )

    async def follow(self, update: Update, context: UpdateContext) -> None:
        """Follow the address behind ``/follow``, with the outlet's name behind it if there is one; else list all."""
        here, words = self._words(update)
        if not words:
            await self._list(here)
            return
        address, outlet = words[0], " ".join(words[1:])
        (number,) = await self._delivery.send(
            here, [_line("follow_looking", here, address=address)], "follow"
        )
        try:
            followed = await asyncio.to_thread(self._sources.follow, address, outlet or None)
        except NothingThereError as error:
            part = Part(_line(error.message, here, **error.said(here.language)))
        except ArchiveError as error:
            log.warning("an owner's source could not be added: %s", error)
            part = Part(_line("feed_failed", here, why=say("feed_why_archive", here.language)))
        else:
            self._begin()
            part = await asyncio.to_thread(self._sources.added, followed, here.language)
        if number is None or not await self._delivery.edit(here.chat, number, part):
            await self._delivery.send(here, [part], "followed")

    async def unfollow(self, update: Update, context: UpdateContext) -> None:
        """Follow the source behind ``/unfollow`` no more; without one, list all with their buttons."""
        here, words = self._words(update)
        if not words:
            await self._list(here)
            return
        found = await asyncio.to_thread(self._sources.named, " ".join(words))
        if found is None:
            await self._delivery.line(here, "unfollow_unknown")
            return
        await self._end(found)
        part = await asyncio.to_thread(self._sources.removed, found, here.language)
        await self._delivery.send(here, [part], "unfollow")

    async def button(self, update: Update, context: UpdateContext) -> None:
        """Handle a press on «stop»; only an owner's counts."""
        query = query_of(update)
        await self._delivery.toast(query)
        if query.from_user.id not in self._owners or not isinstance(query.message, Message):
            return
        here = self._contexts.of_query(query, update.update_id)
        key = (query.data or "").partition(":")[2]
        found = await asyncio.to_thread(self._sources.of_key, key)
        if found is not None:
            await self._end(found)
        parts = await self._parts(here)
        await self._delivery.edit(here.chat, query.message.message_id, parts[-1])

    async def _end(self, found: Followed) -> None:
        """Follow a source no more; a channel is left, or its next post would have it followed again."""
        channel = await asyncio.to_thread(self._sources.channel_of, found)
        await asyncio.to_thread(self._sources.remove, found)
        if channel is None:
            return
        try:
            await self._delivery.leave(channel)
        except TelegramError as error:
            log.info("a channel could not be left: %s", brief(error))

    async def _list(self, here: ChatContext) -> None:
        await self._delivery.send(here, await self._parts(here), "follow")

    async def _parts(self, here: ChatContext) -> list[Part]:
        local = zone(self._contexts.settings(here).zone)
        return await asyncio.to_thread(self._sources.listed, here.language, local)

    def _words(self, update: Update) -> tuple[ChatContext, list[str]]:
        message = message_of(update)
        return self._contexts.of(message, update.update_id), (message.text or "").split()[1:]


def _line(name: str, here: ChatContext, **variables: object) -> str:
    return render_line(say(name, here.language, **variables), here.language)
