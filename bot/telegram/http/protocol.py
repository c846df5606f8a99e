"""The server's protocol with limits on slow and half-open connections, so that they starve nobody."""

from __future__ import annotations

import asyncio
import itertools
import resource
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN = 10.0
"""Seconds within which the head of a request must arrive, from the opening of the connection or its first byte."""
BODY_WITHIN = 30.0
"""Seconds within which the body must arrive after the head."""
HEADLESS = 1024
"""Most connections of one peer that have not sent a whole head yet: of more, the oldest is closed.

Many, since they cost little and are closed soon, while one that is closed may be opened again at once. A proxy before
the webhook is one peer, but its connections send each head at once.
"""
MOST = 2048
"""Most open connections, or half of the files that the process may open: of more, the oldest is closed that waits for a
head, for its first before any later one."""

_numbers = itertools.count()


class GuardedProtocol(H11Protocol):
    """uvicorn's protocol for one connection, with a time limit on each head and body, and limits on connections."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._number = next(_numbers)
        self._peer = ""
        self._headless = True
        self._limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        self._within(HEAD_WITHIN)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unlimit()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.conn.their_state is h11.IDLE and self._limit is None:
            self._within(HEAD_WITHIN)
        super().data_received(data)

    def handle_events(self) -> None:
        earlier = self.cycle
        super().handle_events()
        if self.cycle is not earlier:
            self._headless = False
        if self.conn.their_state is h11.SEND_BODY:
            if self.cycle is not earlier:
                self._within(BODY_WITHIN)
        elif self.conn.their_state is not h11.IDLE:
            self._unlimit()

    @property
    def _waits(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        """Close the connections that are too many."""
        most = min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        most_headless = min(HEADLESS, most // 2)
        if len(self.connections) <= most_headless:
            return
        all_ = sorted(cast("set[GuardedProtocol]", self.connections), key=lambda each: each._number)
        headless = [each for each in all_ if each._headless and each._peer == self._peer]
        if len(headless) > most_headless:
            headless[0]._drop()
        elif len(all_) > most:
            waiting = [each for each in all_ if each._waits and each is not self]
            for each in sorted(waiting, key=lambda each: not each._headless)[:1] or [self]:
                each._drop()

    def _drop(self) -> None:
        self.connections.discard(self)
        self.transport.abort()

    def _within(self, seconds: float) -> None:
        """Close the connection in ``seconds`` unless what it is to send has come by then."""
        self._unlimit()
        self._limit = self.loop.call_later(seconds, self.transport.abort)

    def _unlimit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
