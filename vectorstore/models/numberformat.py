"""The number format in which this machine multiplies the fastest: measured once, and kept beside the models.

Only formats that give the same vectors are in question, so that the choice is no part of a recipe: float32, and
bfloat16, which is faster where the processor has it and much slower where it is imitated. What other runtimes would
bring is in docs/runtimes.md.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import tempfile
import time
from functools import cache
from pathlib import Path

import torch

from vectorstore.models.bert import Embeddings, Layers, Shape, load_layers
from vectorstore.models.loading import cores

FILE = "number-format.json"
"""The file with what was measured, beside the folders of the models."""

_ROUNDS = 5
_LENGTH = 160  # tokens, as a passage has
_PAYS = 0.9  # share of the time in float32 below which another format is worth its rounding
_HOPELESS = 2.0  # … and above which a single round says enough
_SAME = 0.999  # least cosine to the vectors in float32


@cache
def fastest(folder: Path) -> torch.dtype:
    """Return the number format for this machine, measured with the embedded model in ``folder``: under a second, once.

    What was measured is read again as long as processor, number of cores and torch are the same. A file that cannot be
    read is measured anew, and where none can be written every process measures for itself.
    """
    kept, key = folder.with_name(FILE), _machine()
    found = _read(kept)
    if found.get(key) not in ("float32", "bfloat16"):
        found[key] = "bfloat16" if _pays(folder, torch.bfloat16) else "float32"
        _write(kept, found)
    return torch.bfloat16 if found[key] == "bfloat16" else torch.float32


def _pays(folder: Path, dtype: torch.dtype) -> bool:
    """Return whether the model is faster in this format, and gives the same vectors.

    Both formats take turns, so that whatever else the machine does slows both.
    """
    embeddings = Embeddings(folder, Shape.of(folder))
    ids = torch.arange(1000, 1000 + 7 * _LENGTH, 7)[None]
    with torch.inference_mode():
        embedded, padding = embeddings(ids), torch.zeros_like(ids, dtype=torch.bool)

        def timed(layers: Layers) -> tuple[float, torch.Tensor]:
            begun = time.perf_counter()
            vector = layers(embedded, padding).mean(1)
            return time.perf_counter() - begun, vector

        whole, other = load_layers(folder, torch.float32), load_layers(folder, dtype)
        (_, wanted), (_, got) = timed(whole), timed(other)  # which also prepares what comes after
        if float(torch.cosine_similarity(wanted, got)) < _SAME:
            return False
        ratios: list[float] = []
        for _ in range(_ROUNDS):
            base, _ = timed(whole)
            ratios.append(timed(other)[0] / base)
            if ratios[0] > _HOPELESS:
                break
    return statistics.median(ratios) < _PAYS


def _machine() -> str:
    """Return what the measurement depends on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        named = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        named = platform.processor() or platform.machine()
    has = sorted(name for name, value in torch.cpu.get_capabilities().items() if value is True)
    return f"{named}; {' '.join(has)}; {cores()} cores; torch {torch.__version__}"


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(file: Path, found: dict[str, str]) -> None:
    """Write the file whole, or not at all: it is only there to save time."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as work:
                json.dump(found, work, indent=1)
            os.replace(name, file)
        except OSError:
            os.unlink(name)
    except OSError:
        return
