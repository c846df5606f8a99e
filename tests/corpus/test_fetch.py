"""Fetching links: what comes back, what is refused, and that nothing private is ever asked."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

import corpus.fetch
from corpus.article import Article
from corpus.decode import Reason
from corpus.document import LONGEST_SOURCE, Document
from corpus.fetch import USER_AGENT, FetchError, fetch, is_public, source_of
from corpus.parse import parse, read
from corpus.unfold import unfold

PAGE = """<html><head><title>خبر</title></head><body><h1>خبر من الضفة</h1>
<p>قالت البلدية إن العمل في الحديقة انتهى أمس، وإنها تفتح أبوابها للناس صباح الجمعة.</p></body></html>"""
HTML = {"Content-Type": "text/html; charset=windows-1256"}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site(BaseHTTPRequestHandler):
    """Answers each path as the test says, and notes what was asked."""

    answers: ClassVar[dict[str, Answer]] = {}
    asked: ClassVar[list[BaseHTTPRequestHandler]] = []

    def do_GET(self) -> None:
        self.asked.append(self)
        self.answers[self.path.partition("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:
        """Not on standard error."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that hang up are what some tests are about."""

    with Quiet(("127.0.0.1", 0), Site) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def site() -> Iterator[str]:
    Site.answers.clear()
    Site.asked.clear()
    with serving() as host:
        yield f"http://{host}"


def says(
    body: bytes = b"", headers: dict[str, str] | None = None, status: int = 200, length: bool = True
) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        if length:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def goes(to: str, status: int = 302) -> Answer:
    return says(status=status, headers={"Location": to.encode().decode("latin-1")})


def refusal(url: str, **how: float | bool) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, **how)  # type: ignore[arg-type]
    return caught.value


# What comes back


def test_a_page_comes_with_its_final_address_and_its_encoding(site: str) -> None:
    Site.answers |= {"/s": goes("/a/../حديقة?utm_source=x&id=7#top")}
    Site.answers["/%D8%AD%D8%AF%D9%8A%D9%82%D8%A9"] = says(PAGE.encode("cp1256"), HTML)
    found = fetch(f" {site}/s ", allow_private=True)
    host = site.removeprefix("http://")
    assert found.source == f"{host}/حديقة?id=7"
    assert found.url == f"{site}/%D8%AD%D8%AF%D9%8A%D9%82%D8%A9?id=7"
    assert (found.kind, found.charset) == (".html", "windows-1256")
    page = read(found.data, found.kind, url=found.url, charset=found.charset)
    assert parse(page.text, found.source, page.said)[0].title == "خبر من الضفة"
    asked = Site.asked[-1].headers
    assert (asked["User-Agent"], asked["Host"]) == (USER_AGENT, host)
    assert "musnad" in USER_AGENT


@pytest.mark.parametrize(
    ("path", "media_type", "kind"),
    [
        ("/x", "text/plain", ".txt"),
        ("/x", "application/xhtml+xml", ".html"),
        ("/x", "Application/PDF", ".pdf"),
        ("/x.docx", DOCX, ".docx"),
        ("/x.PDF", "application/octet-stream", ".pdf"),
        ("/x.docx", "application/zip", ".docx"),
        ("/x.pdf", "text/html", ".html"),  # a page that says where the file went
        ("/x", "text/csv; charset=utf-8", ".csv"),
        ("/x.jsonl", "text/plain", ".jsonl"),
        ("/x.csv.gz", "application/octet-stream", ".gz"),
        ("/export", "application/json", ".json"),
    ],
)
def test_a_document_is_of_the_kind_the_server_says(site: str, path: str, media_type: str, kind: str) -> None:
    Site.answers[path] = says(b"x", {"Content-Type": media_type})
    assert fetch(site + path, allow_private=True).kind == kind


def test_feeds_come_only_where_they_are_asked_for(site: str) -> None:
    Site.answers["/feed"] = says(b"<rss/>", {"Content-Type": "application/rss+xml"})
    assert fetch(f"{site}/feed", allow_private=True, feeds=True).kind == ".xml"
    assert refusal(f"{site}/feed", allow_private=True).reason == Reason.TYPE


def test_the_items_of_a_feed_come_from_its_host_wherever_it_says_they_are() -> None:
    link, text = "https://www.aljazeera.net/1", "كلام " * 20
    item = f"<item><title>خبر</title><link>{link}</link><description>{text}</description></item>"
    feed = f"<rss version='2.0'><channel><title>الجزيرة</title>{item}</channel></rss>"
    (document,), _, _ = unfold(Document("x", feed.encode(), ".xml", url="https://evil.example/feed"))
    article = document.complete(Article(document.source, "خبر", "كلام", publisher="الجزيرة"), None)
    assert (article.url, article.origin) == (link, "evil.example")
    assert article.attribution == "claimed"


def test_a_packed_page_is_unpacked(site: str) -> None:
    packed = gzip.compress(PAGE.encode())
    Site.answers["/x"] = says(packed, {"Content-Type": "text/html", "Content-Encoding": "gzip"})
    assert fetch(f"{site}/x", allow_private=True).data == PAGE.encode()


def test_a_page_packed_in_several_members_is_read_whole(site: str) -> None:
    half = len(PAGE.encode()) // 2
    members = [gzip.compress(part) for part in (PAGE.encode()[:half], b"", PAGE.encode()[half:])]
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    for padding in (b"", b"\0" * 600):
        Site.answers["/x"] = says(b"".join(members) + padding, headers)
        assert fetch(f"{site}/x", allow_private=True).data == PAGE.encode()
    Site.answers["/x"] = says(b"".join(members)[:-9], headers)
    assert refusal(f"{site}/x", allow_private=True).reason == Reason.DAMAGED


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_members_are_told_apart_wherever_the_bytes_are_cut(size: int) -> None:
    packed, unpack = gzip.compress(b"one ") + gzip.compress(b"two"), corpus.fetch._Gunzip(1000)
    parts = [unpack.unpacked(packed[start : start + size]) for start in range(0, len(packed), size)]
    assert (b"".join(parts), unpack.whole) == (b"one two", True)
    assert corpus.fetch._Gunzip(5).unpacked(packed) == b"one t"


# What is refused


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        (says(status=404), Reason.NOT_THERE, "HTTP 404"),
        (says(status=403), Reason.REFUSED, "HTTP 403"),
        (says(status=503), Reason.REFUSED, "HTTP 503"),
        (says(b"x", {"Content-Type": "image/png"}), Reason.TYPE, "image/png"),
        (says(b"x"), Reason.TYPE, "no type"),
        (says(b"x", {"Content-Type": "text/html", "Content-Encoding": "br"}), Reason.TYPE, "br"),
        (says(b"x", {"Content-Type": "text/html", "Content-Encoding": "gzip"}), Reason.DAMAGED, ""),
        (goes("/x"), Reason.REDIRECTS, "more than 5"),
        (goes("file:///etc/passwd"), Reason.BAD_URL, "file"),
        (says(status=302), Reason.BAD_URL, ""),
        (goes("http://xn--/"), Reason.BAD_URL, ""),
        (goes("http://xn--a.example/"), Reason.BAD_URL, ""),
        (goes("https://www.reuters.com@evil.example/"), Reason.CREDENTIALS, ""),
        (lambda request: request.wfile.write(b"\0\1\2\r\n\r\n"), Reason.NO_CONNECTION, "not HTTP"),
    ],
)
def test_an_answer_that_is_no_document_says_why(
    site: str, answer: Answer, reason: Reason, detail: str
) -> None:
    Site.answers["/x"] = answer
    error = refusal(f"{site}/x", allow_private=True)
    assert (error.reason, error.detail) == (reason, detail)
    assert len(Site.asked) <= 6


def endless(request: BaseHTTPRequestHandler) -> None:
    """A page that never ends and does not say so."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while True:
        request.wfile.write(b"x" * 65536)


def test_too_much_is_left_where_it_is(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.fetch, "MAX_BYTES", 1_000_000)
    bomb = gzip.compress(b"x" * 50_000_000)
    Site.answers |= {
        "/endless": endless,
        "/claimed": says(b"x", {"Content-Type": "text/html", "Content-Length": "1000001"}, length=False),
        "/bomb": says(bomb, {"Content-Type": "text/html", "Content-Encoding": "gzip"}),
    }
    for path in Site.answers:
        assert refusal(site + path, allow_private=True).reason == Reason.TOO_LARGE


def test_the_deadline_holds_when_a_byte_comes_now_and_then(site: str) -> None:
    over = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        for _ in range(250):  # and no longer, if nothing ends it
            if over.wait(0.02):
                return
            request.wfile.write(b"H")

    def silence(request: BaseHTTPRequestHandler) -> None:
        over.wait(5)

    Site.answers |= {"/drip": drip, "/silence": silence}
    try:
        for path in Site.answers:
            start = time.monotonic()
            assert refusal(site + path, allow_private=True, deadline=0.3).reason == Reason.TIMEOUT
            assert time.monotonic() - start < 3
    finally:
        over.set()


def test_a_name_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [over.wait(10)][:0])
    try:
        assert refusal("https://slow.example/", deadline=0.1).reason == Reason.TIMEOUT
    finally:
        over.set()


def test_a_host_that_is_not_there_or_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal("http://nowhere.invalid/", allow_private=True).reason == Reason.NO_HOST
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        error = refusal(f"http://127.0.0.1:{port}/", allow_private=True)
    assert (error.reason, error.detail) == (Reason.NO_CONNECTION, "Connection refused")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", Reason.BAD_URL),
        ("news.example/1", Reason.BAD_URL),
        ("ftp://news.example/1", Reason.BAD_URL),
        ("file:///etc/passwd", Reason.BAD_URL),
        ("https://", Reason.BAD_URL),
        ("https://[::1", Reason.BAD_URL),
        ("https://news.example:99999/", Reason.BAD_URL),
        ("https://news.example/\0", Reason.BAD_URL),
        ("https://" + "x" * 300 + "/", Reason.BAD_URL),
        ("https://user:secret@news.example/", Reason.CREDENTIALS),
        ("https://www.reuters.com@evil.example/", Reason.CREDENTIALS),
        ("http://xn--/", Reason.BAD_URL),
        ("https://news.example:8080/", Reason.PRIVATE),
        ("https://news.example:22/", Reason.PRIVATE),
    ],
)
def test_an_address_that_is_none_is_refused_unasked(
    url: str, reason: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asked.append("its address"))
    error = refusal(url)
    assert error.reason == reason
    assert asked == []
    assert "secret" not in str(error)


# Nothing private is asked


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",  # 127.0.0.1, as some resolvers read it
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[64:ff9b:1::7f00:1]",  # IPv4 through a translator of the local network
        "[fec0::1]",  # site-local
        "[::7f00:1]",
        "192.88.99.1",
        "192.0.0.8",
        "192.0.0.9",
        "192.0.0.170",
        "198.18.0.1",
        "203.0.113.7",
        "240.0.0.1",
        "[::ffff:192.0.0.9]",
        "[64:ff9b::c000:9]",
        "[2001:db8::1]",
        "[2001:1::1]",
    ],
)
def test_private_hosts_are_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *address, **_: connected.append(address))
    assert refusal(f"http://{host}/").reason == Reason.PRIVATE
    assert connected == []


def test_public_addresses_are_public() -> None:
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert is_public("::ffff:93.184.215.14")
    assert not is_public("fe80::1%eth0")


def resolving(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> list[str]:
    """Names that resolve as given, one answer after the other; returns what was asked."""
    asked: list[str] = []

    real = socket.getaddrinfo

    def answer(host: str, port: int, *rest: int, **how: int) -> Sequence[tuple[object, ...]]:
        if host not in names:
            return real(host, port, *rest, **how)
        asked.append(host)
        addresses = names[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in address.split()]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_public_name_of_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, {"inside.example": ["10.0.0.7"], "half.example": ["93.184.215.14 127.0.0.1"]})
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    error = refusal("https://inside.example/")
    assert (error.reason, error.detail) == (Reason.PRIVATE, "inside.example: 10.0.0.7")
    assert refusal("https://half.example/").reason == Reason.PRIVATE


def test_the_connection_goes_to_the_address_that_was_checked(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to a public address when it is checked and to a private one the next time."""
    asked = resolving(monkeypatch, {"rebinding.example": ["93.184.215.14", "127.0.0.1"]})
    connected: list[object] = []
    port = int(site.rpartition(":")[2])
    connect = socket.create_connection

    def redirected(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address)
        monkeypatch.undo()
        return connect(("127.0.0.1", port))

    monkeypatch.setattr(socket, "create_connection", redirected)
    Site.answers["/x"] = says(PAGE.encode(), {"Content-Type": "text/html"})
    assert fetch("http://rebinding.example/x").data == PAGE.encode()
    assert connected == [("93.184.215.14", 80)]
    assert asked == ["rebinding.example"]
    assert Site.asked[0].headers["Host"] == "rebinding.example"


def test_a_redirect_to_a_private_address_is_refused(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(site.rpartition(":")[2])
    connect = socket.create_connection
    resolving(monkeypatch, {"public.example": ["93.184.215.14"]})
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: connect(("127.0.0.1", port)))
    Site.answers["/x"] = goes("http://127.0.0.1/admin")
    error = refusal("http://public.example/x")
    assert (error.reason, error.url) == (Reason.PRIVATE, "http://127.0.0.1/admin")
    assert [request.path for request in Site.asked] == ["/x"]


def test_only_the_typed_host_may_be_private(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(site.rpartition(":")[2])
    connect = socket.create_connection
    resolving(monkeypatch, {"public.example": ["93.184.215.14"], "other.example": ["10.0.0.7"]})
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: connect(("127.0.0.1", port)))
    for target in ("http://127.0.0.1/admin", "http://other.example/", "http://localhost/"):
        Site.answers["/x"] = goes(target)
        error = refusal("http://public.example/x", allow_private=True)
        assert (error.reason, error.url) == (Reason.PRIVATE, target)
    Site.answers["/x"] = goes("http://public.example:22/")
    Site.answers["/"] = says(PAGE.encode(), {"Content-Type": "text/html"})
    assert fetch("http://public.example/x", allow_private=True).data == PAGE.encode()
    Site.answers["/x"] = goes("http://elsewhere.example:22/")
    assert refusal("http://public.example/x", allow_private=True).reason == Reason.PRIVATE


def test_proxies_of_the_environment_are_not_used(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    Site.answers["/x"] = says(b"x", {"Content-Type": "text/plain"})
    assert fetch(f"{site}/x", allow_private=True).data == b"x"


# TLS


def test_tls_checks_the_name_that_was_asked_for(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path_factory)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    names: list[str | None] = []
    server.sni_callback = lambda _, name, __: names.append(name)
    trusted = ssl.create_default_context(cafile=certificate)
    Site.answers.clear()
    Site.answers["/x"] = says(b"x", {"Content-Type": "text/plain"})
    with serving(server) as host:
        port = host.rpartition(":")[2]
        resolving(monkeypatch, {"news.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})
        assert fetch(f"https://news.example:{port}/x", allow_private=True, tls=trusted).data == b"x"
        for url, context in (
            (f"https://other.example:{port}/x", trusted),
            (f"https://news.example:{port}/x", None),
        ):
            with pytest.raises(FetchError) as caught:
                fetch(url, allow_private=True, tls=context)
            assert caught.value.reason == Reason.TLS
        assert names == ["news.example", "other.example", "news.example"]


def self_signed(folders: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate of news.example, with its key."""
    import subprocess

    folder = folders.mktemp("tls")
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-days", "2", "-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example"]
    try:
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl here to make a certificate")
    return certificate, key


# Names


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://news.example/%D8%AE%D8%A8%D8%B1/", "news.example/خبر"),
        ("https://news.example/?id=1", "news.example/?id=1"),
        ("https://news.example/a%20b", "news.example/a b"),
    ],
)
def test_a_source_is_an_address_as_it_is_read(url: str, source: str) -> None:
    assert source_of(url) == source


def test_long_or_unsafe_addresses_have_names_of_their_own() -> None:
    one, other = (source_of(f"https://news.example/{'x' * 500}{n}") for n in (1, 2))
    assert len(one) <= LONGEST_SOURCE
    assert one != other
    assert (
        source_of("https://news.example/%E2%80%AEx")
        != source_of("https://news.example/x")
        == "news.example/x"
    )
