"""What can go wrong without being a fault of the program, and the one line that says it."""

from __future__ import annotations

from pydantic import ValidationError

from bot.settings import Settings
from prompts import Language, say


class InputError(Exception):
    """What was given cannot be used; the message says what, where and what to do."""


def expected() -> tuple[type[Exception], ...]:
    """The exceptions of the house, and those of files and disks. For an ``except``, which asks only when needed."""
    import sqlite3

    from corpus.errors import ArchiveError
    from corpus.parse import ParseError
    from vectorstore.embedded import EmbeddingModelError
    from vectorstore.errors import VectorstoreError
    from vectorstore.evaluate import EvaluationError

    house = (InputError, ArchiveError, ParseError, VectorstoreError, EmbeddingModelError, EvaluationError)
    return (*house, sqlite3.Error, OSError)


def one_line(error: Exception) -> str:
    """The message of an expected exception, on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def bad_setting(error: ValidationError, language: Language) -> str:
    """Which variable is wrong and what it takes. What it holds is left out: it may be a secret."""
    wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = str(wrong["loc"][0]) if wrong["loc"] else ""
    about = Settings.model_fields[field].description if field in Settings.model_fields else None
    return say("cli_bad_setting", language, name=f"MUSNAD_{field.upper()}", about=about or "")
