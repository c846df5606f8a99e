"""Inline mode and guest mode, through the whole bot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from tests.botapi import BotApi
from tests.botapi.chats import Chat, Json, User
from tests.botapi.running import BRIDGE, LIBRARY, ScriptedCore, answered, nearest, quote, running, scripted
from vectorstore.errors import IndexDamagedError, IndexUnreachableError

LEND = quote(LIBRARY, "وقالت أمينة المكتبة إن الإعارة ستكون مجانية طوال الشهر الأول.")
OPEN = quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال.")
SPAN = quote(BRIDGE, "ويبلغ طوله أربعمئة متر، وتنفذه شركة Delta Works المحلية.")
GONE = quote(replace(BRIDGE, source="gone.txt", body="ونفت الشركة ذلك في بيان."), "ونفت الشركة ذلك في بيان.")
"""Of an article that the archive does not hold."""
ALL = [
    quote(LIBRARY, "وتضم المكتبة"),
    quote(LIBRARY, "اثني عشر ألف كتاب"),
    quote(LIBRARY, "وقاعة للأطفال"),
    quote(LIBRARY, "الإعارة ستكون مجانية"),
    quote(LIBRARY, "طوال الشهر الأول"),
    OPEN,
    LEND,
]


@pytest.fixture(autouse=True)
def _switched_on(api: BotApi) -> None:
    api.world.bot["supports_inline_queries"] = True
    api.world.bot["supports_guest_queries"] = True


@pytest.fixture
def core() -> ScriptedCore:
    return scripted(
        {
            "كم كتابًا في المكتبة؟": answered("اثنا عشر ألف كتاب.", OPEN, LEND),
            "كم طول الجسر؟": answered("أربعمئة متر.", SPAN),
            "المكتبة": answered("", *ALL),
            "ماذا قالت الشركة؟": answered("نفت ذلك.", SPAN, GONE),
            "كم كلّف الجسر؟": nearest("كم كلّف الجسر؟", SPAN, OPEN, open=["كلّف"]),
        }
    )


async def found(api: BotApi, user: User, text: str, offset: str = "") -> Json:
    number = api.world.inline(user, text, offset)
    await api.wait_for(lambda: number in api.world.inline_answers)
    return api.world.inline_answers[number]


async def summoned(api: BotApi, user: User, chat: Chat, text: str) -> str:
    """What the bot says in a chat in which it is a guest."""
    number = api.world.guest(user, chat, f"@{api.world.bot['username']} {text}")
    await api.wait_for(lambda: number in api.world.guest_answers)
    return str(api.world.guest_answers[number]["text"])


async def test_each_quote_is_a_result_with_its_outlet_and_date(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        answer = await found(api, layla, "كم كتابًا في المكتبة؟")
    first, second = answer["results"]
    assert first["title"] == LIBRARY.title
    assert first["description"].startswith("صحيفة السهل · 9 شباط/فبراير 2026\n")
    assert OPEN.text in first["description"]
    assert LEND.text in second["description"]
    assert answer["is_personal"] is True
    assert not answer.get("next_offset")


async def test_typing_is_waited_for_and_asks_without_the_chat_model(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        for typed in ("كم", "كم طول", "كم طول الجسر"):
            api.world.inline(layla, typed)
        answer = await found(api, layla, "كم طول الجسر؟")
        await api.settled()
    assert [result["title"] for result in answer["results"]] == [BRIDGE.title]
    assert [(asked.text, asked.quick, asked.conversation) for asked in core.asker.asked] == [
        ("كم طول الجسر؟", True, None)
    ]
    assert len(api.world.inline_answers) == 1


async def test_a_chosen_result_is_the_quote_with_its_permalink(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    elsewhere = api.world.group("غرفة الأخبار")
    async with running(api, core, allowed_users={501}):
        number = api.world.inline(layla, "كم طول الجسر؟")
        await api.wait_for(lambda: number in api.world.inline_answers)
        sent = api.world.choose(layla, number, SPAN.id, elsewhere)
        (button,) = sent["reply_markup"]["inline_keyboard"][0]
        assert button["url"] == f"https://t.me/{api.world.bot['username']}?start=q_{SPAN.id}"
        again = await found(api, layla, f"q_{SPAN.id}")
    assert SPAN.text in sent["text"]
    assert "المصدر: \u2068Delta News\u2069" in sent["text"]
    assert [result["id"] for result in again["results"]] == [SPAN.id]
    assert len(core.asker.asked) == 1, "a token is looked up, not asked"


async def test_no_result_is_a_quote_that_the_archive_does_not_hold(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        answer = await found(api, layla, "ماذا قالت الشركة؟")
    assert [result["id"] for result in answer["results"]] == [SPAN.id]


async def test_what_is_nearest_says_that_it_is_no_answer_before_it_is_sent_and_after(
    api: BotApi, core: ScriptedCore
) -> None:
    layla = api.world.user(501, "ليلى")
    elsewhere = api.world.group("غرفة الأخبار")
    async with running(api, core, allowed_users={501}):
        number = api.world.inline(layla, "كم كلّف الجسر؟")
        await api.wait_for(lambda: number in api.world.inline_answers)
        answer = api.world.inline_answers[number]
        sent = api.world.choose(layla, number, SPAN.id, elsewhere)
        again = await found(api, layla, f"q_{SPAN.id}")
    assert [result["id"] for result in answer["results"]] == [SPAN.id, OPEN.id]
    for result in answer["results"]:
        assert result["description"].startswith("ليس جوابًا صريحًا · ")
    assert answer["button"]["text"].startswith("لا اقتباس يجيب عن هذا")
    assert sent["text"].startswith("مقطع ذو صلة، وليس جوابًا عن السؤال\n\n")
    assert SPAN.text in sent["text"]
    assert [result["id"] for result in again["results"]] == [SPAN.id], "its permalink works"


async def test_a_guest_shows_what_is_nearest_as_such(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    group = api.world.group("مجموعة أخرى")
    async with running(api, core, allowed_users={501}):
        said = await summoned(api, layla, group, "كم كلّف الجسر؟")
    assert said.startswith("لا أجد جوابًا صريحًا. أقرب ما في الأرشيف، ولا يذكر: «كلّف»\n\n")
    assert SPAN.text in said
    assert OPEN.text in said
    assert {row["id"] for row in core.state.rows("select id from quotes")} == {SPAN.id, OPEN.id}


async def test_more_quotes_come_page_by_page(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        first = await found(api, layla, "المكتبة")
        second = await found(api, layla, "المكتبة", first["next_offset"])
    ids = [result["id"] for result in (*first["results"], *second["results"])]
    assert ids == [each.id for each in ALL]
    assert len(first["results"]) == 5
    assert not second.get("next_offset")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "اكتب سؤالك"),
        ("من رئيس البلدية؟", "لا اقتباس يجيب"),
        ("q_0123456789ab", "لا أعرف اقتباسًا بهذا الرقم"),
    ],
)
async def test_nothing_found_leads_into_the_private_chat(
    api: BotApi, core: ScriptedCore, text: str, says: str
) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        answer = await found(api, layla, text)
    assert answer["results"] == []
    assert answer["button"]["text"].startswith(says)
    assert len(answer["button"]["text"]) <= 64
    assert answer["button"]["start_parameter"] == "ask"


async def test_the_button_asks_in_private_what_was_typed(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        answer = await found(api, layla, "من رئيس البلدية؟")
        api.world.start(layla, answer["button"]["start_parameter"])
        (reply,) = await api.replies(layla)
        assert "ليس في الأرشيف ما يجيب." in reply["text"]
        last = core.asker.asked[-1]
        assert (last.text, last.quick) == ("من رئيس البلدية؟", False)
        majd = api.world.user(502, "مجد")
    async with running(api, core, allowed_users={501, 502}):
        api.world.start(majd, "ask")
        (welcome,) = await api.replies(majd)
    assert "أهلًا بك" in welcome["text"]


async def test_what_was_typed_is_answered_by_the_next_start_if_it_has_to_wait(api: BotApi) -> None:
    layla = api.world.user(501, "ليلى")
    away = IndexUnreachableError("the Chroma server at http://chroma:8000 does not answer")
    async with running(api, scripted({"كم طول الجسر؟": away}), allowed_users={501}) as core:
        await found(api, layla, "كم طول الجسر؟")
        api.world.start(layla, "ask")
        [kept] = await api.replies(layla)
        await found(api, layla, "")
    core.asker.replies = {"كم طول الجسر؟": answered("أربعمئة متر.", SPAN)}
    async with running(api, core, allowed_users={501}):
        _, answer = await api.replies(layla, 2)
    assert "سؤالك محفوظ" in kept["text"]
    assert SPAN.text in answer["text"]


async def test_who_was_forgotten_has_typed_nothing(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        answer = await found(api, layla, "من رئيس البلدية؟")
        api.world.say(layla, "/forget")
        [confirm] = await api.replies(layla)
        api.world.press(layla, confirm, "نعم، امحُ كل شيء")
        await api.edited(confirm)
        api.world.start(layla, answer["button"]["start_parameter"])
        *_, welcome = await api.replies(layla, 2)
    assert "أهلًا بك" in welcome["text"]
    assert core.asker.asked[-1].quick, "only inline, before it was forgotten"


async def test_the_button_above_an_empty_line_asks_nothing(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}):
        await found(api, layla, "من رئيس البلدية؟")
        answer = await found(api, layla, "")
        api.world.start(layla, answer["button"]["start_parameter"])
        (welcome,) = await api.replies(layla)
    assert "أهلًا بك" in welcome["text"]


async def test_typing_too_much_is_told_to_wait(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    async with running(api, core, allowed_users={501}, rate_user="1/60"):
        for number in range(4):
            await found(api, layla, f"سؤال {number}")
        answer = await found(api, layla, "سؤال أخير")
    assert answer["button"]["text"].startswith("أسئلة كثيرة. انتظر 1")
    assert answer["cache_time"] == 0


async def test_a_stranger_gets_one_line_inline_and_nothing_as_a_guest(
    api: BotApi, core: ScriptedCore
) -> None:
    stranger = api.world.user(666, "غريب")
    group = api.world.group("مجموعة غريبة")
    async with running(api, core, allowed_users={501}, allowed_chats={group.id}):
        api.world.inline(stranger, "كم طول الجسر؟")
        api.world.guest(stranger, group, f"@{api.world.bot['username']} كم طول الجسر؟")
        await api.wait_for(lambda: bool(api.world.inline_answers))
        await api.settled()
    assert not core.asker.asked
    [answer] = api.world.inline_answers.values()
    assert answer["results"] == []
    assert answer["button"]["text"] == "البوت لمن يسمح له أصحابه. اضغط لتطلب الإذن"
    assert [method for method, _ in api.calls if method.startswith("answer")] == ["answerInlineQuery"]


async def test_a_query_that_is_too_old_stops_nothing(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    api.fail("answerInlineQuery", 400, "Bad Request: query is too old and response timeout expired")
    async with running(api, core, allowed_users={501}):
        api.world.inline(layla, "كم طول الجسر؟")
        await api.wait_for(lambda: bool(api.faulted))
        answer = await found(api, layla, "كم كتابًا في المكتبة؟")
    assert len(answer["results"]) == 2


async def test_a_guest_answers_where_it_is_mentioned(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    group = api.world.group("مجموعة أخرى")
    seen: list[Question] = core.asker.asked
    async with running(api, core, allowed_users={501}):
        number = api.world.guest(layla, group, f"@{api.world.bot['username']} كم طول الجسر؟")
        await api.wait_for(lambda: any(method == "answerGuestQuery" for method, _ in api.calls))
    assert [(asked.text, asked.conversation) for asked in seen] == [("كم طول الجسر؟", None)]
    assert core.state.rows("select * from answers") == [], "nothing of that chat is kept"
    assert core.state.rows("select id from quotes") == [{"id": SPAN.id}], "but the permalink it sent works"
    (call,) = [parameters for method, parameters in api.calls if method == "answerGuestQuery"]
    assert call["guest_query_id"] == number
    text = call["result"]["input_message_content"]["message_text"]
    assert SPAN.text in text
    assert "أربعمئة متر." in text


async def test_a_guest_says_nothing_that_the_archive_does_not_hold(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    group = api.world.group("مجموعة أخرى")
    async with running(api, core, allowed_users={501}):
        said = await summoned(api, layla, group, "ماذا قالت الشركة؟")
    assert SPAN.text in said
    assert GONE.text not in said
    assert "نفت ذلك." not in said, "nor what may have rested on it"


async def test_who_summons_a_guest_too_often_is_told_to_wait(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    group = api.world.group("مجموعة أخرى")
    async with running(api, core, allowed_users={501}, rate_user="1/60"):
        assert SPAN.text in await summoned(api, layla, group, "كم طول الجسر؟")
        said = await summoned(api, layla, group, "كم كتابًا في المكتبة؟")
    assert said.startswith("أسئلة كثيرة. انتظر ")
    assert len(core.asker.asked) == 1


async def test_a_guest_that_is_only_mentioned_says_how_to_ask(api: BotApi, core: ScriptedCore) -> None:
    layla = api.world.user(501, "ليلى")
    group = api.world.group("مجموعة أخرى")
    async with running(api, core, allowed_users={501}):
        api.world.guest(layla, group, f"@{api.world.bot['username']}")
        await api.wait_for(lambda: any(method == "answerGuestQuery" for method, _ in api.calls))
    (call,) = [parameters for method, parameters in api.calls if method == "answerGuestQuery"]
    assert call["result"]["input_message_content"]["message_text"].startswith("اذكر اسمي")


async def test_while_the_index_is_away_who_asks_elsewhere_is_told_so_once(api: BotApi) -> None:
    layla = api.world.user(501, "ليلى")
    group = api.world.group("مجموعة أخرى")
    away = IndexUnreachableError("the Chroma server at http://chroma:8000 does not answer")
    core = scripted({"كم طول الجسر؟": away})
    async with running(api, core, allowed_users={501}):
        answer = await found(api, layla, "كم طول الجسر؟")
        number = api.world.guest(layla, group, f"@{api.world.bot['username']} كم طول الجسر؟")
        await api.wait_for(lambda: number in api.world.guest_answers)
    assert core.state.rows("select 1 from inbox where state != 'done'") == []
    assert answer["results"] == []
    assert answer["cache_time"] == 0
    told = api.world.guest_answers[number]["text"]
    assert answer["button"]["text"] == told
    assert told.startswith("لا أصل الآن إلى فهرس الأرشيف")
    assert len(told) <= 64
    assert len(core.asker.asked) == 2


async def test_owners_hear_of_a_damaged_index_though_it_is_asked_elsewhere_only(api: BotApi) -> None:
    layla, owner = api.world.user(501, "ليلى"), api.world.user(500, "صاحب البوت")
    api.world.chats[500].started = True
    core = scripted({"كم طول الجسر؟": IndexDamagedError("the index is damaged")})
    async with running(api, core, allowed_users={501}, owners={500}):
        answer = await found(api, layla, "كم طول الجسر؟")
        [report] = await api.replies(owner)
    assert answer["button"]["text"].startswith("لا أصل الآن")
    assert "IndexDamagedError" in report["text"]


def test_a_guest_sends_as_many_quotes_as_one_message_holds() -> None:
    from bot.render.telegram import MOST_UNITS, visible_units
    from bot.telegram.features.guest import fitting
    from corpus.article import Article

    body = " ".join(["وقال البيان إن الأعمال مستمرة في القرية."] * 90)
    long = Article(source="long.txt", title="بيان", body=body)
    quotes = tuple(quote(long, body[:3000].rsplit(".", 1)[0] + ".") for _ in range(3))
    message = fitting(Answer("س", "س", "answered", "نعم.", quotes), "ar")
    assert visible_units(message) <= MOST_UNITS
    assert message.count("<blockquote") == 1
