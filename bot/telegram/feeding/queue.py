"""The line of what owners sent for the archive: which updates stand in it, and which still wait there.

Such an update takes long. The dispatcher works on one of a chat at a time, beside the chat's questions, and the
inbox keeps the others, so that a crash loses none.
"""

from __future__ import annotations

import asyncio

from bot.telegram.intake.inbox import Inbox
from bot.telegram.intake.rawupdates import Json

_MOST_NAME = 60
"""Most characters shown of the name of what waits."""


class FeedQueue:
    """The updates with files, links, posts and slow commands from owners, and with channels' posts, in their order."""

    def __init__(self, *, owners: frozenset[int], inbox: Inbox) -> None:
        self.owners = owners
        self.lock = asyncio.Lock()
        """Held by whoever feeds the archive: one at a time."""
        self._inbox = inbox

    def has(self, update: Json) -> bool:
        """Return whether an update, as Telegram sends it, belongs into the line."""
        if "channel_post" in update or "edited_channel_post" in update:
            return True
        message = update.get("message")
        if not isinstance(message, dict):
            return False
        chat, sender = message.get("chat"), message.get("from")
        if not isinstance(chat, dict) or not isinstance(sender, dict):
            return False
        if chat.get("type") != "private" or sender.get("id") not in self.owners:
            return False
        return "document" in message or _is_post(message) or _is_link(message) or _is_command(message)

    async def waiting(self, chat: int) -> list[str]:
        """Return the names of what waits in a chat, in order."""
        return [name_of(update) for update in await asyncio.to_thread(self._inbox.slow_waiting, chat)]


def name_of(update: Json) -> str:
    """Return how the sender knows what an update brings: a file's name, a channel's title, an address."""
    message = update.get("message") or {}
    document, origin = message.get("document") or {}, message.get("forward_origin") or {}
    channel = origin.get("chat") or {}
    name = document.get("file_name") or channel.get("title") or message.get("text") or "…"
    return name if len(name) <= _MOST_NAME else f"{name[:_MOST_NAME]}…"


def _is_post(message: Json) -> bool:
    origin = message.get("forward_origin")
    return isinstance(origin, dict) and origin.get("type") == "channel"


def _is_link(message: Json) -> bool:
    """Return whether a link is the whole message."""
    text, entities = message.get("text"), message.get("entities")
    if not isinstance(text, str) or not isinstance(entities, list) or len(entities) != 1:
        return False
    only = entities[0]
    whole = len(text.strip().encode("utf-16-le")) // 2
    return isinstance(only, dict) and only.get("type") == "url" and only.get("length") == whole


def _is_command(message: Json) -> bool:
    """Return whether a message is a command that takes long."""
    text = message.get("text")
    return isinstance(text, str) and text.split("@")[0].split()[:1] in (["/reindex"], ["/follow"])
