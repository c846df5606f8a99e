"""Whether a message is addressed to the bot, and what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Message, MessageEntity, User
from telegram.constants import ChatType

from bot.telegram.chats.wording import entities_of, plain_words, text_of, words_of
from prompts import Language


def question_in(message: Message, bot: User, *, replies: bool = True) -> str | None:
    """Return the words that a plain message or caption asks the bot, or None when it is not addressed to the bot.

    In private chats every message is, and "" stands for one without words. In groups a mention is, and so is a
    reply with words to one of the bot's messages unless the administrators have set otherwise (``replies`` False).
    """
    if message.is_automatic_forward or _by_other_bot(message) or _by_way_of(message, bot):
        return None
    if message.chat.type == ChatType.PRIVATE:
        return words_of(message)
    mentions = _mentions(message, bot)
    if mentions:
        # «@bot» alone under somebody's message asks that message.
        return words_of(message, mentions) or text_above(message, bot)
    return words_of(message) or None if replies and _replies_to(message, bot) else None


@dataclass(frozen=True, slots=True)
class Unread:
    """What can be told of an update that the library cannot read."""

    chat: int | None
    user: int | None
    private: bool
    language: Language
    message: int | None = None
    thread: int | None = None
    addressed: bool = False
    """Whether its message is addressed to the bot: it names it, or replies to it."""
    query: str | None = None
    """ID of the callback query, if it is one."""


def unread(update: dict[str, Any], bot: User) -> Unread | None:
    """Return what can be told of an update as Telegram sent it; None when it is of a kind that gets no answer."""
    for kind in ("message", "edited_message", "callback_query"):
        if isinstance(part := update.get(kind), dict):
            sender = _part(part, "from")
            spoken: Language = "en" if str(sender.get("language_code")).split("-")[0] == "en" else "ar"
            message = _part(part, "message") if kind == "callback_query" else part
            chat, replied = _part(message, "chat"), _part(message, "reply_to_message")
            text = f"{message.get('text') or ''} {message.get('caption') or ''}".casefold()
            topic = message.get("is_topic_message") is True
            private = not chat or chat.get("type") == ChatType.PRIVATE
            place = _id(chat.get("id"))
            return Unread(
                chat=place,
                user=_id(sender.get("id")) or (place if private else None),
                private=private,
                language=spoken,
                message=_id(message.get("message_id")),
                thread=_id(message.get("message_thread_id")) if topic else None,
                addressed=f"@{bot.username}".casefold() in text
                or _id(_part(replied, "from").get("id")) == bot.id,
                query=str(part.get("id")) if kind == "callback_query" else None,
            )
    return None


def _part(update: dict[str, Any], name: str) -> dict[str, Any]:
    found = update.get(name)
    return found if isinstance(found, dict) else {}


def _id(value: object) -> int | None:
    return value if type(value) is int and abs(value) < 2**63 else None


def text_above(message: Message, bot: User) -> str:
    """Return the words of the message that this one replies to, "" when there is none or it is the bot's own.

    A channel's post gives "" too: not everyone who comments under it asks about it.
    """
    replied = message.reply_to_message
    if replied is None or replied.is_automatic_forward:
        return ""
    if (replied.from_user and replied.from_user.id == bot.id) or _by_way_of(replied, bot):
        return ""
    # Of words that were marked in it, those are meant.
    marked = plain_words(message.quote.text) if message.quote and message.quote.is_manual else ""
    return marked or words_of(replied)


def command_in(message: Message, bot: User) -> str | None:
    """Return the command that leads a message or caption; None without one, "" for another bot's."""
    entity = next(
        (e for e in entities_of(message) if e.offset == 0 and e.type == MessageEntity.BOT_COMMAND), None
    )
    if entity is None:
        return None
    name, _, whose = text_of(message)[1 : entity.length].partition("@")
    mine = not whose or whose.casefold() == (bot.username or "").casefold()
    return name.lower() if mine else ""


def _by_other_bot(message: Message) -> bool:
    # Anonymous administrators and channels come as bots of Telegram's own, with a sender_chat.
    return bool(message.from_user and message.from_user.is_bot and not message.sender_chat)


def _by_way_of(message: Message, bot: User) -> bool:
    """Return whether a message was sent from the bot's inline results: it is an answer, not a question."""
    return bool(message.via_bot and message.via_bot.id == bot.id)


def _replies_to(message: Message, bot: User) -> bool:
    replied = message.reply_to_message
    # In a topic, a message that replies to nothing carries the message that opened the topic.
    if replied is None or replied.forum_topic_created:
        return False
    return replied.from_user is not None and replied.from_user.id == bot.id


def _mentions(message: Message, bot: User) -> list[MessageEntity]:
    name = f"@{bot.username}".casefold()
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    found = message.parse_entities(kinds) if message.text else message.parse_caption_entities(kinds)
    return [
        entity
        for entity, text in found.items()
        if (entity.user.id == bot.id if entity.user else text.casefold() == name)
    ]
