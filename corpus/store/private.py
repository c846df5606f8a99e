"""Files and folders of a data directory that are their owner's alone: they hold what was read and asked."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def make_private_folder(folder: Path) -> None:
    """Make a folder for its owner alone; one that is there keeps the rights it has. Raises OSError."""
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)


def _make(file: Path) -> None:
    """Make an empty file, without opening it where the system lets us.

    A file that is closed loses the locks that any other thread has on it, and SQLite's with them.
    """
    try:
        os.mknod(file, stat.S_IFREG | FILE)
    except PermissionError:  # macOS
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE))


def keep_private(file: Path) -> None:
    """Make a file for its owner alone, or take the rights of others off it, where it is ours.

    What cannot be made or changed is left as it is: whoever opens the file says why.
    """
    with contextlib.suppress(OSError):
        _make(file)
    with contextlib.suppress(OSError):
        status = file.stat()
        if status.st_mode & 0o077 and status.st_uid == os.geteuid():
            file.chmod(status.st_mode & 0o700)
