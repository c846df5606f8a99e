"""The update being processed, for code further down that needs it: deliveries and stored answers."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


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


current: ContextVar[Work | None] = ContextVar("musnad_work", default=None)


def update_id() -> int:
    """Return the ID of the update being processed; 0 outside of one."""
    work = current.get()
    return work.update_id if work else 0


def has_waited() -> bool:
    """Return whether the update being processed has waited for some time already."""
    work = current.get()
    return work is not None and work.waited
