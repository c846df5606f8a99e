"""Protocol of a feature of the bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from telegram.ext import BaseHandler


class Feature(Protocol):
    """A feature of the bot: its handlers, of which the first that matches an update handles it."""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of update that the handlers need."""

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]: ...
