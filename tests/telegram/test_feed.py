"""Owners feed the archive from their chats, through the whole bot and the real archive."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import web

import corpus.fetch
from bot.build import Musnad
from bot.state import State
from bot.telegram.feeding.queue import FeedQueue
from bot.telegram.intake.inbox import Inbox
from corpus.errors import ArchiveBusyError, ArchiveUnusableError
from corpus.ingest.entries import Entries
from tests.botapi import BotApi
from tests.botapi.chats import Json, User
from tests.botapi.running import QUICK, running
from vectorstore.errors import IndexBusyError, IndexDamagedError, IndexUnreachableError, RecipeMismatchError
from vectorstore.index import Index

HARBOUR = """افتتاح رصيف جديد في ميناء الرمل

صحيفة الساحل - ٥ آذار ٢٠٢٦

افتتحت إدارة ميناء الرمل رصيفًا جديدًا طوله ستمئة متر يوم الخميس. وقالت الإدارة إن الرصيف يستقبل ثلاث سفن في وقت واحد.
"""
POST = (
    "أعلنت محطة تحلية المياه في خليج الرمل بدء الضخ التجريبي. وتبلغ طاقة المحطة أربعين ألف متر مكعب في اليوم."
)
PAGE = """<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>موسم القمح في سهل الرمل</title>
<meta property="og:site_name" content="نشرة السهل">
<meta property="article:published_time" content="2026-04-02T09:00:00+03:00">
</head><body><nav><a href="/">الرئيسية</a><a href="/sport">رياضة</a></nav><article><h1>موسم القمح في سهل الرمل</h1>
<p>بلغ إنتاج سهل الرمل من القمح مئتي ألف طن هذا الموسم، بحسب مديرية الزراعة.</p>
<p>وقالت المديرية إن الأمطار المبكرة رفعت المحصول بنحو الخمس مقارنة بالموسم الماضي.</p></article>
<footer>جميع الحقوق محفوظة</footer></body></html>"""


async def said(api: BotApi, user: User, word: str) -> Json:
    """The bot's message that says a word, once there is one: it may be an edit."""

    def found() -> list[Json]:
        return [message for message in api.world.in_chat(user) if word in message["text"]]

    try:
        await api.wait_for(lambda: bool(found()), 30)
    except TimeoutError:
        texts = [message["text"] for message in api.world.in_chat(user)]
        raise AssertionError(f"nothing says {word!r}: {texts}") from None
    return found()[-1]


async def test_a_file_is_taken_in_and_answers(api: BotApi, musnad: Musnad, owner: User) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "../../etc/ميناء.txt", HARBOUR.encode(), "text/plain")
        summary = await said(api, owner, "دخل الأرشيف")
        api.world.say(owner, "كم طول الرصيف الجديد في ميناء الرمل؟")
        answer = await said(api, owner, "ستمئة متر")
    assert "افتتاح رصيف جديد في ميناء الرمل" in summary["text"]
    assert "5 آذار/مارس 2026" in summary["text"]
    assert "blockquote" in str(answer["entities"])
    (article,) = musnad.archive.articles()
    assert musnad.archive.origins()[article.source].path is None, "the name sent is never a path"


async def test_the_same_text_under_another_name_is_a_duplicate(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "one.txt", HARBOUR.encode(), "text/plain")
        await said(api, owner, "دخل الأرشيف")
        api.world.send_file(owner, "one.txt", HARBOUR.encode(), "text/plain")
        await said(api, owner, "ولم يتغيّر")
        api.world.send_file(owner, "two.txt", HARBOUR.encode(), "text/plain")
        twice = await said(api, owner, "هذا النص نفسه")
    assert "one.txt" in twice["text"]
    assert musnad.archive.count_articles() == 1


async def test_a_forwarded_post_has_its_channel_as_outlet(api: BotApi, musnad: Musnad, owner: User) -> None:
    channel = api.world.channel("أخبار الخليج", username="khalij_test")
    post = api.world.post(channel, POST)
    async with running(api, musnad, owners={501}):
        api.world.forward(owner, post)
        summary = await said(api, owner, "دخل الأرشيف")
    (article,) = musnad.archive.articles()
    assert article.publisher == "أخبار الخليج"
    assert article.url == f"https://t.me/khalij_test/{post['message_id']}"
    assert article.published.date is not None
    assert "أخبار الخليج" in summary["text"]


async def test_the_first_sentence_of_a_post_is_news_and_not_only_its_headline(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    post = api.world.post(
        api.world.channel("أخبار الخليج"),
        "يتوقف الضخ في محطة التحلية يوم الجمعة بسبب أعمال الصيانة.\n\nويعود الماء صباح السبت بحسب الإدارة.",
    )
    async with running(api, musnad, owners={501}):
        api.world.forward(owner, post)
        await said(api, owner, "دخل الأرشيف")
        api.world.say(owner, "متى يتوقف الضخ في محطة التحلية؟")
        answer = await said(api, owner, "بسبب أعمال الصيانة.")
    (article,) = musnad.archive.articles()
    assert article.title == "يتوقف الضخ في محطة التحلية يوم الجمعة بسبب أعمال الصيانة"
    assert article.body == post["text"]
    assert "لم أجد" not in answer["text"]


async def test_a_link_is_fetched_and_taken_in(
    api: BotApi, musnad: Musnad, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus.fetch, "fetch", partial(corpus.fetch.fetch, allow_private=True))

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    site = web.Application()
    site.router.add_get("/wheat", page)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/wheat"
    try:
        async with running(api, musnad, owners={501}):
            api.world.say(owner, url)
            summary = await said(api, owner, "دخل الأرشيف")
    finally:
        await runner.cleanup()
    assert "موسم القمح في سهل الرمل" in summary["text"]
    assert "2 نيسان/أبريل 2026" in summary["text"]
    (article,) = musnad.archive.articles()
    assert article.url == url
    assert "الرئيسية" not in article.body


async def test_a_link_into_the_own_network_is_not_followed(api: BotApi, musnad: Musnad, owner: User) -> None:
    async with running(api, musnad, owners={501}):
        api.world.say(owner, "http://127.0.0.1/secret")
        await said(api, owner, "تعذّر")
    assert musnad.archive.count_articles() == 0


async def test_what_is_too_large_or_of_another_kind_is_not_downloaded(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "big.txt", b"x", "text/plain", size=21_000_000)
        await said(api, owner, "أكبر مما أستطيع")
        api.world.send_file(owner, "run.exe", b"MZ", "application/octet-stream")
        await said(api, owner, "لا أقرأ ملفات من هذا النوع")
    assert not [method for method, _ in api.calls if method == "getFile"]


async def test_what_holds_no_text_is_said_with_its_reason(api: BotApi, musnad: Musnad, owner: User) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "junk.txt", bytes(range(256)) * 4, "text/plain")
        told = await said(api, owner, "تعذّر إدخاله. السبب: ")
    assert "(بايت صفري عند الموضع 0)" in told["text"]
    assert musnad.archive.count_articles() == 0


def records(count: int) -> bytes:
    """Lines of JSON, each an article about another harbour."""
    return "".join(
        json.dumps(
            {
                "id": number,
                "title": f"أرصفة المرفأ {number} في الرمل",
                "text": f"افتتحت بلدية الرمل مرفأها رقم {number} للصيادين يوم الخميس. وفيه {number + 20} رصيفًا خشبيًّا.",
                "date": "2026-03-05",
            },
            ensure_ascii=False,
        )
        + "\n"
        for number in range(1, count + 1)
    ).encode()


async def test_a_file_of_many_articles_is_taken_in_and_answers(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    data = records(4) + b'{"id": 5, "title": "x", "text": ""}\n{"id": 6, broken\n'
    other = json.dumps({"id": 1, "title": "تحلية المياه", "text": POST}).encode()
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "أخبار.jsonl.gz", gzip.compress(data), "application/gzip")
        summary = await said(api, owner, "ملف جامع، ومقالاته في الأرشيف الآن: 4")
        api.world.say(owner, "كم رصيفًا في مرفأ الرمل رقم 3؟")
        await said(api, owner, "23 رصيفًا")
        api.world.send_file(owner, "أخبار.jsonl.gz", gzip.compress(data), "application/gzip")
        again = await said(api, owner, "كان في الأرشيف ولم يتغيّر: 4")
        api.world.send_file(owner, "أخبار.jsonl.gz", gzip.compress(other), "application/gzip")
        await said(api, owner, "أُضيف: 1")
    for words in ("أُضيف: 4", "تعذّر (فارغ): 1، 5", "تعذّر (ملف تالف", "أخبار.jsonl.gz", "أرصفة المرفأ 4"):
        assert words in summary["text"]
    assert "أُضيف" not in again["text"]
    assert musnad.archive.count_articles() == 5
    held = musnad.archive.collections.all()
    assert {source: each.path for source, each in held.items()} == dict.fromkeys(
        ("أخبار.jsonl.gz", "أخبار (2).jsonl.gz"), ""
    )
    assert not (musnad.settings.data / "incoming").exists()


async def test_how_far_the_reading_of_a_file_of_many_articles_is(
    api: BotApi, musnad: Musnad, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.outgoing.progress._EVERY", 0.05)
    take = Entries.take

    def slow(self: Entries, *given: Any) -> None:
        time.sleep(0.1)
        take(self, *given)

    monkeypatch.setattr(Entries, "take", slow)
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "news.jsonl", records(30), "application/octet-stream")
        await said(api, owner, "أقرأ مقالات")
        await said(api, owner, "أُضيف: 30")


async def test_a_file_of_many_articles_that_holds_none_is_said_with_its_reason(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "settings.json", b'{"theme": "dark"}', "application/json")
        summary = await said(api, owner, "تعذّر إدخاله")
        api.world.send_file(owner, "chart.xml", b"<chart><bar/></chart>", "text/xml")
        await said(api, owner, "ليس مجموعة مقالات")
    assert "theme" in summary["text"]
    assert musnad.archive.count_articles() == 0


async def test_others_feed_nothing(api: BotApi, musnad: Musnad, owner: User) -> None:
    layla = api.world.user(502, "ليلى")
    async with running(api, musnad, owners={501}, allowed_users={502}):
        api.world.send_file(layla, "a.txt", HARBOUR.encode(), "text/plain")
        await api.replies(layla, 1)
        for command in ("/archive", "/remove a.txt", "/reindex"):
            api.world.say(layla, command)
        messages = await api.replies(layla, 4)
    assert musnad.archive.count_articles() == 0
    assert not [message for message in messages if "المقالات" in message["text"]]
    assert not [method for method, _ in api.calls if method == "getFile"]


async def test_archive_and_remove(api: BotApi, musnad: Musnad, owner: User) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        await said(api, owner, "دخل الأرشيف")
        api.world.say(owner, "/archive")
        counts = await said(api, owner, "المقالات: 1")
        (article,) = musnad.archive.articles()
        api.world.say(owner, "/remove harbour.txt")
        asked = await said(api, owner, "هل أزيل هذا")
        api.world.press(owner, asked, "إلغاء")
        await said(api, owner, "بقي في الأرشيف")
        assert musnad.archive.count_articles() == 1
        api.world.say(owner, "/remove افتتاح رصيف جديد في ميناء الرمل")
        again = await said(api, owner, "هل أزيل هذا")
        api.world.press(owner, again, "نعم، أزِله")
        assert "افتتاح رصيف جديد" in (await said(api, owner, "أُزيل من الأرشيف"))["text"]
        api.world.say(owner, "كم طول الرصيف الجديد في ميناء الرمل؟")
        await said(api, owner, "الأرشيف فارغ")
        api.world.say(owner, "/remove nothing.txt")
        await said(api, owner, "ليس في الأرشيف هذا المقال")
    assert f"معرّف المقال: {article.id}" in counts["text"]
    assert "الفهرس سليم" in counts["text"]
    assert "افتتاح رصيف جديد" in counts["text"]
    assert musnad.archive.count_articles() == 0


async def test_what_was_removed_is_not_asked_about_again(api: BotApi, musnad: Musnad, owner: User) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        summary = await said(api, owner, "دخل الأرشيف")
        api.world.say(owner, "كم طول الرصيف الجديد في ميناء الرمل؟")
        answer = await said(api, owner, "ستمئة متر")
        token = api.world.button(answer, "شارك")["switch_inline_query"]
        api.world.press(owner, summary, "أزِله من الأرشيف")
        await said(api, owner, "أُزيل من الأرشيف")
        api.world.say(owner, f"/remove {token}")
        await said(api, owner, "ليس في الأرشيف هذا المقال")
    assert not [message for message in api.world.in_chat(owner) if "هل أزيل هذا" in message["text"]]


async def test_what_was_removed_while_the_index_was_away_leaves_the_index_too(
    api: BotApi, musnad: Musnad, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        summary = await said(api, owner, "دخل الأرشيف")
        with monkeypatch.context() as patched:
            patched.setattr(Index, "sync", Mock(side_effect=IndexUnreachableError("http://chroma:8000")))
            api.world.press(owner, summary, "أزِله من الأرشيف")
            half = await said(api, owner, "الفهرس لم يُحدَّث بعد")
        assert "خادم" in half["text"]
        assert (held := musnad.index_state()) is not None
        assert not held.agree
        api.world.press(owner, half, "أعد المحاولة")
        done = await said(api, owner, "أُزيل من الأرشيف.")
    assert "افتتاح رصيف جديد" in done["text"]
    assert musnad.archive.count_articles() == 0
    assert (held := musnad.index_state()) is not None
    assert held.agree


async def test_a_removal_by_somebody_else_does_nothing(api: BotApi, musnad: Musnad, owner: User) -> None:
    layla = api.world.user(502, "ليلى")
    async with running(api, musnad, owners={501}, allowed_users={502}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        summary = await said(api, owner, "دخل الأرشيف")
        (article,) = musnad.archive.articles()
        api.world.say(layla, "مرحبًا")
        (hello,) = await api.replies(layla)
        query = api.world.forge(layla, hello, f"remove:{article.id}")
        await api.wait_for(lambda: query in api.world.callback_answers)
        await api.settled()
        assert musnad.archive.count_articles() == 1
        api.world.press(owner, summary, "أزِله من الأرشيف")
        await said(api, owner, "أُزيل")
    assert musnad.archive.count_articles() == 0


async def test_reindex_says_how_far_it_is(
    api: BotApi, musnad: Musnad, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.outgoing.progress._EVERY", 0.01)
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        await said(api, owner, "دخل الأرشيف")
        api.world.say(owner, "/reindex")
        done = await said(api, owner, "اكتملت إعادة بناء الفهرس")
        api.world.say(owner, "كم طول الرصيف الجديد في ميناء الرمل؟")
        await said(api, owner, "ستمئة متر")
    assert done["text"].endswith(f"عدد المقاطع: {musnad.archive.size()}")


async def test_a_reindex_ends_with_the_bot_and_is_done_by_the_next_start(
    api: BotApi, musnad: Musnad, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(self: Index, progress: Callable[[int, int], None]) -> None:
        try:
            while True:
                progress(1, 2)
                begun.set()
                time.sleep(0.01)
        finally:
            ended.set()

    with monkeypatch.context() as patched:
        patched.setattr(Index, "reindex", endless)
        async with running(api, musnad, replace(QUICK, stop=0.2), owners={501}):
            api.world.say(owner, "/reindex")
            assert await asyncio.to_thread(begun.wait, 10)
    assert await asyncio.to_thread(ended.wait, 5), "its thread keeps the process"
    async with running(api, musnad, owners={501}):
        await said(api, owner, "اكتملت إعادة بناء الفهرس")


async def test_taking_in_does_not_hold_up_questions(
    api: BotApi, musnad: Musnad, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    real = Musnad.ingest_documents

    def slow(self: Musnad, *given: object, **named: object) -> object:
        go_on.wait(30)
        return real(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Musnad, "ingest_documents", slow)
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        await said(api, owner, "أقرأ «harbour.txt»")
        api.world.say(owner, "كم طول الرصيف؟")
        await said(api, owner, "الأرشيف فارغ")
        assert musnad.archive.count_articles() == 0, "still being taken in"
        go_on.set()
        await said(api, owner, "دخل الأرشيف")
    assert musnad.archive.count_articles() == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ArchiveBusyError("another musnad is writing"), "يكتب برنامج آخر"),
        (IndexBusyError("another musnad is writing"), "يكتب برنامج آخر"),
        (ArchiveUnusableError("/data/archive.sqlite is read-only"), "سجلّ التشغيل"),
        (RecipeMismatchError("model a, not b"), "بُني الفهرس بنموذج آخر"),
        (IndexUnreachableError("http://chroma:8000"), "خادم \u2068Chroma\u2069"),
        (IndexDamagedError("/data/vectors"), "تعذّرت قراءة الفهرس"),
    ],
)
async def test_what_went_wrong_is_said_in_the_owners_language_and_in_detail_in_the_log(
    api: BotApi,
    musnad: Musnad,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    says: str,
) -> None:
    monkeypatch.setattr(Musnad, "ingest_documents", Mock(side_effect=error))
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        told = await said(api, owner, "تعذّر ذلك: ")
    assert says in told["text"]
    assert str(error) not in told["text"]
    assert str(error) in caplog.text


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
async def test_a_file_that_telegram_hands_over_later_is_taken_in(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    api.fail("getFile", 429, "Too Many Requests: retry after 1", retry_after=1, times=3)
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        await said(api, owner, "دخل الأرشيف")
    assert api.count["getfile"] == 1


@pytest.mark.parametrize(
    ("refusal", "says"),
    [("file is too big", "أكبر مما أستطيع تنزيله"), ("wrong file_id", "رفض تيليغرام تسليم الملف")],
)
async def test_a_file_that_telegram_does_not_hand_over(
    api: BotApi, musnad: Musnad, owner: User, refusal: str, says: str
) -> None:
    api.fail("getFile", 400, f"Bad Request: {refusal}")
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "harbour.txt", HARBOUR.encode(), "text/plain")
        assert refusal not in (await said(api, owner, says))["text"]


# Many at once


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Yield what each document waits for before it goes in."""
    go_on, real = threading.Semaphore(0), Musnad.ingest_documents

    def slow(self: Musnad, *given: object, **named: object) -> object:
        go_on.acquire(timeout=30)
        return real(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Musnad, "ingest_documents", slow)
    yield go_on
    go_on.release(100)


def harbour(number: int) -> bytes:
    return HARBOUR.replace("ميناء الرمل", f"ميناء الرمل رقم {number}").encode()


async def test_questions_are_answered_while_many_files_wait(
    api: BotApi, musnad: Musnad, owner: User, held: threading.Semaphore
) -> None:
    async with running(api, musnad, owners={501}):
        for number in range(20):
            api.world.send_file(owner, f"{number}.txt", harbour(number), "text/plain")
        await said(api, owner, "أقرأ «0.txt»")
        began = time.monotonic()
        for number in range(6):
            api.world.say(owner, f"ما طول الرصيف {number}؟")
        api.world.say(owner, "/help")
        await said(api, owner, "كيف تسأل")
        await api.wait_for(
            lambda: sum("الأرشيف فارغ" in m["text"] for m in api.world.in_chat(owner)) == 6, 10
        )
        assert time.monotonic() - began < 5
        assert musnad.archive.count_articles() == 0, "still being taken in"
        held.release(20)
        await api.wait_for(
            lambda: sum("دخل الأرشيف" in m["text"] for m in api.world.in_chat(owner)) == 20, 60
        )
    reports = [m["text"] for m in api.world.in_chat(owner) if "دخل الأرشيف" in m["text"]]
    named = [re.search(r"(\d+)\.txt", text) for text in reports]
    assert [int(found[1]) for found in named if found] == list(range(20)), "one after the other, in order"


async def test_what_is_read_and_what_waits_is_said(
    api: BotApi, musnad: Musnad, owner: User, held: threading.Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.outgoing.progress._EVERY", 0.01)
    async with running(api, musnad, owners={501}):
        for number in range(9):
            api.world.send_file(owner, f"{number}.txt", harbour(number), "text/plain")
        first = await said(api, owner, "وبعده في الانتظار (8):")
        assert "1.txt" in first["text"]
        assert first["text"].endswith("، …")
        held.release(7)
        later = await said(api, owner, "وبعده في الانتظار (1):")
        assert "أقرأ «7.txt»" in later["text"]
        assert "8.txt" in later["text"]
        held.release(2)
        await said(api, owner, "8.txt")


async def test_files_that_wait_go_in_after_a_restart(
    api: BotApi, musnad: Musnad, owner: User, held: threading.Semaphore
) -> None:
    async with running(api, musnad, replace(QUICK, stop=0.2), owners={501}):
        for number in range(4):
            api.world.send_file(owner, f"{number}.txt", harbour(number), "text/plain")
        await said(api, owner, "أقرأ «0.txt»")
    held.release(100)
    async with running(api, musnad, owners={501}):
        await api.wait_for(lambda: musnad.archive.count_articles() == 4, 30)
        await said(api, owner, "3.txt")
    assert sorted(musnad.archive.sources()) == ["0.txt", "1.txt", "2.txt", "3.txt"]


# A question beside a file


async def test_the_question_under_a_file_is_answered_from_it(
    api: BotApi, musnad: Musnad, owner: User
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(
            owner, "1.txt", harbour(1).replace("ستمئة".encode(), "تسعمئة".encode()), "text/plain"
        )
        await said(api, owner, "دخل الأرشيف")
        api.world.send_file(owner, "2.txt", harbour(2), "text/plain", "كم طول الرصيف الجديد في ميناء الرمل؟")
        answer = await said(api, owner, "ستمئة متر")
        texts = [message["text"] for message in api.world.in_chat(owner)]
    assert "تسعمئة" not in answer["text"]
    assert texts.index(answer["text"]) == len(texts) - 1
    assert "2.txt" in texts[-2], "after the report"


@pytest.mark.parametrize("caption", ["تقرير الميناء لهذا الأسبوع", "أرسله مدير الميناء أمس."])
async def test_a_remark_under_a_file_is_no_question(
    api: BotApi, musnad: Musnad, owner: User, caption: str
) -> None:
    async with running(api, musnad, owners={501}):
        api.world.send_file(owner, "1.txt", HARBOUR.encode(), "text/plain", caption)
        await said(api, owner, "دخل الأرشيف")
        api.world.say(owner, "/help")
        await said(api, owner, "كيف تسأل")
    assert len(api.world.in_chat(owner)) == 2


@pytest.mark.parametrize(
    ("message", "belongs"),
    [
        ({"document": {"file_name": "a.txt"}}, True),
        ({"text": "https://news.example/1", "entities": [{"type": "url", "offset": 0, "length": 22}]}, True),
        ({"text": "ما https://a.b", "entities": [{"type": "url", "offset": 3, "length": 11}]}, False),
        ({"text": "خبر", "forward_origin": {"type": "channel", "chat": {"id": -1}}}, True),
        ({"text": "خبر", "forward_origin": {"type": "user"}}, False),
        ({"text": "/reindex"}, True),
        ({"text": "/reindex@musnad_test_bot"}, True),
        ({"text": "متى؟"}, False),
        ({"document": {}, "from": {"id": 7}}, False),
        ({"document": {}, "chat": {"id": -5, "type": "supergroup"}}, False),
        ({"document": {}, "chat": None}, False),
    ],
)
def test_what_takes_long_stands_in_a_line_of_its_own(state: State, message: Json, belongs: bool) -> None:
    queue = FeedQueue(owners=frozenset({501}), inbox=Inbox(state))
    placed = {"chat": {"id": 501, "type": "private"}, "from": {"id": 501}} | message
    assert queue.has({"update_id": 1, "message": placed}) is belongs


@pytest.mark.parametrize("update", [{}, {"message": None}, {"message": []}, {"callback_query": {}}])
def test_what_is_no_message_stands_in_no_line(state: State, update: Json) -> None:
    assert not FeedQueue(owners=frozenset({501}), inbox=Inbox(state)).has(update)
