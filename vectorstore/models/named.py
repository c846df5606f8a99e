"""Any model of sentence-transformers, ready to encode."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from vectorstore.models.encoder import Encoded, Vectors, encodable

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer


class NamedModel:
    """A loaded SentenceTransformer, safe to share between threads."""

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model
        self._tokenizing = threading.Lock()  # a fast tokenizer keeps its padding and truncation as state
        self.prompts: Mapping[str, str] = {name: prompt or "" for name, prompt in model.prompts.items()}
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.pools_by_mean = _pools_by_mean(model)

    @property
    def tokenizer(self) -> Tokenizer | None:
        return getattr(self._model.tokenizer, "backend_tokenizer", None)

    def encode(self, texts: Sequence[str], prompt: str, *, tokens: bool = False) -> list[Encoded]:
        import torch

        tokenizing = {"return_offsets_mapping": True} if tokens else {}
        with self._tokenizing:
            features = self._model.preprocess(
                [encodable(text) for text in texts], prompt=prompt, processing_kwargs={"text": tokenizing}
            )
        offsets = features.pop("offset_mapping", None)
        device = self._model.device
        with torch.inference_mode():
            output = self._model(
                {key: value.to(device) if hasattr(value, "to") else value for key, value in features.items()}
            )
        vectors = _array(output["sentence_embedding"])
        if offsets is None:
            return [Encoded(vector, vectors[:0], np.empty((0, 2), np.int64)) for vector in vectors]
        read = zip(vectors, _array(output["token_embeddings"]), offsets.numpy(), strict=True)
        return [Encoded(vector, states, places) for vector, states, places in read]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        with self._tokenizing:
            tokens = self._model.tokenizer(
                [encodable(text) for text in texts], add_special_tokens=False, truncation=False, padding=False
            )
        return [len(ids) for ids in tokens["input_ids"]]


def _pools_by_mean(model: SentenceTransformer) -> bool:
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


def _array(tensor: torch.Tensor) -> Vectors:
    return cast(Vectors, tensor.float().cpu().numpy())
