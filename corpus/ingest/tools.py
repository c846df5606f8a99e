"""What an ingest works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corpus.store import Archive
from corpus.store.passages import Chunker
from corpus.worker import Worker

Progress = Callable[[int, int, str], None]
"""A callback that receives the number of files and entries done, the total, and the name of the one just done.

The total is an estimate while a collection is read: from the part of its file that was.
"""


@dataclass(frozen=True, slots=True)
class Tools:
    """What texts are read, cut and stored with: a worker, a chunker, and an archive whose lock is held."""

    archive: Archive
    chunk: Chunker
    recipe: str
    """Names the dependencies of ``chunk``, see ``Archive.add_file``."""
    worker: Worker
