"""Long polling, and the watchdog over it.

Updates are fetched as they come, unread: what the library cannot read must not stop what comes after it. They are
acknowledged with the next request, when the inbox has committed them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.telegram.inbox import Json

log = logging.getLogger(__name__)

WAIT = 30
"""Seconds the server may hold a request that finds nothing."""
_SILENCE = 15.0
"""Seconds beyond that until a request counts as hung: its connection is given up and a new one made."""
_DELAYS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds to wait after the first, second, … failure in a row."""
_CONFLICTS = 3
"""Conflicts within a minute that end the polling: one may be a predecessor that is still stopping."""


class PollingEndedError(RuntimeError):
    """Polling cannot go on; ``reason`` names the message that says why, with its ``variables``."""

    def __init__(self, reason: str, **variables: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.variables = variables


class Poller:
    """Fetches updates and hands them to ``accept``, which returns when they are committed.

    ``url`` is the address of the bot's methods, token included. Use it as a context.
    """

    def __init__(
        self,
        url: str,
        accept: Callable[[Sequence[Json]], Awaitable[object]],
        kinds: Sequence[str],
        *,
        wait: int = WAIT,
        silence: float = _SILENCE,
        delays: Sequence[float] = _DELAYS,
    ) -> None:
        self._url = f"{url}/getUpdates"
        self._webhook_url = f"{url}/deleteWebhook"
        self._request = HTTPXRequest(connection_pool_size=1, connect_timeout=10)
        self._accept = accept
        self._kinds = list(kinds)
        self._wait = wait
        self._silence = silence
        self._delays = delays
        self._offset: int | None = None
        self._conflicts: list[float] = []
        self._down_since: float | None = None
        self._failures = 0
        self.last_success: float | None = None
        """When the server last answered (``time.time()``)."""
        self.reconnects = 0
        """Connections that were given up because nothing came."""

    patience = 90.0
    """Seconds without an answer after which something is wrong: two polls failed."""

    async def __aenter__(self) -> Poller:
        await self._request.initialize()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._request.shutdown()

    async def run(self) -> None:
        """Poll until cancelled. PollingEndedError when there is no use in going on."""
        while True:
            try:
                updates = await self._fetch()
            except TimeoutError:
                self.reconnects += 1
                self._fail(f"nothing came for {self._wait + self._silence:.0f} s, connecting anew")
            except InvalidToken:
                raise PollingEndedError("telegram_token_refused") from None
            except Conflict as error:
                await self._conflict(error)
            except RetryAfter as error:
                self._fail(str(error))
                await asyncio.sleep(_seconds(error))
                continue
            except TelegramError as error:
                self._fail(str(error))
            else:
                self._succeed()
                if updates:
                    await self._accept(updates)
                    self._offset = max(update["update_id"] for update in updates) + 1
                continue
            await asyncio.sleep(self._delays[min(self._failures, len(self._delays)) - 1])

    async def acknowledge(self) -> None:
        """Tell the server what was committed last, so that it does not send it again to the next start."""
        if self._offset is not None:
            try:
                async with asyncio.timeout(2):
                    await self._get(0, 1)
            except (TelegramError, TimeoutError) as error:
                log.debug("the last updates will come again: %s", error)

    async def _fetch(self) -> list[Json]:
        # A server may drip or hold a connection for ever: no single read is late then, but the whole is.
        async with asyncio.timeout(self._wait + self._silence):
            return await self._get(self._wait, 100)

    async def _get(self, wait: int, limit: int) -> list[Json]:
        parameters: dict[str, object] = {
            "timeout": wait,
            "limit": limit,
            "allowed_updates": json.dumps(self._kinds),
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        found: Any = await self._request.post(
            f"{self._url}?{urlencode(parameters)}", read_timeout=wait + self._silence
        )
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise TelegramError("the server sent something else than updates")
        return found

    def _succeed(self) -> None:
        now = time.time()
        if self._down_since is not None:
            log.warning("updates come again, after %.0f s", now - self._down_since)
        self._down_since, self._failures, self.last_success = None, 0, now

    def _fail(self, why: str) -> None:
        self._failures += 1
        if self._down_since is None:
            self._down_since = time.time()
        log.warning("updates could not be fetched, trying again: %s", why)

    async def _conflict(self, error: Conflict) -> None:
        now = time.monotonic()
        self._conflicts = [then for then in self._conflicts if now - then < 60] + [now]
        webhook = "webhook" in str(error).lower()
        self._fail("a webhook is set" if webhook else "another program polls with this bot's token")
        if len(self._conflicts) >= _CONFLICTS:
            raise PollingEndedError("telegram_conflict")
        if webhook:
            await self._end_webhook()

    async def _end_webhook(self) -> None:
        """Take away the webhook that an earlier start left; what waits at Telegram stays there for the next request."""
        try:
            await self._request.post(self._webhook_url, read_timeout=self._silence)
        except TelegramError as error:
            log.warning("the webhook could not be taken away: %s", error)
        else:
            log.warning("the webhook was taken away, so that updates can be fetched; none is lost")


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
