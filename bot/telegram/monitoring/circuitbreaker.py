"""Circuit breaker for the index's server: while it is away, one question at a time probes it, others fail fast."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from vectorstore.errors import IndexUnreachableError

log = logging.getLogger(__name__)

R = TypeVar("R")


class CircuitBreaker:
    """Circuit breaker for calls to the index: noticing that its server does not answer takes half a minute."""

    def __init__(self) -> None:
        self._why: str | None = None
        """The problem that the last call met; None while the server answers."""
        self._probing = threading.Lock()

    def ask(self, work: Callable[[], R]) -> R:
        """Return ``work()``, which asks the index.

        Raises IndexUnreachableError at once while another call probes whether the server is back. May be called
        from any thread.
        """
        why = self._why
        if why is not None and not self._probing.acquire(blocking=False):
            raise IndexUnreachableError(why)
        try:
            found = work()
        except IndexUnreachableError as error:
            if self._why is None:
                log.warning("the index is away: %s", error)
            self._why = str(error)
            raise
        else:
            if self._why is not None:
                log.info("the index is back")
            self._why = None
            return found
        finally:
            if why is not None:
                self._probing.release()
