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
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Answer, Freshness, Intake, Trouble
from bot.answering.question import Query
from bot.answering.question.tense import NEAR, last_day
from corpus.errors import ArchiveError
from corpus.following import Followed, Following
from corpus.store import Archive

log = logging.getLogger(__name__)

_MOST = 2
"""Most outlets that are named."""
_LOOKED = 30.0
"""Seconds for which a look at the followed sources is reused."""
_UNSOUGHT = ("empty_archive", "not_a_question")


class Watch:
    """The watch on how fresh an archive is. Safe to use from any thread."""

    def __init__(
        self,
        archive: Archive,
        following: Callable[[], Following | None] = lambda: None,
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    ) -> None:
        """Set the archive; ``following`` returns the sources that are followed, None while there are none."""
        self._archive = archive
        self._following = following
        self._now = now
        self._looked = float("-inf")
        self._troubled: dict[str, tuple[Followed, Trouble]] = {}

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
        troubled = self._look()
        named = [outlet] if outlet else [quote.article.publisher for quote in answer.quotes]
        outlets = [each for each in dict.fromkeys(named) if each][:_MOST]
        if outlets:
            return [self._of_outlet(each, answer, troubled) for each in outlets]
        if troubled:  # what was not found may be with any of them
            return [_of_source(*each) for each in list(troubled.values())[:_MOST]]
        newest = self._archive.newest()
        return [Intake(None, newest.taken, newest.published)]

    def _of_outlet(
        self, outlet: str, answer: Answer, troubled: dict[str, tuple[Followed, Trouble]]
    ) -> Intake:
        newest = self._archive.newest(outlet)
        intake = Intake(outlet, newest.taken, newest.published)
        sources = self._sources(outlet, answer) if troubled else []
        # While one of its feeds is well, its news comes in.
        if not sources or not all(each.address in troubled for each in sources):
            return intake
        since = _of_source(*troubled[sources[0].address])
        return replace(intake, trouble=since.trouble, since=since.since)

    def _sources(self, outlet: str, answer: Answer) -> list[Followed]:
        """Return the followed sources that bring an outlet's articles: those of its quotes, or of its name."""
        quoted = {quote.article.source for quote in answer.quotes if quote.article.publisher == outlet}
        try:
            following = self._following()
            if following is None:
                return []
            brought = {each.address: each for source in quoted for each in following.followed_of(source)}
            named = [each for each in following.all() if outlet in (each.outlet, each.title)]
        except ArchiveError as error:
            log.warning("the sources that are followed could not be looked at: %s", error)
            return []
        return list(brought.values()) or named

    def _look(self) -> dict[str, tuple[Followed, Trouble]]:
        """Return the followed sources that are silent or cannot be read, by address."""
        if time.monotonic() - self._looked < _LOOKED:
            return self._troubled
        now = self._now()
        try:
            following = self._following()
            stand = [(each, each.standing(now)) for each in following.all()] if following else []
        except ArchiveError as error:  # an answer does not fail for it
            log.warning("the sources that are followed could not be looked at: %s", error)
            stand = []
        self._troubled = {
            each.address: (each, standing)
            for each, standing in stand
            if standing == "silent" or standing == "failing"
        }
        self._looked = time.monotonic()
        return self._troubled


def _of_source(source: Followed, trouble: Trouble) -> Intake:
    since = source.failing_since if trouble == "failing" else source.newest
    published = source.newest_published
    return Intake(
        source.outlet or source.title or source.address,
        _stamp(source.newest),
        published.date().isoformat() if published else None,
        trouble,
        _stamp(since),
    )


def _stamp(at: datetime.datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


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
