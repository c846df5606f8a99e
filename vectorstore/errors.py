"""What can go wrong with the index, each with what to do in its message.

VectorstoreError
├── IndexDamagedError     the folder cannot be read
├── RecipeMismatchError   it was made with another model, prompt, chunker or folding
└── IndexBusyError        another process is writing it
"""

from __future__ import annotations


class VectorstoreError(Exception):
    """Base of the others: the message names what, where and what to do."""


class IndexDamagedError(VectorstoreError):
    """The index on disk cannot be read or has lost something; the archive is untouched."""


class RecipeMismatchError(VectorstoreError):
    """The index was made by another recipe than the one at hand, so that its vectors mean something else."""


class IndexBusyError(VectorstoreError):
    """Another process is writing to the index."""
