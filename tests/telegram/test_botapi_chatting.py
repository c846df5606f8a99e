"""Chatting with the bot by lines, and the page that shows the chat; the bot's side is played by plain calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.botapi import BotApi
from tests.botapi.chats import Json
from tests.botapi.chatting import Chatting
from tests.botapi.page import chat_page
from tests.botapi.raw import Caller

KEYBOARD: Json = {
    "inline_keyboard": [
        [{"text": "المصادر (٢)", "callback_data": "s:1"}, {"text": "انسخ", "copy_text": {"text": "نص يُنسخ"}}],
        [{"text": "شارك", "switch_inline_query": "مكتبة"}, {"text": "المقال", "url": "https://x.example/1"}],
    ]
}


@pytest.fixture
def chatting(api: BotApi) -> Chatting:
    return Chatting(api)


def last(api: BotApi) -> Json:
    """The last update: its payload."""
    payload: Json = list(api.world.updates[-1].values())[1]
    return payload


async def test_odd_names_updates_and_presses_can_be_typed(
    call: Caller, api: BotApi, chatting: Chatting, capsys: pytest.CaptureFixture[str]
) -> None:
    await chatting.do(':name "\\u202eليلى"')
    await chatting.do("مرحبًا")
    assert last(api)["from"]["first_name"] == last(api)["chat"]["first_name"] == "\u202eليلى"
    await chatting.do(":unreadable كلام")
    assert (last(api)["date"], last(api)["text"]) == ("yesterday", "كلام")
    await chatting.do(':update a_kind_of_tomorrow {"id": 1}')
    assert last(api) == {"id": 1}
    await chatting.do(":forge s:1")
    assert "the bot has written nothing here" in capsys.readouterr().out
    await call.result("sendMessage", chat_id=501, text="الأحد")
    await chatting.do(":forge s:1")
    assert last(api)["data"] == "s:1"


async def test_buttons_are_shown_and_pressed(
    api: BotApi, call: Caller, chatting: Chatting, capsys: pytest.CaptureFixture[str]
) -> None:
    await chatting.do("متى افتتحت؟")
    asked = last(api)
    await call.result("setMessageReaction", chat_id=501, message_id=asked["message_id"], reaction=[
        {"type": "emoji", "emoji": "👀"}
    ])  # fmt: skip
    await call.result("sendMessageDraft", chat_id=501, draft_id=1, text="أبحث")
    sent = await call.result("sendMessage", chat_id=501, text="الأحد", reply_markup=KEYBOARD)
    await chatting.do(":wait 1")
    chatting.show_new()
    shown = capsys.readouterr().out
    assert "── مُسنَد\nالأحد\n  [المصادر (٢)] [انسخ ⧉ نص يُنسخ]" in shown
    assert "[المقال ↗ https://x.example/1]" in shown
    assert "👀 ← متى افتتحت؟" in shown
    assert "✎ أبحث" in shown

    await chatting.do(":press المصادر")
    query = last(api)
    assert query["data"] == "s:1"
    await call.result("answerCallbackQuery", callback_query_id=query["id"], text="هذه هي")
    await call.result("editMessageText", chat_id=501, message_id=sent["message_id"], text="المصادر")
    chatting.show_new()
    shown = capsys.readouterr().out
    assert "🔔 هذه هي" in shown
    assert "── مُسنَد · edited\nالمصادر" in shown
    await chatting.do(":press انسخ")
    assert "cannot: no button 'انسخ' here" in capsys.readouterr().out


async def test_buttons_that_tell_the_bot_nothing(
    api: BotApi, call: Caller, chatting: Chatting, capsys: pytest.CaptureFixture[str]
) -> None:
    await chatting.do(":start q_1")
    assert last(api)["text"] == "/start q_1"
    await call.result("sendMessage", chat_id=501, text="x", reply_markup=KEYBOARD)
    await chatting.do(":press انسخ")
    await chatting.do(":press المقال")
    assert capsys.readouterr().out == "copied: نص يُنسخ\nopens https://x.example/1\n"
    await chatting.do(":press شارك")
    assert last(api)["query"] == "مكتبة"


async def test_inline_results_are_numbered_paged_and_sent(
    api: BotApi, call: Caller, chatting: Chatting, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def results(first: int) -> list[Json]:
        return [
            {
                "type": "article", "id": str(number), "title": f"عنوان {number}", "description": "صحيفة · أمس",
                "input_message_content": {"message_text": f"نص {number}"},
            }
            for number in range(first, first + 2)
        ]  # fmt: skip

    await chatting.do(":inline مكتبة السهل")
    await call.result(
        "answerInlineQuery", inline_query_id=last(api)["id"], results=results(1), next_offset="2"
    )
    chatting.show_new()
    shown = capsys.readouterr().out
    assert "  2. عنوان 2\n     صحيفة · أمس\n  … :more (offset 2)" in shown
    page = tmp_path / "page.html"
    await chatting.do(f":page {page} inline")
    assert "<b>عنوان 2</b><span>صحيفة · أمس</span>" in page.read_text(encoding="utf-8")
    await chatting.do(":inline مكتبة السهل 2")
    assert (last(api)["query"], last(api)["offset"]) == ("مكتبة السهل", "2")
    await call.result("answerInlineQuery", inline_query_id=last(api)["id"], results=results(3))
    await chatting.do(":choose 2")
    assert last(api)["result_id"] == "4"
    assert api.world.latest(chatting.chat)["text"] == "نص 4"
    await chatting.do(":choose 3")
    assert "cannot: there are 2 results" in capsys.readouterr().out


async def test_what_else_one_can_do(
    api: BotApi, call: Caller, chatting: Chatting, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "خبر.txt").write_text("نص", encoding="utf-8")
    await chatting.do("سؤال")
    await chatting.do(":edit سؤال أوضح")
    assert (last(api)["text"], "edit_date" in last(api)) == ("سؤال أوضح", True)
    await chatting.do(f":file {tmp_path}/خبر.txt أضف هذا")
    assert (last(api)["document"]["file_name"], last(api)["caption"]) == ("خبر.txt", "أضف هذا")
    await chatting.do(":forward أخبار خبر عاجل")
    assert last(api)["forward_origin"]["chat"]["title"] == "أخبار"
    await call.result("sendMessage", chat_id=501, text="افتتحت المكتبة")
    await chatting.do(":quote المكتبة")
    await chatting.do("متى؟")
    assert last(api)["quote"]["text"] == "المكتبة"
    await chatting.do(":block")
    assert last(api)["new_chat_member"]["status"] == "kicked"
    await chatting.do(":unblock")
    await chatting.do(":basic غرفة")
    await chatting.do(":migrate")
    assert "migrate_from_chat_id" in last(api)
    await chatting.do(":remove")
    await chatting.do(":guest متى؟")
    assert last(api)["guest_query_id"]
    await chatting.do(":add")
    await chatting.do(":promote")
    assert chatting.chat.bot == "administrator"
    capsys.readouterr()
    for line in (":topic", ":edit x", ":file /nowhere", ":reply", ":fail sendMessage", ":hang x", ":as x"):
        await chatting.do(":private")
        chatting.mine = None
        await chatting.do(line)
    assert "Traceback" not in capsys.readouterr().out


async def test_faults_and_the_network(api: BotApi, call: Caller, chatting: Chatting) -> None:
    await chatting.do(":start")
    await chatting.do(":fail sendMessage 429 3")
    assert (await call("sendMessage", chat_id=501, text="x"))[0] == 429
    await chatting.do(":drop sendMessage")
    assert await chatting.do(":down")
    assert await chatting.do(":up")
    assert (await call("getMe"))[0] == 200
    assert not await chatting.do(":quit")


async def test_page_shows_what_a_reader_sees(api: BotApi, call: Caller, chatting: Chatting) -> None:
    world = api.world
    await chatting.do("متى <افتتحت>؟")
    asked = world.latest(chatting.chat)
    await call.result("setMessageReaction", chat_id=501, message_id=asked["message_id"], reaction=[
        {"type": "emoji", "emoji": "👀"}
    ])  # fmt: skip
    sent = await call.result("sendMessage", chat_id=501, text="x", reply_markup=KEYBOARD)
    await call.result(
        "editMessageText", chat_id=501, message_id=sent["message_id"], text="الأحد", reply_markup=KEYBOARD
    )
    pressed = world.press(world.users[501], sent, "المصادر")
    await call.result("answerCallbackQuery", callback_query_id=pressed, text="هذه هي")
    page = chat_page(world, chatting.chat)
    assert '<div class="message mine"><div class="bubble"><div class="name">ليلى</div>' in page
    assert "متى &lt;افتتحت&gt;؟" in page
    assert '<span class="reaction">👀</span>' in page
    assert page.count('<div class="row">') == 2
    assert page.count('<span class="button">') == 4
    assert "<i>عُدّلت</i>" in page
    assert '<div class="toast">هذه هي</div>' in page
    await call.result("sendMessageDraft", chat_id=501, draft_id=1, text="أبحث")
    assert 'class="message draft"' in chat_page(world, chatting.chat)
    await call.result("sendMessage", chat_id=501, text="وجدت")
    assert 'class="message draft"' not in chat_page(world, chatting.chat), "the answer takes its place"


async def test_page_of_a_forum_goes_topic_by_topic(api: BotApi, chatting: Chatting) -> None:
    for line in (":forum منتدى", ":topic أخبار", "أول", ":topic رياضة", "ثان", ":topic أخبار", "ثالث"):
        await chatting.do(line)
    page = chat_page(api.world, chatting.chat)
    contexts = [page.index(words) for words in ("<h2>أخبار", "أول", "ثالث", "<h2>رياضة", "ثان<")]
    assert contexts == sorted(contexts)
    assert '<div class="service">أُنشئ الموضوع «أخبار»</div>' in page
