"""Bounds that a process sets for itself before it reads what a stranger sent.

`main` sets them and becomes another program, which keeps them.
"""

from __future__ import annotations

import os
import sys

OVER_MEMORY = 3
"""Exit status of a process of ours that used up its memory."""


def bound(memory: int, seconds: int, written: int) -> None:
    """Let this process use so many bytes of address space, seconds of processor time, and bytes in each file."""
    import contextlib
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS takes no bound on address space
            resource.setrlimit(kind, (most, most))


def main() -> None:
    """Become the program named by the arguments after the search path and the bounds."""
    memory, seconds, written = map(int, sys.argv[2].split(","))
    bound(memory, seconds, written)
    os.execve(sys.argv[3], sys.argv[3:], ENVIRONMENT)


ENVIRONMENT = {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C", "MALLOC_ARENA_MAX": "1"}
"""Nothing of the program's own environment: it holds keys and tokens."""
