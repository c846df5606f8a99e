"""What a message that replies to another is about: words that were marked in it, and the answer they stand in."""

from __future__ import annotations

from telegram import Message, User

from bot.state import State

HOLDS = (
    "answers.chat = deliveries.chat and (deliveries.label = 'answer' and deliveries.update_id = answers.update_id"
    " or deliveries.label = 'answer:' || answers.update_id)"
)
"""SQL: a delivery is a message of an answer, sent when it was found or, on a button's press, again."""


def words_quoted(message: Message) -> str | None:
    """What somebody marked in the message they reply to; None when they marked nothing."""
    quote = message.quote
    return quote.text.strip() or None if quote is not None and quote.is_manual else None


def answer_replied_to(message: Message, bot: User, state: State) -> int | None:
    """The number of the answer in the bot's message that this one replies to, as it stands now. Blocks."""
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
