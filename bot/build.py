"""The one place where the parts are put together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from bot.ask import Asker
from bot.conversation import Conversations
from bot.llm import ChatModel
from bot.settings import Settings
from corpus.store import Archive

if TYPE_CHECKING:
    from corpus.ingest import Report
    from vectorstore.embed import Embedder
    from vectorstore.index import Index

Progress = Callable[[str, int, int], None]
"""Called with the stage (``read`` or ``embed``), what is done and what there is to do."""


class Musnad:
    """Everything that answers, over one data directory. Opening is quick: the model loads at ``load`` or when first
    needed."""

    def __init__(self, settings: Settings, *, llm: bool = True) -> None:
        self.settings = settings
        settings.data.mkdir(parents=True, exist_ok=True)
        self.archive = Archive(settings.data / "archive.sqlite")
        self._llm = llm and settings.llm is not None
        self._lock = threading.RLock()

    @cached_property
    def embedder(self) -> Embedder:
        from vectorstore.embed import load_embedder

        with self._lock:
            return load_embedder(
                self.settings.data / "models",
                model=self.settings.embedding_model,
                query_prompt=self.settings.embedding_query_prompt,
                passage_prompt=self.settings.embedding_passage_prompt,
            )

    @cached_property
    def index(self) -> Index:
        from vectorstore.index import Index

        with self._lock:
            return Index(self.settings.data, self.archive, self.embedder)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self.settings.data / "bot.sqlite", self.settings.conversation_turns)

    @cached_property
    def asker(self) -> Asker:
        with self._lock:
            chat_model = ChatModel(self.settings) if self._llm else None
            return Asker(self.archive, self.index, self.conversations, chat_model)

    def load(self) -> None:
        """Load the model and open the index, so that the first question finds them ready. Raises what opening
        raises: RecipeMismatchError, EmbeddingModelError."""
        with self._lock:
            self.index.check_recipe()
            self.index.encode([""])
            _ = self.asker.chain

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        samples: bool = False,
        prune: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Take files and folders into the archive and the index. Safe to repeat and to kill."""
        from corpus.ingest import ingest

        def read(done: int, total: int, name: str) -> None:
            if progress:
                progress("read", done, total)

        def embed(done: int, total: int) -> None:
            if progress:
                progress("embed", done, total)

        if samples:
            from corpus.samples import folder

            paths = [*paths, folder()]
        self.index.check_recipe()
        report = ingest(
            paths, self.archive, self.index.chunk, prune=prune, progress=read, recipe=self.index.chunk_recipe
        )
        self.index.sync(embed)
        return report

    def close(self) -> None:
        for name in ("index", "conversations"):
            if name in self.__dict__:
                getattr(self, name).close()
        self.archive.close()

    def __enter__(self) -> Musnad:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def build(settings: Settings, *, llm: bool = True) -> Musnad:
    """Everything that answers, for these settings."""
    return Musnad(settings, llm=llm)
