"""The owners' digest of updates that were set aside: one message an hour at most, however many there are."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from telegram.error import TelegramError

from bot.render.telegram import render_line
from bot.telegram.intake.deadletterstore import DeadLetter, DeadLetterStore
from bot.telegram.outgoing.ownernotices import OwnerNotices
from corpus.dates import format_date
from corpus.errors import ArchiveError
from prompts import Language, say, translated

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two digests."""
_LINES = 8
"""Most lines of a digest that name a kind and a reason."""
_NAMED = ("message", "edited_message", "callback_query", "inline_query", "guest_message", "my_chat_member")
"""Kinds of update that have a name in ``prompts/messages``; others go by Telegram's."""


class Digest:
    """Sender of the digest. What was set aside and is in none yet waits in the inbox, across restarts."""

    def __init__(
        self, *, store: DeadLetterStore, owners: OwnerNotices, gathers: float, every: float = EVERY
    ) -> None:
        """Set the parts; ``gathers``: seconds to wait for what comes together with the first one."""
        self._store = store
        self._owners = owners
        self._gathers = gathers
        self._every = every
        self._news = asyncio.Event()
        self._news.set()  # what was left from before

    def note(self) -> None:
        """Note that an update was set aside."""
        self._news.set()

    async def run(self) -> None:
        """Send a digest when there is something to tell, until cancelled."""
        while True:
            await self._news.wait()
            await asyncio.sleep(self._gathers)
            self._news.clear()
            try:
                wait = await asyncio.to_thread(self._wait)
                await asyncio.sleep(wait)
                await self.once()
            except (ArchiveError, TelegramError) as error:
                log.warning("the owners' digest was not sent, trying again: %s", error)
                await asyncio.sleep(self._gathers)
                self._news.set()

    async def once(self) -> None:
        """Send what is in no digest yet, if there is anything."""
        found = await asyncio.to_thread(self._store.undigested)
        if not found:
            return
        await self._owners.send(lambda language: _rendered(found, language), "digest", found[-1].update_id)
        await asyncio.to_thread(self._store.digested, [each.update_id for each in found])

    def _wait(self) -> float:
        """Return the seconds until a digest may be sent again."""
        last = self._store.last_digest()
        return 0.0 if last is None else min(max(0.0, last + self._every - time.time()), self._every)


def _rendered(letters: Sequence[DeadLetter], language: Language) -> str:
    counts = Counter((each.kind, each.problem) for each in letters)
    lines = [
        say(
            "telegram_digest_line",
            language,
            kind=_named(kind, language),
            why=translated("aside_why_", problem, language),
            count=count,
        )
        for (kind, problem), count in counts.most_common(_LINES)
    ]
    if len(counts) > _LINES:
        lines.append("…")
    first = datetime.fromisoformat(min(each.received for each in letters)).astimezone(UTC)
    text = say(
        "telegram_digest",
        language,
        count=len(letters),
        date=format_date(first.date().isoformat(), "day", language),
        time=first.strftime("%H:%M"),
        lines="\n".join(lines),
    )
    return render_line(text, language)


def _named(kind: str, language: Language) -> str:
    return say(f"update_kind_{kind}", language) if kind in _NAMED else kind
