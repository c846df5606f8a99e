"""Notifications to systemd (``Type=notify``) if it started the bot: loading, ready, alive, stopping.

The protocol is sd_notify(3): datagrams to a socket whose name is in the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.settings import Supervision, supervision

log = logging.getLogger(__name__)

_EVERY = 10.0
"""Seconds between two looks at how the bot is, where no deadline asks for more."""
_LONGER = 60
"""Seconds by which each notification of a load extends the time to start."""


@asynccontextmanager
async def supervised(
    by: Supervision | None = None,
    *,
    stuck: Callable[[], bool] = lambda: False,
    status: Callable[[], Awaitable[str]] | None = None,
) -> AsyncIterator[None]:
    """Notify the supervisor of readiness on entry and of stopping on exit; do nothing without a supervisor.

    In between it is told that the bot lives, unless the bot is ``stuck``, and its ``status``, in one line. A bot whose
    event loop hangs, or that is stuck, is restarted then. One that is only unwell goes on, since a restart would mend
    nothing and cost those who wait.
    """
    by = by or supervision()
    if by is None:
        yield
        return
    _tell(by.socket, "READY=1")
    living = asyncio.create_task(_live(by, stuck, status))
    try:
        yield
    finally:
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
        _tell(by.socket, "STOPPING=1")


def notify_loading(status: str, by: Supervision | None = None) -> None:
    """Tell the supervisor, if there is one, that the bot still starts: it waits a minute longer then."""
    if by := by or supervision():
        _tell(by.socket, f"EXTEND_TIMEOUT_USEC={_LONGER * 1_000_000}\nSTATUS={status}")


async def _live(
    by: Supervision, stuck: Callable[[], bool], status: Callable[[], Awaitable[str]] | None
) -> None:
    said = ""
    while by.within or status is not None:
        if by.within and not stuck():
            _tell(by.socket, "WATCHDOG=1")
        if status is not None and (now := await status()) != said:
            _tell(by.socket, f"STATUS={now}")
            said = now
        await asyncio.sleep(min(by.within / 3 or _EVERY, _EVERY))


def _tell(name: str, state: str) -> None:
    # An abstract name is written with @ for its leading zero byte.
    at = f"\0{name[1:]}" if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(state.encode(), at)
        except OSError as error:
            log.debug("the supervisor was not told %s: %s", state, error)
