"""Chats that were given a quote are told when its article changed: once, with both wordings."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.answer import Answer, Quote
from bot.answering.pipeline import Question
from bot.quotes import cut
from bot.state import State
from corpus import arabic
from corpus.article import Article, Chunk
from corpus.store import Archive
from tests.botapi import BotApi, Chat, User
from tests.botapi.chats import Json
from tests.botapi.running import LIBRARY, ScriptedAsker, ScriptedCore, answered, running

ASKED = "متى افتتحت المكتبة؟"
BOOKS = "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."
NOW = "وتضم المكتبة عشرة آلاف كتاب وقاعة للأطفال."


def put(archive: Archive, article: Article, **more: Any) -> str:
    """Store an article whose file holds its body and no more."""
    digest = hashlib.sha256(article.body.encode()).hexdigest()

    def chunks(said: Article) -> list[Chunk]:
        return [Chunk(said.id, span.start, span.end, (span,)) for span in arabic.sentences(said.body)]

    return archive.add_file(article.source, digest, article.body, [article], chunks, **more).status


def corrected(article: Article = LIBRARY) -> Article:
    return replace(article, body=article.body.replace("اثني عشر ألف كتاب", "عشرة آلاف كتاب"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.sqlite") as opened:
        put(opened, LIBRARY)
        yield opened


@pytest.fixture
def core(archive: Archive, state: State) -> ScriptedCore:
    def reply(words: str) -> Any:
        def answer(question: Question) -> Answer:
            return replace(answered("اثنا عشر ألفًا", quoted(archive, words)), question=question.text)

        return answer

    replies = {ASKED: reply(BOOKS), "الإعارة؟": reply("الإعارة ستكون مجانية طوال الشهر الأول")}
    return ScriptedCore(ScriptedAsker(replies), archive, state)  # type: ignore[arg-type]


def quoted(archive: Archive, words: str) -> Quote:
    (article,) = [each for each in archive.versions_of(LIBRARY.source) if words in each.body][:1]
    start = article.body.index(words)
    return cut(article, start, start + len(words))


async def ask(api: BotApi, user: User, chat: Chat | None = None, text: str = ASKED) -> Json:
    there = chat or user
    seen = len(api.world.in_chat(there))
    if isinstance(chat, Chat):
        api.world.say(user, f"/ask {text}", chat)
    else:
        api.world.say(user, text)
    return (await api.replies(there, seen + 1))[-1]


async def told(api: BotApi, chat: Chat | User, count: int = 1, seen: int = 1) -> list[Json]:
    """Return the notices that a chat gets after the answers it has ``seen``."""
    return (await api.replies(chat, seen + count))[seen:]


async def looked(core: ScriptedCore) -> None:
    """Return once all that changed was looked through, and told or not."""
    async with asyncio.timeout(10):
        while (  # noqa: ASYNC110 - files change, which rings no bell
            core.state.row("select number from scanned") != {"number": core.archive.changes.last()}  # type: ignore[attr-defined]
            or core.state.row("select 1 from due")
            or core.state.row("select 1 from notices where state = 'waiting'")
        ):
            await asyncio.sleep(0.02)


async def test_a_correction_reaches_both_chats_once_with_both_wordings(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    room = api.world.group("غرفة التحرير")
    salim = api.world.user(502, "سليم")
    async with running(api, core, allowed_users={501, 502}, allowed_chats={room.id}):
        mine, theirs = await ask(api, layla), await ask(api, salim, room)
        put(archive, corrected())
        [private], [group] = await told(api, layla), await told(api, room)
        await looked(core)
        assert len(api.world.in_chat(layla)) == 2
        assert len(api.world.in_chat(room)) == 2
    for notice, answer in ((private, mine), (group, theirs)):
        assert BOOKS in notice["text"]
        assert NOW in notice["text"]
        assert notice["reply_to_message"]["message_id"] == answer["message_id"]
        assert "تغيّر نصٌّ اقتبستُه" in notice["text"]


async def test_a_page_that_its_outlet_took_away_is_told_once_and_that_it_is_back(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        assert archive.mark_withdrawn(LIBRARY.source, True)
        assert not archive.mark_withdrawn(LIBRARY.source, True)
        [notice] = await told(api, layla)
        await looked(core)
        assert archive.mark_withdrawn(LIBRARY.source, False)
        [back] = await told(api, layla, seen=2)
        assert archive.mark_withdrawn(LIBRARY.source, True)
        await looked(core)
        assert len(api.world.in_chat(layla)) == 3
    assert "لم تعد متاحة في موقع الناشر" in notice["text"]
    assert BOOKS in notice["text"]
    assert "باقٍ في الأرشيف" in notice["text"]
    assert "قائمٌ من جديد" in back["text"]


async def test_what_does_not_touch_the_quote_is_not_told(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    elsewhere = replace(LIBRARY, body=LIBRARY.body.replace("طوال الشهر الأول", "طوال السنة"))
    vowels = replace(elsewhere, body=elsewhere.body.replace("وتضم المكتبة", "وتضمُّ المكتبةُ"))
    appended = replace(vowels, body=vowels.body + "\nوتفتح المكتبة أبوابها كل يوم.")
    headline = replace(appended, title="عنوان آخر")
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        for newer in (elsewhere, vowels, appended, headline):
            assert put(archive, newer) == "changed"
            await looked(core)
        await looked(core)
        assert len(api.world.in_chat(layla)) == 1


async def test_a_text_read_otherwise_by_a_newer_parser_is_no_correction(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    same = hashlib.sha256(LIBRARY.body.encode()).hexdigest()
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        body = LIBRARY.body.replace(BOOKS, "").replace("  ", " ")
        archive.add_file(LIBRARY.source, same, LIBRARY.body, [replace(LIBRARY, body=body)], lambda said: [])
        await looked(core)
        assert archive.changes.since()[0].kind == "reread"
        assert len(api.world.in_chat(layla)) == 1
        # What is corrected later touches the quote no more: its words were gone before.
        put(archive, replace(LIBRARY, body=body.replace("عامين", "ثلاثة أعوام")))
        await looked(core)
        assert archive.changes.since()[0].kind == "changed"
        assert len(api.world.in_chat(layla)) == 1


async def test_a_removal_is_told_and_only_what_is_known_of_it(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        archive.remove_file(LIBRARY.source)
        [notice] = await told(api, layla)
        await looked(core)
        put(archive, LIBRARY)
        [again] = await told(api, layla, seen=2)
    assert "لم يعد في الأرشيف" in notice["text"]
    assert BOOKS in notice["text"]
    assert "قائمٌ من جديد" in again["text"]
    assert BOOKS in again["text"]


async def test_a_file_that_got_another_name_was_not_removed(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        put(archive, replace(LIBRARY, source="renamed.txt"))
        archive.remove_file(LIBRARY.source)
        await looked(core)
        assert len(api.world.in_chat(layla)) == 1


async def test_a_notice_put_over_the_article_is_shown(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    notice = "تسحب الصحيفة هذا الخبر بعد مراجعته."
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        put(archive, replace(LIBRARY, body=f"{notice}\n{LIBRARY.body}"))
        [shown] = await told(api, layla)
        await looked(core)
        # An article that grows upwards all day says so once.
        put(archive, replace(LIBRARY, body=f"وللخبر تتمة ننشرها تباعا.\n{notice}\n{LIBRARY.body}"))
        await looked(core)
        assert len(api.world.in_chat(layla)) == 2
    assert notice in shown["text"]
    assert BOOKS in shown["text"]
    assert "أُضيف نصٌّ في رأس" in shown["text"]


async def test_text_taken_out_and_a_retraction_in_its_place(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        put(archive, replace(LIBRARY, body="سُحب هذا الخبر لأن ما ورد فيه لم يثبت."))
        [notice] = await told(api, layla)
    assert BOOKS in notice["text"]
    assert "سُحب هذا الخبر لأن ما ورد فيه لم يثبت." in notice["text"]
    assert "لم يعد نصٌّ اقتبستُه" in notice["text"]


async def test_back_and_forth_nobody_is_told_the_same_twice(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        for _ in range(3):
            for article in (corrected(), LIBRARY):
                put(archive, article)
                await looked(core)
        texts = [message["text"] for message in api.world.in_chat(layla)]
    assert len(texts) == 3
    assert NOW in texts[1]
    assert "قائمٌ من جديد" in texts[2]


async def test_a_change_back_before_anybody_was_told_is_not_told(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
    put(archive, corrected())
    put(archive, LIBRARY)
    async with running(api, core, allowed_users={501}):
        await looked(core)
        assert len(api.world.in_chat(layla)) == 1


async def test_several_quotes_of_an_article_are_one_message(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    newer = replace(corrected(), body=corrected().body.replace("مجانية طوال الشهر", "مجانية طوال الأسبوع"))
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        last = await ask(api, layla, text="الإعارة؟")
        put(archive, newer)
        [notice] = await told(api, layla, seen=2)
        await looked(core)
        assert len(api.world.in_chat(layla)) == 3
    assert NOW in notice["text"]
    assert "ستكون مجانية طوال الأسبوع الأول" in notice["text"]
    assert notice["reply_to_message"]["message_id"] == last["message_id"]


async def test_what_changed_while_the_bot_was_stopped_is_told_at_its_start(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        await looked(core)
    put(archive, corrected())
    async with running(api, core, allowed_users={501}):
        [notice] = await told(api, layla)
    assert NOW in notice["text"]


async def test_what_changed_before_the_bot_kept_watch_is_not_told(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
    with core.state.writing() as db:
        db.execute("delete from scanned")
    put(archive, corrected())
    async with running(api, core, allowed_users={501}):
        await looked(core)
        assert len(api.world.in_chat(layla)) == 1


async def test_who_erased_their_data_or_may_not_ask_or_switched_it_off_is_not_told(
    api: BotApi, core: ScriptedCore, archive: Archive
) -> None:
    erased, shut, off = (api.world.user(number, "قارئ") for number in (601, 602, 603))
    async with running(api, core, allowed_users={601, 602, 603}):
        for user in (erased, shut, off):
            await ask(api, user)
        api.world.say(erased, "/forget")
        _, confirm = await api.replies(erased, 2)
        api.world.press(erased, confirm, "نعم، امحُ كل شيء")
        await api.edited(confirm)
        api.world.say(off, "/settings")
        _, menu = await api.replies(off, 2)
        api.world.press(off, menu, "تنبيهات التغيّر")
        menu = await api.edited(menu)
        api.world.press(off, menu, "متوقفة")
        menu = await api.edited(menu)
        await looked(core)
    put(archive, corrected())
    async with running(api, core, allowed_users={601, 603}):
        await looked(core)
        counts = [len(api.world.in_chat(user)) for user in (erased, shut, off)]
    assert counts == [2, 1, 2]
    assert not core.state.rows(
        "select 1 from given join answers on answers.id = given.answer where user = 601"
    )


async def test_who_blocked_the_bot_is_not_told_and_holds_up_nobody(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    gone = api.world.user(701, "سليم")
    async with running(api, core, allowed_users={501, 701}):
        await ask(api, gone)
        await ask(api, layla)
        api.world.block(gone)
        put(archive, corrected())
        [notice] = await told(api, layla)
        await looked(core)
    assert NOW in notice["text"]
    assert core.state.rows("select 1 from notices where state = 'waiting'") == []


async def test_a_group_that_moved_is_told_under_its_new_number(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    room = api.world.group("غرفة", basic=True)
    async with running(api, core, allowed_users={501}, allowed_chats={room.id}):
        await ask(api, layla, room)
        newer = api.world.migrate(room)
        put(archive, corrected())
        [notice] = await told(api, newer, seen=0)
        await looked(core)
    assert NOW in notice["text"]
    assert "reply_to_message" not in notice


async def test_an_ingest_that_touches_much_is_told_in_one_message(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    many = [replace(LIBRARY, source=f"{n}.txt", title=f"مقال {n}") for n in range(30)]
    replies = core.asker.replies
    for n, article in enumerate(many):
        put(archive, article)
        start = article.body.index(BOOKS)
        replies[f"سؤال {n}؟"] = answered("جواب", cut(article, start, start + len(BOOKS)))  # type: ignore[index]
    async with running(api, core, allowed_users={501}, rate_user="0"):
        for n in range(30):
            await ask(api, layla, text=f"سؤال {n}؟")
        await looked(core)
    for article in many:
        put(archive, corrected(article))
    async with running(api, core, allowed_users={501}, rate_user="0"):
        [digest] = await told(api, layla, seen=30)
        await looked(core)
        # More in the same hour waits for the next.
        put(archive, replace(LIBRARY, source="0.txt", body="نص آخر كله."))
        await asyncio.sleep(0.5)
        assert len(api.world.in_chat(layla)) == 31
    assert "30" in digest["text"]
    assert digest["text"].count("رابط دائم") == 20
    assert core.state.rows("select source from due") == [{"source": "0.txt"}]


async def test_a_lost_reply_is_not_sent_again(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    async with running(api, core, allowed_users={501}):
        await ask(api, layla)
        api.drop_reply("sendMessage", chat=layla)
        put(archive, corrected())
        [notice, line] = await told(api, layla, 2)
        await looked(core)
    async with running(api, core, allowed_users={501}):
        await looked(core)
        assert len(api.world.in_chat(layla)) == 3
    assert NOW in notice["text"]
    assert "ربما لم يصلكم" in line["text"]
