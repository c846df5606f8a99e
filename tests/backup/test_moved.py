"""The disk died: the real bot, backed up while it works, comes back on another one with its old buttons."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bot.build import build
from bot.settings import Settings
from tests.bench.telegram import program
from tests.botapi import BotApi, User
from tests.botapi.chats import Json
from tests.botapi.markup import buttons
from vectorstore.embed import Embedder

ROOT = Path(__file__).parents[2]
QUESTION = "متى انضمت سوريا إلى التحالف؟"
COMMAND = [sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())"]


def musnad(*arguments: object) -> str:
    """Run a command as somebody would, and return what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MUSNAD_")}
    given = [str(each) for each in arguments]
    done = subprocess.run(
        [*COMMAND, *given], cwd=ROOT, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def backup_in(folder: Path) -> Path:
    (found,) = folder.glob("musnad-*.tar.zst")
    return found


def shown(api: BotApi, user: User, message: Json) -> Json:
    """Return a message as it stands now."""
    return api.world.chats[user.id].messages[message["message_id"]]


async def answer(api: BotApi, user: User, text: str) -> Json:
    seen = len(api.world.in_chat(user))
    api.world.say(user, text)
    await api.wait_for(lambda: len(api.world.in_chat(user)) > seen, 120)
    await api.settled()
    return api.world.in_chat(user)[-1]


async def test_a_bot_whose_disk_died_goes_on_from_its_backup(
    api: BotApi, layla: User, tmp_path: Path, embedder: Embedder, models: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    with build(Settings(data=old), embedder=embedder) as prepared:
        prepared.ingest([], samples=True)
    shutil.copytree(models, old / "models")
    values = {"MUSNAD_ALLOWED_USERS": str(layla.id)}
    async with program(api, old, values) as bot:
        first = await answer(api, layla, QUESTION)
        before = dict(first)
        musnad("backup", tmp_path, "--data", old)
        await bot.kill()
    backup = backup_in(tmp_path)
    shutil.rmtree(old)

    assert "15" in musnad("restore", backup, "--data", new)
    shutil.copytree(models, new / "models")
    async with program(api, new, values):
        label = next(each["text"] for each in buttons(first))
        pressed = await api.answer_to(api.world.press(layla, first, label))
        await api.settled()
        opened = shown(api, layla, first)
        again = await answer(api, layla, QUESTION)
    assert not pressed.get("show_alert"), pressed
    assert opened["text"] != before["text"], "the old button shows what it showed"
    assert again["text"] == before["text"], "and the same question has the same answer"
