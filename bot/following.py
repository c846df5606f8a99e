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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from corpus.decode import Reason
from corpus.document import Document
from corpus.errors import ArchiveBusyError, ArchiveError
from corpus.following import Failure, Followed, Following, Known, feeds, folders, sitemaps
from corpus.following.folders import Folder
from corpus.following.look import Found, Outcome
from corpus.following.schedule import Schedule
from corpus.following.web import StoppedError, Web
from corpus.report import Report

if TYPE_CHECKING:
    from bot.build import Musnad, Progress

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Sources that are looked at at the same time."""
TOGETHER = 8
"""The most items taken in together: so many are repeated after a kill at most."""

_TICK = 0.5  # seconds
_BUSY = 2.0  # seconds after which an archive is tried again that another process writes to
_TROUBLE = 30.0  # seconds after which the archive is tried again when it cannot be used


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look at a source."""

    followed: Followed
    """As it stands now."""
    before: Followed
    """As it stood before the look."""
    report: Report
    """What was taken in."""
    new: int = 0
    changed: int = 0
    gone: tuple[Known, ...] = ()
    """Items whose pages were found gone in this look."""


@dataclass(slots=True)
class _Looking:
    """A look that is going on."""

    followed: Followed
    first: bool
    """Whether nothing was known of the source before."""
    waiting: list[Found] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    new: int = 0
    changed: int = 0
    gone: list[Known] = field(default_factory=list)


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
        self._musnad = musnad
        self._following = following
        self._web = web
        self._schedule = schedule or Schedule()
        self._tell = tell
        self._progress = progress
        self._found: Queue[tuple[str, Found | Outcome | Folder]] = Queue(AT_ONCE * TOGETHER)
        self._looking: dict[str, _Looking] = {}
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
            self._looking[followed.address] = _Looking(followed, not known)
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
                self._take_in(each, now, stop)
            return []
        looking = self._looking.get(address)
        if looking is None:
            return []
        if isinstance(found, Found):
            looking.waiting.append(found)
            # The first one at once, so that it can be asked for; those behind it together.
            alone = self._found.empty() and not (looking.report.held or looking.report.duplicates)
            if alone or len(looking.waiting) >= TOGETHER:
                self._take_in(looking, now, stop)
            return []
        if isinstance(found, Folder):
            found = self._take_files(looking, found, now, stop)
        self._take_in(looking, now, stop)
        if stop.is_set():
            return []
        del self._looking[address]
        looked = self._close(looking, found, now)
        if looked and self._tell:
            self._tell(looked)
        return [looked] if looked else []

    def _take_in(self, looking: _Looking, now: datetime, stop: threading.Event) -> None:
        """Take the items that wait into the archive, and only then record them as known."""
        batch, looking.waiting = looking.waiting, []
        if not batch:
            return
        outlet = looking.followed.outlet
        documents = [item.document for item in batch if item.document]
        report = self._ingest(documents, outlet, stop)
        empty = {each.source for each in report.skipped}
        instead = {
            item.known.key: item.instead
            for item in batch
            if item.document and item.instead and item.document.source in empty
        }
        if instead:
            second = self._ingest(list(instead.values()), outlet, stop)
            replaced = {item.document.source for item in batch if item.document and item.known.key in instead}
            empty = (empty - replaced) | {each.source for each in second.skipped}
            kept = tuple(each for each in report.skipped if each.source in empty)
            report = replace(report, skipped=kept) + second
        if stop.is_set():
            return
        looking.report += report
        looking.changed += len(report.changed)
        known = []
        for item in batch:
            document = instead.get(item.known.key) or item.document
            source = None if document is None or document.source in empty else document.source
            known.append(replace(item.known, source=source) if document else item.known)
            looking.new += item.new and source is not None
            if item.known.gone:
                looking.gone.append(item.known)
        self._following.record_items(looking.followed.address, known, now)
        self._record_arrivals(looking, [item for item in batch if item.new], now)

    def _record_arrivals(self, looking: _Looking, items: list[Found], now: datetime) -> None:
        """Record when new items came: those that were there at first when they were published, if that is known."""
        if not items:
            return
        since = looking.followed.checked
        published = [item.known.published for item in items]
        moments = list(filter(None, published))
        if not looking.first:  # not before the last look, which did not find them
            moments = [max(at or now, since or now) for at in published]
        newest = max(items, key=lambda item: item.known.published or now)
        self._following.record_arrivals(
            looking.followed.address,
            moments,
            now,
            title=newest.title,
            published=max(filter(None, published), default=None),
        )

    def _take_files(self, looking: _Looking, found: Folder, now: datetime, stop: threading.Event) -> Outcome:
        """Take the files that changed at a path into the archive."""
        followed = looking.followed
        if found.failure:
            return Outcome(failure=found.failure)
        if found.changed:
            taken = self._patiently(
                lambda: self._musnad.ingest(
                    [Path(followed.address)],
                    outlet=followed.outlet,
                    leave=found.waiting,
                    progress=self._progress,
                ),
                stop,
            )
            if taken is None:
                return Outcome()
            looking.report, looking.new = taken, found.new
            looking.changed = len(taken.changed) + sum(each.changed for each in taken.collections)
            self._following.record_items(followed.address, found.changed, now)
            if found.new and not looking.first:
                newest = found.changed[-1].key
                self._following.record_arrivals(followed.address, [now], now, title=newest)
        if found.gone:
            looking.gone += found.gone
            self._following.record_items(followed.address, found.gone, now)
        return Outcome(complete=not found.waiting)

    def _ingest(self, documents: list[Document], outlet: str | None, stop: threading.Event) -> Report:
        if not documents:
            return Report()
        taken = self._patiently(
            lambda: self._musnad.ingest_documents(documents, self._progress, outlet=outlet), stop
        )
        return taken or Report()

    def _patiently(self, ingest: Callable[[], Report], stop: threading.Event) -> Report | None:
        """Return the report of an ingest, which waits while another process writes; None when the program ends."""
        from vectorstore.errors import IndexBusyError

        while not stop.is_set():
            try:
                return ingest()
            except (ArchiveBusyError, IndexBusyError):
                stop.wait(_BUSY)
        return None

    def _close(self, looking: _Looking, outcome: Outcome, now: datetime) -> Looked | None:
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
            followed, looking.followed, looking.report, looking.new, looking.changed, tuple(looking.gone)
        )


def _utc() -> datetime:
    return datetime.now(UTC)
