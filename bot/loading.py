"""Loading of the model in a background thread while the user types."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from bot.failures import expected
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.build import Musnad

NAME = "loading"


@contextlib.contextmanager
def opened(settings: Settings, *, fill: bool = True) -> Iterator[tuple[Musnad, Loading]]:
    """Yield a ``Musnad`` whose model is already loading, with its ``Loading``.

    ``fill``: whether loading includes the completion of the index.
    """
    from bot.build import build

    musnad = build(settings)
    loading = Loading(partial(musnad.load, fill=fill))
    try:
        yield musnad, loading
    finally:
        loading.release(musnad.close)


class Loading:
    """A load started in its own thread. ``load`` must be quick when called again."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._over = False
        self._release: Callable[[], object] | None = None
        # A daemon: whoever leaves before the model is there does not wait for it.
        self._thread = threading.Thread(target=self._begin, name=NAME, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return self._over

    def wait(self) -> None:
        """Wait until everything is loaded. Raises the errors of ``load``."""
        self._thread.join()
        self._load()

    def release(self, close: Callable[[], object]) -> None:
        """Close what was loaded: now, or once loading has ended.

        Closing a database under a thread that uses it crashes the whole process.
        """
        with self._lock:
            if not self._over:
                self._release = close
                return
        close()

    def _begin(self) -> None:
        # What goes wrong here goes wrong again in wait(), where somebody hears of it.
        try:
            with contextlib.suppress(*expected()):
                self._load()
        finally:  # also when it fails in a way nobody foresaw: who waits must not wait for ever
            with self._lock:
                self._over = True
            if self._release is not None:
                self._release()


def goes_on() -> bool:
    """Return whether a load is still running.

    Python would end that thread in the middle of a library's import, which makes some libraries crash.
    """
    return any(thread.name == NAME and thread.is_alive() for thread in threading.enumerate())
