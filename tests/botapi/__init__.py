"""A Telegram Bot API server for tests and for trying the bot without an account, on loopback.

``world`` is what Telegram knows (chats, messages, updates waiting), ``server`` speaks the Bot API over HTTP,
``entities`` reads HTML as strictly as Telegram does, ``page`` draws a chat; ``python -m tests.botapi`` runs
it with a prompt at which one writes to the bot.
"""

from tests.botapi.server import BotApi
from tests.botapi.world import Chat, User, World

__all__ = ["BotApi", "Chat", "User", "World"]
