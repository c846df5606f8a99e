"""The bot in groups and forum topics: when it answers, and where."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.answer import Answer
from tests.botapi import BotApi, Chat, User
from tests.botapi.running import LIBRARY, answered, quote, running, scripted

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد 8 شباط/فبراير 2026", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
FIRST_LINE = "الأحد 8 شباط/فبراير 2026"


def unmarked(text: str) -> str:
    """The text without isolates."""
    return re.sub("[\u2068\u2069]", "", text)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
def layla(api: BotApi) -> User:
    return api.world.user(501, "ليلى")


@pytest.fixture
def group(api: BotApi) -> Chat:
    return api.world.group("غرفة الأخبار")


@pytest.mark.parametrize("text", [f"/ask {ASKED}", f"/ask@musnad_test_bot {ASKED}", f"/ask\n{ASKED}"])
async def test_command_is_answered_as_a_reply(api: BotApi, layla: User, group: Chat, text: str) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        asked = api.world.say(layla, text, group)
        [message] = await api.replies(group)
    assert message["text"].splitlines()[0] == FIRST_LINE
    assert message["reply_to_message"]["message_id"] == asked["message_id"]
    assert core.asker.asked[0].text == ASKED
    assert core.asker.asked[0].conversation == f"telegram:{group.id}:0:501"


async def test_ask_under_a_message_asks_that_message(api: BotApi, layla: User, group: Chat) -> None:
    omar = api.world.user(504, "عمر")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        his = api.world.say(omar, ASKED, group)
        api.world.say(layla, "/ask", group, reply_to=his)
        [message] = await api.replies(group)
    assert message["text"].splitlines()[0] == FIRST_LINE
    assert core.asker.asked[0].conversation == f"telegram:{group.id}:0:501"


@pytest.mark.parametrize(
    "text", [f"@musnad_test_bot {ASKED}", f"{ASKED} @Musnad_Test_Bot", f"😀 @musnad_test_bot، {ASKED}"]
)
async def test_mention_is_answered(api: BotApi, layla: User, text: str) -> None:
    group = api.world.group("غرفة", privacy=False)
    async with running(
        api, scripted({ASKED: ANSWER, f"😀 {ASKED}": ANSWER}), allowed_chats={group.id}
    ) as core:
        api.world.say(layla, text, group)
        await api.replies(group)
    assert core.asker.asked[0].text.removeprefix("😀 ،").removeprefix("😀 ").strip() == ASKED


async def test_reply_to_the_bot_is_a_follow_up(api: BotApi, layla: User, group: Chat) -> None:
    async with running(
        api, scripted({ASKED: ANSWER, "وكم كتابًا فيها؟": ANSWER}), allowed_chats={group.id}
    ) as core:
        api.world.say(layla, f"/ask {ASKED}", group)
        [first] = await api.replies(group)
        api.world.say(layla, "وكم كتابًا فيها؟", group, reply_to=first)
        _, second = await api.replies(group, 2)
    assert second["text"].splitlines()[0] == FIRST_LINE
    assert [question.text for question in core.asker.asked] == [ASKED, "وكم كتابًا فيها؟"]
    assert len({question.conversation for question in core.asker.asked}) == 1


async def test_talk_that_is_not_for_the_bot_gets_nothing(api: BotApi, layla: User) -> None:
    # Privacy off: everything said in the group reaches the bot.
    group = api.world.group("غرفة", privacy=False)
    omar = api.world.user(504, "عمر")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        his = api.world.say(omar, ASKED, group)
        api.world.say(layla, "لا أدري", group, reply_to=his)
        api.world.say(layla, "@another_bot متى؟", group)
        api.world.say(layla, f"/ask@another_bot {ASKED}", group)
        api.world.say(layla, "/unknown", group)
        api.world.say(layla, f"/ask {ASKED}", group)
        await api.replies(group)
        await api.settled()
    assert len(core.asker.asked) == 1
    assert len(api.world.in_chat(group)) == 1


async def test_privacy_mode_keeps_plain_talk_from_the_bot(api: BotApi, layla: User, group: Chat) -> None:
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        api.world.say(layla, ASKED, group)
        assert api.world.updates == []
    assert core.asker.asked == []


async def test_answer_stays_in_the_topic(api: BotApi, layla: User) -> None:
    forum = api.world.group("منتدى", forum=True)
    news, other = api.world.topic(forum, "أخبار"), api.world.topic(forum, "أخرى")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={forum.id}) as core:
        api.world.say(layla, f"/ask {ASKED}", forum, thread=news)
        await api.replies(forum)
        api.world.say(layla, f"/ask {ASKED}", forum, thread=other)
        api.world.say(layla, f"/ask {ASKED}", forum)
        await api.replies(forum, 3)
    threads = [
        message["message_thread_id"] if "is_topic_message" in message else None
        for message in api.world.in_chat(forum)
    ]
    assert sorted(threads, key=str) == sorted([news, other, None], key=str)
    keys = {question.conversation for question in core.asker.asked}
    assert keys == {f"telegram:{forum.id}:{thread}:501" for thread in (news, other, 0)}


async def test_talk_in_a_topic_the_bot_opened_is_not_for_the_bot(api: BotApi, layla: User) -> None:
    forum = api.world.group("منتدى", forum=True, privacy=False)
    topic = api.world.topic(forum, "أخبار", by=api.world.bot_user())
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={forum.id}) as core:
        api.world.say(layla, ASKED, forum, thread=topic)
        await api.settled()
    assert core.asker.asked == []
    assert api.world.in_chat(forum) == []


async def test_thread_number_of_a_reply_in_an_ordinary_group_is_no_topic(
    api: BotApi, layla: User, group: Chat
) -> None:
    omar = api.world.user(504, "عمر")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        his = api.world.say(omar, "سمعت أنها فُتحت", group)
        asked = api.world.say(layla, f"/ask {ASKED}", group, reply_to=his)
        assert asked["message_thread_id"] == his["message_id"]
        await api.replies(group)
    assert core.asker.asked[0].conversation == f"telegram:{group.id}:0:501"


async def test_long_answers_parts_all_reply_in_the_topic(api: BotApi, layla: User) -> None:
    forum = api.world.group("منتدى", forum=True)
    topic = api.world.topic(forum, "أخبار")
    long = answered("سطر " * 2500, *ANSWER.quotes)
    async with running(api, scripted({ASKED: long}), allowed_chats={forum.id}):
        asked = api.world.say(layla, f"/ask {ASKED}", forum, thread=topic)
        messages = await api.replies(forum, 3)
    assert {message["message_thread_id"] for message in messages} == {topic}
    assert {message["reply_to_message"]["message_id"] for message in messages} == {asked["message_id"]}


async def test_question_deleted_meanwhile_is_still_answered(api: BotApi, layla: User, group: Chat) -> None:
    def delete_first(question: object) -> Answer:
        group.messages.clear()
        return ANSWER

    async with running(api, scripted({ASKED: delete_first}), allowed_chats={group.id}):
        api.world.say(layla, f"/ask {ASKED}", group)
        [message] = await api.replies(group)
    assert "reply_to_message" not in message


async def test_anonymous_admins_and_channels_are_answered(api: BotApi, group: Chat) -> None:
    channel = Chat(-1_001_900_000_000, "channel", "قناة")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        api.world.say(None, f"/ask {ASKED}", group)
        api.world.say(None, f"/ask {ASKED}", group, as_channel=channel)
        await api.replies(group, 2)
    keys = {question.conversation for question in core.asker.asked}
    assert keys == {f"telegram:{group.id}:0:{group.id}", f"telegram:{group.id}:0:{channel.id}"}


async def test_mention_alone_asks_the_message_above_unless_it_is_the_bots(api: BotApi, layla: User) -> None:
    group = api.world.group("غرفة", privacy=False)
    omar = api.world.user(504, "عمر")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        his = api.world.say(omar, ASKED, group)
        api.world.say(layla, "@musnad_test_bot", group, reply_to=his)
        [answer] = await api.replies(group)
        api.world.say(layla, "@musnad_test_bot", group, reply_to=answer)
        _, usage = await api.replies(group, 2)
    assert [question.text for question in core.asker.asked] == [ASKED]
    assert "/ask" in usage["text"]


@pytest.mark.parametrize("reads_all", [True, False])
async def test_start_and_help_in_a_group_say_how_to_ask_there_and_what_does_not_reach_the_bot(
    api: BotApi, layla: User, group: Chat, reads_all: bool
) -> None:
    api.world.bot["can_read_all_group_messages"] = reads_all
    async with running(api, scripted({}), allowed_chats={group.id}):
        api.world.say(layla, "/start", group)
        await api.replies(group)
        api.world.say(layla, "/help", group)
        start, help = (unmarked(message["text"]) for message in await api.replies(group, 2))
    assert "/ask" in start
    assert ("وضع الخصوصية" in start) is not reads_all
    assert "\n\n\n" not in start
    assert ("أو اذكر @musnad_test_bot" in help) is reads_all, "a mention is offered where it works"
