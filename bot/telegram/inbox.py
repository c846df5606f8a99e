"""The inbox: every update is committed before it is acknowledged, and kept until its work is done.

A process may be killed at any moment. What was running then is run again at the next start, and an update that
seems to be what kills the process is run by itself, three times, and then set aside.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.state import State

log = logging.getLogger(__name__)

Json = dict[str, Any]

TRIES = 3
"""Times an update may fail, or die alone with the process, before it is set aside."""
_REMEMBERED = timedelta(days=2)
"""How long the numbers of done updates are known: Telegram gives up an update after a day."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update whose work is to be done."""

    update_id: int
    chat: int | None
    payload: Json
    alone: bool
    """Whether the process died with it several times: nothing else runs beside it."""


class Inbox:
    """The updates in ``bot.sqlite``. Blocks: not for the event loop."""

    def __init__(self, state: State, now: Callable[[], float] = time.time) -> None:
        self._state = state
        self._now = now

    def put(self, updates: Sequence[Json]) -> int:
        """Commit updates as Telegram sent them; how many of them are new."""
        received = self._stamp()
        rows = []
        for update in updates:
            chat, user = where(update)
            rows.append((update["update_id"], chat, user, json.dumps(update, ensure_ascii=False), received))
        with self._state.reading() as db:
            # Telegram forgets what is acknowledged: it has to survive a power cut too.
            db.execute("pragma synchronous = full")
        try:
            with self._state.writing() as db:
                before = db.conn.total_changes
                db.conn.executemany(
                    "insert or ignore into inbox (update_id, chat, user, payload, state, received)"
                    " values (?, ?, ?, ?, 'waiting', ?)",
                    rows,
                )
                return db.conn.total_changes - before
        finally:
            with self._state.reading() as db:
                db.execute("pragma synchronous = normal")

    def recover(self) -> int:
        """At start: what ran when the process died waits again; how many updates wait."""
        with self._state.writing() as db:
            db.execute(
                "update inbox set deaths = deaths + (deaths < ?), alone = alone + (deaths >= ?), state = 'waiting'"
                " where state = 'running'",
                [TRIES, TRIES],
            )
            db.execute(
                "update inbox set state = 'aside', problem = 'the process died with it'"
                " where state = 'waiting' and alone >= ?",
                [TRIES],
            )
            db.execute("update inbox set due = 0 where state = 'waiting'")
            forgotten = (datetime.now(UTC) - _REMEMBERED).isoformat(timespec="seconds")
            db.execute("delete from inbox where state = 'done' and received < ?", [forgotten])
            db.execute(
                "delete from deliveries where at < ? and update_id not in (select update_id from inbox)",
                [forgotten],
            )
        return self.waiting()

    def take(self, limit: int, full: Collection[int] = (), busy: bool = False) -> list[Waiting]:
        """The next updates to work on, oldest first, none of the chats that are ``full``; they count as running.

        One that has to run alone comes alone, and only when nothing else is at work (``busy``).
        """
        with self._state.writing() as db:
            alone = list(
                db.query(
                    "select update_id, chat, payload from inbox"
                    f" where state = 'waiting' and deaths >= {TRIES} order by update_id limit 1"
                )
            )
            if alone and busy:
                return []
            marks = ",".join("?" * len(full))
            found = alone or list(
                db.query(
                    "select update_id, chat, payload from inbox where state = 'waiting' and due <= ?"
                    f" and (chat is null or chat not in ({marks})) order by update_id limit ?",
                    [self._now(), *full, limit],
                )
            )
            db.conn.executemany(
                "update inbox set state = 'running' where update_id = ?",
                [(row["update_id"],) for row in found],
            )
        return [
            Waiting(row["update_id"], row["chat"], json.loads(row["payload"]), bool(alone)) for row in found
        ]

    def done(self, ids: Sequence[int]) -> None:
        """Their work is done: of what people wrote nothing is kept here."""
        with self._state.writing() as db:
            db.conn.executemany(
                "update inbox set state = 'done', payload = '', user = null, chat = null where update_id = ?",
                [(id,) for id in ids],
            )

    def failed(self, id: int, problem: str) -> bool:
        """Its work failed: tried again a little later, or set aside the third time; whether it was set aside."""
        with self._state.writing() as db:
            db.execute(
                "update inbox set failures = failures + 1, problem = ?, due = ? + (1 << failures),"
                " state = iif(failures + 1 >= ?, 'aside', 'waiting') where update_id = ?",
                [problem, self._now(), TRIES, id],
            )
            row = next(iter(list(db.query("select state from inbox where update_id = ?", [id]))))
            return bool(row["state"] == "aside")

    def set_aside(self, id: int, problem: str) -> None:
        """It can never be worked on."""
        with self._state.writing() as db:
            db.execute("update inbox set state = 'aside', problem = ? where update_id = ?", [problem, id])

    def leave(self) -> None:
        """What runs was not finished, through no fault of its own: it waits for the next start."""
        with self._state.writing() as db:
            db.execute("update inbox set state = 'waiting' where state = 'running'")

    def waiting(self) -> int:
        """How many updates wait or run."""
        row = self._state.row("select count(*) as n from inbox where state in ('waiting', 'running')")
        return int(row["n"]) if row else 0

    def counts(self) -> dict[str, int]:
        """How many updates wait, run and were set aside."""
        rows = self._state.rows(
            "select state, count(*) as n from inbox where state in ('waiting', 'running', 'aside') group by state"
        )
        return {"waiting": 0, "running": 0, "aside": 0} | {row["state"]: row["n"] for row in rows}

    def aside(self) -> list[tuple[int, str]]:
        """The updates that were set aside, and why."""
        rows = self._state.rows(
            "select update_id, problem from inbox where state = 'aside' order by update_id"
        )
        return [(row["update_id"], row["problem"] or "") for row in rows]

    def next_due(self) -> float | None:
        """Seconds until the next update that waits to be tried again."""
        row = self._state.row("select min(due) as due from inbox where state = 'waiting' and due > 0")
        return None if row is None or row["due"] is None else max(0.0, row["due"] - self._now())

    def _stamp(self) -> str:
        return datetime.now(UTC).isoformat(timespec="seconds")


def where(update: Json) -> tuple[int | None, int | None]:
    """The chat and the user of an update, as far as it says, whatever kind it is."""
    for part in update.values():
        if isinstance(part, dict):
            message = part if "chat" in part else part.get("message")
            chat = _number(message.get("chat")) if isinstance(message, dict) else None
            user = _number(part.get("from")) or _number(part.get("sender_chat"))
            # Without a chat, as inline queries are, what one person sends is one queue.
            return chat if chat is not None else user, user
    return None, None


def _number(part: object) -> int | None:
    found = part.get("id") if isinstance(part, dict) else None
    return found if isinstance(found, int) else None
