"""Long polling with a watchdog.

Updates are fetched without being parsed: one that the library cannot read must not stop those after it. They are
acknowledged with the next request, when the inbox has committed them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.telegram.intake.rawupdates import Json, number_of
from bot.telegram.intake.refusals import TokenRefusals
from bot.telegram.intake.stallwatch import StallWatch
from bot.telegram.runtime.backoff import Backoff, nth
from bot.telegram.runtime.errors import brief, wait_of
from bot.telegram.runtime.request import StrictRequest
from corpus.errors import ArchiveBusyError, ArchiveUnusableError

log = logging.getLogger(__name__)

_CONFLICTS = 3
"""Conflicts within a minute that end a newcomer's polling: one may be a predecessor that is still stopping."""
_ESTABLISHED = 60.0
"""Seconds after its first success from which a poller is no newcomer: when another comes, this one goes on."""
_RIVAL_FOR = 60.0
"""Seconds after a conflict for which another program counts as polling."""

_STORED_WITHIN = 90.0
"""Seconds within which the inbox takes updates or fails: it waits for other writers, one call after another."""
_STALLED_AFTER = 60.0
"""Seconds beyond which a step that has not ended counts as hanging."""
_SAY_EVERY = 600.0
"""Seconds before the same failure is logged again."""


class PollingEndedError(RuntimeError):
    """Raised when polling cannot go on; ``reason`` names the message that says why, with its ``variables``."""

    def __init__(self, reason: str, **variables: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.variables = variables


class Poller:
    """Poller that fetches updates and passes them to ``accept``, which returns when they are committed.

    ``url`` is the address of the bot's methods, token included. Use it as a context manager.
    """

    def __init__(
        self,
        url: str,
        accept: Callable[[Sequence[Json]], Awaitable[object]],
        kinds: Sequence[str],
        backoff: Backoff | None = None,
    ) -> None:
        self._url = f"{url}/getUpdates"
        self._webhook_url = f"{url}/deleteWebhook"
        self._backoff = backoff or Backoff()
        self._request = self._new_request()
        self._accept = accept
        self._kinds = list(kinds)
        self._offset: int | None = None
        self._conflicts: list[float] = []
        self._refusals = TokenRefusals(self._backoff.revoked)
        self._since: float | None = None
        self._unstored = False
        self._down_since: float | None = None
        self._failures = 0
        self._said = ("", 0.0)
        self.last_success: float | None = None
        """When the server last answered and what it sent was stored (``time.time()``)."""
        self.reconnects = 0
        """Number of connections that were given up because nothing came."""
        self._watch = StallWatch(_STALLED_AFTER)

    grace = 90.0
    """Seconds without an answer that mean a failure: two polls failed."""

    async def __aenter__(self) -> Poller:
        await self._request.initialize()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._request.shutdown()

    async def run(self) -> None:
        """Poll until cancelled.

        Raises PollingEndedError when there is no use in going on.
        """
        while True:
            self._watch.expect(self._backoff.poll + self._backoff.silence)
            wait = 0.0
            try:
                updates = await self._fetch()
            except TimeoutError:
                self._fail(f"nothing came for {self._backoff.poll + self._backoff.silence:.0f} s")
                await self._reconnect()
            except TimedOut as error:
                self._fail(brief(error))
                await self._reconnect()
            except InvalidToken:
                self._fail("the token was refused")
                if self._refusals.refused():
                    raise PollingEndedError("telegram_token_refused") from None
            except Conflict as error:
                await self._conflict(error)
                wait = min(nth(self._backoff.polls, self._failures), self._backoff.rival)
            except RetryAfter as error:
                self._fail(brief(error))
                wait = wait_of(error)
            except TelegramError as error:
                self._fail(brief(error))
            else:
                self._refusals.accepted()
                if not updates or await self._keep(updates):
                    self._succeed()
                    continue
                # What keeps the file from being written may pass at any moment: somebody waits for an answer.
                wait = nth(self._backoff.store, self._failures) if self._unstored else 0.0
            wait = wait or nth(self._backoff.polls, self._failures)
            self._watch.expect(wait)
            await asyncio.sleep(wait)

    async def _keep(self, updates: Sequence[Json]) -> bool:
        """Commit updates, so that the next request may acknowledge them; return whether it may."""
        self._watch.expect(_STORED_WITHIN)
        try:
            await self._accept(updates)
        except (ArchiveBusyError, ArchiveUnusableError) as error:
            self._unstored = True
            self._fail(f"they cannot be stored: {error}")
            return False
        self._unstored = False
        numbers = [number for each in updates if (number := number_of(each)) is not None]
        if not numbers:
            self._fail("what came has no number")
            return False
        self._offset = max(numbers) + 1
        return True

    async def acknowledge(self) -> None:
        """Acknowledge the updates committed last, so that the server does not send them to the next start."""
        if self._offset is not None:
            try:
                async with asyncio.timeout(2):
                    await self._get(0, 1)
            except (TelegramError, TimeoutError) as error:
                log.debug("the last updates will come again: %s", brief(error))

    async def _fetch(self) -> list[Json]:
        # A server may drip or hold a connection for ever: no single read is late then, but the whole is.
        async with asyncio.timeout(self._backoff.poll + self._backoff.silence):
            return await self._get(self._backoff.poll, 100)

    async def _reconnect(self) -> None:
        """Replace the connection pool: a request that hangs in the old one would hang for ever."""
        self.reconnects += 1
        log.warning("connecting anew to fetch updates")
        await self._request.shutdown()
        self._request = self._new_request()
        await self._request.initialize()

    def _new_request(self) -> StrictRequest:
        return StrictRequest(connection_pool_size=1, connect_timeout=10)

    async def _get(self, wait: float, limit: int) -> list[Json]:
        parameters: dict[str, object] = {
            "timeout": math.ceil(wait),
            "limit": limit,
            "allowed_updates": json.dumps(self._kinds),
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        found: Any = await self._request.post(
            f"{self._url}?{urlencode(parameters)}", read_timeout=wait + self._backoff.silence
        )
        if not isinstance(found, list):
            raise TelegramError("the server sent something else than updates")
        return found

    @property
    def problems(self) -> list[str]:
        """What is wrong at present, in a few words for the health report."""
        rival = bool(self._conflicts) and time.monotonic() - self._conflicts[-1] < _RIVAL_FOR
        return [
            problem
            for problem, there in (
                ("another program polls", rival),
                ("token refused", self._refusals.last_refused),
                ("updates cannot be stored", self._unstored),
            )
            if there
        ]

    @property
    def stalled(self) -> bool:
        """Whether what is to end within some time, well or not, has not: then only a restart would help."""
        return self._watch.stalled

    def _succeed(self) -> None:
        self.last_success = time.time()
        self._since = self._since or time.monotonic()
        if self._down_since is not None:
            log.warning("updates come again, after %.0f s", time.monotonic() - self._down_since)
        self._down_since, self._failures, self._said = None, 0, ("", 0.0)

    def _fail(self, why: str) -> None:
        now = time.monotonic()
        self._failures += 1
        self._down_since = self._down_since or now
        said, at = self._said
        if why != said or now - at > _SAY_EVERY:  # an hour without a network is not a thousand lines
            log.warning("updates could not be fetched (%s): trying again", why)
            self._said = why, now

    async def _conflict(self, error: Conflict) -> None:
        now = time.monotonic()
        self._conflicts = [then for then in self._conflicts if now - then < 60] + [now]
        webhook = "webhook" in str(error).lower()
        self._fail("a webhook is set" if webhook else "another program polls with this bot's token")
        established = self._since is not None and now - self._since > _ESTABLISHED
        if len(self._conflicts) >= _CONFLICTS and (webhook or not established):
            raise PollingEndedError("telegram_conflict")
        if webhook:
            await self._end_webhook()

    async def _end_webhook(self) -> None:
        """Delete the webhook that an earlier start left; updates at Telegram stay there for the next request."""
        try:
            await self._request.post(self._webhook_url, read_timeout=self._backoff.silence)
        except TelegramError as error:
            log.warning("the webhook could not be taken away: %s", brief(error))
        else:
            log.warning("the webhook was taken away, so that updates can be fetched; none is lost")
