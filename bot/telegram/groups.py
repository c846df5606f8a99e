"""Coming into groups: a greeting, and once what privacy mode means, to the one who added the bot."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Update, User
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import BaseHandler, ChatMemberHandler

from bot.telegram.front import Context, Front
from bot.telegram.place import Place, language

log = logging.getLogger(__name__)


class Groups:
    """What the bot does when it is taken into a group. When it is removed nothing is left to do: what was set for
    the group is kept, and nothing more is sent to it."""

    kinds = ("my_chat_member",)

    def __init__(self, front: Front) -> None:
        self.front = front

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (ChatMemberHandler(self.changed, ChatMemberHandler.MY_CHAT_MEMBER),)

    async def changed(self, update: Update, context: Context) -> None:
        change, here = update.my_chat_member, self.front.places.of_update(update)
        if change is None or here is None or change.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
            return
        was, is_ = _belongs(change.old_chat_member), _belongs(change.new_chat_member)
        if is_ and not was:
            await self._joined(change, here)
        elif was and not is_:
            log.info("removed from group %d", here.chat)

    async def _joined(self, change: ChatMemberUpdated, here: Place) -> None:
        try:
            await self.front.delivery.line(here, "telegram_group_hello")
        except (Forbidden, BadRequest) as error:
            log.info("group %d could not be greeted: %s", here.chat, error)
        if change.new_chat_member.status != ChatMember.ADMINISTRATOR and not await self._sees_all():
            await self._explain_privacy(change, here)

    async def _sees_all(self) -> bool:
        """Whether everything said in groups reaches the bot; asked anew, for its owner may just have changed it."""
        with contextlib.suppress(TelegramError):
            await self.front.bot.get_me()
        return bool(self.front.bot.can_read_all_group_messages)

    async def _explain_privacy(self, change: ChatMemberUpdated, here: Place) -> None:
        """Once a group: in private to the one who added the bot if they can be reached there, else in the group."""
        key = f"privacy:{here.chat}"
        if await asyncio.to_thread(self.front.state.row, "select 1 from told where key = ?", [key]):
            return
        about: dict[str, Any] = {"title": change.chat.title or "", "bot": self.front.bot.username}
        if not await self._told_in_private(change.from_user, about):
            try:
                await self.front.delivery.line(here, "telegram_group_privacy", **about)
            except (Forbidden, BadRequest) as error:
                log.info("group %d could not be told of privacy mode: %s", here.chat, error)
                return
        await asyncio.to_thread(self._remember, key)

    async def _told_in_private(self, admin: User, about: dict[str, Any]) -> bool:
        if admin.is_bot or not self.front.gate.admits_user(admin.id):
            return False  # an anonymous administrator, or somebody the bot does not talk with
        try:
            here = self.front.places.private(admin.id, language(admin))
            await self.front.delivery.line(here, "telegram_group_privacy", **about)
        except (Forbidden, BadRequest):
            return False  # they have never written to the bot, or blocked it
        return True

    def _remember(self, key: str) -> None:
        with self.front.state.writing() as db:
            at = datetime.now(UTC).isoformat(timespec="seconds")
            db.execute("insert or ignore into told values (?, ?)", [key, at])


def _belongs(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER)
