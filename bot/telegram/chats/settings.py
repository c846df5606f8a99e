"""What the administrators of a chat have set for it: language, number of quotes, when to answer, quiet hours."""

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
"""Of the JSON in the table ``chats``; a file with a newer one is read as far as it is understood."""

MOST_QUOTES = 5

QUIET_HOURS = ((22, 7), (23, 6), (0, 8))
"""From the first hour on, until the second begins."""

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
    """The present time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What holds in one chat; the defaults where nobody has set anything."""

    language: Language | None = None
    """None: each user's own."""
    quotes: int | None = None
    """The most quotes of an answer, 1 to 5; None: as many as it has."""
    replies: bool = True
    """Whether a reply to one of the bot's messages is a question; commands and mentions always are."""
    quiet: tuple[int, int] | None = None
    """The hours in which messages come without a sound: from the first on, until the second begins."""
    zone: str = DEFAULT_ZONE
    """Whose clock the hours are of: a name of ``ZONES``."""

    def time(self, at: datetime) -> datetime:
        """What the clock shows in the chat's time zone."""
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
        """Whether what is sent there now comes without a sound."""
        return self.of(chat).is_quiet(now())

    def clock(self, chat: int) -> str:
        """What time it is there now: «14:05»."""
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
        """Let the defaults hold there. The table is emptied afterwards, by whoever empties the rest.

        Blocks like ``change``: none that is under way may bring back what was set."""
        with self._lock:
            self._held.pop(chat, None)

    def moved(self, old: int, new: int) -> None:
        """A chat got another number: what was set holds there from now on, and for what waits from the old one too.

        The table is moved by whoever moves the rest."""
        # After a restart only the new number is known.
        if held := self._held.get(old) or self._held.get(new):
            self._held[old] = self._held.setdefault(new, held)


def _read(text: str) -> ChatSettings:
    """Settings from their JSON; what is not understood there counts as not set."""
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
