"""What people do in the tests' Telegram, and what the bot is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Chat as BotChat
from telegram import ChatFullInfo, ChatMember, Message, Update

from tests.botapi import BotApi, User, World
from tests.botapi.chats import Json, WorldError
from tests.botapi.raw import Caller, caller


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def layla(world: World) -> User:
    return world.user(501, "ليلى")


@pytest.fixture
async def call(world: World) -> AsyncIterator[Caller]:
    async with BotApi(world) as api, caller(api) as call:
        yield call


def told(world: World) -> list[Update]:
    """The updates that wait, read as the bot's library reads them; nothing in them may be unknown to it."""
    found = []
    for raw in world.updates:
        update = Update.de_json(raw, None)
        assert not update.api_kwargs, update
        if isinstance(message := update.effective_message, Message):
            assert not message.api_kwargs, message
        found.append(update)
    return found


def test_quotes_of_messages_replied_to(world: World, layla: User) -> None:
    answer = world.send(world.say(layla, "سؤال")["chat"]["id"], "😀 افتتحت المكتبة", None)
    world.say(layla, "متى؟", reply_to=answer, quote="المكتبة")
    message = told(world)[-1].message
    assert message is not None
    assert message.quote is not None
    assert (message.quote.text, message.quote.position, message.quote.is_manual) == ("المكتبة", 10, True)
    assert message.reply_to_message is not None


def test_edits_carry_the_new_text_and_leave_what_waits_as_it_was(world: World, layla: User) -> None:
    asked = world.say(layla, "سؤال")
    world.advance(30)
    world.edit(layla, asked, "/ask سؤال أوضح")
    first, second = told(world)
    assert first.message is not None
    assert second.edited_message is not None
    assert (first.message.text, second.edited_message.text) == ("سؤال", "/ask سؤال أوضح")
    assert second.edited_message.edit_date is not None
    assert (second.edited_message.edit_date - second.edited_message.date).total_seconds() == 30
    assert second.edited_message.entities[0].type == "bot_command"


def test_clock_can_be_set(world: World, layla: User) -> None:
    world.clock = lambda: 1_770_000_000
    assert world.say(layla, "سؤال")["date"] == 1_770_000_000


def test_posts_appear_in_the_discussion_group(world: World, layla: User) -> None:
    channel, group = world.channel("قناة", username="qanat"), world.group("نقاش", privacy=False)
    world.link(channel, group)
    post = world.post(channel, "خبر اليوم")
    copy = told(world)[-1].message
    assert copy is not None
    assert copy.is_automatic_forward
    assert copy.sender_chat is not None
    assert (copy.sender_chat.id, copy.chat.id) == (channel.id, group.id)
    assert len(world.updates) == 1, "the bot is not in the channel"
    comment = world.say(layla, "متى؟", group, reply_to=world.latest(group))
    assert comment["message_thread_id"] == comment["reply_to_message"]["message_id"]
    as_channel = world.say(layla, "نحن", group, as_channel=channel)
    assert (as_channel["sender_chat"]["id"], as_channel["from"]["username"]) == (channel.id, "Channel_Bot")
    world.add_bot(channel, layla, "administrator")
    world.post(channel, "خبر آخر")
    kinds = [next(kind for kind in update if kind != "update_id") for update in world.updates[-3:]]
    assert kinds == ["my_chat_member", "channel_post", "message"]
    world.forward(layla, post)
    forwarded = told(world)[-1].message
    assert forwarded is not None
    assert forwarded.forward_origin is not None
    assert forwarded.forward_origin.to_dict()["chat"]["username"] == "qanat"
    assert (forwarded.text, forwarded.chat.type) == ("خبر اليوم", BotChat.PRIVATE)


def test_forwards_of_people_who_show_themselves_and_who_do_not(world: World, layla: User) -> None:
    omar = world.user(504, "عمر")
    said = world.say(omar, "سمعت خبرًا")
    world.forward(layla, said)
    world.forward(layla, said, hidden=True)
    shown, hidden = (update.message for update in told(world)[-2:])
    assert shown is not None
    assert hidden is not None
    assert shown.forward_origin is not None
    assert hidden.forward_origin is not None
    assert [shown.forward_origin.type, hidden.forward_origin.type] == ["user", "hidden_user"]


def test_anonymous_admins_write_as_the_group(world: World) -> None:
    group = world.group("غرفة")
    world.say(None, "/ask متى؟", group)
    message = told(world)[0].message
    assert message is not None
    assert message.sender_chat is not None
    assert message.sender_chat.id == group.id


def test_bot_comes_and_goes(world: World, layla: User) -> None:
    group = world.group("غرفة", bot="left")
    world.say(layla, "/ask متى؟", group)
    assert world.updates == []
    world.add_bot(group, layla)
    world.promote_bot(group, layla)
    world.remove_bot(group, layla)
    changes = [update.my_chat_member for update in told(world) if update.my_chat_member]
    statuses = [(one.old_chat_member.status, one.new_chat_member.status) for one in changes]
    assert statuses == [("left", "member"), ("member", "administrator"), ("administrator", "kicked")]
    assert "new_chat_members" in world.updates[1]["message"]
    world.say(layla, "/ask متى؟", group)
    assert len(world.updates) == 4


async def test_kicked_and_blocked(world: World, layla: User, call: Caller) -> None:
    group = world.group("غرفة")
    world.remove_bot(group, layla)
    assert await call("sendMessage", chat_id=group.id, text="x") == (
        403, "Forbidden: bot was kicked from the supergroup chat",
    )  # fmt: skip
    world.start(layla)
    world.block(layla)
    assert await call("sendMessage", chat_id=501, text="x") == (403, "Forbidden: bot was blocked by the user")
    world.unblock(layla)
    assert (await call("sendMessage", chat_id=501, text="x"))[0] == 200
    statuses = [
        update.my_chat_member.new_chat_member.status for update in told(world) if update.my_chat_member
    ]
    assert statuses == ["kicked", "kicked", "member"]


def test_administrators_are_told_of_other_members_when_they_ask(world: World, layla: User) -> None:
    group = world.group("غرفة")
    world.allow(["chat_member"])
    world.join(group, layla)
    assert world.updates == []
    world.promote_bot(group, layla)
    world.join(group, layla, "left")
    change = told(world)[-1].chat_member
    assert change is not None
    assert change.new_chat_member.status == "left"


async def test_groups_become_supergroups(world: World, layla: User, call: Caller) -> None:
    old = world.group("غرفة", basic=True)
    world.join(old, layla, "creator")
    assert (await call("sendMessage", chat_id=old.id, text="x"))[0] == 200
    new = world.migrate(old, layla)
    first, second = (update.message for update in told(world))
    assert first is not None
    assert second is not None
    assert (first.chat.id, first.migrate_to_chat_id) == (old.id, new.id)
    assert (second.chat.id, second.migrate_from_chat_id) == (new.id, old.id)
    status, body = await call.body("sendMessage", chat_id=old.id, text="x")
    assert (status, body["description"]) == (
        400, "Bad Request: group chat was upgraded to a supergroup chat",
    )  # fmt: skip
    assert body["parameters"] == {"migrate_to_chat_id": new.id}
    assert (await call.result("getChatMember", chat_id=new.id, user_id=501))["status"] == "creator"


def test_privacy_lets_through_commands_replies_and_what_was_sent_through_the_bot(
    world: World, layla: User
) -> None:
    group = world.group("غرفة")
    world.say(layla, "سؤال", group)
    world.say(layla, "@musnad_test_bot سؤال", group)
    world.say(layla, "/ask@another_bot سؤال", group)
    world.send_file(layla, "x.txt", b"x", "text/plain", chat=group)
    assert world.updates == []
    world.say(layla, "/ask سؤال", group)
    world.say(layla, "متى؟", group, reply_to=world.send(group.id, "جواب", None))
    world.send_file(layla, "x.txt", b"x", "text/plain", "/ask", group)
    assert len(told(world)) == 3
    world.promote_bot(group, layla)
    world.say(layla, "سؤال", group)
    assert world.updates[-1]["message"]["text"] == "سؤال"


def test_presses_are_on_the_buttons_that_stand_there(world: World, layla: User) -> None:
    world.start(layla)
    rows = [[{"text": "المصادر (٣)", "callback_data": "s"}, {"text": "انسخ", "copy_text": {"text": "x"}}]]
    sent = world.send(501, "جواب", None, markup={"inline_keyboard": rows})
    world.press(layla, sent, "المصادر")
    query = told(world)[-1].callback_query
    assert query is not None
    assert (query.data, isinstance(query.message, Message)) == ("s", True)
    with pytest.raises(LookupError, match="tells the bot nothing"):
        world.press(layla, sent, "انسخ")
    with pytest.raises(LookupError, match="no button 'شارك'"):
        world.press(layla, sent, "شارك")
    shown = dict(sent)
    world.change_keyboard(sent, None)
    with pytest.raises(LookupError):
        world.press(layla, shown, "المصادر")
    world.delete(sent)
    world.press(layla, shown, "المصادر")
    query = told(world)[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert not query.message.is_accessible, "what was deleted is told without its text"
    world.forge(layla, shown, "made up")
    assert world.updates[-1]["callback_query"]["data"] == "made up"


def test_a_chosen_result_is_sent_and_told(world: World, layla: User) -> None:
    group = world.group("غرفة")
    query = world.inline(layla, "مكتبة")
    content = {"message_text": "<b>نص</b>", "parse_mode": "HTML"}
    result = {"type": "article", "id": "q1", "title": "عنوان", "input_message_content": content}
    world.answer_inline(query, {"results": [result]})
    stored = world.choose(layla, query, "q1", group)
    assert (stored["text"], stored["via_bot"]["id"]) == ("نص", world.bot["id"])
    *_, message, chosen = told(world)
    assert message.message is not None
    assert message.message.via_bot is not None
    assert chosen.chosen_inline_result is not None
    assert chosen.chosen_inline_result.inline_message_id is None, "it is given only with a keyboard"
    with pytest.raises(WorldError):
        world.own(group.id, stored["message_id"])


def test_guests_and_starts(world: World, layla: User) -> None:
    world.start(layla, "q_x")
    elsewhere = world.group("بعيد", bot="left")
    world.guest(layla, elsewhere, "@musnad_test_bot متى؟")
    started, summoned = told(world)
    assert started.message is not None
    assert started.message.text == "/start q_x"
    assert summoned.guest_message is not None
    assert summoned.guest_message.guest_query_id


@pytest.mark.parametrize("role", ["creator", "administrator", "member", "restricted", "left", "kicked"])
def test_roles_as_the_bots_library_reads_them(world: World, layla: User, role: str) -> None:
    group = world.group("غرفة")
    group.roles[layla.id] = role  # type: ignore[assignment]
    found = ChatMember.de_json(world.member(group, layla.id), None)
    assert (found.status, dict(found.api_kwargs)) == (role, {})


async def test_chats_as_the_bots_library_reads_them(world: World, call: Caller) -> None:
    channel, group = world.channel("قناة"), world.group("نقاش", forum=True)
    world.link(channel, group)
    found = ChatFullInfo.de_json(await call.result("getChat", chat_id=group.id), None)
    assert (found.linked_chat_id, found.is_forum, dict(found.api_kwargs)) == (channel.id, True, {})


async def test_topics_close(world: World, layla: User, call: Caller) -> None:
    forum = world.group("منتدى", forum=True)
    topic = world.topic(forum, "أخبار")
    at: Json = {"chat_id": forum.id, "text": "x", "message_thread_id": topic}
    assert (await call("sendMessage", **at))[0] == 200
    forum.closed_topics.add(topic)
    assert await call.refused("sendMessage", **at) == "TOPIC_CLOSED"
    del forum.topics[topic]
    assert await call.refused("sendMessage", **at) == "message thread not found"


def test_deleted_messages_are_gone(world: World, layla: User) -> None:
    asked = world.say(layla, "سؤال")
    world.delete(asked)
    with pytest.raises(WorldError, match="message to be replied not found"):
        world.send(501, "x", None, reply={"message_id": asked["message_id"]})


def test_kinds_of_messages_without_text(world: World, layla: User) -> None:
    contact = {"phone_number": "1", "first_name": "x"}
    world.share(layla, {"contact": contact})
    message = told(world)[0].message
    assert message is not None
    assert message.contact is not None
