"""The follower: looks at the sources that are due, and takes what is new into the archive.

Looks run in threads of their own, so that a source that stalls keeps no other waiting; what they find is taken in by
the one thread that calls `Follower.run` or `Follower.once`, a few items at a time. An item counts as known only once
it is in the archive: after a kill the last few are found again, and nothing is changed by it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from bot.following.intake import Intake, Looked, Looking
from corpus.decode import Reason
from corpus.errors import ArchiveError
from corpus.following import Failure, Followed, Following, Known, feeds, folders, sitemaps
from corpus.following.folders import Folder
from corpus.following.look import Found, Outcome
from corpus.following.schedule import Schedule
from corpus.following.web import StoppedError, Web

if TYPE_CHECKING:
    from bot.build import Musnad, Progress

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Sources that are looked at at the same time."""
TOGETHER = 8
"""The most items taken in together: so many are repeated after a kill at most."""

_TICK = 0.5  # seconds
_TROUBLE = 30.0  # seconds after which the archive is tried again when it cannot be used


class Follower:
    """Follows the sources of a ``Following``. For one thread."""

    def __init__(
        self,
        musnad: Musnad,
        following: Following,
        *,
        web: Web | None = None,
        schedule: Schedule | None = None,
        tell: Callable[[Looked], object] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """``tell`` is called with each look that is over, in the thread of ``run`` or ``once``."""
        self._intake = Intake(musnad, following, progress)
        self._following = following
        self._web = web
        self._schedule = schedule or Schedule()
        self._tell = tell
        self._found: Queue[tuple[str, Found | Outcome | Folder]] = Queue(AT_ONCE * TOGETHER)
        self._looking: dict[str, Looking] = {}
        self._tries: dict[str, dict[str, int]] = {}

    def run(self, stop: threading.Event, *, clock: Callable[[], datetime] | None = None) -> None:
        """Follow until ``stop``. While another process does, wait until it is this one's turn.

        An archive that cannot be used is tried again and again: the log says why.
        """
        clock = clock or _utc
        while not stop.is_set():
            with self._following.polling() as alone:
                while alone and not stop.is_set():
                    try:
                        self._step(clock(), stop)
                    except ArchiveError as error:
                        log.warning("cannot follow: %s", error)
                        self._looking.clear()
                        stop.wait(_TROUBLE)
            stop.wait(_TICK)

    def once(
        self,
        now: datetime | None = None,
        stop: threading.Event | None = None,
        *,
        only: Collection[str] | None = None,
    ) -> list[Looked]:
        """Look at every source that is due, ``only`` at these; take in what is new; return what came of each.

        Raises ArchiveError where the archive cannot be written.
        """
        now = now or _utc()
        stop = stop or threading.Event()
        done: list[Looked] = []
        self._begin(now, stop, only)
        while self._looking and not stop.is_set():
            done += self._take(now, stop)
        return done

    def _step(self, now: datetime, stop: threading.Event) -> None:
        self._begin(now, stop)
        self._take(now, stop)

    def _begin(self, now: datetime, stop: threading.Event, only: Collection[str] | None = None) -> None:
        """Begin to look at the sources that are due, as many at once as may be."""
        if self._web is None:
            self._web = Web(stop)
        for followed in self._following.due(now):
            if followed.address in self._looking or (only is not None and followed.address not in only):
                continue
            if only is None and len(self._looking) >= AT_ONCE:
                return
            known = self._following.items(followed.address)
            self._looking[followed.address] = Looking(followed, not known)
            threading.Thread(
                target=self._look,
                args=(followed, known, now, stop, self._web),
                name=f"follow {followed.address}",
                daemon=True,
            ).start()

    def _look(
        self, followed: Followed, known: dict[str, Known], now: datetime, stop: threading.Event, web: Web
    ) -> None:
        """Look at a source, in a thread of its own."""
        try:
            if followed.kind in ("folder", "file"):
                self._put(followed.address, folders.look(Path(followed.address), known, now), stop)
                return
            tries = self._tries.setdefault(followed.address, {})
            module = feeds if followed.kind == "feed" else sitemaps
            look = module.look(followed, known, web, now, tries)
            while True:
                try:
                    self._put(followed.address, next(look), stop)
                except StopIteration as end:
                    self._put(followed.address, end.value, stop)
                    return
        except StoppedError:
            return
        except Exception as error:  # whatever a source makes go wrong, the others are followed
            log.exception("looking at %s failed", followed.address)
            failure = Failure(Reason.UNREADABLE, type(error).__name__)
            with suppress(StoppedError):
                self._put(followed.address, Outcome(failure=failure), stop)

    def _put(self, address: str, found: Found | Outcome | Folder, stop: threading.Event) -> None:
        while not stop.is_set():
            with suppress(Full):
                self._found.put((address, found), timeout=_TICK)
                return
        raise StoppedError

    def _take(self, now: datetime, stop: threading.Event) -> list[Looked]:
        """Take the next thing that was found into the archive; return what is known of a look that is over."""
        try:
            address, found = self._found.get(timeout=_TICK)
        except Empty:
            for each in self._looking.values():
                self._intake.take(each, now, stop)
            return []
        looking = self._looking.get(address)
        if looking is None:
            return []
        if isinstance(found, Found):
            looking.waiting.append(found)
            # The first one at once, so that it can be asked for; those behind it together.
            alone = self._found.empty() and not (looking.report.held or looking.report.duplicates)
            if alone or len(looking.waiting) >= TOGETHER:
                self._intake.take(looking, now, stop)
            return []
        if isinstance(found, Folder):
            found = self._intake.take_files(looking, found, now, stop)
        self._intake.take(looking, now, stop)
        if stop.is_set():
            return []
        del self._looking[address]
        looked = self._close(looking, found, now)
        if looked and self._tell:
            self._tell(looked)
        return [looked] if looked else []

    def _close(self, looking: Looking, outcome: Outcome, now: datetime) -> Looked | None:
        """Record how a look went; return what came of it, None for a source that was removed meanwhile."""
        address = looking.followed.address
        before = self._following.get(address)
        if before is None:
            return None
        due = self._schedule.next(before, outcome, now)
        if outcome.failure:
            stopped = outcome.stopped
            self._following.record_failure(address, now, outcome.failure, due, stopped=stopped)
        else:
            self._following.record_success(
                address,
                now,
                due,
                title=outcome.title,
                etag=outcome.etag,
                last_modified=outcome.last_modified,
                location=outcome.location,
                problem=outcome.problem,
            )
        followed = self._following.get(address)
        if followed is None:
            return None
        return Looked(
            followed,
            looking.followed,
            looking.report,
            looking.new,
            looking.changed,
            tuple(looking.gone),
            looking.unfinished,
        )


def _utc() -> datetime:
    return datetime.now(UTC)
