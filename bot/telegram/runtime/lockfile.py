"""The lock file that keeps a second bot away from a data folder: two would answer every question twice."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

NAME = "telegram.lock"
"""Name of the lock file in the data folder."""


class LockedError(RuntimeError):
    """Raised when another process holds the lock."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder``, which is made if there is none, until the block ends or the process does.

    Raises LockedError when another process holds it, and OSError when the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # The file stays when the lock is released: whoever deletes it may delete the next one's.
    with (folder / NAME).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(str(folder)) from None
        except OSError as error:
            # Some network file systems have no such locks.
            log.warning("%s cannot be locked (%s): see that no other bot uses it", folder, error.strerror)
        yield
