"""What Telegram shows of the bot: commands for each kind of chat, descriptions, help and the note on privacy."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.telegram.features.profile import COMMANDS
from prompts import say
from tests.botapi import BotApi, User
from tests.botapi.running import ScriptedCore, running, scripted

OWNERS = {"archive", "remove", "follow", "unfollow", "reindex", "access", "allow", "deny"}


@pytest.fixture
def layla(api: BotApi) -> User:
    layla = api.world.user(501, "ليلى")
    api.world.start(layla)
    return layla


def unmarked(text: str) -> str:
    return re.sub("[\u2068\u2069]", "", text)


def commands(api: BotApi, scope: str, language: str = "") -> set[str]:
    return {command["command"] for command in api.world.commands[scope, language]}


async def published(core: ScriptedCore, count: int) -> None:
    """Return once the bot remembers having told Telegram so many things."""
    found: list[dict[str, object]] = []
    for _ in range(500):
        found = core.state.rows("select key from published")
        if len(found) == count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{count} things to be told, told were {found}")


async def test_each_kind_of_chat_has_its_commands_in_both_languages(api: BotApi, layla: User) -> None:
    core = scripted({})
    async with running(api, core, owners={501}):
        await published(core, 14)
    everybody = {"ask", "sources", "new", "quote", "help"}
    for language in ("", "en"):
        assert commands(api, "default", language) == everybody
        assert commands(api, "all_group_chats", language) == everybody
        assert commands(api, "all_chat_administrators", language) == everybody | {"settings", "whoami"}
        private = commands(api, "all_private_chats", language)
        assert private == everybody | {"settings", "forget", "privacy", "whoami"}
        assert commands(api, "chat:501", language) == private | OWNERS
    arabic, english = (api.world.commands["default", language][0]["description"] for language in ("", "en"))
    assert (arabic, english) == ("اسأل الأرشيف", "Ask the archive")
    assert set(api.world.descriptions) == set(api.world.short_descriptions) == {"", "en"}
    assert "مُسنَد" in api.world.descriptions[""]


async def test_only_what_has_changed_is_told_again(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = scripted({})
    async with running(api, core, owners={501}):
        await published(core, 14)
    told = api.count["setmycommands"], api.count["setmydescription"], api.count["setmyshortdescription"]
    monkeypatch.setattr("bot.telegram.features.profile.COMMANDS", COMMANDS[1:])
    async with running(api, core):
        await published(core, 12)
        await api.wait_for(lambda: ("chat:501", "") not in api.world.commands)
    assert told == (10, 2, 2)
    assert api.count["setmydescription"] == 2
    assert api.count["setmycommands"] == 18
    assert "ask" not in commands(api, "all_group_chats")
    assert ("chat:501", "") not in api.world.commands


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
async def test_bot_works_without_and_tells_the_rest_at_the_next_start(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    core = scripted({})
    api.fail("setMyDescription", 429, "Too Many Requests", retry_after=3600)
    async with running(api, core, allowed_users={501}):
        api.world.say(layla, "/new")
        await api.replies(layla, 2)
        await api.wait_for(lambda: bool(api.faulted))
    assert "could not all be set" in caplog.text
    assert api.world.descriptions == {}
    async with running(api, core, allowed_users={501}):
        await published(core, 12)
    assert set(api.world.descriptions) == {"", "en"}
    assert api.count["setmycommands"] == 8


async def test_owner_who_never_wrote_to_the_bot_holds_up_nothing(api: BotApi) -> None:
    api.world.user(777, "صاحبها")
    core = scripted({})
    async with running(api, core, owners={777}):
        await published(core, 14)
    assert set(api.world.descriptions) == {"", "en"}


async def test_help_says_what_is_possible_here(api: BotApi, layla: User) -> None:
    group, omar = api.world.group("غرفة الأخبار"), api.world.user(502, "عمر", language="en")
    async with running(api, scripted({}), owners={501}, allowed_users={502}, allowed_chats={group.id}):
        api.world.say(layla, "/help")
        _, owner = await api.replies(layla, 2)
        api.world.say(omar, "/help")
        [english] = await api.replies(omar)
        api.world.say(layla, "/help", group)
        [shared] = await api.replies(group)
    named = [set(re.findall(r"/(\w+)", message["text"])) for message in (owner, english, shared)]
    assert named[0] >= OWNERS
    assert {"ask", "sources", "new", "settings", "forget", "privacy", "whoami"} <= named[1]
    assert not OWNERS & (named[1] | named[2])
    assert "settings" in named[2]
    assert "forget" not in named[2]
    assert "• اسأل الأرشيف: /ask" in unmarked(owner["text"])
    assert "Ask the archive: /ask" in english["text"]


@pytest.mark.parametrize(
    ("days", "model", "told"),
    [(90, None, "90 يومًا"), (0, None, "حتى تمحوه"), (1, "openai:x", "نموذج المحادثة")],
)
async def test_privacy_says_what_is_kept_and_how_to_erase_it(
    api: BotApi, layla: User, days: int, model: str | None, told: str
) -> None:
    async with running(api, scripted({}), allowed_users={501}, retention_days=days, llm=model):
        api.world.say(layla, "/privacy")
        _, message = await api.replies(layla, 2)
    assert told in message["text"]
    assert "/forget" in message["text"]
    assert ("نموذج المحادثة" in message["text"]) == (model is not None)


def test_descriptions_fit() -> None:
    for language in ("ar", "en"):
        assert len(say("telegram_description", language)) <= 512
        assert len(say("telegram_short_description", language)) <= 120
        for command in COMMANDS:
            assert 3 <= len(say(f"telegram_command_{command.name}", language)) <= 256
