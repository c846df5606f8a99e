"""The model loads while the user types."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from bot.failures import expected

NAME = "loading"


class Loading:
    """Work that has begun in a thread of its own. ``load`` must be quick when called again."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._load = load
        # A daemon: whoever leaves before the model is there does not wait for it.
        self._thread = threading.Thread(target=self._begin, name=NAME, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait until all is loaded. Raises what loading raises."""
        self._thread.join()
        self._load()

    def _begin(self) -> None:
        # What goes wrong here goes wrong again in wait(), where somebody hears of it.
        with contextlib.suppress(*expected()):
            self._load()


def goes_on() -> bool:
    """Whether something still loads. Python would end that thread in the middle of a library's import, which some
    libraries answer with a crash."""
    return any(thread.name == NAME and thread.is_alive() for thread in threading.enumerate())
