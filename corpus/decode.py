"""Decode the bytes of a file to text, or give the reason why it has none.

Accepts UTF-8 and UTF-16, with or without a byte order mark; UTF-32 with one; and Windows-1256 and ISO 8859-6, the old
Arabic code pages, for bytes that are not UTF-8 and are plainly Arabic in one of them: at least nine in ten of the
characters beyond ASCII are Arabic letters, marks or the punctuation that goes with them, and the words are such as
Arabic is full of (`corpus.arabic.letters`). This rejects UTF-8 with a broken byte and Western code pages, which also
decode as Windows-1256; of those, French is left to charset-normalizer. Text that was decoded in a wrong way before it
was saved is put right where that is certain (`corpus.mojibake`). Newlines are kept as they are.
"""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from corpus.arabic.letters import signs
from corpus.errors import MusnadError
from corpus.mojibake import is_written, undone


class Reason(StrEnum):
    """The reason why a file or link was skipped. The phrases are stable: front ends may translate them."""

    NOT_FOUND = "not found"
    UNREADABLE = "unreadable"
    NOT_A_FILE = "not a regular file"
    OUTSIDE = "a link that leads out of the folder"
    NOTHING = "nothing in this folder that can be read"
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
    PICTURE = "a picture of text"
    BLANK = "no text in this picture"
    UNSURE = "its letters cannot be read with confidence"
    NO_OCR = "text recognition is not installed"
    GARBLED = "its letters were turned into other signs"
    LOST = "its letters were lost"
    REVERSED = "its Arabic stands back to front"
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
    # Of sources that are followed:
    ROBOTS = "robots forbid it"
    NO_FEED = "no feed there"
    DATES = "dates that cannot be true"


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
    if data.startswith((*_UTF32, *_UTF16)):
        text = _decode_marked(data, "UTF-32" if data.startswith(_UTF32) else "UTF-16")
    elif b"\0" in data:
        text = _decode_unmarked(data)
    else:
        text = undone(_decode_bytes(data, charset))
    if not text.strip():
        raise NoTextError(Reason.EMPTY)
    if control := _CONTROL.search(text):
        raise NoTextError(Reason.BINARY, f"control character at character {control.start()}")
    return text


def decode_markup(data: bytes, charset: str | None = None) -> str:
    """Return the text of a page: as `decode`, but a few bytes that are not text raise no error.

    Such bytes may stand in an advertisement; they become U+FFFD. Control characters, which are no letters, are left
    out.
    """
    few = len(data) // 1000 + 1
    printed = data.translate(None, _CONTROLS)
    if not data.startswith(_UTF16) and len(data) - len(printed) <= few + _STRAY:
        data = printed
    try:
        return decode(data, charset)
    except NoTextError as error:
        if error.reason is Reason.EMPTY or data.startswith(_UTF16) or b"\0" in data:
            raise
        codec = _CHARSETS.get((charset or "").strip().lower(), "utf-8")
        text = data.decode(codec, "replace")
        if text.count("\ufffd") > few or "<" not in text:
            raise
        return _CONTROL.sub("", text)


def is_markup(data: bytes) -> bool:
    """Return whether the bytes of a text file are the source of a page: it opens with a tag, and closes paragraphs.

    An article about pages begins with words.
    """
    if data.startswith((*_UTF32, *_UTF16)):
        data = data[:_START].decode("UTF-32" if data.startswith(_UTF32) else "UTF-16", "ignore").encode()
    head = data[:_START].removeprefix(codecs.BOM_UTF8)
    return bool(_PAGE.match(head) or (_FRAGMENT.match(head) and len(_CLOSED.findall(head)) >= _PARAGRAPHS))


def _decode_marked(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise NoTextError(Reason.ENCODING, f"not {codec} at byte {error.start}") from error


def _decode_unmarked(data: bytes) -> str:
    """Return the text of UTF-16 without a mark: in the other order of its bytes, its letters are of many scripts."""
    for codec in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        of_text = len(_OF_UTF16.findall(text))
        if of_text >= _LEAST_UTF16 and of_text >= 0.95 * len(text) and not _CONTROL.search(text):
            return text
    raise NoTextError(Reason.BINARY, f"NUL at byte {data.index(0)}")


def _decode_bytes(data: bytes, charset: str | None) -> str:
    marked = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[marked:].decode("utf-8")
    except UnicodeDecodeError as error:
        text = None if marked else _decode_named(data, charset)
        if text is not None:
            return text
        text = None if marked else _decode_arabic(data) or _decode_french(data)
        if text is not None:
            return text
        text = data.decode("cp1256")
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
    if codec == "cp1252" and (text := _decode_arabic(data)) is not None:
        return text
    try:
        return data.decode(codec) if codec else None
    except UnicodeDecodeError:
        return None


def _decode_arabic(data: bytes) -> str | None:
    """Return the text in the Arabic code page in which its words are Arabic; None where they are in neither."""
    best, most = None, 0
    for codec in ("cp1256", "iso8859-6"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        found = signs(text)
        if found.forward > most and is_written(found) and _is_arabic(text):
            best, most = text, found.forward
    return best


def _decode_french(data: bytes) -> str | None:
    """Return the text if the library of encodings takes it for French, and no letter of it is foreign to French."""
    from charset_normalizer import from_bytes  # not needed, and not loaded, for nearly all files

    found = from_bytes(data[:_SAMPLE], cp_isolation=["cp1252"]).best()
    if found is None or found.language != "French":
        return None
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return None if _NOT_FRENCH.search(text) else text


_SAMPLE = 1 << 16
"""Bytes that the library looks at."""
_NOT_FRENCH = re.compile("[^\x00-\x7fàâäæçèéêëîïôœùûüÿÀÂÄÆÇÈÉÊËÎÏÔŒÙÛÜŸ«»‘’“”–—…€°\u00a0·•]")
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)  # the first of them begins as that of UTF-16 does
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Tabs, newlines, form feeds and the end mark of old editors (0x1A) are found in texts; the others are not.
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_CONTROLS = bytes(code for code in range(0x20) if chr(code) not in "\t\n\f\r\x1a")
_STRAY = 8  # control characters even in a short page
_START = 1 << 14  # bytes of a text file that are looked at for tags
_PARAGRAPHS = 2
_COMMENTS = rb"\s*(?:<\?xml\b[^<>]{0,200}>\s*)?(?:<!--(?:(?!-->)[^\0]){0,2000}-->\s*){0,4}"
_PAGE = re.compile(_COMMENTS + rb"<(?:!doctype\s+html|html)\b[^<>]{0,1000}>", re.IGNORECASE)
_FRAGMENT = re.compile(
    _COMMENTS
    + rb"<(?:head|body|main|article|section|div|p|h[1-6]|table|meta|title|center|font)\b[^<>]{0,1000}>",
    re.IGNORECASE,
)
_CLOSED = re.compile(rb"</(?:p|div|h[1-6]|td|article|section)\s*>|<br\s*/?>\s*<br", re.IGNORECASE)
_ASCII = re.compile("[\x00-\x7f]+")
_ARABIC = re.compile(
    "[\u0621-\u0652\u060c\u061b\u061f\u067e\u0686\u0698\u06a9\u06af«»“”‘’…–—\u00a0\u200c-\u200f]+"
)
_LEAST_UTF16 = 16  # letters without which a NUL among them is no evidence
# What texts in Arabic, English and French hold, and their punctuation.
_OF_UTF16 = re.compile(
    "[\t-\r\x1a\x20-\x7e\u00a0-\u017f\u0600-\u06ff\u2000-\u206f\u20a0-\u20bf\ufb50-\ufeff]"
)


def _is_arabic(text: str) -> bool:
    foreign = _ASCII.sub("", text)
    arabic = len(foreign) - len(_ARABIC.sub("", foreign))
    return arabic >= 0.9 * len(foreign)
