"""What the tests' Bot API server refuses, and with which words: those of Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from tests.botapi import BotApi, Chat, User
from tests.botapi.chats import Json
from tests.botapi.markup import MOST_BUTTONS
from tests.botapi.raw import Caller
from tests.botapi.state import USUAL_KINDS

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


@pytest.fixture
def layla(api: BotApi) -> User:
    layla = api.world.user(501, "ليلى")
    api.world.start(layla)
    return layla


@pytest.fixture
def group(api: BotApi) -> Chat:
    return api.world.group("غرفة")


def keyboard(*buttons: Json) -> Json:
    return {"inline_keyboard": [[button] for button in buttons]}


OK = keyboard({"text": "نعم", "callback_data": "y"})


@pytest.mark.parametrize(
    ("button", "refused"),
    [
        ({"text": "x", "callback_data": "ن" * 32}, None),
        ({"text": "x", "callback_data": "ن" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "", "callback_data": "x"}, "text is empty"),
        ({"callback_data": "x"}, 'Can\'t find field "text"'),
        ({"text": 1, "callback_data": "x"}, 'Field "text" must be of type String'),
        ({"text": "x", "callback_data": "x", "url": "https://x.example"}, "exactly one"),
        ({"text": "x", "url": "https://x.example/?a=1"}, None),
        ({"text": "x", "url": "tg://user?id=1"}, None),
        ({"text": "x", "url": "nowhere"}, "URL 'nowhere' is invalid: Wrong HTTP URL"),
        ({"text": "x", "url": "ftp://x.example"}, "Unsupported URL protocol"),
        ({"text": "x", "copy_text": {"text": "ن" * 256}}, None),
        ({"text": "x", "copy_text": {"text": "ن" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "switch_inline_query": ""}, None),
        ({"text": "x", "switch_inline_query_current_chat": "q"}, None),
        ({"text": "x", "switch_inline_query_chosen_chat": {"allow_group_chats": True}}, None),
        ({"text": "x", "switch_inline_query_chosen_chat": {"query": "q"}}, "at least one chat type"),
    ],
)
async def test_buttons(call: Caller, layla: User, button: Json, refused: str | None) -> None:
    status, found = await call("sendMessage", chat_id=501, text="x", reply_markup=keyboard(button))
    if refused is None:
        assert found["reply_markup"] == keyboard(button)
    else:
        assert (status, refused in found) == (400, True), found


async def test_number_of_buttons(call: Caller, layla: User) -> None:
    button = {"text": "x", "callback_data": "x"}
    await call.result("sendMessage", chat_id=501, text="x", reply_markup=keyboard(*[button] * MOST_BUTTONS))
    too_many = keyboard(*[button] * (MOST_BUTTONS + 1))
    assert await call.refused("sendMessage", chat_id=501, text="x", reply_markup=too_many) == (
        "REPLY_MARKUP_TOO_LONG"
    )


async def test_editing(api: BotApi, call: Caller, layla: User) -> None:
    asked = api.world.say(layla, "سؤال")
    sent = await call.result(
        "sendMessage", chat_id=501, text="<b>جواب</b>", parse_mode="HTML", reply_markup=OK
    )
    at: Json = {"chat_id": 501, "message_id": sent["message_id"]}

    async def refused(**changes: Any) -> str:
        return await call.refused("editMessageText", **at | changes)

    assert await refused(text="<b>جواب</b>", parse_mode="HTML", reply_markup=OK) == NOT_MODIFIED
    assert await refused(text="") == "message text is empty"
    assert await refused(text="x" * 4097) == "message is too long"
    assert "can't parse entities" in await refused(text="<b>", parse_mode="HTML")
    assert await refused(message_id=asked["message_id"], text="x") == "message can't be edited"
    assert await refused(message_id=77, text="x") == "message to edit not found"
    assert await refused(message_id=None, text="x") == "message identifier is not specified"
    assert api.world.edits == []

    plain = await call.result("editMessageText", text="جواب", **at, reply_markup=OK)
    assert plain["text"] == "جواب"
    assert plain["edit_date"] >= sent["date"]
    assert "entities" not in plain, "the same letters without the bold ones are another text"
    assert "reply_markup" not in await call.result("editMessageText", text="جواب", **at)
    assert api.world.in_chat(layla) == [api.world.sent[0]]
    assert len(api.world.edits) == 2


async def test_editing_the_keyboard_alone(api: BotApi, call: Caller, layla: User) -> None:
    sent = await call.result("sendMessage", chat_id=501, text="x", reply_markup=OK)
    at = {"chat_id": 501, "message_id": sent["message_id"]}
    assert await call.refused("editMessageReplyMarkup", **at, reply_markup=OK) == NOT_MODIFIED
    changed = await call.result("editMessageReplyMarkup", **at)
    assert "reply_markup" not in changed
    assert "edit_date" not in changed, "readers are not told"
    assert await call.refused("editMessageReplyMarkup", **at) == NOT_MODIFIED


async def test_deleting(api: BotApi, call: Caller, layla: User, group: Chat) -> None:
    sent = await call.result("sendMessage", chat_id=501, text="x")
    at = {"chat_id": 501, "message_id": sent["message_id"]}
    assert await call.result("deleteMessage", **at)
    assert api.world.in_chat(layla) == []
    assert await call.refused("deleteMessage", **at) == "message to delete not found"
    assert await call.refused("editMessageText", **at, text="y") == "message to edit not found"
    theirs = api.world.say(layla, "/ask", group)
    at = {"chat_id": group.id, "message_id": theirs["message_id"]}
    assert await call.refused("deleteMessage", **at) == "message can't be deleted"
    api.world.promote_bot(group, layla)
    assert await call.result("deleteMessage", **at)
    old = await call.result("sendMessage", chat_id=501, text="x")
    api.world.advance(49 * 3600)
    assert "can't be deleted" in await call.refused(
        "deleteMessage", chat_id=501, message_id=old["message_id"]
    )


async def test_quote_of_a_reply_stands_in_the_message(api: BotApi, call: Caller, layla: User) -> None:
    asked = api.world.say(layla, "😀 متى افتتحت المكتبة؟")
    reply = {"message_id": asked["message_id"], "quote": "افتتحت المكتبة"}
    sent = await call.result("sendMessage", chat_id=501, text="x", reply_parameters=reply)
    assert sent["quote"] == {"text": "افتتحت المكتبة", "position": 7}
    for wrong in ("افتتحت مكتبة", "<b>افتتحت"):
        given = reply | {"quote": wrong}
        assert await call.refused("sendMessage", chat_id=501, text="x", reply_parameters=given) == (
            "QUOTE_TEXT_INVALID"
        )
    given = reply | {"quote": "<b>افتتحت</b>", "quote_parse_mode": "HTML"}
    sent = await call.result("sendMessage", chat_id=501, text="x", reply_parameters=given)
    assert sent["quote"]["entities"] == [{"type": "bold", "offset": 0, "length": 6}]


@pytest.mark.parametrize(
    ("entity", "refused"),
    [
        ({"type": "bold", "offset": 0, "length": 5}, None),
        ({"type": "bold", "offset": 0, "length": 6}, "ends after the end of the text at UTF-16 offset 6"),
        ({"type": "bold", "offset": 6, "length": 1}, "begins after the end of the text at UTF-16 offset 6"),
        ({"type": "bold", "offset": -1, "length": 1}, "receive an entity with incorrect offset -1"),
        ({"type": "fat", "offset": 0, "length": 1}, "can't parse MessageEntity: Unsupported type specified"),
    ],
)
async def test_entities_beside_the_text(call: Caller, layla: User, entity: Json, refused: str | None) -> None:
    status, found = await call("sendMessage", chat_id=501, text="hello", entities=[entity])
    if refused is None:
        assert found["entities"] == [entity]
    else:
        assert (status, refused in found) == (400, True), found


async def test_button_presses_are_answered_once_and_in_time(api: BotApi, call: Caller, layla: User) -> None:
    sent = await call.result("sendMessage", chat_id=501, text="x", reply_markup=OK)
    pressed = api.world.press(layla, sent, "نعم")
    query = api.world.updates[-1]["callback_query"]
    assert (query["id"], query["data"], query["message"]["text"]) == (pressed, "y", "x")

    async def refused(**given: Any) -> str:
        return await call.refused("answerCallbackQuery", **given)

    assert await refused(callback_query_id="7") == TOO_OLD
    assert await refused(callback_query_id=pressed, text="ن" * 201) == "MESSAGE_TOO_LONG"
    assert await refused(callback_query_id=pressed, url="https://x.example") == "URL_INVALID"
    await call.result("answerCallbackQuery", callback_query_id=pressed, text="ن" * 200, show_alert=True)
    assert await api.answer_to(pressed) == {"text": "ن" * 200, "show_alert": True}
    assert await refused(callback_query_id=pressed) == TOO_OLD
    late = api.world.press(layla, sent, "y")
    api.world.advance(api.world.callback_seconds + 1)
    assert await refused(callback_query_id=late) == TOO_OLD


async def test_keyboards_of_inline_messages(api: BotApi, call: Caller, layla: User) -> None:
    elsewhere = api.world.group("بعيد", bot="left")
    query = api.world.inline(layla, "مكتبة")
    await call.result("answerInlineQuery", inline_query_id=query, results=[article(reply_markup=OK)])
    stored = api.world.choose(layla, query, "1", elsewhere)
    assert "message" not in api.world.updates[-1], "the bot is not there"
    number = api.world.updates[-1]["chosen_inline_result"]["inline_message_id"]
    api.world.press(layla, stored, "نعم")
    pressed = api.world.updates[-1]["callback_query"]
    assert pressed["inline_message_id"] == number
    assert "message" not in pressed
    assert await call.result("editMessageText", inline_message_id=number, text="صفحة ٢") is True
    assert stored["text"] == "صفحة ٢"
    assert await call.refused("editMessageReplyMarkup", inline_message_id=number) == NOT_MODIFIED
    assert await call.refused("editMessageText", inline_message_id="7", text="x") == "MESSAGE_ID_INVALID"


def article(number: str = "1", text: str = "نص", **more: Any) -> Json:
    content = {"message_text": text}
    return {"type": "article", "id": number, "title": "عنوان", "input_message_content": content} | more


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ({"results": [article(str(number)) for number in range(50)]}, None),
        ({"results": [article(str(number)) for number in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("ن" * 33)]}, "RESULT_ID_INVALID"),
        ({"results": [article("")]}, "RESULT_ID_INVALID"),
        ({"results": [article(title="")]}, 'Can\'t find field "title"'),
        (
            {"results": [{"type": "article", "id": "1", "title": "x"}]},
            'Can\'t find field "input_message_content"',
        ),
        ({"results": [article(text="")]}, "message text is empty"),
        ({"results": [article(text="x" * 4097)]}, "message is too long"),
        (
            {"results": [article(input_message_content={"message_text": "<p>", "parse_mode": "HTML"})]},
            "can't parse entities",
        ),
        ({"results": [article(reply_markup=keyboard({"text": "x"}))]}, "Text buttons are unallowed"),
        ({"results": [], "next_offset": "x" * 64}, None),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "x" * 64, "start_parameter": "q_1-A"}}, None),
        ({"results": [], "button": {"text": "x" * 65, "start_parameter": "q"}}, "BUTTON_TEXT_INVALID"),
        ({"results": [], "button": {"text": "", "start_parameter": "q"}}, 'Can\'t find field "text"'),
        ({"results": [], "button": {"text": "x", "start_parameter": "سؤال"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "x", "start_parameter": "x" * 65}}, "START_PARAM_INVALID"),
    ],
)
async def test_inline_answers(
    api: BotApi, call: Caller, layla: User, answer: Json, refused: str | None
) -> None:
    query = api.world.inline(layla, "مكتبة")
    status, found = await call("answerInlineQuery", inline_query_id=query, **answer)
    if refused is None:
        assert api.world.inline_answers[query]["results"] == answer["results"]
    else:
        assert (status, refused in found) == (400, True), found
        assert query not in api.world.inline_answers


async def test_inline_queries_are_answered_once_and_in_time(api: BotApi, call: Caller, layla: User) -> None:
    query = api.world.inline(layla, "مكتبة", "20", "supergroup")
    assert api.world.updates[-1]["inline_query"] == {
        "id": query, "from": layla.json(), "query": "مكتبة", "offset": "20", "chat_type": "supergroup",
    }  # fmt: skip
    await call.result("answerInlineQuery", inline_query_id=query, results=[])
    assert await call.refused("answerInlineQuery", inline_query_id=query, results=[]) == TOO_OLD
    late = api.world.inline(layla, "جسر")
    api.world.advance(api.world.inline_seconds + 1)
    assert await call.refused("answerInlineQuery", inline_query_id=late, results=[]) == TOO_OLD


async def test_inline_answers_are_cached_for_all_unless_personal(
    api: BotApi, call: Caller, layla: User
) -> None:
    omar = api.world.user(504, "عمر")
    for personal, seconds, shared_with_omar in [(False, 300, True), (True, 300, False), (False, 0, False)]:
        text = f"سؤال {personal} {seconds}"
        query = api.world.inline(layla, text)
        await call.result(
            "answerInlineQuery", inline_query_id=query, results=[], is_personal=personal, cache_time=seconds
        )
        waiting = len(api.world.updates)
        again, his = api.world.inline(layla, text), api.world.inline(omar, text)
        assert (again in api.world.inline_answers) == (seconds > 0)
        assert (his in api.world.inline_answers) == shared_with_omar
        assert len(api.world.updates) - waiting == 2 - (seconds > 0) - shared_with_omar


async def test_guest_queries(api: BotApi, call: Caller, layla: User) -> None:
    elsewhere = api.world.group("بعيد", bot="left")
    query = api.world.guest(layla, elsewhere, "@musnad_test_bot متى؟")
    told = api.world.updates[-1]["guest_message"]
    assert (told["guest_query_id"], told["chat"]["id"]) == (query, elsewhere.id)
    assert "not a member" in await call.refused("sendMessage", chat_id=elsewhere.id, text="x")
    wrong = article(text="")
    assert "message text is empty" in await call.refused(
        "answerGuestQuery", guest_query_id=query, result=wrong
    )
    sent = await call.result("answerGuestQuery", guest_query_id=query, result=article())
    left = await api.answer_to(query)
    assert (left["text"], left["guest_bot_caller_user"]["id"]) == ("نص", 501)
    assert left["reply_to_message"]["message_id"] == told["message_id"]
    assert await call.refused("answerGuestQuery", guest_query_id=query, result=article()) == TOO_OLD
    assert await call.result("editMessageText", inline_message_id=sent["inline_message_id"], text="صفحة ٢")
    assert api.world.latest(elsewhere)["text"] == "صفحة ٢"


async def test_drafts(api: BotApi, call: Caller, layla: User, group: Chat) -> None:
    async def refused(**given: Any) -> str:
        return await call.refused("sendMessageDraft", **{"chat_id": 501, "draft_id": 1, "text": "x"} | given)

    assert await refused(chat_id=group.id) == "TEXTDRAFT_PEER_INVALID"
    assert await refused(draft_id=0) == "RANDOM_ID_INVALID"
    assert await refused(text="x" * 4097) == "message is too long"
    assert await call.result("sendMessageDraft", chat_id=501, draft_id=1, text="<b>ج</b>", parse_mode="HTML")
    assert await call.result("sendMessageDraft", chat_id=501, draft_id=1)
    assert [draft["text"] for draft in api.world.drafts] == ["ج", ""]
    assert api.world.sent == []


async def test_reactions(api: BotApi, call: Caller, layla: User) -> None:
    asked = api.world.say(layla, "سؤال")
    at: Json = {"chat_id": 501, "message_id": asked["message_id"]}
    eyes, house = ({"type": "emoji", "emoji": emoji} for emoji in ("👀", "🏠"))
    assert await call.refused("setMessageReaction", **at, reaction=[house]) == "REACTION_INVALID"
    heart = {"type": "emoji", "emoji": "❤"}
    assert await call.refused("setMessageReaction", **at, reaction=[eyes, heart]) == "REACTIONS_TOO_MANY"
    assert (
        await call.refused("setMessageReaction", chat_id=501, message_id=77, reaction=[eyes])
        == "message to react not found"
    )
    await call.result("setMessageReaction", **at, reaction=[eyes])
    assert api.world.reaction(asked) == ["👀"]
    await call.result("setMessageReaction", **at, reaction=[])
    assert api.world.reaction(asked) == []


async def test_files(api: BotApi, call: Caller, layla: User) -> None:
    api.world.send_file(layla, "../خبر.txt", "نص".encode(), "text/plain", caption="خبر")
    told = api.world.updates[-1]["message"]
    assert told["caption"] == "خبر"
    assert told["document"]["file_name"] == "../خبر.txt"
    file = await call.result("getFile", file_id=told["document"]["file_id"])
    assert await call.get(file["file_path"]) == (200, "نص".encode())
    assert (await call.get("documents/file_77"))[0] == 404
    big = api.world.send_file(layla, "x.pdf", b"x", "application/pdf", size=20 * 1024 * 1024 + 1)
    assert await call.refused("getFile", file_id=big["document"]["file_id"]) == "file is too big"
    assert "wrong file_id" in await call.refused("getFile", file_id="x")


async def test_documents_of_the_bot(api: BotApi, call: Caller, layla: User) -> None:
    status, body = await call.upload("sendDocument", "جواب.txt", "نص".encode(), chat_id="501", caption="ج")
    assert (status, body["result"]["caption"]) == (200, "ج")
    document = body["result"]["document"]
    assert (document["file_name"], api.world.files[document["file_id"]].data) == ("جواب.txt", "نص".encode())
    assert (await call.upload("sendDocument", "x.txt", b"", chat_id="501"))[0] == 400
    _, body = await call.upload("sendDocument", "x.txt", b"x", chat_id="501", caption="x" * 1025)
    assert body["description"] == "Bad Request: message caption is too long"
    again = await call.result("sendDocument", chat_id=501, document=document["file_id"])
    assert again["document"] == document


async def test_members(api: BotApi, call: Caller, layla: User, group: Chat) -> None:
    world = api.world
    omar, mary = world.user(504, "عمر"), world.user(505, "مريم")
    world.join(group, layla, "creator")
    world.join(group, omar, "administrator", anonymous=True)

    async def status(user: int) -> str:
        return str((await call.result("getChatMember", chat_id=group.id, user_id=user))["status"])

    assert await status(layla.id) == "creator"
    assert await status(mary.id) == "left"
    world.say(mary, "سلام", group)
    assert await status(mary.id) == "member"
    assert await status(world.bot["id"]) == "member"
    assert await call.refused("getChatMember", chat_id=group.id, user_id=777) == "PARTICIPANT_ID_INVALID"
    admins = await call.result("getChatAdministrators", chat_id=group.id)
    assert {(one["user"]["id"], one["is_anonymous"]) for one in admins} == {(501, False), (504, True)}
    assert "no administrators" in await call.refused("getChatAdministrators", chat_id=501)
    assert await call.result("getChatMemberCount", chat_id=group.id) == 4
    assert (await call.result("getChat", chat_id=group.id))["title"] == "غرفة"


async def test_leaving(api: BotApi, call: Caller, layla: User, group: Chat) -> None:
    assert await call.result("leaveChat", chat_id=group.id)
    status, description = await call("sendMessage", chat_id=group.id, text="x")
    assert (status, description) == (403, "Forbidden: bot is not a member of the supergroup chat")
    assert "can't be changed in private" in await call.refused("leaveChat", chat_id=501)


async def test_menus_by_scope(api: BotApi, call: Caller, layla: User, group: Chat) -> None:
    commands = [{"command": "ask", "description": "اسأل"}]
    scopes: list[Json] = [
        {"type": "all_private_chats"},
        {"type": "chat", "chat_id": group.id},
        {"type": "chat_member", "chat_id": group.id, "user_id": 501},
    ]
    for scope in scopes:
        await call.result("setMyCommands", commands=commands, scope=scope, language_code="ar")
    kept = {"all_private_chats", f"chat:{group.id}", f"chat_member:{group.id}:501"}
    assert set(api.world.commands) == {(scope, "ar") for scope in kept}
    await call.result("deleteMyCommands", scope=scopes[1], language_code="ar")
    assert await call.result("getMyCommands", scope=scopes[1], language_code="ar") == []

    async def refused(**given: Any) -> str:
        return await call.refused("setMyCommands", **{"commands": commands} | given)

    assert "chat_id is empty" in await refused(scope={"type": "chat"})
    assert await refused(scope={"type": "chat", "chat_id": 77}) == "chat not found"
    assert "user_id" in await refused(scope={"type": "chat_member", "chat_id": group.id})
    assert "unsupported type" in await refused(scope={"type": "everywhere"})
    assert await refused(language_code="ara") == "invalid language code specified"


@pytest.mark.parametrize(("name", "most"), [("Description", 512), ("ShortDescription", 120)])
async def test_descriptions(call: Caller, name: str, most: int) -> None:
    field = "description" if name == "Description" else "short_description"
    await call.result(f"setMy{name}", **{field: "ن" * most})
    await call.result(f"setMy{name}", **{field: "bot", "language_code": "en"})
    assert await call.result(f"getMy{name}", language_code="ar") == {field: "ن" * most}
    assert await call.result(f"getMy{name}", language_code="en") == {field: "bot"}
    assert "too long" in await call.refused(f"setMy{name}", **{field: "ن" * (most + 1)})


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"url": "http://bot.example/hook"}, "HTTPS URL must be provided"),
        ({"url": "https://bot.example:8080/hook"}, "only on ports 80, 88, 443 or 8443"),
        ({"url": "https://bot.example/hook", "secret_token": "a b"}, "unallowed characters"),
        ({"url": "https://bot.example/hook", "secret_token": "x" * 257}, "too long"),
    ],
)
async def test_addresses_for_webhooks(call: Caller, given: Json, refused: str) -> None:
    assert refused in await call.refused("setWebhook", **given)
    assert (await call.result("getWebhookInfo"))["url"] == ""


async def test_offsets(api: BotApi, call: Caller, layla: User) -> None:
    for number in range(5):
        api.world.say(layla, str(number))

    async def texts(**given: Any) -> list[str]:
        return [update["message"]["text"] for update in await call.result("getUpdates", **given)]

    assert await texts(limit=2) == ["/start", "0"]
    assert await texts(offset=-2) == ["3", "4"]
    assert await texts() == ["3", "4"], "what stood before is forgotten"
    assert await texts(limit=0) == ["3"]
    assert api.world.allowed == USUAL_KINDS


async def test_numbers_that_are_none(api: BotApi, call: Caller, layla: User) -> None:
    assert await call.result("getUpdates", offset="x", timeout="x", limit="x")
    assert "not specified" in await call.refused("editMessageText", chat_id=501, message_id="x", text="x")
    assert await call.refused("deleteMessage", chat_id=501, message_id=[]) == "message to delete not found"


async def test_channels_are_written_in_by_their_administrators(
    api: BotApi, call: Caller, layla: User
) -> None:
    channel = api.world.channel("قناة", username="qanat", bot="member")
    assert "need administrator rights" in await call.refused("sendMessage", chat_id=channel.id, text="x")
    api.world.promote_bot(channel, layla)
    sent = await call.result("sendMessage", chat_id="@Qanat", text="x")
    assert (sent["chat"]["id"], "from" in sent) == (channel.id, False)
    assert await call.result("editMessageText", chat_id=channel.id, message_id=sent["message_id"], text="y")
