"""Access gate: one check before every handler, for every kind of update, closed by default."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, Protocol

from telegram import Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import Application, ApplicationHandlerStop, CallbackContext, TypeHandler

from bot.telegram.runtime.recent import Recent

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.telegram.access.store import AccessStore, Kind

log = logging.getLogger(__name__)

_AGAIN_AFTER = 3600.0
"""Seconds before a group that is not let in is logged again."""


Standing = Literal["owner", "allowed", "open", "waiting", "denied", "stranger"]
"""Whom the bot takes a user or a group for; ``open``: it is open to all."""


class Door(Protocol):
    """Protocol for handling updates that were turned away."""

    async def turned_away(self, update: Update) -> bool:
        """Handle one; return whether it is let in after all."""
        ...


class Gate:
    """Filter for updates from users and groups that the settings or the owners let in, or all when ``public``.

    A group that is let in lets its members ask in it, not in private; a user who is let in may ask in private, not
    in groups that are not. Updates outside the bot's own chats count as private: inline queries, buttons under
    inline messages, guest messages. A user whom the owners shut out is out everywhere; an owner is always in, in
    private. An update with neither a user nor a chat is not let in.
    """

    def __init__(self, settings: Settings, register: AccessStore) -> None:
        self._settings = settings
        self.register = register
        self._door: Door | None = None
        self._follow: Callable[[Message], Awaitable[None]] | None = None
        self._logged = Recent(_AGAIN_AFTER)

    def bind(self, door: Door, follow: Callable[[Message], Awaitable[None]]) -> None:
        """Set the handler for updates turned away; ``follow`` is given each message before the check.

        ``follow`` thus learns of groups that moved before they are judged.
        """
        self._door = door
        self._follow = follow

    def stand_before(self, application: Application) -> None:  # type: ignore[type-arg]
        """Add the gate to the application, before any other handler."""
        application.add_handler(TypeHandler(Update, self, block=True), group=-1)
        settings = self._settings
        if settings.public:
            log.warning("MUSNAD_PUBLIC=1: everyone may ask")
        elif not (
            settings.owners or settings.allowed_users or settings.allowed_chats or self.register.entries()
        ):
            log.warning(
                "nobody may ask yet: put your own number in MUSNAD_OWNERS (who writes to the bot is told theirs), then"
                " let others in as they ask; or numbers in MUSNAD_ALLOWED_USERS and MUSNAD_ALLOWED_CHATS; or"
                " MUSNAD_PUBLIC=1 for everyone"
            )

    def admits(self, update: Update) -> bool:
        """Return whether an update of any kind may reach the handlers."""
        chat, user = update.effective_chat, update.effective_user
        if update.channel_post is not None or update.edited_channel_post is not None:
            return chat is not None and self.admits_channel(chat.id)
        private = update.guest_message is not None or chat is None or chat.type == ChatType.PRIVATE
        return self.admits_ids(chat.id if chat else None, user.id if user else None, private=private)

    def admits_ids(self, chat: int | None, user: int | None, *, private: bool) -> bool:
        """Return whether an update of this user in this chat may reach the handlers.

        ``private``: it is from their private chat, or from outside the bot's own chats.
        """
        if private or chat is None:
            return user is not None and self.admits_user(user)
        if user is not None and user not in self._settings.owners and self._shut_out(user):
            return False
        return self.admits_chat(chat)

    def admits_user(self, user: int) -> bool:
        """Return whether a user may ask in private."""
        settings = self._settings
        if user in settings.owners:
            return True
        if verdict := self.register.verdict("user", user):
            return verdict == "allowed"
        return settings.public or user in settings.allowed_users

    def admits_chat(self, chat: int) -> bool:
        """Return whether users may ask in a group."""
        if verdict := self.register.verdict("chat", chat):
            return verdict == "allowed"
        return self._settings.public or chat in self._settings.allowed_chats

    def admits_channel(self, channel: int) -> bool:
        """Return whether a channel's posts go into the archive: owners have let it in, or the settings name it.

        That everyone may ask (``public``) lets nobody feed the archive.
        """
        verdict = self.register.verdict("chat", channel)
        return verdict == "allowed" or (verdict is None and channel in self._settings.allowed_chats)

    def standing_of(self, kind: Kind, id: int) -> Standing:
        """Return whom the bot takes a user or a group for. Blocks: not for the event loop."""
        settings = self._settings
        if kind == "user" and id in settings.owners:
            return "owner"
        if verdict := self.register.verdict(kind, id):
            return verdict
        if id in (settings.allowed_users if kind == "user" else settings.allowed_chats):
            return "allowed"
        if settings.public:
            return "open"
        return "waiting" if self.register.is_waiting(kind, id) else "stranger"

    def is_stranger(self, chat: int | None, user: int | None) -> bool:
        """Return whether, by its ids alone, an update is from the private chat of a user who may not ask."""
        return chat is not None and chat == (user or chat) and chat > 0 and not self.admits_user(chat)

    def moved(self, old: int, new: int) -> None:
        """Move a group to its new id; updates that still wait from the old one are let in as before."""
        self.register.moved(old, new, allowed=old in self._settings.allowed_chats)

    async def __call__(self, update: Update, context: CallbackContext) -> None:  # type: ignore[type-arg]
        if update.message is not None and self._follow is not None:
            await self._follow(update.message)
        if self.admits(update) and not self._is_owners_channel(update):
            return
        if self._door is not None and await self._door.turned_away(update):
            return
        self._log(update)
        raise ApplicationHandlerStop

    def _is_owners_channel(self, update: Update) -> bool:
        """Return whether an owner brings the bot into a channel from which nothing goes into the archive yet.

        The door then lets it in, also where everyone may ask and so the update would pass.
        """
        change = update.my_chat_member
        return (
            change is not None
            and change.chat.type == ChatType.CHANNEL
            and change.from_user.id in self._settings.owners
            and change.new_chat_member.status not in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
            and not self.admits_channel(change.chat.id)
        )

    def _shut_out(self, user: int) -> bool:
        return self.register.verdict("user", user) == "denied"

    def _log(self, update: Update) -> None:
        """Log a group's id, so that it can be let in; not a user's, who is told it directly."""
        chat = update.effective_chat
        if chat is None or chat.type == ChatType.PRIVATE or update.guest_message is not None:
            return
        if self.register.verdict("chat", chat.id) is None and self._logged.first(chat.id):
            log.warning(
                "not let in: group or channel %d. To let it in, add %d to MUSNAD_ALLOWED_CHATS or send /allow %d",
                chat.id,
                chat.id,
                chat.id,
            )
