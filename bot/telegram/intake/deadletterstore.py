"""Dead letters, the updates in the inbox that were set aside, until the owners have been told of them in a digest."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.state import State
from bot.telegram.intake.rawupdates import kind_of


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An update that was set aside."""

    update_id: int
    kind: str
    """Telegram's name for the kind of update; "" when it says none."""
    problem: str
    received: str
    """ISO 8601 UTC."""


class DeadLetterStore:
    """The dead letters in ``bot.sqlite``. Methods block: not for the event loop."""

    def __init__(self, state: State, now: Callable[[], float] = time.time) -> None:
        self._state = state
        self._now = now

    def undigested(self) -> list[DeadLetter]:
        """Return the dead letters that are in no digest for the owners yet, oldest first."""
        rows = self._state.rows(
            "select update_id, payload, problem, received from inbox where state = 'dead' and notified < 2"
            " order by update_id"
        )
        return [
            DeadLetter(
                row["update_id"],
                kind_of(json.loads(row["payload"] or "{}")),
                row["problem"] or "",
                row["received"],
            )
            for row in rows
        ]

    def digested(self, ids: Sequence[int]) -> None:
        """Record that these dead letters were in a digest that was sent now."""
        with self._state.writing() as db:
            db.conn.executemany("update inbox set notified = 2 where update_id = ?", [(id,) for id in ids])
            db.execute("insert or replace into notified (key, at) values ('digest', ?)", [str(self._now())])

    def last_digest(self) -> float | None:
        """Return when the last digest was sent, in Unix seconds; None when none was."""
        row = self._state.row("select at from notified where key = 'digest'")
        return float(row["at"]) if row else None
