"""The whole path in Telegram: the sample archive, the real core, the real Application, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from bot.build import Musnad
from bot.telegram.answers.store import AnswerBook, StoredAnswer
from tests.botapi import BotApi
from tests.botapi.entities import cut
from tests.botapi.running import running
from tests.botapi.world import Json


def quoted(message: Json) -> list[str]:
    return [
        cut(message["text"], entity["offset"], entity["length"])
        for entity in message["entities"]
        if "blockquote" in entity["type"]
    ]


async def test_question_follow_up_refusal_and_sources(api: BotApi, samples: Musnad) -> None:
    layla = api.world.user(701, "ليلى")
    bodies = [article.body for article in samples.archive.articles()]
    async with running(api, samples, allowed_users={701}):
        for count, text in enumerate(
            [
                "متى انضمت سوريا إلى التحالف الدولي؟",
                "وما رقم عضويتها؟",
                "متى انضمت تركيا إلى التحالف؟",
                "/sources",
            ],
            1,
        ):
            api.world.say(layla, text)
            messages = await api.replies(layla, count, seconds=60)
    when, number, refusal, sources = messages
    assert any("11 تشرين الثاني 2025" in words for words in quoted(when))
    assert "90" in number["text"] or "تسعين" in number["text"] or "التسعين" in number["text"]
    assert "المصدر: " in when["text"]
    assert refusal["text"].startswith(("لا أجد جوابًا صريحًا", "لم أجد في الأرشيف جوابًا"))
    assert sources["text"].startswith("لم أجد لآخر سؤال جوابًا صريحًا")
    for message in (when, number, refusal):
        assert quoted(message)
        for words in quoted(message):
            assert any(words in body for body in bodies)


async def test_conversation_survives_a_restart(api: BotApi, samples: Musnad) -> None:
    layla = api.world.user(702, "ليلى")
    async with running(api, samples, allowed_users={702}):
        api.world.say(layla, "متى انضمت سوريا إلى التحالف الدولي؟")
        await api.replies(layla, seconds=60)
    async with running(api, samples, allowed_users={702}):
        api.world.say(layla, "/sources")
        answer, sources = await api.replies(layla, 2, seconds=60)
        api.world.say(layla, "/new")
        api.world.say(layla, "/sources")
        *_, after = await api.replies(layla, 4, seconds=60)
    headline = next(line for line in answer["text"].splitlines() if line.startswith("العنوان: "))
    assert headline in sources["text"]
    assert after["text"].startswith("لا مصادر بعد")


async def test_question_whose_answer_could_not_be_kept_is_one_turn_all_the_same(
    api: BotApi, samples: Musnad, monkeypatch: pytest.MonkeyPatch
) -> None:
    layla = api.world.user(703, "ليلى")
    add, failures = (
        AnswerBook.add,
        [RuntimeError("as if killed between the answer and its place in the book")],
    )

    def once(self: AnswerBook, *given: Any, **named: Any) -> StoredAnswer:
        if failures:
            raise failures.pop()
        return add(self, *given, **named)

    monkeypatch.setattr(AnswerBook, "add", once)
    async with running(api, samples, allowed_users={703}):
        api.world.say(layla, "متى انضمت سوريا إلى التحالف الدولي؟")
        await api.replies(layla, seconds=60)
    turns = samples.state.rows("select question from turns where conversation = 'telegram:703:0:703'")
    assert [turn["question"] for turn in turns] == ["متى انضمت سوريا إلى التحالف الدولي؟"]
    assert len(api.world.in_chat(layla)) == 1
