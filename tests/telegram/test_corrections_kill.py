"""Kills while chats are told that an article changed: nobody is told twice, and nobody is left without word of it."""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.state import State
from corpus.store import Archive
from tests.bench.telegram import program
from tests.botapi import BotApi
from tests.botapi.running import LIBRARY
from tests.telegram.test_corrections import ASKED, BOOKS, put

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, sys
from dataclasses import replace
from bot.quotes import cut
from bot.settings import Settings
from bot.state import State
from bot.telegram.runtime.backoff import Backoff
from bot.telegram.runtime.redaction import log_to_stderr
from bot.telegram.serve import serve
from corpus.store import Archive
from tests.botapi.running import LIBRARY, ScriptedAsker, ScriptedCore, answered, quote

settings = Settings()
log_to_stderr("INFO", settings.telegram_token.get_secret_value())
archive = Archive(settings.data / "archive.sqlite")
reply = answered("اثنا عشر ألفًا", quote(LIBRARY, "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."))
core = ScriptedCore(ScriptedAsker({"متى افتتحت المكتبة؟": reply}), archive, State(settings.data / "bot.sqlite"))
sys.exit(asyncio.run(serve(core, settings, backoff=Backoff(gather=0.05))))
"""
CHATS = 6
ROUNDS = ("عشرة آلاف", "تسعة آلاف", "ثمانية آلاف")


async def test_killed_at_random_each_change_is_told_once(api: BotApi, tmp_path: Path) -> None:
    chance = random.Random(11)
    readers = [api.world.user(800 + n, f"قارئ {n}") for n in range(CHATS)]
    values = {"MUSNAD_PUBLIC": "1", "MUSNAD_RATE_USER": "0"}
    command = (sys.executable, "-c", PROGRAM)
    kills = 0
    with Archive(tmp_path / "archive.sqlite") as archive:
        put(archive, LIBRARY)
        async with program(api, tmp_path, values, command) as bot:
            for reader in readers:
                api.world.say(reader, ASKED)
                await api.replies(reader)
            for number in ROUNDS:
                put(archive, replace(LIBRARY, body=LIBRARY.body.replace("اثني عشر ألف", number)))
                for _ in range(5):
                    # Some are carried out and answered late: killed meanwhile, they may or may not have arrived.
                    api.hang("sendMessage", 0.1, times=3)
                    await asyncio.sleep(chance.uniform(0.0, 0.5))
                    await bot.kill()
                    kills += 1
                    await bot.start()
                async with asyncio.timeout(30):
                    while not done(tmp_path, archive):  # noqa: ASYNC110 - files change, which rings no bell
                        await asyncio.sleep(0.1)
    for reader in readers:
        texts = [message["text"] for message in api.world.in_chat(reader)[1:]]
        unsure = sum("ربما لم يصلكم" in text for text in texts)
        told = [sum(f"{number} كتاب" in text and BOOKS in text for text in texts) for number in ROUNDS]
        assert max(told) <= 1, texts
        assert told.count(0) <= unsure, texts
    print(kills, "kills")


def done(folder: Path, archive: Archive) -> bool:
    state = State(folder / "bot.sqlite")
    try:
        return (
            state.row("select number from scanned") == {"number": archive.changes.last()}
            and not state.row("select 1 from due")
            and not state.row("select 1 from notices where state = 'waiting'")
        )
    finally:
        state.close()
