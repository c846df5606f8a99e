"""The newest texts of questions that were edited."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message

from bot.telegram.chats.context import sender_id
from bot.telegram.runtime.recent import Latest


@dataclass(frozen=True, slots=True)
class _Revision:
    user: int
    text: str


class Revisions:
    """The newest texts of edited questions, whatever is still being worked on; kept in memory only."""

    def __init__(self) -> None:
        self._revisions: Latest[tuple[int, int], _Revision] = Latest()

    def note(self, message: Message, question: str) -> None:
        """Store the text that a question has now."""
        self._revisions[message.chat.id, message.message_id] = _Revision(sender_id(message), question)

    def settle(self, message: Message, question: str) -> None:
        """Drop the stored text of a question that has been answered, unless it was edited again since."""
        if self.newest(message, "") == question:
            self._revisions.pop((message.chat.id, message.message_id), None)

    def newest(self, message: Message, question: str) -> str:
        """Return a question's text after its latest stored edit; ``question`` when none is stored."""
        revision = self._revisions.get((message.chat.id, message.message_id))
        return revision.text if revision else question

    def forget(self, user: int) -> None:
        """Drop the stored edits to a user's questions."""
        for key in [key for key, revision in self._revisions.items() if revision.user == user]:
            del self._revisions[key]
