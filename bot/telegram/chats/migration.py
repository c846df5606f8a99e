"""Migration of a group's stored data to its new ID when it becomes a supergroup."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database
from telegram import Message

from bot.state import State, stamp
from bot.telegram.chats.settings import Chats

log = logging.getLogger(__name__)

_KEPT = timedelta(days=2)
"""How long the new ID of an old one is remembered: nothing waits in the inbox for longer than a day."""


class Migration:
    """Migration of groups to new IDs, in whichever way the bot learns of one, and however often."""

    def __init__(
        self, state: State, chats: Chats, allowed: frozenset[int], moved: Callable[[int, int], None]
    ) -> None:
        """Load the earlier migrations from the state. Blocks: not for the event loop.

        ``allowed``: the groups let in by the settings, where the ID cannot be changed from here. ``moved`` is
        called for each migration before anything else is done in either group, and at once for those from before a
        restart.
        """
        self._state = state
        self._chats = chats
        self._allowed = allowed
        self._moved = moved
        for row in state.rows("select old, new from moves"):
            self._heard_of(row["old"], row["new"])

    async def follow(self, message: Message) -> None:
        """Migrate the group if the message announces a migration.

        In the old group Telegram states the new ID, in the new group the old one.
        """
        if message.migrate_to_chat_id:
            await self.move(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            await self.move(message.migrate_from_chat_id, message.chat.id)

    async def move(self, old: int, new: int) -> None:
        """Move all stored data of a group to its new ID, in one transaction."""
        # Memory first: the next message in the new group may already be at the gate.
        self._heard_of(old, new)
        await asyncio.to_thread(self._move, old, new)

    def _heard_of(self, old: int, new: int) -> None:
        self._moved(old, new)
        self._chats.moved(old, new)

    def _move(self, old: int, new: int) -> None:
        with self._state.writing() as db:
            _move_settings(db, old, new)
            _move_conversations(db, old, new)
            _move_waiting(db, old, new)
            _move_notices(db, old, new)
            let_in = _move_access(db, old, new, old in self._allowed)
        if let_in:
            log.warning(
                "group %d is now %d and is still let in; write %d in MUSNAD_ALLOWED_CHATS in its place",
                old, new, new,
            )  # fmt: skip


def _move_settings(db: Database, old: int, new: int) -> None:
    db.execute("update or ignore chats set chat = ? where chat = ?", [new, old])
    db.execute("delete from chats where chat = ?", [old])


def _move_conversations(db: Database, old: int, new: int) -> None:
    """Move a group's conversations, answers, feedback and ``notified`` keys to its new ID.

    Whoever writes in the group's name has its ID as user ID: it may occur twice in a conversation's key. Messages
    of the old group have no ID in the new one, where their IDs belong to other messages.
    """
    renamed = "rtrim(replace(conversation || ':', ?, ?), ':')"
    change = [f":{old}:", f":{new}:"]
    db.execute(
        f"update turns set conversation = {renamed}, name = null where conversation like ?",
        [*change, f"telegram:{old}:%"],
    )
    db.execute(
        f"update answers set conversation = {renamed}, chat = ?, question_message = null,"
        " user = iif(user = ?, ?, user) where chat = ?",
        [*change, new, old, new, old],
    )
    db.execute("update or ignore feedback set user = ? where user = ?", [new, old])
    db.execute(
        "update or replace notified set key = substr(key, 1, length(key) - length(?1)) || ?2 where key like '%:' || ?1",
        [str(old), str(new)],
    )


def _move_waiting(db: Database, old: int, new: int) -> None:
    """Move a group's waiting updates, and record the migration.

    The payloads keep the old ID: the updates are to be let in and answered after a restart too.
    """
    db.execute("update inbox set chat = ? where chat = ?", [new, old])
    db.execute("insert or replace into moves (old, new, at) values (?, ?, ?)", [old, new, stamp()])
    gone = (datetime.now(UTC) - _KEPT).isoformat(timespec="seconds")
    db.execute("delete from moves where at < ?", [gone])


def _move_notices(db: Database, old: int, new: int) -> None:
    """Move what a group is to be told, and what it was told of, about articles that changed."""
    db.execute("update notices set chat = ? where chat = ?", [new, old])
    for table in ("due", "corrected"):
        db.execute(f"update or ignore {table} set chat = ? where chat = ?", [new, old])
        db.execute(f"delete from {table} where chat = ?", [old])


def _move_access(db: Database, old: int, new: int, allowed: bool) -> bool:
    """Move a group's access; return whether the new ID was let in because the settings let the old one in."""
    db.execute("update or ignore access set id = ? where kind = 'chat' and id = ?", [new, old])
    db.execute("delete from access where kind = 'chat' and id = ?", [old])
    db.execute("update or ignore pairings set id = ? where kind = 'chat' and id = ?", [new, old])
    db.execute("delete from pairings where kind = 'chat' and id = ?", [old])
    if not allowed:
        return False
    return bool(
        db.execute(
            "insert or ignore into access (kind, id, verdict, name, by, at)"
            " values ('chat', ?, 'allowed', null, null, ?)",
            [new, stamp()],
        ).rowcount
    )
