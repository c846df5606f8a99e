"""Delivery of the bot's messages, once and in the right place, whatever the network and the server do.

Each part is recorded before it is sent and after it arrived, under the update it belongs to, so that an update
that is processed again sends only what has not been sent yet. When a chat is told to wait (429), that chat waits
and no other. A message that certainly did not arrive is sent again, for as long as it takes. One that may have
arrived is not, whether its reply was lost, the server failed, or the process ended meanwhile: instead of an answer
that may come twice, the bot sends a line with a button that asks for it. What tells the owners is repeated.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.render.telegram import render_line
from bot.state import State
from bot.telegram.chats.context import ChatContext
from bot.telegram.outgoing.outbox import Key, Outbox
from bot.telegram.outgoing.retries import Retries, UnsureError
from bot.telegram.runtime.backoff import Backoff, surely
from bot.telegram.runtime.errors import brief, may_be_carried_out
from prompts import say

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One message: its HTML and its buttons."""

    html: str
    keyboard: InlineKeyboardMarkup | None = None


class Delivery:
    """Sender for one bot, used by every other module that writes into chats."""

    def __init__(
        self,
        bot: Bot,
        state: State,
        network: Retries,
        *,
        silent: Callable[[int, int | None], bool] | None = None,
        delays: tuple[float, ...] = Backoff().store,
    ) -> None:
        """Create the outbox and store the callbacks.

        ``silent`` is asked whether a message sent to a chat, or to a topic there, now arrives without a sound.
        ``delays``: seconds between attempts to record what was sent (``Backoff.store``).
        """
        self._bot = bot
        self._outbox = Outbox(state)
        self.network = network
        self._silent = silent or (lambda chat, topic: False)
        self._delays = delays
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def send(
        self,
        here: ChatContext,
        parts: Sequence[str | Part],
        label: str,
        *,
        reply_to: int | None = None,
        marked: bool = False,
        repeat: bool = False,
    ) -> list[int | None]:
        """Send messages in order and return their IDs, None for one that may or may not have arrived.

        ``label`` names what is sent, once for the context's update. In groups the messages reply to ``reply_to``, and
        in private where it has to be ``marked`` to which message they belong. ``repeat``: what may have arrived is
        sent again until its reply comes, for messages that do no harm when they come twice.
        Raises TelegramError when the chat refuses them: Forbidden for a user who blocked the bot.
        """
        if here.private and not marked:
            reply_to = None
        lock = self._locks.setdefault(here.chat, asyncio.Lock())
        async with lock:  # what belongs together stands together
            found = [
                await self._send_once(
                    here, part if isinstance(part, Part) else Part(part), label, n, reply_to, again=repeat
                )
                for n, part in enumerate(parts)
            ]
            if None in found and label == "answer":
                await self._offer_again(here, reply_to)
        return found

    async def line(
        self, here: ChatContext, name: str, *, reply_to: int | None = None, **variables: Any
    ) -> None:
        """Send one of the bot's own lines, a message of ``prompts/messages``."""
        html = render_line(say(name, here.language, **variables), here.language)
        await self.send(here, [html], f"line:{name}", reply_to=reply_to)

    async def edit(self, chat: int, message: int, part: str | Part) -> bool:
        """Edit a message of the bot; return False when there is nothing left to edit.

        Repeating an edit changes nothing, so it is repeated until its reply arrives.
        """
        part = part if isinstance(part, Part) else Part(part)
        try:
            await self.network.carry_out(
                chat,
                lambda now: self._bot.edit_message_text(
                    part.html,
                    chat_id=_unmoved(chat, now),
                    message_id=message,
                    parse_mode=ParseMode.HTML,
                    reply_markup=part.keyboard,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                ),
                again=True,
            )
        except BadRequest as error:
            if "not modified" in str(error).lower():
                return True
            log.info("a message could not be edited: %s", brief(error))
            return False
        return True

    async def buttons(self, chat: int, message: int, keyboard: InlineKeyboardMarkup | None) -> None:
        """Change the buttons of a message; do nothing when it is gone."""
        try:
            await self.network.carry_out(
                chat,
                lambda now: self._bot.edit_message_reply_markup(
                    _unmoved(chat, now), message, reply_markup=keyboard
                ),
                again=True,
            )
        except BadRequest as error:
            log.debug("buttons were not changed: %s", brief(error))

    async def toast(self, query: CallbackQuery, text: str = "", *, alert: bool = False) -> None:
        """Answer a button press, with a few words over the chat; one that is too old stays unanswered."""
        try:
            await query.answer(text or None, show_alert=alert)
        except TelegramError as error:
            log.debug("a button press was not answered: %s", brief(error))

    async def delete(self, chat: int, message: int) -> bool:
        """Delete a message of the bot; return False when Telegram does not."""
        try:
            await self.network.carry_out(
                chat, lambda now: self._bot.delete_message(_unmoved(chat, now), message), again=True
            )
        except BadRequest as error:
            log.info("a message could not be deleted: %s", error)
            if "not found" not in str(error):
                return False
        await asyncio.to_thread(self._outbox.deleted, chat, message)
        return True

    async def leave(self, chat: int) -> None:
        """Leave a group, and try until the server has accepted or refused that."""
        await self.network.carry_out(chat, self._bot.leave_chat, again=True)

    async def sent(self, update: int, label: str = "answer") -> list[int]:
        """Return the IDs of the messages that were sent for an update, in order."""
        return await asyncio.to_thread(self._outbox.messages, update, label)

    # One part

    async def _send_once(
        self,
        here: ChatContext,
        part: Part,
        label: str,
        number: int,
        reply_to: int | None,
        *,
        again: bool = False,
    ) -> int | None:
        key = Key(here.update_id, here.chat, label, number)
        known = await asyncio.to_thread(self._outbox.find, key)
        if known is not None and known["state"] != "sending":
            return int(known["message"]) if known["message"] is not None else None
        if known is not None and not again:
            await self._record(key, here.chat, None)
            return None
        reply = None if reply_to is None else ReplyParameters(reply_to, allow_sending_without_reply=True)
        try:
            chat, message = await self._send_in(here, part, reply, key, again)
        except UnsureError:
            await self._record(key, here.chat, None)
            return None
        await self._record(key, chat, message)
        return message

    async def _record(self, key: Key, chat: int, message: int | None) -> None:
        """Record a sent part, retrying until it is stored: otherwise it would be sent again."""
        await surely(lambda: asyncio.to_thread(self._outbox.end, key, chat, message), self._delays)

    async def _send_in(
        self, here: ChatContext, part: Part, reply: ReplyParameters | None, key: Key, again: bool
    ) -> tuple[int, int]:
        """Send a part; return its chat's ID, a new one after a migration, and its message ID there."""

        async def send(chat: int) -> tuple[int, int]:
            # Recorded only while it is on its way: what waits for its chat or the network has not been sent.
            await asyncio.to_thread(self._outbox.begin, key)
            try:
                sent = await self._bot.send_message(
                    chat,
                    part.html,
                    parse_mode=ParseMode.HTML,
                    message_thread_id=here.thread,
                    # In the group that took this one's place its messages have other numbers.
                    reply_parameters=reply if chat == here.chat else None,
                    reply_markup=part.keyboard,
                    disable_notification=self._silent(chat, here.topic),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
            except TelegramError as error:
                if not may_be_carried_out(error):
                    await surely(lambda: asyncio.to_thread(self._outbox.forget, key), self._delays)
                raise
            return chat, sent.message_id

        try:
            return await self.network.carry_out(here.chat, send, again=again)
        except BadRequest as error:
            if here.thread is None or "thread not found" not in str(error):
                raise
            # The topic was deleted while the question waited.
            return await self._send_in(replace(here, thread=None), part, reply, key, again)

    async def _offer_again(self, here: ChatContext, reply_to: int | None) -> None:
        """Send a line saying that the answer may not have arrived, with a button that sends it."""
        button = InlineKeyboardButton(
            say("telegram_resend", here.language), callback_data=f"again:{here.update_id}"
        )
        line = render_line(say("telegram_unsure", here.language), here.language)
        part = Part(line, InlineKeyboardMarkup([[button]]))
        # Told twice at worst, which does no harm: so the line itself is sent until its reply arrives.
        await self._send_once(here, part, "unsure", 0, reply_to, again=True)


def _unmoved(chat: int, now: int) -> int:
    """Return the chat's ID; raise BadRequest if it got a new one, where its messages are unknown or others."""
    if chat != now:
        raise BadRequest("message to edit not found")
    return chat
