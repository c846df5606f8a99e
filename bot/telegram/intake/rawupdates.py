"""Updates as Telegram sends them, not read by the library: what they tell of themselves, whatever they hold."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_LARGEST = 2**63 - 1
"""What SQLite can store as an integer."""


def where(update: Json) -> tuple[int | None, int | None]:
    """Return the chat ID and the user ID of an update of any kind, as far as it has them."""
    for part in update.values():
        if isinstance(part, dict):
            message = part if "chat" in part else part.get("message")
            chat = _number(message.get("chat")) if isinstance(message, dict) else None
            senders = (part.get(name) for name in ("from", "sender_chat", "user", "actor_chat"))
            user = next(filter(None, map(_number, senders)), None)
            # Without a chat, as inline queries are, what one person sends is one queue.
            return chat if chat is not None else user, user
    return None, None


def sent_at(update: Json) -> float | None:
    """Return when the message of an update was sent, in Unix seconds; None when it does not say."""
    for part in update.values():
        if isinstance(part, dict) and isinstance(date := part.get("date"), int):
            return float(part.get("edit_date") or date)
    return None


def number_of(update: object) -> int | None:
    """Return the ID of an update; None for a value that is no update."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int and 0 <= number <= _LARGEST else None


def _number(part: object) -> int | None:
    found = part.get("id") if isinstance(part, dict) else None
    return found if isinstance(found, int) and abs(found) <= _LARGEST else None


def kind_of(update: Json) -> str:
    """Return Telegram's name for the kind of an update; "" when it says none."""
    return next((key for key in update if key != "update_id"), "")
