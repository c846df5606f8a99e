"""The bot in private chats, groups and topics, over HTTP against a Bot API server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.botapi import BotApi, User
from tests.botapi.entities import cut
from tests.botapi.running import BRIDGE, LIBRARY, answered, quote, refusal, running, scripted, slowly
from tests.botapi.world import Json

OPENED = "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين."
ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد 8 شباط/فبراير 2026", quote(LIBRARY, OPENED))


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
def layla(api: BotApi) -> User:
    return api.world.user(501, "ليلى")


def quoted(message: Json) -> list[str]:
    """What stands in the blockquotes of a message."""
    return [
        cut(message["text"], entity["offset"], entity["length"])
        for entity in message.get("entities", ())
        if entity["type"] in {"blockquote", "expandable_blockquote"}
    ]


async def test_private_question_gets_answer_and_quote_with_source(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
    assert message["text"].splitlines()[0] == "الأحد 8 شباط/فبراير 2026"
    assert quoted(message) == [OPENED]
    below = message["text"].split(OPENED)[1]
    assert below.splitlines()[1] == "المصدر: صحيفة السهل · 9 شباط/فبراير 2026 · الرابط"
    assert below.splitlines()[2] == "العنوان: مكتبة البلدة تعود إلى قرائها"
    [link] = [entity for entity in message["entities"] if entity["type"] == "text_link"]
    assert link["url"] == "https://sahl.example/news/1?a=1&b=2"
    assert "reply_to_message" not in message
    [question] = core.asker.asked
    assert (question.text, question.conversation, question.language) == (ASKED, "telegram:501:0:501", "ar")
