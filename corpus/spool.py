"""Bytes that came without a file, in one for as long as they are read: in the data folder, for its owner alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path, PurePosixPath
from types import TracebackType

from corpus.errors import ArchiveError
from corpus.parse.collections import COLLECTIONS
from corpus.store import Archive
from corpus.store.private import make_private_folder

FOLDER = "incoming"
_PREFIX = "sent-"


class Spool:
    """Files in a folder of their own beside the archive, whose lock is held; at the end none of them is left.

    Those that a killed run left go when the next one begins.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def put(self, data: bytes, name: str, kind: str) -> Path:
        """Write bytes to a file and return its path. Raises OSError.

        Of the name only the suffixes of collections go into the path: they say how what is in it is packed and written.
        """
        make_private_folder(self._folder)
        suffixes = [each for each in PurePosixPath(name.lower()).suffixes[-2:] if each in COLLECTIONS]
        suffix = "".join(suffixes) if suffixes[-1:] == [kind] else kind
        number, path = tempfile.mkstemp(suffix, _PREFIX, self._folder)
        with os.fdopen(number, "wb") as file:
            file.write(data)
        return Path(path)

    def clear(self) -> None:
        """Remove the files and their folder; what cannot be removed stays for the next time."""
        with contextlib.suppress(OSError):
            for path in self._folder.glob(f"{_PREFIX}*"):
                path.unlink(missing_ok=True)
            self._folder.rmdir()

    def __enter__(self) -> Spool:
        self.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.clear()


def clear_left_over(archive: Archive) -> None:
    """Remove what a killed run left, unless somebody is writing to the archive now: they do it themselves."""
    with contextlib.suppress(ArchiveError), archive.lock(0):
        Spool(archive.path.parent).clear()
