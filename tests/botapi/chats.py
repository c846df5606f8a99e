"""Users, chats and files, and helpers shared by all modules of the world."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
AS_CHANNEL: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
FORWARDER: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
"""The user that posts a channel's messages in its discussion group."""

Role = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]
PRESENT = ("creator", "administrator", "member", "restricted")
ADMINS = ("creator", "administrator")


class WorldError(Exception):
    """Raised for a request that Telegram refuses: code, description, other parameters (``retry_after`` …)."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


def bad(description: str) -> WorldError:
    """Return the error for a bad request."""
    return WorldError(400, f"Bad Request: {description}")


def whole_number(value: object) -> int:
    """Return a parameter as a whole number, 0 when it is none, as Telegram reads it."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def words(message: Json) -> str:
    """Return the text of a message, or the caption of its file."""
    return str(message.get("text") or message.get("caption") or "")


class Bell:
    """A signal that wakes all who wait for the next ring. A caller of ``next`` misses no later ring."""

    def __init__(self) -> None:
        self._next: asyncio.Future[None] | None = None

    def next(self) -> asyncio.Future[None]:
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        # A waiter that gives up must not take the bell away from the others.
        return asyncio.shield(self._next)

    def ring(self) -> None:
        if self._next is not None:
            self._next.set_result(None)
            self._next = None


@dataclass(frozen=True)
class User:
    id: int
    first_name: str
    language_code: str | None = "ar"
    username: str | None = None

    def json(self) -> Json:
        found: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            found["username"] = self.username
        if self.language_code:
            found["language_code"] = self.language_code
        return found


@dataclass
class Chat:
    id: int
    type: Literal["private", "group", "supergroup", "channel"]
    title: str
    is_forum: bool = False
    privacy: bool = True
    """With privacy on, only commands and replies to the bot reach it in groups."""
    blocked: bool = False
    started: bool = True
    """False until the user has written: a bot cannot write first."""
    username: str | None = None
    bot: Role = "member"
    """The bot's role in the chat."""
    may_write: bool = True
    """Whether the bot may send messages in the chat."""
    roles: dict[int, Role] = field(default_factory=dict)
    anonymous: set[int] = field(default_factory=set)
    """Ids of administrators who stay hidden."""
    linked: Chat | None = None
    """A channel's discussion group, or a discussion group's channel."""
    migrated_to: Chat | None = None
    topics: dict[int, str] = field(default_factory=dict)
    closed_topics: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    sent: dict[int, Json] = field(default_factory=dict)
    """The bot's messages in the chat that are not deleted, by number."""
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def json(self) -> Json:
        found: Json = {"id": self.id, "type": self.type}
        found["first_name" if self.type == "private" else "title"] = self.title
        if self.username:
            found["username"] = self.username
        if self.is_forum:
            found["is_forum"] = True
        return found


@dataclass(frozen=True)
class File:
    """A file on Telegram's servers."""

    id: str
    name: str
    data: bytes
    mime: str
    size: int
    """Size told to the bot, in bytes: a test need not make 20 MB to claim them."""

    @property
    def path(self) -> str:
        return f"documents/file_{self.id.rpartition('-')[2]}"

    def document(self) -> Json:
        return {
            "file_id": self.id,
            "file_unique_id": f"u{self.id.rpartition('-')[2]}",
            "file_name": self.name,
            "mime_type": self.mime,
            "file_size": self.size,
        }
