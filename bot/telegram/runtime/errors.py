"""Interpretation of Telegram's errors: carried out or not, how long to wait, chat closed or not."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_CLOSED = re.compile(
    "chat not found|chat was deactivated|user is deactivated|chat_write_forbidden|not enough rights|"
    "have no rights|need administrator rights|topic_closed|peer_id_invalid|channel_private|user_is_blocked|"
    "group chat was upgraded",
    re.IGNORECASE,
)
_REFUSED = (BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter)
_REFUSED_OTHERWISE = re.compile(r"\(4\d\d\)|too many requests", re.IGNORECASE)
"""Messages of the library for statuses from 400 to 499 that have no error class of their own."""
_BODY = ". Parsing the server response"


def brief(error: BaseException) -> str:
    """Return a short description of an error for the log, never the body of a reply."""
    return str(error).partition(_BODY)[0] or type(error).__name__


def wait_of(error: RetryAfter) -> float:
    """Return the seconds that Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def may_be_carried_out(error: TelegramError) -> bool:
    """Return whether a failed request may have been carried out all the same.

    It was certainly not when no connection was made, or when a status from 400 to 499 refused it. Every other
    failure may come after the work: a server error (500 to 599) may be a proxy's that lost the reply, as a timeout,
    a connection that broke, or a reply that cannot be read.
    """
    if isinstance(error, _REFUSED) or isinstance(error.__cause__, _NOT_SENT):
        return False
    return not (isinstance(error, NetworkError) and _REFUSED_OTHERWISE.search(brief(error)))


def is_closed(error: BaseException) -> bool:
    """Return whether a chat is closed to the bot: a user blocked it, or a group does not let it write."""
    return isinstance(error, Forbidden) or (
        isinstance(error, BadRequest) and _CLOSED.search(str(error)) is not None
    )
