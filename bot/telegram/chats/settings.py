"""Settings of a chat by its administrators: language, number of quotes, when to answer, quiet hours."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.state import State
from prompts import Language

VERSION = 1
"""Version of the JSON in the table ``chats``; a file with a newer one is read as far as it is understood."""

MOST_QUOTES = 5

QUIET_HOURS = ((22, 7), (23, 6), (0, 8))
"""Choices of quiet hours: from the first hour on, until the second begins."""

ZONES = {
    "nouakchott": "Africa/Nouakchott", "rabat": "Africa/Casablanca", "algiers": "Africa/Algiers",
    "tunis": "Africa/Tunis", "tripoli": "Africa/Tripoli", "cairo": "Africa/Cairo",
    "khartoum": "Africa/Khartoum", "jerusalem": "Asia/Hebron", "beirut": "Asia/Beirut",
    "damascus": "Asia/Damascus", "amman": "Asia/Amman", "baghdad": "Asia/Baghdad",
    "riyadh": "Asia/Riyadh", "kuwait": "Asia/Kuwait", "manama": "Asia/Bahrain", "doha": "Asia/Qatar",
    "abudhabi": "Asia/Dubai", "muscat": "Asia/Muscat", "sanaa": "Asia/Aden", "djibouti": "Africa/Djibouti",
    "mogadishu": "Africa/Mogadishu", "moroni": "Indian/Comoro",
}  # fmt: skip
"""The Arab capitals and the time zones their clocks follow, from west to east and then south."""
DEFAULT_ZONE = "damascus"


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The settings of one chat; the defaults where nobody has set anything."""

    language: Language | None = None
    """Language of the chat; None: each user's own."""
    quotes: int | None = None
    """The most quotes of an answer, 1 to 5; None: as many as it has."""
    replies: bool = True
    """Whether a reply to one of the bot's messages is a question; commands and mentions always are."""
    quiet: tuple[int, int] | None = None
    """The hours in which messages come without a sound: from the first on, until the second begins."""
    zone: str = DEFAULT_ZONE
    """Time zone of the quiet hours: a name of ``ZONES``."""

    def time(self, at: datetime) -> datetime:
        """Return a time in the chat's time zone."""
        return at.astimezone(ZoneInfo(ZONES[self.zone]))

    def is_quiet(self, at: datetime) -> bool:
        if self.quiet is None:
            return False
        start, end = self.quiet
        return (self.time(at).hour - start) % 24 < (end - start) % 24


class Chats:
    """The settings of all chats, in ``bot.sqlite``; only one process answers a bot's chats, so they are read once.

    ``change`` blocks: not for the event loop.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        # Changes come from several threads; looking up needs no lock.
        self._lock = threading.Lock()
        rows = state.rows('select chat, "values" from chats')
        self._held = {int(row["chat"]): _read(row["values"]) for row in rows}

    def of(self, chat: int) -> ChatSettings:
        return self._held.get(chat, ChatSettings())

    def silent(self, chat: int) -> bool:
        """Return whether messages sent to the chat now arrive without a sound."""
        return self.of(chat).is_quiet(now())

    def clock(self, chat: int) -> str:
        """Return the present time of day in the chat: «14:05»."""
        return f"{self.of(chat).time(now()):%H:%M}"

    def change(self, chat: int, **values: Any) -> ChatSettings:
        """Set some of a chat's settings, the others staying as they are."""
        with self._lock:
            changed = replace(self.of(chat), **values)
            written = json.dumps({"version": VERSION, **asdict(changed)}, ensure_ascii=False)
            with self._state.writing() as db:
                db.execute('insert or replace into chats (chat, "values") values (?, ?)', [chat, written])
            self._held[chat] = changed
        return changed

    def forget(self, chat: int) -> None:
        """Reset a chat to the defaults in memory; the table is emptied afterwards, with the chat's other data.

        Blocks like ``change``, so that no change under way brings back old values.
        """
        with self._lock:
            self._held.pop(chat, None)

    def moved(self, old: int, new: int) -> None:
        """Apply a chat's settings to its new ID, and to updates that still wait from the old one.

        The table is moved with the chat's other data.
        """
        # After a restart only the new number is known.
        if held := self._held.get(old) or self._held.get(new):
            self._held[old] = self._held.setdefault(new, held)


def _read(text: str) -> ChatSettings:
    """Return settings from their JSON; values that are not understood count as not set."""
    try:
        values = json.loads(text)
    except ValueError:
        return ChatSettings()
    if not isinstance(values, dict):
        return ChatSettings()
    language, quotes, quiet = values.get("language"), values.get("quotes"), values.get("quiet")
    zone = values.get("zone")
    return ChatSettings(
        language=language if language in ("ar", "en") else None,
        quotes=quotes if quotes in range(1, MOST_QUOTES + 1) else None,
        replies=values.get("replies") is not False,
        quiet=(quiet[0], quiet[1]) if quiet in [list(hours) for hours in QUIET_HOURS] else None,
        zone=zone if zone in ZONES else DEFAULT_ZONE,
    )
