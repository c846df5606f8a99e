"""Forgetting: what is kept of a user goes for good, and what is old goes by itself; nothing people write is logged."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.llm.budget import Budget
from bot.state import State
from bot.telegram.access.store import AccessStore, Party
from bot.telegram.app import assemble
from bot.telegram.features.erasure import Erased, Memory
from corpus.errors import ArchiveBusyError
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, answered, quote, running, scripted, settings
from vectorstore.errors import IndexUnreachableError

ASKED = "متى افتتحت المكتبة؟"
SECRET = "سؤال لا يعرفه أحد سواي"
SENTENCE = "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."
ANSWER = answered("الأحد", quote(LIBRARY, SENTENCE))


@pytest.fixture
def layla(api: BotApi) -> User:
    return api.world.user(5010501, "ليلى")


@pytest.fixture
def rami(api: BotApi) -> User:
    return api.world.user(5020502, "رامي")


def remember(state: State, conversation: str, question: str, at: str = "2026-01-01T00:00:00+00:00") -> None:
    """A turn as the real core keeps it: the scripted one keeps none."""
    with state.writing() as db:
        db.execute(
            "insert into turns (conversation, asked_at, question, standalone, status, answer)"
            " values (?, ?, ?, ?, 'refused', '{}')",
            [conversation, at, question, question],
        )


async def forgotten(api: BotApi, user: User, yes: str = "نعم، امحُ كل شيء") -> None:
    """Somebody asks in private to be forgotten, as the first thing they do, and says yes."""
    api.world.say(user, "/forget")
    [confirm] = await api.replies(user)
    api.world.press(user, confirm, yes)
    await api.edited(confirm)


def on_disk(state: State, words: str) -> bool:
    """Whether the words stand in the file or its log, in a live row or not."""
    row = state.row("pragma database_list")
    assert row is not None
    path = Path(row["file"])
    files = [path, path.with_name(f"{path.name}-wal")]
    return any(words.encode() in file.read_bytes() for file in files if file.exists())


async def test_forget_erases_everything_of_the_one_who_asks_and_nothing_of_others(
    api: BotApi, layla: User, rami: User, caplog: pytest.LogCaptureFixture
) -> None:
    group = api.world.group("غرفة")
    core = scripted({SECRET: ANSWER, ASKED: ANSWER})
    async with running(
        api, core, allowed_users={layla.id, rami.id}, allowed_chats={group.id}, log_level="DEBUG"
    ):
        api.world.say(layla, SECRET)
        api.world.say(layla, f"/ask {SECRET}", group)
        api.world.say(rami, f"/ask {ASKED}", group)
        await api.replies(layla)
        await api.replies(group, 2)
        for person, question in ((layla, SECRET), (rami, ASKED)):
            for chat in (person.id, group.id):
                remember(core.state, f"telegram:{chat}:0:{person.id}", question)
        with core.state.writing() as db:
            answers = {row["user"]: row["id"] for row in db.query("select * from answers where chat < 0")}
            for user in answers:
                db.execute(
                    "insert into feedback values (?, ?, 1, ?, '2026-01-01')", [answers[rami.id], user, SECRET]
                )
        assert on_disk(core.state, SECRET)
        quotes = core.state.rows("select id from quotes")

        api.world.say(layla, "/forget", group)
        *_, confirm = await api.replies(group, 3)
        pressed = api.world.press(rami, confirm, "نعم، امحُ كل شيء")
        assert (await api.answer_to(pressed))["text"] == "هذا الزر لمن طلب المحو."
        api.world.press(layla, confirm, "نعم، امحُ كل شيء")
        done = await api.edited(confirm)
    assert done["text"].splitlines()[:4] == [
        "مُحي ما كان عندي عنك.", "الأسئلة في أحاديثنا: 2", "الأجوبة المحفوظة: 2", "التقييمات: 1",
    ]  # fmt: skip
    assert "reply_markup" not in done
    left = core.state.rows("select conversation from turns union all select conversation from answers")
    assert {row["conversation"].rpartition(":")[2] for row in left} == {str(rami.id)}
    assert [row["user"] for row in core.state.rows("select user from feedback")] == [rami.id]
    assert core.state.rows("select id from quotes") == quotes, "permalinks go on"
    for table in ("inbox", "deliveries", "answers", "turns", "chats", "pairings", "notified"):
        for row in core.state.rows(f"select * from {table}"):
            assert layla.id not in row.values(), table
            assert not any(str(layla.id) in str(value) for value in row.values()), table
    for kept in (str(layla.id), str(rami.id), SECRET, ASKED, "ليلى"):
        assert kept not in caplog.text


async def test_what_was_sent_to_somebody_and_what_they_set_and_asked_for_is_forgotten(
    api: BotApi, layla: User
) -> None:
    group = api.world.group("غرفة")
    core = scripted({SECRET: ANSWER})
    AccessStore(core.state).ask(Party("user", layla.id, "ليلى حسن", "layla"), "ar", 0)
    with core.state.writing() as db:
        db.execute('insert into chats (chat, "values") values (?, ?)', [layla.id, '{"version": 1}'])
    api.lose("sendMessage", chat=group)

    hers = {
        "pairing": f"pairings where id = {layla.id}",
        "settings": f"chats where chat = {layla.id}",
        "sent in private": f"deliveries where chat = {layla.id}",
        "answer in the group": f"deliveries where chat = {group.id} and label = 'answer'",
        "answer sent again": f"deliveries where chat = {group.id} and label like 'answer:%'",
    }

    def kept() -> set[str]:
        return {what for what, rows in hers.items() if core.state.rows(f"select 1 from {rows}")}

    async with running(api, core, allowed_users={layla.id}, allowed_chats={group.id}):
        api.world.say(layla, "/help")
        await api.replies(layla)
        api.world.say(layla, f"/ask {SECRET}", group)
        [unsure] = await api.replies(group)
        api.world.press(layla, unsure, "أرسل الجواب مرة أخرى")
        await api.edited(unsure)
        assert kept() == hers.keys()
        api.world.say(layla, "/forget")
        _, confirm = await api.replies(layla, 2)
        api.world.press(layla, confirm, "نعم، امحُ كل شيء")
        await api.edited(confirm)
    assert kept() == set()


async def test_nothing_is_erased_of_somebody_whose_number_ends_in_the_same_digits(
    state: State, layla: User
) -> None:
    other = 90_000_000 + layla.id
    for user in (layla.id, other):
        remember(state, f"telegram:{user}:0:{user}", ASKED)
    assert Memory(state).forget(layla.id).turns == 1
    assert state.rows("select conversation from turns") == [{"conversation": f"telegram:{other}:0:{other}"}]


async def test_the_name_of_somebody_let_in_is_erased_and_they_may_still_ask(api: BotApi, layla: User) -> None:
    core = scripted({ASKED: ANSWER})
    owner = api.world.user(900, "صاحب البوت")
    AccessStore(core.state).set(Party("user", layla.id, "ليلى حسن", "layla"), "allowed", owner.id)
    async with running(api, core, owners={owner.id}):
        await forgotten(api, layla)
        api.world.say(owner, "/access")
        [page] = await api.replies(owner)
        api.world.say(layla, ASKED)
        await api.replies(layla, 2)
    assert core.state.rows("select name, username, verdict from access") == [
        {"name": "", "username": "", "verdict": "allowed"}
    ]
    assert str(layla.id) in page["text"]
    assert "ليلى" not in page["text"]
    assert not on_disk(core.state, "ليلى حسن")


async def test_what_was_erased_cannot_be_read_in_the_file(api: BotApi, layla: User) -> None:
    core = scripted({})
    remember(core.state, f"telegram:{layla.id}:0:{layla.id}", SECRET)
    assert on_disk(core.state, SECRET)
    assert Memory(core.state).forget(layla.id) == Erased(1, 0, 0)
    assert not on_disk(core.state, SECRET)
    assert not on_disk(core.state, str(layla.id))


async def test_what_somebody_has_set_in_private_is_forgotten_at_once(api: BotApi, layla: User) -> None:
    core = scripted({})
    with core.state.writing() as db:
        values = '{"version": 1, "language": "en", "quotes": 3}'
        db.execute('insert into chats (chat, "values") values (?, ?)', [layla.id, values])
    async with running(api, core, allowed_users={layla.id}):
        await forgotten(api, layla, "Yes, erase everything")
        api.world.say(layla, "/settings")
        _, menu = await api.replies(layla, 2)
        api.world.press(layla, menu, "عدد الاقتباسات")
        menu = await api.edited(menu)
        api.world.press(layla, menu, "2")
        await api.edited(menu, 2)
    [row] = core.state.rows("select * from chats")
    assert json.loads(row["values"])["language"] is None
    assert json.loads(row["values"])["quotes"] == 2


async def test_nothing_is_erased_before_it_is_confirmed(api: BotApi, layla: User) -> None:
    core = scripted({ASKED: ANSWER})
    async with running(api, core, allowed_users={layla.id}):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        api.world.say(layla, "/forget")
        _, confirm = await api.replies(layla, 2)
        api.world.press(layla, confirm, "إلغاء")
        assert (await api.edited(confirm))["text"] == "لم أمحُ شيئًا."
    assert len(core.state.rows("select id from answers")) == 1


async def test_what_is_still_being_answered_in_another_chat_is_forgotten_too(
    api: BotApi, layla: User
) -> None:
    group = api.world.group("غرفة")
    begun, go = threading.Event(), threading.Event()

    def slow(question: Question) -> Answer:
        begun.set()
        assert go.wait(10)
        return ANSWER

    core = scripted({SECRET: slow})
    async with running(api, core, allowed_users={layla.id}, allowed_chats={group.id}):
        api.world.say(layla, f"/ask {SECRET}", group)
        assert await asyncio.to_thread(begun.wait, 5)
        api.world.say(layla, "/forget")
        [confirm] = await api.replies(layla)
        api.world.press(layla, confirm, "نعم، امحُ كل شيء")
        with pytest.raises(TimeoutError):  # nothing is said to be erased that is still to be remembered
            await api.edited(confirm, seconds=0.3)
        go.set()
        await api.replies(group)
        await api.edited(confirm)
    assert core.state.rows("select * from answers") == []


async def test_what_is_put_off_while_it_is_forgotten_is_not_answered_later(
    api: BotApi, layla: User, rami: User
) -> None:
    begun, go = threading.Event(), threading.Event()
    away = True

    def reply(question: Question) -> Answer:
        begun.set()
        assert go.wait(10)
        if away:
            raise IndexUnreachableError("the Chroma server at http://chroma:8000 does not answer")
        return ANSWER

    core = scripted({SECRET: reply, ASKED: reply})
    async with running(api, core, allowed_users={layla.id, rami.id}):
        api.world.say(layla, SECRET)
        assert await asyncio.to_thread(begun.wait, 5)
        api.world.say(layla, "/forget")
        [confirm] = await api.replies(layla)
        api.world.press(layla, confirm, "نعم، امحُ كل شيء")
        begun.clear()
        api.world.say(rami, ASKED)
        assert await asyncio.to_thread(begun.wait, 5), "then the erasing, too, waits for its turn"
        go.set()
        await api.edited(confirm)
        await api.replies(layla, 2)
        assert "سؤالك محفوظ" in api.world.in_chat(layla)[1]["text"]
        away = False
        await api.replies(rami, 2)
        await api.settled()
        await asyncio.sleep(0.2)
    assert len(api.world.in_chat(layla)) == 2
    assert [question.text for question in core.asker.asked].count(SECRET) == 1
    assert not on_disk(core.state, SECRET)
    for table in ("inbox", "deliveries", "answers"):
        for row in core.state.rows(f"select * from {table}"):
            assert layla.id not in row.values(), table


async def test_who_writes_in_the_groups_name_is_told_to_use_their_own(api: BotApi) -> None:
    group = api.world.group("غرفة")
    async with running(api, scripted({}), allowed_chats={group.id}):
        api.world.say(None, "/forget", group)
        [told] = await api.replies(group)
    assert "/forget باسمك" in told["text"].replace("\u2069", "").replace("\u2068", "")
    assert "reply_markup" not in told


async def test_what_waits_in_the_inbox_is_forgotten_too(api: BotApi, layla: User) -> None:
    core = scripted({})
    with core.state.writing() as db:
        for number, state in enumerate(("waiting", "dead", "running"), 1):
            db.execute(
                "insert into inbox (update_id, chat, user, payload, state, received) values (?, ?, ?, ?, ?, '2026')",
                [number, layla.id, layla.id, f'{{"text": "{SECRET}"}}', state],
            )
    Memory(core.state).forget(layla.id, 3)
    rows = core.state.rows("select update_id, chat, user, payload, state from inbox order by update_id")
    assert [row["state"] for row in rows] == ["done", "done", "running"]
    assert [SECRET in row["payload"] for row in rows] == [False, False, True], (
        "what is at work is cleared when done"
    )
    assert {row["chat"] for row in rows} == {row["user"] for row in rows} == {None}


async def test_what_is_old_is_erased_at_start_and_in_the_running_bot(api: BotApi, layla: User) -> None:
    core = scripted({})
    now = datetime.now(UTC)
    for days in (89, 91):
        at = (now - timedelta(days=days)).isoformat(timespec="seconds")
        remember(core.state, f"telegram:1:0:{layla.id}", f"قبل {days}", at)
    async with running(api, core, allowed_users={layla.id}):
        async with asyncio.timeout(5):
            while len(await asyncio.to_thread(core.state.rows, "select id from turns")) > 1:
                pass
    assert [row["question"] for row in core.state.rows("select question from turns")] == ["قبل 89"]


async def test_retention_of_nothing_keeps_everything_and_an_expired_answer_takes_its_ratings_along(
    api: BotApi,
) -> None:
    core = scripted({})
    remember(core.state, "telegram:1:0:1", "قديم", "2020-01-01T00:00:00+00:00")
    with core.state.writing() as db:
        db.execute(
            "insert into answers (conversation, chat, user, language, question, standalone, status, answer, recipe,"
            " asked) values ('telegram:1:0:1', 1, 1, 'ar', 'قديم', 'قديم', 'refused', '{}', '{}', '2020')"
        )
        db.execute("insert into feedback values (1, 1, 1, null, '2026-01-01')")
    for days, left in ((0, 1), (30, 0)):
        bot = assemble(core, settings(api, retention_days=days))
        await bot.upkeep.once()
        await bot.app.bot.shutdown()
        for table in ("turns", "answers", "feedback"):
            assert len(core.state.rows(f"select * from {table}")) == left, table


def test_of_every_table_what_is_old_goes_and_nothing_that_is_new_or_still_waits(state: State) -> None:
    old, new = "2026-01-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"
    person = {"kind": "user", "language": "ar", "asked_in": 1}
    group = person | {"kind": "chat", "at": old}
    update = {"payload": "waiting", "state": "waiting", "received": old}
    said = {"standalone": "", "status": "refused", "answer": "{}"}
    with state.writing() as db:
        for number, name, at in ((2, "new", new), (1, "old", old)):
            of = {"user": number, "chat": number, "conversation": "", "language": "ar", "recipe": "{}"}
            rows: dict[str, dict[str, Any]] = {
                "turns": said | {"question": name, "asked_at": at, "conversation": ""},
                "answers": said | of | {"id": number, "question": name, "asked": at},
                "feedback": {"answer": 2, "user": number, "verdict": 1, "why": name, "at": at},
                "deliveries": {
                    "update_id": 1, "label": name, "part": 0, "chat": 1, "state": "sent", "at": at,
                },
                "inbox": {"update_id": number, "payload": name, "state": "dead", "received": at},
                "pairings": person | {"code": name, "id": number, "at": at},
                "spent": {"day": at[:10], "count": 1},
            }  # fmt: skip
            for table, row in rows.items():
                db.table(table).insert(row)
        db.table("inbox").insert(update | {"update_id": 3})
        db.table("pairings").insert(group | {"code": "waiting", "id": -1})
        db.table("pairings").insert(group | {"code": "decided", "id": -2, "verdict": "denied"})
    assert Memory(state).expire(datetime(2026, 2, 1, tzinfo=UTC)) == 1
    for table, column, left in (
        ("turns", "question", {"new"}),
        ("answers", "question", {"new"}),
        ("feedback", "why", {"new"}),
        ("deliveries", "label", {"new"}),
        ("inbox", "payload", {"new", "waiting"}),
        ("pairings", "code", {"new", "waiting"}),
        ("spent", "day", {new[:10]}),
    ):
        assert {row[column] for row in state.rows(f"select * from {table}")} == left, table


async def test_what_could_not_be_erased_because_the_file_was_busy_is_erased_another_time(
    api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = scripted({})
    remember(core.state, "telegram:1:0:1", "قديم", "2020-01-01T00:00:00+00:00")
    expire, busy = Memory.expire, [ArchiveBusyError("bot.sqlite is busy")]

    def once_busy(self: Memory, before: datetime) -> int:
        if busy:
            raise busy.pop()
        return expire(self, before)

    monkeypatch.setattr(Memory, "expire", once_busy)
    bot = assemble(core, settings(api))
    for left in (1, 0):
        await bot.upkeep.once()
        assert len(core.state.rows("select * from turns")) == left
    await bot.app.bot.shutdown()


async def test_owners_are_told_once_a_day_that_the_chat_model_has_reached_its_limit(api: BotApi) -> None:
    owners = [api.world.user(901, "سلمى"), api.world.user(902, "نادر")]
    for owner in owners:
        api.world.chats[owner.id].started = True
    core = scripted({})
    bot = assemble(core, settings(api, owners={901, 902}, llm_daily=2))
    async with bot.app:
        for _ in range(3):
            Budget(core.state, 2).take()
            await bot.upkeep.once()
    for owner in owners:
        [told] = api.world.in_chat(owner)
        assert "بلغ نموذج المحادثة حدّه اليومي (2)" in told["text"]


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
async def test_no_question_and_no_number_of_a_person_is_logged(
    api: BotApi, layla: User, level: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.telegram.runtime.redaction import log_to_stderr

    caplog.set_level(logging.DEBUG)
    stranger = api.world.user(6660666, "غريب")
    root = logging.getLogger()
    before = {name: logging.getLogger(name).level for name in [*logging.root.manager.loggerDict, ""]}
    handler = log_to_stderr(level, api.token)
    try:
        async with running(
            api, scripted({SECRET: ANSWER, "عطب": RuntimeError("broken")}), allowed_users={layla.id}
        ):
            for text in (SECRET, "/sources", "عطب", "/forget"):
                api.world.say(layla, text)
            api.world.say(stranger, SECRET)
            await api.replies(layla, 4, seconds=10)
            await api.replies(stranger)
    finally:
        root.removeHandler(handler)
        for name, old in before.items():
            logging.getLogger(name).setLevel(old)
    log = capsys.readouterr().err
    assert "is listening" in log
    assert "RuntimeError" in log
    for kept in (SECRET, str(layla.id), str(stranger.id), "ليلى", "غريب", SENTENCE):
        assert kept not in log
