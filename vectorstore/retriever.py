"""The index as a LangChain retriever."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from corpus.store import Filter
from vectorstore.index import Hit, Index


class PassageRetriever(BaseRetriever):
    """The ``k`` best passages for a question. ``ainvoke`` works in a thread, off the event loop."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    k: int = 10
    where: Filter | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [document(hit) for hit in self.index.search(query, self.k, self.where)]


def document(hit: Hit) -> Document:
    """A hit in LangChain's words: ``page_content`` is the passage verbatim, a slice of its article's body."""
    return Document(
        id=hit.chunk.id,
        page_content=hit.text,
        metadata={
            "chunk": hit.chunk.id,
            "article": hit.article.id,
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "title": hit.article.title,
            "publisher": hit.article.publisher,
            "published": hit.article.published.date,
            "score": hit.score,
            "dense": hit.dense,
            "lexical": hit.lexical,
            "bm25": hit.bm25,
        },
    )
