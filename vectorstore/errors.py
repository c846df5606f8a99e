"""Errors of the index; each message says what to do.

VectorstoreError
├── IndexDamagedError     the index cannot be read, or has lost something
│   └── IndexLostError    its Chroma server no longer has it
├── IndexUnreachableError its Chroma server does not answer, or is none
│   └── IndexMendingError its vectors are being written again, and are too many to do without
├── RecipeMismatchError   the index was made with another model, prompt, chunker or folding
├── IndexBusyError        another process is writing the index
└── ClusterError          the machines that were to embed cannot
"""

from __future__ import annotations

from corpus.errors import MusnadError


class VectorstoreError(MusnadError):
    """Base class of the other errors: the message says what failed, where, and what to do."""


class IndexDamagedError(VectorstoreError):
    """The index on disk cannot be read or has lost something; the archive is untouched."""

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why or message
        """What is wrong, without what to do."""


class IndexLostError(IndexDamagedError):
    """The Chroma server no longer has the vectors: a sync makes them again from those in ``index.sqlite``."""


class IndexUnreachableError(VectorstoreError):
    """The Chroma server that holds the vectors does not answer as a Chroma server; nothing is lost."""


class IndexMendingError(IndexUnreachableError):
    """The vectors are being written to Chroma again, and too many to be searched without it; nothing is lost."""


class RecipeMismatchError(VectorstoreError):
    """The index was made by another recipe than the current one, so that its vectors mean something else."""


class ClusterError(VectorstoreError):
    """The Ray cluster cannot be used; what was embedded before is stored."""


class IndexBusyError(VectorstoreError):
    """Another process is writing to the index."""
