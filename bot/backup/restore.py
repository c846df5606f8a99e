"""A backup is restored: read whole, checked, and only then brought into use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.backup import placing
from bot.backup.backup import Progress, counted
from bot.backup.contents import ARCHIVE, DATABASES, examine
from bot.backup.errors import BackupError
from bot.backup.manifest import Manifest
from bot.backup.reading import read
from bot.backup.staging import sync
from corpus.store.connections import Connections
from corpus.store.private import make_private_folder


@dataclass(frozen=True, slots=True)
class Restored:
    """A data folder into which a backup was restored."""

    manifest: Manifest | None
    """None when a restore of the same backup that had been stopped needed only its last steps."""
    aside: Path | None
    """Where what was there before is now; None when there was nothing."""


def restore(
    file: Path,
    data: Path,
    *,
    force: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Restored:
    """Restore a backup into the data folder, which is made if there is none.

    With ``force`` what stands there is moved aside, into a folder inside it, and never deleted. Killed at any moment,
    it has done nothing, or is gone on with by whoever opens the folder next. Raises BackupError, ArchiveBusyError.
    """
    _check_file(file)
    try:
        stamp = file.stat()
        note = {"name": file.name, "size": stamp.st_size, "modified": stamp.st_mtime_ns}
        if data.exists() and not data.is_dir():
            raise BackupError("no_such_folder", folder=data)
        make_private_folder(data)
        with _alone(data):
            finished = placing.go_on(data)
            if finished is not None and note.items() <= finished.items():
                return Restored(None, data / finished["aside"] if finished["aside"] else None)
            if placing.occupants(data) and not force:
                raise BackupError("not_empty", folder=data)
            try:
                manifest = _stage(file, placing.begin(data), progress)
                moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
                return Restored(manifest, placing.place(data, note, moment))
            finally:
                placing.discard(data)
    except OSError as error:
        raise BackupError("cannot_restore", folder=data, why=error.strerror or error) from error


def check(file: Path, *, progress: Progress = lambda stage, done, total: None) -> Manifest:
    """Return what a backup holds, once all of it was read and found whole. Raises BackupError."""
    _check_file(file)
    try:
        return _read(file, None, progress)
    except OSError as error:
        raise BackupError("unreadable", file=file, why=error.strerror or error) from error


def _stage(file: Path, staging: Path, progress: Progress) -> Manifest:
    manifest = _read(file, staging, progress)
    for each in manifest.files:
        if each.name in DATABASES:
            examine(staging / each.name, each.name)
    sync(staging)
    return manifest


def _read(file: Path, folder: Path | None, progress: Progress) -> Manifest:
    size = file.stat().st_size
    manifest = read(file, folder, counted(progress, "verify", 0, size))
    progress("verify", -(-size // 10**6), -(-size // 10**6))
    return manifest


def _check_file(file: Path) -> None:
    if file.is_dir():
        raise BackupError("is_folder", file=file)
    if not file.exists():
        raise BackupError("missing", file=file)
    if not file.is_file():
        raise BackupError("not_one", file=file)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold all locks of the folder, so that no bot runs on it and nobody writes to it meanwhile."""
    from bot.telegram.runtime.lockfile import LockedError, locked

    with ExitStack() as stack:
        stack.enter_context(placing.held(data))
        try:
            stack.enter_context(locked(data))
        except LockedError:
            raise BackupError("bot_runs", folder=data) from None
        for name in DATABASES:
            if name != ARCHIVE and not (data / name).exists():
                continue
            connections = Connections(data / name)
            stack.callback(connections.close)
            stack.enter_context(connections.lock(0))
        yield
