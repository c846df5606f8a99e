"""Run the exam: `python -m tests.evals.reading [--half fit|held] [ID …]`; exits with 1 where a case fails."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.evals.reading.cases import HALVES, Case, every_case
from tests.evals.reading.check import faults
from tests.evals.reading.taking import take

_AT_ONCE = 2  # cases: each has a process of its own that reads


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.evals.reading", description=__doc__)
    parser.add_argument("--half", choices=HALVES)
    parser.add_argument("ids", nargs="*", metavar="ID")
    asked = parser.parse_args()
    wanted = [
        case
        for case in every_case()
        if (not asked.half or case.half == asked.half) and (not asked.ids or case.id in asked.ids)
    ]
    began = time.monotonic()
    right: Counter[tuple[str, str]] = Counter()
    with ThreadPoolExecutor(_AT_ONCE) as at_once:
        for case, wrong in zip(wanted, at_once.map(_tried, wanted), strict=True):
            right[case.kind, case.half] += not wrong
            if case.half == "fit" or asked.ids:
                print(f"{'FAIL' if wrong else 'PASS'} {case.id} {case.fault}", flush=True)
                print(*(f"         {fault}\n" for fault in wrong), sep="", end="")
    _score(wanted, right)
    print(f"{time.monotonic() - began:.0f} s")
    return int(right.total() < len(wanted))


def _tried(case: Case) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="reading-") as work:
        return faults(case, take(case, Path(work)))


def _score(cases: list[Case], right: Counter[tuple[str, str]]) -> None:
    """Print the score by kind and half."""
    asked = Counter((case.kind, case.half) for case in cases)
    kinds = sorted({case.kind for case in cases})
    for kind in [*kinds, "all"]:
        parts = []
        for half in HALVES:
            of = [key for key in asked if key[1] == half and kind in (key[0], "all")]
            if of:
                parts.append(f"{half} {sum(right[key] for key in of)} of {sum(asked[key] for key in of)}")
        print(f"{kind:12} {', '.join(parts)}")


if __name__ == "__main__":
    sys.exit(main())
