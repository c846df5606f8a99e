"""Inbox in which every update is committed before it is acknowledged, and kept until it is processed.

A process may be killed at any moment. Updates running then are run again at the next start, fewer at a time after
each death, so that an update that kills the process is soon found. It is set aside when the process has died with
it alone three times.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.state import State, stamp
from bot.telegram.intake.rawupdates import Json, number_of, sent_at, where
from bot.telegram.runtime.backoff import Backoff, nth

log = logging.getLogger(__name__)

EACH = 5
"""Updates of one chat processed at a time: one that has to wait for Telegram must not hold up the others."""
_AGAIN = 32
"""Postponed updates processed at a time: there is always room for new ones."""
_COMPANY = (8, 1, 1, 1)
"""Updates run at a time after one, two, … deaths of the process with them; after the last they are set aside."""
_WAITED = 15.0
"""Seconds of waiting after which a user is not turned away any more."""
_REMEMBERED = timedelta(days=2)
"""How long the IDs of done updates are kept: Telegram gives up an update after a day."""
_MOST_REMEMBERED = 1_000_000
"""Most of these IDs that are kept, the latest ones.

What strangers send must not fill the disk. Telegram repeats the latest only.
"""
_DEAD_LETTERS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update to be processed."""

    update_id: int
    chat: int | None
    payload: Json
    waited: bool = False
    """Whether it has waited for some time already, here or at Telegram, for example through a restart."""
    since: float | None = None
    """When it was sent or received; Unix seconds."""
    again: bool = False
    """Whether it was processed before: it failed, was postponed, or the process died with it."""
    slow: bool = False
    """Whether its work takes long: of such a chat has one at a time, beside its other updates."""
    company: int | None = None
    """Most updates processed at a time, itself included, if the process died with it; None for any number."""


class Inbox:
    """The updates in ``bot.sqlite``. Methods block: not for the event loop."""

    def __init__(
        self, state: State, backoff: Backoff | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        backoff = backoff or Backoff()
        self._tries, self._put_off = backoff.tries, backoff.put_off
        self._now = now

    def put(self, updates: Sequence[Json], last: Container[int] = (), slow: Container[int] = ()) -> int:
        """Commit updates as Telegram sent them, and return how many are new.

        Those with the IDs in ``last`` are queued behind all others, and those in ``slow`` in a line of their own:
        of these each chat has one processed at a time, in the order in which they came. An update without an ID
        cannot be stored or acknowledged: it is skipped.
        """
        readable = [update for update in updates if number_of(update) is not None]
        if len(readable) < len(updates):
            log.error("%d updates have no number: they are passed over", len(updates) - len(readable))
        received = stamp()
        with self._state.reading() as db:
            # Telegram forgets what is acknowledged: it has to survive a power cut too.
            db.execute("pragma synchronous = full")
        try:
            with self._state.writing() as db:
                before = db.conn.total_changes
                db.conn.executemany(
                    "insert or ignore into inbox (update_id, chat, user, payload, state, received, last, slow)"
                    " values (?, ?, ?, ?, 'waiting', ?, ?, ?)",
                    [
                        # As ASCII: half of a surrogate pair is something that SQLite does not take.
                        (
                            number := each["update_id"],
                            *where(each),
                            json.dumps(each),
                            received,
                            number in last,
                            number in slow,
                        )
                        for each in readable
                    ],
                )
                return db.conn.total_changes - before
        finally:
            with self._state.reading() as db:
                db.execute("pragma synchronous = normal")

    def recover(self) -> int:
        """Requeue, at start, the updates that ran when the process died; return how many updates wait."""
        with self._state.writing() as db:
            db.execute("update inbox set deaths = deaths + 1, state = 'waiting' where state = 'running'")
            db.execute(
                "update inbox set state = 'dead', problem = ? where state = 'waiting' and deaths > ?",
                ["the process died with it", len(_COMPANY)],
            )
            db.execute("update inbox set due = 0 where state = 'waiting'")
        return self.waiting()

    def prune(self) -> None:
        """Delete records that are no longer needed."""
        now = datetime.now(UTC)
        forgotten = (now - _REMEMBERED).isoformat(timespec="seconds")
        given_up = (now - _DEAD_LETTERS_KEPT).isoformat(timespec="seconds")
        with self._state.writing() as db:
            db.execute(
                "delete from inbox where state = 'done' and (received < ? or update_id <= (select max(update_id)"
                " from inbox where state = 'done') - ?)",
                [forgotten, _MOST_REMEMBERED],
            )
            db.execute("delete from inbox where state = 'dead' and received < ?", [given_up])
            db.execute(
                # Those of an answer stay as long as it does: what is said of it later replies to its message.
                "delete from deliveries where at < ? and update_id not in (select update_id from inbox)"
                " and not (label = 'answer' and update_id in (select update_id from answers))"
                " and not (label like 'answer:%' and substr(label, 8) in (select update_id from answers))",
                [forgotten],
            )

    def take(
        self, room: int, busy: Mapping[int, int], running: int, slow: Collection[int] = ()
    ) -> list[Waiting]:
        """Mark the next updates to process as running and return them, at most ``room``.

        The oldest come first, and postponed ones behind all others. ``busy`` has the number of updates of each
        chat that are being processed already, ``slow`` the chats of which a slow one is, beside those, and
        ``running`` the number of all. Updates that the process died with come before all others, and few run at a
        time.
        """
        with self._state.writing() as db:
            suspect = next(
                db.query(
                    "select deaths from inbox where state = 'waiting' and deaths > 0 and due <= ?"
                    " order by deaths desc limit 1",
                    [self._now()],
                ),
                None,
            )
            company = None
            if suspect is None:
                found = self._oldest(room, busy, slow)
            else:
                company = _COMPANY[suspect["deaths"] - 1]
                found = [
                    row["update_id"]
                    for row in db.query(
                        "select update_id from inbox where state = 'waiting' and deaths = ? and due <= ?"
                        " order by update_id limit ?",
                        [suspect["deaths"], self._now(), max(0, min(room, company - running))],
                    )
                ]
            rows: list[dict[str, Any]] = []
            for number in found:
                db.execute("update inbox set state = 'running' where update_id = ?", [number])
                rows += db.query("select * from inbox where update_id = ?", [number])
        return [self._waiting(row, company) for row in rows]

    def _waiting(self, row: Mapping[str, Any], company: int | None) -> Waiting:
        update = json.loads(row["payload"])
        since = min(datetime.fromisoformat(row["received"]).timestamp(), sent_at(update) or math.inf)
        again = bool(row["deaths"] or row["failures"] or row["postponed"])
        waited = again or self._now() - since > _WAITED
        slow = bool(row["slow"])
        return Waiting(row["update_id"], row["chat"], update, waited, since, again, slow, company)

    def _oldest(self, room: int, busy: Mapping[int, int], slow: Collection[int]) -> list[int]:
        """Return the IDs of updates that may begin now, within the limits for one chat and for postponed ones."""
        counts, slowed = Counter(busy), set(slow)
        full = [chat for chat, count in counts.items() if count >= EACH]
        marks, slow_marks = ",".join("?" * len(full)), ",".join("?" * len(slowed))
        (again,) = self._state.rows("select count(*) as n from inbox where state = 'running' and postponed")
        left = max(0, _AGAIN - again["n"])
        found = []
        for row in self._state.rows(
            "select update_id, chat, postponed, slow from inbox where state = 'waiting' and due <= ?"
            f" and (chat is null or iif(slow, chat not in ({slow_marks}), chat not in ({marks})))"
            " and postponed <= ? order by last, postponed, update_id limit ?",
            [self._now(), *slowed, *full, left > 0, room],
        ):
            chat = row["chat"]
            full_now = chat in slowed if row["slow"] else counts[chat] >= EACH
            if row["postponed"] > left or (chat is not None and full_now):
                continue
            found.append(row["update_id"])
            left -= row["postponed"]
            if row["slow"]:
                slowed.add(chat)
            else:
                counts[chat] += 1
        return found

    def slow_waiting(self, chat: int) -> list[Json]:
        """Return the slow updates of a chat that wait, in order."""
        rows = self._state.rows(
            "select payload from inbox where slow and chat = ? and state = 'waiting' order by update_id",
            [chat],
        )
        return [json.loads(row["payload"]) for row in rows]

    def done(self, ids: Sequence[int]) -> None:
        """Mark updates as done and delete their content: nothing that people wrote is kept here."""
        with self._state.writing() as db:
            db.conn.executemany(
                "update inbox set state = 'done', payload = '', user = null, chat = null, problem = null"
                " where update_id = ?",
                [(id,) for id in ids],
            )

    def failed(self, id: int, problem: str) -> bool:
        """Schedule a retry of a failed update, or set it aside the third time; return whether it was set aside."""
        with self._state.writing() as db:
            row = _open(db, id)
            if row is None:
                return False
            failures = row["failures"] + 1
            is_dead_letter: bool = failures > len(self._tries)
            db.execute(
                "update inbox set failures = ?, problem = ?, state = ?, due = ?, deaths = 0 where update_id = ?",
                [
                    failures, problem, "dead" if is_dead_letter else "waiting",
                    self._now() + nth(self._tries, failures), id,
                ],
            )  # fmt: skip
        return is_dead_letter

    def add_dead_letter(self, id: int, problem: str) -> None:
        """Set aside an update that can never be processed."""
        with self._state.writing() as db:
            if _open(db, id):
                db.execute("update inbox set state = 'dead', problem = ? where update_id = ?", [problem, id])

    def postpone(self, id: int) -> None:
        """Postpone an update that could not be processed through no fault of its own.

        It waits about as long again as it has so far.
        """
        least, most = self._put_off
        with self._state.writing() as db:
            row = _open(db, id)
            if row is None:
                return
            waited = self._now() - datetime.fromisoformat(row["received"]).timestamp()
            db.execute(
                "update inbox set state = 'waiting', postponed = 1, due = ?, deaths = 0 where update_id = ?",
                [self._now() + min(max(waited, least), most), id],
            )

    def leave(self) -> None:
        """Requeue running updates, unfinished through no fault of their own, for the next start."""
        with self._state.writing() as db:
            db.execute("update inbox set state = 'waiting' where state = 'running'")

    def unnotified(self) -> list[tuple[Waiting, str]]:
        """Return the dead letters whose senders were not notified yet, with the reasons."""
        rows = self._state.rows(
            "select update_id, chat, payload, problem from inbox where state = 'dead' and notified = 0"
            " order by update_id limit 100"
        )
        return [
            (Waiting(row["update_id"], row["chat"], json.loads(row["payload"])), row["problem"])
            for row in rows
        ]

    def notified(self, id: int) -> None:
        """Record that the sender of a dead letter was notified."""
        with self._state.writing() as db:
            db.execute("update inbox set notified = 1 where update_id = ? and notified = 0", [id])

    def reword(self, id: int, text: str) -> None:
        """Replace the text of an unfinished update's message for all further attempts."""
        with self._state.writing() as db:
            if row := _open(db, id):
                update = json.loads(row["payload"])
                update["message"]["text"] = text
                update["message"].pop("entities", None)
                db.execute("update inbox set payload = ? where update_id = ?", [json.dumps(update), id])

    def waiting(self) -> int:
        """Return how many updates wait or run."""
        counts = self.counts()
        return counts["waiting"] + counts["running"]

    def counts(self) -> dict[str, int]:
        """Return how many updates wait, run and were set aside."""
        rows = self._state.rows(
            "select state, count(*) as n from inbox where state in ('waiting', 'running', 'dead') group by state"
        )
        return {"waiting": 0, "running": 0, "dead": 0} | {row["state"]: row["n"] for row in rows}

    def next_due(self) -> float | None:
        """Return the seconds until the next update that waits for a retry; None when there is none."""
        now = self._now()
        row = self._state.row("select min(due) as due from inbox where state = 'waiting' and due > ?", [now])
        return None if row is None or row["due"] is None else float(row["due"]) - now


def _open(db: Database, id: int) -> dict[str, Any] | None:
    """Return an unfinished update.

    If it was forgotten meanwhile, delete the record of what it sent since and return None.
    """
    row = next(db.query("select * from inbox where update_id = ? and state != 'done'", [id]), None)
    if row is None:
        db.execute("delete from deliveries where update_id = ?", [id])
    return row
