"""The update that is being worked on, for what needs to know it further down: deliveries and stored answers."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Work:
    """One update's work. ``failure``: the error that ended it, when it is to be tried again."""

    update_id: int
    failure: Exception | None = None


current: ContextVar[Work | None] = ContextVar("musnad_work", default=None)


def update_id() -> int:
    """The number of the update at work; 0 outside of one."""
    work = current.get()
    return work.update_id if work else 0
