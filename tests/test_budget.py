"""The chat model's daily budget: counted before each call, across restarts, processes and front ends."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.ask import Question
from bot.llm.budget import Budget
from bot.build import Musnad, build
from bot.settings import Settings
from bot.state import State
from prompts import say
from tests.openai_server import ChatServer, quoting
from vectorstore.embed import Embedder

QUESTION = "كم كتابًا تضم المكتبة؟"
SENTENCE = "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."


def test_a_day_has_so_many_and_the_next_begins_at_midnight_utc(state: State) -> None:
    now = [datetime(2026, 3, 1, 23, 59, tzinfo=UTC)]
    budget = Budget(state, 2, lambda: now[0])
    assert [budget.take() for _ in range(4)] == [True, True, False, False]
    assert budget.spent()
    assert Budget(state, 3, lambda: now[0]).take(), "a limit that is raised counts from what was used"
    now[0] += timedelta(minutes=1)
    assert not budget.spent()
    assert budget.take()


def test_those_who_ask_at_once_do_not_get_more(state: State) -> None:
    budget = Budget(state, 5)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: budget.take(), range(40))) == 5


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


def opened(data: Path, server: ChatServer, embedder: Embedder, **values: object) -> Musnad:
    settings = Settings(
        data=data,
        llm="openai:test-model",
        llm_base_url=server.url,
        llm_api_key=SecretStr("sk-test"),
        **values,  # type: ignore[arg-type]
    )
    return build(settings, embedder=embedder)


def test_when_it_is_spent_the_archive_answers_by_itself_and_says_so_also_after_a_restart(
    tmp_path: Path, server: ChatServer, embedder: Embedder
) -> None:
    (tmp_path / "library.txt").write_text(
        f"مكتبة البلدة تعود إلى قرائها\n\nأعادت البلدية افتتاح المكتبة العامة. {SENTENCE}", encoding="utf-8"
    )
    server.will(*[quoting(("تضم المكتبة اثني عشر ألف كتاب.", SENTENCE))] * 3)
    asked = []
    for _ in range(2):
        with opened(tmp_path / "data", server, embedder, llm_daily=3) as musnad:
            musnad.ingest([tmp_path / "library.txt"])
            asked += [musnad.asker.ask(Question(QUESTION)) for _ in range(2)]
    *answered, last = asked
    assert [answer.mode for answer in answered] == ["llm"] * 3
    assert (last.mode, last.status, last.notice) == ("extractive", "answered", say("llm_spent"))
    assert last.quotes[0].text == SENTENCE
    assert len(server.received) == 3
