"""Vectors on a Chroma server: the real one, that the package brings, on loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

import vectorstore.server
from bot.build import Musnad, build
from bot.settings import Settings
from corpus.store import Archive, Filter
from prompts import say
from tests.botapi import BotApi, User
from tests.botapi.running import running as bot_running
from tests.chromaserver import ChromaServer
from tests.vectorstore.test_index import WordEmbedder, article, four, many, put, run
from vectorstore.chroma import Chroma
from vectorstore.embed import Embedder
from vectorstore.errors import IndexUnreachableError
from vectorstore.index import Hit, Index, IndexState, Synced
from vectorstore.server import Address

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    server = ChromaServer(tmp_path / "server")
    server.folder.mkdir()
    server.start()
    yield server
    server.stop(signal.SIGKILL)


@contextmanager
def opened(folder: Path, embedder: WordEmbedder, url: str | None) -> Iterator[tuple[Archive, Index]]:
    with (
        Archive(folder / "archive.sqlite") as archive,
        Index(folder, archive, embedder, chroma_url=url) as index,
    ):
        yield archive, index


def told(hits: Sequence[Hit]) -> list[tuple[str, float]]:
    return [(hit.chunk.id, round(hit.score, 6)) for hit in hits]


QUESTION = "كم يبلغ طول الجسر وماذا في المكتبة؟"


def test_it_finds_what_the_folder_finds(chroma_server: ChromaServer, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    filters = [None, Filter(frozenset({"وكالة النهر"})), Filter(since="2025-04-01", until="2026-12-31")]
    found = []
    for url in (None, chroma_server.url):
        with opened(tmp_path / str(url is None), embedder, url) as (archive, index):
            put(archive, embedder, *four(), *many(30))
            assert index.sync() == Synced(34, 0)
            found.append([index.search(QUESTION, 20, where) for where in filters])
    for here, there in zip(*found, strict=True):
        assert told(here) == told(there)
        assert here
    assert not (tmp_path / "False" / "chroma").exists()


def test_sync_follows_the_archive(chroma_server: ChromaServer, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, chroma_server.url) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        archive.remove_file("bridge")
        put(archive, embedder, article("market", "أغلقت السوق أبوابها باكرا."))
        assert index.index_state() == IndexState(4, 4, False, False)
        assert index.sync() == Synced(1, 1)
        assert index.index_state() == IndexState(4, 4, True, False)
        assert {hit.article.source for hit in index.search("متى أغلقت السوق؟", 9)} == {
            "market", "library", "harvest", "museum",
        }  # fmt: skip
    with opened(tmp_path, embedder, chroma_server.url) as (archive, index):
        assert index.sync() == Synced(0, 0)


def test_a_reindex_leaves_one_collection_and_those_of_other_archives_alone(
    chroma_server: ChromaServer, tmp_path: Path
) -> None:
    embedder, before = WordEmbedder(), chroma_server.collections()
    with (
        opened(tmp_path / "one", embedder, chroma_server.url) as (archive, index),
        opened(tmp_path / "other", embedder, chroma_server.url) as (other_archive, other),
    ):
        put(archive, embedder, *four())
        put(other_archive, embedder, *many(3))
        index.sync()
        other.sync()
        first = chroma_server.collections() - before
        assert len(first) == 2
        assert index.reindex() == Synced(4, 0)
        second = chroma_server.collections() - before
        assert len(second) == 2
        assert len(first & second) == 1
        assert len(index.search(QUESTION, 50)) == 4
        assert len(other.search("ملاحظة", 50)) == 3


KILLED = """
import os, signal, sys
from pathlib import Path
from typing import Any
from tests.vectorstore.test_server import WordEmbedder, opened
import vectorstore.fill
from vectorstore.chroma import Chroma
vectorstore.fill.SLICE = 4
works, calls = Chroma.upsert, []
def kill(*arguments):
    works(*arguments)
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
Chroma.upsert = kill
with opened(Path(sys.argv[1]), WordEmbedder(), sys.argv[2]) as (archive, index):
    index.sync()
"""


def test_a_killed_sync_goes_on(chroma_server: ChromaServer, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, chroma_server.url) as (archive, index):
        put(archive, embedder, *many(14))
    killed = run(KILLED, str(tmp_path), chroma_server.url)
    assert killed.returncode == -signal.SIGKILL
    with opened(tmp_path, embedder, chroma_server.url) as (archive, index):
        assert index.sync() == Synced(6, 0)
        assert embedder.embedded == 6
        assert {hit.chunk.id for hit in index.search("ملاحظة عن المحطة", 50)} == archive.chunk_ids()


def test_a_change_of_place_embeds_nothing_and_leaves_nothing_old(
    chroma_server: ChromaServer, tmp_path: Path
) -> None:
    embedder = WordEmbedder()
    for url, replaced in ((None, "a"), (chroma_server.url, "b"), (None, "c"), (chroma_server.url, "d")):
        with opened(tmp_path, embedder, url) as (archive, index):
            put(archive, embedder, *many(5), article("changing", f"خبر متبدل {replaced}."))
            embedder.embedded = 0
            index.sync()
            assert embedder.embedded == (6 if replaced == "a" else 1)
            assert {hit.chunk.id for hit in index.search("خبر متبدل", 50)} == archive.chunk_ids()
            assert index.index_state().agree
        # As many as before, but the other place holds an old one.
    with opened(tmp_path, embedder, None) as (archive, index):
        assert not index.index_state().agree
        index.sync()
        assert {hit.chunk.id for hit in index.search("خبر متبدل", 50)} == archive.chunk_ids()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_is_away_for_a_while_costs_no_question(
    server: ChromaServer, tmp_path: Path, how: signal.Signals
) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        hits = index.search(QUESTION, 4)
        server.stop(how)
        back = threading.Timer(1.0, server.start)
        back.start()
        assert told(index.search(QUESTION, 4)) == told(hits)
        back.join()
        assert index.sync() == Synced(0, 0)


def test_a_server_that_lost_its_data_gets_it_again(server: ChromaServer, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        hits = index.search(QUESTION, 4)
        server.stop()
        server.start("empty")
        assert told(index.search(QUESTION, 4)) == told(hits)
        assert embedder.embedded == 4
        assert index.index_state().agree
        server.stop()
        server.start("empty too")
        assert index.sync() == Synced(4, 0)
        assert index.index_state().agree


def spoil(data: Path) -> None:
    """Leave of the graph what a kill between two of its files leaves."""
    [file] = data.glob("*/index_metadata.pickle")
    file.write_bytes(b"")


def break_off(data: Path) -> None:
    """Make of the graph what ends the whole server whenever it reads it."""
    for file in data.glob("*/*.bin"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def lose(data: Path) -> None:
    for file in data.glob("*/*.bin"):
        file.unlink()


@pytest.mark.parametrize("harm", [spoil, lose])
@pytest.mark.parametrize("how", ["search", "sync", "open"])
def test_a_damaged_graph_is_noticed_and_written_again_without_embedding(
    server: ChromaServer, tmp_path: Path, harm: Callable[[Path], None], how: str
) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four(), *many(1200))
        index.sync()
        hits = index.search(QUESTION, 9)
        server.stop()
        harm(server.folder / "data")
        server.start()
        if how == "sync":
            index.sync()
        if how == "open":
            index.open()
        assert told(index.search(QUESTION, 9)) == told(hits)
        index._dense.wait()
        assert index.index_state().agree
        assert embedder.embedded == 1204
        assert len(server.collections()) == 1
    with opened(tmp_path, embedder, server.url) as (_, index):
        assert index.sync() == Synced(0, 0)
        assert told(index.search(QUESTION, 9)) == told(hits)


def test_a_graph_that_ends_the_server_is_written_again_where_somebody_starts_it_anew(
    server: ChromaServer, tmp_path: Path
) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four(), *many(1200))
        index.sync()
        hits = index.search(QUESTION, 9)
        server.stop()
        break_off(server.folder / "data")
        server.start()
        with server.supervised() as ended:
            until = time.monotonic() + 120
            while True:
                try:
                    assert told(index.search(QUESTION, 9)) == told(hits)
                    index.sync()
                    break
                except IndexUnreachableError:  # it is just being started
                    assert time.monotonic() < until
        assert index.index_state().agree
        assert told(index.search(QUESTION, 9)) == told(hits)
        assert ended
        assert embedder.embedded == 1204


@pytest.mark.parametrize("filtered", [None, Filter(frozenset({"وكالة النهر"}), since="2025-02-01")])
def test_answers_are_right_while_many_vectors_are_written_again(
    server: ChromaServer, tmp_path: Path, filtered: Filter | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.dense.FEW", 10)
    monkeypatch.setattr("vectorstore.fill.SLICE", 4)
    go_on = threading.Event()
    works = Chroma.upsert

    def held_up(self: Chroma, *arguments: Any) -> None:
        assert go_on.wait(60)
        works(self, *arguments)

    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four(), *many(40))
        index.sync()
        hits = index.search(QUESTION, 9, filtered)
        monkeypatch.setattr(Chroma, "upsert", held_up)
        server.stop(signal.SIGKILL)
        server.start("empty")
        with opened(tmp_path, embedder, server.url) as (_, other):
            for each in (index, other, index):
                assert told(each.search(QUESTION, 9, filtered)) == told(hits)
                while not (build := each._vectors.current()) or not build.mending:
                    time.sleep(0.01)
                assert not each.index_state().agree
            go_on.set()
            index._dense.wait()
            for each in (index, other):
                assert each.index_state().agree
                assert told(each.search(QUESTION, 9, filtered)) == told(hits)
    assert embedder.embedded == 44


def test_a_mending_that_was_cut_short_goes_on_at_the_next_start(
    server: ChromaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.dense.FEW", 10)
    monkeypatch.setattr("vectorstore.fill.SLICE", 4)
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four(), *many(40))
        index.sync()
        hits = index.search(QUESTION, 9)
        server.stop()
        server.start("empty")
        assert told(index.search(QUESTION, 9)) == told(hits)
        # Closed here after whatever slice it is at.
    with opened(tmp_path, embedder, server.url) as (archive, index):
        assert told(index.search(QUESTION, 9)) == told(hits)
        index._dense.wait()
        assert index.index_state().agree
        assert told(index.search(QUESTION, 9)) == told(hits)
    assert embedder.embedded == 44


def test_an_older_copy_of_the_server_is_noticed(server: ChromaServer, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four(), article("changing", "كان الخبر قديما."))
        index.sync()
        server.stop()
        shutil.copytree(server.folder / "data", server.folder / "backup")
        server.start()
        # As many vectors as before, and one of them another.
        put(archive, embedder, article("changing", "صار الخبر جديدا عن السفينة."))
        index.sync()
        hits = index.search("أين السفينة الجديدة؟", 9)
        server.stop()
        server.start("backup")
        assert told(index.search("أين السفينة الجديدة؟", 9)) == told(hits)
        assert {hit.article.source for hit in hits} >= {"changing"}
        assert index.index_state().agree
        assert embedder.embedded == 6


def test_another_s_collections_are_left_alone_when_one_is_written_again(
    server: ChromaServer, tmp_path: Path
) -> None:
    embedder = WordEmbedder()
    with (
        opened(tmp_path / "one", embedder, server.url) as (archive, index),
        opened(tmp_path / "other", embedder, server.url) as (other_archive, other),
    ):
        put(archive, embedder, *four())
        put(other_archive, embedder, *many(5))
        index.sync()
        before = server.collections()
        other.sync()
        [others] = server.collections() - before
        [own] = before
        httpx.delete(
            f"{server.url}/api/v2/tenants/default_tenant/databases/default_database/collections/{own}"
        ).raise_for_status()
        assert len(index.search(QUESTION, 9)) == 4
        assert others in server.collections()
        assert len(server.collections()) == 2
        assert len(other.search("ملاحظة", 9)) == 5


def test_a_server_that_refuses_is_away_and_not_damaged(
    server: ChromaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chromadb.errors import RateLimitError

    monkeypatch.setattr(vectorstore.server, "DELAYS", (0.01,))
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four())
        index.sync()

        def refuse(*arguments: object, **named: object) -> object:
            raise RateLimitError("slowly")

        chroma = index._dense._opened
        assert chroma is not None
        with monkeypatch.context() as patch:
            patch.setattr(type(chroma[1]._collection), "query", refuse)
            with pytest.raises(IndexUnreachableError, match="slowly"):
                index.search(QUESTION)
        assert len(index.search(QUESTION)) == 4


def test_a_server_that_stays_away_is_named_without_its_password(
    server: ChromaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectorstore.server, "DELAYS", (0.01, 0.01))
    embedder = WordEmbedder()
    url = server.url.replace("//", "//musnad:very-secret@")
    with opened(tmp_path, embedder, url) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        server.stop()
        said = f"the Chroma server at {server.url} does not answer (ConnectError): start it"
        for work in (lambda: index.search(QUESTION), index.sync, index.index_state, index.reindex):
            with pytest.raises(IndexUnreachableError) as caught:
                work()
            assert str(caught.value).startswith(said)
        server.start()
        assert len(index.search(QUESTION)) == 4
        index.reindex()
        assert index.index_state().agree


ANSWERS = {
    "a page": (200, "text/html", b"<h1>hello</h1>"),
    "another API": (200, "application/json", b'{"ok": true}'),
    "a list": (200, "application/json", b"[]"),
    "not found": (404, "application/json", b'{"detail": "Not Found"}'),
    "no entry": (401, "text/plain", b"who are you?"),
    "elsewhere": (302, "text/plain", b""),
    "only a heart": (200, "application/json", b'{"nanosecond heartbeat": 1}'),
    "overloaded": (503, "text/html", b"later"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_no_chroma_server_is_named(answer: str, tmp_path: Path) -> None:
    status, kind, body = ANSWERS[answer]
    asked = []

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Authorization"])
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    other = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=other.serve_forever)
    thread.start()
    try:
        url = f"http://u:p%40ss@127.0.0.1:{other.server_port}"
        with (
            opened(tmp_path, WordEmbedder(), url) as (_, index),
            pytest.raises(IndexUnreachableError) as caught,
        ):
            index.sync()
        said = str(caught.value)
        assert f"http://127.0.0.1:{other.server_port} " in said
        assert ("does not answer (HTTP 503)" if status == 503 else "no Chroma server") in said
        assert "\n" not in said
        assert set(asked) == {"Basic dTpwQHNz"}
    finally:
        other.shutdown()
        thread.join()
        other.server_close()


def test_a_server_that_hangs_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectorstore.server, "TIMEOUT", httpx.Timeout(0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            opened(tmp_path, WordEmbedder(), url) as (_, index),
            pytest.raises(IndexUnreachableError, match="ReadTimeout"),
        ):
            index.sync()


def test_one_that_hangs_later_is_not_waited_for_either(
    server: ChromaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectorstore.server, "TIMEOUT", httpx.Timeout(1.0))
    monkeypatch.setattr(vectorstore.server, "DELAYS", (0.01,))
    embedder = WordEmbedder()
    with opened(tmp_path, embedder, server.url) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        assert server._process is not None
        os.kill(server._process.pid, signal.SIGSTOP)
        try:
            with pytest.raises(IndexUnreachableError, match="ReadTimeout"):
                index.search(QUESTION)
        finally:
            os.kill(server._process.pid, signal.SIGCONT)
        assert len(index.search(QUESTION)) == 4


@pytest.mark.parametrize(
    "url",
    [
        "chroma:8000",
        "ftp://chroma",
        "http://",
        "http://a b",
        "http://chroma:8000/?x=1",
        "http://u:p@",
        "http://a:b:1",
    ],
)
def test_the_setting_takes_an_address_only(url: str) -> None:
    with pytest.raises(ValueError, match="chroma_url"):
        Settings(chroma_url=url)


def test_a_password_in_the_address_is_shown_nowhere() -> None:
    url = "https://me:p%C3%A4ss@chroma.example.org/one/"
    settings, address = Settings(chroma_url=url), Address.of(url)
    assert "p%C3" not in f"{settings!r} {settings} {address!r}"
    assert address.url == "https://chroma.example.org/one"
    assert address.headers == {"Authorization": "Basic bWU6cMOkc3M="}
    assert "bWU6" not in repr(address)


@asynccontextmanager
async def answering(
    server: ChromaServer, data: Path, embedder: Embedder, api: BotApi
) -> AsyncIterator[Musnad]:
    """The bot at work over the samples, its vectors on the server, with a password in the address."""
    url = SecretStr(server.url.replace("//", "//musnad:very-secret@"))
    with build(Settings(data=data, chroma_url=url), embedder=embedder) as musnad:
        musnad.ingest([], samples=True)
        async with bot_running(api, musnad, allowed_users={501}):
            yield musnad


async def test_in_telegram_a_server_that_is_away_or_comes_back_empty_costs_no_question(
    server: ChromaServer,
    tmp_path: Path,
    embedder: Embedder,
    api: BotApi,
    layla: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with answering(server, tmp_path / "data", embedder, api) as musnad:
        for came, data in enumerate(("data", "empty"), start=1):
            server.stop(signal.SIGKILL)
            api.world.say(layla, "متى انضمت سوريا إلى التحالف الدولي؟")
            await asyncio.sleep(1)
            await asyncio.to_thread(server.start, data)
            assert "11 تشرين الثاني" in (await api.replies(layla, came, 30))[-1]["text"]
        held = musnad.index_state()
        assert held is not None
        assert held.agree
    assert "very-secret" not in caplog.text


async def test_in_telegram_what_waits_for_the_server_is_answered_when_it_is_back(
    server: ChromaServer,
    tmp_path: Path,
    embedder: Embedder,
    api: BotApi,
    layla: User,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vectorstore.server, "DELAYS", (0.01, 0.01))
    async with answering(server, tmp_path / "data", embedder, api):
        server.stop()
        api.world.say(layla, "متى انضمت سوريا إلى التحالف الدولي؟")
        [told] = await api.replies(layla, 1, 30)
        assert told["text"] == say("telegram_put_off", "ar")
        server.start()
        api.world.say(layla, "متى وُقّع الإعلان السياسي؟")
        _, *answers = await api.replies(layla, 3, 30)
    assert any("11 تشرين الثاني" in answer["text"] for answer in answers)
    named = [record for record in caplog.records if "does not answer (ConnectError)" in record.getMessage()]
    assert named
    assert "Traceback" not in caplog.text
    assert "very-secret" not in caplog.text
