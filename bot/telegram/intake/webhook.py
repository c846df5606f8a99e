"""Webhook to which Telegram posts updates, each of which is committed before it is acknowledged.

It is watched as polling is: the bot asks Telegram from time to time for the webhook's state, so that a failure is
told from a quiet time, an address that does not work is named in the log, and a webhook that somebody removed is
set again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.telegram.intake.polling import PollingEndedError
from bot.telegram.intake.rawupdates import Json, number_of
from bot.telegram.intake.refusals import TokenRefusals
from bot.telegram.intake.stallwatch import StallWatch
from bot.telegram.runtime.backoff import Backoff, nth
from bot.telegram.runtime.errors import brief, wait_of
from corpus.errors import ArchiveError
from corpus.store.private import make_private_folder

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)

_MOST = 4 * 1024 * 1024
"""Largest body in bytes; Telegram's updates are a few thousand bytes long."""
_BODY_WITHIN = 20.0
"""Seconds within which a body must arrive."""
_CONNECTIONS = 40
"""Most connections that Telegram opens at a time."""
_STALLED_AFTER = 180.0
"""Seconds beyond which a check that has not ended counts as hanging: a request to Telegram takes a minute at most."""
_TAKEN = 3
"""Checks in a row that find the webhook removed before it is left to whoever removes it."""
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """Receiver of updates at ``url``, which passes them to ``accept``; that returns when they are committed.

    ``post`` is to be served at ``path``; it accepts requests that carry ``secret``. Use it as a context manager,
    and call ``run`` inside.
    """

    def __init__(
        self,
        bot: Bot,
        url: str,
        secret: str,
        accept: Callable[[Sequence[Json]], Awaitable[object]],
        kinds: Sequence[str],
        backoff: Backoff | None = None,
    ) -> None:
        self._bot = bot
        self._url = url
        self._secret = secret.encode()
        self._accept = accept
        self._kinds = list(kinds)
        self._backoff = backoff or Backoff()
        self._open = False
        self._posts = 0
        self._ended = asyncio.Event()
        self._logged_error_date: datetime | None = None
        self._refusals = TokenRefusals(self._backoff.revoked)
        self.last_success: float | None = None
        """When Telegram last answered or posted (``time.time()``)."""
        self.reconnects = 0
        """Number of times the webhook had to be set again."""
        self._watch = StallWatch(_STALLED_AFTER)

    grace = 150.0
    """Seconds without an answer or a post from Telegram that mean a failure: three checks failed."""

    @property
    def path(self) -> str:
        return urlsplit(self._url).path or "/"

    async def __aenter__(self) -> Webhook:
        self._open = True
        return self

    async def __aexit__(self, *error: object) -> None:
        """Wait for posts that are being committed; the rest waits at Telegram, since the webhook stays."""
        self._open = False
        while self._posts:
            self._ended.clear()
            await self._ended.wait()

    async def run(self) -> None:
        """Set the webhook and check it regularly until cancelled.

        Raises PollingEndedError when there is no use in going on.
        """
        await self._set()
        host = urlsplit(self._url).netloc
        log.info("Telegram posts updates to %s", host)
        taken = 0
        while True:
            self._watch.expect(self._backoff.look)
            await asyncio.sleep(self._backoff.look)
            try:
                info = await self._bot.get_webhook_info()
            except InvalidToken:
                self._refuse()
                continue
            except TelegramError as error:
                log.warning("Telegram could not be asked about the webhook: %s", brief(error))
                continue
            self._accept_answer()
            self._tell_failure(info)
            taken = 0 if info.url == self._url else taken + 1
            if taken == _TAKEN:
                raise PollingEndedError("telegram_conflict")
            if taken:
                self.reconnects += 1
                log.warning("somebody took the webhook away: setting it again")
                await self._set()

    async def acknowledge(self) -> None:
        """Do nothing: posted updates are acknowledged already."""

    async def post(self, request: Request) -> Response:
        """Accept one posted update.

        200: it is committed. 403: not from Telegram. 503: try again later.
        """
        given = request.headers.get(_HEADER, "").encode("latin-1")
        if not hmac.compare_digest(given, self._secret):
            return Response(status_code=403)
        if not self._open:
            return Response(status_code=503, headers={"Retry-After": "5"})
        self._posts += 1
        try:
            return await self._take(request)
        finally:
            self._posts -= 1
            self._ended.set()

    async def _take(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(_BODY_WITHIN):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=408)
        if body is None:
            log.error("a post to the webhook was longer than %d bytes and was not taken", _MOST)
            return Response(status_code=413)
        update = _update(body)
        if update is None:
            # Its content is not logged: it may be what somebody wrote.
            log.error("a post to the webhook was no update (%d bytes) and was not taken", len(body))
            return Response(status_code=400)
        try:
            await self._accept([update])
        except ArchiveError as error:
            log.error("an update could not be committed, Telegram will post it again: %s", error)
            return Response(status_code=503)
        self.last_success = time.time()
        return Response()

    async def _set(self) -> None:
        """Set the webhook, retrying until it succeeds.

        Raises PollingEndedError when Telegram refuses it.
        """
        failures = 0
        while True:
            try:
                await self._bot.set_webhook(
                    self._url,
                    secret_token=self._secret.decode(),
                    allowed_updates=self._kinds,
                    max_connections=_CONNECTIONS,
                )
            except InvalidToken:
                failures += 1
                self._refuse()
                wait = nth(self._backoff.polls, failures)
                self._watch.expect(wait)
                await asyncio.sleep(wait)
            except BadRequest as error:
                raise PollingEndedError("telegram_webhook_refused", why=str(error)) from None
            except TelegramError as error:
                failures += 1
                log.warning("the webhook could not be set, trying again: %s", brief(error))
                asked = wait_of(error) if isinstance(error, RetryAfter) else 0.0
                wait = asked or nth(self._backoff.polls, failures)
                self._watch.expect(wait)
                await asyncio.sleep(wait)
            else:
                self._accept_answer()
                return

    @property
    def problems(self) -> list[str]:
        """What is wrong at present, in a few words for the health report."""
        return ["token refused"] if self._refusals.last_refused else []

    @property
    def stalled(self) -> bool:
        """Whether no check of the webhook has ended, well or not, for so long that only a restart would help."""
        return self._watch.stalled

    def _accept_answer(self) -> None:
        self._refusals.accepted()
        self.last_success = time.time()

    def _refuse(self) -> None:
        """Note that the token was refused; raise PollingEndedError when it counts as revoked."""
        log.warning("Telegram refused the token")
        if self._refusals.refused():
            raise PollingEndedError("telegram_token_refused") from None

    def _tell_failure(self, info: WebhookInfo) -> None:
        """Log, once, Telegram's report of posts that did not arrive."""
        if info.last_error_date is not None and info.last_error_date != self._logged_error_date:
            self._logged_error_date = info.last_error_date
            log.warning(
                "Telegram could not post an update (%s); %d wait there",
                info.last_error_message,
                info.pending_update_count,
            )


def secret_of(settings: Settings) -> str:
    """Return the webhook's secret: as set, or one generated once and kept in the data directory."""
    if settings.webhook_secret is not None:
        return settings.webhook_secret.get_secret_value()
    file = settings.data / "webhook-secret"
    with contextlib.suppress(FileNotFoundError):
        if kept := file.read_text(encoding="ascii").strip():
            return kept
    make_private_folder(settings.data)
    made = secrets.token_urlsafe(32)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as opened:
        opened.write(made)
    draft.replace(file)
    return made


async def _body(request: Request) -> bytes | None:
    """Return the body; None when it is too long."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > _MOST:
            return None
    return bytes(found)


def _update(body: bytes) -> Json | None:
    """Return the update in a body, recognised by its ID alone; None when there is none.

    Whether it can be read is found out when it is processed.
    """
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if number_of(found) is not None else None
