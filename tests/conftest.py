"""Shared fixtures: the embedded model, loaded once per run, and an archive of articles of our own."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from bot.build import Musnad, build
from bot.settings import Settings
from bot.state import State

# How long an example takes says more of the machine than of the code.
hypothesis_settings.register_profile("musnad", deadline=None)
hypothesis_settings.load_profile("musnad")

if TYPE_CHECKING:
    from tests.botapi import BotApi, User
    from tests.botapi.raw import Caller
    from tests.chromaserver import ChromaServer
    from vectorstore.embed import Embedder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow whatever loads the embedded model or chats with the bot over a Bot API server.

    `make quick` needs neither. Other tests are marked one by one.
    """
    for item in items:
        if isinstance(item, pytest.Function) and {"models", "api"} & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def models(pytestconfig: pytest.Config) -> Path:
    """Return the folder that keeps the converted model from one run to the next."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("musnad-models")


@pytest.fixture(scope="session")
def embedder(models: Path) -> Embedder:
    from vectorstore.embed import load_embedder

    return load_embedder(models)


@pytest.fixture(autouse=True)
def _no_settings_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the MUSNAD_ variables of the user who runs the tests."""
    import os

    for name in [name for name in os.environ if name.startswith("MUSNAD_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let clients trust nobody: servers are on loopback, and to read the usual certificates takes 30 ms a client."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("SSL_CERT_FILE", raising=False)
        environment.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("no-certificates")))
        yield


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Musnad]:
    """Yield the whole program over the sample archive. Tests use their own conversations and add no articles."""
    with build(Settings(data=tmp_path_factory.mktemp("samples")), embedder=embedder) as musnad:
        musnad.ingest([], samples=True)
        yield musnad


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """Yield an empty database of the bot."""
    state = State(tmp_path / "bot.sqlite")
    yield state
    state.close()


@pytest.fixture
def address() -> str:
    """Return a free loopback address to listen at, in a range that no system assigns to connections."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return f"127.0.0.1:{port}"


# Where the passages' vectors are

CHROMA = "CHROMA_UNDER_TEST"
"""Environment variable with the URL of the Chroma server that a test is to use, for the processes it starts too."""


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """Yield a Chroma server that is left running. Every index has collections of its own there."""
    from tests.chromaserver import ChromaServer

    server = ChromaServer(tmp_path_factory.mktemp("chroma-server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["folder", pytest.param("server", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Yield the URL of the Chroma server that holds the vectors, None for the data folder: a test runs with each."""
    with pytest.MonkeyPatch.context() as environment:
        url = None
        if request.param == "server":
            url = request.getfixturevalue("chroma_server").url
            environment.setenv(CHROMA, url)
        yield url


# The tests' Bot API server


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    from tests.botapi import BotApi

    async with BotApi() as api:
        yield api


@pytest.fixture
async def call(api: BotApi) -> AsyncIterator[Caller]:
    """Yield a caller of the server's methods over plain HTTP."""
    from tests.botapi.raw import caller

    async with caller(api) as call:
        yield call


@pytest.fixture
def layla(api: BotApi) -> User:
    return api.world.user(501, "ليلى")
