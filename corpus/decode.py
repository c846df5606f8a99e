"""Decode the bytes of a file to text, or give the reason why it has none.

Accepts UTF-8, with or without a byte order mark; UTF-16 with its mark; and Windows-1256, the old Arabic code
page, for bytes that are not UTF-8 and are plainly Arabic in Windows-1256: at least nine in ten of the
characters beyond ASCII are Arabic letters, marks or the punctuation that goes with them, and one of five words
that every article uses is among them. This rejects UTF-8 with a broken byte, Western code pages and
ISO 8859-6, all of which also decode as Windows-1256. Newlines are kept as they are.
"""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from corpus.arabic.wordlists import word_list
from corpus.errors import MusnadError


class Reason(StrEnum):
    """The reason why a file or link was skipped. The phrases are stable: front ends may translate them."""

    NOT_FOUND = "not found"
    UNREADABLE = "unreadable"
    NOT_A_FILE = "not a regular file"
    UNSUPPORTED = "unsupported format"
    NAME = "file name is not valid Unicode"
    SAME_NAME = "another file has this name"
    TOO_LARGE = "too large"
    EMPTY = "empty"
    BINARY = "binary, not text"
    ENCODING = "wrongly encoded"
    NO_ARTICLE = "no article in it"
    DAMAGED = "damaged"
    LOCKED = "locked with a password"
    SCANNED = "no text in this PDF, only pictures"
    UNFAITHFUL = "the text of this PDF cannot be read faithfully"
    SETTINGS = "folder settings that cannot be used"
    TOO_SLOW = "takes too long to read"
    TOO_MUCH_MEMORY = "takes too much memory to read"
    LINKS = "a list of links, no articles"
    # Of links:
    BAD_URL = "not a web address"
    CREDENTIALS = "an address with a password in it"
    PRIVATE = "not on the public web"
    NO_HOST = "no such host"
    NO_CONNECTION = "no connection"
    TLS = "no secure connection"
    TIMEOUT = "no answer in time"
    NOT_THERE = "no page there"
    REFUSED = "the server refused"
    REDIRECTS = "too many redirects"
    TYPE = "no page or document"


class NoTextError(MusnadError, ValueError):
    """The bytes are not text; ``reason`` gives the cause, ``detail`` the place ("" for nothing to say)."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason} ({detail})" if detail else str(reason))
        self.reason = reason
        self.detail = detail


def decode(data: bytes, charset: str | None = None) -> str:
    """Return the text of a file's bytes, without a byte order mark. Raises NoTextError.

    ``charset`` is the encoding named by a server or by the document itself. It is used where the bytes are
    valid in it; a byte order mark, and bytes that are UTF-8 throughout, take precedence.
    """
    if data.startswith(_UTF16):
        text = _decode_utf16(data)
    elif b"\0" in data:
        raise NoTextError(Reason.BINARY, f"NUL at byte {data.index(0)}")
    else:
        text = _decode_bytes(data, charset)
    if not text.strip():
        raise NoTextError(Reason.EMPTY)
    if control := _CONTROL.search(text):
        raise NoTextError(Reason.BINARY, f"control character at character {control.start()}")
    return text


def decode_markup(data: bytes, charset: str | None = None) -> str:
    """Return the text of a page: as `decode`, but a few bytes that are not text raise no error.

    Such bytes may stand in an advertisement; they become U+FFFD.
    """
    try:
        return decode(data, charset)
    except NoTextError as error:
        if error.reason is Reason.EMPTY or data.startswith(_UTF16) or data.count(0) > len(data) // 1000:
            raise
        codec = _CHARSETS.get((charset or "").strip().lower(), "utf-8")
        text = data.decode(codec, "replace")
        if text.count("\ufffd") > len(text) // 1000 + 1 or "<" not in text:
            raise
        return _CONTROL.sub("\ufffd", text)


def _decode_utf16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise NoTextError(Reason.ENCODING, f"not UTF-16 at byte {error.start}") from error


def _decode_bytes(data: bytes, charset: str | None) -> str:
    marked = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[marked:].decode("utf-8")
    except UnicodeDecodeError as error:
        text = None if marked else _decode_named(data, charset)
        if text is not None:
            return text
        text = data.decode("cp1256")
        if not marked and _is_arabic(text):
            return text
        reason = Reason.BINARY if _CONTROL.search(text) else Reason.ENCODING
        raise NoTextError(reason, f"not UTF-8 at byte {marked + error.start}") from error


_CHARSETS = {
    "windows-1256": "cp1256",
    "cp1256": "cp1256",
    "x-cp1256": "cp1256",
    "iso-8859-6": "iso8859-6",
    # As browsers do: what calls itself Latin-1 is Windows-1252.
    "windows-1252": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
}


def _decode_named(data: bytes, charset: str | None) -> str | None:
    """Return the text in the named encoding, or None if it is unknown or the bytes are invalid in it.

    Bytes named Western that are plainly Arabic in Windows-1256 are decoded as that: the name is only the
    editor's setting.
    """
    codec = _CHARSETS.get((charset or "").strip().lower())
    if codec == "cp1252" and _is_arabic(data.decode("cp1256")):
        codec = "cp1256"
    try:
        return data.decode(codec) if codec else None
    except UnicodeDecodeError:
        return None


_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Tabs, newlines, form feeds and the end mark of old editors (0x1A) are found in texts; the others are not.
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_ASCII = re.compile("[\x00-\x7f]+")
_ARABIC = re.compile(
    "[\u0621-\u0652\u060c\u061b\u061f\u067e\u0686\u0698\u06a9\u06af«»“”‘’…–—\u00a0\u200c-\u200f]+"
)
# None of them comes out of ISO 8859-6 read as Windows-1256: «من» would come out of «كل».
_COMMON = re.compile(rf"\b(?:{'|'.join(word_list('wordorder', 'in_every_text'))})\b")


def _is_arabic(text: str) -> bool:
    foreign = _ASCII.sub("", text)
    arabic = len(foreign) - len(_ARABIC.sub("", foreign))
    return arabic >= 0.9 * len(foreign) and _COMMON.search(text) is not None
