"""What several tests of the bot over a real archive need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.build import Musnad, build
from bot.settings import Settings
from tests.botapi import BotApi, User

if TYPE_CHECKING:
    from vectorstore.embed import Embedder


@pytest.fixture
def musnad(tmp_path: Path, embedder: Embedder) -> Iterator[Musnad]:
    """An empty archive with the embedded model."""
    with build(Settings(data=tmp_path), embedder=embedder) as musnad:
        yield musnad


@pytest.fixture
def owner(api: BotApi) -> User:
    return api.world.user(501, "المحررة")
