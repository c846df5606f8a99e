"""The reader's network: the embedded model's layers and the heads on top of them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional as F

from bot.answering.judges.reader.tokens import LONGEST, PAD, SIDES, Batch

_MASKED = -1e4  # added to attention logits of padding: finite in every number format


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network, from the embedded model's ``config.json``."""

    hidden: int = 384
    layers: int = 12
    heads: int = 12
    ffn: int = 1536
    eps: float = 1e-12

    @classmethod
    def of(cls, folder: Path) -> Shape:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return cls(
            config["hidden_size"],
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["intermediate_size"],
            config["layer_norm_eps"],
        )


class Layer(nn.Module):
    """One layer of BERT, with its three projections in one matrix."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.out = nn.Linear(shape.hidden, shape.hidden)
        self.norm1 = nn.LayerNorm(shape.hidden, eps=shape.eps)
        self.inner = nn.Linear(shape.hidden, shape.ffn)
        self.outer = nn.Linear(shape.ffn, shape.hidden)
        self.norm2 = nn.LayerNorm(shape.hidden, eps=shape.eps)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, hidden = states.shape
        parts = self.qkv(states).view(batch, length, 3, self.heads, hidden // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        if self.training and states.device.type == "cpu":  # the fused one's way back is slow there
            flat = (batch * self.heads, length, hidden // self.heads)
            query, key, value = query.reshape(flat), key.reshape(flat), value.reshape(flat)
            scale = (hidden // self.heads) ** -0.5
            if mask is None:
                logits = query @ key.transpose(1, 2) * scale
            else:
                added = mask.expand(batch, self.heads, 1, length).reshape(flat[0], 1, length)
                logits = torch.baddbmm(added, query, key.transpose(1, 2), alpha=scale)
            mixed = (logits.softmax(-1) @ value).view(batch, self.heads, length, -1)
        else:
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(batch, length, hidden)
        states = self.norm1(states + self.out(mixed))
        normed: Tensor = self.norm2(states + self.outer(F.gelu(self.inner(states))))
        return normed


@dataclass(frozen=True, slots=True)
class Output:
    """Float32 outputs: null ``(n,)``, sentences ``(n, s)``, words ``(n, w)``, starts and ends ``(n, length)``."""

    null: Tensor
    sentences: Tensor
    words: Tensor
    starts: Tensor
    ends: Tensor


class Reader(nn.Module):
    """Layers and heads. The layers compute in the number format of their weights, the heads in float32."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        hidden = shape.hidden
        self.side = nn.Embedding(SIDES, hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.token = nn.Linear(hidden, 3)  # start, end, weight within the sentence
        self.sentence = _head(2 * hidden, hidden)
        self.null = _head(hidden, hidden)
        self.word = _head(2 * hidden, hidden)

    def forward(self, embedded: Tensor, batch: Batch, sentences: int, words: int) -> Output:
        """Run the network on ``embedded`` ``(n, length, hidden)``.

        ``sentences`` and ``words`` are the most of any input.
        """
        dtype = next(self.layers.parameters()).dtype
        states = (embedded + self.side(batch.sides)).to(dtype)
        padding = batch.ids.eq(PAD)
        mask = None
        if bool(padding.any()):
            mask = torch.zeros(padding.shape, dtype=dtype, device=padding.device)
            mask = mask.masked_fill(padding, _MASKED)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        return self.judge(states.float(), batch, sentences, words)

    def judge(self, states: Tensor, batch: Batch, sentences: int, words: int) -> Output:
        starts, ends, weights = self.token(states).unbind(-1)
        first = states[:, :1]
        inside = batch.sentences[:, None, :].eq(torch.arange(sentences, device=states.device)[:, None])
        pooled = _pool(states, inside, weights)
        logits = self.sentence(torch.cat([pooled, first.expand_as(pooled)], -1)).squeeze(-1)
        logits = logits.masked_fill(~inside.any(-1), -math.inf)
        inside = batch.words[:, None, :].eq(torch.arange(words, device=states.device)[:, None])
        pooled = _pool(states, inside, torch.zeros_like(weights))
        opened = self.word(torch.cat([pooled, first.expand_as(pooled)], -1)).squeeze(-1)
        opened = opened.masked_fill(~inside.any(-1), -math.inf)
        return Output(self.null(first[:, 0]).squeeze(-1), logits, opened, starts, ends)


def _head(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, 1))


def _pool(states: Tensor, inside: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of the tokens in each group, ``(n, groups, hidden)``; 0 for an empty group."""
    logits = weights[:, None, :].expand(inside.shape).masked_fill(~inside, _MASKED)
    return (logits.softmax(-1) * inside) @ states


class Embeddings:
    """First step of the embedded model: the vectors of tokens at their positions, never trained.

    The words' vectors stay in the file (float16, mapped) until they are used.
    """

    def __init__(self, folder: Path, shape: Shape) -> None:
        with safe_open(folder / "model.safetensors", "pt") as file:
            self.words: Tensor = file.get_tensor("embeddings.word_embeddings.weight")
            positions = file.get_tensor("embeddings.position_embeddings.weight").float()
            types = file.get_tensor("embeddings.token_type_embeddings.weight").float()
            self.gain: Tensor = file.get_tensor("embeddings.LayerNorm.weight").float()
            self.bias: Tensor = file.get_tensor("embeddings.LayerNorm.bias").float()
        self.places: Tensor = positions[:LONGEST] + types[0]
        self.shape = shape

    def __call__(self, ids: Tensor) -> Tensor:
        """Return the float32 vectors of ``(n, length)`` tokens."""
        states = F.embedding(ids, self.words).float() + self.places[: ids.shape[1]]
        return F.layer_norm(states, (self.shape.hidden,), self.gain, self.bias, self.shape.eps)


def embedded_layers(folder: Path, shape: Shape) -> dict[str, Tensor]:
    """Return the embedded model's own layers under the names of ``Reader``, the starting point of training."""
    found = {}
    with safe_open(folder / "model.safetensors", "pt") as file:
        for i in range(shape.layers):
            theirs, ours = f"encoder.layer.{i}", f"layers.{i}"
            for kind in ("weight", "bias"):
                parts = [
                    file.get_tensor(f"{theirs}.attention.self.{part}.{kind}")
                    for part in ("query", "key", "value")
                ]
                found[f"{ours}.qkv.{kind}"] = torch.cat(parts).float()
                for name, other in (
                    ("out", "attention.output.dense"),
                    ("norm1", "attention.output.LayerNorm"),
                    ("inner", "intermediate.dense"),
                    ("outer", "output.dense"),
                    ("norm2", "output.LayerNorm"),
                ):
                    found[f"{ours}.{name}.{kind}"] = file.get_tensor(f"{theirs}.{other}.{kind}").float()
    return found
