"""How long the bot waits for what: for Telegram, for a network that is down, for an update to be tried again."""

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
    """Seconds, all of them. Of a row of delays the last is kept to, however often something fails."""

    start: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """Between the attempts to reach the Bot API server at start; after the last the bot ends."""
    stop: float = 45.0
    """For what runs to finish when told to stop: a question takes no longer (``llm_timeout``), but Telegram may ask
    for minutes of patience before it takes the next message."""
    answer: float = 20.0
    """For the server to answer a request; after that it is not known whether it was carried out."""
    poll: float = 30.0
    """That the server may hold a request for updates when there are none."""
    silence: float = 15.0
    """Beyond that until a request counts as hung, and its connection is given up."""
    polls: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
    """After the first, second, … failure in a row to fetch updates."""
    look: float = 45.0
    """Between two looks at what Telegram has of the webhook."""
    sends: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
    """After the first, second, … failure in a row to send one message."""
    tries: tuple[float, ...] = (1.0, 5.0)
    """Until an update whose work failed is tried the second and the third time; then it is set aside."""
    put_off: tuple[float, float] = (5.0, 60.0)
    """The least and the most until an update that could not be worked on through no fault of its own is tried again."""
    store: tuple[float, ...] = (0.2, 1.0, 5.0)
    """Until the inbox is written to again when its file cannot be: busy, or the disk full."""


async def surely(work: Callable[[], Awaitable[R]], delays: tuple[float, ...]) -> R:
    """What ``work`` comes to, however long the bot's file cannot be used: the disk is full, or somebody else is
    writing. ``delays``: seconds between tries (``Backoff.store``)."""
    failures = 0
    while True:
        try:
            return await work()
        except (ArchiveBusyError, ArchiveUnusableError) as error:
            failures += 1
            log.error("what the bot remembers cannot be used, trying again: %s", error)
        await asyncio.sleep(nth(delays, failures))


def nth(delays: tuple[float, ...], failures: int) -> float:
    """The delay after so many failures in a row, the first being 1."""
    return delays[min(failures, len(delays)) - 1]
