"""Requests as a polite guest makes them: one at a time to a host, with pauses, and only what its robots.txt allows."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.decode import Reason
from corpus.fetch import FOLLOWER, FetchError, Reply, get

if TYPE_CHECKING:
    from protego import Protego

PAUSE = 1.0
"""Seconds between two requests to a host whose robots.txt names no others."""
LONGEST_PAUSE = 30.0
"""The longest ``Crawl-delay`` that is kept as it is."""
KEPT = 24 * 3600.0
"""Seconds for which a robots.txt holds (RFC 9309, 2.4)."""
AGAIN = 600.0
"""Seconds until one that could not be had is asked for again."""

_NAME = FOLLOWER.partition("/")[0]
_MOST_ROBOTS = 512 * 1024  # bytes that are read of one (RFC 9309, 2.5)
_MOST_HOSTS = 2000


class StoppedError(Exception):
    """Raised when a request is given up because the program ends."""


@dataclass(slots=True)
class _Host:
    turn: threading.Lock = field(default_factory=threading.Lock)
    free: float = 0.0
    """When the next request may go out."""
    rules: Protego | None = None
    """What its robots.txt says; None where there is none."""
    refused: FetchError | None = None
    """Why its robots.txt cannot be known, and nothing is asked of it for now."""
    until: float = 0.0
    """When its robots.txt is asked for again."""


class Web:
    """The web, for those who come again. Safe to share among threads."""

    def __init__(
        self, stop: threading.Event | None = None, *, pause: float = PAUSE, deadline: float = 20.0
    ) -> None:
        self._stop = stop or threading.Event()
        self._pause = pause
        self._deadline = deadline
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self, url: str, *, private: bool = False, etag: str | None = None, last_modified: str | None = None
    ) -> Reply:
        """Return what is at an address, as `corpus.fetch.get` does.

        Raises FetchError, also for what robots.txt forbids or where it cannot be known, and StoppedError.
        """
        with self._turn(url) as host:
            self._learn(host, url, private)
            if host.refused:
                raise host.refused
            if host.rules is not None and not host.rules.can_fetch(url, _NAME):
                raise FetchError(url, Reason.ROBOTS, "robots.txt")
            self._wait(host)
            try:
                return get(
                    url,
                    etag=etag,
                    last_modified=last_modified,
                    allow_private=private,
                    deadline=self._deadline,
                )
            finally:
                host.free = time.monotonic() + self._pause_of(host)

    @contextmanager
    def _turn(self, url: str) -> Iterator[_Host]:
        """Yield the host of an address, once nobody else asks it."""
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.netloc}".lower()
        with self._lock:
            host = self._hosts.setdefault(name, _Host())
            self._hosts.move_to_end(name)
            while len(self._hosts) > _MOST_HOSTS:
                self._hosts.popitem(last=False)
        while not host.turn.acquire(timeout=0.2):
            if self._stop.is_set():
                raise StoppedError
        try:
            yield host
        finally:
            host.turn.release()

    def _learn(self, host: _Host, url: str, private: bool) -> None:
        """Read a host's robots.txt where that is due (RFC 9309, 2.3.1): one that is not there allows everything.

        While the server has trouble nothing is allowed, unless it was known before.
        """
        if time.monotonic() < host.until:
            return
        parts = urlsplit(url)
        self._wait(host)
        try:
            reply = get(
                f"{parts.scheme}://{parts.netloc}/robots.txt",
                plain=True,
                allow_private=private,
                deadline=self._deadline,
            )
        except FetchError as error:
            there = error.status is None or error.status >= 500 or error.status == 429
            if error.reason in (Reason.REDIRECTS, Reason.TOO_LARGE) or not there:
                host.rules, host.refused, host.until = None, None, time.monotonic() + KEPT
            else:
                detail = f"robots.txt: {error.detail}" if error.status else error.detail
                known = host.rules is not None
                host.refused = (
                    None
                    if known
                    else FetchError(url, error.reason, detail, status=error.status, retry_after=AGAIN)
                )
                # A host that did not answer at all is not asked for more than that the next time.
                host.until = time.monotonic() + (AGAIN if error.status else 0.0)
        else:
            from protego import Protego

            assert reply.document is not None
            text = reply.document.data[:_MOST_ROBOTS].decode("utf-8", "replace")
            host.rules, host.refused = Protego.parse(text), None
            host.until = time.monotonic() + KEPT
        host.free = time.monotonic() + self._pause_of(host)

    def _pause_of(self, host: _Host) -> float:
        asked = host.rules.crawl_delay(_NAME) if host.rules is not None else None
        return self._pause if asked is None else min(max(asked, self._pause), LONGEST_PAUSE)

    def _wait(self, host: _Host) -> None:
        if self._stop.wait(max(host.free - time.monotonic(), 0.0)):
            raise StoppedError
