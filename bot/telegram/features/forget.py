"""``/forget``: a user's data is erased after they confirm it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.render.telegram import render_line
from bot.telegram.chats.context import ChatContexts
from bot.telegram.features.erasure import Erasure
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from prompts import Language, say


class Forget:
    """Handlers for ``/forget`` and the buttons that confirm it."""

    kinds = ("message", "callback_query")

    def __init__(self, *, erasure: Erasure, delivery: Delivery, contexts: ChatContexts) -> None:
        self._erasure = erasure
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (
            CommandHandler("forget", self.ask, filters.UpdateType.MESSAGE),
            CallbackQueryHandler(self.decide, pattern=r"^forget:(yes|no):\d+$"),
        )

    async def ask(self, update: Update, context: UpdateContext) -> None:
        """Ask for confirmation. In a group only the user who sent the command may give it."""
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        if message.sender_chat is not None or message.from_user is None:
            await self._delivery.line(here, "telegram_forget_anonymous", reply_to=message.message_id)
            return
        part = Part(_line("telegram_forget", here.language), _keyboard(message.from_user.id, here.language))
        await self._delivery.send(here, [part], "forget", reply_to=message.message_id)

    async def decide(self, update: Update, context: UpdateContext) -> None:
        query = query_of(update)
        here = self._contexts.of_query(query, update.update_id)
        _, answer, user = str(query.data).split(":")
        if query.from_user.id != int(user):
            await self._delivery.toast(query, say("telegram_forget_not_yours", here.language), alert=True)
            return
        html = _line("telegram_forget_kept", here.language)
        if answer == "yes":
            erased = await self._erasure.erase(int(user), update.update_id)
            html = _line(
                "telegram_forgotten",
                here.language,
                turns=erased.turns,
                answers=erased.answers,
                feedback=erased.feedback,
            )
        await self._delivery.toast(query)
        if query.message is not None:
            # Edited, not sent: of a message that is sent its delivery would be kept.
            await self._delivery.edit(query.message.chat.id, query.message.message_id, html)


def _line(name: str, language: Language, **variables: object) -> str:
    return render_line(say(name, language, **variables), language)


def _keyboard(user: int, language: Language) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    say(f"telegram_forget_{answer}", language), callback_data=f"forget:{answer}:{user}"
                )
                for answer in ("yes", "no")
            ]
        ]
    )
