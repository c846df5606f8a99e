"""Notifications to systemd (``Type=notify``) if it started the bot: ready, alive, stopping.

The protocol is sd_notify(3): datagrams to a socket whose name is in the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Supervision, supervision

log = logging.getLogger(__name__)


@asynccontextmanager
async def supervised(by: Supervision | None = None) -> AsyncIterator[None]:
    """Notify the supervisor of readiness on entry and of stopping on exit; do nothing without a supervisor.

    A bot whose event loop hangs no longer reports that it is alive, and is restarted.
    """
    by = by or supervision()
    if by is None:
        yield
        return
    _tell(by.socket, "READY=1")
    living = asyncio.create_task(_live(by))
    try:
        yield
    finally:
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
        _tell(by.socket, "STOPPING=1")


async def _live(by: Supervision) -> None:
    while by.within:
        _tell(by.socket, "WATCHDOG=1")
        await asyncio.sleep(by.within / 3)


def _tell(name: str, state: str) -> None:
    # An abstract name is written with @ for its leading zero byte.
    at = f"\0{name[1:]}" if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(state.encode(), at)
        except OSError as error:
            log.debug("the supervisor was not told %s: %s", state, error)
