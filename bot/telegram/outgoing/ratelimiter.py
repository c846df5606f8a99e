"""The library's rate limiter, as the bot uses it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram.ext import AIORateLimiter

_BESIDE = frozenset(
    {
        "deleteMyCommands",
        "getChatMember",
        "sendChatAction",
        "sendMessageDraft",
        "setMessageReaction",
        "setMyCommands",
        "setMyDescription",
        "setMyShortDescription",
    }
)
"""Methods that send no message."""


class RateLimiter(AIORateLimiter):
    """The library's rate limiter, which passes over methods that send no message.

    These neither use up a group's messages a minute nor wait for them. It does not retry: when Telegram asks to
    wait, Retries makes the one chat wait.
    """

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        if endpoint in _BESIDE:
            return await callback(*args, **kwargs)
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)
