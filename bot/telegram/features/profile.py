"""The bot's profile in Telegram: commands for each kind of chat, descriptions, and the ``/help`` list.

A command is a line of ``COMMANDS``; the message ``telegram_command_NAME`` describes it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.state import State
from bot.telegram.runtime.errors import brief
from corpus.errors import ArchiveError
from prompts import Language, say

log = logging.getLogger(__name__)

Scope = Literal["private", "group", "admin", "owner"]


@dataclass(frozen=True, slots=True)
class ChatCommand:
    """A command and its scopes.

    Scopes: everyone in private, everyone in a group, additionally a group's administrators, additionally the bot's
    owners in private.
    """

    name: str
    scopes: tuple[Scope, ...]


COMMANDS = (
    ChatCommand("ask", ("private", "group")),
    ChatCommand("sources", ("private", "group")),
    ChatCommand("new", ("private", "group")),
    ChatCommand("quote", ("private", "group")),
    ChatCommand("settings", ("private", "admin")),
    ChatCommand("forget", ("private",)),
    ChatCommand("privacy", ("private",)),
    ChatCommand("whoami", ("private", "admin")),
    ChatCommand("help", ("private", "group")),
    ChatCommand("archive", ("owner",)),
    ChatCommand("follow", ("owner",)),
    ChatCommand("unfollow", ("owner",)),
    ChatCommand("remove", ("owner",)),
    ChatCommand("reindex", ("owner",)),
    ChatCommand("access", ("owner",)),
    ChatCommand("allow", ("owner",)),
    ChatCommand("deny", ("owner",)),
)
"""All commands, in menu order."""

_LANGUAGES: tuple[tuple[str, Language], ...] = (("", "ar"), ("en", "en"))
"""Telegram's language codes; "" applies to everyone whose language has no code of its own here."""


def commands(*scopes: Scope) -> list[str]:
    """Return the names of the commands in any of these scopes, in order."""
    return [command.name for command in COMMANDS if set(scopes) & set(command.scopes)]


def listed(names: list[str], language: Language) -> str:
    """Return the commands and their descriptions, one per line."""
    return "\n".join(f"• {say(f'telegram_command_{name}', language)}: /{name}" for name in names)


@dataclass(frozen=True, slots=True)
class _Item:
    """One profile setting to send to Telegram."""

    key: str
    value: Any
    """The setting as JSON data; None when it is to be removed."""
    tell: Callable[[Bot], Awaitable[object]]

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.value, ensure_ascii=False).encode()).hexdigest()


class Profile:
    """Publisher of the bot's profile."""

    def __init__(self, *, bot: Bot, state: State, owners: frozenset[int]) -> None:
        self._bot = bot
        self._state = state
        self._owners = owners

    async def publish(self) -> None:
        """Send Telegram the settings that changed since the last time: it accepts such calls only now and then.

        Failures are retried at the next start and stop nothing.
        """
        rows = await asyncio.to_thread(self._state.rows, "select key, digest from published")
        published = {row["key"]: row["digest"] for row in rows}
        items = {f"{self._bot.id}:{item.key}": item for item in _items(self._owners)}
        for key in [
            key for key in published if key.startswith(f"{self._bot.id}:commands:owner:") and key not in items
        ]:
            # Somebody is no owner any more.
            _, _, _, owner, code = key.split(":")
            items[key] = _Item(key, None, _withdrawn(int(owner), code))
        for key, item in items.items():
            if published.get(key) == item.digest:
                continue
            try:
                await item.tell(self._bot)
            except (BadRequest, Forbidden) as error:
                # An owner who has not written to the bot yet, say.
                log.info("Telegram did not take %s: %s", item.key, brief(error))
                continue
            except TelegramError as error:
                log.warning("the commands and descriptions could not all be set: %s", brief(error))
                return
            try:
                await asyncio.to_thread(self._remember, key, item)
            except ArchiveError as error:
                log.warning("what Telegram was told could not be recorded, it will be told again: %s", error)
                return

    def _remember(self, key: str, item: _Item) -> None:
        with self._state.writing() as db:
            if item.value is None:
                db.execute("delete from published where key = ?", [key])
            else:
                db.execute("insert or replace into published values (?, ?)", [key, item.digest])


def _items(owners: frozenset[int]) -> list[_Item]:
    contexts: list[tuple[str, BotCommandScope, tuple[Scope, ...]]] = [
        ("default", BotCommandScopeDefault(), ("group",)),
        ("private", BotCommandScopeAllPrivateChats(), ("private",)),
        ("groups", BotCommandScopeAllGroupChats(), ("group",)),
        ("admins", BotCommandScopeAllChatAdministrators(), ("group", "admin")),
        *(
            (f"owner:{owner}", BotCommandScopeChat(owner), ("private", "owner"))
            for owner in sorted(owners)
        ),
    ]  # fmt: skip
    items = [
        _commands(f"commands:{name}:{code}", scope, scopes, code, language)
        for name, scope, scopes in contexts
        for code, language in _LANGUAGES
    ]
    for code, language in _LANGUAGES:
        items += [_description(code, language), _short_description(code, language)]
    return items


def _commands(
    key: str, scope: BotCommandScope, scopes: tuple[Scope, ...], code: str, language: Language
) -> _Item:
    menu = [(name, say(f"telegram_command_{name}", language)) for name in commands(*scopes)]
    shown = [BotCommand(name, about) for name, about in menu]
    return _Item(key, menu, lambda bot: bot.set_my_commands(shown, scope, code or None))


def _withdrawn(owner: int, code: str) -> Callable[[Bot], Awaitable[object]]:
    return lambda bot: bot.delete_my_commands(BotCommandScopeChat(owner), code or None)


def _description(code: str, language: Language) -> _Item:
    text = say("telegram_description", language).strip()
    return _Item(f"description:{code}", text, lambda bot: bot.set_my_description(text, code or None))


def _short_description(code: str, language: Language) -> _Item:
    text = say("telegram_short_description", language).strip()
    return _Item(f"short:{code}", text, lambda bot: bot.set_my_short_description(text, code or None))
