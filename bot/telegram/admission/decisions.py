"""The owners' decisions on who may ask: stored, announced to all owners, and carried out."""

from __future__ import annotations

import asyncio
import logging

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.render.people import render_about, shown
from bot.telegram.access.store import AccessRequest, AccessStore, Party, Verdict
from bot.telegram.chats.context import ChatContexts
from bot.telegram.features.greeting import Greeting
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.outgoing.ownernotices import OwnerNotices
from bot.telegram.runtime.recent import Recent
from prompts import Language, say

log = logging.getLogger(__name__)


class RequestNotices:
    """Messages that tell the owners of a request for access, and later what was decided."""

    def __init__(self, *, register: AccessStore, owner_notices: OwnerNotices) -> None:
        self._register = register
        self._owner_notices = owner_notices

    async def send(self, request: AccessRequest, update_id: int, by: str = "") -> None:
        """Tell the owners of a request; ``by``: who brought the bot into the group that it is for."""

        def part_in(language: Language) -> Part:
            return Part(_about(request, language, by), _keyboard(request, language))

        await self._owner_notices.send(part_in, "request", update_id)

    async def announce(self, request: AccessRequest) -> None:
        """Edit every message that told an owner of the request, to name the decision and the owner who made it."""
        notices = await asyncio.to_thread(self._register.notices, request)
        for chat, message in dict.fromkeys(notices):
            await self._owner_notices.edit(chat, message, lambda language: _outcome(request, language))


class Consequences:
    """What follows from a decision for the user or group that it is on."""

    def __init__(
        self,
        *,
        delivery: Delivery,
        contexts: ChatContexts,
        greeting: Greeting,
        notified: Recent,
        language: Language,
    ) -> None:
        """Set the parts; ``notified``: the strangers who were answered lately.

        ``language``: that of a group for which none is set.
        """
        self._delivery = delivery
        self._contexts = contexts
        self._greeting = greeting
        self._notified = notified
        self._language = language

    async def carry_out(
        self, party: Party, verdict: Verdict, update_id: int, request: AccessRequest | None = None
    ) -> None:
        """Tell a user the decision; greet a group that was let in and leave one that was refused.

        ``request``: the one that was decided; None for a user who never asked, who is not told either.
        """
        try:
            if party.kind == "chat":
                adder = request.adder if request else None
                await self._carry_out_in_group(party, verdict, update_id, adder)
            elif request is not None:
                here = self._contexts.private(party.id, request.language, update_id)
                name = "telegram_let_in" if verdict == "allowed" else "telegram_turned_down"
                await self._delivery.line(here, name)
        except TelegramError as error:
            log.info("whom an owner decided on could not be told: %s", error)
        self._notified.forget(party.id)

    async def _carry_out_in_group(
        self, party: Party, verdict: Verdict, update_id: int, adder: int | None
    ) -> None:
        if verdict == "denied":
            # Until its reply arrives: by now the group is shut out, and nobody would have it left another time.
            await self._delivery.leave(party.id)
            return
        here = self._contexts.group(party.id, self._language, update_id)
        await self._greeting.give(here, party.name, adder, self._language)


class Decisions:
    """Decisions of the owners, on requests and on whom they name."""

    def __init__(
        self,
        *,
        register: AccessStore,
        notices: RequestNotices,
        consequences: Consequences,
        delivery: Delivery,
        contexts: ChatContexts,
    ) -> None:
        self._register = register
        self._notices = notices
        self._consequences = consequences
        self._delivery = delivery
        self._contexts = contexts

    async def decide(self, query: CallbackQuery, code: str, verdict: Verdict, update_id: int) -> None:
        """Decide the request with this code for the owner who pressed a button.

        The owner is told when another owner was quicker or when the request has lapsed.
        """
        owner = query.from_user
        found = await asyncio.to_thread(
            self._register.decide, code, verdict, owner.id, shown(owner.full_name), update_id
        )
        language = self._contexts.language_of(query)
        if found is None:
            await self._delivery.toast(query, say("telegram_access_stale", language), alert=True)
            return
        request, now = found
        await self._delivery.toast(query, "" if now else say("telegram_access_decided", language))
        await self._notices.announce(request)
        if now:
            await self._consequences.carry_out(request.party, verdict, update_id, request)

    async def decide_on(
        self, party: Party, verdict: Verdict, owner: int, owner_name: str, update_id: int
    ) -> None:
        """Decide on a user or chat that an owner names, and so on its request if one waits."""
        request = await asyncio.to_thread(self._register.set, party, verdict, owner, owner_name, update_id)
        if request is not None:
            await self._notices.announce(request)
        await self._consequences.carry_out(party, verdict, update_id, request)


def _about(request: AccessRequest, language: Language, by: str) -> str:
    party = request.party
    values = {"name": party.called, "number": str(party.id)}
    values |= {"by": by} if party.kind == "chat" else {"code": request.code}
    return render_about(f"telegram_request_{party.kind}", language, **values)


def _outcome(request: AccessRequest, language: Language) -> str:
    party = request.party
    values = {"name": party.called, "number": str(party.id), "owner": request.by_name}
    return render_about(f"telegram_{request.verdict}_{party.kind}", language, **values)


def _keyboard(request: AccessRequest, language: Language) -> InlineKeyboardMarkup:
    row = [
        InlineKeyboardButton(
            say(f"telegram_access_{verb}", language), callback_data=f"pair:{verb}:{request.code}"
        )
        for verb in ("allow", "deny")
    ]
    return InlineKeyboardMarkup([row])
