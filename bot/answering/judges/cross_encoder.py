"""Judge with a cross-encoder of sentence-transformers, which reads question and sentence together.

It works beside the base judge and scores its best sentences, each with its headline and the sentence before it.
The weight of that score in the rank and in the probability is fitted on the archive (``musnad calibrate``); until
then see ``UNFITTED``.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.answering import features
from bot.answering.calibrating.calibration import Parameters, log_odds
from bot.answering.fitted import sigmoid
from bot.answering.judges import Judge, Judged, JudgeModelError
from bot.answering.judges.linear import (
    JUDGED,
    MOST_WHEN_BARRED,
    UNSURE,
    Seen,
    is_barred,
    left_open,
)
from corpus.errors import MusnadError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from bot.answering.candidates import Candidate
    from bot.answering.question import Query

log = logging.getLogger(__name__)

BEST = 24
"""Number of sentences scored, the first of the base judge's ranking. Each costs a forward pass of the model."""
BEFORE = 300
"""Maximum characters of the sentence before, kept from its end.

A long one must not push the sentence itself out of the input.
"""
UNFITTED = Parameters(rank=2.0)
"""Parameters before any calibration.

The scale of a model's scores is not known, so they are standardised within each question, and two log odds per
standard deviation let them outweigh all but a clear lead of the base judge. They say nothing about probability
yet: a model that nobody has tried here may reorder sentences, but makes none surer.
"""

_BATCH = 8


class ScoringError(MusnadError):
    """Raised when a model could not score its input."""


class Scorer(Protocol):
    """A model that scores pairs of question and text: the higher, the better the text answers."""

    @property
    def recipe(self) -> str:
        """Name and digest of the model."""
        ...

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the logit of each pair, finite. Raises ScoringError."""
        ...


class CrossEncoderJudge:
    """Judge that combines the judgement of ``base`` with the scores that ``scorer`` gives its best sentences.

    Safe to share between threads when both are.
    """

    def __init__(self, base: Judge, scorer: Scorer, parameters: Parameters = UNFITTED) -> None:
        self.base = base
        """The judge that is asked first; its ranking decides which sentences are scored."""
        self._scorer = scorer
        self._parameters = parameters

    @property
    def recipe(self) -> str:
        return f"cross-encoder {self._scorer.recipe}, over {self.base.recipe}"

    def fitted(self, parameters: Parameters) -> CrossEncoderJudge:
        """Return the same judge with other parameters."""
        return CrossEncoderJudge(self.base, self._scorer, parameters)

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        """Return every candidate, best first. When the model fails, log it and return the base judge's result."""
        judged = self.base.judge(query, candidates)
        try:
            scores = self.scores(query, judged)
        except ScoringError as error:
            log.warning("%s did not judge: %s", self._scorer.recipe, error)
            return judged
        return joined(query, judged, scores, self._parameters)

    def scores(self, query: Query, judged: Sequence[Judged]) -> list[float]:
        """Score the first ``BEST`` sentences of the base judge's ranking. Raises ScoringError."""
        return self._scorer.scores([pair(query, each.candidate) for each in judged[:BEST]])


def pair(query: Query, candidate: Candidate) -> tuple[str, str]:
    """Return the model's input: the question in standard words; headline, the sentence before, the sentence."""
    before = features.before(candidate)[-BEFORE:]
    text = " ".join(filter(None, (before, candidate.text)))
    return query.searched, "\n".join(filter(None, (candidate.article.title, text)))


def standardised(scores: Sequence[float], count: int, parameters: Parameters) -> list[float]:
    """Return the scores of ``count`` sentences in standard deviations, -5 … 5.

    A sentence that was not scored has the least of those that were.
    """
    if not scores:
        return [0.0] * count
    mean, scale = parameters.mean, parameters.scale
    if mean is None:
        mean = sum(scores) / len(scores)
        scale = math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
    found = [max(-5.0, min(5.0, (score - mean) / max(scale, 1e-6))) for score in scores]
    return found + [min(found)] * (count - len(found))


def joined(
    query: Query, judged: Sequence[Judged], scores: Sequence[float], parameters: Parameters
) -> list[Judged]:
    """Combine the base judge's result with the scores of its first sentences."""
    found = []
    for each, score in zip(judged, standardised(scores, len(judged), parameters), strict=True):
        odds = parameters.odds(log_odds(each.probability), score)
        found.append((each.rank + parameters.rank * score, sigmoid(odds), each))
    found.sort(key=lambda pair: -pair[0])
    return [_judged(query, *pair) for pair in found[:JUDGED]] + [
        replace(each, rank=rank, probability=0.0) for rank, _, each in found[JUDGED:]
    ]


def _judged(query: Query, rank: float, probability: float, each: Judged) -> Judged:
    """Return the sentence with its new rank, its probability within the limit, and any words left open.

    The probability is no more than any judge may give. Words left open are added for a sentence that the base
    judge ranked too low to have them.
    """
    if is_barred(query, each.candidate):
        probability = min(probability, MOST_WHEN_BARRED)
    opens = each.open
    if not each.probability and not opens:
        opens = left_open(query, Seen(each.candidate, {}), probability < UNSURE)
    return replace(each, rank=rank, probability=probability, open=opens)


# --- the model -----------------------------------------------------------------------------------------------------


class Model:
    """A loaded CrossEncoder, safe to share between threads."""

    def __init__(self, model: CrossEncoder, recipe: str, workers: int = 1) -> None:
        self.recipe = recipe
        self._model = model
        self._workers = workers if model.device.type == "cpu" else 1
        self._tokenizing = threading.Lock()  # a fast tokenizer keeps its padding and truncation as state
        self._prompt = model.prompts.get(model.default_prompt_name) if model.default_prompt_name else None

    @classmethod
    def load(cls, name: str, models: Path) -> Model:
        """Load the cross-encoder from a folder or by its name on the Hub; one downloaded before needs no network.

        ``models`` is the folder of the embedded model, with which the number format is measured. Raises JudgeModelError
        and EmbeddingModelError.
        """
        from vectorstore.embed import embedded_folder
        from vectorstore.models import loading

        folder = embedded_folder(models)
        try:
            model = loading.find(name, lambda path, local: _open(path, folder, local), "cross-encoder")
            if (scores := model.num_labels) != 1:
                raise ValueError(f"it gives {scores} scores for a pair, not one")
        except loading.problems() as error:
            raise JudgeModelError(
                f"the judge {name!r} cannot be loaded ({loading.reason(error)}): check MUSNAD_JUDGE, which takes "
                "a folder or a name of a sentence-transformers cross-encoder; unset it for musnad's own judge"
            ) from error
        own = Path(name).expanduser()
        shown = own.resolve().name if own.is_dir() else name
        return cls(model, f"{shown} {loading.digest(name, model)}".strip(), loading.cores())

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the logit of each pair. Raises ScoringError, also when a score is not finite."""
        order = sorted(range(len(pairs)), key=lambda i: -sum(map(len, pairs[i])))
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        found = [0.0] * len(pairs)
        try:
            with ThreadPoolExecutor(self._workers, "judge") as pool:
                scored = pool.map(lambda batch: self._scored([pairs[i] for i in batch]), batches)
                for batch, scores in zip(batches, scored, strict=True):
                    for i, score in zip(batch, scores, strict=True):
                        found[i] = score
        except (RuntimeError, ValueError, LookupError, TypeError) as error:
            raise ScoringError(" ".join(str(error).split())[:200] or type(error).__name__) from error
        if not all(map(math.isfinite, found)):
            raise ScoringError("a score is no number")
        return found

    def _scored(self, pairs: list[tuple[str, str]]) -> list[float]:
        import torch

        with self._tokenizing:
            inputs = self._model.preprocess(pairs, prompt=self._prompt)
        device = self._model.device
        moved = {key: each.to(device) if hasattr(each, "to") else each for key, each in inputs.items()}
        with torch.inference_mode():
            scores: list[float] = self._model(moved)["scores"].float().flatten().tolist()
        return scores


def _open(path: str, folder: Path, local: bool) -> CrossEncoder:
    from vectorstore.models import loading

    dtype = loading.prepare_libraries(folder)
    from sentence_transformers import CrossEncoder

    model: CrossEncoder = CrossEncoder(path, local_files_only=local, model_kwargs={"dtype": dtype}).eval()
    named = getattr(model.config, "architectures", None) or [""]
    if len(model) == 1 and not named[0].endswith(("ForSequenceClassification", "ForCausalLM")):
        raise ValueError("it is no cross-encoder: it has no layer that scores")
    return model
