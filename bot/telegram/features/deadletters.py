"""Failed updates: retried, put off, or set aside with a line to the sender and to the owners."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from telegram import Message, Update
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import ApplicationHandlerStop, ExtBot

from bot.telegram.access.gate import Gate
from bot.telegram.chats.context import ChatContexts, language
from bot.telegram.intake.dispatcher import UNREADABLE
from bot.telegram.intake.inbox import Json
from bot.telegram.intake.workers import StoppingError
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.outgoing.ownernotices import OwnerNotices
from bot.telegram.runtime.errors import brief, is_closed
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import UpdateContext
from corpus.errors import ArchiveError
from prompts import say, translated
from vectorstore.errors import IndexUnreachableError, VectorstoreError

log = logging.getLogger(__name__)

_WAITS = timedelta(days=1)
"""Maximum time that a question waits for the index's server."""
_REPORT_EVERY = 600.0
"""Seconds between two reports of one problem to the owners: a broken index fails with every question."""


class ErrorHandler:
    """Error handler for updates: each is retried, put off, or given up."""

    def __init__(self, *, delivery: Delivery, contexts: ChatContexts, owner_notices: OwnerNotices) -> None:
        self._delivery = delivery
        self._contexts = contexts
        self._owner_notices = owner_notices
        self._reported = Recent(_REPORT_EVERY)

    async def failed(self, update: object, context: UpdateContext) -> None:
        """Handle an error: record in ``context.work`` how the update's work goes on.

        A chat that is closed to the bot needs no action. A request that Telegram refuses as it stands would be
        refused again. A question that only the index's server keeps from being answered waits until the server is
        back.
        """
        error, work = context.error, context.work
        if error is not None and is_closed(error):
            log.info("a chat is closed to the bot: %s", brief(error))
        elif isinstance(error, (StoppingError, InvalidToken)):
            work.postponed = True
        elif isinstance(error, IndexUnreachableError) and _may_wait(update):
            work.postponed = True
            await self._put_off(cast(Update, update), error)
        else:
            if isinstance(error, (ArchiveError, VectorstoreError)):
                # Their message says all there is to say.
                log.error("an update could not be handled: %s", error)
            else:
                log.error("an update could not be handled", exc_info=error)
            if isinstance(error, Exception):
                work.failure, work.final = error, isinstance(error, BadRequest)
        # Else the handlers of the next group had the update: a gate that fails would be open.
        raise ApplicationHandlerStop

    async def _put_off(self, update: Update, error: IndexUnreachableError) -> None:
        """Tell the user, once, that the answer will come, and the owners, at intervals, the problem."""
        if self._reported.first("unreachable"):
            log.error("questions wait: %s", error)
            await self._owner_notices.line("telegram_index_away", update.update_id)
        message = update.effective_message
        assert message is not None, "only what stands in a message may wait"
        here = self._contexts.of(message, update.update_id)
        try:
            await self._delivery.line(here, "telegram_put_off", reply_to=message.message_id)
        except TelegramError as refusal:
            log.warning("the user could not be told: %s", brief(refusal))


class DeadLetters:
    """Messages about updates that were set aside: to the sender and to the owners."""

    def __init__(
        self,
        *,
        gate: Gate,
        bot: ExtBot[Any],
        delivery: Delivery,
        contexts: ChatContexts,
        owner_notices: OwnerNotices,
    ) -> None:
        self._gate = gate
        self._bot = bot
        self._delivery = delivery
        self._contexts = contexts
        self._owner_notices = owner_notices
        self._reported = Recent(_REPORT_EVERY)

    async def report(self, update: Json, why: str) -> None:
        """Tell the sender, if the gate admits them, and the owners that an update was set aside.

        The owners are told of one reason at most every ``_REPORT_EVERY`` seconds.
        """
        try:
            await self._notify_user(update)
        except TelegramError as error:
            log.warning("the user could not be told: %s", brief(error))
        if self._reported.first(why):
            why = translated("aside_why_", why, self._owner_notices.language)
            number = update["update_id"]
            await self._owner_notices.line("telegram_aside", number, why=why, number=number)

    async def _notify_user(self, update: Json) -> None:
        try:
            read = Update.de_json(update, self._bot)
        except UNREADABLE:
            return
        if not self._gate.admits(read):
            return
        if read.callback_query is not None:
            speech = language(read.callback_query.from_user)
            await self._delivery.toast(read.callback_query, say("telegram_failed_button", speech))
        elif isinstance(message := read.message or read.edited_message, Message):
            here = self._contexts.of(message, read.update_id)
            await self._delivery.line(here, "telegram_failed", reply_to=message.message_id)


def _may_wait(update: object) -> bool:
    """Return whether a late answer is still useful: to a message or edit less than a day old."""
    if not isinstance(update, Update):
        return False
    message = update.message or update.edited_message
    return message is not None and datetime.now(UTC) - (message.edit_date or message.date) < _WAITS
