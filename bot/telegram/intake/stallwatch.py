"""Watch over steps that are to end within some time, well or not: where one has not, only a restart would help."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class StallWatch:
    """The time by which the step at work is to end."""

    def __init__(self, grace: float, now: Callable[[], float] = time.monotonic) -> None:
        """Expect nothing yet; ``grace``: seconds beyond its time for which a step does not count as hanging."""
        self._grace = grace
        self._now = now
        self._due = math.inf

    def expect(self, seconds: float) -> None:
        """Note that the step that begins now is to end within so many seconds."""
        self._due = self._now() + seconds + self._grace

    @property
    def stalled(self) -> bool:
        """Whether the last step has not ended in its time, nor begun another."""
        return self._now() > self._due
