"""The world of Telegram: one object for tests to act on and the server to serve."""

from __future__ import annotations

from tests.botapi.chats import ANONYMOUS, AS_CHANNEL, Bell, Chat, Json, User, WorldError
from tests.botapi.members import Members
from tests.botapi.people import People
from tests.botapi.queries import Queries
from tests.botapi.sending import Sending

__all__ = ["ANONYMOUS", "AS_CHANNEL", "Bell", "Chat", "Json", "User", "World", "WorldError"]


class World(People, Members, Queries, Sending):
    """The world in memory: ``state`` stores it; ``people``, ``members`` and ``queries`` are people's actions."""
