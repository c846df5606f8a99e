"""State of Telegram: users, chats, topics, messages, files, and pending updates for the bot."""

from __future__ import annotations

import itertools
import time
from bisect import bisect_left
from collections.abc import Callable

from tests.botapi.chats import Bell, Chat, File, Json, Role, User, WorldError, bad, words
from tests.botapi.entities import cut

_ONLY_WHEN_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
_KINDS = {
    "message", "edited_message", "channel_post", "edited_channel_post", "inline_query", "chosen_inline_result",
    "callback_query", "my_chat_member", "guest_message", "poll", "poll_answer", "chat_join_request",
    "shipping_query", "pre_checkout_query", "chat_boost", "removed_chat_boost", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages", "purchased_paid_media",
    *_ONLY_WHEN_ASKED,
}  # fmt: skip
USUAL_KINDS = _KINDS - _ONLY_WHEN_ASKED


class State:
    """The whole state, in memory, with its look-ups."""

    def __init__(self, username: str = "musnad_test_bot") -> None:
        self.bot: Json = {
            "id": 4242424242,
            "is_bot": True,
            "first_name": "مُسنَد",
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "supports_guest_queries": True,
        }
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.updates: list[Json] = []
        """Pending updates for the bot, oldest first."""
        self.allowed: set[str] = set(USUAL_KINDS)
        """Kinds of update that the bot asked for; others are never queued."""
        self.sent: list[Json] = []
        """Messages of the bot in order, in their current state (or the last one before deletion)."""
        self.deleted: list[Json] = []
        self.edits: list[Json] = []
        """Copies of the bot's messages after each edit, in order."""
        self.actions: list[Json] = []
        self.commands: dict[tuple[str, str], list[Json]] = {}
        """(scope, language code or "") → commands; scopes of a chat are ``chat:ID``, ``chat_member:ID:USER``."""
        self.descriptions: dict[str, str] = {}
        """Language code or "" → the text shown in the empty chat with the bot."""
        self.short_descriptions: dict[str, str] = {}
        self.drafts: list[Json] = []
        """Drafts sent, in order: chat, draft_id, text, entities, thread, date, after (which message)."""
        self.reactions: dict[tuple[int, int], list[str]] = {}
        """(chat, message) → the bot's reactions on it."""
        self.own_reactions: dict[tuple[int, int, int], tuple[str, ...]] = {}
        """(chat, message, user) → the user's reactions on it."""
        self.files: dict[str, File] = {}
        self.changed = Bell()
        """Rings on every change."""
        self.clock: Callable[[], float] = time.time
        """Returns the current time in Unix seconds."""
        self._shift = 0.0
        # Those of every server are new: what a bot has seen of another one it must not take for seen.
        self._update_ids = itertools.count(time.time_ns() // 1_000_000 % 2**31)
        self._numbers = itertools.count(1)

    def now(self) -> int:
        return int(self.clock() + self._shift)

    def advance(self, seconds: float) -> None:
        """Advance the time used for the dates of messages and the age of queries."""
        self._shift += seconds

    # People and places

    def user(self, id: int, name: str, language: str | None = "ar", username: str | None = None) -> User:
        """Add a person and the private chat with them."""
        user = User(id, name, language, username)
        self.users[id] = user
        self.chats[id] = Chat(id, "private", name, started=False, username=username)
        return user

    def group(
        self,
        title: str,
        *,
        forum: bool = False,
        privacy: bool = True,
        basic: bool = False,
        bot: Role = "member",
        username: str | None = None,
    ) -> Chat:
        """Add a supergroup (or a basic group), in which the bot is a member by default."""
        number = next(self._numbers)
        id = -4_000_000 - number if basic else -1_001_000_000_000 - number
        chat = Chat(id, "group" if basic else "supergroup", title, forum, privacy, username=username, bot=bot)
        self.chats[chat.id] = chat
        return chat

    def channel(self, title: str, *, username: str | None = None, bot: Role = "left") -> Chat:
        chat = Chat(-1_002_000_000_000 - next(self._numbers), "channel", title, username=username, bot=bot)
        self.chats[chat.id] = chat
        return chat

    def link(self, channel: Chat, group: Chat) -> None:
        """Make a group the discussion group of a channel."""
        channel.linked, group.linked = group, channel

    def topic(self, chat: Chat, name: str, by: Json | None = None) -> int:
        """Add a topic to a forum and return its number, that of the service message that opens it."""
        creator = by or {"id": 1, "is_bot": False, "first_name": "Admin"}
        opened = self._store(chat, creator, {"forum_topic_created": {"name": name, "icon_color": 0}})
        thread = int(opened["message_id"])
        opened |= {"message_thread_id": thread, "is_topic_message": True}
        chat.topics[thread] = name
        return thread

    # Looking up

    def bot_user(self) -> Json:
        return {key: self.bot[key] for key in ("id", "is_bot", "first_name", "username")}

    def in_chat(self, chat: Chat | User) -> list[Json]:
        """Return the bot's messages in a chat that are not deleted."""
        return list(self.chats[chat.id].sent.values())

    def latest(self, chat: Chat | User) -> Json:
        """Return the last message in a chat, whoever wrote it."""
        messages = self.chats[chat.id].messages
        return messages[next(reversed(messages))]

    def find_chat(self, chat_id: object) -> Chat:
        """Return a chat that the bot has met, by number or @username."""
        if isinstance(chat_id, str) and chat_id.startswith("@"):
            name = chat_id[1:].casefold()
            named = [chat for chat in self.chats.values() if (chat.username or "").casefold() == name]
            if not named or named[0].type == "private":
                raise bad("chat not found")
            return named[0]
        if chat_id in (None, ""):
            raise bad("chat_id is empty")
        try:
            chat = self.chats[int(str(chat_id))]
        except (ValueError, KeyError):
            raise bad("chat not found") from None
        if chat.migrated_to is not None:
            raise WorldError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to.id,
            )
        kind = f"{chat.type} chat" if chat.type != "channel" else "channel chat"
        if chat.type != "private" and chat.bot == "kicked":
            raise WorldError(403, f"Forbidden: bot was kicked from the {kind}")
        if chat.type != "private" and chat.bot == "left":
            raise WorldError(403, f"Forbidden: bot is not a member of the {kind}")
        return chat

    def open_chat(self, chat_id: object) -> Chat:
        """Return a chat that the bot may write in."""
        chat = self.find_chat(chat_id)
        if chat.blocked:
            raise WorldError(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise WorldError(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.type == "channel" and chat.bot != "administrator":
            raise bad("need administrator rights in the channel chat")
        if not chat.may_write:
            raise bad("not enough rights to send text messages to the chat")
        return chat

    # Updates

    def push(self, kind: str, payload: Json) -> int:
        """Queue an update of any kind, well-formed or not; return its number, 0 when the bot wants none of it."""
        if kind in _KINDS and kind not in self.allowed:
            return 0
        number = next(self._update_ids)
        # What waits shows a message as it was when sent, whatever becomes of it meanwhile.
        self.updates.append({"update_id": number, kind: dict(payload)})
        self.changed.ring()
        return number

    def allow(self, kinds: object) -> None:
        """Store the kinds of update asked for; without a list the last one stays, an empty one means the usual."""
        if isinstance(kinds, list):
            self.allowed = {kind for kind in kinds if kind in _KINDS} or set(USUAL_KINDS)

    def take(self, offset: int, limit: int) -> list[Json]:
        """Return the pending updates from ``offset`` on; remove those before it."""
        if offset > 0:
            del self.updates[: bisect_left(self.updates, offset, key=_number)]
        elif offset < 0:
            del self.updates[:offset]
        return self.updates[:limit]

    def acknowledge(self, number: int) -> None:
        """Remove one update, wherever it is in the queue."""
        at = bisect_left(self.updates, number, key=_number)
        if at < len(self.updates) and self.updates[at]["update_id"] == number:
            del self.updates[at]
            self.changed.ring()

    # For the other rooms

    def _place(self, chat: Chat, thread: int | None, reply_to: Json | None) -> Json:
        """Return the topic and reply fields of a message.

        As in Telegram, a message in a topic that replies to nothing «replies» to the message that opened the
        topic, and a reply in an ordinary supergroup carries a thread number that is no topic's.
        """
        found: Json = {}
        if thread is not None:
            found |= {"message_thread_id": thread, "is_topic_message": True}
            reply_to = reply_to or chat.messages[thread]
        elif reply_to is not None and chat.type == "supergroup":
            found["message_thread_id"] = reply_to.get("message_thread_id", reply_to["message_id"])
        if reply_to is not None:
            found["reply_to_message"] = {
                key: value for key, value in reply_to.items() if key not in ("reply_to_message", "quote")
            }
        return found

    def _store(self, chat: Chat, sender: Json | None, content: Json) -> Json:
        message: Json = {"message_id": next(chat.ids), "date": self.now(), "chat": chat.json()}
        if sender is not None:
            message["from"] = sender
        message |= content
        chat.messages[message["message_id"]] = message
        return message

    def _store_sent(self, chat: Chat, content: Json) -> Json:
        stored = self._store(chat, None if chat.type == "channel" else self.bot_user(), content)
        self.sent.append(stored)
        chat.sent[stored["message_id"]] = stored
        self.changed.ring()
        return stored

    def _remove(self, chat: Chat, number: int) -> None:
        self.deleted.append(chat.messages.pop(number))
        chat.sent.pop(number, None)
        self.changed.ring()

    def _store_file(self, name: str, data: bytes, mime: str, size: int | None = None) -> File:
        id = f"BQACAgQ-{next(self._numbers)}"
        self.files[id] = File(id, name, data, mime, len(data) if size is None else size)
        return self.files[id]

    def _standing(self, message: Json) -> Json:
        """Return the message in its current state. Raises LookupError when it was deleted."""
        return self.chats[message["chat"]["id"]].messages[message["message_id"]]

    def _reaches_bot(self, chat: Chat, message: Json) -> bool:
        if chat.migrated_to is not None or (chat.type != "private" and chat.bot in ("left", "kicked")):
            return False
        if chat.type == "private" or not chat.privacy or chat.bot == "administrator":
            return True
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        if self.bot["id"] in (replied, message.get("via_bot", {}).get("id")):
            return True
        text = words(message)
        for entity in (*message.get("entities", ()), *message.get("caption_entities", ())):
            if entity["type"] == "bot_command":
                _, _, whose = cut(text, entity["offset"], entity["length"]).partition("@")
                return not whose or whose.casefold() == self.bot["username"].casefold()
        return False


def _number(update: Json) -> int:
    return int(update["update_id"])
