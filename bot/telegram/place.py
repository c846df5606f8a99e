"""Where a message stands, who wrote it, and whether it speaks to the bot."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, MessageEntity, User
from telegram.constants import ChatType

from prompts import Language


@dataclass(frozen=True, slots=True)
class Place:
    """One person's conversation in one chat or topic."""

    chat: int
    thread: int | None
    """The topic of a forum; None elsewhere, whatever thread number a reply carries."""
    user: int
    """The user's number, or that of the chat an anonymous administrator or a channel speaks as."""
    private: bool
    language: Language

    @property
    def conversation(self) -> str:
        """The key under which the conversation is remembered."""
        return f"telegram:{self.chat}:{self.thread or 0}:{self.user}"


def place(message: Message) -> Place:
    sender = message.sender_chat or message.from_user or message.chat
    return Place(
        chat=message.chat.id,
        thread=message.message_thread_id if message.is_topic_message else None,
        user=sender.id,
        private=message.chat.type == ChatType.PRIVATE,
        language=language(message.from_user),
    )


def language(user: User | None) -> Language:
    """English for those whose Telegram is in English, Arabic for all others."""
    code = (user.language_code if user else None) or "ar"
    return "en" if code.lower().split("-")[0] == "en" else "ar"


def question_in(message: Message, bot: User) -> str | None:
    """What a plain message asks the bot, or None when it does not speak to it.

    In private everything does. In groups a mention does, and a reply to one of the bot's messages.
    """
    text = message.text or ""
    if message.is_automatic_forward or _by_other_bot(message):
        return None
    if message.chat.type == ChatType.PRIVATE:
        return text.strip()
    mentions = _mentions(message, bot)
    if mentions:
        # «@bot» alone under somebody's message asks that message.
        return _without(text, mentions) or text_above(message, bot)
    return text.strip() if _replies_to(message, bot) else None


def text_above(message: Message, bot: User) -> str:
    """The text of the message that this one replies to, "" when there is none or it is the bot's own."""
    replied = message.reply_to_message
    if replied is None or (replied.from_user and replied.from_user.id == bot.id):
        return ""
    return (replied.text or replied.caption or "").strip()


def _by_other_bot(message: Message) -> bool:
    # Anonymous administrators and channels come as bots of Telegram's own, with a sender_chat.
    return bool(message.from_user and message.from_user.is_bot and not message.sender_chat)


def _replies_to(message: Message, bot: User) -> bool:
    replied = message.reply_to_message
    # In a topic, a message that replies to nothing carries the message that opened the topic.
    if replied is None or replied.forum_topic_created:
        return False
    return replied.from_user is not None and replied.from_user.id == bot.id


def _mentions(message: Message, bot: User) -> list[MessageEntity]:
    name = f"@{bot.username}".casefold()
    found = message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION])
    return [
        entity
        for entity, text in found.items()
        if (entity.user.id == bot.id if entity.user else text.casefold() == name)
    ]


def _without(text: str, entities: list[MessageEntity]) -> str:
    """The text without what the entities cover; their offsets are UTF-16 units."""
    encoded = text.encode("utf-16-le")
    for entity in sorted(entities, key=lambda entity: entity.offset, reverse=True):
        encoded = encoded[: 2 * entity.offset] + encoded[2 * (entity.offset + entity.length) :]
    return " ".join(encoded.decode("utf-16-le").split()).strip(" ،,:")
