"""The project's own briefs: a small true archive for a machine that has no other (see README.md here)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def folder() -> Path:
    """The folder with the briefs (``*.txt``), ready to be ingested."""
    return Path(str(files(__name__)))
