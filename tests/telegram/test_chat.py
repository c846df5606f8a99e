"""The bot in private chats, groups and topics, over HTTP against a Bot API server on loopback."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from tests.botapi import BotApi, User
from tests.botapi.entities import cut, units
from tests.botapi.running import LIBRARY, Reply, answered, quote, refusal, running, scripted, slowly
from tests.botapi.world import Json

OPENED = "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين."
ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد 8 شباط/فبراير 2026", quote(LIBRARY, OPENED))


def quoted(message: Json) -> list[str]:
    """What stands in the blockquotes of a message."""
    return [
        cut(message["text"], entity["offset"], entity["length"])
        for entity in message.get("entities", ())
        if entity["type"] in {"blockquote", "expandable_blockquote"}
    ]


def unmarked(text: str) -> str:
    """The text without isolates."""
    return re.sub("[\u2068\u2069]", "", text)


async def test_private_question_gets_answer_and_quote_with_source(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
    assert message["text"].splitlines()[0] == "الأحد 8 شباط/فبراير 2026"
    assert quoted(message) == [OPENED]
    below = message["text"].split(OPENED)[1]
    assert below.splitlines()[1] == "المصدر: صحيفة السهل · 9 شباط/فبراير 2026 · الرابط"
    assert below.splitlines()[2] == "العنوان: مكتبة البلدة تعود إلى قرائها"
    [link] = [entity for entity in message["entities"] if entity["type"] == "text_link"]
    assert link["url"].startswith("https://sahl.example/news/1?a=1&b=2#:~:text=")
    assert "reply_to_message" not in message
    [question] = core.asker.asked
    assert (question.text, question.conversation, question.language) == (ASKED, "telegram:501:0:501", "ar")


async def test_commands_in_private(api: BotApi, layla: User) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}) as core:
        for text in (
            "/start",
            "/help",
            "/sources",
            f"/ask {ASKED}",
            "/sources",
            "/new",
            "/sources",
            "/ask",
            "/nothing",
        ):
            seen = len(api.world.in_chat(layla))
            api.world.say(layla, text)
            await api.replies(layla, seen + 1)
    texts = [message["text"] for message in api.world.in_chat(layla)]
    assert "مُسنَد" in texts[0]
    assert "• مصادر آخر جواب: /sources" in unmarked(texts[1])
    assert texts[2].startswith("لا مصادر بعد")
    assert texts[3].startswith("الأحد 8 شباط")
    assert texts[4].splitlines()[0] == "مصادر آخر جواب:"
    assert "العنوان: مكتبة البلدة تعود إلى قرائها" in texts[4]
    assert "المصدر: صحيفة السهل · 9 شباط/فبراير 2026 · الرابط" in texts[4]
    assert core.asker.forgotten == ["telegram:501:0:501"]
    assert texts[6].startswith("لا مصادر بعد")
    assert "/ask" in texts[7]
    assert "/help" in texts[8]


async def test_english_user_gets_english_labels_around_the_arabic_quote(api: BotApi) -> None:
    john = api.world.user(502, "John", language="en-GB")
    reply = answered("Sunday, 8 February 2026", quote(LIBRARY, OPENED))
    async with running(api, scripted({"When did it open?": reply}), allowed_users={502}) as core:
        api.world.say(john, "When did it open?")
        [message] = await api.replies(john)
    assert quoted(message) == [OPENED]
    assert "\nSource: \u2068صحيفة السهل\u2069 · 9 February 2026 · link\n" in message["text"]
    assert message["text"].endswith("Headline: \u2068مكتبة البلدة تعود إلى قرائها\u2069")
    assert core.asker.asked[0].language == "en"


async def test_refusal_shows_related_passages_as_such(api: BotApi, layla: User) -> None:
    reply = refusal("متى أُحرقت المكتبة؟", quote(LIBRARY, OPENED))
    async with running(api, scripted({"متى أُحرقت المكتبة؟": reply}), allowed_users={501}):
        api.world.say(layla, "متى أُحرقت المكتبة؟")
        await api.replies(layla)
        api.world.say(layla, "/sources")
        message, sources = await api.replies(layla, 2)
    first, _, label, *_ = message["text"].splitlines()
    assert first == "ليس في الأرشيف ما يجيب."
    assert label == "مقاطع ذات صلة، وليست جوابًا عن السؤال:"
    assert quoted(message) == [OPENED]
    assert sources["text"].startswith("لم أجد لآخر سؤال جوابًا صريحًا")


async def test_quote_the_archive_does_not_hold_is_never_sent(api: BotApi, layla: User) -> None:
    core = scripted({ASKED: ANSWER})
    core.archive.held.clear()
    async with running(api, core, allowed_users={501}):
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
    assert "أعادت بلدية" not in message["text"]
    assert message["text"] == "لم أجد في الأرشيف جوابًا عن هذا السؤال يمكن إثباته."


async def test_markup_in_articles_questions_and_names_stays_text(api: BotApi) -> None:
    mallory = api.world.user(503, "<b>Mallory</b>")
    words = "قال المتحدث: <b>5 < 6</b> & <a href='tg://user?id=1'>اضغط</a> &lt;i&gt; </blockquote>."
    article = replace(LIBRARY, title="<i>عنوان</i> & آخر", publisher="<u>جهة</u>", body=words)
    question = "ما معنى </b><script> & «<b>»؟"
    reply = answered("<b>5</b> & </i>", quote(article, words))
    async with running(api, scripted({question: reply}, article), allowed_users={503}) as core:
        api.world.say(mallory, question)
        [message] = await api.replies(mallory)
    assert quoted(message) == [words]
    assert "<b>5</b> & </i>" in unmarked(message["text"])
    assert "<u>جهة</u>" in unmarked(message["text"])
    assert "<i>عنوان</i> & آخر" in unmarked(message["text"])
    assert core.asker.asked[0].text == question


async def test_long_answer_goes_out_whole_in_several_messages(api: BotApi, layla: User) -> None:
    body = "\n".join(
        f"في اليوم {day} من الموسم جمع القاطفون {day * 3} سلة من الزيتون قرب القرية." for day in range(1, 260)
    )
    article = replace(LIBRARY, body=body)
    whole = quote(article, body)
    async with running(api, scripted({ASKED: answered("موسم طويل", whole)}, article), allowed_users={501}):
        api.world.say(layla, ASKED)
        api.world.say(layla, "/sources")
        await api.wait_for(lambda: "مصادر آخر جواب" in str(api.world.sent[-1:]))
        messages = api.world.in_chat(layla)[:-1]
    assert all(units(message["text"]) <= 4096 for message in messages)
    parts = [part for message in messages for part in quoted(message)]
    assert len(parts) == len(messages) > 3
    assert "\n".join(parts) == body
    assert all(part.endswith("القرية.") for part in parts)
    assert "تتمة الاقتباس:" in messages[1]["text"]
    assert messages[-1]["text"].splitlines()[-1].startswith("العنوان: ")


async def test_conversation_is_answered_in_order_and_others_are_not_held_up(api: BotApi, layla: User) -> None:
    omar = api.world.user(504, "عمر")
    replies: dict[str, Reply] = {
        f"سؤال {n}": slowly(answered(f"جواب {n}", quote(LIBRARY, OPENED)), 0.2) for n in (1, 2, 3)
    }
    replies["سؤال عمر"] = answered("جواب عمر", quote(LIBRARY, OPENED))
    async with running(api, scripted(replies), allowed_users={501, 504}) as core:
        for number in (1, 2, 3):
            api.world.say(layla, f"سؤال {number}")
        api.world.say(omar, "سؤال عمر")
        await api.replies(omar)
        assert len(api.world.in_chat(layla)) < 3
        messages = await api.replies(layla, 3)
    assert [message["text"].splitlines()[0] for message in messages] == ["جواب 1", "جواب 2", "جواب 3"]
    assert core.asker.most_at_once["telegram:501:0:501"] == 1


async def test_many_questions_of_one_person_wait_for_each_other(api: BotApi, layla: User) -> None:
    slow = slowly(answered("جواب", quote(LIBRARY, OPENED)), 0.05)
    texts = [f"س{number}" for number in range(9)]
    async with running(api, scripted(dict.fromkeys(texts, slow)), allowed_users={501}, rate_user="0") as core:
        for text in texts:
            api.world.say(layla, text)
        await api.replies(layla, 9)
    assert [question.text for question in core.asker.asked] == texts
    assert all(message["text"].startswith("جواب") for message in api.world.in_chat(layla))


async def test_when_too_many_ask_at_once_the_rest_are_told_that_the_bot_is_busy(api: BotApi) -> None:
    people = [api.world.user(600 + number, f"سائل {number}") for number in range(9)]
    slow = slowly(answered("جواب", quote(LIBRARY, OPENED)), 0.3)
    async with running(api, scripted({ASKED: slow}), public=True, queue=5) as core:
        for user in people:
            api.world.say(user, ASKED)
        texts = [(await api.replies(user))[0]["text"] for user in people]
    assert len(core.asker.asked) == 5
    assert sum("انتظر دقيقة" in text for text in texts) == 4


async def test_typing_shows_and_repeats_while_the_answer_is_worked_on(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.outgoing.typing.TYPING_AFTER", 0.05)
    monkeypatch.setattr("bot.telegram.outgoing.typing.TYPING_EVERY", 0.1)
    async with running(api, scripted({ASKED: slowly(ANSWER, 0.5)}), allowed_users={501}):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        shown = len(api.world.actions)
        await asyncio.sleep(0.3)
        assert len(api.world.actions) == shown
    assert shown >= 3
    assert api.world.actions[0] == {"chat": 501, "action": "typing", "thread": None}


async def test_typing_that_fails_does_not_cost_the_answer(
    api: BotApi, layla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.outgoing.typing.TYPING_AFTER", 0.0)
    api.fail("sendChatAction", 500, "Internal Server Error", times=5)
    async with running(api, scripted({ASKED: slowly(ANSWER, 0.2)}), allowed_users={501}):
        api.world.say(layla, ASKED)
        [message] = await api.replies(layla)
    assert quoted(message) == [OPENED]


async def test_error_is_told_once_and_the_bot_goes_on(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    replies: dict[str, Reply] = {"سؤال يعطب": RuntimeError("disk on fire"), ASKED: ANSWER}
    async with running(api, scripted(replies), allowed_users={501}):
        api.world.say(layla, "سؤال يعطب")
        await api.replies(layla)
        api.world.say(layla, ASKED)
        told, answer = await api.replies(layla, 2)
    assert "أعد إرسال السؤال" in told["text"]
    assert "disk on fire" not in told["text"]
    assert "disk on fire" in caplog.text
    assert quoted(answer) == [OPENED]


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
async def test_too_many_requests_is_waited_out(api: BotApi, layla: User) -> None:
    api.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        api.world.say(layla, ASKED)
        messages = await api.replies(layla)
    assert [quoted(message) for message in messages] == [[OPENED]]


async def test_user_who_blocked_the_bot_is_left_alone(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        api.world.chats[501].blocked = True
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(api.count["sendmessage"]))
    # The bot has stopped, so that everything it had to do is done.
    assert "bot was blocked by the user" in caplog.text
    assert [method for method, _ in api.calls].count("sendMessage") == 1


async def test_message_without_text_is_answered_with_a_hint(api: BotApi, layla: User) -> None:
    async with running(api, scripted({}), allowed_users={501}) as core:
        api.world.share(layla, {"contact": {"phone_number": "1", "first_name": "x"}})
        [hint] = await api.replies(layla)
    assert hint["text"].startswith("أفهم الأسئلة المكتوبة فقط")
    assert core.asker.asked == []


async def test_an_album_is_answered_with_one_hint(api: BotApi, layla: User) -> None:
    picture = {"file_id": "x", "file_unique_id": "x", "width": 9, "height": 9}
    async with running(api, scripted({}), allowed_users={501}):
        for album in ("7", "7", "7", "8"):
            api.world.share(layla, {"photo": [picture], "media_group_id": album})
        await api.replies(layla, 2)
        api.world.say(layla, "/privacy")
        await api.replies(layla, 3)
    # The bot has stopped, so that everything it had to do is done.
    assert len(api.world.in_chat(layla)) == 3
