"""``/access``: the list of all who are let in, shut out or waiting, with buttons that change it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.render.people import isolated, render_about
from bot.render.telegram import render_line
from bot.telegram.access.store import AccessRequest, AccessStore, Kind, Party, Verdict
from bot.telegram.admission.decisions import Decisions
from bot.telegram.chats.context import ChatContexts
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from prompts import Language, say

if TYPE_CHECKING:
    from bot.settings import Settings

_PAGE = 8
_ON_BUTTON = 24
_VERDICTS: dict[str, Verdict] = {"allow": "allowed", "deny": "denied"}


class AccessMenu:
    """Handlers for ``/access``, its buttons, and those under the messages that report a request."""

    kinds = ("message", "callback_query")

    def __init__(
        self,
        *,
        settings: Settings,
        register: AccessStore,
        decisions: Decisions,
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        self._settings = settings
        self._register = register
        self._decisions = decisions
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        owners = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.User(self._settings.owners)
        return (
            CommandHandler("access", self.access, owners),
            CallbackQueryHandler(self.decide, pattern=r"^pair:(allow|deny):\w+$"),
            CallbackQueryHandler(self.turn, pattern=r"^access:page:\d+$"),
            CallbackQueryHandler(self.drop, pattern=r"^access:drop:(user|chat):-?\d+:\d+$"),
            CallbackQueryHandler(self.settle, pattern=r"^access:(allow|deny):\w+:\d+$"),
        )

    async def access(self, update: Update, context: UpdateContext) -> None:
        here = self._contexts.of(message_of(update), update.update_id)
        part = await asyncio.to_thread(self._page, 0, here.language)
        await self._delivery.send(here, [part], "access")

    async def decide(self, update: Update, context: UpdateContext) -> None:
        """Decide a request with the buttons under the message that reports it."""
        query = query_of(update)
        if await self._refused(query):
            return
        _, verb, code = str(query.data).split(":")
        await self._decisions.decide(query, code, _VERDICTS[verb], update.update_id)

    async def settle(self, update: Update, context: UpdateContext) -> None:
        """Decide a request with a button in the access list."""
        query = query_of(update)
        if await self._refused(query):
            return
        _, verb, code, page = str(query.data).split(":")
        await self._decisions.decide(query, code, _VERDICTS[verb], update.update_id)
        await self._show(query, int(page))

    async def drop(self, update: Update, context: UpdateContext) -> None:
        query = query_of(update)
        if await self._refused(query):
            return
        _, _, kind, id, page = str(query.data).split(":")
        await asyncio.to_thread(self._register.drop, "user" if kind == "user" else "chat", int(id))
        language = self._contexts.language_of(query)
        await self._delivery.toast(query, say("telegram_access_dropped", language))
        await self._show(query, int(page))

    async def turn(self, update: Update, context: UpdateContext) -> None:
        query = query_of(update)
        if await self._refused(query):
            return
        await self._delivery.toast(query)
        await self._show(query, int(str(query.data).rsplit(":", 1)[1]))

    async def _refused(self, query: CallbackQuery) -> bool:
        """Return whether the press was not an owner's; if so, tell the user that nothing is done."""
        if query.from_user.id in self._settings.owners:
            return False
        language = self._contexts.language_of(query)
        await self._delivery.toast(query, say("telegram_access_not_yours", language), alert=True)
        return True

    async def _show(self, query: CallbackQuery, page: int) -> None:
        if query.message is not None:
            language = self._contexts.language_of(query)
            part = await asyncio.to_thread(self._page, page, language)
            await self._delivery.edit(query.message.chat.id, query.message.message_id, part)

    # The list

    def _page(self, number: int, language: Language) -> Part:
        """Return one page of all allowed, denied and waiting, with buttons for what an owner can change."""
        lines = self._lines(language)
        pages = max(1, math.ceil(len(lines) / _PAGE))
        number = min(number, pages - 1)
        shown_lines = lines[number * _PAGE : (number + 1) * _PAGE]
        title = render_line(say("telegram_access_title", language, page=number + 1, pages=pages), language)
        head = [f"<b>{title}</b>"]
        if self._settings.public:
            head.append(render_line(say("telegram_access_public", language), language))
        rows = [
            [InlineKeyboardButton(text, callback_data=f"{data}:{number}") for text, data in buttons]
            for _, buttons in shown_lines
            if buttons
        ]
        turns = [("‹", number - 1), ("›", number + 1)]
        rows.append(
            [
                InlineKeyboardButton(sign, callback_data=f"access:page:{page}")
                for sign, page in turns
                if 0 <= page < pages
            ]
        )
        html = "\n\n".join(["\n".join(head), "\n".join(html for html, _ in shown_lines)])
        return Part(html, InlineKeyboardMarkup([row for row in rows if row]))

    def _lines(self, language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the lines of the list: HTML, and buttons as text and callback data without the page."""
        settings, entries = self._settings, self._register.entries()
        decided = {(entry.party.kind, entry.party.id) for entry in entries}
        found = [_waiting(request, language) for request in self._register.waiting()]
        found += [
            (render_about("telegram_access_owner", language, name=str(id)), [])
            for id in sorted(settings.owners)
        ]
        of_kind: list[tuple[Kind, frozenset[int]]] = [
            ("user", settings.allowed_users),
            ("chat", settings.allowed_chats),
        ]
        found += [
            (render_about("telegram_access_set", language, name=str(id)), [])
            for kind, ids in of_kind
            for id in sorted(ids)
            if (kind, id) not in decided
        ]
        for entry in entries:
            name = "telegram_access_in" if entry.verdict == "allowed" else "telegram_access_out"
            found.append(
                (
                    render_about(name, language, name=entry.party.label),
                    [
                        _button(
                            "drop", entry.party, f"access:drop:{entry.party.kind}:{entry.party.id}", language
                        )
                    ],
                )
            )
        return found


def _waiting(request: AccessRequest, language: Language) -> tuple[str, list[tuple[str, str]]]:
    return (
        render_about("telegram_access_waiting", language, name=request.party.label),
        [
            _button("allow_name", request.party, f"access:allow:{request.code}", language),
            (say("telegram_access_deny", language), f"access:deny:{request.code}"),
        ],
    )


def _button(name: str, party: Party, data: str, language: Language) -> tuple[str, str]:
    called = isolated(party.name or party.label, _ON_BUTTON)
    return say(f"telegram_access_{name}", language, name=called), data
