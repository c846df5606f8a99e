"""Who may reach the bot: one gate before every handler, for every kind of update, closed by default."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationHandlerStop, CallbackContext, TypeHandler

from bot.telegram.delivery import Delivery
from bot.telegram.place import place
from bot.telegram.recent import Recent

log = logging.getLogger(__name__)

_AGAIN_AFTER = 3600.0
"""Seconds until a stranger is told again, and named in the log again."""


class Gate:
    """Lets pass the users and groups on the lists, or everyone when ``public``.

    A group on the list lets its members ask in it, not in private; a user on the list may ask in private, not
    in groups that are not on theirs. What has neither a user nor a chat is not let in.
    """

    def __init__(
        self,
        users: frozenset[int],
        chats: frozenset[int],
        *,
        public: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._users = users
        self._chats = chats
        self._public = public
        self._delivery: Delivery
        self._told = Recent(_AGAIN_AFTER, clock)
        self._logged = Recent(_AGAIN_AFTER, clock)

    def bind(self, delivery: Delivery, follow: Callable[[Message], Awaitable[None]]) -> None:
        """Let the gate speak to those it turns away; ``follow`` is told where groups go before they are judged."""
        self._delivery = delivery
        self._follow = follow

    def moved(self, old: int, new: int) -> None:
        """A group got another number; what still waits from the old one is let in as before."""
        if old in self._chats:
            self._chats |= {new}

    def admits_user(self, user: int) -> bool:
        """Whether a user may ask in private."""
        return self._public or user in self._users

    def stand_before(self, application: Application) -> None:  # type: ignore[type-arg]
        """Ask the gate before any other handler."""
        application.add_handler(TypeHandler(Update, self, block=True), group=-1)
        if self._public:
            log.warning("MUSNAD_PUBLIC=1: everyone may ask")
        elif not self._users and not self._chats:
            log.warning(
                "nobody may ask yet: put users' numbers in MUSNAD_ALLOWED_USERS and groups' in"
                " MUSNAD_ALLOWED_CHATS (each is logged when somebody writes), or MUSNAD_PUBLIC=1 for everyone"
            )

    def admits(self, update: Update) -> bool:
        if self._public:
            return True
        chat, user = update.effective_chat, update.effective_user
        if chat is not None and chat.type != ChatType.PRIVATE:
            return chat.id in self._chats
        return user is not None and user.id in self._users

    async def __call__(self, update: Update, context: CallbackContext) -> None:  # type: ignore[type-arg]
        if update.message is not None:
            await self._follow(update.message)
        if self.admits(update):
            return
        self._log(update)
        await self._tell(update)
        raise ApplicationHandlerStop

    def _log(self, update: Update) -> None:
        chat, user = update.effective_chat, update.effective_user
        if chat is not None and chat.type != ChatType.PRIVATE:
            if self._logged.first(chat.id):
                log.warning(
                    "not let in: group or channel %d. To let it in, add %d to MUSNAD_ALLOWED_CHATS",
                    chat.id,
                    chat.id,
                )
        elif user is not None and self._logged.first(user.id):
            log.warning(
                "not let in: user %d. To let them in, add %d to MUSNAD_ALLOWED_USERS", user.id, user.id
            )

    async def _tell(self, update: Update) -> None:
        """One line an hour to a stranger who writes in private, with the number the owner needs."""
        message, user = update.message, update.effective_user
        if message is None or user is None or message.chat.type != ChatType.PRIVATE or user.is_bot:
            return
        if not self._told.first(user.id):
            return
        try:
            await self._delivery.line(place(message), "telegram_stranger", number=user.id)
        except TelegramError as error:
            log.info("could not tell user %d that the bot is closed to them: %s", user.id, error)
