"""List files and folders, and read files up to a size limit."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from corpus.decode import NoTextError, Reason
from corpus.parse.page import Page
from corpus.worker import Worker

MAX_BYTES = 20 * 1024 * 1024
"""Size in bytes of the largest document read: the most Telegram gives a bot, a thousand times an article."""


def walk(root: Path) -> Iterator[tuple[Path, tuple[Reason, str] | None]]:
    """Yield the files below a folder, except hidden ones, and what is not followed: the reason comes with it.

    ``root`` is a real path. Links to what is below it are followed, after all else, and each folder is visited once, by
    its real name if there is a way to it. Whoever can write into a folder could else have anything read.
    """
    folders, links, visited = deque([root]), deque[Path](), set[Path]()
    linked: list[Path] = []
    while folders or links:
        folder = folders.popleft() if folders else links.popleft()
        real = Path(os.path.realpath(folder))
        if real in visited:
            continue
        visited.add(real)
        try:
            entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            yield folder, (Reason.UNREADABLE, error.strerror or "cannot be listed")
            continue
        for entry in entries:
            is_link = entry.is_symlink()
            if is_link and os.path.exists(entry) and not Path(os.path.realpath(entry)).is_relative_to(root):
                yield entry, (Reason.OUTSIDE, "give it by itself to take it in")
            elif os.path.isdir(entry):
                (links if is_link else folders).append(entry)
            elif is_link:
                linked.append(entry)
            else:
                yield entry, None
    yield from ((entry, None) for entry in linked)


def read_file(path: Path, worker: Worker) -> Page:
    """Read a file in the worker. Raises NoTextError."""
    size = check_file(path)
    if size > MAX_BYTES:
        raise NoTextError(*too_large(size))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # it may have grown, or be one whose size nobody knows
    except OSError as error:
        raise NoTextError(Reason.UNREADABLE, error.strerror or "") from error
    return read_bytes(data, path.suffix.lower(), worker)


def check_file(path: Path) -> int:
    """Return the size of a file. Raises NoTextError for what is no regular file, or not to be found."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise NoTextError(Reason.NOT_FOUND, "broken link" if path.is_symlink() else "") from error
    except OSError as error:
        raise NoTextError(Reason.UNREADABLE, error.strerror or "") from error
    if not stat.S_ISREG(status.st_mode):
        raise NoTextError(Reason.NOT_A_FILE)
    return status.st_size


def read_bytes(
    data: bytes, kind: str, worker: Worker, *, url: str | None = None, charset: str | None = None
) -> Page:
    """Read a document in the worker; see `corpus.parse.read`.

    Raises NoTextError, also for one that is too large or breaks a bound of the worker.
    """
    if len(data) > MAX_BYTES:
        raise NoTextError(*too_large(len(data)))
    return worker.read(data, kind, url=url, charset=charset)


def is_gone(path: str) -> bool:
    """Return whether nothing exists at a path; False where that cannot be known."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def too_large(size: int) -> tuple[Reason, str]:
    """Return the reason and the detail for a document of so many bytes."""
    return Reason.TOO_LARGE, f"{size:,} bytes, the limit is {MAX_BYTES:,}"
