"""The list of followed sources as owners change it, and what they are shown of it. Blocks: not for the event loop."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.render.direction import cleaned, isolated, line
from bot.render.feed import MOST_SOURCES, render_sources, source_name
from bot.render.fitting import packed
from bot.render.report import reason_of
from bot.telegram.outgoing.delivery import Part
from corpus.errors import MusnadError
from corpus.report import Skipped
from prompts import Language, say

if TYPE_CHECKING:
    from bot.telegram.feeding.posts import Newsroom
    from corpus.fetch import FetchError
    from corpus.following import Followed
    from corpus.following.discover import Discovered

_MOST_NAME = 30  # characters of a source's name on its button
_CHANNEL = re.compile(r"(?:(?:https?://)?(?:t|telegram)\.me/(?!c/)|@)\w+/?", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/]+\.?\S*", re.IGNORECASE)


class NothingThereError(MusnadError):
    """Raised when nothing at an address can be followed; ``message`` names what owners are told."""

    def __init__(self, message: str, error: FetchError | None = None) -> None:
        super().__init__(message)
        self.message = message
        self._error = error

    def said(self, language: Language) -> dict[str, str]:
        """Return the variables of the message."""
        if self._error is None:
            return {}
        return {"why": reason_of(Skipped("", self._error.reason, self._error.detail), language)}


class FollowedList:
    """The followed sources of one archive."""

    def __init__(self, newsroom: Newsroom, discover: Callable[[str], Discovered] | None = None) -> None:
        """Set the archive; ``discover`` tells what is at an address of the public web."""
        self._newsroom = newsroom
        self._discover = discover or _discover

    def follow(self, address: str, outlet: str | None = None) -> Followed:
        """Follow what is at an address: a feed, a sitemap, a page that names its feed. Raises NothingThereError."""
        from corpus.fetch import FetchError

        if _CHANNEL.fullmatch(address):
            raise NothingThereError("follow_channel")
        url = address if "://" in address else f"https://{address}"
        if not _ADDRESS.fullmatch(url):
            raise NothingThereError("follow_usage")
        try:
            found = self._discover(url)
        except FetchError as error:
            raise NothingThereError("follow_nothing", error) from error
        return self._newsroom.following.add(
            found.address, found.kind, datetime.now(UTC), outlet=outlet, title=found.title
        )

    def remove(self, followed: Followed) -> None:
        self._newsroom.following.remove(followed.address)

    def named(self, name: str) -> Followed | None:
        """Return the source of this address or name; None when none or several have it."""
        wanted = cleaned(name).casefold()
        found = [
            each
            for each in self._newsroom.following.all()
            if wanted in {n.casefold() for n in (each.address, each.outlet, each.title) if n}
            or wanted == each.address.partition("://")[2].casefold()
        ]
        return found[0] if len(found) == 1 else None

    def of_key(self, key: str) -> Followed | None:
        """Return the source of a button; None when it is followed no more."""
        return next((each for each in self._newsroom.following.all() if _key(each) == key), None)

    def channel_of(self, followed: Followed) -> int | None:
        """Return the ID of a followed channel; None for what is none."""
        if followed.kind != "channel":
            return None
        keys = self._newsroom.following.items(followed.address)
        return next((int(key.partition("/")[0]) for key in keys), None)

    # What is shown

    def added(self, followed: Followed, language: Language) -> Part:
        """Return that a source is followed from now on, with its button."""
        name = f"<b>{isolated(source_name(followed))}</b>"
        told = line(say(f"follow_added_{followed.kind}", language), language)
        address = isolated(followed.address)
        return Part(f"{told}\n{name}\n{address}", _keyboard([followed], language))

    def removed(self, followed: Followed, language: Language) -> Part:
        """Return that a source is followed no more."""
        name = f"<b>{isolated(source_name(followed))}</b>"
        return Part(f"{line(say('unfollow_done', language), language)}\n{name}")

    def listed(self, language: Language, zone: tzinfo) -> list[Part]:
        """Return the messages that list all sources, under the last one a button for each to stop it."""
        found, now = self._newsroom.following.all(), datetime.now(UTC)
        usage = line(say("follow_usage", language), language)
        if not found:
            return [Part(f"{line(say('follow_none', language), language)}\n\n{usage}")]
        head = f"<b>{line(say('sources_followed', language, count=len(found)), language)}</b>"
        messages = packed([head, *render_sources(found, now, language, zone), usage])
        return [
            *(Part(html) for html in messages[:-1]),
            Part(messages[-1], _keyboard(found[:MOST_SOURCES], language)),
        ]


def _keyboard(sources: list[Followed], language: Language) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    say("unfollow_button", language, name=_short(source_name(each))),
                    callback_data=f"unfollow:{_key(each)}",
                )
            ]
            for each in sources
        ]
    )


def _short(name: str) -> str:
    clean = cleaned(name)
    return clean if len(clean) <= _MOST_NAME else f"{clean[:_MOST_NAME]}…"


def _key(followed: Followed) -> str:
    """Return a source's key for a button, whose data has 64 bytes at most."""
    return hashlib.sha256(followed.address.encode()).hexdigest()[:16]


def _discover(url: str) -> Discovered:
    from corpus.following.discover import discover
    from corpus.following.web import Web

    return discover(url, Web())
