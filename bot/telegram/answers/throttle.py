"""Refusal of questions that come too soon, or while too many wait, with a line that says so."""

from __future__ import annotations

from bot.telegram.access.ratelimits import Limits, span
from bot.telegram.chats.context import ChatContext
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import Work

_BUSY_EVERY = 60.0
"""Seconds between two «busy» lines to one conversation: in a group they would use up its messages per minute."""


class Throttle:
    """The rate limits of questions in chats, and the lines to those who ask too much."""

    def __init__(self, *, limits: Limits, delivery: Delivery, metrics: Metrics) -> None:
        self._limits = limits
        self._delivery = delivery
        self._metrics = metrics
        self._notified = Recent(_BUSY_EVERY)

    async def is_too_soon(self, here: ChatContext, work: Work, reply_to: int) -> bool:
        """Return whether a question comes too soon; if so, tell the user once how long to wait."""
        wait = self._limits.take(here.user, None if here.private else here.chat, work=work)
        if wait is None:
            return False
        if wait.first:
            time = span(wait.seconds, here.language)
            await self._delivery.line(here, f"telegram_wait_{wait.whose}", reply_to=reply_to, time=time)
        return True

    async def busy(self, here: ChatContext, count: int, reply_to: int) -> None:
        """Tell the user, at intervals, that ``count`` questions wait already and this one is not taken."""
        self._metrics.busy()
        if self._notified.first(here.conversation):
            await self._delivery.line(here, "telegram_busy", reply_to=reply_to, count=count)
