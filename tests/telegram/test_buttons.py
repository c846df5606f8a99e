"""The buttons under answers: sources page by page, copy, share, votes, the answer again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from bot.telegram.answers.store import AnswerBook
from tests.botapi import BotApi, User
from tests.botapi.chats import Chat, Json
from tests.botapi.entities import cut, units
from tests.botapi.markup import buttons
from tests.botapi.running import (
    BRIDGE,
    LIBRARY,
    LONG,
    ScriptedCore,
    answered,
    bold,
    nearest,
    quote,
    refusal,
    running,
    scripted,
)

ASKED = "ما الجديد؟"
OPENED = quote(LIBRARY, "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين.")
HOLDS = quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال.")
LENGTH = quote(BRIDGE, "ويبلغ طوله أربعمئة متر، وتنفذه شركة Delta Works المحلية.")


@pytest.fixture(autouse=True)
def _switched_on(api: BotApi) -> None:
    api.world.bot["supports_inline_queries"] = True


@pytest.fixture
def core() -> ScriptedCore:
    long = quote(LONG, LONG.body.strip())
    return scripted(
        {
            ASKED: answered("جديدان", OPENED, HOLDS, LENGTH),
            "واحد؟": answered("جديد", OPENED),
            "طويل؟": answered("طويل", long),
            "لا جواب؟": refusal("لا جواب؟", OPENED, LENGTH),
            "قريب واحد؟": refusal("قريب واحد؟", OPENED),
            "لا شيء؟": refusal("لا شيء؟"),
            "من أغلقها؟": nearest("من أغلقها؟", OPENED, HOLDS, LENGTH, open=["أغلقها"]),
            "كم كتابًا؟": answered("", bold(HOLDS, "اثني عشر ألف كتاب"), OPENED),
            "👍": replace(refusal("👍"), reason="not_a_question"),
        },
        LONG,
    )


async def ask(api: BotApi, user: User, text: str, chat: Chat | None = None) -> Json:
    """The message with the answer's buttons."""
    seen = len(api.world.in_chat(chat or user))
    api.world.say(user, text, chat)
    await api.replies(chat or user, seen + 1)
    return api.world.in_chat(chat or user)[-1]


async def press(api: BotApi, user: User, message: Json, label: str) -> Json:
    """What the bot answered to the press, once all that comes of it is done."""
    answer = await api.answer_to(api.world.press(user, message, label))
    await api.settled()
    return answer


def labels(api: BotApi, message: Json) -> list[str]:
    return [button["text"] for button in buttons(shown(api, message))]


def shown(api: BotApi, message: Json) -> Json:
    """A message as it stands now."""
    return api.world.chats[message["chat"]["id"]].messages[message["message_id"]]


def quoted(message: Json) -> list[str]:
    return [
        cut(message["text"], entity["offset"], entity["length"])
        for entity in message.get("entities", ())
        if "blockquote" in entity["type"]
    ]


async def turned(api: BotApi, user: User, message: Json, label: str) -> Json:
    """The message once a press has changed it."""
    before = dict(shown(api, message))
    await press(api, user, message, label)
    await api.wait_for(lambda: shown(api, message) != before)
    return shown(api, message)


async def test_sources_are_paged_in_place_and_lead_back(api: BotApi, layla: User, core: ScriptedCore) -> None:
    async with running(api, core, allowed_users={501}):
        answer = dict(await ask(api, layla, ASKED))
        assert labels(api, answer) == ["المصادر (3)", "انسخ", "شارك", "👍", "👎"]
        first = dict(await turned(api, layla, answer, "المصادر (3)"))
        assert first["message_id"] == answer["message_id"]
        assert first["text"].startswith("المصدر 1 من 3\n\n")
        assert quoted(first) == [OPENED.text]
        # What stands around the quote in the article stands around it here.
        assert first["text"].split(OPENED.text)[1].strip().startswith(HOLDS.text)
        assert "المصدر: صحيفة السهل · 9 شباط/فبراير 2026 · الرابط · رابط دائم\n" in first["text"]
        assert LIBRARY.title in first["text"]
        links = [entity["url"] for entity in first["entities"] if entity["type"] == "text_link"]
        assert links[1] == f"https://t.me/{api.world.bot['username']}?start=q_{OPENED.id}"
        assert "1/3" in labels(api, answer)
        second = dict(await turned(api, layla, answer, "التالي ←"))
        assert quoted(second) == [HOLDS.text]
        third = dict(await turned(api, layla, answer, "التالي ←"))
        assert quoted(third) == [LENGTH.text]
        assert quoted(await turned(api, layla, answer, "التالي ←")) == [OPENED.text]
        assert quoted(await turned(api, layla, answer, "→ السابق")) == [LENGTH.text]
        back = await turned(api, layla, answer, "عودة إلى الجواب")
    assert (back["text"], back["reply_markup"]) == (answer["text"], answer["reply_markup"])
    assert len(api.world.in_chat(layla)) == 1


async def test_one_source_has_no_pages_and_a_refusal_shows_what_is_near(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    async with running(api, core, allowed_users={501}):
        one = await ask(api, layla, "واحد؟")
        page = await turned(api, layla, one, "المصدر في سياقه")
        assert page["text"].startswith("المصدر في سياقه\n\n")
        assert labels(api, page) == ["انسخ", "شارك", "عودة إلى الجواب"]
        refused = await ask(api, layla, "لا جواب؟")
        assert labels(api, refused) == ["مقاطع ذات صلة (2)", "انسخ", "شارك", "👍", "👎"]
        page = await turned(api, layla, refused, "مقاطع ذات صلة (2)")
        assert page["text"].startswith("المقطع ذو الصلة 1 من 2، وليس جوابًا عن السؤال")
        assert quoted(page) == [OPENED.text]
        near = await ask(api, layla, "قريب واحد؟")
        page = await turned(api, layla, near, "المقطع ذو الصلة في سياقه")
        assert page["text"].startswith("مقطع ذو صلة، وليس جوابًا عن السؤال\n\n")
        assert labels(api, await ask(api, layla, "لا شيء؟")) == ["👍", "👎"]
        assert labels(api, await ask(api, layla, "👍")) == [], "what was no question has no answer to vote on"


async def test_what_is_nearest_has_every_button_of_an_answer_and_says_what_it_is(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    async with running(api, core, allowed_users={501}):
        near = dict(await ask(api, layla, "من أغلقها؟"))
        said, *_ = near["text"].split("\n")
        assert said == "لا أجد جوابًا صريحًا. أقرب ما في الأرشيف، ولا يذكر: «أغلقها»"
        assert "ذات صلة" not in near["text"], "said once"
        assert quoted(near) == [OPENED.text, HOLDS.text, LENGTH.text]
        assert labels(api, near) == ["مقاطع ذات صلة (3)", "انسخ", "شارك", "👍", "👎"]
        assert api.world.button(near, "شارك")["switch_inline_query"] == f"q_{OPENED.id}"
        assert OPENED.text in api.world.button(near, "انسخ")["copy_text"]["text"]
        page = dict(await turned(api, layla, near, "مقاطع ذات صلة (3)"))
        assert page["text"].startswith("المقطع ذو الصلة 1 من 3، وليس جوابًا عن السؤال\n\n")
        page = dict(await turned(api, layla, near, "التالي ←"))
        assert quoted(page) == [HOLDS.text]
        assert api.world.button(page, "شارك")["switch_inline_query"] == f"q_{HOLDS.id}"
        assert HOLDS.text in api.world.button(page, "انسخ")["copy_text"]["text"]
        links = [entity["url"] for entity in page["entities"] if entity["type"] == "text_link"]
        assert links[1].endswith(f"?start=q_{HOLDS.id}")
        back = dict(await turned(api, layla, near, "عودة إلى الجواب"))
        assert (back["text"], back["reply_markup"]) == (near["text"], near["reply_markup"])
        await turned(api, layla, near, "👍")
        api.world.say(layla, f"/start q_{LENGTH.id}")
        _, opened = await api.replies(layla, 2)
        assert quoted(opened) == [LENGTH.text], "every quote shown has its permalink"
    assert [row["verdict"] for row in core.state.rows("select verdict from feedback")] == [1]


async def test_the_words_that_answer_are_bold_in_the_answer_and_on_its_page(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    def bolds(message: Json) -> list[str]:
        return [
            cut(message["text"], entity["offset"], entity["length"])
            for entity in message["entities"]
            if entity["type"] == "bold"
        ]

    async with running(api, core, allowed_users={501}):
        answer = dict(await ask(api, layla, "كم كتابًا؟"))
        assert bolds(answer) == ["ما جاء في الأرشيف:", "اثني عشر ألف كتاب"]
        assert quoted(answer) == [HOLDS.text, OPENED.text]
        page = dict(await turned(api, layla, answer, "المصادر (2)"))
        assert bolds(page) == ["المصدر 1 من 2", "اثني عشر ألف كتاب"]
        assert quoted(page) == [HOLDS.text]
        assert f"«{HOLDS.text}»" in api.world.button(page, "انسخ")["copy_text"]["text"]


async def test_copy_and_share_carry_the_very_quote(api: BotApi, layla: User, core: ScriptedCore) -> None:
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
        assert api.world.button(answer, "انسخ")["copy_text"]["text"] == (
            f"«{OPENED.text}»\nصحيفة السهل · 9 شباط/فبراير 2026\n{LIBRARY.url}"
        )
        assert api.world.button(answer, "شارك")["switch_inline_query"] == f"q_{OPENED.id}"
        await turned(api, layla, answer, "المصادر (3)")
        page = await turned(api, layla, answer, "→ السابق")
        assert api.world.button(page, "شارك")["switch_inline_query"] == f"q_{LENGTH.id}"
        assert LENGTH.text in api.world.button(page, "انسخ")["copy_text"]["text"]


async def test_a_citation_too_long_for_the_button_comes_as_a_message_to_tap(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, "طويل؟")
        said = await press(api, layla, answer, "انسخ")
        assert said["text"] == "اضغط النص لنسخه"
        _, copy = await api.replies(layla, 2)
    block = copy["entities"][0]
    assert (block["type"], block["offset"], block["length"]) == ("pre", 0, units(copy["text"]))
    assert copy["text"].startswith(f"«{LONG.body.strip()}»\nصحيفة السهل · ")
    assert copy["text"].endswith(str(LIBRARY.url))


async def test_share_is_a_link_where_inline_mode_is_off(api: BotApi, layla: User, core: ScriptedCore) -> None:
    api.world.bot["supports_inline_queries"] = False
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
    assert f"start%3Dq_{OPENED.id}" in api.world.button(answer, "شارك")["url"]


async def test_votes_are_kept_and_can_be_changed(api: BotApi, layla: User, core: ScriptedCore) -> None:
    def votes() -> list[tuple[int, int, str | None]]:
        return [
            (row["user"], row["verdict"], row["why"])
            for row in core.state.rows("select user, verdict, why from feedback order by user")
        ]

    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
        await turned(api, layla, answer, "👍")
        assert "👍 ✓" in labels(api, answer)
        assert votes() == [(501, 1, None)]
        await turned(api, layla, answer, "👎")
        assert labels(api, answer)[:2] == ["ليس جوابًا", "اقتباس خاطئ"]
        assert votes() == [(501, -1, None)]
        await turned(api, layla, answer, "تاريخ خاطئ")
        assert votes() == [(501, -1, "date")]
        assert labels(api, answer)[-2:] == ["👍", "👎 ✓"]
        await turned(api, layla, answer, "👎 ✓")
        assert votes() == []
        assert labels(api, answer)[-2:] == ["👍", "👎"]
    [kept] = core.state.rows("select question, answer, recipe from answers")
    assert (kept["question"], bool(kept["recipe"])) == ("سؤال", True)


async def test_of_two_votes_in_quick_succession_the_last_counts(
    api: BotApi, layla: User, core: ScriptedCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(book: AnswerBook, id: int, user: int, verdict: int, why: str | None = None) -> None:
        time.sleep(0.3 if verdict > 0 else 0)
        stored(book, id, user, verdict, why)

    stored = AnswerBook.vote
    monkeypatch.setattr(AnswerBook, "vote", slowly)
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
        pressed = [api.world.forge(layla, answer, f"vote:1:{verdict}") for verdict in (1, -1)]
        for query in pressed:
            await api.answer_to(query)
    assert [row["verdict"] for row in core.state.rows("select verdict from feedback")] == [-1]


async def test_in_a_group_everyone_votes_and_nobodys_vote_is_marked(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    omar, group = api.world.user(504, "عمر"), api.world.group("غرفة الأخبار")
    async with running(api, core, allowed_chats={group.id}):
        answer = await ask(api, layla, f"/ask {ASKED}", group)
        assert (await press(api, layla, answer, "👍"))["text"] == "شكرًا على رأيك"
        assert labels(api, answer)[-2:] == ["👍", "👎"]
        assert (await press(api, omar, answer, "👎"))["text"] == "شكرًا. ما المشكلة؟"
        await api.wait_for(lambda: "ناقص" in labels(api, answer))
        await turned(api, omar, answer, "ناقص")
        assert labels(api, answer)[-2:] == ["👍", "👎"]
    rows = core.state.rows("select user, verdict, why from feedback order by user")
    assert [tuple(row.values()) for row in rows] == [(501, 1, None), (504, -1, "missing")]


async def test_buttons_work_after_a_restart_and_say_when_the_answer_was_forgotten(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
    async with running(api, core, allowed_users={501}):
        assert quoted(await turned(api, layla, answer, "المصادر (3)")) == [OPENED.text]
        with core.state.writing() as db:
            db.execute("delete from answers")
        for label in ("التالي ←", "عودة إلى الجواب"):
            said = await press(api, layla, answer, label)
            assert said["text"].startswith("لم يعد هذا الجواب محفوظًا")
            assert said["show_alert"]
        assert quoted(shown(api, answer)) == [OPENED.text]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="the article is gone"),
        pytest.param(
            "نفت البلدية ما نُشر عن المكتبة كله، وقالت إن الترميم لم ينتهِ بعد.", id="it says something else"
        ),
    ],
)
async def test_no_button_shows_a_source_that_the_archive_holds_no_more(
    api: BotApi, layla: User, core: ScriptedCore, body: str | None
) -> None:
    async with running(api, core, allowed_users={501}):
        answer = dict(await ask(api, layla, "واحد؟"))
        del core.archive.held[LIBRARY.id]
        if body:
            core.archive.held[LIBRARY.id] = replace(LIBRARY, body=body)
        for data in ("src:1:1", "copy:1:1"):
            said = await api.answer_to(api.world.forge(layla, answer, data))
            assert said.get("text") == "لم يعد هذا الاقتباس في الأرشيف.", data
            assert said["show_alert"], data
    assert [message["text"] for message in api.world.in_chat(layla)] == [answer["text"]]


async def test_a_button_opens_no_other_chats_answer(api: BotApi, layla: User, core: ScriptedCore) -> None:
    mallory = api.world.user(666, "Mallory")
    async with running(api, core, allowed_users={501, 666}):
        await ask(api, layla, ASKED)
        own = dict(await ask(api, mallory, "لا شيء؟"))
        for data in ("src:1:1", "copy:1:1", "vote:1:1", "why:1:date", "again:1"):
            said = await api.answer_to(api.world.forge(mallory, own, data))
            assert said["text"].startswith("لم يعد هذا الجواب محفوظًا"), data
        for data in ("src:1", "src:99999999999999999999:1", "src:2:999", "vote:2:7", "؟؟؟", "copy:q_xyz"):
            assert (await api.answer_to(api.world.forge(mallory, own, data)))["text"], data
    assert shown(api, own)["text"] == own["text"]
    assert len(api.world.in_chat(mallory)) == 1
    assert core.state.rows("select * from feedback") == []


async def test_two_who_page_at_once_both_have_an_answer(api: BotApi, layla: User, core: ScriptedCore) -> None:
    omar, group = api.world.user(504, "عمر"), api.world.group("غرفة الأخبار")
    async with running(api, core, allowed_chats={group.id}):
        answer = await ask(api, layla, f"/ask {ASKED}", group)
        await turned(api, layla, answer, "المصادر (3)")
        pressed = [
            api.world.press(user, answer, label)
            for user, label in ((layla, "التالي ←"), (omar, "التالي ←"), (omar, "→ السابق"), (layla, "1/3"))
        ]
        await asyncio.gather(*(api.answer_to(number) for number in pressed))
        await api.settled()
        # The same page again: nothing to edit, and no error.
        await press(api, omar, answer, "عودة إلى الجواب")
        await api.wait_for(lambda: shown(api, answer)["text"].startswith("جديدان"))
    assert set(pressed) <= api.world.callback_answers.keys()
    assert len(api.world.in_chat(group)) == 1, "paged in place"


async def test_a_message_that_was_deleted_and_a_press_too_old_stop_nothing(
    api: BotApi, layla: User, core: ScriptedCore, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
        api.world.delete(answer)
        await api.answer_to(api.world.forge(layla, answer, "src:1:1"))
        await api.answer_to(api.world.forge(layla, answer, "vote:1:1"))
        other = await ask(api, layla, "واحد؟")
        api.world.callback_seconds = -1.0
        api.world.press(layla, other, "المصدر في سياقه")
        await api.wait_for(
            lambda: quoted(shown(api, other)) == [OPENED.text] and "رابط دائم" in shown(api, other)["text"]
        )
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_long_answers_carry_the_buttons_under_their_last_message(api: BotApi, layla: User) -> None:
    body = "\n".join(f"في اليوم {day} جمع القاطفون {day * 3} سلة من الزيتون." for day in range(1, 260))
    article = replace(LIBRARY, body=body)
    whole = quote(article, body)
    async with running(api, scripted({ASKED: answered("موسم", whole)}, article), allowed_users={501}):
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: api.world.in_chat(layla) and buttons(api.world.in_chat(layla)[-1]))
        *before, last = [dict(message) for message in api.world.in_chat(layla)]
        assert len(before) >= 2
        assert not any(buttons(message) for message in before)
        page = await turned(api, layla, last, "المصدر في سياقه")
        [part] = quoted(page)
        assert units(page["text"]) <= 4096
        assert body.startswith(part)
        assert part.endswith("الزيتون.")
        assert "هذا أول الاقتباس فقط" in page["text"]
        assert (await turned(api, layla, last, "عودة إلى الجواب"))["text"] == last["text"]


@pytest.mark.parametrize("lost_again", [False, True])
async def test_an_answer_whose_fate_is_unknown_is_sent_again_once(
    api: BotApi, layla: User, core: ScriptedCore, lost_again: bool
) -> None:
    def answers() -> int:
        return sum(message["text"].startswith("جديدان") for message in api.world.in_chat(layla))

    api.lose("sendMessage")
    async with running(api, core, allowed_users={501}):
        unsure = dict(await ask(api, layla, ASKED))
        assert unsure["text"].startswith("لم يصلني تأكيد")
        if lost_again:
            api.lose("sendMessage")
            await press(api, layla, unsure, "أرسل الجواب مرة أخرى")
            await api.wait_for(lambda: len(api.faulted) == 2)
        both = [api.world.press(layla, unsure, "أرسل الجواب مرة أخرى")]
        if not lost_again:
            both.append(api.world.press(layla, unsure, "أرسل الجواب مرة أخرى"))
        for number in both:
            assert (await api.answer_to(number))["text"] == "أُرسل الجواب مرة أخرى"
        await api.wait_for(lambda: "فأرسلته مرة أخرى" in shown(api, unsure)["text"])
        assert not buttons(shown(api, unsure))
        await api.wait_for(lambda: answers() == 1)
    assert answers() == 1
    again = api.world.in_chat(layla)[-1]
    assert labels(api, again)[0] == "المصادر (3)"
