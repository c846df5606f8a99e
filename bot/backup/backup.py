"""A backup is made: each database copied as it is at one moment, all of them packed, and what was written read again.

Until all that is done it stands under another name: a killed run leaves nothing that looks like a backup.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.backup.bundle import Writer
from bot.backup.contents import ARCHIVE, BOT, DATABASES, FILES, INDEX, Examined, count_unresolved, examine
from bot.backup.errors import BackupError
from bot.backup.manifest import HEAD, LAST, Entry, Head, Manifest
from bot.backup.reading import read
from bot.backup.rotation import drop_oldest, name_at
from bot.backup.snapshot import size_of, snapshot
from bot.backup.staging import staged, sync
from bot.version import version
from corpus.store.private import FILE

Progress = Callable[[str, int, int], None]
"""Callback that receives the stage (``copy``, ``pack``, ``verify``), the megabytes done and the total."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made and read again."""

    file: Path
    size: int
    """Bytes of the file."""
    manifest: Manifest
    dropped: tuple[Path, ...]
    """Older ones that were deleted for it."""


def back_up(
    data: Path,
    target: Path,
    *,
    index: bool = True,
    keep: int | None = None,
    force: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Made:
    """Write a backup of the data folder, which may be in use, to ``target``, and return what it holds.

    In a folder it gets a name with its time; ``keep`` deletes all but so many such files there, once the new one is
    whole. Without ``index`` the vectors are left out, to be computed again after a restore. Only ``force`` replaces a
    file. Raises BackupError; a database that is damaged is named and nothing is written.
    """
    now = datetime.now(UTC)
    if not (data / ARCHIVE).is_file():
        raise BackupError("nothing_there", folder=data)
    if keep is not None and not target.is_dir():
        raise BackupError("keep_needs_folder", file=target)
    file = target / name_at(now) if target.is_dir() else target
    if not file.parent.is_dir():
        raise BackupError("no_such_folder", folder=file.parent)
    if file.exists() and not force:
        raise BackupError("exists", file=file)
    names = [name for name in DATABASES if (data / name).is_file() and (index or name != INDEX)]
    _check_room(file.parent, [size_of(data / name) for name in names])
    head = Head(now.isoformat(timespec="seconds"), version())
    try:
        with staged(file.parent) as folder:
            copies = _copy(data, names, folder, progress)
            draft, manifest = _pack(head, copies, folder, progress)
            size = draft.stat().st_size
            _put(draft, file, force)
    except OSError as error:
        raise BackupError("cannot_write", folder=file.parent, why=error.strerror or error) from error
    try:
        dropped = drop_oldest(target, keep) if keep is not None else []
    except OSError as error:
        raise BackupError("not_dropped", file=file, why=error.strerror or error) from error
    return Made(file, size, manifest, tuple(dropped))


def _copy(data: Path, names: list[str], folder: Path, progress: Progress) -> dict[str, Examined | None]:
    """Copy what is kept into the folder, in the order in which it must be, and return what is in each database."""
    found: dict[str, Examined | None] = {}
    total = sum(size_of(data / name) for name in names)
    before = 0
    for name in names:
        snapshot(data / name, folder / name, counted(progress, "copy", before, total))
        found[name] = examine(folder / name, name)
        before += (folder / name).stat().st_size
    for name in FILES:
        if (data / name).is_file():
            shutil.copyfile(data / name, folder / name)
            found[name] = None
    progress("copy", _mb(total), _mb(total))
    return found


def _pack(
    head: Head, copies: dict[str, Examined | None], folder: Path, progress: Progress
) -> tuple[Path, Manifest]:
    """Pack the copies into one file of the folder, read it again, and return it with its manifest."""
    examined = {name: each for name, each in copies.items() if each is not None}
    unresolved = count_unresolved(folder / BOT, folder / ARCHIVE) if BOT in copies else 0
    total = sum((folder / name).stat().st_size for name in copies)
    draft = folder / "draft"
    entries: list[Entry] = []
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "wb") as file:
        writer = Writer(file)
        writer.add_bytes(HEAD, head.as_bytes())
        for name in copies:
            before = sum(each.size for each in entries)
            entries.append(writer.add(name, folder / name, counted(progress, "pack", before, total)))
            (folder / name).unlink()
        manifest = Manifest(
            head,
            tuple(entries),
            {name: each.steps for name, each in examined.items()},
            {count: number for each in examined.values() for count, number in each.counts.items()},
            examined[ARCHIVE].generation,
            unresolved,
        )
        writer.add_bytes(LAST, manifest.as_bytes())
        writer.close()
        file.flush()
        os.fsync(file.fileno())
    progress("pack", _mb(total), _mb(total))
    size = draft.stat().st_size
    if read(draft, None, counted(progress, "verify", 0, size)) != manifest:
        raise BackupError("damaged", file=draft)
    progress("verify", _mb(size), _mb(size))
    return draft, manifest


def _put(draft: Path, file: Path, force: bool) -> None:
    """Give the finished file its name, in one step. Raises BackupError when there is one of that name by now."""
    if force:
        draft.replace(file)
    else:
        try:
            os.link(draft, file)
        except FileExistsError:
            raise BackupError("exists", file=file) from None
        except OSError:  # a file system without a second name for a file, such as a memory stick's
            if file.exists():
                raise BackupError("exists", file=file) from None
            draft.rename(file)
    sync(file.parent)


def _check_room(folder: Path, sizes: list[int]) -> None:
    """Raise BackupError unless the folder has room for copies of that size and for the largest, packed, beside them."""
    need, free = sum(sizes) + max(sizes), shutil.disk_usage(folder).free
    if need > free:
        raise BackupError("no_room", folder=folder, need=_mb(need), free=_mb(free))


def counted(progress: Progress, stage: str, before: int, total: int) -> Callable[[int], None]:
    """Return a callback for bytes that tells of megabytes, the last of which is told of by whoever ends the stage."""
    return lambda done: progress(stage, min(_mb(before + done), max(_mb(total) - 1, 0)), _mb(total))


def _mb(size: int) -> int:
    return -(-size // 10**6)
