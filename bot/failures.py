"""Expected errors, which are not faults of the program, and their one-line messages."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from bot.settings import NeedsError
from corpus.errors import MusnadError
from prompts import Language, say


class InputError(MusnadError):
    """Raised for input that cannot be used; the message says what, where and what to do."""


def expected() -> tuple[type[Exception], ...]:
    """Return the project's exceptions and those of files and disks.

    Meant for an ``except`` clause, which calls this only when something was raised.
    """
    import sqlite3

    return (MusnadError, sqlite3.Error, OSError)


def one_line(error: Exception) -> str:
    """Return the message of an expected exception on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def bad_setting(error: ValidationError, language: Language) -> str:
    """Return a message with the wrong variable and the values it takes. Omits its value, which may be a secret."""
    wrong = error.errors(include_url=False, include_input=False)[0]
    name = f"MUSNAD_{str(wrong['loc'][0]).upper()}" if wrong["loc"] else "MUSNAD_…"
    return say(
        "cli_bad_setting", language, name=name, needs=_needs(wrong["type"], wrong.get("ctx", {}), language)
    )


def _needs(kind: str, bounds: dict[str, Any], language: Language) -> str:
    if isinstance(needs := bounds.get("error"), NeedsError):
        return say(f"cli_needs_{needs}", language)
    if kind == "literal_error":
        return say(
            "cli_needs_one_of",
            language,
            choices=str(bounds["expected"]).replace("'", "").replace(" or ", ", "),
        )
    if kind in ("greater_than", "greater_than_equal"):
        return say(f"cli_needs_{kind}", language, bound=f"{bounds.get('gt', bounds.get('ge')):g}")
    if kind.startswith("bool"):
        return say("cli_needs_switch", language)
    if kind.startswith(("int", "float")):
        return say("cli_needs_number", language)
    return say("cli_needs_numbers" if kind == "value_error" else "cli_needs_other", language)
