"""Fetch one link, within limits, from the public web only.

    fetch("https://news.example/2026/1") -> Document
    get("https://news.example/feed", etag='"1"') -> Reply, for those who come again

The sender of a link chooses which address this machine requests. So a host is resolved once, its addresses
are checked, and the connection goes to the very address that was checked: never to this machine or its
network, not even after redirects. TLS still names and checks the host. Proxies of the environment are not used.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import PurePosixPath
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import httpcore
import httpx

from corpus.decode import Reason
from corpus.document import KINDS, LONGEST_SOURCE, Document, safe_name
from corpus.errors import MusnadError

if TYPE_CHECKING:
    from httpcore import NetworkStream, Response

_Read = TypeVar("_Read")

MAX_BYTES = 10 * 1024 * 1024
DEADLINE = 20.0
"""Seconds for the whole fetch: name resolution, redirects, and the last byte."""
MAX_REDIRECTS = 5
USER_AGENT = "musnad/0.1 (news archive; fetches single links on request)"
FOLLOWER = "musnad/0.1 (news archive; follows feeds and sitemaps, heeds robots.txt)"
"""The user agent of those who come again; in a robots.txt its name is the word before the slash."""

FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/xml", "text/xml"})
"""Media types of feeds and sitemaps."""

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_TABLES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")  # whose servers may call them text
_FILES = (
    *(".pdf", ".docx", ".docm", ".doc", ".odt", ".fodt", ".rtf", ".epub"),
    *(*_TABLES, ".warc", ".wacz", ".gz", ".bz2", ".xz", ".zst"),
)  # whose servers may call them octets
_OCTETS = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/zip", "application/download"}
)
_TEXT = frozenset({"text/plain", "text/json", "application/csv"})
_CALLED = frozenset({"", ".html", ".txt"})
"""Kinds that a feed may be called by its server, among those."""
_HEAD = 4096
_FEED = re.compile(
    rb"[\s\xef\xbb\xbf]*(?>(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(?!html)[^>]*>)\s*)*)"
    rb"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)\b",
    re.IGNORECASE | re.DOTALL,
)  # of what a feed or a sitemap begins with
_GZIP = b"\x1f\x8b"
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|igsh|mc_[ce]id|_ga|_gl")
# Public by its number, but the metadata service of a cloud; anycast to relays; the IETF's own assignments, some of
# which Python calls global; documentation.
_FORBIDDEN = tuple(
    map(
        ipaddress.ip_network,
        ("168.63.129.16/32", "192.88.99.0/24", "192.0.0.0/24", "2001::/23", "3fff::/20"),
    )
)
# All that is handed out to hosts of the internet. What `ipaddress` calls global holds more: site-local addresses,
# translations of IPv4 addresses by the local network, IPv4 addresses written as IPv6.
_UNICAST = ipaddress.IPv6Network("2000::/3")


class FetchError(MusnadError):
    """The link could not be fetched; ``reason`` gives the cause, ``detail`` the observation ("" for none)."""

    def __init__(
        self,
        url: str,
        reason: Reason,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """``status`` is that of HTTP, ``retry_after`` the seconds after which the server wants to be asked again."""
        super().__init__(f"{url}: {reason}" + (f" ({detail})" if detail else ""))
        self.url = url
        self.reason = reason
        self.detail = detail
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered to one who comes again."""

    document: Document | None
    """None when it has not changed since."""
    etag: str | None = None
    last_modified: str | None = None
    fresh: float = 0.0
    """Seconds for which the server says that nothing changes."""
    moved: str | None = None
    """Where it stands from now on, when every redirect on the way was for good."""


def fetch(
    url: str,
    *,
    allow_private: bool = False,
    feeds: bool = False,
    deadline: float = DEADLINE,
    tls: ssl.SSLContext | None = None,
) -> Document:
    """Return the document at ``url``, under the address where it was found after redirects.

    With ``allow_private`` any machine and port may be requested, for users of this machine itself: the host of
    ``url``, not those that it redirects to. ``feeds``: return feeds and sitemaps
    too, of the kind ``.xml``. Blocks for at most ``deadline`` seconds. ``tls`` gives other
    certificates to trust. Raises FetchError.
    """

    def read(target: httpx.URL, reply: Response, until: float, moved: bool) -> Document:
        return _document(target, reply, until, feeds=feeds)

    return _follow(url, read, allow_private=allow_private, deadline=deadline, tls=tls)


def get(
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    plain: bool = False,
    allow_private: bool = False,
    deadline: float = DEADLINE,
    tls: ssl.SSLContext | None = None,
) -> Reply:
    """Return what is at ``url`` unless it is as it was when it had this ``etag`` or was ``last_modified`` then.

    Feeds and sitemaps are of the kind ``.xml``, told by what they hold where their server calls them something else.
    ``plain`` takes whatever is there for text. The rest is as with `fetch`.
    """
    asked = {"User-Agent": FOLLOWER}
    asked |= {"If-None-Match": etag} if etag else {}
    asked |= {"If-Modified-Since": last_modified} if last_modified else {}

    def read(target: httpx.URL, reply: Response, until: float, moved: bool) -> Reply:
        same = reply.status == 304 and (etag or last_modified)
        return Reply(
            None if same else _document(target, reply, until, feeds=True, sniff=True, plain=plain),
            etag=_header(reply, b"etag") or (etag if same else None),
            last_modified=_header(reply, b"last-modified") or (last_modified if same else None),
            fresh=_fresh(_header(reply, b"cache-control")),
            moved=str(target) if moved and not same else None,
        )

    return _follow(url, read, headers=asked, allow_private=allow_private, deadline=deadline, tls=tls)


def _follow(
    url: str,
    read: Callable[[httpx.URL, Response, float, bool], _Read],
    *,
    headers: Mapping[str, str] | None = None,
    allow_private: bool = False,
    deadline: float = DEADLINE,
    tls: ssl.SSLContext | None = None,
) -> _Read:
    """Return what ``read`` makes of the reply at the end of the redirects, and of whether all were for good."""
    until = time.monotonic() + deadline
    at = url.strip()
    typed = _target(at).raw_host if allow_private else None
    network = _Network(typed, until)
    moved = None
    with httpcore.ConnectionPool(
        ssl_context=tls or httpx.create_ssl_context(trust_env=False), network_backend=network
    ) as pool:
        for _ in range(MAX_REDIRECTS + 1):
            target = _target(at)
            if target.raw_host != typed:
                _check_port(target)
            asked = _headers(target) | dict(headers or {})
            try:
                with pool.stream("GET", _parts(target), headers=asked, extensions=_timeout(until)) as reply:
                    if reply.status not in _REDIRECTS:
                        return read(target, reply, until, bool(moved))
                    at = _next(target, reply)
                    moved = moved is not False and reply.status in _FOR_GOOD
            except FetchError as error:
                raise FetchError(
                    at, error.reason, error.detail, status=error.status, retry_after=error.retry_after
                ) from error
            except httpcore.TimeoutException as error:
                raise FetchError(at, Reason.TIMEOUT, f"{deadline:g} s") from error
            except (httpcore.NetworkError, httpcore.ProtocolError) as error:
                raise FetchError(at, *_fault(error)) from error
    raise FetchError(at, Reason.REDIRECTS, f"more than {MAX_REDIRECTS}")


def _target(url: str) -> httpx.URL:
    """Return the address to request. Raises FetchError."""
    try:
        target = httpx.URL(url)
        _ = target.raw_host, target.port, target.host  # «xn--» is an address until it is read
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchError(url, Reason.BAD_URL) from error
    labels = target.raw_host.split(b".")
    if max(map(len, labels)) > 63 or len(target.raw_host) > 253 or (target.port or 1) > 65535:
        raise FetchError(url[:200], Reason.BAD_URL)
    if target.scheme not in _PORTS or not target.host:
        raise FetchError(url, Reason.BAD_URL, "" if target.scheme in _PORTS else target.scheme[:20])
    if target.userinfo:
        raise FetchError(str(target.copy_with(userinfo=b"")), Reason.CREDENTIALS)
    return target


def _check_port(target: httpx.URL) -> None:
    if target.port not in (None, *_PORTS.values()):
        raise FetchError(str(target), Reason.PRIVATE, f"port {target.port}")


def _parts(target: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
    )


def _headers(target: httpx.URL) -> dict[bytes | str, bytes | str]:
    return {
        "Host": target.netloc.decode("ascii"),
        "User-Agent": USER_AGENT,
        "Accept": ", ".join(KINDS),
        "Accept-Language": "ar, *;q=0.5",
        "Accept-Encoding": "gzip, identity",
    }


def _timeout(until: float) -> dict[str, dict[str, float]]:
    left = max(until - time.monotonic(), 0.001)
    return {"timeout": {"connect": left, "read": left, "write": left, "pool": left}}


def _next(target: httpx.URL, reply: Response) -> str:
    location = _header(reply, b"location")
    try:
        return str(target.join(location)) if location else ""
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(str(target), Reason.BAD_URL, "redirect") from error


def _document(
    target: httpx.URL,
    reply: Response,
    until: float,
    *,
    feeds: bool,
    sniff: bool = False,
    plain: bool = False,
) -> Document:
    url = str(target)
    if reply.status != 200:
        reason = Reason.NOT_THERE if reply.status in (404, 410) else Reason.REFUSED
        later = _seconds(_header(reply, b"retry-after"))
        raise FetchError(url, reason, f"HTTP {reply.status}", status=reply.status, retry_after=later)
    named, _, parameters = _header(reply, b"content-type").partition(";")
    media_type = named.strip().lower()
    suffix = PurePosixPath(target.path.lower()).suffix
    kind = "" if media_type in FEEDS and not feeds else KINDS.get(media_type, "")
    if (media_type in _OCTETS and suffix in _FILES) or (media_type in _TEXT and suffix in _TABLES):
        kind = suffix
    kind = ".txt" if plain else kind
    body = None
    if sniff and not plain and kind in _CALLED and (kind or media_type in _OCTETS or "xml" in media_type):
        body = _body(url, reply, until)
        kind = ".xml" if _FEED.match(body[:_HEAD]) else kind
    if not kind:
        raise FetchError(url, Reason.TYPE, safe_name(media_type)[:60] or "no type")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters, re.IGNORECASE)
    found = _without_tracking(url)
    body = _body(url, reply, until) if body is None else body
    return Document(source_of(found), body, kind, url=found, charset=charset[1] if charset else None)


def _fresh(said: str) -> float:
    """Return the seconds that a Cache-Control header gives a reply."""
    found = re.search(r"max-age\s*=\s*\"?(\d{1,9})", said, re.IGNORECASE)
    return float(found[1]) if found and not re.search(r"no-(cache|store)", said, re.IGNORECASE) else 0.0


def _seconds(said: str) -> float | None:
    """Return the seconds that a Retry-After header gives, as a number or as a time."""
    if re.fullmatch(r"\d{1,9}", said.strip()):
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _body(url: str, reply: Response, until: float) -> bytes:
    """Return the decompressed bytes of a reply, as long as they stay within the limits."""
    length = _header(reply, b"content-length")
    if length.isdigit() and int(length) > MAX_BYTES:
        raise FetchError(url, Reason.TOO_LARGE, f"{int(length):,} bytes, the limit is {MAX_BYTES:,}")
    packing = _header(reply, b"content-encoding").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise FetchError(url, Reason.TYPE, safe_name(packing)[:60])
    unpack = _Gunzip(MAX_BYTES + 1) if "gzip" in packing else None
    body = bytearray()
    received = 0
    try:
        for chunk in reply.iter_stream():
            received += len(chunk)
            body += unpack.unpacked(chunk) if unpack else chunk
            if len(body) > MAX_BYTES or received > MAX_BYTES:
                raise FetchError(url, Reason.TOO_LARGE, f"the limit is {MAX_BYTES:,} bytes")
            if time.monotonic() > until:
                raise httpcore.ReadTimeout("the deadline is over")
    except zlib.error as error:
        raise FetchError(url, Reason.DAMAGED) from error
    if unpack and not unpack.whole:
        raise FetchError(url, Reason.DAMAGED)
    return bytes(body)


class _Gunzip:
    """Unpacking of gzip, of one member or several after each other, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._rest = b""
        self.whole = False
        """Whether the last member has ended."""

    def unpacked(self, data: bytes) -> bytes:
        """Return what this much more of the packed bytes gives. Raises zlib.error."""
        found = bytearray()
        data = self._rest + data
        self._rest = b""
        while data and self._left > 0:
            if self.whole:
                if len(data) < len(_GZIP) and _GZIP.startswith(data):
                    self._rest = data
                    break
                if not data.startswith(_GZIP):  # padding, which gzip leaves out too
                    break
                self._member, self.whole = zlib.decompressobj(zlib.MAX_WBITS | 16), False
            part = self._member.decompress(data, self._left)
            found += part
            self._left -= len(part)
            self.whole = self._member.eof
            data = self._member.unused_data if self.whole else b""
        return bytes(found)


def _header(reply: Response, name: bytes) -> str:
    """Return a header as text: UTF-8, as servers write Arabic addresses, else Latin-1, as the standard says."""
    values: Iterable[tuple[bytes, bytes]] = reply.headers
    value = next((value for key, value in values if key.lower() == name), b"")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _fault(error: Exception) -> tuple[Reason, str]:
    """Return the reason why a connection failed, with the message of the system or of TLS."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Reason.TLS, cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return Reason.TLS, cause.reason or ""
        if isinstance(cause, OSError) and cause.strerror:
            return Reason.NO_CONNECTION, cause.strerror
        cause = cause.__cause__ or cause.__context__
    return Reason.NO_CONNECTION, "" if isinstance(error, httpcore.NetworkError) else "not HTTP"


class _Network(httpcore.NetworkBackend):
    """A network backend that connects only to permitted addresses, until the deadline."""

    def __init__(self, private: bytes | None, until: float) -> None:
        """``private`` is the host that may have any address."""
        self._private = private
        self._until = until
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._addresses(host, port):
            try:
                left = max(self._until - time.monotonic(), 0.001)
                stream = self._sockets.connect_tcp(address, port, left, local_address, socket_options)
                return _Stream(stream, self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, all of them permitted. Raises FetchError."""
        found = _resolve(host, port, self._until)
        if host.encode() != self._private:
            for address in found:
                if not is_public(address):
                    raise FetchError(host, Reason.PRIVATE, host if host == address else f"{host}: {address}")
        return found


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline, even while single bytes keep arriving."""

    def __init__(self, stream: NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        left = self._left(httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def _left(self, late: type[httpcore.TimeoutException]) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise late("the deadline is over")
        return left


def is_public(address: str) -> bool:
    """Return whether an IP address, and any IPv4 address it stands for, is on the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if not ip.is_global or ip.is_multicast or any(ip in network for network in _FORBIDDEN):
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [each for each in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if each]
        return bool(ip.ipv4_mapped or ip in _UNICAST) and all(is_public(str(each)) for each in inner)
    return True


def _resolve(host: str, port: int, until: float) -> list[str]:
    """Return the addresses of a host. The system's resolver cannot be stopped, so a late one is abandoned."""
    answer: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(each[4][0]) for each in found)))
        except (OSError, UnicodeError) as error:
            answer.put(OSError(str(error)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=max(until - time.monotonic(), 0.001))
    except Empty as error:
        raise httpcore.ConnectTimeout(f"no answer for {host}") from error
    if isinstance(found, OSError):
        raise FetchError(host, Reason.NO_HOST, host) from found
    return found


def _without_tracking(url: str) -> str:
    """Return the address of a page without its tracking parameters and its fragment."""
    parts = urlsplit(url)
    query = parts.query
    if any(_TRACKING.fullmatch(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([pair for pair in pairs if not _TRACKING.fullmatch(pair[0])])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def source_of(url: str) -> str:
    """Return the source name of a page's address: without its scheme, and with percent-encoding decoded."""
    name = unquote(url.partition("://")[2], errors="replace").rstrip("/")
    safe = safe_name(name)
    if safe == name and len(name) < LONGEST_SOURCE:
        return name
    return f"{safe[: LONGEST_SOURCE - 10]}…{sha256(url.encode()).hexdigest()[:8]}"
