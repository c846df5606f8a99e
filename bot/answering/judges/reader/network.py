"""The reader's network: the embedded model's layers and the heads on top of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from bot.answering.judges.reader.tokens import SIDES, Batch
from vectorstore.models.bert import PAD, Layers, Shape

_MASKED = -1e4  # added to the weights of tokens outside a group


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
        self.side = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
            torch.zeros(SIDES, hidden), freeze=False
        )
        self.layers = Layers(shape)
        self.token = nn.Linear(hidden, 3)  # start, end, weight within the sentence
        self.sentence = _head(2 * hidden, hidden)
        self.null = _head(hidden, hidden)
        self.word = _head(2 * hidden, hidden)

    @property
    def dtype(self) -> torch.dtype:
        """The number format of the layers."""
        return self.layers.dtype

    def forward(self, embedded: Tensor, batch: Batch, sentences: int, words: int) -> Output:
        """Run the network on ``embedded`` ``(n, length, hidden)``.

        ``sentences`` and ``words`` are the most of any input.
        """
        states = self.layers(embedded + self.side(batch.sides), batch.ids.eq(PAD))
        return self.judge(states, batch, sentences, words)

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
