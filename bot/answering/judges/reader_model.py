"""The reader: question, headline and passage read together by a small cross-attention network.

The network is the embedded model's (12 layers, 384 wide) after training on marked answers
(``tests/bench/train_reader.py``). Its word, position and type embeddings are the embedded
model's own and are taken from there; the weights beside this module are the layers and what sits on them:

    input     ``<s> question </s> headline </s> passage </s>``, at most 512 tokens; a learned vector tells each token
              which part it belongs to and whether the other side holds the same piece
    sentence  a logit for each sentence, and one for "nothing here answers"
    span      the words within a sentence that answer, with their probability among all spans of that sentence
    open      for each word of the question, the probability that headline and passage do not speak of it

Weights are stored in 8 bits, a scale (float16) for each 128 weights of a row. They were trained on PQuAD, SQuAD-it and
MultiChoice2ExtractiveQA over Belebele (CC BY-SA 4.0), NoMIRACL and the ANT corpus (Apache-2.0) and ARCD (MIT): 34,000
draws in 57 minutes on two busy cores; then 10,800 draws in 15 minutes, 55 % of them of news questions of our own
(``tests/evals/news-train-*.jsonl``, articles of the ANT corpus). On what was held out, in brackets before those:

    news, 258 questions to their article   AUROC of answerable against near misses .84 (.75), right sentence .81 (.76),
                                           the most open word is what is missing .74 (.53); of the words of answerable
                                           questions .06 (.12) are above .5
    ARCD, 86 questions to their article    right sentence first .84 (.86), within the right passage .93 (.93), AUROC of
                                           passages with the answer against the article without it .78 (.79)
    Belebele, 19 questions to 4 passages   first .63 (.63) standard, .63 (.58) Levantine, .58 (.63) Egyptian, .47 (.47)
                                           Moroccan
    PQuAD, answerable or not               AUROC .91 (.92), right sentence .87 (.85)
    a word of the question exchanged       AUROC of the odds .88 (.90) ARCD, .87 (.86) PQuAD; the word is the most open
                                           one in .82 (.81) and .92 (.95)

Before those, in float32 instead of 8 bits ARCD and Belebele differed by at most two questions of 76. A passage of 200
tokens takes 21 ms of one core that multiplies bfloat16.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from bot.answering.judges import JudgeModelError
from corpus.article import Span
from vectorstore.loading import bfloat16_pays, cores

__all__ = ["Reader", "ReaderModel", "ReaderModelError", "Reading"]

NAME = "reader"
FORMAT = 1
"""Raised when weights written before can no longer be read."""

WEIGHTS = Path(__file__).with_name("reader.safetensors")

BLOCK = 128  # weights that share a scale
LONGEST = 512  # tokens, as the embedded model's positions
QUESTION = 128  # tokens of the question that are read
HEADLINE = 64  # tokens of the headline that are read
STEP = 32  # lengths of batches differ by this: a processor prepares each new shape anew, for up to 200 ms
SPAN = 30  # tokens of the longest answer span
BOS, PAD, EOS = 0, 1, 2  # as ``vectorstore.embedded`` numbers them
SIDES = 6  # question, headline or passage, each with and without the same piece on the other side
_MASKED = -1e4  # added to attention logits of padding: finite in every number format

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")  # tokenizers refuses text that UTF-8 cannot hold
_MARKS = frozenset("ـ\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670")  # kashida, short vowels


class ReaderModelError(JudgeModelError):
    """The reader's weights cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one passage."""

    null: float
    """Logit that nothing in the passage answers."""
    sentences: tuple[float, ...]
    """For each sentence given, its logit; ``sentence - null`` are log odds, comparable across passages. What lies
    beyond the last token that is read, or has no token, is ``-inf``."""
    spans: tuple[tuple[int, int, float] | None, ...]
    """For each sentence its best answer span: offsets in the passage's text, and its probability among the spans
    of that sentence. None where the sentence was not read."""
    open: tuple[float, ...]
    """For each word of the question given, the probability that headline and passage leave it open."""


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
    """One layer of BERT, its three projections in one matrix."""

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
class Batch:
    """Tokens of several inputs, padded: each ``(n, length)``, numbers of int64."""

    ids: Tensor
    sides: Tensor
    sentences: Tensor
    """The number of the sentence a token belongs to, -1 for none."""
    words: Tensor
    """The number of the question's word a token belongs to, -1 for none."""


@dataclass(frozen=True, slots=True)
class Output:
    """float32: null ``(n,)``, sentences ``(n, s)``, words ``(n, w)``, starts and ends ``(n, length)``."""

    null: Tensor
    sentences: Tensor
    words: Tensor
    starts: Tensor
    ends: Tensor


class Reader(nn.Module):
    """The layers and the heads. The layers compute in the number format of their weights, the heads in float32."""

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
        """``embedded`` is ``(n, length, hidden)``; ``sentences`` and ``words`` are the most of any input."""
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
    """The weighted mean of the tokens inside each group, ``(n, groups, hidden)``; 0 for an empty group."""
    logits = weights[:, None, :].expand(inside.shape).masked_fill(~inside, _MASKED)
    return (logits.softmax(-1) * inside) @ states


class Embeddings:
    """The embedded model's first step: the vectors of tokens at their places, never trained.

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
        """The vectors of ``(n, length)`` tokens, float32."""
        states = F.embedding(ids, self.words).float() + self.places[: ids.shape[1]]
        return F.layer_norm(states, (self.shape.hidden,), self.gain, self.bias, self.shape.eps)


@dataclass(frozen=True, slots=True)
class Tokens:
    """One input, tokenised: lists of the same length, as in ``Batch``, and the places of the passage's tokens."""

    ids: list[int]
    sides: list[int]
    sentences: list[int]
    words: list[int]
    places: list[tuple[int, int]]
    """For a token of the passage its offsets in the passage's text, else (-1, -1)."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text's tokens, and for each its offsets in the text, without the space before a word."""

    ids: list[int]
    places: list[tuple[int, int]]


class Tokenising:
    """Makes the network's input of texts. Safe to share between threads: the tokenizer's state is never changed."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        vocabulary = self.tokenizer.get_vocab(with_added_tokens=True)
        # A piece at a word's beginning and the same within a word count as one; bare marks and letters do not count.
        self.same = [-1] * (max(vocabulary.values()) + 1)
        for piece, number in vocabulary.items():
            letters = piece.removeprefix("▁")
            if number > 3 and sum(map(str.isalnum, letters)) > 1:
                self.same[number] = vocabulary.get(letters, number)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Tokens of each text as it reads without short vowels, which little that was trained on has."""
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
        """``question`` with its words, ``passage`` with its sentences; what is too long is cut from the end."""
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
    """Offsets of ``text`` as ``places`` says, without the space before a word, which the tokenizer counts to it."""
    found = []
    for start, end in offsets:
        while start < end and text[start].isspace():
            start += 1
        found.append((places[start], places[end]))
    return found


def _numbers(places: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[int]:
    """For each token the number of the span that it lies in (the first where spans overlap), -1 for none."""
    found = []
    for start, end in places:
        inside = (i for i, span in enumerate(spans) if start < span.end and end > span.start and start < end)
        found.append(next(inside, -1))
    return found


def collate(inputs: Sequence[Tokens]) -> Batch:
    """Inputs as one batch, its length a multiple of ``STEP``."""
    longest = -(-max(len(tokens.ids) for tokens in inputs) // STEP) * STEP

    def padded(rows: Iterable[list[int]], filler: int) -> Tensor:
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])

    return Batch(
        padded((tokens.ids for tokens in inputs), PAD),
        padded((tokens.sides for tokens in inputs), 4),
        padded((tokens.sentences for tokens in inputs), -1),
        padded((tokens.words for tokens in inputs), -1),
    )


def best_span(starts: NDArray[np.float32], ends: NDArray[np.float32]) -> tuple[int, int, float]:
    """The likeliest span of tokens ``[first, last]`` and its probability among all of at most ``SPAN`` tokens."""
    logits = starts[:, None] + ends[None, :]
    distance = np.arange(len(ends))[None, :] - np.arange(len(starts))[:, None]
    logits = np.where((distance >= 0) & (distance < SPAN), logits, -np.inf)
    best = int(logits.argmax())
    total = float(np.exp(logits - logits.flat[best]).sum())
    return best // len(ends), best % len(ends), 1.0 / total


class ReaderModel:
    """The trained reader with its tokenizer, safe to share between threads."""

    def __init__(
        self, tokenising: Tokenising, embeddings: Embeddings, reader: Reader, recipe: str, threads: int = 1
    ) -> None:
        self.recipe = recipe
        """Names the network and its weights; the number format may differ."""
        self._tokenising = tokenising
        self._embeddings = embeddings
        self._reader = reader.eval()
        self._threads = threads

    @classmethod
    def load(cls, folder: Path, *, weights: Path | None = None, threads: int = 1) -> ReaderModel:
        """The reader over the embedded model in ``folder`` (``vectorstore.embedded.convert``).

        ``threads`` inputs are read side by side, each in torch's own number of threads. Raises ReaderModelError.
        """
        file = weights or WEIGHTS
        try:
            shape = Shape.of(folder)
            recipe = f"{NAME}-{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"
            reader = Reader(shape)
            reader.load_state_dict(dequantised(load_file(file)))
            reader.layers.to(torch.bfloat16 if bfloat16_pays() else torch.float32)
            return cls(Tokenising(folder), Embeddings(folder, shape), reader, recipe, threads)
        except Exception as error:  # safetensors and tokenizers raise bare exceptions
            if isinstance(error, MemoryError):
                raise
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ReaderModelError(f"the reader's weights {file} cannot be read ({reason[:200]})") from error

    def read(
        self, question: str, words: Sequence[Span], passages: Sequence[tuple[str, str, Sequence[Span]]]
    ) -> list[Reading]:
        """What each passage says to the question, in the order given.

        ``words`` are spans of the question; a passage is its headline, its text, and its sentences as spans of the
        text. Of a question 128 tokens are read, of a headline 64, of the text what is left of 512.
        """
        if not passages:
            return []
        texts = [part for headline, text, _ in passages for part in (headline, text)]
        asked, *encoded = self._tokenising.encode([question, *texts])
        inputs = [
            self._tokenising.join((asked, words), encoded[2 * i], (encoded[2 * i + 1], sentences))
            for i, (_, _, sentences) in enumerate(passages)
        ]
        shares = _shares([len(tokens.ids) for tokens in inputs], self._threads)

        def read(share: list[int]) -> list[Reading]:
            return self._read([inputs[i] for i in share], [len(passages[i][2]) for i in share], len(words))

        if len(shares) == 1:
            parts = [read(shares[0])]
        else:
            with ThreadPoolExecutor(len(shares), "reader") as pool:
                parts = list(pool.map(read, shares))
        found = {
            i: reading
            for share, part in zip(shares, parts, strict=True)
            for i, reading in zip(share, part, strict=True)
        }
        return [found[i] for i in range(len(passages))]

    def _read(self, inputs: Sequence[Tokens], counts: Sequence[int], words: int) -> list[Reading]:
        batch = collate(inputs)
        with torch.inference_mode():
            output = self._reader(self._embeddings(batch.ids), batch, max(1, *counts), max(1, words))
            opened = output.words.sigmoid().tolist()
        starts, ends = output.starts.numpy(), output.ends.numpy()
        nulls, logits = output.null.tolist(), output.sentences.tolist()
        return [
            Reading(
                nulls[row],
                tuple(logits[row][: counts[row]]),
                tuple(_span(tokens, i, starts[row], ends[row]) for i in range(counts[row])),
                tuple(opened[row][:words]),
            )
            for row, tokens in enumerate(inputs)
        ]


@lru_cache(maxsize=1)
def shared(folder: Path) -> ReaderModel:
    """The reader over the embedded model in ``folder``, loaded once a process, reading on all cores. Raises
    ReaderModelError."""
    reader = ReaderModel.load(folder, threads=cores())
    reader.read(
        "متى؟", [Span(0, 3)], [("مقال", "مقطع قصير.", [Span(0, 10)])]
    )  # the first read prepares the rest
    return reader


def _span(
    tokens: Tokens, sentence: int, starts: NDArray[np.float32], ends: NDArray[np.float32]
) -> tuple[int, int, float] | None:
    inside = [i for i, number in enumerate(tokens.sentences) if number == sentence]
    if not inside:
        return None
    first, last, probability = best_span(starts[inside], ends[inside])
    return tokens.places[inside[first]][0], tokens.places[inside[last]][1], probability


def _shares(lengths: Sequence[int], threads: int) -> list[list[int]]:
    """The numbers of the inputs, shared out so that each thread has about as many tokens."""
    shares: list[list[int]] = [[] for _ in range(min(threads, len(lengths)))]
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        min(shares, key=lambda share: sum(lengths[j] for j in share)).append(i)
    return shares


def quantised(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices whose rows are whole blocks, in 8 bits beside their scales; the rest in float32."""
    found = {}
    for name, tensor in state.items():
        values = tensor.detach().float().cpu()
        if values.ndim != 2 or values.shape[1] % BLOCK:
            found[name] = values.contiguous()
            continue
        blocks = values.view(values.shape[0], -1, BLOCK)
        scales = (blocks.abs().amax(-1) / 127).clamp_min(1e-7).half()
        found[f"{name}.int8"] = (
            (blocks / scales.float()[..., None]).round().clamp(-127, 127).to(torch.int8).view(values.shape)
        )
        found[f"{name}.scale"] = scales
    return found


def dequantised(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of ``quantised``, in float32."""
    found = {}
    for name, tensor in state.items():
        if name.endswith(".int8"):
            scales = state[f"{name.removesuffix('.int8')}.scale"].float()
            blocks = tensor.view(tensor.shape[0], -1, BLOCK).float() * scales[..., None]
            found[name.removesuffix(".int8")] = blocks.view(tensor.shape)
        elif not name.endswith(".scale"):
            found[name] = tensor
    return found


def save(reader: Reader, file: Path) -> None:
    """The reader's weights, in 8 bits; the file appears under its name once it is complete."""
    work = file.with_name(f".{file.name}.part")
    save_file(quantised(reader.state_dict()), work, metadata={"format": str(FORMAT)})
    work.chmod(0o644)
    work.replace(file)


def embedded_layers(folder: Path, shape: Shape) -> dict[str, Tensor]:
    """The embedded model's own layers, under the names of ``Reader``: where training starts."""
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
