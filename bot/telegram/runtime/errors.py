"""Interpretation of Telegram's errors: carried out or not, how long to wait, chat closed or not."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_CLOSED = re.compile(
    "chat not found|chat was deactivated|user is deactivated|chat_write_forbidden|not enough rights|"
    "have no rights|need administrator rights|topic_closed|peer_id_invalid|channel_private|user_is_blocked|"
    "group chat was upgraded",
    re.IGNORECASE,
)
_GATEWAY_TIMEOUT = re.compile(r"\(504\)|gateway time-?out", re.IGNORECASE)
_BODY = ". Parsing the server response"


def brief(error: BaseException) -> str:
    """Return a short description of an error for the log, never the body of a reply."""
    return str(error).partition(_BODY)[0] or type(error).__name__


def wait_of(error: RetryAfter) -> float:
    """Return the seconds that Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def not_carried_out(error: TelegramError) -> bool:
    """Return whether a request was certainly not carried out: no connection was made, or the server refused it.

    A gateway that timed out on the server behind it does not know.
    """
    if isinstance(error.__cause__, _NOT_SENT):
        return True
    answered = error.__cause__ is None or isinstance(error.__cause__, TelegramError)
    return isinstance(error, NetworkError) and answered and not _GATEWAY_TIMEOUT.search(brief(error))


def is_closed(error: BaseException) -> bool:
    """Return whether a chat is closed to the bot: a user blocked it, or a group does not let it write."""
    return isinstance(error, Forbidden) or (
        isinstance(error, BadRequest) and _CLOSED.search(str(error)) is not None
    )
