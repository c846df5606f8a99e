"""Replies with marked words, replies to older answers, and what shows that the bot is at work."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from tests.botapi import BotApi, User
from tests.botapi.running import BRIDGE, LIBRARY, Reply, answered, quote, refusal, running, scripted

OPENED = "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين."
BUILT = "بدأ العمل في جسر النهر مطلع الربيع."
LIBRARY_ANSWER = replace(answered("", quote(LIBRARY, OPENED)), question="ما المكتبة؟")
BRIDGE_ANSWER = replace(answered("", quote(BRIDGE, BUILT)), question="ما الجسر؟")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.outgoing.typing.TYPING_AFTER", 0.0)


class IndexState:
    """A reply that shows what was found so far, if told to, and ends when it is let go."""

    def __init__(self, answer: Answer, preview: Answer | None = None) -> None:
        self._answer, self._preview = answer, preview
        self.go = threading.Event()

    def __call__(self, question: Question) -> Answer:
        if self._preview is not None:
            assert question.preview is not None
            question.preview(self._preview)
        assert self.go.wait(10)
        return replace(self._answer, question=question.text)


# What a reply is about


async def test_marked_words_are_what_a_reply_is_about(api: BotApi, layla: User) -> None:
    async with running(api, scripted({"ما المكتبة؟": LIBRARY_ANSWER}), allowed_users={501}) as core:
        api.world.say(layla, "ما المكتبة؟")
        [answer] = await api.replies(layla)
        api.world.say(layla, "متى كان ذلك؟", reply_to=answer, quote="ترميم دام عامين")
        await api.replies(layla, 2)
    question = core.asker.asked[1]
    assert (question.text, question.about) == ("متى كان ذلك؟", "ترميم دام عامين")
    assert question.follows is not None
    assert question.follows.quotes == LIBRARY_ANSWER.quotes


async def test_reply_to_an_older_answer_follows_that_one_also_somebody_elses(
    api: BotApi, layla: User
) -> None:
    group, omar = api.world.group("غرفة الأخبار"), api.world.user(502, "عمر")
    replies = {"ما المكتبة؟": LIBRARY_ANSWER, "ما الجسر؟": BRIDGE_ANSWER}
    async with running(api, scripted(replies), allowed_chats={group.id}) as core:
        api.world.say(layla, "/ask ما المكتبة؟", group)
        [library] = await api.replies(group)
        api.world.say(layla, "/ask ما الجسر؟", group)
        await api.replies(group, 2)
        api.world.say(layla, "ومتى؟", group, reply_to=library)
        await api.replies(group, 3)
        api.world.say(omar, "ولماذا؟", group, reply_to=library)
        await api.replies(group, 4)
    followed = [question.follows.question if question.follows else None for question in core.asker.asked]
    assert followed == [None, None, "ما المكتبة؟", "ما المكتبة؟"]
    assert core.asker.asked[3].about is None


async def test_words_marked_in_somebodys_message_are_the_question(api: BotApi, layla: User) -> None:
    group, omar = api.world.group("غرفة الأخبار"), api.world.user(502, "عمر")
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        talk = api.world.say(omar, "صباح الخير. من بنى الجسر؟ وأين القهوة؟", group)
        api.world.say(layla, "/ask", group, reply_to=talk, quote="من بنى الجسر؟")
        await api.replies(group)
        api.world.say(layla, "/ask أين هو؟", group, reply_to=talk, quote="الجسر")
        await api.replies(group, 2)
    assert [(question.text, question.about) for question in core.asker.asked] == [
        ("من بنى الجسر؟", None),
        ("أين هو؟", "الجسر"),
    ]


# At work


@pytest.mark.usefixtures("at_once")
async def test_in_groups_the_question_is_marked_while_it_is_worked_on(api: BotApi, layla: User) -> None:
    group, held = api.world.group("غرفة الأخبار"), IndexState(LIBRARY_ANSWER)
    async with running(api, scripted({"ما المكتبة؟": held}), allowed_chats={group.id}):
        asked = api.world.say(layla, "/ask ما المكتبة؟", group)
        await api.wait_for(lambda: api.world.reaction(asked) == ["👀"])
        held.go.set()
        await api.replies(group)
        await api.wait_for(lambda: api.world.reaction(asked) == [])
    assert api.world.actions == []


@pytest.mark.usefixtures("at_once")
async def test_where_reactions_are_forbidden_it_types(api: BotApi, layla: User) -> None:
    group, held = api.world.group("غرفة الأخبار"), IndexState(LIBRARY_ANSWER)
    api.fail("setMessageReaction", 400, "Bad Request: REACTION_INVALID")
    async with running(api, scripted({"ما المكتبة؟": held}), allowed_chats={group.id}):
        for n in (1, 2):
            held.go.clear()
            api.world.say(layla, "/ask ما المكتبة؟", group)
            await api.wait_for(lambda: len(api.world.actions) == n)  # noqa: B023
            held.go.set()
            await api.replies(group, n)
    assert api.world.reactions == {}


@pytest.mark.usefixtures("at_once")
async def test_quotes_found_are_shown_as_a_draft_while_the_answer_is_written(
    api: BotApi, layla: User
) -> None:
    held = IndexState(BRIDGE_ANSWER, preview=LIBRARY_ANSWER)
    async with running(api, scripted({"ما المكتبة؟": held}), allowed_users={501}):
        api.world.say(layla, "ما المكتبة؟")
        await api.wait_for(lambda: any(OPENED in draft["text"] for draft in api.world.drafts))
        assert api.world.in_chat(layla) == []
        held.go.set()
        [answer] = await api.replies(layla)
    assert BUILT in answer["text"]
    shown = len(api.world.drafts)
    assert len({draft["draft_id"] for draft in api.world.drafts}) == 1
    assert all(draft["after"] < answer["message_id"] for draft in api.world.drafts[:shown])


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("code", "why"), [(404, "Not Found"), (400, "Bad Request: TEXTDRAFT_PEER_INVALID")], ids=str
)
async def test_where_there_are_no_drafts_they_are_tried_once(
    api: BotApi, layla: User, code: int, why: str
) -> None:
    held = IndexState(BRIDGE_ANSWER, preview=LIBRARY_ANSWER)
    api.fail("sendMessageDraft", code, why)
    async with running(api, scripted({"ما المكتبة؟": held}), allowed_users={501}):
        for n in (1, 2):
            held.go.clear()
            api.world.say(layla, "ما المكتبة؟")
            await api.wait_for(lambda: len(api.world.actions) >= n)  # noqa: B023
            held.go.set()
            await api.replies(layla, n)
    assert api.world.drafts == []
    assert [BUILT in message["text"] for message in api.world.in_chat(layla)] == [True, True]


@pytest.mark.usefixtures("at_once")
@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
async def test_answer_does_not_wait_for_drafts(api: BotApi, layla: User) -> None:
    held = IndexState(BRIDGE_ANSWER, preview=LIBRARY_ANSWER)
    held.go.set()
    api.fail("sendMessageDraft", 429, "Too Many Requests", retry_after=60, times=2)
    api.hang("sendMessageDraft", 60, times=99)
    async with running(api, scripted({"ما المكتبة؟": held}), allowed_users={501}):
        for n in (1, 2, 3):
            api.world.say(layla, "ما المكتبة؟")
            await api.replies(layla, n)
    assert [BUILT in message["text"] for message in api.world.in_chat(layla)] == [True] * 3


async def test_quick_answer_shows_nothing_before_it(api: BotApi, layla: User) -> None:
    group = api.world.group("غرفة الأخبار")
    core = scripted({"ما المكتبة؟": LIBRARY_ANSWER, "لا شيء": refusal("لا شيء")})
    async with running(api, core, allowed_users={501}, allowed_chats={group.id}):
        api.world.say(layla, "ما المكتبة؟")
        await api.replies(layla)
        api.world.say(layla, "/ask لا شيء", group)
        await api.replies(group)
    assert (api.world.actions, api.world.drafts, api.world.reactions) == ([], [], {})


# Which question an answer is to


async def test_in_private_an_answer_says_its_question_when_several_are_in_work(
    api: BotApi, layla: User
) -> None:
    held = IndexState(LIBRARY_ANSWER)
    replies: dict[str, Reply] = {"ما المكتبة؟": held, "ما الجسر؟": BRIDGE_ANSWER, "متى؟": BRIDGE_ANSWER}
    async with running(api, scripted(replies), allowed_users={501}):
        first = api.world.say(layla, "ما المكتبة؟")
        second = api.world.say(layla, "ما الجسر؟")
        await api.settled()
        held.go.set()
        answers = await api.replies(layla, 2)
        assert [answer["reply_to_message"]["message_id"] for answer in answers] == [
            first["message_id"],
            second["message_id"],
        ]
        api.world.say(layla, "متى؟")
        *_, alone = await api.replies(layla, 3)
    assert "reply_to_message" not in alone
