"""A chat model's server on loopback: OpenAI's ``/v1/chat/completions`` and Ollama's ``/api/chat``.

It follows a script, one behaviour per request, and stores the requests.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def told(self) -> str:
        """The text of the user's message to the model."""
        content = self.body["messages"][-1]["content"]
        return content if isinstance(content, str) else "".join(part["text"] for part in content)

    @property
    def shown(self) -> dict[str, Any]:
        """The JSON object in that message."""
        shown: dict[str, Any] = json.loads(self.told)
        return shown

    @property
    def sentences(self) -> dict[int, str]:
        """The numbered sentences in that message."""
        return {int(n): text for p in self.shown["passages"] for n, text in p["sentences"].items()}

    def number(self, sentence: str) -> int:
        """Return the number of a sentence, 1 when it is not shown."""
        return next((n for n, text in self.sentences.items() if text == sentence), 1)


@dataclass(frozen=True)
class Raw:
    """A literal HTTP reply. ``{authorization}`` in it is replaced by the request's header."""

    status: int
    body: str
    content_type: str = "application/json"
    packed: bool = False
    """Whether it is packed with gzip."""


@dataclass(frozen=True)
class Hang:
    """A request that is never answered."""


@dataclass(frozen=True)
class Drip:
    """An answer sent a byte at a time: never silent for long, never done."""

    every: float = 0.02


@dataclass(frozen=True)
class Close:
    """A connection that is closed after this many bytes of a reply."""

    after: int = 0


Behaviour = str | Raw | Hang | Drip | Close
Script = Behaviour | Callable[[Received], Behaviour]


@dataclass
class ChatServer:
    """The server, in its own thread until the end of the block. A str behaviour is the model's reply."""

    received: list[Received] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a client hung up before its answer was complete."""

    def __post_init__(self) -> None:
        self._script: deque[Script] = deque()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="chat-server")
        self._port = 0

    def will(self, *behaviours: Script) -> None:
        """Script the next requests, one behaviour each, and discard earlier scripts and requests."""
        self._script.clear()
        self._script.extend(behaviours)
        self.received.clear()
        self.left.clear()

    @property
    def url(self) -> str:
        """The base URL for OpenAI's API."""
        return f"{self.host}/v1"

    @property
    def host(self) -> str:
        """The base URL for Ollama's API."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> ChatServer:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        app.router.add_post("/api/chat", self._answer)
        # A client that hangs up cancels its handler, which is how that is seen.
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        received = Received(request.path, dict(request.headers), await request.json())
        self.received.append(received)
        if not self._script:
            return web.Response(status=500, text="no behaviour was scripted for this request")
        script = self._script.popleft()
        behaviour = script(received) if callable(script) else script
        try:
            return await self._behave(behaviour, request)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise

    async def _behave(self, behaviour: Behaviour, request: web.Request) -> web.StreamResponse:
        ollama = request.path == "/api/chat"
        match behaviour:
            case str():
                body = _ollama(behaviour) if ollama else _openai(behaviour)
                kind = "application/x-ndjson" if ollama else "application/json"
                return web.Response(text=body, content_type=kind)
            case Raw():
                header = request.headers.get("Authorization", "")
                text = behaviour.body.replace("{authorization}", header)
                data = gzip.compress(text.encode()) if behaviour.packed else text.encode()
                packing = {"Content-Encoding": "gzip"} if behaviour.packed else {}
                return web.Response(
                    status=behaviour.status, body=data, content_type=behaviour.content_type, headers=packing
                )
            case Hang():
                await asyncio.sleep(3600)
            case Drip():
                return await self._drip(behaviour, request, ollama)
            case Close():
                return await self._close(behaviour, request)
        raise AssertionError(f"no such behaviour: {behaviour}")

    async def _drip(self, behaviour: Drip, request: web.Request, ollama: bool) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for byte in (_ollama if ollama else _openai)("لا شيء " * 10_000).encode():
            await response.write(bytes([byte]))
            await asyncio.sleep(behaviour.every)
        return response

    async def _close(self, behaviour: Close, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
        if behaviour.after:
            await response.prepare(request)
            await response.write(_openai("x" * 5000).encode()[: behaviour.after])
        assert request.transport is not None
        request.transport.abort()
        return response


def _openai(text: str) -> str:
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "test-model",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                    "logprobs": None,
                }
            ],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    )


def _ollama(text: str) -> str:
    """Return the answer as two lines of a stream and a line that ends it."""
    half = len(text) // 2
    lines: list[dict[str, Any]] = [
        {"message": {"role": "assistant", "content": part}, "done": False}
        for part in (text[:half], text[half:])
    ]
    lines.append({"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"})
    stamp = {"model": "test-model", "created_at": "2026-01-01T00:00:00Z"}
    return "".join(json.dumps({**stamp, **line}) + "\n" for line in lines)


def answers(*items: tuple[object, object], left_open: object = ()) -> str:
    """Return a reply in the requested form: sentence numbers with words in them, and the open words."""
    said = {"answers": [{"sentence": n, "words": words} for n, words in items], "open": left_open}
    return json.dumps(said, ensure_ascii=False)


def pointing(*items: tuple[str, object], left_open: object = ()) -> Callable[[Received], str]:
    """Return a behaviour that points at these sentences and at words in them."""

    def reply(received: Received) -> str:
        return answers(
            *((received.number(sentence), words) for sentence, words in items), left_open=left_open
        )

    return reply
