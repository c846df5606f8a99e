"""Settings of a chat or topic by its administrators: language, number of quotes, when to answer, quiet hours."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.state import State
from bot.telegram.chats.zones import COMMON, DEFAULT, is_zone, zone
from prompts import Language

VERSION = 1
"""Version of the JSON in the table ``chats``; a file with a newer one is read as far as it is understood."""

MOST_QUOTES = 5

QUIET_HOURS = ((22, 7), (23, 6), (0, 8))
"""Choices of quiet hours: from the first hour on, until the second begins."""


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
    zone: str = DEFAULT
    """Time zone of the quiet hours: a name of the IANA's."""
    corrections: bool = True
    """Whether the chat is told when an article changed of which it was given a quote."""

    def time(self, at: datetime) -> datetime:
        """Return a time in the chat's time zone."""
        return at.astimezone(zone(self.zone))

    def is_quiet(self, at: datetime) -> bool:
        if self.quiet is None:
            return False
        start, end = self.quiet
        return (self.time(at).hour - start) % 24 < (end - start) % 24


Overrides = dict[str, Any]
"""The settings of a topic that differ from its chat's."""


class Chats:
    """The settings of all chats and of topics in forums, in ``bot.sqlite``.

    Only one process answers a bot's chats, so they are read once. ``change`` and ``reset`` block: not for the event
    loop.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        # Changes come from several threads; looking up needs no lock.
        self._lock = threading.Lock()
        self._held: dict[int, ChatSettings] = {}
        self._topics: dict[int, dict[int, Overrides]] = {}
        for row in state.rows('select chat, "values" from chats'):
            self._held[int(row["chat"])], topics = _read(row["values"])
            if topics:
                self._topics[int(row["chat"])] = topics

    def of(self, chat: int, topic: int | None = None) -> ChatSettings:
        """Return the settings of a chat, or of a topic there: its own before those of the chat."""
        held = self._held.get(chat, ChatSettings())
        own = self._topics.get(chat, {}).get(topic) if topic is not None else None
        return replace(held, **own) if own else held

    def silent(self, chat: int, topic: int | None = None) -> bool:
        """Return whether messages sent to the chat now arrive without a sound."""
        return self.of(chat, topic).is_quiet(now())

    def clock(self, chat: int, topic: int | None = None) -> str:
        """Return the present time of day in the chat: «14:05»."""
        return f"{self.of(chat, topic).time(now()):%H:%M}"

    def change(self, chat: int, topic: int | None = None, /, **values: Any) -> ChatSettings:
        """Set some settings of a chat, or of a topic there alone; the others stay as they are."""
        with self._lock:
            held, topics = self.of(chat), dict(self._topics.get(chat, {}))
            if topic is None:
                held = replace(held, **values)
            else:
                topics[topic] = topics.get(topic, {}) | values
            self._keep(chat, held, topics)
            return self.of(chat, topic)

    def reset(self, chat: int, topic: int) -> ChatSettings:
        """Drop the settings of a topic, so that those of its chat hold there."""
        with self._lock:
            others = {each: own for each, own in self._topics.get(chat, {}).items() if each != topic}
            self._keep(chat, self.of(chat), others)
            return self.of(chat)

    def has_own(self, chat: int, topic: int) -> bool:
        """Return whether a topic has settings of its own."""
        return bool(self._topics.get(chat, {}).get(topic))

    def _keep(self, chat: int, held: ChatSettings, topics: dict[int, Overrides]) -> None:
        values = {
            "version": VERSION,
            **asdict(held),
            "topics": {str(topic): own for topic, own in topics.items()},
        }
        written = json.dumps(values, ensure_ascii=False)
        with self._state.writing() as db:
            db.execute('insert or replace into chats (chat, "values") values (?, ?)', [chat, written])
        self._held[chat], self._topics[chat] = held, topics

    def forget(self, chat: int) -> None:
        """Reset a chat to the defaults in memory; the table is emptied afterwards, with the chat's other data.

        Blocks like ``change``, so that no change under way brings back old values.
        """
        with self._lock:
            self._held.pop(chat, None)
            self._topics.pop(chat, None)

    def moved(self, old: int, new: int) -> None:
        """Apply a chat's settings to its new ID, and to updates that still wait from the old one.

        The table is moved with the chat's other data.
        """
        # After a restart only the new number is known. A group that moves is no forum and has no topics.
        if held := self._held.get(old) or self._held.get(new):
            self._held[old] = self._held.setdefault(new, held)


def _read(text: str) -> tuple[ChatSettings, dict[int, Overrides]]:
    """Return a chat's settings and those of its topics from their JSON.

    Values that are not understood count as not set.
    """
    try:
        values = json.loads(text)
    except ValueError:
        return ChatSettings(), {}
    if not isinstance(values, dict):
        return ChatSettings(), {}
    topics = values.get("topics")
    found = {
        int(topic): own
        for topic, given in (topics.items() if isinstance(topics, dict) else ())
        if topic.isdecimal() and isinstance(given, dict) and (own := _known(given))
    }
    return replace(ChatSettings(), **_known(values)), found


def _known(values: Mapping[str, Any]) -> Overrides:
    """Return those of the values that are understood, as the fields of ``ChatSettings`` hold them."""
    known: Overrides = {}
    for name, value in values.items():
        match name:
            case "language" if value in (None, "ar", "en"):
                known[name] = value
            case "quotes" if value is None or value in range(1, MOST_QUOTES + 1):
                known[name] = value
            case "replies" | "corrections" if isinstance(value, bool):
                known[name] = value
            case "quiet" if value is None or value in [list(hours) for hours in QUIET_HOURS]:
                known[name] = value and (value[0], value[1])
            case "zone" if isinstance(value, str) and is_zone(COMMON.get(value, value)):
                known[name] = COMMON.get(value, value)
    return known
