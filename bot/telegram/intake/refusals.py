"""Refusals of the bot's token: one may be a hiccup of the server, many over minutes mean that it is revoked."""

from __future__ import annotations

import time
from collections.abc import Callable

_LEAST = 4
"""Refusals in a row without which a token does not count as revoked, however far apart they are."""


class TokenRefusals:
    """Refusals in a row of a token that was accepted at start."""

    def __init__(self, within: float, now: Callable[[], float] = time.monotonic) -> None:
        """Start without refusals; ``within``: seconds of nothing else after which it is revoked."""
        self._within = within
        self._now = now
        self._since = 0.0
        self._count = 0

    def accepted(self) -> None:
        """Note that the token was accepted."""
        self._count = 0

    def refused(self) -> bool:
        """Note a refusal; return whether the token counts as revoked now."""
        if not self._count:
            self._since = self._now()
        self._count += 1
        return self._count >= _LEAST and self._now() - self._since >= self._within

    @property
    def last_refused(self) -> bool:
        return self._count > 0
