"""What can go wrong with the index, each with what to do in its message.

VectorstoreError
├── IndexDamagedError     it cannot be read, or has lost something
│   └── IndexLostError    its Chroma server has it no more
├── IndexUnreachableError its Chroma server does not answer, or is none
├── RecipeMismatchError   it was made with another model, prompt, chunker or folding
└── IndexBusyError        another process is writing it
"""

from __future__ import annotations

from corpus.errors import MusnadError


class VectorstoreError(MusnadError):
    """Base of the others: the message names what, where and what to do."""


class IndexDamagedError(VectorstoreError):
    """The index on disk cannot be read or has lost something; the archive is untouched."""


class IndexLostError(IndexDamagedError):
    """The Chroma server no longer has the vectors: a sync makes them again from those at rest."""


class IndexUnreachableError(VectorstoreError):
    """The Chroma server that holds the vectors does not answer as one: nothing is lost by that."""


class RecipeMismatchError(VectorstoreError):
    """The index was made by another recipe than the one at hand, so that its vectors mean something else."""


class IndexBusyError(VectorstoreError):
    """Another process is writing to the index."""
