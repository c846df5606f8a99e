"""A Telegram Bot API server for tests and for trying the bot without an account, on loopback.

``world`` is what Telegram knows: ``state`` holds it, ``people``, ``members`` and ``queries`` are what people do,
``sending`` what the bot does; ``entities`` and ``markup`` read texts and keyboards as strictly as Telegram.
``server`` serves it over HTTP: ``methods`` by name, ``webhook`` the other way round, ``faults`` what goes wrong on
demand, ``raw`` calls it without a bot. ``python -m tests.botapi`` runs it with a prompt at which one writes to the bot
(``chatting``, ``lines``); ``page`` draws a chat. ``running`` is the real bot against it.
"""

from tests.botapi.server import BotApi
from tests.botapi.world import Chat, User, World

__all__ = ["BotApi", "Chat", "User", "World"]
