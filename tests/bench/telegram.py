"""The Telegram bot under kills, load, floods and costly files: ``python -m tests.bench.telegram kill|load|flood|files``.

The bot is a process of its own, ``musnad telegram`` over the sample archive; Telegram is the tests' Bot API server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.archives import QUESTIONS
from tests.bench.hostile_files import FILES, held
from tests.botapi import BotApi, User

ROOT = Path(__file__).parents[2]
MUSNAD = (sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())", "telegram")
UNLIMITED = {"MUSNAD_RATE_USER": "0", "MUSNAD_RATE_CHAT": "0", "MUSNAD_QUEUE": "1000"}
"""Settings without limits, so that the bot's capacity is measured: nobody is told to wait or that it is busy."""
_START_WITHIN = 120.0


class Program:
    """The bot as a process, which may be killed and started again."""

    def __init__(self, api: BotApi, data: Path, command: Sequence[str], values: Mapping[str, str]) -> None:
        self.api = api
        self.data = data
        self._command = command
        self._values = dict(values)
        self._process: asyncio.subprocess.Process | None = None
        self._log = (data / "bot.log").open("ab")

    async def start(self) -> None:
        """Start the bot and return once it has asked for updates."""
        polls = self.api.count["getupdates"]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MUSNAD_")}
        values = {
            "MUSNAD_TELEGRAM_TOKEN": self.api.token, "MUSNAD_TELEGRAM_API_URL": self.api.url,
            "MUSNAD_DATA": str(self.data),
        }  # fmt: skip
        self._process = await asyncio.create_subprocess_exec(
            *self._command, cwd=ROOT, env=clean | values | self._values, stderr=self._log
        )
        await self.api.wait_for(lambda: self.api.count["getupdates"] > polls, _START_WITHIN)

    async def kill(self) -> None:
        """Kill the bot at once with SIGKILL, as the kernel does when memory runs out."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)
        self._log.close()

    async def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()

    def mib(self, field: str = "VmHWM") -> float:
        """Return the bot's memory in MiB: VmHWM at its peak, VmRSS now. 0 where there is no /proc."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text() if self._process else ""
        except OSError:
            return 0.0
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if field in line), 0.0)

    def together_mib(self) -> float:
        """Return the memory in MiB that the bot and its worker hold now. 0 where there is no /proc."""
        return held(self._process.pid) / 2**20 if self._process else 0.0

    def rows(self, sql: str) -> list[Any]:
        """Return the rows of a query on the bot's database."""
        with closing(sqlite3.connect(f"file:{self.data / 'bot.sqlite'}?mode=ro", uri=True, timeout=10)) as db:
            return list(db.execute(sql))

    def log(self) -> str:
        return (self.data / "bot.log").read_text(errors="replace")


@asynccontextmanager
async def program(
    api: BotApi, data: Path, values: Mapping[str, str], command: Sequence[str] = MUSNAD
) -> AsyncIterator[Program]:
    """Run the bot until the block ends, whatever ends it."""
    bot = Program(api, data, command, values)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


# Kills


@dataclass(frozen=True)
class Kills:
    """Outcome of the updates of a run with kills."""

    kills: int
    updates: int
    lost: int
    """Questions without an answer."""
    twice: int
    """Questions with more than one answer."""
    in_flight: int
    """Answers in flight at a kill: being sent, but not yet confirmed."""
    twice_beyond: int
    """Questions answered twice whose answer was not in flight at a kill."""
    dead_letters: int
    turns: int | None
    """Turns in the conversations, which should be one for each question."""
    seconds: float


async def kill(
    api: BotApi,
    data: Path,
    *,
    kills: int,
    updates: int,
    seed: int,
    command: Sequence[str] = MUSNAD,
    questions: Sequence[str] = QUESTIONS,
) -> Kills:
    """Kill the bot at random moments while questions come, and count their answers.

    Question n is the n-th of ``questions``, which are repeated, followed by its number.
    """
    chance = random.Random(seed)
    people = [api.world.user(10_000 + number, f"سائل {number}") for number in range(updates)]
    in_flight: set[object] = set()
    began = time.perf_counter()
    values = UNLIMITED | {"MUSNAD_PUBLIC": "1"}

    async def ask() -> None:
        for number, user in enumerate(people):
            api.world.say(user, f"{questions[number % len(questions)]} ({number})")
            # So that there is something to do at every kill.
            await api.wait_for(lambda n=number: len(api.world.sent) >= n - 40, 600)  # type: ignore[misc]

    async with program(api, data, values, command) as bot:
        asking = asyncio.create_task(ask())
        for number in range(kills):
            # No kill before something was answered since the last one, nor when all is.
            last = len(api.world.sent)
            share = updates * number // (kills + 1)
            await api.wait_for(lambda n=last, s=share: len(api.world.sent) > max(n, s), 300)  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0.0, 0.3))
            await bot.kill()
            in_flight |= {
                row[0] for row in bot.rows("select update_id from deliveries where state = 'sending'")
            }
            await bot.start()
        await asking
        chats = [api.world.chats[user.id].sent for user in people]
        try:
            await api.wait_for(lambda: all(chats), 300)
        except TimeoutError:
            print(bot.log()[-3000:], file=sys.stderr)
        asked: dict[object, object] = dict(bot.rows("select update_id, user from answers"))
        held = bot.rows("select count(*) from turns")
        dead_letters = bot.rows("select count(*) from inbox where state = 'dead'")
    twice = {user.id for user, sent in zip(people, chats, strict=True) if len(sent) > 1}
    return Kills(
        kills=kills,
        updates=updates,
        lost=sum(not sent for sent in chats),
        twice=len(twice),
        in_flight=len(in_flight),
        twice_beyond=len(twice - {asked.get(update) for update in in_flight}),
        dead_letters=dead_letters[0][0],
        turns=held[0][0] if command == MUSNAD else None,
        seconds=time.perf_counter() - began,
    )


# Load


@dataclass(frozen=True)
class Load:
    """Outcome of a run in which all users ask at once, in several waves."""

    chats: int
    waves: int
    answers: int
    throughput: float
    """Answers per second."""
    p50: float
    p95: float
    """Seconds from the update to the delivered answer."""
    idle_mib: float
    wave_mib: tuple[float, ...]
    """Memory after each wave."""
    peak_mib: float


async def load(api: BotApi, data: Path, *, chats: int, waves: int) -> Load:
    people = [api.world.user(10_000 + number, f"سائل {number}") for number in range(chats)]
    waits: list[float] = []
    after: list[float] = []
    seconds = 0.0
    async with program(api, data, UNLIMITED | {"MUSNAD_PUBLIC": "1"}) as bot:
        idle = bot.mib("VmRSS")
        for wave in range(waves):
            asked = {user.id: time.perf_counter() for user in people}
            seen = len(api.world.sent)
            for number, user in enumerate(people):
                api.world.say(user, QUESTIONS[(number + wave) % len(QUESTIONS)])
            began = time.perf_counter()
            while asked:
                await api.wait_for(lambda n=seen: len(api.world.sent) > n, 300)  # type: ignore[misc]
                for message in api.world.sent[seen:]:
                    if (since := asked.pop(message["chat"]["id"], None)) is not None:
                        waits.append(time.perf_counter() - since)
                seen = len(api.world.sent)
            seconds += time.perf_counter() - began
            after.append(bot.mib("VmRSS"))
        peak = bot.mib()
    return Load(
        chats, waves, len(waits), len(waits) / seconds, statistics.median(waits),
        statistics.quantiles(waits, n=20)[-1], idle, tuple(after), peak,
    )  # fmt: skip


# Flood


@dataclass(frozen=True)
class Flood:
    """Outcome of a flood of updates, far more than the bot can work on at once, most of them from strangers."""

    updates: int
    from_allowed: int
    allowed: int
    strangers: int
    fetched_seconds: float
    """Seconds until every update was committed and acknowledged."""
    drained_seconds: float
    """Seconds until no update was waiting any more."""
    messages: Mapping[str, int]
    """Number of messages sent to ``allowed`` users and to ``strangers``."""
    idle_mib: float
    peak_mib: float
    during_seconds: float
    """Seconds to the answer of a question asked once every update was fetched."""
    after_seconds: float
    """The same for a question asked once no update was waiting any more."""


async def flood(api: BotApi, data: Path, *, updates: int, allowed: int, strangers: int, seed: int) -> Flood:
    chance = random.Random(seed)
    known = [api.world.user(10_000 + number, f"سائل {number}") for number in range(allowed)]
    others = [api.world.user(50_000 + number, f"غريب {number}") for number in range(strangers)]
    asker = api.world.user(9_999, "صحفية")
    values = {"MUSNAD_ALLOWED_USERS": ",".join(str(user.id) for user in (*known, asker))}
    async with program(api, data, values) as bot:
        idle = bot.mib("VmRSS")
        count = 0
        for _ in range(updates):
            if chance.random() < 0.1:
                count += 1
                api.world.say(chance.choice(known), chance.choice(QUESTIONS))
            else:
                api.world.say(chance.choice(others), chance.choice(QUESTIONS))
        began = time.perf_counter()
        await api.settled(1800)
        fetched = time.perf_counter() - began
        during = await _ask(api, asker, 1)
        while bot.rows("select 1 from inbox where state in ('waiting', 'running') limit 1"):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        drained = time.perf_counter() - began
        sent = Counter(
            "strangers" if message["chat"]["id"] >= 50_000 else "allowed" for message in api.world.sent
        )
        after = await _ask(api, asker, 2)
        peak = bot.mib()
    return Flood(updates, count, allowed, strangers, fetched, drained, dict(sent), idle, peak, during, after)


# Files


@dataclass(frozen=True)
class Files:
    """Memory of the bot, in MiB, while an owner sends it files that were made to cost much."""

    files: int
    ready_mib: float
    asked_mib: float
    """After the sample archive's questions."""
    peak_mib: float
    """The bot's own peak."""
    together_mib: float
    """The peak of the bot and its worker at one moment."""
    after_mib: float
    """When all files are done."""
    anonymous_mib: float
    """The part of that which is not a mapped file: what the system cannot take back."""
    costliest: str


async def files(api: BotApi, data: Path, *, names: Sequence[str] = tuple(FILES)) -> Files:
    """Send each file and wait for the word on it; ask a question between them."""
    owner = api.world.user(10_000, "صاحبة البوت")
    values = UNLIMITED | {"MUSNAD_OWNERS": str(owner.id), "MALLOC_ARENA_MAX": "2"}
    async with program(api, data, values) as bot:
        ready = bot.mib("VmRSS")
        for number, question in enumerate(QUESTIONS, 1):
            api.world.say(owner, question)
            await api.replies(owner, number, seconds=120)
        asked = bot.mib("VmRSS")
        peaks: dict[str, float] = {}
        sending = asyncio.create_task(_send_files(api, bot, owner, names, peaks))
        while not sending.done():
            if peaks:
                latest = next(reversed(peaks))
                peaks[latest] = max(peaks[latest], bot.together_mib())
            await asyncio.sleep(0.02)
        await sending
        after, anonymous, peak = bot.mib("VmRSS"), bot.mib("RssAnon"), bot.mib()
    costliest = max(peaks, key=lambda name: peaks[name])
    return Files(
        len(names), ready, asked, peak, peaks[costliest], after, anonymous, f"{costliest} {peaks[costliest]:.0f}"
    )


async def _send_files(
    api: BotApi, bot: Program, owner: User, names: Sequence[str], peaks: dict[str, float]
) -> None:
    for name in names:
        content = await asyncio.to_thread(FILES[name])
        standing = len(api.world.chats[owner.id].sent)
        peaks[name] = 0.0
        api.world.send_file(owner, name, content, "application/octet-stream")
        await api.settled(600)
        await asyncio.sleep(0.5)
        while bot.rows("select 1 from inbox where state in ('waiting', 'running') limit 1"):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        said = " ".join(api.world.in_chat(owner)[standing]["text"].split())
        print(f"{name:22} {peaks[name]:5.0f} MiB  {said[:90]}", file=sys.stderr, flush=True)
        api.world.say(owner, QUESTIONS[0])
        await api.replies(owner, len(api.world.chats[owner.id].sent) + 1, seconds=600)


async def _ask(api: BotApi, user: User, answers: int) -> float:
    """Ask a question; return the seconds until the user has that many answers in total."""
    asked = time.perf_counter()
    api.world.say(user, QUESTIONS[0])
    await api.replies(user, answers, seconds=600)
    return time.perf_counter() - asked


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.telegram", description=__doc__)
    parser.add_argument("what", choices=["kill", "load", "flood", "files"])
    parser.add_argument("--updates", type=int, help="how many (default: 200 for kill, 20,000 for flood)")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--waves", type=int, default=3, help="how often they all ask (default: 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    # Requests that a kill cuts off.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="musnad-bench-") as folder:
        result = asyncio.run(_measure(options, Path(folder)))
    if options.json:
        print(json.dumps(asdict(result)))
        return
    for name, value in asdict(result).items():
        print(f"{name.replace('_', ' '):16} {_shown(value)}")


async def _measure(options: argparse.Namespace, data: Path) -> Kills | Load | Flood | Files:
    # A process of its own: this one is not to hold a model beside the bot's.
    process = await asyncio.create_subprocess_exec(
        *MUSNAD[:-1],
        "ingest",
        "--samples",
        "--data",
        str(data),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await process.wait():
        raise SystemExit("the sample archive could not be taken in")
    async with BotApi() as api:
        match options.what:
            case "kill":
                return await kill(
                    api, data, kills=options.kills, updates=options.updates or 200, seed=options.seed
                )
            case "load":
                return await load(api, data, chats=options.chats, waves=options.waves)
            case "files":
                return await files(api, data)
            case _:
                return await flood(
                    api,
                    data,
                    updates=options.updates or 20_000,
                    allowed=20,
                    strangers=3000,
                    seed=options.seed,
                )


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, (list, tuple)):
        return " ".join(_shown(each) for each in value)
    return str(value)


if __name__ == "__main__":
    main()
