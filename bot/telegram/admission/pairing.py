"""Pairing: those turned away request access with a code, and an owner decides with one tap."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import TYPE_CHECKING

from telegram import ChatMemberUpdated, Message, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.render.people import render_about, shown
from bot.telegram.access.store import AccessStore, Party
from bot.telegram.admission.decisions import RequestNotices
from bot.telegram.chats.context import ChatContext, plain_context
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.recent import Recent

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)

AGAIN_AFTER = 3600.0
"""Seconds before a stranger is answered again."""
_MOST_NOTIFIED = 60
"""Maximum number of strangers answered per minute."""
_IN = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED)


class Pairing:
    """Access requests from users who write in private."""

    def __init__(
        self,
        *,
        settings: Settings,
        register: AccessStore,
        notices: RequestNotices,
        delivery: Delivery,
        notified: Recent,
    ) -> None:
        """Set the parts; ``notified``: the strangers who were answered within ``AGAIN_AFTER``."""
        self._settings = settings
        self._register = register
        self._notices = notices
        self._delivery = delivery
        self._notified = notified
        self._flooded = Recent(600.0)
        self._lately: deque[float] = deque(maxlen=_MOST_NOTIFIED)

    async def written(self, message: Message, update_id: int) -> None:
        """Answer a stranger who wrote in private, once an hour; one who was shut out gets no answer."""
        user = message.from_user
        if user is None or user.is_bot or self._register.verdict("user", user.id) is not None:
            return
        if self._notified.has(user.id) or self._too_many():
            return  # or be told when they write another time
        self._notified.first(user.id)
        try:
            await self._met(user, plain_context(message, update_id))
        except TelegramError as error:
            log.info("a stranger could not be told that the bot is closed to them: %s", error)
        except BaseException:
            self._notified.forget(user.id)  # it will be tried again
            raise

    def _too_many(self) -> bool:
        """Return whether the limit on strangers per minute is reached; if not, count this one.

        Thousands who write at once must not use up the messages that the bot may send to those who may ask.
        """
        now = time.monotonic()
        if len(self._lately) == _MOST_NOTIFIED and now - self._lately[0] < 60:
            if self._flooded.first(""):
                log.warning("many strangers write: no more than %d a minute are answered", _MOST_NOTIFIED)
            return True
        self._lately.append(now)
        return False

    async def _met(self, user: User, here: ChatContext) -> None:
        if not self._settings.owners:
            log.warning("not let in: a user. They were told their number, and that the owner may add it")
            await self._delivery.line(here, "telegram_stranger", number=user.id)
            return
        party = Party("user", user.id, shown(user.full_name), user.username or "")
        request = await asyncio.to_thread(self._register.ask, party, here.language, here.update_id)
        if request is None:
            log.warning("not let in: a user; so many requests wait that no other is taken")
            await self._delivery.line(here, "telegram_pairing_full")
            return
        html = render_about("telegram_pairing", here.language, code=request.code)
        await self._delivery.send(here, [html], "pairing")
        # Of a request that waited already the owners were told by another update.
        if request.asked_in == here.update_id:
            log.info("a user asks to be let in")
            await self._notices.send(request, here.update_id)


class GroupRequests:
    """Access requests for groups that the bot is added to."""

    def __init__(self, *, settings: Settings, register: AccessStore, notices: RequestNotices) -> None:
        self._settings = settings
        self._register = register
        self._notices = notices
        # Updates of one chat are processed side by side: what came first is recorded first.
        self._in_order = asyncio.Lock()

    async def changed(self, change: ChatMemberUpdated, update_id: int) -> bool:
        """Handle the bot's coming into or leaving a group that is not let in; return whether it is now let in.

        A group to which an owner adds the bot is let in. For another one access is requested, of which the owners
        are told: one group at a time for each who adds the bot, however often and to how many.
        """
        chat, adder = change.chat, change.from_user
        if chat.type == ChatType.PRIVATE:
            return False
        if change.new_chat_member.status not in _IN:
            async with self._in_order:
                await asyncio.to_thread(self._register.withdraw, chat.id)
            return False
        party = Party("chat", chat.id, shown(chat.title or ""), chat.username or "")
        if adder.id in self._settings.owners:
            await self._let_in(party, adder, update_id)
            return True
        if (
            self._settings.owners
            and self._register.verdict("chat", chat.id) is None
            and self._register.verdict("user", adder.id) != "denied"
        ):
            await self._ask_for(party, adder, update_id)
        return False

    async def posted(self, channel: int) -> bool:
        """Return whether the bot has no business in a channel that posted and is not let in: nobody is asked for it.

        Where there are no owners it stays: whoever set it up reads the channel's number in the log.
        """
        if not self._settings.owners or self._register.verdict("chat", channel) is not None:
            return False
        async with self._in_order:
            return not await asyncio.to_thread(self._register.is_waiting, "chat", channel)

    async def _let_in(self, party: Party, owner: User, update_id: int) -> None:
        """Let in a group for the owner who added the bot to it; what else follows is as for any group."""
        async with self._in_order:
            request = await asyncio.to_thread(
                self._register.set, party, "allowed", owner.id, shown(owner.full_name), update_id
            )
        log.info("group %d is let in: an owner added the bot", party.id)
        if request is not None:
            await self._notices.announce(request)

    async def _ask_for(self, party: Party, adder: User, update_id: int) -> None:
        # An administrator who acts in the group's name is nobody else's equal: the group stands for them.
        asker = party.id if adder.is_bot else adder.id
        async with self._in_order:
            request = await asyncio.to_thread(
                self._register.ask, party, self._settings.language, update_id, asker=asker
            )
        if request is None:
            log.info("group %d waits for no owner: whoever added the bot has a request waiting", party.id)
        elif request.asked_in == update_id:
            by = Party("user", adder.id, shown(adder.full_name), adder.username or "").label
            await self._notices.send(request, update_id, by=by)
