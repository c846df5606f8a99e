"""Webhook: updates posted to the bot's address instead of fetched by it."""

from __future__ import annotations

import asyncio
import itertools
import re
from urllib.parse import urlsplit

import aiohttp

from tests.botapi.chats import Json, bad, whole_number
from tests.botapi.world import World

_PORTS = {80, 88, 443, 8443}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
"""Seconds between retries. Telegram's are longer; tests should not wait."""


class Webhook:
    """Posts the pending updates, in order within a chat, each until it is answered with a 2xx."""

    def __init__(self, world: World) -> None:
        self.url = ""
        self.secret = ""
        self.most = 40
        self.seconds = 10.0
        """Seconds that a post may take."""
        self.failed: list[str] = []
        """Reasons for failed posts, in order."""
        self._last_failure = 0
        self._world = world
        self._running: asyncio.Task[None] | None = None

    async def set(self, given: Json) -> None:
        """Check the parameters of setWebhook and begin to post."""
        url, secret = str(given.get("url") or ""), str(given.get("secret_token") or "")
        _check(url, secret)
        await self.remove()
        if given.get("drop_pending_updates"):
            self._world.updates.clear()
        self._world.allow(given.get("allowed_updates"))
        self.url, self.secret = url, secret
        self.most = min(max(whole_number(given.get("max_connections")) or 40, 1), 100)
        self.resume()

    async def remove(self) -> None:
        self.url = ""
        await self.pause()

    def resume(self) -> None:
        """Post again if there is an address."""
        if self.url and self._running is None:
            self._running = asyncio.create_task(self._post_all())

    async def pause(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def info(self) -> Json:
        found: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._world.updates),
        }
        if self.url:
            found |= {"max_connections": self.most, "allowed_updates": sorted(self._world.allowed)}
        if self.url and self.failed:
            found |= {"last_error_date": self._last_failure, "last_error_message": self.failed[-1]}
        return found

    async def _post_all(self) -> None:
        posting: dict[asyncio.Task[None], tuple[int, object]] = {}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(self.seconds)) as session:
            try:
                while True:
                    for task in [task for task in posting if task.done()]:
                        del posting[task]
                    bell = self._world.changed.next()
                    numbers = {number for number, _ in posting.values()}
                    busy = {chat for _, chat in posting.values()}
                    # Only so far ahead: with many thousands waiting, the next ones are soon at the front.
                    for update in list(itertools.islice(self._world.updates, 4 * self.most)):
                        chat = _chat(update)
                        if update["update_id"] in numbers or chat in busy or len(posting) >= self.most:
                            continue
                        busy.add(chat)
                        posting[asyncio.create_task(self._post(session, update))] = (
                            update["update_id"],
                            chat,
                        )
                    await asyncio.wait({bell, *posting}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in posting:
                    task.cancel()
                await asyncio.gather(*posting, return_exceptions=True)

    async def _post(self, session: aiohttp.ClientSession, update: Json) -> None:
        pause = _FIRST_PAUSE
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        while not await self._taken(session, update, headers):
            self._last_failure = self._world.now()
            self._world.changed.ring()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        self._world.acknowledge(update["update_id"])

    async def _taken(self, session: aiohttp.ClientSession, update: Json, headers: dict[str, str]) -> bool:
        try:
            async with session.post(self.url, json=update, headers=headers) as response:
                if 200 <= response.status < 300:
                    return True
                self.failed.append(
                    f"Wrong response from the webhook: {response.status} {response.reason or ''}".rstrip()
                )
        except aiohttp.ClientConnectorError:
            self.failed.append("Connection refused")
        except (aiohttp.ClientError, TimeoutError):
            self.failed.append("Read timeout expired")
        return False


def _check(url: str, secret: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if parts.hostname not in _LOOPBACK and (parts.port or 443) not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")


def _chat(update: Json) -> object:
    """Return the key within which updates keep their order: the chat, or else the update itself."""
    for value in update.values():
        if isinstance(value, dict) and isinstance(value.get("chat"), dict):
            return value["chat"].get("id")
    return f"update {update['update_id']}"
