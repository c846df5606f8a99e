"""Access register in ``bot.sqlite``: users and groups that owners let in or shut out, and open requests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from bot.state import State

Kind = Literal["user", "chat"]
Verdict = Literal["allowed", "denied"]

LASTS: dict[Kind, timedelta] = {"user": timedelta(days=1), "chat": timedelta(days=7)}
"""Lifetime of a request that nobody decides."""
MAKES_ROOM_AFTER = timedelta(days=1)
"""Time after which a waiting request makes room for another one when too many wait."""
MOST_OPEN = 20
"""Maximum number of waiting requests per kind: strangers can make the owners read only so much."""
_LETTERS = "CDFGHJKMNPQRTVWXY34679"
"""Letters of a code: none that look like others, and no vowels, so that no code is a word."""
_LENGTH = 6
_WAITS = "verdict is null and not withdrawn and at >= iif(kind = 'user', ?, ?)"
"""SQL condition: a request waits; its values are the times before which those of users and chats have lapsed."""


@dataclass(frozen=True, slots=True)
class Party:
    """A user, or a group or channel."""

    kind: Kind
    id: int
    name: str = ""
    """Name as set by its bearer: never shown except through ``bot.render.people``."""
    username: str = ""

    @property
    def called(self) -> str:
        """Name and @username, as far as they are known."""
        return " ".join(part for part in (self.name, self.username and f"@{self.username}") if part)

    @property
    def label(self) -> str:
        """Name, @username and number, as far as they are known."""
        return f"{self.called} ({self.id})" if self.called else str(self.id)


@dataclass(frozen=True, slots=True)
class Entry:
    """A user or chat that the owners let in or shut out."""

    party: Party
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request for access, waiting or decided."""

    code: str
    party: Party
    language: Literal["ar", "en"]
    asked_in: int
    """Id of the update under which the owners were notified."""
    verdict: Verdict | None
    by_name: str
    """Name of the owner who decided."""
    asker: int | None = None
    """Who added the bot to the group or channel: a user, or the group itself for an anonymous administrator."""

    @property
    def adder(self) -> int | None:
        """The user who added the bot to the group or channel; None when unknown."""
        return self.asker if self.asker is not None and self.asker > 0 else None


class AccessStore:
    """Verdicts of the owners and requests for access.

    Changes block: not for the event loop. Verdicts are kept in memory, so that reading them is quick.
    """

    def __init__(self, state: State, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._state = state
        self._now = now
        self._entries = {
            (row["kind"], row["id"]): Entry(_party(row), row["verdict"])
            for row in state.rows("select * from access")
        }
        self._moved: dict[int, int] = {}

    def verdict(self, kind: Kind, id: int) -> Verdict | None:
        """Return the verdict on a user or chat; None when there is none."""
        entry = self._entries.get((kind, self._moved.get(id, id)))
        return entry.verdict if entry else None

    def entries(self) -> list[Entry]:
        """Return all verdicts: those let in first, users before groups."""
        return sorted(
            self._entries.values(),
            key=lambda entry: (entry.verdict, entry.party.kind != "user", entry.party.name, entry.party.id),
        )

    def set(
        self, party: Party, verdict: Verdict, by: int, by_name: str = "", update: int = 0
    ) -> AccessRequest | None:
        """Store a verdict; return the request, if one was waiting or is decided by this very update."""
        with self._state.writing() as db:
            self._set(db, party, verdict, by)
            row = _first(
                db,
                "select * from pairings where kind = ? and id = ? and (verdict is null or decided_in = ?)",
                [party.kind, party.id, update or None],
            )
            if row is not None:
                row = self._decide(db, row["code"], verdict, by, by_name, update)
        self._entries[party.kind, party.id] = Entry(party, verdict)
        return _request(row) if row else None

    def drop(self, kind: Kind, id: int) -> None:
        """Delete a verdict and its requests: the user or chat is a stranger again."""
        with self._state.writing() as db:
            db.execute("delete from access where kind = ? and id = ?", [kind, id])
            db.execute("delete from pairings where kind = ? and id = ?", [kind, id])
        self._entries.pop((kind, id), None)

    def forget(self, user: int) -> None:
        """Drop a user's name from memory; the verdict stays. The table is cleared with the user's other data."""
        if (entry := self._entries.get(("user", user))) is not None:
            self._entries["user", user] = Entry(Party("user", user), entry.verdict)

    def moved(self, old: int, new: int, *, allowed: bool = False) -> None:
        """Move a group's verdict to its new id; it also holds for updates that still come under the old one.

        With ``allowed``, for a group that the settings let in, the new id is let in too. The table is moved with
        the group's other data.
        """
        self._moved[old] = new
        entry = self._entries.pop(("chat", old), None)
        if entry is not None:
            party = Party("chat", new, entry.party.name, entry.party.username)
            self._entries.setdefault(("chat", new), Entry(party, entry.verdict))
        elif allowed:
            self._entries.setdefault(("chat", new), Entry(Party("chat", new), "allowed"))

    # Requests

    def ask(
        self, party: Party, language: str, update: int, *, asker: int | None = None
    ) -> AccessRequest | None:
        """Return the waiting request, or a new one with its own code; None when too many wait.

        ``asker``: who asks for a group, by adding the bot to it. One who has a request waiting for another group
        gets no second one, even when the bot has left that group meanwhile.
        """
        with self._state.writing() as db:
            for kind in LASTS:
                db.execute(
                    "delete from pairings where kind = ? and verdict is null and at < ?",
                    [kind, self._oldest(kind)],
                )
            db.execute(
                "delete from pairings where kind = ? and id = ? and verdict is not null",
                [party.kind, party.id],
            )
            row = _first(db, "select * from pairings where kind = ? and id = ?", [party.kind, party.id])
            if row is None:
                if asker is not None and _first(
                    db,
                    "select 1 from pairings where kind = ? and asker = ? and verdict is null",
                    [party.kind, asker],
                ):
                    return None
                open_ = _first(
                    db,
                    "select count(*) as n from pairings where kind = ? and verdict is null",
                    [party.kind],
                )
                if open_ and open_["n"] >= MOST_OPEN and not self._make_room(db, party.kind):
                    return None
                row = {
                    "code": self._code(db), "kind": party.kind, "id": party.id, "name": party.name,
                    "username": party.username, "language": language, "at": self._stamp(), "asked_in": update,
                    "asker": asker,
                }  # fmt: skip
                db.table("pairings").insert(row)
            elif row["withdrawn"]:
                db.execute("update pairings set withdrawn = 0 where code = ?", [row["code"]])
        return _request(row)

    def _make_room(self, db: Database, kind: Kind) -> bool:
        """Delete the oldest waiting request if it is older than ``MAKES_ROOM_AFTER``; return whether it was."""
        given_up = db.execute(
            "delete from pairings where code = (select code from pairings where kind = ? and verdict is null and at < ?"
            " order by at, code limit 1)",
            [kind, self._before(MAKES_ROOM_AFTER)],
        )
        return given_up.rowcount > 0

    def decide(
        self, code: str, verdict: Verdict, by: int, by_name: str, update: int
    ) -> tuple[AccessRequest, bool] | None:
        """Decide a request; return it and whether this update decided it, not an earlier one; None if lapsed."""
        with self._state.writing() as db:
            row = _first(db, "select * from pairings where code = ?", [code])
            if row is None:
                return None
            if not row["verdict"] and (row["withdrawn"] or row["at"] < self._oldest(row["kind"])):
                return None
            # The same update, worked on again, has decided it too.
            now = row["verdict"] is None or (row["decided_in"] == update and row["by"] == by)
            if now:
                row = self._decide(db, code, verdict, by, by_name, update)
                self._set(db, _party(row), verdict, by)
        if now:
            self._entries[row["kind"], row["id"]] = Entry(_party(row), verdict)
        return _request(row), now

    def withdraw(self, chat: int) -> None:
        """Set aside the waiting request of a group that the bot has left, until it is added again or it lapses."""
        with self._state.writing() as db:
            db.execute(
                "update pairings set withdrawn = 1 where kind = 'chat' and id = ? and verdict is null", [chat]
            )

    def waiting(self) -> list[AccessRequest]:
        """Return the waiting requests, oldest first."""
        rows = self._state.rows(
            f"select * from pairings where {_WAITS} order by at, code",
            [self._oldest("user"), self._oldest("chat")],
        )
        return [_request(row) for row in rows]

    def is_waiting(self, kind: Kind, id: int) -> bool:
        """Return whether a user or chat has a waiting request."""
        return (
            self._state.row(
                f"select 1 from pairings where {_WAITS} and kind = ? and id = ?",
                [self._oldest("user"), self._oldest("chat"), kind, id],
            )
            is not None
        )

    def named(self, name: str) -> Party | None:
        """Return the user or chat with this code or @username, as far as the register knows."""
        row = self._state.row("select * from pairings where code = ?", [name.upper()])
        for table in ("access", "pairings"):
            row = row or self._state.row(
                f"select * from {table} where lower(username) = ?", [name.removeprefix("@").lower()]
            )
        return _party(row) if row else None

    def known(self, kind: Kind, id: int) -> Party:
        """Return the user or chat with this id, with its name if the register knows it."""
        for table in ("access", "pairings"):
            row = self._state.row(f"select * from {table} where kind = ? and id = ?", [kind, id])
            if row is not None:
                return _party(row)
        return Party(kind, id)

    def asked_by(self, chat: int, message: int) -> Party | None:
        """Return the user or chat whose request a message to the owners reports."""
        row = self._state.row(
            "select pairings.* from deliveries join pairings on pairings.asked_in = deliveries.update_id"
            " where chat = ? and message = ? and label like 'request:%'",
            [chat, message],
        )
        return _party(row) if row else None

    def notices(self, request: AccessRequest) -> list[tuple[int, int]]:
        """Return the messages that notified the owners of a request, as chat and message."""
        rows = self._state.rows(
            "select chat, message from deliveries"
            " where update_id = ? and label like 'request:%' and message is not null",
            [request.asked_in],
        )
        return [(row["chat"], row["message"]) for row in rows]

    def _set(self, db: Database, party: Party, verdict: Verdict, by: int) -> None:
        db.execute(
            "insert or replace into access (kind, id, verdict, name, username, by, at) values (?, ?, ?, ?, ?, ?, ?)",
            [party.kind, party.id, verdict, party.name, party.username, by, self._stamp()],
        )

    def _decide(
        self, db: Database, code: str, verdict: Verdict, by: int, by_name: str, update: int
    ) -> dict[str, Any]:
        db.execute(
            "update pairings set verdict = ?, by = ?, by_name = ?, decided_in = ? where code = ?",
            [verdict, by, by_name, update, code],
        )
        (row,) = db.query("select * from pairings where code = ?", [code])
        return row

    def _code(self, db: Database) -> str:
        while True:
            code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
            if _first(db, "select 1 from pairings where code = ?", [code]) is None:
                return code

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def _oldest(self, kind: Kind) -> str:
        """Return the time before which a request of this kind has lapsed by now."""
        return self._before(LASTS[kind])

    def _before(self, age: timedelta) -> str:
        return (self._now() - age).isoformat(timespec="seconds")


def _first(db: Database, sql: str, values: list[object]) -> dict[str, Any] | None:
    return next(iter(list(db.query(sql, values))), None)


def _party(row: Mapping[str, Any]) -> Party:
    return Party(row["kind"], row["id"], row["name"] or "", row["username"] or "")


def _request(row: Mapping[str, Any]) -> AccessRequest:
    return AccessRequest(
        row["code"],
        _party(row),
        row["language"],
        row["asked_in"],
        row.get("verdict"),
        row.get("by_name") or "",
        row.get("asker"),
    )
