"""Indexing, piece by piece, of what the archive has and the index lacks, while questions are answered.

A killed ingest may leave thousands of passages out of the index, and to index them takes minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vectorstore.errors import IndexBusyError

if TYPE_CHECKING:
    from vectorstore.index import Index

PIECE = 256
"""Passages indexed in one piece; in between the index may be written to by others."""
SLICE = 16
"""Passages embedded at a time: a question that comes meanwhile waits for no more, half a second on two cores."""


class Filling:
    """State of the indexing. While it is ``active``, changes of the archive may leave their indexing to it."""

    def __init__(self) -> None:
        self.active = False

    def begin(self, index: Index) -> None:
        """Become active if the index lacks something."""
        self.active = self.active or not index.index_state().agree

    def piece(self, index: Index, progress: Callable[[int, int], None]) -> bool:
        """Index a piece; return whether something is left. ``progress``: called after each slice.

        Raises IndexBusyError while another process writes to the index, and the other errors of ``Index.sync``.
        """
        self.active = True
        try:
            if index.sync(progress, wait=0, size=SLICE, most=PIECE).left:
                return True
            self.active = False
            # Again: a change may just have counted on it.
            index.sync(progress)
        except IndexBusyError:
            raise
        except BaseException:
            self.active = False
            raise
        return False
