"""A look at a folder or a file: what is there, and what of it is still being written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from corpus.decode import Reason
from corpus.files import walk
from corpus.foldersettings import FILE as SETTINGS
from corpus.following.followed import Failure, Known

QUIET = timedelta(seconds=10)
"""How long nothing must have been written to a file before it is read: a copy that stalls for less is not torn."""
_AHEAD = timedelta(minutes=1)  # a clock that is ahead by more says nothing of when a file was written


@dataclass(frozen=True, slots=True)
class Folder:
    """What was found at a path."""

    changed: tuple[Known, ...] = ()
    """Files that are new, changed or back, as they are now."""
    new: int = 0
    """How many of them were not there before."""
    waiting: frozenset[Path] = frozenset()
    """Files that are still being written."""
    gone: tuple[Known, ...] = ()
    """Files that were there and are no longer."""
    failure: Failure | None = None


def look(path: Path, known: Mapping[str, Known], now: datetime) -> Folder:
    """Return what changed at a path since; the real one of a folder or a file."""
    if not path.exists():
        return Folder(failure=Failure(Reason.NOT_FOUND))
    changed: list[Known] = []
    waiting: set[Path] = set()
    there: set[str] = set()
    failure = None
    for file, problem in walk(path) if path.is_dir() else _alone(path):
        if problem:
            failure = Failure(*problem) if file == path else failure
            continue
        key = file.relative_to(path).as_posix() if file != path else file.name
        there.add(key)
        try:
            status = file.stat()
        except OSError:
            continue
        stamp = f"{status.st_size}:{status.st_mtime_ns}"
        before = known.get(key)
        if before and before.etag == stamp and not before.gone:
            continue
        age = now.timestamp() - status.st_mtime
        if -_AHEAD.total_seconds() < age < QUIET.total_seconds():
            waiting.add(file)
        else:
            changed.append(replace(before or Known(key), etag=stamp, looked=now, gone=None))
    if failure:
        return Folder(failure=failure)
    gone = [replace(each, gone=now) for key, each in known.items() if key not in there and not each.gone]
    new = sum(each.key not in known and each.key.rpartition("/")[2] != SETTINGS for each in changed)
    return Folder(tuple(changed), new, frozenset(waiting), tuple(gone))


def _alone(path: Path) -> Iterator[tuple[Path, tuple[Reason, str] | None]]:
    yield path, None
