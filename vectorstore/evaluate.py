"""Retrieval evaluation (`musnad eval`) on questions whose paragraph is known (SQuAD JSON).

The paragraphs go through the product's own path — archive, chunks, index — in a data directory of their own.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article, Block, Span
from corpus.errors import MusnadError
from corpus.store import Archive
from vectorstore.embed import Embedder
from vectorstore.index import POOL, Found, Hit, Index, Progress

BATCH = 64
"""Questions encoded at a time."""

STAGES: Mapping[str, Callable[[Hit], float]] = {
    "dense": lambda hit: hit.dense,
    "lexical": lambda hit: hit.bm25,
    "fused": lambda hit: hit.score,
}


class EvaluationError(MusnadError):
    """A file holds no questions in SQuAD's form: the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the pool, with the titled entry that contains it."""

    entry: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, with the position in the pool of the paragraph that answers it."""

    text: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class Pool:
    """The paragraphs and questions of a SQuAD file. A paragraph that occurs twice is one paragraph."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[LabelledQuestion, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """A pool with its archive and its index."""

    pool: Pool
    archive: Archive
    index: Index
    articles: tuple[str, ...]
    """Ids of the articles that hold the paragraphs of the pool, one for each paragraph."""

    def ask(self, k: int = 2 * POOL) -> Iterator[tuple[LabelledQuestion, Found]]:
        """Yield every question with its search result, encoded in batches."""
        for start in range(0, len(self.pool.questions), BATCH):
            batch = self.pool.questions[start : start + BATCH]
            vectors = self.index.encode([asked.text for asked in batch])
            for asked, vector in zip(batch, vectors, strict=True):
                yield asked, self.index.find(asked.text, k, vector=vector)


def evaluate(
    squad: Mapping[str, Any], embedder: Embedder, progress: Progress | None = None
) -> dict[str, Any]:
    """Return nDCG@10, R@1, R@5 and MRR@10 of the dense, the lexical and the fused ranking.

    ``seconds`` counts everything from the first paragraph to the last rank except the loading of the model.
    Raises EvaluationError when ``squad`` is not SQuAD.
    """
    pool = read_pool(squad)
    embedder.queries([pool.questions[0].text])
    started = time.perf_counter()
    ranks: dict[str, list[int | None]] = {stage: [] for stage in STAGES}
    with library(pool, embedder, progress) as indexed:
        for asked, found in indexed.ask():
            for stage, score in STAGES.items():
                ranks[stage].append(rank(found.hits, score, indexed.articles[asked.paragraph]))
    return {
        "questions": len(pool.questions),
        "passages": len(pool.paragraphs),
        **{stage: measures(found) for stage, found in ranks.items()},
        "seconds": round(time.perf_counter() - started, 2),
    }


def rank(hits: Sequence[Hit], score: Callable[[Hit], float], article: str) -> int | None:
    """Return the place of ``article`` in the ranking, from 1; None when it was not found.

    Each article stands at its best passage. A score of 0 or less does not count as found.
    """
    ordered = sorted((hit for hit in hits if score(hit) > 0), key=lambda hit: (-score(hit), hit.chunk.id))
    places = dict.fromkeys(hit.article.id for hit in ordered)
    return next((place for place, found in enumerate(places, 1) if found == article), None)


def measures(ranks: Sequence[int | None]) -> dict[str, float]:
    """Return the means over all questions, each with one right paragraph: so nDCG@10 is 1 / log2(1 + rank)."""
    top = [place for place in ranks if place is not None and place <= 10]
    count = max(len(ranks), 1)
    return {
        "ndcg@10": round(sum(1 / math.log2(1 + place) for place in top) / count, 4),
        "r@1": round(sum(place <= 1 for place in top) / count, 4),
        "r@5": round(sum(place <= 5 for place in top) / count, 4),
        "mrr@10": round(sum(1 / place for place in top) / count, 4),
    }


def read_squad(path: Path) -> dict[str, Any]:
    """Return the JSON object in ``path``. Raises EvaluationError when there is none."""
    try:
        squad = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{path}: not JSON ({error.msg}, line {error.lineno})") from error
    if not isinstance(squad, dict):
        raise EvaluationError(f'{path}: not SQuAD: an object with a "data" list is expected')
    return squad


def read_pool(squad: Mapping[str, Any]) -> Pool:
    """Return the paragraphs and questions of a SQuAD object.

    They are read from ``data[].paragraphs[].{context, qas[].question}``.
    """
    paragraphs: dict[str, int] = {}
    held: list[Paragraph] = []
    questions: list[LabelledQuestion] = []
    for number, entry in enumerate(_list(squad, "data", "the file")):
        where = f"entry {number + 1}"
        title = str(entry.get("title") or "") if isinstance(entry, Mapping) else ""
        for each in _list(entry, "paragraphs", where):
            text = _text(each, "context", where)
            if text not in paragraphs:
                paragraphs[text] = len(held)
                held.append(Paragraph(number, title, text))
            questions += [
                LabelledQuestion(_text(qa, "question", where), paragraphs[text])
                for qa in _list(each, "qas", where)
            ]
    if not questions:
        raise EvaluationError("not SQuAD: there is no question in it")
    return Pool(tuple(held), tuple(questions))


@contextmanager
def library(pool: Pool, embedder: Embedder, progress: Progress | None = None) -> Iterator[Library]:
    """Yield the pool in an archive and an index of its own, deleted at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="musnad-eval-") as folder,
        Archive(Path(folder) / "archive.sqlite") as archive,
        Index(Path(folder), archive, embedder) as index,
    ):
        articles = _store(pool, archive, index)
        index.sync(progress)
        yield Library(pool, archive, index, articles)


def _store(pool: Pool, archive: Archive, index: Index) -> tuple[str, ...]:
    """Store each titled entry as a file, each of its paragraphs as an article under that title."""
    entries: dict[int, list[Article]] = {}
    ids: list[str] = []
    texts: dict[int, str] = {}
    for each in pool.paragraphs:
        source, before = f"entry {each.entry + 1}", texts.get(each.entry, "")
        article = Article(
            source=source,
            part=len(entries.setdefault(each.entry, [])),
            title=each.title,
            body=each.text,
            blocks=tuple(_blocks(each.text)),
            kept=(Span(len(before), len(before) + len(each.text)),),
        )
        entries[each.entry].append(article)
        texts[each.entry] = f"{before}{each.text}\n\n"
        ids.append(article.id)
    for entry, articles in entries.items():
        source = articles[0].source
        archive.add_file(source, str(entry), texts[entry], articles, index.chunk, recipe=index.chunk_recipe)
    return tuple(ids)


def _blocks(text: str) -> Iterator[Block]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield Block(at, at + len(line), "paragraph")
        at += len(line) + 1


def _list(of: object, key: str, where: str) -> list[Any]:
    value = of.get(key) if isinstance(of, Mapping) else None
    if not isinstance(value, list):
        raise EvaluationError(f'not SQuAD: {where} has no list "{key}"')
    return value


def _text(of: object, key: str, where: str) -> str:
    value = of.get(key) if isinstance(of, Mapping) else None
    if not isinstance(value, str) or not value.strip():
        raise EvaluationError(f'not SQuAD: {where} has a "{key}" that is missing or empty')
    return value.strip()
