"""What is shown of an article after it was removed: every way to a quote says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.build import Musnad, build
from bot.claim import check
from bot.cli.repl import CONVERSATION, Repl
from bot.loading import Loading
from bot.quotes import cut
from bot.render.claim import render_check
from bot.render.layout import Layout
from bot.settings import Settings
from bot.telegram.answers.quotestore import QuoteStore
from corpus.document import Document
from tests.botapi import BotApi, User
from tests.botapi.chats import Json
from tests.botapi.markup import buttons
from tests.botapi.running import BRIDGE, LIBRARY, LONG, ScriptedCore, answered, quote, running, scripted
from vectorstore.embed import Embedder

ASKED = "متى افتتحت المكتبة؟"
OPENED = quote(LIBRARY, "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين.")
BOOKS = quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال.")
LENGTH = quote(BRIDGE, "ويبلغ طوله أربعمئة متر، وتنفذه شركة Delta Works المحلية.")
REMOVED = "أُزيل هذا المقال من الأرشيف."
CHANGED = "تغيّر هذا المقال في الأرشيف بعد أخذ الاقتباس منه."


@pytest.fixture(autouse=True)
def _switched_on(api: BotApi) -> None:
    api.world.bot["supports_inline_queries"] = True


@pytest.fixture
def core() -> ScriptedCore:
    long = quote(LONG, LONG.body.strip())
    return scripted({ASKED: answered("الأحد", OPENED, LENGTH), "طويل؟": answered("طويل", long)}, LONG)


def remove(core: ScriptedCore) -> None:
    for article in (LIBRARY, LONG):
        core.archive.held[article.id] = replace(article, current=False)


def change(core: ScriptedCore) -> None:
    remove(core)
    newer = replace(LIBRARY, body="تصحيح. " + LIBRARY.body, version=2)
    core.archive.held[newer.id] = newer


async def ask(api: BotApi, user: User, text: str) -> Json:
    seen = len(api.world.in_chat(user))
    api.world.say(user, text)
    return (await api.replies(user, seen + 1))[-1]


async def press(api: BotApi, user: User, message: Json, label: str) -> Json:
    """The page that a press brings in place of a message."""

    def shown() -> Json:
        return next(each for each in api.world.in_chat(user) if each["message_id"] == message["message_id"])

    before = shown()["text"]
    api.world.press(user, message, label)
    await api.wait_for(lambda: shown()["text"] != before)
    return dict(shown())


def copied(message: Json) -> list[str]:
    return [button["copy_text"]["text"] for button in buttons(message) if "copy_text" in button]


@pytest.mark.parametrize(("becomes", "said"), [(remove, REMOVED), (change, CHANGED)])
async def test_pages_and_answers_say_so(
    api: BotApi, layla: User, core: ScriptedCore, becomes: Callable[[ScriptedCore], None], said: str
) -> None:
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
        assert said not in answer["text"]
        becomes(core)
        page = await press(api, layla, answer, "المصادر (2)")
        assert said in page["text"]
        assert said in copied(page)[0]
        other = await press(api, layla, page, "التالي ←")
        assert said not in other["text"], "the other article stands"
        assert said not in copied(other)[0]
        back = await press(api, layla, other, "عودة إلى الجواب")
        assert back["text"].count(said) == 1
        assert said in copied(back)[0]
        sources = await ask(api, layla, "/sources")
    assert sources["text"].count(said) == 1


async def test_copies_shares_and_permalinks_say_so(api: BotApi, layla: User, core: ScriptedCore) -> None:
    async with running(api, core, allowed_users={501}):
        answer = await ask(api, layla, ASKED)
        long = await ask(api, layla, "طويل؟")
        remove(core)
        seen = len(api.world.in_chat(layla))
        api.world.press(layla, long, "انسخ")
        copy = (await api.replies(layla, seen + 1))[-1]
        opened = await ask(api, layla, f"/quote q_{OPENED.id}")
        number = api.world.inline(layla, api.world.button(answer, "شارك")["switch_inline_query"])
        await api.wait_for(lambda: number in api.world.inline_answers)
        (shared,) = api.world.inline_answers[number]["results"]
    assert REMOVED in copy["text"]
    assert "أُزيل المقال من الأرشيف" in opened["text"]
    assert REMOVED not in opened["text"], "said once"
    assert REMOVED in copied(opened)[0]
    assert REMOVED in shared["description"]
    assert REMOVED in shared["input_message_content"]["message_text"]


async def test_an_answer_that_is_sent_again_or_anew_says_so(
    api: BotApi, layla: User, core: ScriptedCore
) -> None:
    async with running(api, core, allowed_users={501}):
        question = api.world.say(layla, ASKED)
        await api.replies(layla)
        row = core.state.row("select update_id from answers")
        assert row is not None
        remove(core)
        again = api.world.forge(layla, api.world.in_chat(layla)[-1], f"again:{row['update_id']}")
        await api.answer_to(again)
        _, resent = (await api.replies(layla, 2))[:2]
        api.world.edit(layla, question, f"{ASKED}؟")
        core.asker.replies = {f"{ASKED}؟": answered("الأحد", OPENED)}
        await api.settled()
        edited = api.world.in_chat(layla)
    assert REMOVED in resent["text"]
    assert any(REMOVED in message["text"] for message in edited)


HARBOUR = """افتتاح رصيف جديد في ميناء الرمل

صحيفة الساحل - ٥ آذار ٢٠٢٦

افتتحت إدارة ميناء الرمل رصيفًا جديدًا طوله ستمئة متر يوم الخميس. وقالت الإدارة إن الرصيف يستقبل ثلاث سفن في وقت واحد.
"""
SENTENCE = "افتتحت إدارة ميناء الرمل رصيفًا جديدًا طوله ستمئة متر يوم الخميس."


def test_the_command_line_says_so(tmp_path: Path, embedder: Embedder) -> None:
    page = Layout("ar")
    with build(Settings(data=tmp_path), embedder=embedder) as musnad:
        musnad.ingest_documents([Document("ميناء.txt", HARBOUR.encode(), ".txt")])
        (article,) = musnad.archive.articles()
        start = article.body.index(SENTENCE)
        made = cut(article, start, start + len(SENTENCE))
        musnad.conversations.add(CONVERSATION, answered("", made))
        QuoteStore(musnad.state, musnad.archive).issue([made])
        repl = Repl(musnad, page, Loading(lambda: None))
        assert REMOVED not in f"{repl.reply('/sources')}{repl.reply('/quote 1')}"
        musnad.archive.remove_file(article.source)
        musnad.index.sync()
        for line in ("/sources", "/quote 1"):
            assert REMOVED in str(repl.reply(line)), line
        _checked(musnad, page, "كان في مقال أُزيل من الأرشيف")
        musnad.ingest_documents([Document("ميناء.txt", HARBOUR.replace("ستمئة", "سبعمئة").encode(), ".txt")])
        assert CHANGED in str(repl.reply("/quote 1"))
        _checked(musnad, page, "كان في نسخة سابقة من مقال تغيّر بعدها")


def _checked(musnad: Musnad, page: Layout, said: str) -> None:
    checked = check(SENTENCE, musnad)
    assert checked.verdict == "absent"
    assert checked.earlier is not None
    assert checked.earlier.text == SENTENCE
    assert said in render_check(SENTENCE, checked, musnad.archive, page)
