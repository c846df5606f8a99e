"""Inline keyboards under answers, their pages of sources, and permalinks.

The callback data of a button is ``name:ID[:…]`` with row numbers of ``bot.sqlite``, so that it works as long as
the row is there, whatever happened to the bot meanwhile.

    src:ANSWER:N       the N-th source in the answer's place; 0 is the answer again
    copy:ANSWER:N      the N-th source as a message that copies well
    copy:q_QUOTE       the same for a permalink
    vote:ANSWER:V      1 and -1 are 👍 and 👎, 0 takes them back
    why:ANSWER:REASON  why 👎; "none" is without a reason

A share button opens another chat with ``@bot q_QUOTE`` in its input field: inline mode answers that with this very
quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, User

from bot.answer import Answer, Quote
from bot.permalink import address, token
from bot.render.cards import cite, fits_clipboard
from prompts import Language, say

REASONS = ("off", "quote", "date", "missing", "other")
"""Reasons for 👎, as stored in the table ``feedback``."""
NO_REASON = "none"
_UP, _DOWN = "👍", "👎"
_CHOSEN = " ✓"
_UNVOTED = ("not_a_question", "empty_archive")
"""Refusal reasons without a search: such an answer gets no vote buttons, since there is nothing to judge."""


def answer_keyboard(
    id: int, answer: Answer, bot: User, language: Language = "ar", verdict: int = 0
) -> InlineKeyboardMarkup:
    """Return the keyboard under an answer.

    ``verdict``: the vote of the only user who sees it; 0 where many do.
    """
    found = answer.shown
    row = []
    if found:
        if len(found) > 1:
            label = say("button_sources" if answer.quotes else "button_related", language, count=len(found))
        else:
            label = say("button_source" if answer.quotes else "button_related_one", language)
        row.append(InlineKeyboardButton(label, callback_data=f"src:{id}:1"))
    rows = [row]
    if found:
        rows.append(_quote_row(found[0], f"copy:{id}:1", bot, language))
    if answer.reason not in _UNVOTED:
        rows.append([_vote(id, 1, _UP, verdict), _vote(id, -1, _DOWN, verdict)])
    return InlineKeyboardMarkup([row for row in rows if row])


def page_keyboard(
    id: int, number: int, quotes: Sequence[Quote], bot: User, language: Language = "ar"
) -> InlineKeyboardMarkup:
    """Return the keyboard under the page of one source.

    The last page is followed by the first, so that the buttons stay where they are.
    """
    count = len(quotes)
    rows = []
    if count > 1:
        following = _turn("button_next", id, number % count + 1, language)
        previous = _turn("button_previous", id, (number - 2) % count + 1, language)
        here = InlineKeyboardButton(f"{number}/{count}", callback_data=f"src:{id}:{number}")
        # Forward is to the left in Arabic.
        rows.append([following, here, previous] if language == "ar" else [previous, here, following])
    rows.append(_quote_row(quotes[number - 1], f"copy:{id}:{number}", bot, language))
    rows.append([InlineKeyboardButton(say("button_back", language), callback_data=f"src:{id}:0")])
    return InlineKeyboardMarkup(rows)


def permalink_keyboard(quote: Quote, bot: User, language: Language = "ar") -> InlineKeyboardMarkup:
    """Return the keyboard under an opened permalink."""
    return InlineKeyboardMarkup([_quote_row(quote, f"copy:{token(quote)}", bot, language)])


def reasons_keyboard(id: int, language: Language = "ar") -> InlineKeyboardMarkup:
    """Return the keyboard that replaces an answer's buttons after 👎."""
    buttons = [
        InlineKeyboardButton(say(f"button_why_{reason}", language), callback_data=f"why:{id}:{reason}")
        for reason in (*REASONS, NO_REASON)
    ]
    return InlineKeyboardMarkup([buttons[at : at + 2] for at in range(0, len(buttons), 2)])


def _quote_row(quote: Quote, copy: str, bot: User, language: Language) -> list[InlineKeyboardButton]:
    """Return the buttons that copy and share one quote."""
    citation = cite(quote, language)
    label = say("button_copy", language)
    return [
        InlineKeyboardButton(label, copy_text=CopyTextButton(citation))
        if fits_clipboard(citation)
        else InlineKeyboardButton(label, callback_data=copy),
        _share(quote, bot, language),
    ]


def _share(quote: Quote, bot: User, language: Language) -> InlineKeyboardButton:
    label = say("button_share", language)
    if bot.supports_inline_queries:
        return InlineKeyboardButton(label, switch_inline_query=token(quote))
    # Telegram refuses the message with a button into inline mode where its owner has not switched that on.
    link = urlencode({"url": address(bot.username or "", quote)})
    return InlineKeyboardButton(label, url=f"https://t.me/share/url?{link}")


def _turn(name: str, id: int, number: int, language: Language) -> InlineKeyboardButton:
    return InlineKeyboardButton(say(name, language), callback_data=f"src:{id}:{number}")


def _vote(id: int, value: int, label: str, verdict: int) -> InlineKeyboardButton:
    """Return a vote button; pressed once more, it takes the vote back."""
    if verdict == value:
        return InlineKeyboardButton(label + _CHOSEN, callback_data=f"vote:{id}:0")
    return InlineKeyboardButton(label, callback_data=f"vote:{id}:{value}")
