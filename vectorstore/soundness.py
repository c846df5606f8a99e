"""Soundness of what Chroma holds: whether it is all there, as it was when it was complete, and is found.

Chroma writes its graph of vectors to several files, every thousand vectors, one after another. Killed between two of
them, it either refuses to read the graph from then on, or, when the files are lost, finds next to nothing and says
nothing; and a server may come back with another disk, or with a backup. Articles and vectors are safe in SQLite each
time: what matters is to notice.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vectorstore.chroma import Chroma
from vectorstore.vectors import Build, Vectors

SAMPLE: Final = 16
_SAME = 0.99
"""Cosine above which a vector is the one it was stored as: rounding to half floats costs a thousandth of that."""
_LEAST_FOUND = 0.75
"""Share of vectors that find themselves: a sound graph may miss one now and then."""


def check(build: Build, chroma: Chroma, vectors: Vectors, dimension: int) -> None:
    """Raise IndexDamagedError unless ``chroma`` holds what ``build``, which is settled there, says.

    Three requests: 11 ms on a server with 6,000 vectors.
    """
    held = chroma.count()
    if held != build.chunks:
        raise chroma.damaged(f"it holds {held} vectors of {build.chunks}")
    if build.mark and chroma.marked() != build.mark:
        raise chroma.damaged("it is another state of them: an older copy?")
    check_found(build, chroma, vectors, dimension)


def check_found(build: Build, chroma: Chroma, vectors: Vectors, dimension: int) -> None:
    """Raise IndexDamagedError unless vectors of a sample find themselves."""
    sample = vectors.sample(build, SAMPLE, dimension)
    if not sample:
        return
    found = sum(cosine > _SAME for cosine in chroma.nearest(np.stack(list(sample.values()))))
    if found < _LEAST_FOUND * len(sample):
        raise chroma.damaged(f"{len(sample) - found} of {len(sample)} vectors are not found")
