"""What Telegram knows: users, chats, topics, messages, and the updates that wait for the bot."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.botapi.entities import accept, cut, find

Json = dict[str, Any]

ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
AS_CHANNEL: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
_NOW = 1_770_000_000
"""The time of the first message, Unix seconds: the world's clock counts messages, so that runs repeat."""


class WorldError(Exception):
    """A request Telegram refuses: its code and its description."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code


class Bell:
    """Wakes all who wait for the next ring. Who has called ``next`` misses none that follows."""

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
    """A bot cannot write first: False until the user has."""
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def json(self) -> Json:
        found: Json = {"id": self.id, "type": self.type}
        found["first_name" if self.type == "private" else "title"] = self.title
        if self.is_forum:
            found["is_forum"] = True
        return found


class World:
    """All of it, in memory. The ``say_…`` methods are what people do; the rest is what the bot asks for."""

    def __init__(self, username: str = "musnad_test_bot") -> None:
        self.bot: Json = {
            "id": 4242424242,
            "is_bot": True,
            "first_name": "مُسنَد",
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.updates: list[Json] = []
        self.sent: list[Json] = []
        """Every message of the bot, as it stands in the chat, in order."""
        self.actions: list[Json] = []
        self.commands: dict[tuple[str, str], list[Json]] = {}
        """(scope type, language code or "") → commands."""
        self.changed = Bell()
        """Rings whenever something happened."""
        self._update_ids = itertools.count(100)
        self._groups = itertools.count(1)
        self._clock = itertools.count(_NOW)

    # People and places

    def user(self, id: int, name: str, language: str | None = "ar", username: str | None = None) -> User:
        """A person, and the private chat with them."""
        user = User(id, name, language, username)
        self.users[id] = user
        self.chats[id] = Chat(id, "private", name, started=False)
        return user

    def group(self, title: str, *, forum: bool = False, privacy: bool = True) -> Chat:
        chat = Chat(-1_001_000_000_000 - next(self._groups), "supergroup", title, forum, privacy)
        self.chats[chat.id] = chat
        return chat

    def topic(self, chat: Chat, name: str, by: Json | None = None) -> int:
        """A new topic of a forum; its number is that of the service message that opens it."""
        creator = by or {"id": 1, "is_bot": False, "first_name": "Admin"}
        opened = self._store(chat, creator, {"forum_topic_created": {"name": name, "icon_color": 0}})
        thread = int(opened["message_id"])
        opened |= {"message_thread_id": thread, "is_topic_message": True}
        chat.topics[thread] = name
        return thread

    # What people do

    def say(
        self,
        user: User | None,
        text: str,
        chat: Chat | None = None,
        *,
        thread: int | None = None,
        reply_to: Json | None = None,
        as_channel: Chat | None = None,
    ) -> Json:
        """A user's message in a chat (their private one by default); ``user`` None is an anonymous admin."""
        if chat is None:
            assert user is not None, "an anonymous admin writes in a group"
            chat = self.chats[user.id]
        chat.started = True
        message: Json = {"text": text}
        if found := find(text):
            message["entities"] = found
        sender = user.json() if user else ANONYMOUS
        if as_channel is not None:
            sender, message["sender_chat"] = AS_CHANNEL, as_channel.json()
        elif user is None:
            message["sender_chat"] = chat.json()
        message |= self._place(chat, thread, reply_to)
        stored = self._store(chat, sender, message)
        if self._reaches_bot(chat, stored):
            self.push("message", stored)
        return stored

    def push(self, kind: str, payload: Json) -> int:
        """An update of any kind for the bot; its number."""
        number = next(self._update_ids)
        self.updates.append({"update_id": number, kind: payload})
        self.changed.ring()
        return number

    # What the bot does

    def send(
        self,
        chat_id: object,
        text: str,
        parse_mode: str | None,
        *,
        thread: int | None,
        reply: Json | None,
        markup: Json | None,
    ) -> Json:
        """Store a message of the bot and return it; WorldError or EntityError where Telegram refuses."""
        chat = self.open_chat(chat_id)
        plain, entities = accept(text, parse_mode)
        if thread is not None and (not chat.is_forum or thread not in chat.topics):
            raise WorldError(400, "Bad Request: message thread not found")
        target = None
        if reply is not None:
            target = chat.messages.get(int(reply["message_id"]))
            if target is None and not reply.get("allow_sending_without_reply"):
                raise WorldError(400, "Bad Request: message to be replied not found")
            if target and chat.is_forum and thread is None and target.get("is_topic_message"):
                thread = target["message_thread_id"]
        message: Json = {"text": plain}
        if entities:
            message["entities"] = entities
        if markup:
            message["reply_markup"] = markup
        message |= self._place(chat, thread, target)
        stored = self._store(chat, self.bot_user(), message)
        self.sent.append(stored)
        self.changed.ring()
        return stored

    def act(self, chat_id: object, action: str, thread: int | None) -> None:
        chat = self.open_chat(chat_id)
        if thread is not None and thread not in chat.topics:
            raise WorldError(400, "Bad Request: message thread not found")
        self.actions.append({"chat": chat.id, "action": action, "thread": thread})
        self.changed.ring()

    def open_chat(self, chat_id: object) -> Chat:
        """A chat the bot may write in."""
        try:
            chat = self.chats[int(str(chat_id))]
        except (ValueError, KeyError):
            raise WorldError(400, "Bad Request: chat not found") from None
        if chat.blocked:
            raise WorldError(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise WorldError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def take(self, offset: int | None, limit: int, kinds: set[str]) -> list[Json]:
        """The updates waiting from ``offset`` on; those before it and those of other kinds are forgotten."""
        if offset is not None and offset > 0:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
        elif offset is not None and offset < 0:
            self.updates = self.updates[offset:]
        if kinds:
            self.updates = [update for update in self.updates if kinds & update.keys()]
        return self.updates[:limit]

    def bot_user(self) -> Json:
        return {key: self.bot[key] for key in ("id", "is_bot", "first_name", "username")}

    def in_chat(self, chat: Chat | User) -> list[Json]:
        """The bot's messages in one chat."""
        return [message for message in self.sent if message["chat"]["id"] == chat.id]

    def _place(self, chat: Chat, thread: int | None, reply_to: Json | None) -> Json:
        """Where a message stands.

        As in Telegram, one in a topic that replies to nothing «replies» to the message that opened the topic,
        and a reply in an ordinary supergroup carries a thread number that is no topic's.
        """
        found: Json = {}
        if thread is not None:
            found |= {"message_thread_id": thread, "is_topic_message": True}
            reply_to = reply_to or chat.messages[thread]
        elif reply_to is not None and chat.type == "supergroup":
            found["message_thread_id"] = reply_to.get("message_thread_id", reply_to["message_id"])
        if reply_to is not None:
            found["reply_to_message"] = {
                key: value for key, value in reply_to.items() if key != "reply_to_message"
            }
        return found

    def _store(self, chat: Chat, sender: Json, content: Json) -> Json:
        message = {
            "message_id": next(chat.ids),
            "date": next(self._clock),
            "chat": chat.json(),
            "from": sender,
            **content,
        }
        chat.messages[message["message_id"]] = message
        return message

    def _reaches_bot(self, chat: Chat, message: Json) -> bool:
        if chat.type == "private" or not chat.privacy:
            return True
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        if replied == self.bot["id"]:
            return True
        for entity in message.get("entities", ()):
            if entity["type"] == "bot_command":
                _, _, whose = cut(message["text"], entity["offset"], entity["length"]).partition("@")
                return not whose or whose.casefold() == self.bot["username"].casefold()
        return False
