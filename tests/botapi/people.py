"""Actions of people: messages, edits, files, forwards, channel posts."""

from __future__ import annotations

from typing import TypedDict, Unpack

from tests.botapi.chats import ANONYMOUS, AS_CHANNEL, FORWARDER, Chat, Json, User, words
from tests.botapi.entities import find, units
from tests.botapi.state import State

MEDIA: dict[str, Json] = {
    "photo": {"width": 1, "height": 1},
    "video": {"width": 1, "height": 1, "duration": 1},
    "animation": {"width": 1, "height": 1, "duration": 1},
    "audio": {"duration": 1},
    "voice": {"duration": 1},
    "video_note": {"length": 1, "duration": 1},
}
"""Fields that Telegram always sends of a kind of media."""


class How(TypedDict, total=False):
    """Options of a message: topic, reply, quote and sender."""

    thread: int | None
    """The topic of the message."""
    reply_to: Json | None
    quote: str | None
    """The text quoted from the message that it replies to."""
    as_channel: Chat | None
    """The channel in whose name it is written."""


class People(State):
    """Messages of people. Each method stores a message, tells the bot when Telegram would, and returns it."""

    def say(
        self,
        user: User | None,
        text: str,
        chat: Chat | None = None,
        **how: Unpack[How],
    ) -> Json:
        """Send a user's message in a chat (their private one by default); ``user`` None is an anonymous admin."""
        content: Json = {"text": text}
        if found := find(text):
            content["entities"] = found
        return self.share(user, content, chat, **how)

    def send_unreadable(
        self, user: User, chat: Chat | None = None, kind: str = "message", **content: object
    ) -> None:
        """Send a message as a server of another version may give it: the bot's library cannot read its date."""
        chat = chat or self.chats[user.id]
        chat.started = True
        place: Json = {"message_id": next(chat.ids), "chat": chat.json(), "from": user.json()}
        self.push(kind, place | {"date": "yesterday"} | content)

    def start(self, user: User, payload: str = "") -> Json:
        """Open the private chat by a link ``t.me/<bot>?start=payload``, or by the start button."""
        return self.say(user, f"/start {payload}".rstrip())

    def share(
        self,
        user: User | None,
        content: Json,
        chat: Chat | None = None,
        **how: Unpack[How],
    ) -> Json:
        """Send a message of any kind, with its kind's fields in ``content``, as in ``{"sticker": {…}}``."""
        if chat is None:
            assert user is not None, "an anonymous admin writes in a group"
            chat = self.chats[user.id]
        assert chat.migrated_to is None, "nobody can write in a group that was upgraded"
        chat.started = True
        message = dict(content)
        sender = user.json() if user else ANONYMOUS
        as_channel, reply_to, quote = how.get("as_channel"), how.get("reply_to"), how.get("quote")
        if as_channel is not None:
            sender, message["sender_chat"] = AS_CHANNEL, as_channel.json()
        elif user is None:
            message["sender_chat"] = chat.json()
        elif chat.type != "private":
            chat.roles.setdefault(user.id, "member")
        message |= self._place(chat, how.get("thread"), reply_to)
        if quote is not None:
            assert reply_to is not None, "a quote is of the message replied to"
            whole = words(reply_to)
            position = units(whole[: whole.index(quote)])
            message["quote"] = {"text": quote, "position": position, "is_manual": True}
        return self._told(chat, self._store(chat, sender, message))

    def edit(self, user: User | None, message: Json, text: str) -> Json:
        """Change the user's own message."""
        chat = self.chats[message["chat"]["id"]]
        stored = self._standing(message)
        assert user is None or stored["from"]["id"] == user.id, "nobody edits another's message"
        marks = "caption_entities" if "caption" in stored else "entities"
        stored.pop(marks, None)
        stored |= {"caption" if "caption" in stored else "text": text, "edit_date": self.now()}
        if found := find(text):
            stored[marks] = found
        kind = "edited_channel_post" if chat.type == "channel" else "edited_message"
        if self._reaches_bot(chat, stored):
            self.push(kind, stored)
        self.changed.ring()
        return stored

    def delete(self, message: Json) -> None:
        """Delete a message, whoever wrote it. Telegram does not tell a bot."""
        self._remove(self.chats[message["chat"]["id"]], message["message_id"])

    def send_file(
        self,
        user: User | None,
        name: str,
        data: bytes,
        mime: str,
        caption: str | None = None,
        chat: Chat | None = None,
        *,
        size: int | None = None,
        thread: int | None = None,
        reply_to: Json | None = None,
    ) -> Json:
        """Send a document; ``size`` claims another size than it has."""
        content: Json = {"document": self._store_file(name, data, mime, size).document()}
        if caption is not None:
            content["caption"] = caption
            if found := find(caption):
                content["caption_entities"] = found
        return self.share(user, content, chat, thread=thread, reply_to=reply_to)

    def send_media(
        self,
        user: User | None,
        kind: str,
        caption: str | None = None,
        chat: Chat | None = None,
        *,
        album: str | None = None,
        reply_to: Json | None = None,
    ) -> Json:
        """Send a photo, video, animation, audio, voice or video note; ``album``: those sent together share it."""
        file: Json = {"file_id": f"AgACAgQ-{next(self._numbers)}", "file_unique_id": "AQAD", "file_size": 1}
        file |= MEDIA.get(kind, {})
        content: Json = {kind: [file] if kind == "photo" else file}
        if album is not None:
            content["media_group_id"] = album
        if caption is not None:
            content["caption"] = caption
            if found := find(caption):
                content["caption_entities"] = found
        return self.share(user, content, chat, reply_to=reply_to)

    def put_reaction(self, user: User, message: Json, *emoji: str) -> None:
        """Put a user's reactions on a message in place of their earlier ones, or take these back.

        The bot learns of it where it asked for such updates: in private, and in groups that it administers.
        """
        chat = self.chats[message["chat"]["id"]]
        key = chat.id, message["message_id"], user.id
        old, new = self.own_reactions.get(key, ()), emoji
        self.own_reactions[key] = new
        if chat.type == "private" or chat.bot == "administrator":
            change: Json = {
                "chat": chat.json(),
                "message_id": message["message_id"],
                "user": user.json(),
                "date": self.now(),
                "old_reaction": [{"type": "emoji", "emoji": one} for one in old],
                "new_reaction": [{"type": "emoji", "emoji": one} for one in new],
            }
            self.push("message_reaction", change)
        self.changed.ring()

    def forward(self, user: User, original: Json, chat: Chat | None = None, *, hidden: bool = False) -> Json:
        """Forward a channel's post or a person's message, to the bot's private chat by default.

        ``hidden``: its author does not reveal their account.
        """
        kept = ("text", "entities", "caption", "caption_entities", "document", "photo")
        content = {key: original[key] for key in kept if key in original}
        origin: Json = {"date": original["date"]}
        if original["chat"]["type"] == "channel":
            origin |= {"type": "channel", "chat": original["chat"], "message_id": original["message_id"]}
        elif hidden:
            origin |= {"type": "hidden_user", "sender_user_name": original["from"]["first_name"]}
        else:
            origin |= {"type": "user", "sender_user": original["from"]}
        return self.share(user, content | {"forward_origin": origin}, chat)

    def post(self, channel: Chat, text: str, *, content: Json | None = None) -> Json:
        """Publish a channel's post. It appears in the linked discussion group too (``latest(group)``)."""
        body: Json = dict(content or {"text": text})
        if content is None and (found := find(text)):
            body["entities"] = found
        stored = self._store(channel, None, {"sender_chat": channel.json(), **body})
        if self._reaches_bot(channel, stored):
            self.push("channel_post", stored)
        if channel.linked is not None:
            origin = {
                "type": "channel",
                "chat": channel.json(),
                "message_id": stored["message_id"],
                "date": stored["date"],
            }
            forwarded = {
                "sender_chat": channel.json(),
                "forward_origin": origin,
                "is_automatic_forward": True,
                **body,
            }
            self._told(channel.linked, self._store(channel.linked, FORWARDER, forwarded))
        self.changed.ring()
        return stored

    def _told(self, chat: Chat, message: Json) -> Json:
        if self._reaches_bot(chat, message):
            self.push("message", message)
        self.changed.ring()
        return message
