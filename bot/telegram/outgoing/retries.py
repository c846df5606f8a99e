"""Requests that write into chats, repeated until the server has accepted or refused them.

When a chat is told to wait (429), that chat waits and no other. While the network is down, all wait together. A
group that got a new ID is written to under it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.runtime.backoff import nth
from bot.telegram.runtime.errors import brief, may_be_carried_out, wait_of
from bot.telegram.runtime.request import StrictRequest

log = logging.getLogger(__name__)

R = TypeVar("R")


_WHOLE = 3
"""Multiples of ``Backoff.answer`` that a whole request may take, and that a file may (``_WHOLE_FILE``).

``Backoff.answer`` alone is the timeout for each piece of a reply.
"""
_WHOLE_FILE = 15


class Request(StrictRequest):
    """The request class for all but polls, except that a reply in slow pieces does not hold up its chat for ever."""

    def __init__(self, answer: float) -> None:
        """Set the timeouts; ``answer``: seconds (``Backoff.answer``)."""
        super().__init__(connection_pool_size=64, connect_timeout=10, read_timeout=answer, pool_timeout=20)
        self._answer = answer

    async def do_request(self, url: str, method: str, *more: Any, **named: Any) -> tuple[int, bytes]:
        within = self._answer * (_WHOLE_FILE if method == "GET" else _WHOLE)
        try:
            async with asyncio.timeout(within):
                return await super().do_request(url, method, *more, **named)
        except TimeoutError as error:
            raise TimedOut(f"no whole reply in {within:.0f} s") from error


class UnsureError(RuntimeError):
    """Raised when a request may or may not have been carried out: its reply was lost."""


class Retries:
    """State of the connection to Telegram: which chats wait, which have a new ID, whether it is open."""

    def __init__(
        self,
        delays: tuple[float, ...],
        *,
        migrated: Callable[[int, int], Awaitable[None]] | None = None,
        trouble: Callable[[str], None] | None = None,
    ) -> None:
        """Store the delays and the callbacks.

        ``delays``: seconds between attempts (``Backoff.sends``). ``migrated`` is called when a group got a new ID,
        ``trouble`` with the kind of each Telegram error.
        """
        self._delays = delays
        self.migrated = migrated
        self._trouble = trouble or (lambda kind: None)
        self._moved: dict[int, int] = {}
        self._pauses: dict[int, float] = {}
        self._through: asyncio.Event | None = None

    async def carry_out(self, chat: int, call: Callable[[int], Awaitable[R]], *, again: bool = False) -> R:
        """Make a request about a chat, given its present ID, until the server has accepted or refused it.

        ``again``: repeating the request changes nothing. Otherwise raises UnsureError when its reply was lost.
        Raises TelegramError when it is refused.
        """
        failures = 0
        while True:
            chat = self.number_of(chat)
            await self._wait_for(chat)
            try:
                done = await call(chat)
            except RetryAfter as error:
                self._trouble("429")
                self._pauses[chat] = time.monotonic() + wait_of(error)
                log.info("Telegram asks one chat to wait %.0f s", wait_of(error))
            except ChatMigrated as error:
                self._trouble("migrated")
                self.moved(chat, error.new_chat_id)
                await self.catch_up(chat)
            except (BadRequest, Forbidden, InvalidToken) as error:
                self._trouble(type(error).__name__)
                raise
            except TelegramError as error:
                self._trouble("timeout" if isinstance(error, TimedOut) else "network")
                if not again and may_be_carried_out(error):
                    raise UnsureError(brief(error)) from error
                failures += 1
                await self._wait_for_network(failures, error)
            else:
                self._is_through()
                return done

    def paused(self, chat: int) -> bool:
        """Return whether Telegram asks a chat to wait."""
        return self._pauses.get(self.number_of(chat), 0.0) > time.monotonic()

    def number_of(self, chat: int) -> int:
        """Return the present ID of a chat."""
        return self._moved.get(chat, chat)

    def moved(self, old: int, new: int) -> None:
        """Record a group's new ID: what is meant for the group goes there."""
        self._moved[old] = new

    async def catch_up(self, chat: int) -> None:
        """Move the data stored under a chat's ID if the group has got a new one."""
        if chat in self._moved and self.migrated:
            await self.migrated(chat, self._moved[chat])

    async def _wait_for(self, chat: int) -> None:
        if (left := self._pauses.get(chat, 0.0) - time.monotonic()) > 0:
            await asyncio.sleep(left)
            await self._wait_for(chat)  # meanwhile it may have been told to wait longer
        self._pauses.pop(chat, None)

    async def _wait_for_network(self, failures: int, error: TelegramError) -> None:
        """Wait for the delay after this many failures, or until shortly after another request gets through."""
        if self._through is None:
            self._through = asyncio.Event()
            log.warning("a request did not get through (%s): trying again until one does", brief(error))
        through = self._through
        await asyncio.sleep(self._delays[0])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(nth(self._delays, failures) - self._delays[0]):
                await through.wait()

    def _is_through(self) -> None:
        if self._through is not None:
            self._through.set()
            self._through = None
            log.warning("requests get through again")
