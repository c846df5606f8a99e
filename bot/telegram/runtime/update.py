"""The update being processed: its work, and the context in which the library hands it to the handlers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from telegram import CallbackQuery, Message, Update
from telegram.ext import Application, CallbackContext, ExtBot


@dataclass
class Work:
    """The processing of one update and its outcome.

    Without ``failure``, ``final`` and ``postponed``, the update is done.
    """

    update_id: int
    waited: bool = False
    """Whether it has waited for some time already; then its sender is not turned away."""
    since: float | None = None
    """When it was sent or received; Unix seconds."""
    let_in: bool = False
    """Whether the rate limits have let it through, now or in an earlier attempt."""
    failure: Exception | None = None
    """The error that ended the attempt; the update is retried, and set aside the third time."""
    final: bool = False
    """Whether retrying after ``failure`` is useless."""
    postponed: bool = False
    """Whether it could not be processed through no fault of its own; it waits, and no failure is counted."""


class Works:
    """The work on every update that is being processed, by update ID: the application's ``bot_data``."""

    def __init__(self) -> None:
        self._processed: dict[int, Work] = {}

    @contextmanager
    def processing(self, work: Work) -> Iterator[None]:
        """Hold the work on an update until the block ends, so that the contexts of its handlers have it."""
        self._processed[work.update_id] = work
        try:
            yield
        finally:
            del self._processed[work.update_id]

    def of(self, update_id: int) -> Work:
        """Return the work on an update; raise KeyError when the update is not being processed."""
        return self._processed[update_id]


class UpdateContext(CallbackContext[ExtBot[Any], Any, Any, Works]):
    """The library's context for a handler, with the work on its update."""

    work: Work

    @classmethod
    def from_update(cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]) -> Self:
        """Return the context of an update that is being processed, for its handlers and its error handler."""
        assert isinstance(update, Update), "the dispatcher passes nothing else"
        context = super().from_update(update, application)
        context.work = application.bot_data.of(update.update_id)
        return context


def message_of(update: Update) -> Message:
    """Return the message of an update, for handlers whose filters take new messages only."""
    assert update.message is not None, "the filters take messages only"
    return update.message


def query_of(update: Update) -> CallbackQuery:
    """Return the callback query of an update, for handlers that take nothing else."""
    assert update.callback_query is not None, "the handlers take buttons only"
    return update.callback_query
