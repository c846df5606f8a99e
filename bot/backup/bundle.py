"""The file of a backup: a tar under zstd, as ``tar --zstd -x`` reads it too.

Only what ``Writer`` writes is read: plain files, one after the other. The headers are read one by one instead of by
tarfile's own reader, which makes links and folders, follows headers of any length, and takes a name for a path.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import zstandard

from bot.backup.errors import BackupError
from bot.backup.manifest import Entry

_LEVEL = 3
_WINDOW = 1 << 27
"""Bytes of memory that unpacking may ask for."""
_PIECE = 1 << 20
_MOST_PIECES = 1 << 10
_BLOCK = tarfile.BLOCKSIZE

Passed = Callable[[int], None]
"""Callback that receives the number of bytes of a file that went by so far."""


class Writer:
    """A bundle that is being written to ``file``; whole once ``close`` has returned."""

    def __init__(self, file: BinaryIO) -> None:
        packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        self._packed = packer.stream_writer(file, closefd=False)
        self._tar = tarfile.open(fileobj=self._packed, mode="w|", format=tarfile.GNU_FORMAT)  # noqa: SIM115

    def add(self, name: str, path: Path, passed: Passed) -> Entry:
        """Add the file at ``path``, and return what the manifest says of it."""
        size = path.stat().st_size
        with path.open("rb") as file:
            reading = _Digesting(file, passed)
            self._tar.addfile(_header(name, size), reading)
        return Entry(name, size, reading.digest.hexdigest())

    def add_bytes(self, name: str, data: bytes) -> None:
        self._tar.addfile(_header(name, len(data)), io.BytesIO(data))

    def close(self) -> None:
        self._tar.close()
        self._packed.close()  # type: ignore[no-untyped-call]


class Reader:
    """A bundle that is being read from ``path``. Every method raises BackupError for what is none or is damaged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        if self._file.read(4) != zstandard.FRAME_HEADER:
            self._file.close()
            raise BackupError("not_one", file=path)
        self._file.seek(0)
        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        self._unpacked = unpacker.stream_reader(self._file, closefd=False)

    def entries(self) -> Iterator[Content]:
        """Yield each entry, whose content must be read to its end before the next."""
        while (block := self._take(_BLOCK)) != bytes(_BLOCK):
            content = Content(self._take, *self._header(block))
            yield content
            assert not content.left, f"{content.shown} was not read to its end"
            self._take(-content.size % _BLOCK)
        # The rest is padding, and behind it zstd's own checksum, which is looked at only there.
        while rest := self._read(_PIECE):
            if rest.strip(b"\0"):
                raise BackupError("damaged", file=self._path)

    def is_damaged(self) -> bool:
        """Read on, so far as that is quick, and return whether the bytes are other than those that were packed."""
        try:
            for _ in range(_MOST_PIECES):
                if not self._unpacked.read(_PIECE):
                    break
        except zstandard.ZstdError:
            return True
        return False

    @property
    def position(self) -> int:
        """Number of bytes of the file, as it is packed, that were read so far."""
        return self._file.tell()

    def close(self) -> None:
        self._unpacked.close()  # type: ignore[no-untyped-call]
        self._file.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _header(self, block: bytes) -> tuple[str, int]:
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise BackupError("not_one", file=self._path) from error
        if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or header.size < 0:
            raise BackupError("strange", name=_shown(header.name))
        return header.name, header.size

    def _take(self, size: int) -> bytes:
        """Return the next ``size`` bytes, all of them."""
        found = self._read(size)
        while len(found) < size:
            if not (piece := self._read(size - len(found))):
                raise BackupError("cut_off", file=self._path)
            found += piece
        return found

    def _read(self, most: int) -> bytes:
        try:
            return self._unpacked.read(most)
        except zstandard.ZstdError as error:
            raise BackupError("damaged", file=self._path) from error


class Content:
    """One entry of a bundle: its name, as somebody wrote it, and its bytes."""

    def __init__(self, take: Callable[[int], bytes], name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.left = size
        self._take = take

    @property
    def shown(self) -> str:
        """The name, of a stranger's backup too, as it can be shown."""
        return _shown(self.name)

    def read(self, most: int) -> bytes:
        """Return all bytes. Raises BackupError for more than ``most``."""
        if self.size > most:
            raise BackupError("strange", name=self.shown)
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, a megabyte at a time."""
        while self.left:
            piece = self._take(min(self.left, _PIECE))
            self.left -= len(piece)
            yield piece


class _Digesting(io.RawIOBase):
    """A file that is read once from its beginning, with the digest of what was read."""

    def __init__(self, file: BinaryIO, passed: Passed) -> None:
        self._file = file
        self._passed = passed
        self._count = 0
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        self._count += len(data)
        self._passed(self._count)
        return data


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size = size
    header.mode = 0o600
    header.mtime = int(time.time())
    return header


def _shown(name: str) -> str:
    return ascii(name[:80])[1:-1]
