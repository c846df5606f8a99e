"""Pages saved in one file: the page is found among its parts, in its encoding, and its address is a claim."""

from __future__ import annotations

import base64
import quopri
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.decode import NoTextError, Reason
from corpus.document import kind_of
from corpus.parse import ParseError, parse, read
from tests.corpus.pages import HOURS, LEDE, TITLE, article

ADDRESS = "https://daffa.example/2026/books?id=1"
PAGE = article(LEDE, HOURS)
FRAME = "<p>إعلان في إطار: من يشتري ثلاث علب من الشاي يأخذ الرابعة مجانا حتى نهاية الشهر في كل الفروع.</p>"
PICTURE = b"\x89PNG\r\n\x1a\n" + struct.pack(">400i", *range(400))


def part(content: bytes, kind: str, encoding: str = "quoted-printable", **headers: str) -> bytes:
    """A part of a message in its encoding; ``headers`` with underscores for hyphens."""
    packed = {
        "quoted-printable": lambda: quopri.encodestring(content),
        "base64": lambda: base64.encodebytes(content),
        "8bit": lambda: content,
        "binary": lambda: content,
    }[encoding]()
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n{named}\r\n".encode() + packed


def saved(*parts: bytes, start: str = "", snapshot: str = ADDRESS) -> bytes:
    """A file as browsers save it."""
    head = (
        "From: <Saved by a browser>\r\n"
        + (f"Snapshot-Content-Location: {snapshot}\r\n" if snapshot else "")
        + "Subject: =?utf-8?Q?=D8=AE=D8=A8=D8=B1?=\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/related;\r\n\ttype="text/html";{start}\r\n\tboundary="--x=y"\r\n\r\n'
    ).encode()
    return head + b"".join(b"----x=y\r\n" + each + b"\r\n" for each in parts) + b"----x=y--\r\n"


FRAMED = part(FRAME.encode(), "text/html", Content_ID="<f@x>", Content_Location="cid:f@x")
SHOWN = part(PICTURE, "image/png", "base64", Content_Location="https://daffa.example/x.png")


def test_the_page_is_the_one_from_the_saved_address_whatever_stands_before_it() -> None:
    main = part(PAGE.encode(), "text/html", Content_ID="<m@x>", Content_Location=ADDRESS)
    for parts in ([main, FRAMED, SHOWN], [SHOWN, FRAMED, main]):
        page = read(saved(*parts), ".mhtml")
        [found] = parse(page.text, "a.mhtml", page.said)
        assert (found.title, found.body) == (TITLE, f"{LEDE}\n\n{HOURS}")
        assert (found.url, found.site) == (ADDRESS, "daffa.example")


def test_the_page_is_the_one_named_as_the_start_else_the_first() -> None:
    main = part(PAGE.encode(), "text/html", Content_ID="<m@x>")
    assert read(saved(FRAMED, main, start='start="<m@x>";', snapshot=""), ".mht").text.startswith(TITLE)
    assert read(saved(main, FRAMED, snapshot=""), ".mht").text.startswith(TITLE)


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit", "binary"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1256"])
def test_a_page_is_read_in_its_encodings(encoding: str, charset: str) -> None:
    main = part(PAGE.replace("utf-8", charset).encode(charset), f'text/html; charset="{charset}"', encoding)
    assert HOURS in read(saved(main), ".mhtml").text


def test_what_the_page_says_of_its_address_goes_before_what_the_file_says() -> None:
    said = PAGE.replace("<title>", '<link rel="canonical" href="https://daffa.example/books"><title>')
    page = read(saved(part(said.encode(), "text/html", Content_Location=ADDRESS)), ".mhtml")
    assert page.said is not None
    assert page.said.url == "https://daffa.example/books"


@pytest.mark.parametrize(
    "claim", ["file:///home/x.html", "cid:x@y", "https://u:p@daffa.example/1", "javascript:1"]
)
def test_an_address_that_is_none_is_not_taken(claim: str) -> None:
    page = read(saved(part(PAGE.encode(), "text/html", Content_Location=claim), snapshot=claim), ".mhtml")
    assert page.said is not None
    assert page.said.url is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.NO_ARTICLE),
        (PAGE.encode(), Reason.NO_ARTICLE),
        (saved(SHOWN), Reason.NO_ARTICLE),
        (saved(part(b"", "text/html")), Reason.EMPTY),
        (saved(*(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" for _ in range(100))), Reason.DAMAGED),
        (saved(*(part(b"x", "text/css") for _ in range(5000))), Reason.DAMAGED),
    ],
)
def test_what_holds_no_page_says_so(data: bytes, reason: Reason) -> None:
    with pytest.raises(NoTextError) as caught:
        read(data, ".mhtml")
    assert caught.value.reason == reason


WHOLE = saved(part(PAGE.encode(), "text/html; charset=utf-8", Content_Location=ADDRESS), SHOWN)


@given(st.integers(0, len(WHOLE)), st.integers(0, 400), st.binary(max_size=40))
def test_a_torn_file_is_an_article_or_a_reason(at: int, length: int, put: bytes) -> None:
    try:
        page = read(WHOLE[:at] + put + WHOLE[at + length :], ".mhtml")
        articles = parse(page.text, "x", page.said)
    except (NoTextError, ParseError):
        return
    assert all(article.body.strip() and article.title for article in articles)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("x.mht", ""), ("x.mhtml", "application/octet-stream"), ("x", "multipart/related")],
)
def test_the_kind_of_a_saved_page(name: str, media_type: str) -> None:
    assert kind_of(name, media_type) == ".mhtml"
