"""Pairing: those turned away request access with a code, and an owner decides with one tap."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import TYPE_CHECKING

from telegram import Chat, ChatMemberUpdated, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.render.people import render_about, shown
from bot.telegram.access.store import AccessStore, Party
from bot.telegram.chats.context import ChatContext, plain_context
from bot.telegram.features.decisions import RequestNotices
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
    """Access requests from users and groups that the gate turns away."""

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

    async def turned_away(self, update: Update) -> None:
        """Handle an update that the gate turned away.

        A stranger who writes in private is answered once an hour; a group that the bot is added to is reported to
        the owners; all other updates get no answer.
        """
        if update.my_chat_member is not None:
            await self._moved_in(update.my_chat_member, update.update_id)
            return
        message, user = update.message, update.effective_user
        if message is None or user is None or message.chat.type != ChatType.PRIVATE or user.is_bot:
            return
        if self._register.verdict("user", user.id) is not None or self._notified.has(user.id):
            return
        if self._too_many():
            return  # and be told when they write another time
        self._notified.first(user.id)
        try:
            await self._met(user, plain_context(message, update.update_id))
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

    async def _moved_in(self, change: ChatMemberUpdated, update_id: int) -> None:
        """Request access for an undecided group that the bot joined; withdraw the request when it has left."""
        chat = change.chat
        if chat.type == ChatType.PRIVATE or self._register.verdict("chat", chat.id) is not None:
            return
        if change.new_chat_member.status not in _IN:
            await asyncio.to_thread(self._register.withdraw, chat.id)
            return
        if not self._settings.owners:
            return
        by = change.from_user
        request = await asyncio.to_thread(
            self._register.ask,
            _party(chat),
            self._settings.language,
            update_id,
            None if by.is_bot else by.id,
        )
        if request is not None and request.asked_in == update_id:
            await self._notices.send(
                request, update_id, by=Party("user", by.id, shown(by.full_name), by.username or "").label
            )


def _party(chat: Chat) -> Party:
    return Party("chat", chat.id, shown(chat.title or ""), chat.username or "")
