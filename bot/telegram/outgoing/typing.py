"""Signs of activity: typing and a draft in private chats, 👀 on the question in groups.

Nothing depends on any of them: a failure is ignored, and what a chat or a server does not support is not tried
there again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from telegram import Bot, Message
from telegram.constants import ChatAction, ParseMode, ReactionEmoji
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.answer import Answer
from bot.render.telegram import MOST_UNITS, render, render_line, visible_units
from bot.telegram.chats.context import ChatContext
from bot.telegram.runtime.recent import Recent
from prompts import say

log = logging.getLogger(__name__)

TYPING_AFTER = 0.3
"""Seconds until anything shows: a quicker answer needs no sign, and typing sent beside it would outlast it."""
TYPING_EVERY = 4.0
"""Seconds between two typing actions; Telegram shows each for five."""
DRAFT_EVERY = 20.0
"""Seconds after which a draft is sent again; Telegram shows each for thirty."""
_REFUSED_FOR = 24 * 3600.0
"""Seconds for which a sign that a chat refused is not tried there again."""


class Activity:
    """Sender of activity signs to chats."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._drafts = True
        self._refused = Recent(_REFUSED_FOR)

    @asynccontextmanager
    async def at_work(
        self, message: Message, here: ChatContext, *, drafts: bool = True
    ) -> AsyncIterator[Sign]:
        """Show activity from soon after the block begins until the sign is stopped; 👀 stays until the block ends.

        ``drafts``: whether the answer found so far may be shown in private, as a draft of a message that is to
        follow.
        """
        sign = Sign(self, message, here, drafts=drafts and here.private)
        try:
            yield sign
        finally:
            await sign.stop()
            await sign.clear()

    # Each is True unless it is better left alone here.

    async def type(self, here: ChatContext) -> bool:
        return await self._try(
            "typing",
            here.chat,
            lambda: self._bot.send_chat_action(here.chat, ChatAction.TYPING, message_thread_id=here.thread),
        )

    async def react(self, here: ChatContext, message: int, emoji: str | None) -> bool:
        return await self._try(
            "reaction", here.chat, lambda: self._bot.set_message_reaction(here.chat, message, emoji)
        )

    async def draft(self, here: ChatContext, number: int, html: str) -> bool:
        """Send a draft; an empty ``html`` shows that the bot is thinking."""
        return self._drafts and await self._try(
            "draft",
            here.chat,
            lambda: self._bot.send_message_draft(
                here.chat, number, html, message_thread_id=here.thread, parse_mode=ParseMode.HTML
            ),
        )

    async def _try(self, name: str, chat: int, call: Callable[[], Coroutine[Any, Any, object]]) -> bool:
        if self._refused.has((name, chat)):
            return False
        try:
            await call()
        except InvalidToken:
            # 404: a server that does not know the method.
            if name == "draft":
                self._drafts = False
            return False
        except BadRequest as error:
            log.debug("no %s in this chat: %s", name, error)
            if name == "draft" and "method not found" in str(error).lower():
                self._drafts = False
            if (
                "not found" not in str(error).lower()
            ):  # the message is gone, say: that says nothing of the chat
                self._refused.first((name, chat))
            return False
        except RetryAfter as error:
            log.debug("the %s is too much at present: %s", name, error)
            return False
        except TelegramError as error:
            # The answer matters, not the sign that it is coming.
            log.debug("the %s was not shown: %s", name, error)
        return True


class Sign:
    """The signs of activity for one question."""

    def __init__(self, activity: Activity, message: Message, here: ChatContext, *, drafts: bool) -> None:
        self._activity = activity
        self._message = message
        self._here = here
        self._drafts = drafts
        self._number = here.update_id
        """ID of the draft: drafts with the same ID follow each other."""
        self._drafting = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._seen = False
        self._tasks = [asyncio.create_task(self._show())]

    def preview(self, answer: Answer) -> None:
        """Show the answer found so far while work continues. May be called from any thread."""
        if self._drafts:
            self._loop.call_soon_threadsafe(self._preview, answer)

    async def stop(self) -> None:
        """Stop showing activity, since the answer is sent now."""
        self._drafts = False
        for task in self._tasks:
            task.cancel()
        # Not by awaiting each: if this is cancelled itself, that is not to be taken for theirs.
        await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled():
                task.result()

    async def clear(self) -> None:
        """Remove the 👀 reaction."""
        if self._seen:
            self._seen = False
            await self._activity.react(self._here, self._message.message_id, None)

    async def _show(self) -> None:
        await asyncio.sleep(TYPING_AFTER)
        if not self._here.private:
            # Marks who is being answered, where typing would be shown to all and for nobody.
            self._seen = True
            self._seen = await self._activity.react(self._here, self._message.message_id, ReactionEmoji.EYES)
            if self._seen:
                return
        elif self._drafts and len(self._tasks) == 1:
            await self._draft("")
        await _repeated(lambda: self._activity.type(self._here), TYPING_EVERY)

    def _preview(self, answer: Answer) -> None:
        if not self._drafts:
            return
        language = self._here.language
        label = render_line(say("telegram_draft", language), language)
        found = render(answer, language)[0]
        html = f"{label}\n\n{found}"
        if visible_units(html) > MOST_UNITS:
            html = found
        self._tasks.append(asyncio.create_task(_repeated(lambda: self._draft(html), DRAFT_EVERY)))

    async def _draft(self, html: str) -> bool:
        async with self._drafting:  # so that the last one shown is the last one sent
            return await self._activity.draft(self._here, self._number, html)


async def _repeated(show: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Call ``show`` every ``seconds`` until cancelled, or until it returns False."""
    works = await show()
    while works:
        await asyncio.sleep(seconds)
        works = await show()
