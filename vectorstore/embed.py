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
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

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

_BATCH = 8  # more is slower on two cores: the rows no longer fit the cache, and padding grows
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
    """A loaded model. Safe to share between threads: it serves one batch at a time."""

    def __init__(
        self,
        model: SentenceTransformer,
        name: str,
        digest: str,
        query_prompt: str | None,
        passage_prompt: str | None,
    ) -> None:
        prompts = model.prompts
        self._model = model
        self._turn = threading.Lock()
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
        return self._encode([_encodable(text) for text in texts], self._query_prompt)

    def passages(self, passages: Sequence[Passage], progress: Progress | None = None) -> list[Embedded]:
        """The vectors of passages and of their sentences, in the order given; ``progress(done, total)``.

        What lies beyond the model's longest input is not seen; a sentence without a token there has the
        passage's vector.
        """
        found: dict[int, Embedded] = {}
        order = sorted(range(len(passages)), key=lambda i: len(passages[i].text), reverse=True)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            embed = self._embed_late if self._late else self._embed_alone
            found.update(zip(batch, embed([passages[i] for i in batch]), strict=True))
            if progress is not None:
                progress(len(found), len(passages))
        return [found[i] for i in range(len(passages))]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the model's tokenizer makes of each text, without special tokens and prompts."""
        if not texts:
            return []
        with self._turn:
            tokens = self._model.tokenizer(
                [_encodable(text) for text in texts],
                add_special_tokens=False,
                truncation=False,
                padding=False,
            )
        return [len(ids) for ids in tokens["input_ids"]]

    def _encode(self, texts: list[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        with self._turn:
            vectors = self._model.encode(texts, prompt=prompt, batch_size=_BATCH, show_progress_bar=False)
        return _normalised(np.asarray(vectors, np.float32))

    def _embed_alone(self, passages: Sequence[Passage]) -> list[Embedded]:
        texts = [passage.text for passage in passages]
        texts += [passage.text[span.start : span.end] for passage in passages for span in passage.sentences]
        vectors = self._encode([_encodable(text) for text in texts], self._passage_prompt)
        found = []
        at = len(passages)
        for passage, vector in zip(passages, vectors, strict=False):
            found.append(Embedded(vector, vectors[at : at + len(passage.sentences)]))
            at += len(passage.sentences)
        return found

    def _embed_late(self, passages: Sequence[Passage]) -> list[Embedded]:
        import torch

        texts = [_encodable(passage.text) for passage in passages]
        with self._turn, torch.inference_mode():
            features = self._model.preprocess(
                texts,
                prompt=self._passage_prompt,
                processing_kwargs={"text": {"return_offsets_mapping": True}},
            )
            offsets = features.pop("offset_mapping").numpy() - len(self._passage_prompt)
            output = self._model({key: _moved(value, self._model.device) for key, value in features.items()})
            vectors = output["sentence_embedding"].float().cpu().numpy()
            shares = _shares([passage.sentences for passage in passages], offsets)
            tokens = output["token_embeddings"]
            means = torch.bmm(torch.from_numpy(shares).to(tokens.device), tokens.float()).cpu().numpy()
        vectors = _normalised(vectors)
        found = []
        for passage, vector, share, mean in zip(passages, vectors, shares, means, strict=True):
            k = len(passage.sentences)
            seen = share[:k].any(axis=1, keepdims=True)
            found.append(Embedded(vector, _normalised(np.where(seen, mean[:k], vector))))
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
        name, digest = embedded.NAME, folder.name.rpartition("-")[2]
        loaded = _load(str(folder), local=True)
    else:
        name = model
        loaded = _load_named(model)
        digest = _digest(model, loaded)
    return Embedder(loaded, name, digest, query_prompt, passage_prompt)


def _load_named(name: str) -> SentenceTransformer:
    from safetensors import SafetensorError

    try:
        if Path(name).expanduser().is_dir():
            return _load(str(Path(name).expanduser()), local=True)
        try:
            return _load(name, local=True)
        except (OSError, ValueError):
            return _load(name, local=False)
    except (OSError, ValueError, LookupError, RuntimeError, ImportError, TypeError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise EmbeddingModelError(
            f"the embedding model {name!r} cannot be loaded ({reason[:200]}): check MUSNAD_EMBEDDING_MODEL, "
            "which takes a folder or a sentence-transformers name; unset it for the embedded model"
        ) from error


def _load(path: str, *, local: bool) -> SentenceTransformer:
    # Read when the libraries are imported: nothing is reported home, and no warning after a fork.
    os.environ.update(
        TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1"
    )
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    torch.set_num_threads(min(torch.get_num_threads(), _cores()))
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


def _shares(sentences: Sequence[Sequence[Span]], offsets: NDArray[np.int64]) -> Vectors:
    """For each passage and sentence the share of every token, ``(passages, sentences, tokens)``.

    ``offsets`` is ``(passages, tokens, 2)``, in code points of the passage's text: special tokens, padding
    and the prompt lie at or before 0.
    """
    shares = np.zeros((len(sentences), max(map(len, sentences)), offsets.shape[1]), np.float32)
    for share, spans, places in zip(shares, sentences, offsets, strict=True):
        for row, span in zip(share, spans, strict=False):
            inside = (places[:, 0] < span.end) & (places[:, 1] > max(0, span.start))
            row[inside] = 1 / max(1, int(inside.sum()))
    return shares


def _normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return cast(Vectors, vectors / np.maximum(lengths, 1e-12))


def _encodable(text: str) -> str:
    return _LONE_SURROGATES.sub("\ufffd", text)


def _moved(value: Any, device: torch.device) -> Any:
    return value.to(device) if hasattr(value, "to") else value


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
