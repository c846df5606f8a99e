"""Buttons under an answer: sources, copies, votes, and sending it again; and reactions on it, which are votes.

Anyone whom the gate lets in may press them in the chat where the answer is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    Message,
    MessageReactionUpdated,
    ReactionType,
    ReactionTypeEmoji,
    Update,
)
from telegram.constants import ReactionEmoji
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageReactionHandler

from bot.answer import Quote
from bot.permalink import token_in
from bot.render.cards import render_citation
from bot.render.telegram import render_line
from bot.telegram.answers.quotestore import QuoteStore
from bot.telegram.answers.renderer import AnswerRenderer
from bot.telegram.answers.store import AnswerBook, StoredAnswer
from bot.telegram.chats.context import ChatContexts
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.outgoing.keyboards import NO_REASON, REASONS, reasons_keyboard
from bot.telegram.runtime.update import UpdateContext, query_of
from prompts import say

R = TypeVar("R")
_ID = r"\d{1,15}"


@dataclass
class _Turning:
    """Page turns in one message: one edit at a time, and of several waiting only the newest."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    newest: int = 0


class Buttons:
    """Handlers for the buttons under answers and permalinks."""

    kinds = ("callback_query",)

    def __init__(
        self,
        *,
        book: AnswerBook,
        renderer: AnswerRenderer,
        quotes: QuoteStore,
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        self._book = book
        self._renderer = renderer
        self._quotes = quotes
        self._delivery = delivery
        self._contexts = contexts
        self._turnings: WeakValueDictionary[tuple[int, int], _Turning] = WeakValueDictionary()
        # One after the other, as they come: of two votes the last counts.
        self._voting = asyncio.Lock()

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        reasons = "|".join((*REASONS, NO_REASON))
        return (
            CallbackQueryHandler(self.page, rf"^src:{_ID}:\d{{1,3}}$"),
            CallbackQueryHandler(self.copy, rf"^copy:{_ID}:\d{{1,3}}$"),
            CallbackQueryHandler(self.copy_quote, r"^copy:q_[0-9a-f]{12}$"),
            CallbackQueryHandler(self.vote, rf"^vote:{_ID}:(?:-1|0|1)$"),
            CallbackQueryHandler(self.why, rf"^why:{_ID}:(?:{reasons})$"),
            CallbackQueryHandler(self.again, rf"^again:{_ID}$"),
        )

    async def page(self, update: Update, context: UpdateContext) -> None:
        """Show another source, or the answer again, in place of the current page."""
        query, (_, id, page) = _pressed(update)
        stored = await self._stored(query, self._book.get, int(id))
        if stored is None:
            return
        part = await asyncio.to_thread(self._renderer.page, stored, int(page))
        if part is None:
            await self._say(query, "toast_page_gone", alert=True)
            return
        await self._delivery.toast(query)
        await self._show(query, part)

    async def copy(self, update: Update, context: UpdateContext) -> None:
        query, (_, id, page) = _pressed(update)
        stored = await self._stored(query, self._book.get, int(id))
        if stored is None:
            return
        quotes = await asyncio.to_thread(self._renderer.quotes, stored)
        await self._copy(update, quotes[int(page) - 1] if 0 < int(page) <= len(quotes) else None)

    async def copy_quote(self, update: Update, context: UpdateContext) -> None:
        _, (_, token) = _pressed(update)
        quote = await asyncio.to_thread(self._quotes.find, token_in(token) or "")
        await self._copy(update, quote)

    async def vote(self, update: Update, context: UpdateContext) -> None:
        """Store a user's vote on an answer, and after 👎 ask for the reason. The last vote counts."""
        query, (_, id, verdict) = _pressed(update)
        value = int(verdict)
        async with self._voting:
            stored = await self._stored(query, self._book.get, int(id))
            if stored is None:
                return
            await asyncio.to_thread(self._book.vote, stored.id, query.from_user.id, value)
        await self._say(query, {1: "toast_thanks", -1: "toast_why", 0: "toast_withdrawn"}[value])
        if value < 0:
            await self._put(query, reasons_keyboard(stored.id, stored.chat_context.language))
        elif stored.chat_context.private:  # where many vote, nobody's vote is marked
            await self._put(query, await self._keyboard(stored))

    async def why(self, update: Update, context: UpdateContext) -> None:
        query, (_, id, reason) = _pressed(update)
        async with self._voting:
            stored = await self._stored(query, self._book.get, int(id))
            if stored is None:
                return
            if reason != NO_REASON:
                await asyncio.to_thread(self._book.vote, stored.id, query.from_user.id, -1, reason)
        await self._say(query, "toast_thanks")
        await self._put(query, await self._keyboard(stored))

    async def again(self, update: Update, context: UpdateContext) -> None:
        """Resend an answer that may not have arrived, once; the line with the button then says so."""
        query, (_, number) = _pressed(update)
        stored = await self._stored(query, self._book.of_update, int(number))
        if stored is None:
            return
        if not await asyncio.to_thread(self._book.claim, f"again:{number}", update.update_id):
            await self._say(query, "toast_sent_again")
            return
        here = self._contexts.of_query(query, update.update_id)
        await self._say(query, "toast_sent_again")
        parts = await asyncio.to_thread(self._renderer.parts, stored)
        sent = await self._delivery.send(here, parts, f"answer:{number}", reply_to=stored.question_message)
        if None in sent:
            # Its reply was lost as well: the button stays, for whoever still misses the answer.
            await asyncio.to_thread(self._book.unclaim, f"again:{number}")
        elif query.message is not None:
            line = render_line(say("telegram_sent_again", here.language), here.language)
            await self._delivery.edit(here.chat, query.message.message_id, line)

    # What they have in common

    async def _stored(
        self, query: CallbackQuery, find: Callable[[int], StoredAnswer | None], id: int
    ) -> StoredAnswer | None:
        """Return the answer if it is in the button's chat; else tell the user that it is gone.

        Callback data comes from whoever pressed: it must not open another chat's answer.
        """
        stored = await asyncio.to_thread(find, id)
        if stored is None or query.message is None or stored.chat_context.chat != query.message.chat.id:
            await self._say(query, "toast_gone", alert=True)
            return None
        return stored

    async def _keyboard(self, stored: StoredAnswer) -> InlineKeyboardMarkup | None:
        parts = await asyncio.to_thread(self._renderer.parts, stored)
        return parts[-1].keyboard

    async def _show(self, query: CallbackQuery, part: Part) -> None:
        """Replace the shown page. Of several pages requested meanwhile only the last is shown."""
        assert query.message is not None, "looked at before"
        key = query.message.chat.id, query.message.message_id
        turning = self._turnings.setdefault(key, _Turning())
        turning.newest = mine = turning.newest + 1
        async with turning.lock:
            if turning.newest == mine:
                await self._delivery.edit(*key, part)

    async def _put(self, query: CallbackQuery, keyboard: InlineKeyboardMarkup | None) -> None:
        """Replace the buttons if the pressed one is still there: another user may have turned the page."""
        message = query.message
        if isinstance(message, Message) and _bears(message.reply_markup, query.data):
            await self._delivery.buttons(message.chat.id, message.message_id, keyboard)

    async def _copy(self, update: Update, quote: Quote | None) -> None:
        query = query_of(update)
        if quote is None:
            await self._say(query, "toast_page_gone", alert=True)
            return
        here = self._contexts.of_query(query, update.update_id)
        await self._say(query, "toast_copy")
        under = query.message.message_id if query.message else None
        await self._delivery.send(here, render_citation(quote, here.language), "copy", reply_to=under)

    async def _say(self, query: CallbackQuery, name: str, *, alert: bool = False) -> None:
        spoken = self._contexts.language_of(query)
        await self._delivery.toast(query, say(name, spoken), alert=alert)


class Reactions:
    """Handler for 👍 and 👎 on answers: votes as by the buttons, deleted when they are taken back.

    Telegram tells of them in private chats, and in groups that the bot administers.
    """

    kinds = ("message_reaction",)

    def __init__(self, *, book: AnswerBook) -> None:
        self._book = book
        # One after the other, as they come: of two votes the last counts.
        self._lock = asyncio.Lock()

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        kind = MessageReactionHandler.MESSAGE_REACTION_UPDATED
        return (MessageReactionHandler(self.reacted, message_reaction_types=kind),)

    async def reacted(self, update: Update, context: UpdateContext) -> None:
        change = update.message_reaction
        assert change is not None, "the handler takes reactions only"
        before, now = _verdict(change.old_reaction), _verdict(change.new_reaction)
        voter = change.user or change.actor_chat
        if before == now or voter is None:
            return
        async with self._lock:
            await asyncio.to_thread(self._vote, change, voter.id, now)

    def _vote(self, change: MessageReactionUpdated, voter: int, verdict: int) -> None:
        stored = self._book.held_by(change.chat.id, change.message_id)
        if stored is not None:
            self._book.vote(stored.id, voter, verdict)


class OldButtons:
    """Fallback for presses that no other feature handles: the last of all features."""

    kinds = ("callback_query",)

    def __init__(self, *, delivery: Delivery, contexts: ChatContexts) -> None:
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (CallbackQueryHandler(self.press),)

    async def press(self, update: Update, context: UpdateContext) -> None:
        query, _ = _pressed(update)
        spoken = self._contexts.language_of(query)
        await self._delivery.toast(query, say("toast_old_button", spoken))


def _verdict(reactions: Sequence[ReactionType]) -> int:
    """Return the vote in somebody's reactions on a message: 1, -1, or 0 for none; of several the last."""
    votes = {str(ReactionEmoji.THUMBS_UP): 1, str(ReactionEmoji.THUMBS_DOWN): -1}
    emoji = [each.emoji for each in reactions if isinstance(each, ReactionTypeEmoji)]
    return next((votes[each] for each in reversed(emoji) if each in votes), 0)


def _pressed(update: Update) -> tuple[CallbackQuery, list[str]]:
    query = query_of(update)
    return query, (query.data or "").split(":")


def _bears(markup: InlineKeyboardMarkup | None, data: str | None) -> bool:
    return markup is not None and any(
        button.callback_data == data for row in markup.inline_keyboard for button in row
    )
