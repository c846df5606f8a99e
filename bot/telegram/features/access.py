"""Access control for owners: ``/allow``, ``/deny``, ``/access`` and the buttons under requests."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginUser,
    Update,
)
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.render.people import isolated, render_about, shown
from bot.render.telegram import render_line
from bot.telegram.access.store import AccessRequest, Kind, Party, Verdict
from bot.telegram.front import Front
from bot.telegram.outgoing.delivery import Part
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from prompts import Language, say

if TYPE_CHECKING:
    from bot.telegram.features.pairing import Pairing

_PAGE = 8
_ON_BUTTON = 24
_VERDICTS: dict[str, Verdict] = {"allow": "allowed", "deny": "denied"}


class Access:
    """Handlers for the owners' access commands in private chats and for their buttons."""

    kinds = ("message", "callback_query", "my_chat_member")

    def __init__(self, front: Front, pairing: Pairing) -> None:
        self.front = front
        self.register = front.gate.register
        self.pairing = pairing

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        owners = (
            filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.User(self.front.settings.owners)
        )
        return (
            CommandHandler("allow", self.allow, owners),
            CommandHandler("deny", self.deny, owners),
            CommandHandler("access", self.access, owners),
            CallbackQueryHandler(self.pair, pattern=r"^pair:(allow|deny):\w+$"),
            CallbackQueryHandler(self.turn, pattern=r"^access:page:\d+$"),
            CallbackQueryHandler(self.drop, pattern=r"^access:drop:(user|chat):-?\d+:\d+$"),
            CallbackQueryHandler(self.settle, pattern=r"^access:(allow|deny):\w+:\d+$"),
        )

    async def allow(self, update: Update, context: UpdateContext) -> None:
        await self._set(update, "allowed")

    async def deny(self, update: Update, context: UpdateContext) -> None:
        await self._set(update, "denied")

    async def access(self, update: Update, context: UpdateContext) -> None:
        here = self.front.contexts.of(message_of(update), update.update_id)
        part = await asyncio.to_thread(self._page, 0, here.language)
        await self.front.delivery.send(here, [part], "access")

    # Buttons

    async def pair(self, update: Update, context: UpdateContext) -> None:
        """Decide a request with the buttons under the message that reports it."""
        query = query_of(update)
        if await self._refused(query):
            return
        _, verb, code = str(query.data).split(":")
        await self.pairing.decide(query, code, _VERDICTS[verb], update.update_id)

    async def settle(self, update: Update, context: UpdateContext) -> None:
        """Decide a request with a button in the access list."""
        query = query_of(update)
        if await self._refused(query):
            return
        _, verb, code, page = str(query.data).split(":")
        await self.pairing.decide(query, code, _VERDICTS[verb], update.update_id)
        await self._show(query, int(page))

    async def drop(self, update: Update, context: UpdateContext) -> None:
        query = query_of(update)
        if await self._refused(query):
            return
        _, _, kind, id, page = str(query.data).split(":")
        await asyncio.to_thread(self.register.drop, "user" if kind == "user" else "chat", int(id))
        language = self.front.contexts.language_of(query)
        await self.front.delivery.toast(query, say("telegram_access_dropped", language))
        await self._show(query, int(page))

    async def turn(self, update: Update, context: UpdateContext) -> None:
        query = query_of(update)
        if await self._refused(query):
            return
        await self.front.delivery.toast(query)
        await self._show(query, int(str(query.data).rsplit(":", 1)[1]))

    async def _refused(self, query: CallbackQuery) -> bool:
        """Return whether the press was not an owner's; if so, tell the user that nothing is done."""
        if query.from_user.id in self.front.settings.owners:
            return False
        language = self.front.contexts.language_of(query)
        await self.front.delivery.toast(query, say("telegram_access_not_yours", language), alert=True)
        return True

    async def _show(self, query: CallbackQuery, page: int) -> None:
        if query.message is not None:
            language = self.front.contexts.language_of(query)
            part = await asyncio.to_thread(self._page, page, language)
            await self.front.delivery.edit(query.message.chat.id, query.message.message_id, part)

    # Letting in and shutting out

    async def _set(self, update: Update, verdict: Verdict) -> None:
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        party = await self._meant(message)
        if isinstance(party, str):
            await self.front.delivery.line(here, party)
            return
        if party.kind == "user" and party.id in self.front.settings.owners:
            await self.front.delivery.line(here, "telegram_allow_owner")
            return
        owner = message.from_user
        request = await asyncio.to_thread(
            self.register.set,
            party,
            verdict,
            here.user,
            shown(owner.full_name) if owner else "",
            update.update_id,
        )
        if request is not None:
            await self.pairing.announce(request)
        await self.pairing.carry_out(party, verdict, update.update_id, request.language if request else None)
        html = render_about(f"telegram_{verdict}", here.language, name=party.label)
        await self.front.delivery.send(here, [html], "set")

    async def _meant(self, message: Message) -> Party | str:
        """Return the user or chat that a command names, or the name of the message that explains why none is."""
        words = (message.text or "").split()[1:]
        if len(words) > 1:
            return "telegram_allow_usage"
        if words:
            return await self._called(words[0])
        replied = message.reply_to_message
        if replied is None:
            return "telegram_allow_usage"
        found = _author(replied)
        if found is None:
            found = await asyncio.to_thread(self.register.asked_by, replied.chat.id, replied.message_id)
        if found is not None:
            return found
        return "telegram_allow_hidden" if replied.forward_origin else "telegram_allow_usage"

    async def _called(self, name: str) -> Party | str:
        if re.fullmatch(r"-?\d{1,15}", name):
            number = int(name)
            if not number:
                return "telegram_allow_unknown"
            return await asyncio.to_thread(self.register.known, "user" if number > 0 else "chat", number)
        found = await asyncio.to_thread(self.register.named, name)
        if found is None and name.startswith("@"):
            found = await self._public_chat(name)
        return found or "telegram_allow_unknown"

    async def _public_chat(self, name: str) -> Party | None:
        """Return the group or channel with a public name; Telegram does not tell bots users' names."""
        try:
            chat = await self.front.bot.get_chat(name)
        except TelegramError:
            return None
        return Party("chat", chat.id, shown(chat.title or ""), chat.username or "") if chat.id < 0 else None

    # The list

    def _page(self, number: int, language: Language) -> Part:
        """Return one page of all allowed, denied and waiting, with buttons for what an owner can change."""
        lines = self._lines(language)
        pages = max(1, math.ceil(len(lines) / _PAGE))
        number = min(number, pages - 1)
        shown_lines = lines[number * _PAGE : (number + 1) * _PAGE]
        title = render_line(say("telegram_access_title", language, page=number + 1, pages=pages), language)
        head = [f"<b>{title}</b>"]
        if self.front.settings.public:
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
        settings, entries = self.front.settings, self.register.entries()
        decided = {(entry.party.kind, entry.party.id) for entry in entries}
        found = [_waiting(request, language) for request in self.register.waiting()]
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


def _author(message: Message) -> Party | None:
    """Return the author of a forwarded message or the user of a shared contact; None without either."""
    origin = message.forward_origin
    if isinstance(origin, MessageOriginUser):
        user = origin.sender_user
        return Party("user", user.id, shown(user.full_name), user.username or "")
    if isinstance(origin, MessageOriginChat | MessageOriginChannel):
        chat = origin.sender_chat if isinstance(origin, MessageOriginChat) else origin.chat
        return Party("chat", chat.id, shown(chat.title or ""), chat.username or "")
    if message.contact is not None and message.contact.user_id:
        return Party("user", message.contact.user_id, shown(message.contact.first_name))
    return None
