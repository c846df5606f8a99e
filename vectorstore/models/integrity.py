"""Hashes of a folder's files, written beside them, that tell damage: a flipped byte would give other vectors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

HASHES = "hashes.json"
"""The file with the hashes, by the other files' names."""


def record(folder: Path) -> None:
    """Write the hashes of all files of a folder."""
    (folder / HASHES).write_text(json.dumps(_hashes(folder), indent=1), encoding="utf-8")


def is_intact(folder: Path) -> bool:
    """Return whether a folder holds the files that were recorded, and no others, as they were.

    All bytes are read, since damage changes neither size nor time of a file: 0.1 s for the embedded model.
    """
    try:
        recorded = json.loads((folder / HASHES).read_text(encoding="utf-8"))
        return bool(recorded == _hashes(folder))
    except (OSError, ValueError):
        return False


def _hashes(folder: Path) -> dict[str, str]:
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != HASHES:
            with file.open("rb") as handle:
                found[file.relative_to(folder).as_posix()] = hashlib.file_digest(handle, "sha256").hexdigest()
    return found
