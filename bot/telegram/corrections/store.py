"""What chats are to be told, and were told, of articles that changed: tables of the bot's state.

Methods block; SQLite's errors pass through. Each is one transaction, so that a kill at any moment loses nothing: what
was found is noted together with how far the archive was looked through, and what is told is fixed before it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.changes.given import Given
from bot.changes.touched import Touched, Versions
from bot.state import State, stamp


@dataclass(frozen=True, slots=True)
class Due:
    """A chat that may have to be told of the changed articles of a source."""

    chat: int
    source: str
    before: tuple[str, ...]
    """The versions before the first change that it was not told of."""
    since: float
    """When the change was noticed, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Item:
    """The touched quotes of one source's articles that a chat was given."""

    quotes: tuple[Touched, ...]
    answers: tuple[int, ...]
    """The answers that hold them, the latest last: the notice replies to that one's message."""
    thread: int | None
    language: str
    question_message: int | None

    @classmethod
    def of(cls, quotes: Sequence[Touched], given: Sequence[Given]) -> Item:
        """Combine touched quotes with where they were ``given``, the latest last."""
        held = {touched.quote.id for touched in quotes}
        theirs = [each for each in given if each.quote in held]
        last = theirs[-1]
        return cls(
            tuple(quotes),
            tuple(dict.fromkeys(each.answer for each in theirs)),
            last.thread,
            last.language,
            last.question_message,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that a chat is told, or several: of one article, or of many as a ``digest``."""

    id: int
    chat: int
    digest: bool
    plan: list[dict[str, Any]]

    def items(self, archive: Versions) -> list[Item]:
        """Return what is told, every quote cut anew. Raises UnverifiedQuoteError."""
        return [
            Item(
                tuple(Touched.unpack(each, archive) for each in item["quotes"]),
                tuple(item["answers"]),
                item["thread"],
                item["language"],
                item["question_message"],
            )
            for item in self.plan
        ]


class CorrectionStore:
    """The tables ``scanned``, ``due``, ``notices`` and ``corrected``."""

    def __init__(self, state: State) -> None:
        self._state = state

    def scanned(self, last: int) -> int:
        """Return the number of the last change that was looked at; at the first look that is the ``last`` of all.

        So it is where the archive has fewer changes: it is another one.
        """
        row = self._state.row("select number from scanned")
        if row is not None and row["number"] <= last:
            return int(row["number"])
        with self._state.writing() as db:
            db.execute("insert or replace into scanned (id, number) values (1, ?)", [last])
        return last

    def note(self, due: Iterable[Due], number: int) -> None:
        """Note chats that may have to be told, and that the changes up to this number were looked at."""
        with self._state.writing() as db:
            db.conn.executemany(
                'insert or ignore into due (chat, source, "before", since) values (?, ?, ?, ?)',
                [(each.chat, each.source, json.dumps(each.before), each.since) for each in due],
            )
            db.execute("insert or replace into scanned (id, number) values (1, ?)", [number])

    def due(self) -> dict[int, list[Due]]:
        """Return what is due, by chat."""
        found: dict[int, list[Due]] = {}
        for row in self._state.rows("select * from due order by chat, since, source"):
            each = Due(row["chat"], row["source"], tuple(json.loads(row["before"])), row["since"])
            found.setdefault(each.chat, []).append(each)
        return found

    def wordings(self, chat: int, quote: str) -> dict[str, str]:
        """Return the wordings of a quote of which a chat was told, with the times."""
        rows = self._state.rows(
            "select wording, at from corrected where chat = ? and quote = ? order by at", [chat, quote]
        )
        return {row["wording"]: row["at"] for row in rows}

    def recent(self, chat: int, seconds: float) -> tuple[int, bool]:
        """Return how many notices of one article a chat was told in the last seconds, and whether of a digest."""
        since = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="seconds")
        rows = self._state.rows("select digest from notices where chat = ? and at > ?", [chat, since])
        return sum(not row["digest"] for row in rows), any(row["digest"] for row in rows)

    def fix(
        self, chat: int, due: Iterable[Due], told: Sequence[Sequence[Item]], digest: bool = False
    ) -> None:
        """Turn what is ``due`` in a chat into notices, each of some items; none where no quote is touched."""
        now = stamp()
        with self._state.writing() as db:
            for items in told:
                plan = [
                    {
                        "quotes": [each.pack() for each in item.quotes],
                        "answers": item.answers,
                        "thread": item.thread,
                        "language": item.language,
                        "question_message": item.question_message,
                    }
                    for item in items
                ]
                db.execute(
                    "insert into notices (chat, plan, digest, state, at) values (?, ?, ?, 'waiting', ?)",
                    [chat, json.dumps(plan), int(digest), now],
                )
                db.conn.executemany(
                    "insert or replace into corrected values (?, ?, ?, ?)",
                    [(chat, each.quote.id, each.wording, now) for item in items for each in item.quotes],
                )
            for each in due:
                db.execute(
                    'delete from due where chat = ? and source = ? and "before" = ?',
                    [chat, each.source, json.dumps(each.before)],
                )

    def waiting(self) -> dict[int, list[Notice]]:
        """Return the notices that were not sent to their end, by chat, in order."""
        found: dict[int, list[Notice]] = {}
        for row in self._state.rows("select * from notices where state = 'waiting' order by id"):
            notice = Notice(row["id"], row["chat"], bool(row["digest"]), json.loads(row["plan"]))
            found.setdefault(notice.chat, []).append(notice)
        return found

    def done(self, id: int) -> None:
        """Record that nothing more is sent of a notice, and forget what it told."""
        with self._state.writing() as db:
            db.execute("update notices set state = 'done', plan = '[]' where id = ?", [id])

    def began_elsewhere(self, id: int, chat: int) -> bool:
        """Return whether a notice was on its way to the chat's former number, and so may have arrived."""
        found = self._state.row(
            "select 1 from deliveries where update_id = ?1 and chat != ?2 and label not like '%unsure'"
            " and not exists (select 1 from deliveries where update_id = ?1 and chat = ?2) limit 1",
            [-id, chat],
        )
        return found is not None
