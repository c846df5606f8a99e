"""What a backup says of itself: its first entry names its format, its last lists all that is between them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.backup.contents import ARCHIVE, DATABASES, FILES
from bot.backup.errors import BackupError

FORMAT = 1
HEAD, LAST = "musnad-backup.json", "manifest.json"
MOST = 1 << 20
"""Bytes of the longest head or manifest that is read."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MADE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in a backup."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first entry, by which a backup of newer code is known before anything of it is read."""

    made: str
    """When, ISO 8601 in UTC, to the second."""
    musnad: str
    """The version that made it."""
    format: int = FORMAT

    def as_bytes(self) -> bytes:
        return _as_bytes(asdict(self))


@dataclass(frozen=True, slots=True)
class Manifest:
    """The last entry: a backup without it was cut off."""

    head: Head
    files: tuple[Entry, ...]
    steps: Mapping[str, Mapping[str, list[str]]]
    """By database and set of migrations, the steps that it went through."""
    counts: Mapping[str, int]
    """Numbers of articles, versions, passages, turns, answers, quotes and vectors."""
    generation: int | None
    """The archive's."""
    unresolved: int
    """Number of quotes whose article the archive did not hold when it was copied, either."""

    def as_bytes(self) -> bytes:
        return _as_bytes(asdict(self))

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)


def read_head(data: bytes) -> Head:
    """Return the first entry. Raises BackupError for what is none (``strange``) and for newer code's (``newer``)."""
    found = _read(data, HEAD)
    format, made, musnad = found.get("format"), found.get("made"), found.get("musnad")
    if type(format) is not int or format < 1:
        raise BackupError("strange", name=HEAD)
    if format > FORMAT:
        raise BackupError("newer", name=HEAD)
    if not isinstance(made, str) or not isinstance(musnad, str) or not _MADE.fullmatch(made):
        raise BackupError("strange", name=HEAD)
    return Head(made, musnad, format)


def read_manifest(data: bytes, head: Head) -> Manifest:
    """Return the last entry of the backup that began with ``head``. Raises BackupError for what is none."""
    found = _read(data, LAST)
    try:
        files = tuple(
            Entry(str(each["name"]), int(each["size"]), str(each["sha256"])) for each in found["files"]
        )
        counts = {str(name): int(count) for name, count in found["counts"].items()}
        steps = {
            str(name): {str(of): [str(step) for step in each] for of, each in sets.items()}
            for name, sets in found["steps"].items()
        }
        generation = None if found["generation"] is None else int(found["generation"])
        unresolved = int(found["unresolved"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupError("strange", name=LAST) from error
    names = [each.name for each in files]
    known = len(set(names)) == len(names) and {ARCHIVE} <= set(names) <= {*DATABASES, *FILES}
    if not known or not all(_DIGEST.fullmatch(each.sha256) and each.size >= 0 for each in files):
        raise BackupError("strange", name=LAST)
    return Manifest(head, files, steps, counts, generation, unresolved)


def _read(data: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BackupError("strange", name=name) from error
    if not isinstance(found, dict):
        raise BackupError("strange", name=name)
    return found


def _as_bytes(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
