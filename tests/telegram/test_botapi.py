"""The tests' Bot API server is as strict as Telegram: what it lets through, Telegram would."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.botapi import BotApi, World
from tests.botapi.entities import EntityError, accept, parse_html
from tests.botapi.page import chat_page
from tests.botapi.raw import Caller


@pytest.mark.parametrize(
    "html",
    [
        "<b>x", "x</b>", "<b><i>x</b></i>", "<p>x</p>", "5 < 6",
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
        "<b", "<span>x</span>", "a <br> b", "<a href=x y<>z</a>",
    ],
)  # fmt: skip
def test_markup_telegram_does_not_take(html: str) -> None:
    with pytest.raises(EntityError, match="can't parse entities"):
        parse_html(html)


def test_markup_telegram_takes() -> None:
    text, entities = accept(
        "😀<b>غليظ <i>مائل</i></b> &lt;&amp;&#39;&nbsp;\n<blockquote expandable>اقتباس</blockquote>"
        ' <a href="https://x.example/?a=1&amp;b=2">رابط</a> <a href="nowhere">لا رابط</a>',
        "HTML",
    )
    assert text == "😀غليظ مائل <&'&nbsp;\nاقتباس رابط لا رابط"
    assert entities == [
        {"type": "bold", "offset": 2, "length": 9},
        {"type": "italic", "offset": 7, "length": 4},
        {"type": "expandable_blockquote", "offset": 22, "length": 6},
        {"type": "text_link", "offset": 29, "length": 4, "url": "https://x.example/?a=1&b=2"},
    ]


def test_text_is_trimmed_and_cleaned_as_telegram_does() -> None:
    assert accept("\n <b> x\r\u202ey </b>\n", "HTML") == ("xy", [{"type": "bold", "offset": 0, "length": 2}])


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", "empty"),
        ("<b> </b>", "non-empty"),
        ("ا" * 4096, None),
        ("😀" * 2048, None),
        ("😀" * 2049, "too long"),
    ],
)
def test_length_is_counted_in_utf16_units_after_parsing(text: str, refused: str | None) -> None:
    if refused is None:
        assert accept(f"<b>{text}</b>", "HTML")[0] == text
    else:
        with pytest.raises(EntityError, match=refused):
            accept(text, "HTML")


async def test_tokens_and_methods(api: BotApi, call: Caller) -> None:
    assert await call("getMe") == (200, api.world.bot)
    assert await call("getMe", token=api.token[:-1] + "X") == (401, "Unauthorized")
    assert (await call("getMe", token="1:short"))[0] == 404
    assert await call("sendPigeon") == (404, "Not Found: method not found")


async def test_messages_are_checked(api: BotApi, call: Caller) -> None:
    user = api.world.user(501, "ليلى")
    assert (await call("sendMessage", chat_id=501, text="x"))[0] == 403, "the user has not written yet"
    asked = api.world.say(user, "سؤال")
    group, forum = api.world.group("غرفة"), api.world.group("منتدى", forum=True)
    topic = api.world.topic(forum, "أخبار")
    button = [[{"text": "x", "callback_data": "ن" * 33}]]
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("chat not found", {"chat_id": 1, "text": "x"}),
        ("message text is empty", {"chat_id": 501, "text": ""}),
        ("message is too long", {"chat_id": 501, "text": "x" * 4097}),
        ("can't parse entities", {"chat_id": 501, "text": "<x>", "parse_mode": "HTML"}),
        ("to be replied not found", {"chat_id": 501, "text": "x", "reply_parameters": {"message_id": 77}}),
        ("thread not found", {"chat_id": group.id, "text": "x", "message_thread_id": 1}),
        ("thread not found", {"chat_id": forum.id, "text": "x", "message_thread_id": 77}),
        ("BUTTON_DATA_INVALID", {"chat_id": 501, "text": "x", "reply_markup": {"inline_keyboard": button}}),
    ]
    for expected, parameters in wrong:
        status, description = await call("sendMessage", **parameters)
        assert (status, expected in description) == (400, True), description
    assert api.world.sent == []
    reply = {"message_id": 77, "allow_sending_without_reply": True}
    assert (await call("sendMessage", chat_id=501, text="x", reply_parameters=reply))[0] == 200
    _, sent = await call(
        "sendMessage", chat_id=501, text="x", reply_parameters={"message_id": asked["message_id"]}
    )
    assert sent["reply_to_message"]["text"] == "سؤال"
    assert (await call("sendMessage", chat_id=forum.id, text="x", message_thread_id=topic))[1][
        "is_topic_message"
    ]


async def test_updates_stay_until_acknowledged(api: BotApi, call: Caller) -> None:
    user = api.world.user(501, "ليلى")
    api.world.say(user, "أول")
    api.world.say(user, "ثان")
    _, both = await call("getUpdates")
    assert [update["message"]["text"] for update in both] == ["أول", "ثان"]
    assert await call("getUpdates") == (200, both)
    assert await call("getUpdates", offset=both[1]["update_id"]) == (200, both[1:])
    assert await call("getUpdates", offset=both[1]["update_id"] + 1) == (200, [])
    assert await call("getUpdates", offset=0) == (200, [])


async def test_only_kinds_asked_for_are_queued_and_the_list_is_remembered(api: BotApi, call: Caller) -> None:
    user = api.world.user(501, "ليلى")
    reaction = {"user": user.json(), "date": 1, "message_id": 1, "old_reaction": [], "new_reaction": []}
    api.world.push("message_reaction", reaction)
    assert api.world.updates == [], "the usual kinds are without it"
    api.world.inline(user, "قبل")
    found = await call.result("getUpdates", allowed_updates=["message", "message_reaction"])
    assert "inline_query" in found[0], "what was queued before is still given"
    api.world.inline(user, "بعد")
    api.world.push("message_reaction", reaction)
    api.world.say(user, "سؤال")
    found = await call.result("getUpdates", offset=found[0]["update_id"] + 1)
    assert [list(update)[1] for update in found] == ["message_reaction", "message"]
    await call("getUpdates", offset=found[1]["update_id"] + 1, allowed_updates=[])
    api.world.inline(user, "أخيرًا")
    assert "inline_query" in (await call("getUpdates"))[1][0]


async def test_long_poll_returns_when_something_comes_and_ends_for_a_second_poller(
    api: BotApi, call: Caller
) -> None:
    user = api.world.user(501, "ليلى")
    first = asyncio.ensure_future(call("getUpdates", timeout=5))
    await api.wait_for(lambda: len(api.calls) == 1)
    second = asyncio.ensure_future(call("getUpdates", timeout=5))
    status, description = await first
    assert status == 409
    assert "terminated by other getUpdates" in description
    api.world.say(user, "سؤال")
    _, found = await asyncio.wait_for(second, 2)
    assert [update["message"]["text"] for update in found] == ["سؤال"]


@pytest.mark.parametrize(
    ("command", "description", "status"),
    [
        ("ask", "اسأل", 200),
        ("Ask", "x", 400),
        ("a" * 33, "x", 400),
        ("ask", "", 400),
        ("ask", "x" * 257, 400),
    ],
)
async def test_commands_are_checked(call: Caller, command: str, description: str, status: int) -> None:
    commands = [{"command": command, "description": description}]
    assert (await call("setMyCommands", commands=commands))[0] == status
    assert (await call("getMyCommands"))[1] == (commands if status == 200 else [])


def test_page_shows_a_chat_with_its_markup_in_place() -> None:
    world = World()
    layla = world.user(501, "ليلى")
    asked = world.say(layla, "<سؤال>")
    html = "😀 <b>نعم</b>\n<blockquote expandable>اقتباس</blockquote>\n<a href='https://x.example/?a&amp;b'>الرابط</a>"
    world.send(501, html, "HTML", thread=None, reply=asked, markup=None)
    page = chat_page(world, world.chats[501])
    assert "&lt;سؤال&gt;" in page
    assert '😀 <b>نعم</b>\n<blockquote class="folded">اقتباس</blockquote>' in page
    assert '<a href="https://x.example/?a&amp;b">الرابط</a>' in page


async def test_runs_by_itself_for_whoever_wants_to_chat(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.botapi",
        cwd=Path(__file__).parents[2], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    page = tmp_path / "page.html"
    lines = f"/ask سؤال\n:forum منتدى\n:topic أخبار\n:as 600 Mary en\nسؤال آخر\n:page {page}\n:quit\n"
    out, _ = await asyncio.wait_for(process.communicate(lines.encode()), 20)
    assert process.returncode == 0
    assert b"MUSNAD_TELEGRAM_API_URL=http://127.0.0.1:" in out
    assert b"MUSNAD_ALLOWED_CHATS=-100" in out
    assert "سؤال آخر" in page.read_text(encoding="utf-8")
