"""HTTP server in the bot's own event loop: ``/healthz``, ``/metrics`` and the webhook."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import resource
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.telegram.http.protocol import MOST, GuardedProtocol
from bot.telegram.intake.webhook import Webhook
from bot.telegram.monitoring.health import Health
from bot.telegram.monitoring.metrics import Metrics

log = logging.getLogger(__name__)

_CLOSE_WITHIN = 3
"""Seconds that running requests get when the server stops."""
_KEPT = 30
"""Seconds for which a connection without a request is kept open."""
_ACCEPTED = 16
"""Connections accepted at a time: far fewer than may wait for a head, so that one that sends it at once is heard."""
_QUEUE = 1024
"""Connections that wait at the operating system to be accepted."""


class ListenError(RuntimeError):
    """Error when the address cannot be listened at; ``reason`` names the message that says why."""

    def __init__(self, reason: str, **variables: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.variables = variables


def site(health: Health, metrics: Metrics, webhook: Webhook | None = None) -> Starlette:
    """Build the app that serves ``/healthz``, ``/metrics`` and the webhook at its path."""

    async def healthz(request: Request) -> Response:
        report = await health.report()
        return JSONResponse(report, 200 if report["status"] == "ok" else 503, {"Cache-Control": "no-store"})

    async def counted(request: Request) -> Response:
        metrics.read(await health.gauges())
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/metrics", counted)]
    if webhook is not None:
        routes.append(Route(webhook.path, webhook.post, methods=["POST"]))
    return Starlette(routes=routes)


@asynccontextmanager
async def serving(app: Starlette, address: str) -> AsyncIterator[str]:
    """Serve ``app`` at ``address`` (HOST:PORT) until the block ends; yield the address that is listened at.

    Raises ListenError when the address cannot be listened at.
    """
    _allow_files()
    listener = _listen(address)
    host, port = listener.getsockname()[:2]
    server = _Server(
        uvicorn.Config(
            app,
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_ACCEPTED,
            timeout_keep_alive=_KEPT,
            timeout_graceful_shutdown=_CLOSE_WITHIN,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    log.info("listening at %s", at := f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    try:
        yield at
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """Server that leaves signals to the bot, and lets many connections wait though it accepts few at a time."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_QUEUE)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _allow_files() -> None:
    """Allow this process as many open files as its connections may take, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST if hard == resource.RLIM_INFINITY else min(2 * MOST, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    listener: socket.socket | None = None
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, at = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(at)
        listener.listen()  # so that a port that is taken is known now
        listener.setblocking(False)
    except OSError as error:
        if listener is not None:
            listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ListenError("telegram_port_taken", address=address) from None
        raise ListenError(
            "telegram_cannot_listen", address=address, why=error.strerror or type(error).__name__
        ) from None
    return listener
