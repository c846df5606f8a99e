"""The list of followed sources as owners change it, and what they are shown of it. Blocks: not for the event loop."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.following import targets
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
    from corpus.following import Followed

_MOST_NAME = 30  # characters of a source's name on its button


class NothingThereError(MusnadError):
    """Raised when nothing at an address can be followed; ``message`` names what owners are told."""

    def __init__(self, message: str, problem: Skipped | None = None) -> None:
        super().__init__(message)
        self.message = message
        self._problem = problem

    def said(self, language: Language) -> dict[str, str]:
        """Return the variables of the message."""
        return {"why": reason_of(self._problem, language)} if self._problem else {}


class FollowedList:
    """The followed sources of one archive."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom

    def follow(self, given: str, outlet: str | None = None) -> Followed:
        """Follow what is at an address: a feed, a sitemap, a page that names its feed. Raises NothingThereError."""
        from corpus.following.web import Web

        if targets.is_channel(given) or given.startswith("@"):
            raise NothingThereError("follow_channel")
        url = given if targets.is_address(given) else f"https://{given}"
        now, following = datetime.now(UTC), self._newsroom.following
        (target,) = targets.add([url], following, Web(), now, outlet=outlet, private=False)
        if target.followed is None:
            raise NothingThereError("follow_nothing", target.problem)
        return target.followed

    def remove(self, followed: Followed) -> None:
        self._newsroom.following.remove(followed.address)

    def named(self, name: str) -> Followed | None:
        """Return the source of this address or name; None when none or several have it."""
        return targets.named(name, self._newsroom.following)

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
