"""HTTP access to a Chroma server: its address, the check that it is one, and the errors on the way.

Musnad speaks to the server through Chroma's own client, which waits without end and accepts any answer; this
module turns such failures into one line that says what to do.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

import httpx

from vectorstore.errors import IndexUnreachableError

T = TypeVar("T")

TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
"""Timeout for one request: the largest writes 256 vectors."""

DELAYS: Final = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0)
"""Seconds between the attempts of one operation while the server is away.

The Telegram bot makes three such operations for a question, so that a server which is away for a minute costs
no question.
"""

BROKEN_OFF: Final = (httpx.RemoteProtocolError, httpx.ReadError)
"""Errors of a server that takes a request and breaks off: killed in the middle of it, or by what it read."""

_KEPT_OPEN = 60.0
"""Seconds for which an idle connection is used again."""

_MOST_BROKEN = 3


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a Chroma server."""

    url: str
    """The URL without the credentials: fit for logs and messages."""
    headers: dict[str, str] = field(repr=False)
    """Authorization header from the credentials, for a proxy in front of the server: Chroma has no login."""

    @classmethod
    def of(cls, url: str) -> Address:
        """Parse ``url``: ``http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]``."""
        parts = urlsplit(url.strip())
        credentials, at, place = parts.netloc.rpartition("@")
        headers = {}
        if at:
            encoded = base64.b64encode(unquote(credentials).encode()).decode("ascii")
            headers["Authorization"] = f"Basic {encoded}"
        return cls(f"{parts.scheme}://{place}{parts.path}".rstrip("/"), headers)

    def greet(self) -> None:
        """Raise IndexUnreachableError unless a Chroma server answers there."""
        try:
            with self.session() as session:
                beat = session.get(f"{self.url}/api/v2/heartbeat").json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.fault(error) from error
        if not isinstance(beat, dict) or "nanosecond heartbeat" not in beat:
            raise self.fault(NotChromaError("no heartbeat"))

    def session(self, connected: Callable[[], None] | None = None) -> httpx.Client:
        """Return an HTTP client that ends within TIMEOUT, uses no proxy and lets only Chroma's answers through.

        ``connected`` is called for every connection that it makes: what answers there may have been started anew.
        """

        def watch(request: httpx.Request) -> None:
            request.extensions["trace"] = note

        def note(event: str, _: object) -> None:
            if connected is not None and event == "connection.connect_tcp.complete":
                connected()

        return httpx.Client(
            headers={"Content-Type": "application/json", **self.headers},
            timeout=TIMEOUT,
            limits=httpx.Limits(keepalive_expiry=_KEPT_OPEN),
            trust_env=False,
            event_hooks={"request": [watch], "response": [_check]},
        )

    def fault(self, error: Exception) -> IndexUnreachableError:
        """Convert ``error`` to an IndexUnreachableError that says what to do."""
        if isinstance(error, NotChromaError):
            return IndexUnreachableError(
                f"what answers at {self.url} is no Chroma server, or not one of version 1 ({error}): see"
                " MUSNAD_CHROMA_URL"
            )
        why = error if isinstance(error, AwayError) else type(error).__name__
        return IndexUnreachableError(
            f"the Chroma server at {self.url} does not answer ({why}): start it, or see MUSNAD_CHROMA_URL"
        )


class AwayError(httpx.HTTPError):
    """The server, or a proxy in front of it, says that it cannot answer now."""


class BrokenOffError(httpx.HTTPError):
    """The server breaks off whenever it is asked this."""

    def __init__(self) -> None:
        super().__init__("the server breaks off whenever it is asked")


class NotChromaError(httpx.HTTPError):
    """The answer does not come from a Chroma server."""


def _check(response: httpx.Response) -> None:
    response.read()
    try:
        json, said = True, response.json()
    except ValueError:
        json, said = False, None
    chromas = isinstance(said, dict) and isinstance(said.get("error"), str)
    if response.status_code in (429, 502, 503, 504):
        raise AwayError(f"HTTP {response.status_code}")
    if response.is_error and not chromas:
        raise NotChromaError(f"HTTP {response.status_code}")
    if response.is_redirect or not json:
        raise NotChromaError(f"HTTP {response.status_code}, not JSON")


def patiently(work: Callable[[], T], sleep: Callable[[float], None] = time.sleep, *, broken: int = 0) -> T:
    """Run ``work()``, again after each of DELAYS while the server is away.

    ``broken`` is how often it has broken off already: it raises BrokenOffError at the third time. All that musnad asks
    of the server may be repeated.
    """
    began = time.monotonic()
    for delay in (*DELAYS, None):
        try:
            return work()
        except (httpx.TransportError, AwayError) as error:
            # One that was killed breaks off once. What it cannot read may end the server, which is started again.
            broken += isinstance(error, BROKEN_OFF)
            if broken >= _MOST_BROKEN:
                raise BrokenOffError from error
            if delay is None or time.monotonic() - began > sum(DELAYS):
                raise
        sleep(delay)
    raise AssertionError


def steadily(work: Callable[[], T]) -> T:
    """Run ``work()`` once, and patiently only when the server breaks off: it may just have been killed."""
    try:
        return work()
    except BROKEN_OFF:
        return patiently(work, broken=1)
