"""How fresh the archive is, for the questions to which that matters.

It matters where a newer article could have changed the answer:

    the question asks for what is now or newest, or names a day that is near;
    it found no answer, and the time that it names is later than anything in the archive;
    it asks how things stand, and what it quotes comes from outlets that have brought nothing for a week;
    a followed source behind the quotes is silent or cannot be read, unless the question is about a time that is over.

Else nothing is said: the cards give the dates of the quotes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Answer, Freshness, Intake, Trouble
from bot.answering.question import Query
from bot.answering.question.tense import NEAR, last_day
from corpus.store import Archive

_MOST = 2
"""Most outlets that are named."""
_UNSOUGHT = ("empty_archive", "not_a_question")

Troubles = Callable[[], dict[str, tuple[Trouble, str]]]
"""A callback for the outlets of followed sources that are in trouble, and since when, as in ``Intake``."""


class Watch:
    """The watch on how fresh an archive is. Safe to use from any thread."""

    def __init__(
        self,
        archive: Archive,
        troubles: Troubles = dict,
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    ) -> None:
        self._archive = archive
        self._troubles = troubles
        self._now = now

    def freshness(
        self, query: Query, answer: Answer, today: datetime.date, outlet: str | None = None
    ) -> Freshness | None:
        """Return how fresh the archive is for this answer; None where that does not matter.

        ``outlet``: the one whose report the question asks for.
        """
        if answer.reason in _UNSOUGHT or (query.tense == "past" and answer.status == "answered"):
            return None
        intakes = self._intakes(answer, outlet)
        if not matters(query, answer, intakes, today):
            return None
        return Freshness(self._now().isoformat(timespec="seconds"), tuple(intakes))

    def _intakes(self, answer: Answer, outlet: str | None) -> list[Intake]:
        """Return what came last: from the outlet asked for, from those quoted, or from all."""
        named = [outlet] if outlet else [quote.article.publisher for quote in answer.quotes]
        outlets: list[str | None] = [*dict.fromkeys(each for each in named if each)]
        troubles = self._troubles()
        # What was not found may be with any of the sources in trouble.
        outlets = outlets or sorted(troubles)[:_MOST] or [None]
        return [self._intake(each, troubles) for each in outlets[:_MOST]]

    def _intake(self, outlet: str | None, troubles: dict[str, tuple[Trouble, str]]) -> Intake:
        newest = self._archive.newest(outlet)
        found = Intake(outlet, newest.taken, newest.published)
        if outlet is None or outlet not in troubles:
            return found
        trouble, since = troubles[outlet]
        return replace(found, trouble=trouble, since=since)


def matters(query: Query, answer: Answer, intakes: Sequence[Intake], today: datetime.date) -> bool:
    """Return whether how fresh the archive is matters to this answer."""
    if query.tense == "now":
        return True
    if query.period is not None and answer.status == "refused" and _is_later(query, intakes):
        return True
    if query.tense == "past":
        return False
    if any(intake.trouble for intake in intakes):
        return True
    return query.tense == "state" and all(_is_old(intake, today) for intake in intakes)


def _is_later(query: Query, intakes: Sequence[Intake]) -> bool:
    """Return whether the period that a question names ends after the last article was published."""
    assert query.period is not None, "the caller has looked"
    last = last_day(query.period).isoformat()
    return all(intake.published is None or intake.published < last for intake in intakes)


def _is_old(intake: Intake, today: datetime.date) -> bool:
    newest = intake.published or (intake.taken or "")[:10]
    return newest < (today - NEAR).isoformat()
