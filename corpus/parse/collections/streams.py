"""Collections as streams of bytes: unpacked as they are read, counted, in UTF-8, line by line."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol, cast

from corpus.decode import NoTextError, Reason, decode
from corpus.parse.collections.entry import MOST_ENTRY

MOST_UNPACKED = 64 * 1024**3
"""Bytes of a whole collection, unpacked."""
MOST_RATIO = 400
"""How many times its size a packed collection may unpack to, beyond `ALWAYS_UNPACKED`: texts give 4 to 50."""
ALWAYS_UNPACKED = 256 * 1024**2

BROKEN = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
"""What unpacking raises where the file is damaged or breaks off; OSError beside it."""

_WINDOW = 128 * 1024**2  # bytes that an xz or zstd file may ask for to be unpacked
_BUFFER = 256 * 1024
_PIECE = 1024  # bytes of a zstd file unpacked at a time: they may become thirty million
_HEAD = 64 * 1024  # bytes that show an encoding
_CHARSETS = ("windows-1256", "iso-8859-6")


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Raw(io.RawIOBase):
    """Bytes from a reader that unpacks, counted against the place in the packed file."""

    def __init__(self, source: _Readable, file: IO[bytes]) -> None:
        self._source = source
        self._file = file
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._source.read(len(view))
        self._read += len(data)
        if self._read > ALWAYS_UNPACKED:
            most = min(MOST_UNPACKED, max(ALWAYS_UNPACKED, self._file.tell() * MOST_RATIO))
            if self._read > most and (self._source is not self._file or self._read > MOST_UNPACKED):
                raise NoTextError(Reason.TOO_LARGE, f"{self._read:,} bytes unpacked")
        view[: len(data)] = data
        return len(data)


class _Utf8(io.RawIOBase):
    """UTF-16 as UTF-8."""

    def __init__(self, source: _Readable) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self._left:
            data = self._source.read(_BUFFER)
            try:
                self._left = self._decoder.decode(data, final=not data).encode()
            except UnicodeError as error:
                raise NoTextError(Reason.ENCODING) from error
            if not data and not self._left:
                return 0
        given, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(given)] = given
        return len(given)


class Stream:
    """A collection opened for reading: its ``bytes`` unpacked, without a mark, ``name`` without the packing's suffix.

    ``charset`` is the encoding of what is not UTF-8 in it, as its beginning shows: one line may be too short to.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._open(path)
        except BaseException:
            self._file.close()
            raise

    def _open(self, path: Path) -> None:
        self.size = path.stat().st_size
        magic = self._file.read(6)
        self._file.seek(0)
        self.name = path.name
        unpack = next((unpack for mark, unpack in _PACKINGS if magic.startswith(mark)), None)
        if unpack is not None and path.suffix.lower() in SUFFIXES:
            self.name = path.stem
        source: _Readable = unpack(self._file) if unpack else self._file
        self.bytes: io.BufferedReader[io.RawIOBase] = io.BufferedReader(_Raw(source, self._file), _BUFFER)
        head = self.bytes.peek(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.bytes = io.BufferedReader(_Utf8(self.bytes), _BUFFER)
        elif head.startswith(codecs.BOM_UTF8):
            self.bytes.read(len(codecs.BOM_UTF8))
        self.charset = _charset_of(self.bytes.peek(_HEAD)[:_HEAD])

    @property
    def read(self) -> int:
        """The number of bytes of the file that were read, packed as they are."""
        return self.size if self._file.closed else self._file.tell()

    def close(self) -> None:
        self._file.close()


def _charset_of(head: bytes) -> str | None:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # its last character may be cut
    except UnicodeDecodeError:
        with contextlib.suppress(NoTextError):
            text = decode(head)
            return next((name for name in _CHARSETS if head.decode(name, "replace") == text), None)
    return None


def _xz(file: IO[bytes]) -> _Readable:
    return lzma.LZMAFile(file)


class _Zstd:
    """A reader of zstd that tells where a file breaks off. A little is unpacked at a time: it may become much."""

    def __init__(self, file: IO[bytes]) -> None:
        import zstandard

        self._file = file
        self._error = zstandard.ZstdError
        self._begin = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj
        self._frame = self._begin()
        self._whole = True
        self._left = bytearray()

    def read(self, size: int = -1, /) -> bytes:
        while len(self._left) < size:
            data = self._file.read(_PIECE)
            if not data:
                if not self._whole:
                    raise EOFError
                break
            try:
                while data:
                    self._left += self._frame.decompress(data)
                    self._whole = self._frame.eof
                    data = self._frame.unused_data if self._whole else b""
                    if self._whole:
                        self._frame = self._begin()
            except self._error as error:
                raise EOFError(str(error)) from error
        given = bytes(self._left[:size])
        del self._left[:size]
        return given


_PACKINGS: tuple[tuple[bytes, Callable[[IO[bytes]], _Readable]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", lambda file: bz2.BZ2File(file)),
    (b"\xfd7zXZ\0", _xz),
    (b"\x28\xb5\x2f\xfd", _Zstd),
)
SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zst"})
"""The suffixes of packed files."""


def lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Yield the lines of a stream with their ends; None for one beyond `MOST_ENTRY`, which is never held whole."""
    while line := stream.readline(MOST_ENTRY):
        if len(line) < MOST_ENTRY or line.endswith(b"\n"):
            yield line
            continue
        while (more := stream.readline(MOST_ENTRY)) and not more.endswith(b"\n"):
            pass
        yield None


def no_line() -> str:
    """The detail for an entry that is too long."""
    return f"the limit is {MOST_ENTRY:,} bytes"
