"""What was found at a source, taken into the archive a few items at a time and only then recorded as known."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corpus.document import Document
from corpus.errors import ArchiveBusyError
from corpus.following import Followed, Following, Known
from corpus.following.folders import Folder
from corpus.following.look import Found, Outcome
from corpus.report import Report

if TYPE_CHECKING:
    from bot.build import Musnad, Progress

T = TypeVar("T")

_BUSY = 2.0  # seconds after which an archive is tried again that another process writes to


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
    unfinished: int = 0
    """How many files of a folder are still being written, and wait for the next look."""


@dataclass(slots=True)
class Looking:
    """A look that is going on."""

    followed: Followed
    first: bool
    """Whether nothing was known of the source before."""
    waiting: list[Found] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    new: int = 0
    changed: int = 0
    gone: list[Known] = field(default_factory=list)
    unfinished: int = 0


class Intake:
    """Takes what looks find into the archive. For one thread."""

    def __init__(self, musnad: Musnad, following: Following, progress: Progress | None = None) -> None:
        """``progress`` is that of folders and files, of which there may be many."""
        self._musnad = musnad
        self._following = following
        self._progress = progress

    def take(self, looking: Looking, now: datetime, stop: threading.Event) -> None:
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
        self._mark_withdrawn(batch, stop)
        for item in batch:
            document = instead.get(item.known.key) or item.document
            source = None if document is None or document.source in empty else document.source
            known.append(replace(item.known, source=source) if document else item.known)
            looking.new += item.new and source is not None
            if item.known.gone:
                looking.gone.append(item.known)
        self._following.record_items(looking.followed.address, known, now)
        self._record_arrivals(looking, [item for item in batch if item.new], now)

    def _mark_withdrawn(self, batch: list[Found], stop: threading.Event) -> None:
        """Record in the archive, before they are recorded as known, which pages are gone from their outlet, or back."""
        mark = self._musnad.archive.mark_withdrawn
        for item in batch:
            if source := item.known.source:
                self._patiently(partial(mark, source, item.known.gone is not None), stop)

    def _record_arrivals(self, looking: Looking, items: list[Found], now: datetime) -> None:
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

    def take_files(self, looking: Looking, found: Folder, now: datetime, stop: threading.Event) -> Outcome:
        """Take the files that changed at a path into the archive."""
        followed = looking.followed
        if found.failure:
            return Outcome(failure=found.failure)
        looking.unfinished = len(found.waiting)
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
        taken = self._patiently(lambda: self._musnad.ingest_documents(documents, outlet=outlet), stop)
        return taken or Report()

    def _patiently(self, work: Callable[[], T], stop: threading.Event) -> T | None:
        """Return what ``work`` returns, which waits while another process writes; None when the program ends."""
        from vectorstore.errors import IndexBusyError

        while not stop.is_set():
            try:
                return work()
            except (ArchiveBusyError, IndexBusyError):
                stop.wait(_BUSY)
        return None
