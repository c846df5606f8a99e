"""musnad: sourced answers from a news archive, in a terminal, in Telegram and from Python.

    from bot import Musnad, Settings

    with Musnad(Settings(data="data")) as musnad:
        print(musnad.ask("متى انضمت سوريا إلى التحالف؟").text)

cli             the command ``musnad``; ``loading`` loads the model while somebody types, ``failures`` turns an
                exception into a line, ``version`` tells which musnad this is
build           puts the parts together as ``settings`` says; ``filling`` completes the index meanwhile
answering       from a question to an answer; ``conversation`` remembers what was said before
answer          what is answered: an Answer with its Quotes; ``opening`` is its first line
quotes          the gate: nothing is shown but slices of stored articles; ``claim`` checks what somebody quotes,
                ``permalink`` finds a quote again
state           the file ``bot.sqlite``
backup          backups of the data folder while it is in use
following       the sources that are followed: what they have new comes in
render          answers as text, JSON and Telegram messages
telegram        the bot
llm             the chat model
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.answer import Answer, Quote, Refusal
    from bot.answering.pipeline import Question
    from bot.build import Musnad
    from bot.settings import Settings
    from corpus.errors import MusnadError

__all__ = ["Answer", "Musnad", "MusnadError", "Question", "Quote", "Refusal", "Settings"]

_MODULES = {
    "Answer": "bot.answer",
    "Musnad": "bot.build",
    "MusnadError": "corpus.errors",
    "Question": "bot.answering.pipeline",
    "Quote": "bot.answer",
    "Refusal": "bot.answer",
    "Settings": "bot.settings",
}


def __getattr__(name: str) -> object:
    """Imports what is asked for only then: `import bot` brings neither a model nor a client."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
