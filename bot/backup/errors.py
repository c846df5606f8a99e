"""What can go wrong with a backup, said in the user's language by the message ``backup_REASON``."""

from __future__ import annotations

from corpus.errors import MusnadError
from prompts import Language, say


class BackupError(MusnadError):
    """A backup that cannot be made or restored; nothing that was there before has changed.

    ``reason`` and ``values`` name the message and its variables. As a string, the message in English.
    """

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values

    def said(self, language: Language) -> str:
        return say(f"backup_{self.reason}", language, **self.values)

    def __str__(self) -> str:
        return self.said("en")
