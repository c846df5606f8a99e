"""Mending, in a thread of its own: vectors that Chroma lost are written to it again while questions are answered."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable

from corpus.errors import MusnadError
from vectorstore.errors import IndexBusyError

log = logging.getLogger(__name__)

_AGAIN = 30.0
"""Seconds before another attempt after a failure."""


class Mending:
    """``mend`` run in the background; it is given a callback for its progress, which ends it when closed."""

    def __init__(self, mend: Callable[[Callable[[int, int], None]], object]) -> None:
        self._mend = mend
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._over = False
        self._not_before = 0.0

    def begin(self) -> None:
        """Start, unless it is at work, or failed just now."""
        with self._lock:
            at_work = self._thread is not None and self._thread.is_alive()
            if at_work or self._over or time.monotonic() < self._not_before:
                return
            self._thread = threading.Thread(target=self._run, name="mending", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until it has ended, well or not."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def close(self) -> None:
        """End it after the slice that is being written; the next start goes on."""
        with self._lock:
            self._over = True
        self.wait()

    def _run(self) -> None:
        began = time.monotonic()
        try:
            self._mend(self._progress)
            log.info("the vectors in Chroma are complete again, after %.0f s", time.monotonic() - began)
        except _OverError:
            pass
        except IndexBusyError:  # another process writes to the index, and mends it
            self._not_before = time.monotonic() + _AGAIN / 10
        except (MusnadError, sqlite3.Error, OSError) as error:
            self._not_before = time.monotonic() + _AGAIN
            log.warning("the vectors could not be written to Chroma again: %s", error)

    def _progress(self, done: int, total: int) -> None:
        if self._over:
            raise _OverError


class _OverError(Exception):
    """The index is being closed."""
