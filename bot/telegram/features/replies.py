"""Replies to messages: the words they mark and the answer those belong to."""

from __future__ import annotations

from telegram import Message, User

from bot.state import State

HOLDS = (
    "answers.chat = deliveries.chat and (deliveries.label = 'answer' and deliveries.update_id = answers.update_id"
    " or deliveries.label = 'answer:' || answers.update_id)"
)
"""SQL condition: a delivery is a message of an answer, sent when it was found or resent by a button."""


def words_quoted(message: Message) -> str | None:
    """Return the words marked in the message that is replied to; None when none are marked."""
    quote = message.quote
    return quote.text.strip() or None if quote is not None and quote.is_manual else None


def answer_replied_to(message: Message, bot: User, state: State) -> int | None:
    """Return the id of the latest answer behind the bot's message that this one replies to. Blocks."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.from_user.id != bot.id:
        return None
    row = state.row(
        "select coalesce(max(later.id), answers.id) as id from deliveries"
        f" join answers on {HOLDS}"
        " left join answers as later on later.chat = answers.chat and later.question_message = answers.question_message"
        " where deliveries.chat = ? and deliveries.message = ? group by answers.id",
        [message.chat.id, replied.message_id],
    )
    return int(row["id"]) if row else None
