"""Timeouts and delays of the bot: for Telegram, for a network that is down and for retries of an update."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from corpus.errors import ArchiveBusyError, ArchiveUnusableError

log = logging.getLogger(__name__)

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Timeouts and retry delays, all in seconds.

    In a tuple, the last delay is kept, however often something fails.
    """

    start: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """Delays between attempts to reach the Bot API server at start; after the last one the bot ends."""
    stop: float = 45.0
    """Time for running work to finish when the bot is told to stop.

    A question takes no longer (``llm_timeout``), but Telegram may ask for minutes of patience before it takes the
    next message.
    """
    answer: float = 20.0
    """Timeout for the server's reply to a request; after it, it is unknown whether it was carried out."""
    poll: float = 30.0
    """Longest time that the server may hold a request for updates when there are none."""
    silence: float = 15.0
    """Time beyond ``poll`` after which a request counts as hung and its connection is given up."""
    polls: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
    """Delays after the first, second, … failure in a row to fetch updates."""
    rival: float = 5.0
    """Longest of these delays while another program polls: that one is to notice soon that it is not alone."""
    revoked: float = 120.0
    """Time for which the server refuses the token every time until it counts as revoked, and the bot ends.

    At start it is asked again after the first two delays of ``start`` only.
    """
    look: float = 45.0
    """Interval between two requests for the webhook's state at Telegram."""
    sends: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
    """Delays after the first, second, … failure in a row to send one message."""
    tries: tuple[float, ...] = (1.0, 5.0)
    """Delays before the second and the third attempt at an update that failed; then it is set aside."""
    put_off: tuple[float, float] = (5.0, 60.0)
    """Least and longest delay before a retry of an update that was postponed through no fault of its own."""
    gather: float = 10.0
    """Time from the first update that is set aside to the owners' digest: what comes with it is in the same."""
    store: tuple[float, ...] = (0.2, 1.0, 5.0)
    """Delays before the inbox is written to again when its file cannot be: it is busy, or the disk is full."""


async def surely(work: Callable[[], Awaitable[R]], delays: tuple[float, ...]) -> R:
    """Return the result of ``work``, retrying it while the bot's file cannot be used.

    The disk may be full, or somebody else may be writing. ``delays``: seconds between attempts
    (``Backoff.store``).
    """
    failures = 0
    while True:
        try:
            return await work()
        except (ArchiveBusyError, ArchiveUnusableError) as error:
            failures += 1
            log.error("what the bot remembers cannot be used, trying again: %s", error)
        await asyncio.sleep(nth(delays, failures))


def nth(delays: tuple[float, ...], failures: int) -> float:
    """Return the delay after a number of failures in a row, the first being 1."""
    return delays[min(failures, len(delays)) - 1]
