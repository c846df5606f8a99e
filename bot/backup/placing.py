"""A restored data folder is brought into use, in steps that can be interrupted anywhere and gone on with.

What is restored is prepared in ``.restore-staging`` inside the data folder itself: often nothing but that folder can be
written to, a volume of Docker for instance. Complete, it becomes ``.restore-ready``: from then on it will be in use,
whatever happens. What is in the folder is moved aside, it becomes ``.restore-moving``, and its files are moved out of
it. Whoever opens the data folder and finds one of the latter two goes on where the killed run stopped.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.backup.errors import BackupError
from bot.backup.staging import sync
from corpus.store.private import FOLDER, keep_private, make_private_folder

_STAGING, _READY, _MOVING = ".restore-staging", ".restore-ready", ".restore-moving"
_LOCK, _NOTE = "restore.lock", "restore.json"
_ASIDE = "before-restore-"
_NO_STATE = re.compile(rf".*\.lock(-\w+)?|{re.escape(_ASIDE)}.*|\.restore-\w+|models|lost\+found", re.DOTALL)
"""Names in a data folder that are no state: locks, what was moved aside, the model that was converted."""


def finish(data: Path) -> dict[str, Any] | None:
    """Go on with a restore that was stopped while it was brought into use; return its note, None when there was none.

    Quick when there was none. Raises BackupError while another process is at it.
    """
    if not _begun(data):
        return None
    with held(data):
        return go_on(data)


def place(data: Path, note: dict[str, Any], moment: str) -> Path | None:
    """Bring what is in the staging folder into use; return where to what stood there before was moved.

    ``note`` is what ``finish`` returns of it. Call it with the folder ``held``.
    """
    staging = data / _STAGING
    aside = _free(data / f"{_ASIDE}{moment}") if occupants(data) else None
    (staging / _NOTE).write_text(json.dumps({**note, "aside": aside and aside.name}), encoding="utf-8")
    sync(staging / _NOTE)
    sync(staging)
    staging.rename(data / _READY)
    sync(data)
    go_on(data)
    return aside


@contextlib.contextmanager
def held(data: Path) -> Iterator[None]:
    """Hold the lock of whoever restores into the folder. Raises BackupError when another process does."""
    keep_private(data / _LOCK)
    with (data / _LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("restoring", folder=data) from None
        except OSError:
            pass  # some network file systems have no such locks
        yield


def begin(data: Path) -> Path:
    """Return an empty staging folder, without what a killed run left in it. Call it with the folder ``held``."""
    discard(data)
    (data / _STAGING).mkdir(mode=FOLDER)
    return data / _STAGING


def discard(data: Path) -> None:
    """Remove the staging folder. Call it with the folder ``held``."""
    shutil.rmtree(data / _STAGING, ignore_errors=True)


def occupants(data: Path) -> list[Path]:
    """Return what is in the data folder that a restore must not mix with."""
    return sorted(each for each in data.iterdir() if not _NO_STATE.fullmatch(each.name))


def go_on(data: Path) -> dict[str, Any] | None:
    """Do what ``finish`` does, with the folder ``held``."""
    ready, moving = data / _READY, data / _MOVING
    if ready.is_dir():
        aside = data / (json.loads((ready / _NOTE).read_text(encoding="utf-8"))["aside"] or f"{_ASIDE}later")
        for each in occupants(data):
            make_private_folder(aside)
            each.rename(_free(aside / each.name))
        ready.rename(moving)
        sync(data)
    if not moving.is_dir():
        return None
    note: dict[str, Any] = json.loads((moving / _NOTE).read_text(encoding="utf-8"))
    for each in sorted(moving.iterdir()):
        if each.name != _NOTE:
            each.rename(data / each.name)
    sync(data)
    # The note goes with its folder, in one step: a folder without it could not be gone on with.
    moving.rename(data / _STAGING)
    discard(data)
    return note


def _begun(data: Path) -> bool:
    return os.path.isdir(data / _READY) or os.path.isdir(data / _MOVING)  # False, too, where nobody may look


def _free(path: Path) -> Path:
    """Return the path, or one beside it where something has its name already."""
    number = 1
    found = path
    while found.exists() or found.is_symlink():
        number += 1
        found = path.with_name(f"{path.name}.{number}")
    return found
