"""The names of backups in one folder, by which the oldest are known."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

_NAME = re.compile(r"musnad-\d{8}T\d{6}Z\.tar\.zst", re.ASCII)


def name_at(moment: datetime) -> str:
    """Return the name of a backup made at this moment, in UTC: names sort by time."""
    return f"musnad-{moment:%Y%m%dT%H%M%SZ}.tar.zst"


def drop_oldest(folder: Path, keep: int) -> list[Path]:
    """Delete all but the ``keep`` latest backups with such names, and return those deleted. Raises OSError."""
    found = sorted(
        each
        for each in folder.iterdir()
        if _NAME.fullmatch(each.name) and each.is_file() and not each.is_symlink()
    )
    oldest = found[: max(len(found) - keep, 0)]
    for each in oldest:
        each.unlink()
    return oldest
