"""Daily budget of questions to the chat model, counted in ``bot.sqlite`` for all front ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.state import State


class Budget:
    """A limit of ``most`` questions a day, which begins at midnight UTC.

    Methods block; safe in several processes at once.
    """

    def __init__(
        self, state: State, most: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._state = state
        self.most = most
        self._now = now

    @property
    def day(self) -> str:
        return self._now().date().isoformat()

    def take(self) -> bool:
        """Count one more question before it is asked; return False when the day's are used up."""
        with self._state.writing() as db:
            done = db.execute(
                "insert into spent (day, count) values (?, 1)"
                " on conflict (day) do update set count = count + 1 where count < ?",
                [self.day, self.most],
            )
            return done.rowcount > 0

    def spent(self) -> bool:
        """Return whether the day's questions are used up."""
        row = self._state.row("select count from spent where day = ?", [self.day])
        return row is not None and row["count"] >= self.most
