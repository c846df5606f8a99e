"""Indexing at start of what a killed ingest left out: the bot answers meanwhile, and says what it has not searched."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import filling
from bot.build import Musnad, Progress, build
from bot.settings import Settings
from bot.telegram import indexing
from bot.telegram.indexing import Indexing
from bot.telegram.intake.workers import Workers
from corpus.ingest import ingest
from tests.botapi import BotApi, User
from tests.botapi.running import ScriptedCore, running, scripted
from vectorstore.embed import Embedder
from vectorstore.errors import IndexBusyError, IndexUnreachableError
from vectorstore.index import IndexState

ARTICLE = """انعقاد المنتدى الزراعي {number} في حلب
الناشر: نشرة الاختبار
التاريخ: 3 أيار 2024

انعقد المنتدى الزراعي السنوي رقم {number} في مدينة حلب يوم الخميس. وشارك فيه أربعون مزارعًا من ثلاث محافظات.
"""
ASKED = "كم مزارعًا شارك في المنتدى الزراعي؟"


@pytest.fixture
def unindexed(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Musnad]:
    """Yield the program over twelve articles, of which none is in the index."""
    monkeypatch.setattr(filling, "PIECE", 4)
    monkeypatch.setattr(filling, "SLICE", 2)
    monkeypatch.setattr(indexing, "_SAY_EVERY", 0.0)
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.txt").write_text(ARTICLE.format(number=number), encoding="utf-8")
    with build(Settings(data=tmp_path / "data"), embedder=embedder) as musnad:
        ingest([folder], musnad.archive, musnad.index.chunk, recipe=musnad.index.chunk_recipe)
        musnad.load(fill=False)
        yield musnad


def holds(musnad: Musnad) -> int:
    """Return the number of passages in the index."""
    held = musnad.index_state()
    return held.vectors or 0 if held is not None else 0


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(happened):  # noqa: ASYNC110 - a file changes, which rings no bell
            await asyncio.sleep(0.02)


async def test_questions_are_answered_meanwhile_and_told_of_it(
    api: BotApi,
    layla: User,
    unindexed: Musnad,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill, more = Musnad.fill, threading.Semaphore(1)

    def one_by_one(musnad: Musnad, progress: Progress) -> bool:
        assert more.acquire(timeout=30)
        return fill(musnad, progress)

    monkeypatch.setattr(Musnad, "fill", one_by_one)
    caplog.set_level("INFO", "bot.telegram.indexing")
    async with running(api, unindexed, owners={501}):
        try:
            await until(lambda: holds(unindexed) == 4)
            api.world.say(layla, ASKED)
            [first] = await api.replies(layla, seconds=20)
            assert "أربعون" in first["text"]
            assert "قيد الفهرسة" in first["text"]
            assert "4 من 12" in first["text"]
            api.world.say(layla, "/archive")
            overview = (await api.replies(layla, 2))[-1]
            assert "4 من 12" in overview["text"]
        finally:
            more.release(20)
        await until(lambda: not unindexed.filling)
        api.world.say(layla, "وأين انعقد المنتدى الزراعي؟")
        last = (await api.replies(layla, 3, seconds=20))[-1]
        assert "قيد الفهرسة" not in last["text"]
        api.world.say(layla, "/archive")
        assert "سليم" in (await api.replies(layla, 4))[-1]["text"]
    assert "indexing: 4 of 12 passages" in caplog.text
    assert "the index is complete" in caplog.text


async def test_stopping_waits_for_no_more_than_a_slice_and_the_next_start_goes_on(
    api: BotApi, unindexed: Musnad, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "PIECE", 100)
    slow = type(embedder).passages

    def passages(*given: Any, **named: Any) -> Any:
        time.sleep(0.3)
        return slow(*given, **named)

    monkeypatch.setattr(type(embedder), "passages", passages)
    async with running(api, unindexed):
        await until(lambda: holds(unindexed) > 0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("indexing")]
    assert 0 < holds(unindexed) < 12
    unindexed.load(fill=False)
    async with running(api, unindexed):
        await until(lambda: holds(unindexed) == 12)


class Core(ScriptedCore):
    """A core whose index lacks what ``pieces`` index."""

    pieces: list[Callable[[Progress], bool]]

    def fill(self, progress: Progress) -> bool:
        left = self.pieces.pop(0)(progress)
        self.filling = left
        return left


def core_of(*pieces: Callable[[Progress], bool]) -> Core:
    made = scripted({})
    core = Core(
        made.asker,
        made.archive,
        made.state,
        holding=IndexState(9, 1, agree=False, writing=True),
        filling=True,
    )
    core.pieces = list(pieces)
    core.made = made  # type: ignore[attr-defined]  # its state lives as long
    return core


async def test_no_slice_begins_while_a_question_is_at_work() -> None:
    slices: list[int] = []
    begun, finish = threading.Event(), threading.Event()

    def piece(progress: Progress) -> bool:
        for done in range(1, 4):
            slices.append(done)
            progress("embed", done, 8)
        return False

    def question() -> None:
        begun.set()
        finish.wait(10)

    workers = Workers()
    asking = asyncio.create_task(workers.run(question))
    await asyncio.to_thread(begun.wait, 5)
    task = asyncio.create_task(Indexing(core=core_of(piece), workers=workers).run())
    await asyncio.sleep(0.3)
    assert slices == []
    finish.set()
    await asyncio.gather(asking, asyncio.wait_for(task, 5))
    assert slices == [1, 2, 3]


async def test_a_failure_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(indexing, "_AGAIN", 0.01)
    monkeypatch.setattr(indexing, "_BUSY", 0.01)

    def fail(error: Exception) -> Callable[[Progress], bool]:
        def piece(progress: Progress) -> bool:
            raise error

        return piece

    core = core_of(fail(IndexUnreachableError("away")), fail(IndexBusyError("busy")), lambda progress: False)
    await asyncio.wait_for(Indexing(core=core, workers=Workers()).run(), 5)
    assert core.pieces == []
    assert "away" in caplog.text
    assert "busy" not in caplog.text, "somebody else does the work"
