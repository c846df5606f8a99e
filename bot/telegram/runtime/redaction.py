"""Redaction of the bot's token in everything that is logged."""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
import types
from collections.abc import Iterable
from typing import Literal

# As it stands in request addresses (bot123:AA…), in repr(bot) and by itself.
_TOKEN = re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}")
_IN_ADDRESS = re.compile(r"\bbot\d+:[A-Za-z0-9_-]+")
HIDDEN = "«token»"
_WITH_WORDS = {
    "telegram.request": logging.CRITICAL,
    "telegram.Bot": logging.INFO,
    "telegram.ext.ExtBot": logging.INFO,
    "telegram.ext.Application": logging.INFO,
    "telegram.ext.AIORateLimiter": logging.CRITICAL,
    **dict.fromkeys(
        ("openai", "anthropic", "ollama", "langchain", "langchain_core", "langsmith", "chromadb"),
        logging.INFO,
    ),
}
"""Loggers of libraries, and the level below which each is silent at any setting.

They write down what people write, or a traceback for every request to wait.
"""


class Redaction(logging.Filter):
    """A logging filter that removes tokens from a record: its message, arguments, traceback and stack."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> Literal[True]:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # a log call whose arguments do not fit must not end the program
            message = f"{record.msg} {record.args}"
        record.msg, record.args = self.redact(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        # Without exc_info no formatter of another handler can format the exception anew; exc_text stays.
        record.exc_info = None
        if record.exc_text:
            record.exc_text = self.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redact(record.stack_info)
        return True

    def redact(self, text: str) -> str:
        """Return the text without the secrets given and without anything shaped like a bot's token."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, _IN_ADDRESS.sub(f"bot{HIDDEN}", text))


def redact_tracebacks(token: str, *others: str) -> None:
    """Remove these secrets from the traceback of any error that ends the process or a thread from now on."""
    redaction = _redaction(token, *others)

    def show(
        kind: type[BaseException], error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        sys.stderr.write(redaction.redact("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = show
    threading.excepthook = lambda ended: show(ended.exc_type, ended.exc_value, ended.exc_traceback)


def log_to_stderr(level: str, token: str, *others: str) -> logging.Handler:
    """Log to standard error, redacted, and return the handler, already added to the root logger."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_redaction(token, *others))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    if level != "DEBUG":  # one line a request, many a minute
        for chatty in ("httpx", "httpcore", "telegram.ext"):
            logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    for name, least in _WITH_WORDS.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    return handler


def _redaction(token: str, *others: str) -> Redaction:
    return Redaction((token, token.partition(":")[2], *others))
