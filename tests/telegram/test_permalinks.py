"""Opening a quote by its permanent id in Telegram."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.botapi import BotApi, User
from tests.botapi.chats import Json
from tests.botapi.entities import cut
from tests.botapi.markup import buttons
from tests.botapi.running import LIBRARY, ScriptedCore, answered, quote, running, scripted

ASKED = "متى افتتحت المكتبة؟"
OPENED = quote(LIBRARY, "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين.")
HOLDS = quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال.")


@pytest.fixture
def core() -> ScriptedCore:
    return scripted({ASKED: answered("الأحد", OPENED, HOLDS)})


async def say(api: BotApi, user: User, text: str) -> Json:
    """What the bot says to a message in private."""
    seen = len(api.world.in_chat(user))
    api.world.say(user, text)
    return (await api.replies(user, seen + 1))[-1]


def quoted(message: Json) -> list[str]:
    return [
        cut(message["text"], entity["offset"], entity["length"])
        for entity in message.get("entities", ())
        if "blockquote" in entity["type"]
    ]


async def test_a_link_opens_the_passage_in_its_place(api: BotApi, layla: User, core: ScriptedCore) -> None:
    async with running(api, core, allowed_users={501}):
        await say(api, layla, ASKED)
        message = await say(api, layla, f"/start q_{HOLDS.id}")
    text = message["text"]
    assert text.startswith("الاقتباس في موضعه من المقال (الفقرة 1 من 2)\n\n")
    assert quoted(message) == [HOLDS.text]
    before, after = text.split(HOLDS.text)
    assert OPENED.text in before
    assert "وقالت أمينة المكتبة إن الإعارة ستكون مجانية طوال الشهر الأول." in after
    assert "المصدر: صحيفة السهل · 9 شباط/فبراير 2026 · الرابط\n" in after
    assert f"العنوان: {LIBRARY.title}" in after
    assert "لم يتغيّر المقال في الأرشيف" in after
    assert f"https://t.me/{api.world.bot['username']}?start=q_{HOLDS.id}" in after
    assert HOLDS.text in api.world.button(message, "انسخ")["copy_text"]["text"]
    assert [button["text"] for button in buttons(message)] == ["انسخ", "شارك"]


async def test_every_form_of_an_id_opens_it(api: BotApi, layla: User, core: ScriptedCore) -> None:
    link = f"https://t.me/{api.world.bot['username']}?start=q_{OPENED.id}"
    async with running(api, core, allowed_users={501}):
        await say(api, layla, ASKED)
        for text in (
            f"/quote q_{OPENED.id}",
            f"/quote {OPENED.id.upper()}",
            f"/quote {link}",
            f"q_{OPENED.id}",
            link,
        ):
            assert quoted(await say(api, layla, text)) == [OPENED.text], text
    assert [question.text for question in core.asker.asked] == [ASKED]


async def test_what_changed_since_is_said(api: BotApi, layla: User, core: ScriptedCore) -> None:
    async with running(api, core, allowed_users={501}):
        await say(api, layla, ASKED)
        old = replace(LIBRARY, current=False)
        new = replace(
            LIBRARY,
            title="المكتبة تفتح أبوابها",
            body="تصحيح من هيئة التحرير.\n" + LIBRARY.body.replace("اثني عشر ألف", "أحد عشر ألف"),
            version=2,
            ingested="2026-03-01T10:00:00+00:00",
        )
        core.archive.held.update({old.id: old, new.id: new})
        kept = await say(api, layla, f"/quote q_{OPENED.id}")
        lost = await say(api, layla, f"/quote q_{HOLDS.id}")
        core.archive.held.pop(new.id)
        removed = await say(api, layla, f"/quote q_{HOLDS.id}")
    assert "تغيّر المقال بعد ذلك: في الأرشيف نسخة أحدث، رقمها 2، دخلته في 1 آذار/مارس 2026." in kept["text"]
    assert "عنوانه الآن: المكتبة تفتح أبوابها" in kept["text"]
    assert "حرفًا بحرف، في الفقرة 2 من 3" in kept["text"]
    assert "لم يعد الاقتباس في هذه النسخة بلفظه." in lost["text"]
    assert quoted(lost) == [HOLDS.text, "وتضم المكتبة أحد عشر ألف كتاب وقاعة للأطفال."]
    marked = [
        cut(lost["text"], entity["offset"], entity["length"])
        for entity in lost["entities"]
        if entity["type"] == "underline"
    ]
    assert marked == ["أحد"]
    assert "أُزيل المقال من الأرشيف" in removed["text"]
    assert quoted(removed) == [HOLDS.text]


async def test_an_id_that_leads_nowhere_and_none_at_all_get_a_line(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    async with running(api, core, allowed_users={501}):
        for text in ("/start q_000000000000", "/start q_x", "/quote هراء", "/quote q_000000000000"):
            assert (await say(api, layla, text))["text"].startswith("لا أعرف اقتباسًا بهذا الرقم"), text
        assert "q_0123456789ab" in (await say(api, layla, "/quote"))["text"]
        assert "مُسنَد" in (await say(api, layla, "/start"))["text"]


async def test_a_stranger_opens_nothing_and_a_group_opens_in_itself(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    stranger, group = api.world.user(666, "غريب"), api.world.group("غرفة الأخبار")
    async with running(api, core, allowed_users={501}, allowed_chats={group.id}):
        await say(api, layla, ASKED)
        refused = await say(api, stranger, f"/start q_{OPENED.id}")
        asked = api.world.say(stranger, f"/quote q_{OPENED.id}", group)
        [shown] = await api.replies(group)
    assert OPENED.text not in refused["text"]
    assert quoted(shown) == [OPENED.text]
    assert shown["reply_to_message"]["message_id"] == asked["message_id"]


async def test_in_english_around_the_arabic_passage(api: BotApi, core: ScriptedCore) -> None:
    john = api.world.user(502, "John", language="en")
    async with running(api, core, allowed_users={502}):
        await say(api, john, ASKED)
        message = await say(api, john, f"/quote q_{OPENED.id}")
    assert message["text"].startswith("The quote in its place in the article (paragraph 1 of 2)")
    assert quoted(message) == [OPENED.text]
    assert "The article has not changed" in message["text"]
