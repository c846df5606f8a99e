"""What an embedder needs of a model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")  # tokenizers refuse text that UTF-8 cannot hold


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A text as the model sees it."""

    vector: Vectors
    """The model's own vector of the whole, ``(d,)``."""
    tokens: Vectors
    """The vectors of its tokens, ``(k, d)``; none of a model that does not pool by mean."""
    places: Places
    """The tokens' offsets ``(k, 2)`` in prompt and text; special tokens lie at (0, 0)."""


class Encoder(Protocol):
    """A loaded model, safe to share between threads."""

    @property
    def prompts(self) -> Mapping[str, str]:
        """The model's own prompts: ``query``, ``passage``, ``document``."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def pools_by_mean(self) -> bool:
        """Whether the mean of some tokens' vectors is in the same space as the model's own vectors."""
        ...

    @property
    def tokenizer(self) -> Tokenizer | None:
        """The fast tokenizer or None. Its truncation and padding may change at any time."""
        ...

    def encode(self, texts: Sequence[str], prompt: str, *, tokens: bool = False) -> list[Encoded]:
        """Encode one batch; with ``tokens`` their vectors and places too."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens in each text, without special tokens, however long it is."""
        ...


def encodable(text: str) -> str:
    return _LONE_SURROGATES.sub("\ufffd", text)
