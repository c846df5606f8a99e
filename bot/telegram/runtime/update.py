"""The update that is being worked on, for what needs to know it further down: deliveries and stored answers."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Work:
    """One update's work, and what came of it. Without any of the three its work is done."""

    update_id: int
    waited: bool = False
    """Whether it has waited for some time already: nobody who has is turned away."""
    since: float | None = None
    """When it was sent, or came; Unix seconds."""
    let_in: bool = False
    """Whether it was found not to come too soon, now or when it was worked on before."""
    failure: Exception | None = None
    """The error that ended it: it is tried again, and the third time set aside."""
    final: bool = False
    """Whether there is no use in trying again after ``failure``."""
    postponed: bool = False
    """Whether it could not be worked on through no fault of its own: it waits, and nothing is counted."""


current: ContextVar[Work | None] = ContextVar("musnad_work", default=None)


def update_id() -> int:
    """The number of the update at work; 0 outside of one."""
    work = current.get()
    return work.update_id if work else 0


def has_waited() -> bool:
    """Whether the update at work has waited for some time already."""
    work = current.get()
    return work is not None and work.waited
