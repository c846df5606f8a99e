"""The index as a LangChain retriever."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from corpus.store import Filter
from vectorstore.hit import Found, Hit
from vectorstore.index import Index


class PassageRetriever(BaseRetriever):
    """Retriever of the ``k`` best passages for a question. ``ainvoke`` works in a thread, off the event loop."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    k: int = 10
    where: Filter | None = None

    def retrieve(
        self, question: str, *, expansions: Sequence[str] = (), where: Filter | None = None
    ) -> Found:
        """Return the passages with all their scores; ``invoke`` returns them as LangChain documents.

        ``expansions`` are further words for the lexical side; ``where`` replaces the retriever's own filter.
        """
        return self.index.find(question, self.k, where or self.where, expansions=expansions)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [document(hit) for hit in self.retrieve(query).hits]


def document(hit: Hit) -> Document:
    """Convert a hit to a LangChain document.

    ``page_content`` is the passage verbatim, a slice of its article's body.
    """
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
