"""The index as LangChain sees it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.store import Filter
from tests.vectorstore.test_index import BRIDGE, WordEmbedder, four, opened, put
from vectorstore.index import Index
from vectorstore.retriever import PassageRetriever


@pytest.fixture
def index(tmp_path: Path, place: str | None) -> Iterator[Index]:
    embedder = WordEmbedder()
    with opened(tmp_path, embedder) as (archive, index):
        put(archive, embedder, *four())
        index.sync()
        yield index


def test_documents_are_passages_verbatim_with_their_source(index: Index) -> None:
    documents = PassageRetriever(index=index, k=3).invoke("كم يبلغ طول الجسر المعلق فوق النهر؟")
    assert len(documents) == 3
    best = documents[0]
    assert best.page_content == BRIDGE
    assert best.page_content == BRIDGE[best.metadata["start"] : best.metadata["end"]]
    assert best.metadata["publisher"] == "وكالة النهر"
    assert best.metadata["published"] == "2025-03-01"
    assert best.metadata["title"] == "خبر"
    assert best.id == best.metadata["chunk"] == f"{best.metadata['article']}:0-{len(BRIDGE)}"
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)


def test_a_filter_goes_with_it(index: Index) -> None:
    retriever = PassageRetriever(index=index, where=Filter(publishers=frozenset({"جريدة المدينة"})))
    assert [document.metadata["publisher"] for document in retriever.invoke("الجسر")] == ["جريدة المدينة"]


async def test_asked_from_an_event_loop_it_works_off_the_loop(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    search = Index.search

    def watched(self: Index, question: str, k: int = 10, where: Filter | None = None) -> object:
        threads.append(threading.get_ident())
        return search(self, question, k, where)

    monkeypatch.setattr(Index, "search", watched)
    retriever = PassageRetriever(index=index, k=1)
    found = await asyncio.gather(*(retriever.ainvoke("طول الجسر المعلق") for _ in range(3)))
    assert all(documents[0].page_content == BRIDGE for documents in found)
    assert threading.get_ident() not in threads
