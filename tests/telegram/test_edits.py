"""Questions that are edited: the answer changes in its place, once, and to the last thing asked."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from telegram import Message

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.telegram.answers.revisions import Revisions
from bot.telegram.app import assemble
from tests.botapi import BotApi, User
from tests.botapi.running import (
    BRIDGE,
    LIBRARY,
    Reply,
    answered,
    quote,
    refusal,
    running,
    scripted,
    settings,
    worked,
)
from tests.botapi.world import Json

ASKED, CORRECTED = "متى افتتحت المكتبه", "متى افتُتحت مكتبة البلدة؟"
OPENED = "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين."
BUILT = "بدأ العمل في جسر النهر مطلع الربيع."
LIBRARY_ANSWER = answered("الأحد 8 شباط/فبراير 2026", quote(LIBRARY, OPENED))
BRIDGE_ANSWER = answered("", quote(BRIDGE, BUILT))
LONG = answered("", *(quote(LIBRARY, LIBRARY.body) for _ in range(18)))


def said(answer: Answer) -> Reply:
    """The answer, as one to whatever was asked."""
    return lambda question: replace(answer, question=question.text, standalone_question=question.text)


class IndexState:
    """A reply that is found only when it is let go."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, question: Question) -> Answer:
        self.begun.set()
        assert self.go.wait(10)
        return replace(self._answer, question=question.text, standalone_question=question.text)


def buttons(message: Json) -> list[Json]:
    rows = message["reply_markup"]["inline_keyboard"]
    return [button for row in rows for button in row if "callback_data" in button]


def texts(messages: list[Json]) -> list[str]:
    return [message["text"] for message in messages]


async def test_edited_question_has_its_answer_edited(api: BotApi, layla: User) -> None:
    replies = {ASKED: said(refusal(ASKED)), CORRECTED: said(LIBRARY_ANSWER)}
    async with running(api, scripted(replies), allowed_users={501}) as core:
        asked = api.world.say(layla, ASKED)
        [refused] = await api.replies(layla)
        before = refused["text"]
        api.world.edit(layla, asked, CORRECTED)
        answer = await api.edited(refused)
    assert api.world.in_chat(layla) == [answer]
    assert "ليس في الأرشيف" in before
    assert OPENED in answer["text"]
    assert any(button["callback_data"].startswith("vote:2:") for button in buttons(answer))
    assert [question.name for question in core.asker.asked] == [str(asked["message_id"])] * 2


async def test_longer_answer_goes_on_in_a_further_message_and_a_shorter_takes_it_back(
    api: BotApi, layla: User
) -> None:
    replies = {ASKED: said(LIBRARY_ANSWER), "أطول": said(LONG), "أقصر": said(BRIDGE_ANSWER)}
    async with running(api, scripted(replies), allowed_users={501}):
        asked = api.world.say(layla, ASKED)
        [first] = await api.replies(layla)
        api.world.edit(layla, asked, "أطول")
        await api.replies(layla, 2)
        grown = api.world.in_chat(layla)
        assert grown[0]["message_id"] == first["message_id"]
        assert len(grown) >= 2
        api.world.edit(layla, asked, "أقصر")
        await api.wait_for(lambda: len(api.world.in_chat(layla)) == 1)
        [left] = api.world.in_chat(layla)
    assert left["message_id"] == first["message_id"]
    assert BUILT in left["text"]


async def test_message_that_cannot_be_deleted_says_what_became_of_it(api: BotApi, layla: User) -> None:
    replies = {ASKED: said(LONG), "أقصر": said(BRIDGE_ANSWER)}
    async with running(api, scripted(replies), allowed_users={501}):
        asked = api.world.say(layla, ASKED)
        first, *others = await api.replies(layla, 2)
        api.fail("deleteMessage", 400, "Bad Request: message can't be deleted", times=9)
        api.world.edit(layla, asked, "أقصر")
        for message in (first, *others):
            await api.edited(message)
        shown = texts(api.world.in_chat(layla))
    assert BUILT in shown[0]
    assert all("محلّ هذه الرسالة" in text for text in shown[1:])
    assert len(shown) >= 2


async def test_last_text_wins_while_the_first_is_still_worked_on(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, noted = Revisions.note, list[str]()

    def told(self: Revisions, message: Message, question: str) -> None:
        note(self, message, question)
        noted.append(question)

    monkeypatch.setattr(Revisions, "note", told)
    held = IndexState(refusal(ASKED))
    replies: dict[str, Reply] = {ASKED: held, "بين بين": said(BRIDGE_ANSWER), CORRECTED: said(LIBRARY_ANSWER)}
    async with running(api, scripted(replies), allowed_users={501}) as core:
        asked = api.world.say(layla, ASKED)
        await api.wait_for(held.begun.is_set)
        api.world.edit(layla, asked, "بين بين")
        api.world.edit(layla, asked, CORRECTED)
        async with asyncio.timeout(5):
            while len(noted) < 2:  # noqa: ASYNC110 - the bot's own memory changes, which rings no bell
                await asyncio.sleep(0.01)
        held.go.set()
        await worked(api, core)
    [answer] = api.world.in_chat(layla)
    assert OPENED in answer["text"]
    assert [question.text for question in core.asker.asked] == [ASKED, CORRECTED]


async def test_edit_that_comes_later_than_a_minute_is_not_followed(api: BotApi, layla: User) -> None:
    group = api.world.group("غرفة الأخبار")
    rami = api.world.user(502, "رامي")
    async with running(
        api, scripted({ASKED: said(refusal(ASKED))}), allowed_users={501, 502}, allowed_chats={group.id}
    ) as core:
        private = api.world.say(layla, ASKED)
        his = api.world.say(rami, ASKED)
        await api.replies(rami)
        shared = api.world.say(layla, f"/ask {ASKED}", group)
        await api.replies(layla)
        await api.replies(group)
        api.world.advance(61)
        api.world.edit(layla, private, CORRECTED)
        api.world.edit(layla, shared, f"/ask {CORRECTED}")
        [_, told] = await api.replies(layla, 2)
        assert his["message_id"] == private["message_id"], "messages are numbered in each chat anew"
        api.world.edit(rami, his, CORRECTED)
        await api.replies(rami, 2)
        await worked(api, core)
        api.world.edit(layla, private, "مرة أخرى")
        await worked(api, core)
    assert "دقيقة" in told["text"]
    assert len(api.world.in_chat(layla)) == 2
    assert len(api.world.in_chat(group)) == 1
    assert [question.text for question in core.asker.asked] == [ASKED] * 3


async def test_edit_that_changes_nothing_of_the_text_changes_nothing(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: said(LIBRARY_ANSWER)}), allowed_users={501}) as core:
        asked = api.world.say(layla, ASKED)
        [answer] = await api.replies(layla)
        api.world.edit(layla, asked, ASKED)
        api.world.advance(120)
        api.world.edit(layla, asked, ASKED)
        await worked(api, core)
    assert api.world.edits == []
    assert api.world.in_chat(layla) == [answer]
    assert len(core.asker.asked) == 1


async def test_in_groups_edits_of_questions_are_followed_and_those_of_talk_are_not(
    api: BotApi, layla: User
) -> None:
    group = api.world.group("غرفة الأخبار", privacy=False)
    api.world.bot["can_read_all_group_messages"] = True
    name = api.world.bot["username"]
    replies = {ASKED: said(refusal(ASKED)), CORRECTED: said(LIBRARY_ANSWER), "ما الجسر؟": said(BRIDGE_ANSWER)}
    async with running(api, scripted(replies), allowed_chats={group.id}) as core:
        talk = api.world.say(layla, "صباح الخير", group)
        asked = api.world.say(layla, f"/ask@{name} {ASKED}", group)
        [answer] = await api.replies(group)
        api.world.edit(layla, talk, "صباح النور")
        api.world.edit(layla, asked, f"/ask@{name} {CORRECTED}")
        await api.edited(answer)
        api.world.edit(layla, asked, "لا شيء")
        api.world.edit(layla, talk, f"@{name} ما الجسر؟")
        shown = await api.replies(group, 2)
        await worked(api, core)
    assert OPENED in shown[0]["text"]
    assert BUILT in shown[1]["text"]
    assert shown[1]["reply_to_message"]["message_id"] == talk["message_id"]
    assert len(api.world.in_chat(group)) == 2


async def test_what_somebody_changed_their_questions_to_is_forgotten_with_them(
    api: BotApi, layla: User
) -> None:
    bot = assemble(scripted({}), settings(api))
    revisions = Revisions()
    group = api.world.group("غرفة الأخبار")
    rami = api.world.user(502, "رامي")
    asked = [
        api.world.say(layla, ASKED),
        api.world.say(layla, ASKED, group),
        api.world.say(rami, ASKED, group),
    ]
    messages = [Message.de_json(each, bot.app.bot) for each in asked]
    for message in messages:
        revisions.note(message, CORRECTED)
    revisions.forget(layla.id)
    assert [revisions.newest(message, ASKED) for message in messages] == [ASKED, ASKED, CORRECTED]


async def test_answer_that_was_deleted_is_given_again(api: BotApi, layla: User) -> None:
    replies = {ASKED: said(refusal(ASKED)), CORRECTED: said(LIBRARY_ANSWER)}
    async with running(api, scripted(replies), allowed_users={501}):
        asked = api.world.say(layla, ASKED)
        [refused] = await api.replies(layla)
        api.world.delete(refused)
        api.world.edit(layla, asked, CORRECTED)
        [answer] = await api.replies(layla)
    assert OPENED in answer["text"]


async def test_answer_that_was_sent_again_is_followed_and_edited_as_the_first(
    api: BotApi, layla: User
) -> None:
    replies = {ASKED: said(LIBRARY_ANSWER), "ومتى؟": said(BRIDGE_ANSWER), CORRECTED: said(refusal(ASKED))}
    api.lose("sendMessage")
    async with running(api, scripted(replies), allowed_users={501}) as core:
        asked = api.world.say(layla, ASKED)
        [unsure] = await api.replies(layla)
        api.world.press(layla, unsure, "أرسل الجواب مرة أخرى")
        again = (await api.replies(layla, 2))[-1]
        await api.edited(unsure)
        api.world.say(layla, "ومتى؟", reply_to=again)
        await api.replies(layla, 3)
        api.world.edit(layla, asked, CORRECTED)
        await api.edited(again)
    follows = core.asker.asked[1].follows
    assert follows is not None
    assert follows.quotes == LIBRARY_ANSWER.quotes
    first, corrected, other = texts(api.world.in_chat(layla))
    assert "فأرسلته مرة أخرى" in first
    assert "ليس في الأرشيف" in corrected
    assert BUILT in other
