"""What a message that replies to another is about: words that were marked in it, and the answer they stand in."""

from __future__ import annotations

from telegram import Message, User

from bot.state import State


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
        " join answers on answers.update_id = deliveries.update_id and answers.chat = deliveries.chat"
        " left join answers as later on later.chat = answers.chat and later.question_message = answers.question_message"
        " where deliveries.chat = ? and deliveries.message = ? and deliveries.label = 'answer' group by answers.id",
        [message.chat.id, replied.message_id],
    )
    return int(row["id"]) if row else None
