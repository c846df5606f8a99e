"""Texts in, vectors out: a sentence-transformers model with its prompts, batched for a small machine.

``load_embedder(cache)`` gives the embedded model, or any other that sentence-transformers can load. A passage
costs one forward pass, which yields its own vector (the model's own pooling) and one vector for each of its
sentences (the mean of that sentence's tokens: "late" pooling, each token having seen the whole passage).
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from corpus.article import Span
from vectorstore import embedded
from vectorstore.embedded import EmbeddingModelError

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

__all__ = ["Embedded", "Embedder", "EmbeddingModelError", "Passage", "load_embedder"]

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

_BATCH = 8  # more is slower: the rows no longer fit the processor's cache, and padding grows
_HUB_TIMEOUT = 10.0  # seconds
_HUB_NAME = re.compile(r"([\w.-]+/)?[\w.-]+", re.ASCII)
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")  # tokenizers refuses text that UTF-8 cannot hold


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded as one passage: ``text`` with its context, and the sentences as spans of ``text``."""

    text: str
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A passage's vector, shape ``(d,)``, and its sentences' ``(k, d)``; all of length 1."""

    vector: Vectors
    sentences: Vectors


class Embedder:
    """A loaded model, safe to share between threads.

    ``workers`` batches run side by side. For a small model on few cores this beats several threads inside one
    batch, which wait for each other at every step: on a busy two-core machine a question took 23 ms with one
    thread and 800 ms with two.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        name: str,
        digest: str,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        workers: int = 1,
    ) -> None:
        prompts = model.prompts
        self._model = model
        self._workers = workers
        self._tokenizing = threading.Lock()  # a fast tokenizer keeps its padding and truncation as state
        self._query_prompt = prompts.get("query") or "" if query_prompt is None else query_prompt
        own = prompts.get("passage") or prompts.get("document") or ""
        self._passage_prompt = own if passage_prompt is None else passage_prompt
        self._late = _pools_by_mean(model)
        self.name = name
        self.recipe: dict[str, str] = {
            "model": name,
            "digest": digest,
            "query_prompt": self._query_prompt,
            "passage_prompt": self._passage_prompt,
            "sentences": "late" if self._late else "alone",
        }
        """What an index and the questions put to it must share; the number format may differ."""
        self.dimension = int(model.get_embedding_dimension() or 0)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, ``(n, d)``."""
        return self._encode(texts, self._query_prompt)

    def passages(self, passages: Sequence[Passage], progress: Progress | None = None) -> list[Embedded]:
        """The vectors of passages and of their sentences, in the order given; ``progress(done, total)``.

        What lies beyond the model's longest input is not seen; a sentence without a token there has the
        passage's vector.
        """
        found: dict[int, Embedded] = {}
        order = sorted(range(len(passages)), key=lambda i: len(passages[i].text), reverse=True)
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        embed = self._embed_late if self._late else self._embed_alone
        with ThreadPoolExecutor(self._workers, "embed") as pool:
            done = pool.map(lambda batch: embed([passages[i] for i in batch]), batches)
            for batch, embedded_batch in zip(batches, done, strict=True):
                found.update(zip(batch, embedded_batch, strict=True))
                if progress is not None:
                    progress(len(found), len(passages))
        return [found[i] for i in range(len(passages))]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the model's tokenizer makes of each text, without special tokens and prompts."""
        if not texts:
            return []
        with self._tokenizing:
            tokens = self._model.tokenizer(
                [_LONE_SURROGATES.sub("\ufffd", text) for text in texts],
                add_special_tokens=False,
                truncation=False,
                padding=False,
            )
        return [len(ids) for ids in tokens["input_ids"]]

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        """The model's own vectors, ``(n, d)``."""
        found = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            output, _ = self._forward([texts[i] for i in batch], prompt)
            found[batch] = _array(output["sentence_embedding"])
        return _normalised(found)

    def _forward(
        self, texts: Sequence[str], prompt: str, **tokenizing: bool
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor | None]:
        """The model's output for one batch, and the tokens' offsets where ``tokenizing`` asks for them."""
        import torch

        texts = [_LONE_SURROGATES.sub("\ufffd", text) for text in texts]
        with self._tokenizing:
            features = self._model.preprocess(texts, prompt=prompt, processing_kwargs={"text": tokenizing})
        offsets = features.pop("offset_mapping", None)
        with torch.inference_mode():
            device = self._model.device
            moved = {
                key: value.to(device) if hasattr(value, "to") else value for key, value in features.items()
            }
            return self._model(moved), offsets

    def _embed_alone(self, passages: Sequence[Passage]) -> list[Embedded]:
        texts = [passage.text for passage in passages]
        texts += [passage.text[span.start : span.end] for passage in passages for span in passage.sentences]
        vectors = self._encode(texts, self._passage_prompt)
        found = []
        at = len(passages)
        for passage, vector in zip(passages, vectors, strict=False):
            found.append(Embedded(vector, vectors[at : at + len(passage.sentences)]))
            at += len(passage.sentences)
        return found

    def _embed_late(self, passages: Sequence[Passage]) -> list[Embedded]:
        texts = [passage.text for passage in passages]
        output, offsets = self._forward(texts, self._passage_prompt, return_offsets_mapping=True)
        assert offsets is not None
        vectors = _normalised(_array(output["sentence_embedding"]))
        tokens = _array(output["token_embeddings"])
        places = offsets.numpy() - len(self._passage_prompt)
        found = []
        for i, passage in enumerate(passages):
            sentences = np.tile(vectors[i], (len(passage.sentences), 1))
            for row, span in enumerate(passage.sentences):
                # Special tokens, padding and the prompt lie at or before 0.
                inside = (places[i, :, 0] < span.end) & (places[i, :, 1] > max(0, span.start))
                if len(span) > 0 and inside.any():
                    sentences[row] = tokens[i, inside].mean(axis=0)
            found.append(Embedded(vectors[i], _normalised(sentences)))
        return found


def load_embedder(
    cache: Path,
    *,
    model: str | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
) -> Embedder:
    """The embedded model, converted into ``cache`` when first needed; or the one that ``model`` names.

    ``model`` is a folder or a name on the Hugging Face Hub; what has been downloaded before needs no network.
    Prompts not given are the model's own. Raises EmbeddingModelError.
    """
    if model is None:
        folder = embedded.convert(cache)
        loaded = _load(str(folder), local=True, threads=1)
        name, digest, workers = embedded.NAME, folder.name.rpartition("-")[2], _cores()
    else:
        loaded = _load_named(model)
        name, digest, workers = model, _digest(model, loaded), 1
    return Embedder(
        loaded, name, digest, query_prompt=query_prompt, passage_prompt=passage_prompt, workers=workers
    )


def _load_named(name: str) -> SentenceTransformer:
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]
    from safetensors import SafetensorError

    problems = (
        OSError,
        ValueError,
        LookupError,
        RuntimeError,
        ImportError,
        TypeError,
        SafetensorError,
        HTTPError,
    )
    try:
        if not name.strip():
            raise ValueError("the name is empty")
        folder = Path(name).expanduser()
        if folder.is_dir():
            return _load(str(folder), local=True)
        try:
            return _load(name, local=True)  # a file, an impossible name, or downloaded before
        except (OSError, ValueError):
            if folder.exists() or not _HUB_NAME.fullmatch(name):
                raise
            _ask_hub(name)
            return _load(name, local=False)
    except problems as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise EmbeddingModelError(
            f"the embedding model {name!r} cannot be loaded ({reason[:200]}): check MUSNAD_EMBEDDING_MODEL, "
            "which takes a folder or a sentence-transformers name; unset it for the embedded model"
        ) from error


def _ask_hub(name: str) -> None:
    """One short question to the Hub, because a download that finds no network tries again for a minute."""
    from huggingface_hub.constants import ENDPOINT

    full = name if "/" in name else f"sentence-transformers/{name}"
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


def _load(path: str, *, local: bool, threads: int | None = None) -> SentenceTransformer:
    # Read when the libraries are imported: nothing is reported home, and no warning after a fork.
    os.environ.update(
        TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1"
    )
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    for name in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(threads or min(torch.get_num_threads(), _cores()))
    dtype = torch.bfloat16 if _bfloat16_pays() else torch.float32
    model = SentenceTransformer(path, local_files_only=local, model_kwargs={"dtype": dtype})
    return model.eval()


def _bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 in hardware: without, that is slower than float32."""
    import torch

    has = torch.cpu.get_capabilities()
    return bool(torch.backends.mkldnn.is_available()) and any(  # type: ignore[no-untyped-call]
        has.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")
    )


def _cores() -> int:
    """The cores this process may use: those it is bound to, or fewer where a container limits its time."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = Path("/sys/fs/cgroup/cpu.max")  # "QUOTA PERIOD" in microseconds, or "max PERIOD"
    quota, _, period = limit.read_text().partition(" ") if limit.is_file() else ("max", "", "")
    return bound if quota == "max" else max(1, min(bound, round(int(quota) / int(period))))


def _pools_by_mean(model: SentenceTransformer) -> bool:
    """Whether a sentence's mean of token embeddings lies in the same space as the model's own vectors."""
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    first, *rest = model.children()
    poolings = [module for module in rest if isinstance(module, Pooling)]
    return (
        isinstance(first, Transformer)
        and [pooling.pooling_mode for pooling in poolings] == ["mean"]
        and all(isinstance(module, Pooling | Normalize) for module in rest)
        and bool(getattr(model.tokenizer, "is_fast", False))
    )


def _normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return cast(Vectors, vectors / np.maximum(lengths, 1e-12))


def _array(tensor: torch.Tensor) -> Vectors:
    return cast(Vectors, tensor.float().cpu().numpy())


def _digest(name: str, model: SentenceTransformer) -> str:
    """Names the version of a model: its commit on the hub, or a digest of its folder.

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
