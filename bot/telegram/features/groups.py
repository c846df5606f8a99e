"""The bot joining and leaving groups and channels."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from telegram import ChatMember, ChatMemberRestricted, Update
from telegram.constants import ChatType
from telegram.ext import BaseHandler, ChatMemberHandler

from bot.telegram.access.ratelimits import Limits, Rate
from bot.telegram.chats.context import ChatContexts, language
from bot.telegram.features.greeting import Greeting
from bot.telegram.feeding.posts import Posts
from bot.telegram.runtime.update import UpdateContext

log = logging.getLogger(__name__)

_GREETINGS = Rate(3, 3600.0)
"""Limit on greetings to one group: whoever adds and removes the bot again and again must not fill it with them."""


class Groups:
    """Handler for the bot being added to groups and channels or removed from them.

    On removal the settings are kept, and nothing more is sent to it; a channel is followed no more.
    """

    kinds = ("my_chat_member",)

    def __init__(
        self,
        *,
        greeting: Greeting,
        contexts: ChatContexts,
        posts: Posts | None = None,
    ) -> None:
        """Set the parts; ``posts``: the taker of channels' posts, where there is an archive to feed."""
        self._greeting = greeting
        self._contexts = contexts
        self._posts = posts
        self._limits = Limits(None, _GREETINGS)

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (ChatMemberHandler(self.changed, ChatMemberHandler.MY_CHAT_MEMBER),)

    async def changed(self, update: Update, context: UpdateContext) -> None:
        change, here = update.my_chat_member, self._contexts.of_update(update)
        if change is None or here is None or change.chat.type == ChatType.PRIVATE:
            return
        was, is_ = _belongs(change.old_chat_member), _belongs(change.new_chat_member)
        if is_ and not was:
            if self._limits.take(change.from_user.id, here.chat, work=context.work) is not None:
                log.info("group %d was greeted often enough", here.chat)
                return
            adder = change.from_user
            known = None if adder.is_bot else adder.id  # an anonymous administrator comes as a bot
            is_group = change.chat.type != ChatType.CHANNEL
            await self._greeting.give(here, change.chat.title or "", known, language(adder), is_group)
        elif was and not is_:
            log.info("removed from group or channel %d", here.chat)
            if change.chat.type == ChatType.CHANNEL and self._posts is not None:
                await asyncio.to_thread(self._posts.leave, change.chat)


def _belongs(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER)
