"""Permalinks: the short, permanent id of a quote, and the way back from it to the passage."""

from __future__ import annotations

import re

from bot.answer import Quote, UnverifiedQuoteError
from bot.quotes import Articles, cut
from bot.state import State

_TOKEN = re.compile(r"(?:https?://t\.me/\w+\?start=)?(?:q_)?([0-9a-f]{12})", re.IGNORECASE)


def token_in(text: str) -> str | None:
    """The quote's id when the text is one: ``q_0123456789ab``, the id alone, or the link that holds it."""
    found = _TOKEN.fullmatch(text.strip())
    return found[1].lower() if found else None


def find_quote(id: str, state: State, archive: Articles) -> Quote | None:
    """The quote of that id, cut anew from its own version of the article; None when none went out or it is gone."""
    row = state.row("select article, start, stop from quotes where id = ?", [id])
    if row is None:
        return None
    try:
        return cut(archive.article(row["article"]), row["start"], row["stop"])
    except (LookupError, UnverifiedQuoteError):
        return None
