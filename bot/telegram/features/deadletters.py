"""Failed updates: retried, put off, or set aside with a line to the sender and a digest to the owners."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from telegram import Message, Update
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import ApplicationHandlerStop, ExtBot

from bot.telegram.access.gate import Gate
from bot.telegram.chats.addressing import unread
from bot.telegram.chats.context import ChatContexts, language
from bot.telegram.features.digest import Digest
from bot.telegram.intake.dispatcher import UNREADABLE
from bot.telegram.intake.rawupdates import Json
from bot.telegram.intake.workers import StoppingError
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.outgoing.ownernotices import OwnerNotices
from bot.telegram.runtime.errors import brief, is_closed
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import UpdateContext
from corpus.errors import ArchiveError
from prompts import say
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
    """Messages about updates that were set aside: to the sender, and in the digest to the owners."""

    def __init__(
        self,
        *,
        gate: Gate,
        bot: ExtBot[Any],
        delivery: Delivery,
        contexts: ChatContexts,
        digest: Digest,
    ) -> None:
        self._gate = gate
        self._bot = bot
        self._delivery = delivery
        self._contexts = contexts
        self._digest = digest

    async def report(self, update: Json, why: str) -> None:
        """Tell the sender, if the gate admits them, that an update was set aside, and note it for the owners."""
        try:
            await self._notify_user(update)
        except TelegramError as error:
            log.warning("the user could not be told: %s", brief(error))
        self._digest.note()

    async def _notify_user(self, update: Json) -> None:
        try:
            read = Update.de_json(update, self._bot)
        except UNREADABLE:
            await self._notify_of_unreadable(update)
            return
        if not self._gate.admits(read):
            return
        if read.callback_query is not None:
            speech = language(read.callback_query.from_user)
            await self._delivery.toast(read.callback_query, say("telegram_failed_button", speech))
        elif isinstance(message := read.message or read.edited_message, Message):
            here = self._contexts.of(message, read.update_id)
            await self._delivery.line(here, "telegram_failed", reply_to=message.message_id)

    async def _notify_of_unreadable(self, update: Json) -> None:
        """Answer an update that the library cannot read, as far as the update says where and to whom.

        In a group only a message that is addressed to the bot is answered.
        """
        raw = unread(update, self._bot.bot)
        if raw is None or not self._gate.admits_ids(raw.chat, raw.user, private=raw.private):
            return
        if raw.query is not None:
            await self._bot.answer_callback_query(raw.query, say("telegram_failed_button", raw.language))
        elif raw.chat is not None and (raw.private or raw.addressed):
            place = self._contexts.private if raw.private else self._contexts.group
            here = replace(place(raw.chat, raw.language, update["update_id"]), thread=raw.thread)
            await self._delivery.line(here, "telegram_unreadable", reply_to=raw.message)


def _may_wait(update: object) -> bool:
    """Return whether a late answer is still useful: to a message or edit less than a day old."""
    if not isinstance(update, Update):
        return False
    message = update.message or update.edited_message
    return message is not None and datetime.now(UTC) - (message.edit_date or message.date) < _WAITS
