"""A news site on loopback for tests: its feed, its sitemap and its pages, and all that may be wrong with them.

with FeedServer() as site:
    site.publish("1", "افتتاح جسر", "افتتحت البلدية …")
    follow(site.feed)
    site.mood = "stall"
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

Mood = Literal[
    "well", "stall", "page", "empty", "half", "gone", "missing", "endless", "bomb", "loop", "moved", "charset",
    "busy", "broken", "octets", "hangs up",
]  # fmt: skip
"""What is wrong with the feed: it stalls, gives a page with 200, …"""

NS = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    key: str
    title: str
    text: str
    at: datetime
    whole: bool = True
    """Whether the feed carries all of it, and not only its first words."""
    stamp: str | None = None
    """What the feed says of its date, when that is not ``at``; "" for nothing."""


@dataclass
class FeedServer:
    """A site at a free port of this machine. Used as a context."""

    title: str = "صحيفة الجبل"
    mood: Mood = "well"
    page_mood: Literal["well", "stall", "broken", "nothing"] = "well"
    robots: str | None = None
    """Its robots.txt; None where it has none, «500» where it cannot be had."""
    headers: dict[str, str] = field(default_factory=dict)
    """Further headers of the feed."""
    ttl: int | None = None
    items: dict[str, Item] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    """The requests that came: path and headers."""
    overlapping: int = 0
    """The most requests that were served at the same time."""

    def publish(
        self,
        key: str,
        title: str,
        text: str,
        at: datetime = START,
        *,
        whole: bool = True,
        stamp: str | None = None,
    ) -> str:
        """Publish an item, and return its page's address."""
        self.items[key] = Item(key, title, text, at, whole, stamp)
        return f"{self.address}/{key}"

    def correct(self, key: str, text: str, at: datetime | None = None) -> None:
        """Change the text of an item."""
        item = self.items[key]
        self.items[key] = replace(item, text=text, at=at or item.at)

    def vanish(self, key: str) -> None:
        """Take an item's page down; it leaves the feed, too."""
        del self.items[key]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def feed(self) -> str:
        return f"{self.address}/feed"

    @property
    def sitemap(self) -> str:
        return f"{self.address}/sitemap.xml"

    def count(self, path: str) -> int:
        return sum(each == path for each, _ in self.asked)

    def rss(self) -> str:
        newest = sorted(self.items.values(), key=lambda item: item.at, reverse=True)
        ttl = f"<ttl>{self.ttl}</ttl>" if self.ttl else ""
        items = "".join(map(self._item, newest))
        return (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NS}><channel>'
            f"<title>{escape(self.title)}</title>{ttl}{items}</channel></rss>"
        )

    def _item(self, item: Item) -> str:
        stamp = format_datetime(item.at) if item.stamp is None else item.stamp
        date = f"<pubDate>{stamp}</pubDate>" if stamp else ""
        body = (
            f"<content:encoded>{escape(f'<p>{item.text}</p>')}</content:encoded>"
            if item.whole
            else f"<description>{escape(' '.join(item.text.split()[:8]))}</description>"
        )
        return (
            f'<item><guid isPermaLink="false">{item.key}</guid><link>{self.address}/{item.key}</link>'
            f"<title>{escape(item.title)}</title>{date}{body}</item>"
        )

    def urlset(self) -> str:
        urls = "".join(
            f"<url><loc>{self.address}/{item.key}</loc><lastmod>{item.at.isoformat()}</lastmod></url>"
            for item in self.items.values()
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    def page(self, item: Item) -> str:
        text = "".join(f"<p>{part}</p>" for part in item.text.split("\n"))
        return (
            f"<html><head><meta charset='utf-8'><title>{item.title}</title>"
            f"<meta property='article:published_time' content='{item.at.isoformat()}'></head>"
            f"<body><article><h1>{item.title}</h1>{text}</article></body></html>"
        )

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._serving = 0
        self._lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with site._lock:
                    site._serving += 1
                    site.overlapping = max(site.overlapping, site._serving)
                try:
                    site._answer(self)
                except OSError:
                    pass  # who asked hung up
                finally:
                    with site._lock:
                        site._serving -= 1

            def log_message(self, format: str, *args: object) -> None:
                """Not on standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        self.asked.append((path, dict(request.headers)))
        key = path.strip("/")
        if path == "/robots.txt":
            if self.robots is None:
                _send(request, 404, b"")
            elif self.robots == "500":
                _send(request, 500, b"")
            else:
                _send(request, 200, self.robots.encode(), "text/plain")
        elif path in ("/feed", "/new-feed"):
            self._answer_feed(request)
        elif path == "/sitemap.xml":
            self._conditional(request, self.urlset().encode(), "application/xml")
        elif path == "/sitemap-index.xml":
            entry = f"<sitemap><loc>{self.sitemap}</loc></sitemap>"
            _send(request, 200, f"<sitemapindex>{entry}</sitemapindex>".encode(), "application/xml")
        elif path == "/":
            link = f'<link rel="alternate" type="application/rss+xml" href="/feed" title="{self.title}">'
            _send(request, 200, f"<html><head>{link}</head><body></body></html>".encode(), "text/html")
        elif self.page_mood == "stall":
            self._over.wait(30)
        elif self.page_mood == "broken":
            _send(request, 500, b"")
        elif key in self.items:
            body = "<html></html>" if self.page_mood == "nothing" else self.page(self.items[key])
            self._conditional(request, body.encode(), "text/html; charset=utf-8")
        else:
            _send(request, 404, b"<html>404</html>", "text/html")

    def _answer_feed(self, request: BaseHTTPRequestHandler) -> None:
        rss = self.rss()
        match self.mood:
            case "stall":
                self._over.wait(30)
            case "page":
                page = "<html><body><h1>نعتذر</h1><p>الموقع تحت الصيانة.</p></body></html>"
                _send(request, 200, page.encode(), "text/html; charset=utf-8")
            case "empty":
                _send(request, 200, b"", "application/rss+xml")
            case "half":
                _send(request, 200, rss.encode()[: len(rss.encode()) * 2 // 3], "application/rss+xml")
            case "gone":
                _send(request, 410, b"")
            case "missing":
                _send(request, 404, b"")
            case "endless":
                request.send_response(200)
                request.send_header("Content-Type", "application/rss+xml")
                request.end_headers()
                while not self._over.is_set():
                    request.wfile.write(b"<item/>" * 10_000)
            case "bomb":
                _send(request, 200, _bomb(), "application/rss+xml", {"Content-Encoding": "gzip"})
            case "loop":
                _send(request, 302, b"", headers={"Location": "/feed"})
            case "moved" if request.path == "/feed":
                _send(request, 301, b"", headers={"Location": "/new-feed"})
            case "charset":
                _send(request, 200, rss.encode("windows-1256", "xmlcharrefreplace"), "application/rss+xml")
            case "busy":
                _send(request, 429, b"", headers={"Retry-After": "7200"})
            case "broken":
                _send(request, 500, b"")
            case "octets":
                _send(request, 200, rss.encode(), "text/plain")
            case "hangs up":
                request.send_response(200)
                request.send_header("Content-Type", "application/rss+xml")
                request.send_header("Content-Length", "100000")
                request.end_headers()
                request.wfile.write(rss.encode()[:200])
            case _:
                self._conditional(request, rss.encode(), "application/rss+xml", self.headers)

    def _conditional(
        self,
        request: BaseHTTPRequestHandler,
        body: bytes,
        kind: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            _send(request, 304, b"", headers={"ETag": etag})
        else:
            _send(request, 200, body, kind, {"ETag": etag, **(headers or {})})


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * 50_000_000, 1)


def _send(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    kind: str = "",
    headers: Mapping[str, str] | None = None,
) -> None:
    request.send_response(status)
    if kind:
        request.send_header("Content-Type", kind)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    if status != 304:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if status != 304:
        request.wfile.write(body)
