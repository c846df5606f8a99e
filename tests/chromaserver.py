"""Chroma's own server, in Rust, that the package brings: a real one, on loopback."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from vectorstore.errors import IndexUnreachableError
from vectorstore.server import Address


class ChromaServer:
    """One that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, data: str = "data") -> None:
        program = "import sys; from chromadb.cli.cli import app; sys.exit(app())"
        where = ["--path", str(self.folder / data), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, "run", *where],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while True:
            try:
                Address.of(self.url).greet()
                return
            except IndexUnreachableError:
                assert self._process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    @contextmanager
    def supervised(self) -> Iterator[list[int]]:
        """Start it again whenever it ends by itself, as Docker does; yield the exit codes with which it did."""
        over, ended = threading.Event(), list[int]()

        def watch() -> None:
            while not over.wait(0.05):
                if self._process is not None and self._process.poll() is not None:
                    ended.append(self._process.returncode)
                    self.start()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield ended
        finally:
            over.set()
            thread.join()

    def collections(self) -> set[str]:
        of = f"{self.url}/api/v2/tenants/default_tenant/databases/default_database/collections"
        return {each["name"] for each in httpx.get(of).json()}
