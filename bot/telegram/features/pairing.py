"""Pairing: those turned away request access with a code, and an owner decides with one tap."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import TYPE_CHECKING

from telegram import (
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
    User,
)
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.render.people import render_about, shown
from bot.telegram.access.store import AccessRequest, Party, Verdict
from bot.telegram.chats.context import ChatContext, plain_context
from bot.telegram.features.greeting import Greeting
from bot.telegram.outgoing.delivery import Part
from bot.telegram.runtime.recent import Recent
from prompts import Language, say

if TYPE_CHECKING:
    from bot.telegram.front import Front

log = logging.getLogger(__name__)

_AGAIN_AFTER = 3600.0
"""Seconds before a stranger is answered again."""
_MOST_TOLD = 60
"""Maximum number of strangers answered per minute."""
_IN = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED)


class Pairing:
    """Access requests from users and groups that the gate turns away, and the owners' decisions on them."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.register = front.gate.register
        self._told = Recent(_AGAIN_AFTER)
        self._flooded = Recent(600.0)
        self._lately: deque[float] = deque(maxlen=_MOST_TOLD)

    async def turned_away(self, update: Update) -> None:
        """Handle an update that the gate turned away.

        A stranger who writes in private is answered once an hour; a group that the bot is added to is reported to
        the owners; all other updates get no answer.
        """
        if update.my_chat_member is not None:
            await self._moved_in(update.my_chat_member, update.update_id)
            return
        message, user = update.message, update.effective_user
        if message is None or user is None or message.chat.type != ChatType.PRIVATE or user.is_bot:
            return
        if self.register.verdict("user", user.id) is not None or self._told.has(user.id):
            return
        if self._too_many():
            return  # and be told when they write another time
        self._told.first(user.id)
        try:
            await self._met(user, plain_context(message, update.update_id))
        except TelegramError as error:
            log.info("a stranger could not be told that the bot is closed to them: %s", error)
        except BaseException:
            self._told.forget(user.id)  # it will be tried again
            raise

    def _too_many(self) -> bool:
        """Return whether the limit on strangers per minute is reached; if not, count this one.

        Thousands who write at once must not use up the messages that the bot may send to those who may ask.
        """
        now = time.monotonic()
        if len(self._lately) == _MOST_TOLD and now - self._lately[0] < 60:
            if self._flooded.first(""):
                log.warning("many strangers write: no more than %d a minute are answered", _MOST_TOLD)
            return True
        self._lately.append(now)
        return False

    async def _met(self, user: User, here: ChatContext) -> None:
        if not self.front.settings.owners:
            log.warning("not let in: a user. They were told their number, and that the owner may add it")
            await self.front.delivery.line(here, "telegram_stranger", number=user.id)
            return
        party = Party("user", user.id, shown(user.full_name), user.username or "")
        request = await asyncio.to_thread(self.register.ask, party, here.language, here.update_id)
        if request is None:
            log.warning("not let in: a user; so many requests wait that no other is taken")
            await self.front.delivery.line(here, "telegram_pairing_full")
            return
        html = render_about("telegram_pairing", here.language, code=request.code)
        await self.front.delivery.send(here, [html], "pairing")
        # Of a request that waited already the owners were told by another update.
        if request.asked_in == here.update_id:
            log.info("a user asks to be let in")
            await self._tell_owners(request, here.update_id)

    async def _moved_in(self, change: ChatMemberUpdated, update_id: int) -> None:
        """Request access for an undecided group that the bot joined; withdraw the request when it has left."""
        chat = change.chat
        if chat.type == ChatType.PRIVATE or self.register.verdict("chat", chat.id) is not None:
            return
        if change.new_chat_member.status not in _IN:
            await asyncio.to_thread(self.register.withdraw, chat.id)
            return
        if not self.front.settings.owners:
            return
        request = await asyncio.to_thread(
            self.register.ask, _party(chat), self.front.settings.language, update_id
        )
        if request is not None and request.asked_in == update_id:
            by = change.from_user
            await self._tell_owners(
                request, update_id, by=Party("user", by.id, shown(by.full_name), by.username or "").label
            )

    async def _tell_owners(self, request: AccessRequest, update_id: int, by: str = "") -> None:
        for owner in sorted(self.front.settings.owners):
            here = self.front.contexts.private(owner, self.front.settings.language, update_id)
            part = Part(_about(request, here.language, by), _keyboard(request, here.language))
            try:
                await self.front.delivery.send(here, [part], f"request:{owner}")
            except TelegramError as error:
                log.info("an owner could not be told of a request: %s", error)

    # What an owner decides

    async def decide(self, query: CallbackQuery, code: str, verdict: Verdict, update_id: int) -> None:
        """Decide the request with this code for the owner who pressed a button.

        The owner is told when another owner was quicker or when the request has lapsed.
        """
        owner = query.from_user
        found = await asyncio.to_thread(
            self.register.decide, code, verdict, owner.id, shown(owner.full_name), update_id
        )
        language = self.front.contexts.language_of(query)
        if found is None:
            await self.front.delivery.toast(query, say("telegram_access_stale", language), alert=True)
            return
        request, now = found
        await self.front.delivery.toast(query, "" if now else say("telegram_access_decided", language))
        await self.announce(request)
        if now:
            await self.carry_out(request.party, verdict, update_id, request.language)

    async def announce(self, request: AccessRequest, also: tuple[int, int] | None = None) -> None:
        """Edit every message that told an owner of the request, to name the decision and the owner who made it.

        ``also`` is one more message to edit, as chat and message number.
        """
        told = await asyncio.to_thread(self.register.told, request)
        for chat, message in dict.fromkeys([*told, *([also] if also else [])]):
            language = self.front.contexts.private(chat, self.front.settings.language, 0).language
            try:
                await self.front.delivery.edit(chat, message, _outcome(request, language))
            except TelegramError as error:
                log.info("an owner's message could not be changed: %s", error)

    async def carry_out(
        self, party: Party, verdict: Verdict, update_id: int, language: Language | None = None
    ) -> None:
        """Tell a user the decision; greet a group that was let in and leave one that was refused.

        ``language`` is None for a user who never asked; that user is not told either.
        """
        try:
            if party.kind == "chat":
                await self._carry_out_in_group(party, verdict, update_id)
            elif language is not None:
                here = self.front.contexts.private(party.id, language, update_id)
                name = "telegram_let_in" if verdict == "allowed" else "telegram_turned_down"
                await self.front.delivery.line(here, name)
        except TelegramError as error:
            log.info("whom an owner decided on could not be told: %s", error)
        self._told.forget(party.id)

    async def _carry_out_in_group(self, party: Party, verdict: Verdict, update_id: int) -> None:
        if verdict == "denied":
            # Until its reply arrives: by now the group is shut out, and nobody would have it left another time.
            await self.front.delivery.network.carry_out(party.id, self.front.bot.leave_chat, again=True)
            return
        language = self.front.contexts.chats.of(party.id).language or self.front.settings.language
        here = ChatContext(
            chat=party.id,
            thread=None,
            user=party.id,
            private=False,
            language=language,
            update_id=update_id,
        )
        await Greeting(self.front).give(here, party.name, None)


def _party(chat: Chat) -> Party:
    return Party("chat", chat.id, shown(chat.title or ""), chat.username or "")


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
