"""The project's own briefs: a small true archive for a machine that has no other (see README.md here)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path


@contextmanager
def folder() -> Iterator[Path]:
    """The folder with the briefs (``*.txt``), for as long as the context lasts; ready to be ingested."""
    with as_file(files(__name__)) as path:
        yield path
