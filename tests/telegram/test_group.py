"""The bot in groups and forum topics: when it answers, and where."""

from __future__ import annotations

import asyncio
import re
import threading

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.conversation import Conversations
from bot.telegram.access.store import AccessStore, Party
from bot.telegram.chats.migration import Migration
from bot.telegram.chats.settings import Chats
from tests.botapi import BotApi, Chat, User
from tests.botapi.chats import ANONYMOUS, Json
from tests.botapi.running import LIBRARY, Reply, answered, quote, running, scripted, worked
from vectorstore.errors import IndexUnreachableError

ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد 8 شباط/فبراير 2026", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
FIRST_LINE = "الأحد 8 شباط/فبراير 2026"


def unmarked(text: str) -> str:
    """The text without isolates."""
    return re.sub("[\u2068\u2069]", "", text)


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
        await worked(api, core)
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
        await worked(api, core)
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
    assert ("أو اذكروا @musnad_test_bot" in help) is reads_all, "a mention is offered where it works"


async def test_what_was_sent_out_of_the_bots_own_inline_results_is_no_question(
    api: BotApi, layla: User, group: Chat
) -> None:
    shared = {"text": ASKED, "via_bot": api.world.bot_user()}
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}, allowed_chats={group.id}) as core:
        api.world.share(layla, shared, group)
        api.world.share(layla, shared)
        await worked(api, core)
    assert core.asker.asked == []
    assert api.world.in_chat(group) == api.world.in_chat(layla) == []


async def test_a_private_chat_with_topics_keeps_each_topic_to_itself(api: BotApi, layla: User) -> None:
    private = api.world.chats[layla.id]
    private.is_forum = private.started = True
    first, second = api.world.topic(private, "مكتبات"), api.world.topic(private, "جسور")
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        api.world.say(layla, ASKED, thread=first)
        await api.replies(layla)
        api.world.say(layla, ASKED, thread=second)
        messages = await api.replies(layla, 2)
    assert [message["message_thread_id"] for message in messages] == [first, second]
    keys = [question.conversation for question in core.asker.asked]
    assert keys == [f"telegram:501:{first}:501", f"telegram:501:{second}:501"]


# The discussion group of a channel


@pytest.fixture
def discussion(api: BotApi) -> Chat:
    return api.world.group("نقاش", privacy=False)


@pytest.fixture
def channel(api: BotApi, discussion: Chat) -> Chat:
    channel = api.world.channel("قناة الأخبار")
    api.world.link(channel, discussion)
    return channel


def post(api: BotApi, channel: Chat, text: str) -> Json:
    """A post as it stands in the discussion group."""
    api.world.post(channel, text)
    assert channel.linked is not None
    return api.world.latest(channel.linked)


async def test_a_channels_posts_are_no_questions_and_comments_are_answered_under_their_post(
    api: BotApi, layla: User, discussion: Chat, channel: Chat
) -> None:
    replies = {ASKED: ANSWER, "وكم كتابًا فيها؟": ANSWER}
    async with running(api, scripted(replies), allowed_chats={discussion.id}) as core:
        one = post(api, channel, f"@musnad_test_bot {ASKED}")
        other = post(api, channel, "خبر آخر")
        api.world.say(layla, f"@musnad_test_bot {ASKED}", discussion, reply_to=one)
        [answer] = await api.replies(discussion)
        api.world.say(layla, "وكم كتابًا فيها؟", discussion, reply_to=answer)
        await api.replies(discussion, 2)
        api.world.say(layla, f"/ask {ASKED}", discussion, reply_to=other)
        await api.replies(discussion, 3)
        api.world.say(layla, f"/ask {ASKED}", discussion)
        messages = await api.replies(discussion, 4)
    threads = [message.get("message_thread_id") for message in messages]
    assert threads[:3] == [one["message_id"], one["message_id"], other["message_id"]]
    keys = [question.conversation for question in core.asker.asked]
    assert keys == [
        f"telegram:{discussion.id}:{thread}:501"
        for thread in (one["message_id"], one["message_id"], other["message_id"], 0)
    ], "each post has a conversation of its own, and the group another"


async def test_comments_are_known_as_such_after_a_restart(
    api: BotApi, layla: User, discussion: Chat, channel: Chat
) -> None:
    core = scripted({ASKED: ANSWER, "وكم كتابًا فيها؟": ANSWER})
    news = post(api, channel, "خبر")
    async with running(api, core, allowed_chats={discussion.id}):
        api.world.say(layla, f"/ask {ASKED}", discussion, reply_to=news)
        [answer] = await api.replies(discussion)
    Conversations(core.state).add(core.asker.asked[0].conversation or "", ANSWER)
    async with running(api, core, allowed_chats={discussion.id}):
        # Telegram says of this reply which thread it is in, but not that the thread is a post's.
        api.world.say(layla, "وكم كتابًا فيها؟", discussion, reply_to=answer)
        await api.replies(discussion, 2)
    assert len({question.conversation for question in core.asker.asked}) == 1


async def test_a_bare_mention_under_a_post_does_not_ask_the_post(
    api: BotApi, layla: User, discussion: Chat, channel: Chat
) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={discussion.id}) as core:
        api.world.say(layla, "@musnad_test_bot", discussion, reply_to=post(api, channel, ASKED))
        [usage] = await api.replies(discussion)
    assert "/ask" in usage["text"]
    assert core.asker.asked == []


async def test_the_linked_channel_may_ask_by_hand(api: BotApi, discussion: Chat, channel: Chat) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={discussion.id}) as core:
        api.world.say(None, f"/ask {ASKED}", discussion, as_channel=channel)
        await api.replies(discussion)
    assert core.asker.asked[0].conversation == f"telegram:{discussion.id}:0:{channel.id}"


# Coming and going


def of_privacy(messages: list[Json]) -> list[str]:
    return [unmarked(message["text"]) for message in messages if "وضع الخصوصية" in message["text"]]


async def test_added_to_a_group_it_greets_and_explains_privacy_once_in_private(
    api: BotApi, layla: User
) -> None:
    group = api.world.group("غرفة الأخبار", bot="left")
    api.world.chats[layla.id].started = True
    async with running(api, scripted({}), allowed_users={501}, allowed_chats={group.id}) as core:
        api.world.add_bot(group, layla)
        [hello] = await api.replies(group)
        [privacy] = await api.replies(layla)
        api.world.remove_bot(group, layla)
        api.world.add_bot(group, layla)
        await api.replies(group, 2)
        await worked(api, core)
    assert "/ask" in hello["text"]
    assert "«غرفة الأخبار»" in unmarked(privacy["text"])
    assert "@BotFather" in unmarked(privacy["text"])
    assert of_privacy(api.world.in_chat(group)) == []
    assert len(api.world.in_chat(layla)) == 1, "it is told once"


async def test_who_adds_it_again_and_again_does_not_fill_the_group(api: BotApi, layla: User) -> None:
    group = api.world.group("غرفة", bot="left")
    async with running(api, scripted({}), allowed_users={501}, allowed_chats={group.id}) as core:
        for _ in range(30):
            api.world.add_bot(group, layla)
            api.world.remove_bot(group, layla)
        api.world.add_bot(group, layla)
        await worked(api, core)
    assert len(api.world.in_chat(group)) <= 4, "three greetings, and privacy mode explained once"


@pytest.mark.parametrize("who", ["anonymous", "never wrote to the bot", "may not ask in private"])
async def test_who_cannot_be_told_in_private_is_told_in_the_group(api: BotApi, layla: User, who: str) -> None:
    group = api.world.group("غرفة الأخبار", bot="left")
    api.world.chats[layla.id].started = who != "never wrote to the bot"
    users = set() if who == "may not ask in private" else {501}
    async with running(api, scripted({}), allowed_users=users, allowed_chats={group.id}):
        api.world.add_bot(group, None if who == "anonymous" else layla)
        messages = await api.replies(group, 2)
    assert len(of_privacy(messages)) == 1
    assert api.world.in_chat(layla) == []


async def test_who_added_it_to_a_group_that_an_owner_lets_in_later_is_told_in_private(
    api: BotApi, layla: User
) -> None:
    owner, group = api.world.user(601, "المحرر"), api.world.group("غرفة الأخبار", bot="left")
    api.world.chats[owner.id].started = api.world.chats[layla.id].started = True
    async with running(api, scripted({}), owners={601}, allowed_users={501}):
        api.world.add_bot(group, layla)
        [request] = await api.replies(owner)
        api.world.press(owner, request, "اسمح")
        [privacy] = await api.replies(layla)
        await api.replies(group)
    assert "@BotFather" in unmarked(privacy["text"])
    assert of_privacy(api.world.in_chat(group)) == []


@pytest.mark.parametrize("way", ["allowed", "public", "decided"])
async def test_in_a_channel_nothing_is_said_and_who_added_it_is_told_what_works_there(
    api: BotApi, layla: User, way: str
) -> None:
    owner, channel = api.world.user(601, "المحرر"), api.world.channel("قناة الأخبار")
    api.world.chats[owner.id].started = api.world.chats[layla.id].started = True
    let_in = {"allowed": {"allowed_chats": {channel.id}}, "public": {"public": True}, "decided": {}}[way]
    core = scripted({})
    async with running(api, core, owners={601}, allowed_users={501}, **let_in):  # type: ignore[arg-type]
        api.world.add_bot(channel, layla, "administrator")
        if way == "decided":
            [request] = await api.replies(owner)
            api.world.press(owner, request, "اسمح")
        [told] = await api.replies(layla)
        api.world.remove_bot(channel, layla)
        api.world.add_bot(channel, layla, "administrator")
        await worked(api, core)
    assert "«\u2068قناة الأخبار\u2069»" in told["text"]
    assert "@musnad_test_bot" in unmarked(told["text"])
    assert api.world.in_chat(channel) == []
    assert len(api.world.in_chat(layla)) == 1, "it is told once"


async def test_in_a_channel_nothing_is_said_when_nobody_can_be_told(api: BotApi, layla: User) -> None:
    channel, core = api.world.channel("قناة الأخبار"), scripted({})
    async with running(api, core, allowed_users={501}, allowed_chats={channel.id}):
        api.world.add_bot(channel, layla, "administrator")
        api.world.post(channel, "خبر")
        await worked(api, core)
    assert api.world.in_chat(channel) == []
    assert api.world.in_chat(layla) == []


@pytest.mark.parametrize("why", ["administrator", "reads all"])
async def test_privacy_mode_is_not_explained_where_it_hides_nothing(
    api: BotApi, layla: User, why: str
) -> None:
    group = api.world.group("غرفة الأخبار", bot="left")
    async with running(api, scripted({}), allowed_chats={group.id}) as core:
        # As when its owner turns privacy mode off while the bot runs.
        api.world.bot["can_read_all_group_messages"] = why == "reads all"
        api.world.add_bot(group, layla, "administrator" if why == "administrator" else "member")
        await api.replies(group)
        await worked(api, core)
    assert of_privacy(api.world.in_chat(group)) == []
    assert len(api.world.in_chat(group)) == 1


async def test_in_a_group_that_is_not_let_in_it_says_nothing(api: BotApi, layla: User) -> None:
    group = api.world.group("غرفة", bot="left")
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        api.world.add_bot(group, layla)
        api.world.say(layla, f"/ask {ASKED}", group)
        await worked(api, core)
    assert api.world.in_chat(group) == []


async def test_made_an_administrator_or_a_member_it_does_not_greet_again(
    api: BotApi, layla: User, group: Chat
) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={group.id}) as core:
        api.world.promote_bot(group, layla)
        api.world.promote_bot(group, layla, "member")
        api.world.say(layla, f"/ask {ASKED}", group)
        await api.replies(group)
        await worked(api, core)
    assert len(api.world.in_chat(group)) == 1


# Migration


@pytest.fixture
def basic(api: BotApi) -> Chat:
    return api.world.group("غرفة الأخبار", basic=True)


def told_of_it(api: BotApi, old: Chat, new: Chat, side: str) -> None:
    """One of the two messages in which Telegram says it."""
    moved = {"migrate_to_chat_id": new.id} if side == "old" else {"migrate_from_chat_id": old.id}
    where, number = (old, 9001) if side == "old" else (new, 9002)
    body = {"message_id": number, "date": api.world.now(), "chat": where.json(), "from": ANONYMOUS, **moved}
    api.world.push("message", body)


def replacement(api: BotApi, old: Chat) -> Chat:
    """The supergroup that takes a group's place, of which the bot is still to learn."""
    waiting = list(api.world.updates)
    new = api.world.migrate(old)
    api.world.updates[:] = waiting
    return new


@pytest.mark.parametrize("sides", [("old", "new"), ("new", "old"), ("old",), ("new",), ("new", "new")])
async def test_a_group_that_becomes_a_supergroup_keeps_what_it_has(
    api: BotApi, layla: User, basic: Chat, sides: tuple[str, ...]
) -> None:
    core = scripted({ASKED: ANSWER})
    Chats(core.state).change(basic.id, language="en")
    AccessStore(core.state).ask(Party("chat", basic.id, "غرفة الأخبار"), "ar", 1)
    with core.state.writing() as db:
        db.execute("insert into notified (key, at) values (?, '2026-01-01')", [f"privacy:{basic.id}"])
    async with running(api, core, allowed_chats={basic.id}):
        api.world.say(layla, f"/ask {ASKED}", basic)
        api.world.say(None, f"/ask {ASKED}", basic)
        await api.replies(basic, 2)
        for question in core.asker.asked:
            Conversations(core.state).add(question.conversation or "", ANSWER, "its message's number")
        new = replacement(api, basic)
        for side in sides:
            told_of_it(api, basic, new, side)
            await api.settled()
        api.world.say(layla, "/help", new)
        [help] = await api.replies(new)
    assert help["text"].startswith("How to ask"), "the language that was set"
    conversations = {row["conversation"] for row in core.state.rows("select conversation from turns")}
    assert conversations == {f"telegram:{new.id}:0:501", f"telegram:{new.id}:0:{new.id}"}
    assert core.state.rows("select distinct chat from answers") == [{"chat": new.id}]
    assert core.state.rows("select distinct chat from chats") == [{"chat": new.id}]
    assert core.state.rows("select id from pairings") == [{"id": new.id}], "who asked to be let in still does"
    assert core.state.rows("select key from notified") == [{"key": f"privacy:{new.id}"}], "what was said once"
    names = core.state.rows("select distinct name from turns")
    assert names == [{"name": None}], "a message of the old group has no number in the new one"
    async with running(api, core, allowed_chats={basic.id}):
        api.world.say(layla, f"/ask {ASKED}", new)
        await api.replies(new, 2)
    assert core.asker.asked[-1].conversation == f"telegram:{new.id}:0:501"


async def test_an_answer_is_sent_where_the_group_has_gone_meanwhile(
    api: BotApi, layla: User, basic: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    gone: list[Chat] = []

    def meanwhile(question: object) -> Answer:
        gone.append(replacement(api, basic))
        return ANSWER

    core = scripted({ASKED: meanwhile})
    Chats(core.state).change(basic.id, language="en")
    async with running(api, core, allowed_chats={basic.id}):
        api.world.say(layla, f"/ask {ASKED}", basic)
        await api.wait_for(lambda: bool(gone))
        [answer] = await api.replies(gone[0])
        api.world.say(layla, "/help", gone[0])
        help = (await api.replies(gone[0], 2))[1]
    assert answer["text"].splitlines()[0] == FIRST_LINE
    assert "reply_to_message" not in answer, "the question has no number there"
    assert help["text"].startswith("How to ask"), "let in, and in the language that was set"
    assert f"write {gone[0].id} in MUSNAD_ALLOWED_CHATS" in caplog.text


async def test_what_is_answered_while_the_group_moves_goes_along(
    api: BotApi, layla: User, basic: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, moved = threading.Event(), threading.Event()
    move = Migration._move

    def moving(self: Migration, old: int, new: int) -> None:
        move(self, old, new)
        moved.set()

    def slowly(question: Question) -> Answer:
        begun.set()
        assert moved.wait(10)
        Conversations(core.state).add(question.conversation or "", ANSWER)
        return ANSWER

    monkeypatch.setattr(Migration, "_move", moving)
    core = scripted({ASKED: slowly})
    async with running(api, core, allowed_chats={basic.id}):
        api.world.say(layla, f"/ask {ASKED}", basic)
        assert await asyncio.to_thread(begun.wait, 5)
        new = replacement(api, basic)
        told_of_it(api, basic, new, "new")
        [answer] = await api.replies(new)
        pressed = api.world.press(layla, answer, "👍")
        assert (await api.answer_to(pressed))["text"] == "شكرًا على رأيك"
    assert core.state.rows("select conversation from turns") == [{"conversation": f"telegram:{new.id}:0:501"}]


async def test_whom_an_owner_let_in_stays_in_under_the_new_number(
    api: BotApi, layla: User, basic: Chat
) -> None:
    core = scripted({ASKED: ANSWER})
    AccessStore(core.state).set(Party("chat", basic.id, "غرفة الأخبار"), "allowed", 900)
    async with running(api, core, owners={900}):
        new = api.world.migrate(basic, layla)
        api.world.say(layla, f"/ask {ASKED}", new)
        await api.replies(new)
    assert [(entry.party.id, entry.party.name) for entry in AccessStore(core.state).entries()] == [
        (new.id, "غرفة الأخبار")
    ]


async def test_what_waited_in_a_group_that_moved_is_answered_there_by_the_next_start(
    api: BotApi, layla: User, basic: Chat
) -> None:
    replies: dict[str, Reply] = {ASKED: IndexUnreachableError("away")}
    core = scripted(replies)
    AccessStore(core.state).set(Party("chat", basic.id, "غرفة الأخبار"), "allowed", 900)
    Chats(core.state).change(basic.id, language="en")
    async with running(api, core, owners={900}):
        api.world.say(layla, f"/ask {ASKED}", basic)
        await api.replies(basic)
        new = api.world.migrate(basic, layla)
        await api.settled()
    replies[ASKED] = ANSWER
    async with running(api, core, owners={900}):
        [answer] = await api.replies(new)
    assert answer["text"].splitlines()[0] == FIRST_LINE
    assert "Source" in unmarked(answer["text"]), "in the language that was set"
    assert "reply_to_message" not in answer, "the question has no number there"
    assert core.state.rows("select distinct chat from answers") == [{"chat": new.id}]


async def test_a_button_of_the_old_group_changes_no_message_of_the_new_one(
    api: BotApi, layla: User, basic: Chat
) -> None:
    api.world.join(basic, layla, "creator")
    async with running(api, scripted({ASKED: ANSWER}), allowed_chats={basic.id}) as core:
        api.world.say(layla, "/settings", basic)
        [menu] = await api.replies(basic)
        new = api.world.migrate(basic, layla)
        api.world.say(layla, f"/ask {ASKED}", new)
        [answer] = await api.replies(new)
        answer["message_id"], number = menu["message_id"], answer["message_id"]
        new.messages[menu["message_id"]] = new.sent[menu["message_id"]] = answer
        del new.messages[number], new.sent[number]
        await api.answer_to(api.world.press(layla, menu, "اللغة"))
        await worked(api, core)
    assert api.world.edits == []


async def test_a_group_that_is_not_let_in_is_none_the_more_as_a_supergroup(
    api: BotApi, layla: User, basic: Chat
) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        new = api.world.migrate(basic, layla)
        api.world.say(layla, f"/ask {ASKED}", new)
        await worked(api, core)
    assert core.asker.asked == []
    assert api.world.in_chat(new) == []
