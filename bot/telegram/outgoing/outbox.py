"""Record of what was sent for each update, so that repeated work sends nothing twice.

Each message is recorded before it is sent and after it arrived. Methods block; SQLite's errors pass through.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bot.state import State, stamp


class Key(NamedTuple):
    """The key of a part that is sent once: a part under a label, for an update.

    Update 0 stands for no update: nothing is recorded.
    """

    update: int
    chat: int
    label: str
    part: int


_THIS = "update_id = ? and chat = ? and label = ? and part = ?"


class Outbox:
    """The table ``deliveries`` of the bot's state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, key: Key) -> dict[str, Any] | None:
        """Return the recorded ``state`` and ``message`` of a part; None when it was not sent.

        In the state ``sending`` it was on its way when the process ended, and may have arrived.
        """
        return (
            self._state.row(f"select state, message from deliveries where {_THIS}", key)
            if key.update
            else None
        )

    def begin(self, key: Key) -> None:
        """Record that a part is being sent from now on."""
        if not key.update:
            return
        with self._state.writing() as db:
            db.execute(
                "insert or ignore into deliveries (update_id, chat, label, part, state, at)"
                " values (?, ?, ?, ?, 'sending', ?)",
                [*key, stamp()],
            )

    def end(self, key: Key, chat: int, message: int | None) -> None:
        """Record that a part arrived in ``chat`` with the ID ``message``; None: it may or may not have arrived."""
        if not key.update:
            return
        state = "unsure" if message is None else "sent" if chat == key.chat else "moved"
        with self._state.writing() as db:
            db.execute(
                f"update deliveries set state = ?, message = ?, at = ? where {_THIS}",
                [state, message, stamp(), *key],
            )
            if state == "moved":
                # Work on the update that is repeated asks by the old number, a reply comes from the new one.
                db.execute(
                    "insert or replace into deliveries (update_id, chat, label, part, state, message, at)"
                    " values (?, ?, ?, ?, 'sent', ?, ?)",
                    [*key._replace(chat=chat), message, stamp()],
                )

    def forget(self, key: Key) -> None:
        """Delete the record of a part that certainly did not arrive, which counts as never sent."""
        with self._state.writing() as db:
            db.execute(f"delete from deliveries where {_THIS}", key)

    def messages(self, update: int, label: str) -> list[int]:
        """Return the IDs of the messages that were sent for an update, in order."""
        rows = self._state.rows(
            "select message from deliveries where update_id = ? and label = ? and message is not null"
            " and state != 'moved' order by part",
            [update, label],
        )
        return [row["message"] for row in rows]

    def deleted(self, chat: int, message: int) -> None:
        """Record that a message was deleted."""
        with self._state.writing() as db:
            db.execute(
                "update deliveries set state = 'deleted', message = null where chat = ? and message = ?",
                [chat, message],
            )
