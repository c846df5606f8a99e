"""Kills at random moments: no question is lost, and none answered twice but the one on its way at a kill."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.telegram import kill
from tests.botapi import BotApi

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, logging, sys
from dataclasses import dataclass
from pathlib import Path
from bot.settings import Settings
from bot.state import State
from bot.telegram.runtime.redaction import log_to_stderr
from bot.telegram.serve import serve
from tests.botapi.running import LIBRARY, Articles, ScriptedAsker, ScriptedCore, answered, quote, slowly

settings = Settings()
log_to_stderr("INFO", settings.telegram_token.get_secret_value())
reply = slowly(answered("الأحد", quote(LIBRARY, LIBRARY.body)), 0.03)


class Always(dict):
    def get(self, question, refusal=None):
        return reply


state = State(settings.data / "bot.sqlite")
core = ScriptedCore(ScriptedAsker(Always()), Articles({LIBRARY.id: LIBRARY}), state)
sys.exit(asyncio.run(serve(core, settings)))
"""


async def test_killed_at_random_no_question_is_lost(tmp_path: Path) -> None:
    async with BotApi() as api:
        result = await kill(
            api,
            tmp_path,
            kills=5,
            updates=60,
            seed=7,
            command=(sys.executable, "-c", PROGRAM),
            questions=["متى افتتحت المكتبة؟"],
        )
    print(result)
    assert result.lost == 0
    assert result.twice_beyond == 0
    assert result.dead_letters == 0
