"""Deployment files: image, compose file and systemd unit agree with the code."""

from __future__ import annotations

import asyncio
import configparser
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from bot.loading import Loading
from bot.settings import Settings, Supervision, supervision
from bot.telegram.runtime.supervisor import supervised
from bot.telegram.serve import Stop, serve
from tests.botapi import BotApi
from tests.botapi.running import running, scripted, settings

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
BOT, CHROMA = COMPOSE["services"]["bot"], COMPOSE["services"]["chroma"]
DOC = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "deploy/musnad.env.example").read_text(encoding="utf-8")
UNIT_FILE = ROOT / "deploy/musnad.service"
UNITS = sorted(path for path in (ROOT / "deploy").iterdir() if path.suffix in (".service", ".timer"))
LITESTREAM: dict[str, Any] = yaml.safe_load((ROOT / "deploy/litestream.yml").read_text(encoding="utf-8"))


def instructions(name: str) -> list[str]:
    """Return the arguments of each instruction of that name in the Dockerfile's order, continued lines joined."""
    whole = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} (.+)$", whole, re.MULTILINE)


def unit(file: Path = UNIT_FILE) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(file, encoding="utf-8")
    return parser


def is_setting(name: str) -> bool:
    return name.startswith("MUSNAD_") and name.removeprefix("MUSNAD_").lower() in Settings.model_fields


def options(command: str) -> dict[str, str]:
    """Return the options of a `musnad` command line; each must be one that the command takes."""
    from typer.main import get_command

    from bot.cli import app

    _, name, *given = shlex.split(command)
    taken = get_command(app).commands[name]  # type: ignore[attr-defined]
    known = {option for param in taken.params for option in param.opts}
    found = dict(zip(given[::2], given[1::2], strict=True))
    assert found.keys() <= known
    return found


# The image


def test_what_the_image_copies_is_there_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = {source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]}
    assert copied == let_in
    assert "*" in ignored
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_holds_every_package_and_no_test() -> None:
    import tomllib

    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in pyproject["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = [line.split() for line in instructions("COPY") if "--from" not in line]
    sources = {source for line in copied for source in line[:-1]}
    assert {"bot", "corpus"} <= packages <= sources
    assert sources.isdisjoint({"tests", "deploy", "."})


def test_all_that_is_in_the_image_is_pinned_by_digest() -> None:
    (base,) = instructions("ARG")
    assert re.fullmatch(r"BASE=python:3\.1[123]\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", base)
    assert {line.split()[0] for line in instructions("FROM")} == {"${BASE}"}
    installs = re.findall(r"pip install ([^&\n]+)", re.sub(r"\\\n\s*", "", DOCKERFILE))
    assert [("--require-hashes" in line, "--no-deps" in line, line.split()[-1]) for line in installs] == [
        (True, True, "requirements.lock"),
        (False, True, "."),
    ]
    assert "--no-build-isolation" in installs[1], "else pip takes a setuptools of its own choice"


def test_the_image_runs_as_nobody_in_particular() -> None:
    (user,) = instructions("USER")
    assert re.fullmatch(r"[1-9]\d{3,}(:[1-9]\d{3,})?", user)
    assert f"--uid {user.split(':')[0]} " in DOCKERFILE
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER " in last_stage
    assert not re.search(r"\nRUN |\nCOPY ", last_stage.partition("\nUSER ")[2])


def test_the_image_starts_the_bot_with_settings_that_exist() -> None:
    assert instructions("ENTRYPOINT") == ['["musnad"]']
    (command,) = instructions("CMD")[-1:]
    assert command == '["telegram"]'
    names = re.findall(r"\b(MUSNAD_\w+)=", DOCKERFILE)
    assert names
    assert [name for name in names if not is_setting(name)] == []


def test_ports_are_the_same_everywhere() -> None:
    (port,) = instructions("EXPOSE")
    assert f"MUSNAD_LISTEN=0.0.0.0:{port}" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/healthz" in DOCKERFILE
    assert BOT["environment"]["MUSNAD_LISTEN"] == f"0.0.0.0:{port}"
    assert BOT["ports"] == [f"127.0.0.1:{port}:{port}"], "for the machine itself only"
    assert f"http://127.0.0.1:{port}/healthz" in " ".join(BOT["healthcheck"]["test"])
    assert Settings(listen=BOT["environment"]["MUSNAD_LISTEN"]).listen == f"0.0.0.0:{port}"


@pytest.mark.parametrize("well", [True, False])
async def test_the_image_asks_for_its_own_health(well: bool, address: str) -> None:
    """The image's own command is run against the real server, on another port."""
    from vectorstore.index import IndexState

    (line,) = [
        line for line in re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines() if line.startswith("HEALTHCHECK")
    ]
    words = yaml.safe_load(line.partition("CMD ")[2])
    assert words == BOT["healthcheck"]["test"][1:]
    async with BotApi() as api:
        core = scripted({})
        core.holding = IndexState(2, 2 if well else 1, agree=well, writing=False)
        async with running(api, core, listen=address):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                words[2].replace("127.0.0.1:8080", address),
                stderr=asyncio.subprocess.DEVNULL,
            )
            assert await asyncio.wait_for(process.wait(), 20) == (0 if well else 1)


# Compose


@pytest.mark.parametrize("service", [BOT, CHROMA])
def test_compose_gives_them_no_more_than_they_need(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == "unless-stopped"
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert "privileged" not in service
    assert all(not volume.startswith(("/", ".")) for volume in service["volumes"])


def test_compose_shows_the_chroma_server_to_the_bot_alone() -> None:
    assert CHROMA["profiles"] == ["chroma"]
    assert "ports" not in CHROMA
    assert "network_mode" not in CHROMA
    assert "env_file" not in CHROMA, "the token is none of its business"
    (network,) = CHROMA["networks"]
    assert COMPOSE["networks"][network] == {"internal": True}
    assert network in BOT["networks"]
    assert "default" in BOT["networks"], "Telegram is outside"
    assert set(CHROMA["volumes"]).isdisjoint(BOT["volumes"])


@pytest.mark.slow
def test_composes_chroma_server_starts_and_is_where_the_readme_says(tmp_path: Path, address: str) -> None:
    """The compose file's own command is run, on another port and in another folder."""
    program, *given = CHROMA["entrypoint"]
    assert (program, CHROMA["command"], CHROMA["image"]) == ("chroma", [], BOT["image"])
    option = dict(zip(given[1::2], given[2::2], strict=True))
    assert option["--host"] == "0.0.0.0"
    assert f"MUSNAD_CHROMA_URL=http://chroma:{option['--port']}`" in DOC
    assert option["--path"] == CHROMA["volumes"][0].split(":")[1] == instructions("VOLUME")[0]
    host, _, port = address.partition(":")
    option |= {"--host": host, "--port": port, "--path": str(tmp_path)}
    server = subprocess.Popen(
        [
            Path(sys.executable).with_name(program),
            given[0],
            *(word for pair in option.items() for word in pair),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        question = CHROMA["healthcheck"]["test"][3].replace(":8000", f":{port}")
        until = time.monotonic() + 60
        while subprocess.run([sys.executable, "-c", question], capture_output=True, check=False).returncode:
            assert server.poll() is None
            assert time.monotonic() < until
    finally:
        server.terminate()
        server.wait(30)


def test_compose_keeps_what_the_bot_keeps() -> None:
    (volume,) = BOT["volumes"]
    assert volume.split(":")[1] == BOT["environment"]["MUSNAD_DATA"] == instructions("VOLUME")[0]
    assert [name for name in BOT["environment"] if not is_setting(name)] == []


def test_the_file_of_settings_is_no_part_of_the_project() -> None:
    assert BOT["env_file"] + ".example" == "deploy/musnad.env.example"
    assert BOT["env_file"] in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_both_give_the_bot_time_to_finish() -> None:
    from bot.telegram.runtime.backoff import Backoff

    for seconds in (BOT["stop_grace_period"].removesuffix("s"), unit()["Service"]["TimeoutStopSec"]):
        assert int(seconds) > Backoff().stop


# Settings


def test_the_example_names_settings_that_exist_and_holds_no_secret() -> None:
    lines = re.findall(r"^#?(MUSNAD_\w+)=(.*)$", EXAMPLE, re.MULTILINE)
    assert {"MUSNAD_TELEGRAM_TOKEN", "MUSNAD_OWNERS"} <= {name for name, _ in lines}
    assert [name for name, _ in lines if not is_setting(name)] == []
    assert [value for name, value in lines if value and name != "MUSNAD_WEBHOOK"] == []


def test_what_is_not_filled_in_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Settings()
    for name, value in re.findall(r"^(MUSNAD_\w+)=(.*)$", EXAMPLE, re.MULTILINE):
        monkeypatch.setenv(name, value)
    assert Settings() == usual


# systemd


def test_the_unit_starts_the_bot_with_options_that_exist() -> None:
    service = unit()["Service"]
    given = options(service["ExecStart"])
    assert Settings(listen=given["--listen"]).listen == given["--listen"]
    assert given["--listen"].startswith("127.0.0.1:")
    environment = dict(pair.split("=") for pair in service["Environment"].split())
    assert [name for name in environment if not is_setting(name)] == ["MALLOC_ARENA_MAX"]
    assert environment["MUSNAD_DATA"] == f"/var/lib/{service['StateDirectory']}"


def test_the_unit_keeps_the_bot_running() -> None:
    service = unit()["Service"]
    assert service["Restart"] == "always"
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 60
    assert service["User"] not in ("root", "")
    assert unit()["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for file in UNITS:
        text = file.read_text(encoding="utf-8")
        # What is not on this machine: the program and its user.
        text = re.sub(r"^(ExecStart=)\S+", rf"\1{sys.executable}", text, flags=re.MULTILINE)
        text = re.sub(r"^(User|Group)=.*\n", "", text, flags=re.MULTILINE)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / file.name) for file in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_each_timer_starts_a_unit_that_is_there() -> None:
    timers = [file for file in UNITS if file.suffix == ".timer"]
    assert timers
    assert [file for file in timers if file.with_suffix(".service") not in UNITS] == []


def test_all_units_are_the_same_user_and_as_shut_in() -> None:
    usual = unit()["Service"]
    shut = {
        name for name in usual if name.startswith(("Private", "Protect", "Restrict", "SystemCall", "Capab"))
    }
    for file in (file for file in UNITS if file.suffix == ".service"):
        service = unit(file)["Service"]
        assert {name for name in shut if name not in service} == set(), file.name
        for name in ("User", "Group", "UMask", "StateDirectory", "StateDirectoryMode", "NoNewPrivileges"):
            assert service[name] == usual[name], f"{file.name}: {name}"


def test_the_backup_unit_gives_a_command_that_exists_and_may_write_where_it_says() -> None:
    from typer.main import get_command

    from bot.cli import app

    service = unit(ROOT / "deploy/musnad-backup.service")["Service"]
    _, name, *given = shlex.split(service["ExecStart"])
    context = get_command(app).commands[name].make_context(name, given)  # type: ignore[attr-defined]
    assert str(context.params["target"]) == service["ReadWritePaths"]
    assert context.params["keep"] > 1
    environment = dict(pair.split("=") for pair in service["Environment"].split())
    assert [name for name in environment if not is_setting(name)] == []
    assert environment["MUSNAD_DATA"] == f"/var/lib/{service['StateDirectory']}"
    assert "EnvironmentFile" not in service, "it needs no token"


# Litestream


def test_litestream_replicates_what_cannot_be_made_again() -> None:
    from bot.backup.contents import ARCHIVE, BOT

    assert [each["path"] for each in LITESTREAM["dbs"]] == [
        f"${{MUSNAD_DATA}}/{name}" for name in (BOT, ARCHIVE)
    ]
    places = [each["replica"]["url"] for each in LITESTREAM["dbs"]]
    assert len(set(places)) == len(places)
    assert all(place.startswith("${LITESTREAM_REPLICA}/") for place in places)


def test_litestream_loses_less_than_a_second_and_waits_no_longer_for_a_lock_than_musnad() -> None:
    from corpus.store.connections import WAIT

    for each in LITESTREAM["dbs"]:
        assert seconds(each["monitor-interval"]) + seconds(each["replica"]["sync-interval"]) < 1
        assert seconds(each["busy-timeout"]) < WAIT


def seconds(given: str) -> float:
    found = re.fullmatch(r"(\d+)(ms|s)", given)
    assert found, given
    return int(found[1]) / (1000 if found[2] == "ms" else 1)


def test_the_litestream_unit_uses_that_very_file() -> None:
    service = unit(ROOT / "deploy/musnad-litestream.service")["Service"]
    _, command, option, file = shlex.split(service["ExecStart"])
    assert (command, option) == ("replicate", "-config")
    assert file == "/srv/musnad/deploy/litestream.yml"
    assert service["Environment"] == f"MUSNAD_DATA=/var/lib/{service['StateDirectory']}"
    assert service["EnvironmentFile"] in DOC
    assert service["EnvironmentFile"] != unit()["Service"]["EnvironmentFile"], "it need not know the token"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("litestream") is None, reason="no litestream here")
def test_what_litestream_brings_back_after_a_kill_is_whole_and_recent(tmp_path: Path) -> None:
    from tests.bench.replication import trial

    found = trial(tmp_path, kills=2, seed=3, pause=0.02, replica=f"file://{tmp_path}/replica")
    assert found.kills == 2
    assert max(max(lost) for lost in found.lost_ms.values()) < 5000, "generous: the machine may be busy"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    """Yield the socket at which systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        yield listener


def heard(listener: socket.socket) -> list[str]:
    """Return the messages received so far, without waiting for more."""
    listener.setblocking(False)
    found = []
    try:
        while True:
            found.append(listener.recv(1000).decode())
    except BlockingIOError:
        return found


async def test_systemd_hears_when_the_bot_is_ready_lives_and_stops(
    supervisor: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", supervisor.getsockname())
    monkeypatch.setenv("WATCHDOG_USEC", "60000")
    async with BotApi() as api:
        async with running(api, scripted({})):
            supervisor.setblocking(False)
            async with asyncio.timeout(10):
                first = [await asyncio.get_running_loop().sock_recv(supervisor, 1000) for _ in range(4)]
            assert first[:2] == [b"READY=1", b"WATCHDOG=1"]
            assert sorted(first[2:]) == [b"STATUS=ok", b"WATCHDOG=1"]
        assert heard(supervisor)[-1] == "STOPPING=1"


async def test_systemd_hears_no_more_of_a_bot_that_is_stuck_but_of_one_that_is_only_unwell(
    supervisor: socket.socket,
) -> None:
    by, stuck, said = Supervision(supervisor.getsockname(), 0.03), [False], ["ok"]

    async def status() -> str:
        return said[0]

    async with supervised(by, stuck=lambda: stuck[0], status=status):
        await asyncio.sleep(0.1)
        assert {*heard(supervisor)} == {"READY=1", "WATCHDOG=1", "STATUS=ok"}
        said[0] = "databases cannot be written"
        await asyncio.sleep(0.1)
        assert {*heard(supervisor)} == {"WATCHDOG=1", "STATUS=databases cannot be written"}
        stuck[0] = True
        await asyncio.sleep(0.1)
        heard(supervisor)
        await asyncio.sleep(0.1)
        assert heard(supervisor) == []


async def test_systemd_waits_longer_for_a_bot_that_loads(
    supervisor: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", supervisor.getsockname())
    finish, stop = threading.Event(), Stop()
    async with BotApi() as api:
        loading = Loading(lambda: finish.wait(10))
        task = asyncio.create_task(serve(scripted({}), settings(api), stop, loading))
        try:
            supervisor.setblocking(False)
            async with asyncio.timeout(10):
                first = await asyncio.get_running_loop().sock_recv(supervisor, 1000)
                assert first == b"EXTEND_TIMEOUT_USEC=60000000\nSTATUS=loading the model"
                finish.set()
                assert await asyncio.get_running_loop().sock_recv(supervisor, 1000) == b"READY=1"
        finally:
            finish.set()
            stop.event.set()
            assert await asyncio.wait_for(task, 10) == 0


async def test_nobody_is_told_where_nobody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert supervision() is None
    async with supervised():
        pass
    async with supervised(Supervision(str(tmp_path / "gone"), 0.0)):
        await asyncio.sleep(0)


async def test_an_abstract_socket_is_found() -> None:
    name = f"@musnad-test-{id(object())}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name[1:]}")
        async with supervised(Supervision(name, 0.0)):
            pass
        assert heard(listener) == ["READY=1", "STOPPING=1"]


# The docs


def test_the_chapter_names_what_is_there() -> None:
    chapter = DOC.partition("\n## ")[0]
    files = set(re.findall(r"deploy/[\w.]+\w", chapter))
    assert {"deploy/musnad.service", "deploy/musnad.env.example"} <= files
    assert [name for name in files - {BOT["env_file"]} if not (ROOT / name).is_file()] == []
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", chapter)) == set(instructions("EXPOSE"))
    service = unit()["Service"]
    assert service["ExecStart"].split("/.venv/")[0] in chapter
    assert service["EnvironmentFile"] in chapter
    assert f"/var/lib/{service['StateDirectory']}" in chapter
    assert [name for name in re.findall(r"\bMUSNAD_\w+", chapter) if not is_setting(name)] == []


def test_the_chapters_alerts_are_on_series_that_exist() -> None:
    from bot.telegram.monitoring.metrics import Gauges, Metrics
    from bot.telegram.monitoring.sources import Source
    from corpus.following import Followed

    metrics, now = Metrics(), datetime.now(UTC)
    followed = Followed("https://news.example/rss", "feed", now, succeeded=now, newest=now)
    sources = (Source("news.example/rss", "ok", followed),)
    metrics.read(Gauges({"dead": 0}, 0, 0.0, 0, 0, 0, True, 0, 0, True, sources, {"ok": 1}))
    known = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    named = set(re.findall(r"\bmusnad_[a-z_]+(?=[\[{ ])", DOC))
    assert named
    assert named <= known
