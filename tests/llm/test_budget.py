"""The chat model's daily budget: counted before each call, across restarts, processes and front ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.llm import ChatModel, LLMError
from bot.llm.budget import Budget
from bot.settings import Settings
from bot.state import State
from tests.openai_server import ChatServer, Raw


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


def test_what_is_spent_is_not_asked_also_after_a_restart(tmp_path: Path) -> None:
    said = []
    with ChatServer() as server:
        server.will("نعم", "نعم", Raw(500, "{}"), "نعم")
        settings = Settings(llm="test-model", llm_base_url=server.url)
        for _ in range(2):
            state = State(tmp_path / "bot.sqlite")
            model = ChatModel(settings, Budget(state, 3))
            for _ in range(2):
                try:
                    said.append(model.ask([("human", "هل؟")]))
                except LLMError as error:
                    said.append(error.why)
            model.close()
            state.close()
    assert said == ["نعم", "نعم", "down", "spent"]
    assert len(server.received) == 3
