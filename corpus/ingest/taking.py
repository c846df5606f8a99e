"""What was found, taken into the archive one after another, and what is gone from where it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from corpus.files import is_gone
from corpus.ingest.context import Context
from corpus.ingest.found import CollectionFile, File, Found
from corpus.ingest.outcomes import Outcomes
from corpus.ingest.outlets import find_recurring
from corpus.ingest.tools import Progress
from corpus.ingest.versions import Versions
from corpus.report import Collected


class Taking:
    """The second half of one ingest, when all is found."""

    def __init__(self, context: Context, found: Found, outcomes: Outcomes, versions: Versions) -> None:
        self._context = context
        self._archive = context.tools.archive
        self._found = found
        self._outcomes = outcomes
        self._versions = versions

    def take_all(
        self, progress: Progress | None, fields: Mapping[str, str] | None = None, prune: bool = False
    ) -> None:
        """Update the archive with every file found, collections last."""
        keepers = self._keepers()
        files = list(self._found.files.values())
        total = len(files) + len(self._found.collections)
        for done, file in enumerate(files, 1):
            self._take(file, keepers[file.digest])
            if progress:
                progress(done, total, file.source)
        taken = {*self._outcomes.done["added"], *self._outcomes.done["changed"]}
        find_recurring(self._context, self._found, self._versions, taken)
        done = len(files)
        for collection in self._found.collections.values():
            total -= 1
            held = self._take_collection(collection, _after(progress, done, total), fields, prune)
            done += held
            total += held

    def _keepers(self) -> dict[str, str]:
        """Return, by digest, the source that is to hold each text.

        It is one that held the text and still does, one that the archive knows already, or the first.
        """
        found: dict[str, str] = {}
        files, known = self._found.files.values(), self._context.known
        now = {file.source: file.digest for file in files}
        for source, origin in known.items():
            if now.get(source, origin.digest) == origin.digest:
                found.setdefault(origin.digest, source)
        for file in sorted(files, key=lambda file: file.source not in known):
            if file.digest not in found and (entry := self._archive.holder(file.digest, entries=True)):
                found[file.digest] = entry
            found.setdefault(file.digest, file.source)
        return found

    def _take(self, file: File, keeper: str) -> None:
        """Update the archive with one file."""
        if keeper != file.source:
            self._outcomes.double(file.source, keeper)
            if file.source in self._context.known:
                self._remove(file.source)
            return
        if file.unread:
            self._outcomes.done["unchanged"].append(file.source)
            return
        if status := self._versions.store(file):
            self._outcomes.done[status].append(file.source)

    def _take_collection(
        self,
        collection: CollectionFile,
        progress: Progress | None,
        fields: Mapping[str, str] | None,
        prune: bool,
    ) -> int:
        """Update the archive with one collection, and return the number of its entries that are in it."""
        collected, broken = self._context.ingesting(collection).take(
            collection, fields, prune=prune, progress=progress
        )
        if broken:
            self._outcomes.skip(collection.source, broken.reason, broken.detail)
        if collected != Collected(collection.source, fields=collected.fields) or not broken:
            self._outcomes.collected.append(collected)
        return collected.held

    def settle_missing(self, prune: bool) -> None:
        """Report or remove the files that were ingested from below the given folders and are gone.

        A folder that is gone itself is no evidence: its disk may be unmounted.
        """
        for source, origin in list(self._context.known.items()):
            if source in self._found.files or not origin.path or not is_gone(origin.path):
                continue
            if self._is_below_given(Path(origin.path)):
                if prune:
                    self._remove(source)
                else:
                    self._outcomes.missing.append(source)
        for source, collection in self._context.known_collections.items():
            if not is_gone(collection.path) or not self._is_below_given(Path(collection.path)):
                continue
            if prune:
                for entry in self._archive.collections.entries(source):
                    self._archive.remove_file(entry)
                self._archive.collections.remove(source)
            (self._outcomes.removed if prune else self._outcomes.missing).append(source)

    def _is_below_given(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._found.folders)

    def _remove(self, source: str) -> None:
        self._context.remove(source)
        self._outcomes.removed.append(source)


def _after(progress: Progress | None, done: int, others: int) -> Progress | None:
    """Return a callback for the entries of a collection that counts what was done before it and what is to come."""
    if progress is None:
        return None
    return lambda number, total, name: progress(done + number, done + total + others - done, name)
