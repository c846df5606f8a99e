"""Protocols of the core that the front end needs: questions are put to it, the archive and the state are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.answer import Answer
    from bot.answering.pipeline import Question
    from bot.build import Progress
    from bot.quotes import Articles
    from bot.state import State
    from vectorstore.index import IndexState


class Asks(Protocol):
    """Protocol of the object that answers questions: ``bot.answering.asker.Asker``."""

    def ask(self, question: Question) -> Answer: ...
    def new_conversation(self, key: str) -> None: ...
    def last_answer(self, key: str) -> Answer | None: ...


class Core(Protocol):
    """Protocol of the core that the front end needs: ``bot.build.Musnad``."""

    @property
    def asker(self) -> Asks: ...
    @property
    def archive(self) -> Articles: ...
    @property
    def state(self) -> State: ...
    @property
    def loaded(self) -> bool: ...
    @property
    def filling(self) -> bool:
        """Whether ``fill`` has yet to complete the index."""

    def fill(self, progress: Progress) -> bool:
        """Index a piece of what the archive has and the index lacks; return whether something is left."""

    def index_state(self) -> IndexState | None: ...
    def check_writable(self, wait: float) -> None:
        """Raise ArchiveError when a database cannot be written to within ``wait`` seconds."""
