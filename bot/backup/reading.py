"""A backup read from its beginning to its end: into a folder, or only to check it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bot.backup.bundle import Content, Reader
from bot.backup.contents import DATABASES, FILES, MOST_OF_A_FILE
from bot.backup.errors import BackupError
from bot.backup.manifest import HEAD, LAST, MOST, Entry, Manifest, read_head, read_manifest
from corpus.store.private import FILE

_SPARE = 64 << 20
"""Bytes of the disk that a restore leaves free."""

Read = Callable[[int], None]
"""Callback that receives the number of bytes of the backup, as it is packed, that were read so far."""


def read(file: Path, folder: Path | None, progress: Read) -> Manifest:
    """Return the manifest of the backup ``file`` once all in it is what it says; put the files into ``folder``.

    Raises BackupError: no backup, a damaged one, one that was cut off, one of newer code, one with what no backup
    holds, or one for which ``folder`` has no room. Raises OSError.
    """
    with Reader(file) as reader:
        try:
            return _read(file, reader, folder, progress)
        except BackupError as error:
            # A damaged byte may look like anything: zstd's checksum, at the end, tells it from what somebody made.
            if error.reason != "no_room" and reader.is_damaged():
                raise BackupError("damaged", file=file) from error
            raise


def _read(file: Path, reader: Reader, folder: Path | None, progress: Read) -> Manifest:
    found: dict[str, Entry] = {}
    manifest = head = None
    for content in reader.entries():
        if head is None:
            if content.name != HEAD:
                raise BackupError("not_one", file=file)
            head = read_head(content.read(MOST))
        elif manifest is not None or content.name in found:
            raise BackupError("strange", name=content.shown)
        elif content.name == LAST:
            manifest = read_manifest(content.read(MOST), head)
        else:
            _check(content, folder)
            found[content.name] = _digest(content, folder, lambda: progress(reader.position))
    if manifest is None:
        raise BackupError("cut_off", file=file)
    if {each.name: each for each in manifest.files} != found:
        raise BackupError("damaged", file=file)
    return manifest


def _check(content: Content, folder: Path | None) -> None:
    """Raise BackupError for a name or a size that no backup has."""
    if content.name not in (*DATABASES, *FILES):
        raise BackupError("strange", name=content.shown)
    if content.name in FILES and content.size > MOST_OF_A_FILE:
        raise BackupError("strange", name=content.shown)
    if folder is not None and content.size > (free := shutil.disk_usage(folder).free - _SPARE):
        raise BackupError("no_room", folder=folder.parent, need=_mb(content.size), free=_mb(max(free, 0)))


def _digest(content: Content, folder: Path | None, passed: Callable[[], None]) -> Entry:
    """Return what was really in an entry, and write it into the folder."""
    digest, size = hashlib.sha256(), 0
    with ExitStack() as stack:
        out = None
        if folder is not None:
            number = os.open(folder / content.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE)
            out = stack.enter_context(os.fdopen(number, "wb"))
        for piece in content.pieces():
            digest.update(piece)
            size += len(piece)
            if out is not None:
                out.write(piece)
            passed()
        if out is not None:
            out.flush()
            os.fsync(out.fileno())
    return Entry(content.name, size, digest.hexdigest())


def _mb(size: int) -> int:
    return -(-size // 10**6)
