"""What becomes of an update that the gate turned away."""

from __future__ import annotations

from telegram import Update
from telegram.constants import ChatType

from bot.telegram.admission.pairing import GroupRequests, Pairing
from bot.telegram.admission.refusals import Refusals
from bot.telegram.admission.whoami import WhoAmI


class Doorkeeper:
    """Sender of each kind of update that was turned away to what answers it; most kinds get no answer."""

    def __init__(
        self, *, pairing: Pairing, groups: GroupRequests, refusals: Refusals, whoami: WhoAmI
    ) -> None:
        self._pairing = pairing
        self._groups = groups
        self._refusals = refusals
        self._whoami = whoami

    async def turned_away(self, update: Update) -> bool:
        """Answer an update that was turned away; return whether it is let in after all."""
        if update.my_chat_member is not None:
            return await self._groups.changed(update.my_chat_member, update.update_id)
        if update.callback_query is not None:
            await self._refusals.press(update.callback_query)
        elif update.inline_query is not None:
            await self._refusals.query(update.inline_query)
        elif (post := update.channel_post) is not None:
            if await self._groups.posted(post.chat.id):
                await self._refusals.leave(post.chat.id)
        elif (message := update.message) is not None:
            if self._whoami.asks(message):
                await self._whoami.tell_stranger(message, update.update_id)
            elif message.chat.type == ChatType.PRIVATE:
                await self._pairing.written(message, update.update_id)
        return False
