"""Posts of channels as documents, and the taking of those that reach the bot into the archive. Blocks."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from telegram import Chat, Message, MessageOriginChannel

from corpus.document import Document
from corpus.following import Known

if TYPE_CHECKING:
    from bot.build import Progress
    from corpus.following import Following
    from corpus.report import Report

log = logging.getLogger(__name__)

_FIRST_WORDS = 80  # characters of a post by which it is known to those who are told of it


@runtime_checkable
class Newsroom(Protocol):
    """Protocol for an archive that channels are followed for: ``bot.build.Musnad``."""

    @property
    def following(self) -> Following: ...
    def ingest_documents(self, documents: Sequence[Document], progress: Progress | None = None) -> Report: ...


class Posts:
    """The posts of channels that the bot is a member of."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom

    def take(self, message: Message) -> None:
        """Take a post into the archive, or a new version of one that was edited; nothing that has no words."""
        document = post_of(message)
        if document is None:
            return
        report = self._newsroom.ingest_documents([document])
        if report.skipped:
            log.info("a post of channel %d was not taken in: %s", message.chat.id, report.skipped[0].reason)
        self._record(message, document, report)

    def leave(self, channel: Chat) -> None:
        """Follow a channel no more that the bot is in no more. Its articles stay."""
        if self._newsroom.following.remove(address_of(channel)):
            log.info("channel %d is followed no more: the bot is not in it", channel.id)

    def _record(self, message: Message, document: Document, report: Report) -> None:
        """Record that the channel lives, and which post is held under which name."""
        following, address = self._newsroom.following, address_of(message.chat)
        now = datetime.now(UTC)
        words = " ".join((message.text or message.caption or "").split())
        if message.edit_date is None or following.get(address) is None:
            following.record_arrival(
                address, message.chat.title, now, item=words[:_FIRST_WORDS], published=message.date
            )
        held = [*report.held, *(twin.of for twin in report.duplicates)]
        known = Known(
            f"{message.chat.id}/{message.message_id}",
            hashlib.sha256(document.data).hexdigest(),
            url=document.url,
            source=held[0] if held else None,
            published=message.date,
        )
        following.record_items(address, [known], now)


def post_of(message: Message) -> Document | None:
    """Return a channel's post as a document; of one that it forwards, the original's. None for one without words.

    An album has a message for each picture, usually one of them with words: that one is the post.
    """
    text = message.text or message.caption or ""
    if not text.strip():
        return None
    origin = message.forward_origin
    if isinstance(origin, MessageOriginChannel):
        channel, number, date = origin.chat, origin.message_id, origin.date
    else:
        channel, number, date = message.chat, message.message_id, message.date
    address = f"{address_of(channel)}/{number}"
    return Document(
        address,
        text.encode(),
        ".txt",
        url=f"https://{address}",
        publisher=channel.title,
        published=date.date().isoformat(),
        headed=False,
    )


def address_of(channel: Chat) -> str:
    """Return the address of a channel: «t.me/name», or for one without a name «t.me/c/123»."""
    number = str(channel.id).removeprefix("-100")
    return f"t.me/{channel.username or f'c/{number}'}"
