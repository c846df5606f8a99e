"""Ingest a collection: a file that holds many articles, each a source of its own named «file#key».

The entries come from the worker one after another, and each is one transaction, so that no more than a few are in
memory and a run that was killed goes on where it was: an entry that is as it was is not read again. A collection
that is as it was (by size and time, or by its digest) is not opened.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from corpus.decode import NoTextError, Reason
from corpus.document import safe_name
from corpus.foldersettings import NOTHING, FolderSettings
from corpus.ingest.entries import Entries
from corpus.ingest.found import CollectionFile
from corpus.ingest.names import entry_name
from corpus.ingest.tally import Tally, outcome, reported_again
from corpus.ingest.tools import Progress, Tools
from corpus.parse.collections import Entry, LeftOut, Link, Mapped, Refused
from corpus.report import Collected
from corpus.store.collections import Collection
from corpus.store.passages import derivation
from corpus.worker import Worker

MOST_ENTRIES = 2_000_000
"""Entries of one collection that are read: of each, some sixty bytes stay in memory until its end."""

_MOST_PASSES = 2
_MOST_TOLD = 40  # entries by which two collections of one name are told apart
_MOST_LOOKED_AT = 1000


class Ingesting:
    """The ingest of a collection into an archive, whose lock is held."""

    def __init__(
        self, tools: Tools, parser: str, settings: FolderSettings = NOTHING, outlet: str | None = None
    ) -> None:
        """``settings`` are those of the collection's folder, ``outlet`` is the one given for its articles."""
        settings = replace(settings, url=None)  # a pattern of files' addresses
        self._archive = tools.archive
        self._recipe = tools.recipe
        self._parser = parser
        self._settings = settings
        self._outlet = outlet
        self._entries = Entries(tools, parser, settings, outlet)

    def take(
        self,
        file: CollectionFile,
        fields: Mapping[str, str] | None = None,
        *,
        prune: bool = False,
        progress: Progress | None = None,
    ) -> tuple[Collected, NoTextError | None]:
        """Update the archive with a collection; return what became of its entries, and why it broke off, if it did.

        ``fields`` are those named for it, which stay until others are named, or none: ``{}``. Beside them those hold
        that its folder names, and for what nobody names a guess.
        """
        known = self._archive.collections.all().get(file.source)
        if fields is None:
            fields = self._fields_of(file.source)
        given = json.dumps(dict(fields), ensure_ascii=False, sort_keys=True)
        fields = {**self._settings.fields, **fields}
        wanted = Collection(
            file.source,
            "" if file.sent else str(file.path),
            self._parser,
            derivation(self._recipe),
            given,
            *file.stamp,
            digest="",
            outcome="{}",
            outlet=self._outlet,
        )
        try:
            before, wanted = self._compared(file.path, wanted, known)
        except OSError as error:
            return Collected(file.source), NoTextError(Reason.UNREADABLE, error.strerror or "")
        if (
            before
            and not (prune and before.missing)
            and not self._archive.collections.doubles(file.source)[1]
        ):
            self._archive.collections.put(replace(wanted, outcome=known.outcome if known else "{}"))
            if progress:
                progress(before.held, before.held, file.source)
            return before, None
        # Until it was read to its end, nothing says that it was.
        self._archive.collections.put(replace(wanted, size=None, modified=None, digest=""))
        tally = Tally()
        for turn in range(_MOST_PASSES):
            self._archive.collections.clear_doubles(file.source)
            again = Tally() if turn else tally
            broken = self._read(file, fields, again, prune=prune, progress=progress)
            if turn:
                for fate in ("added", "changed", "removed"):
                    tally.fates[fate] += again.fates[fate]
                tally.fates["duplicate"] = again.fates["duplicate"]
            # An entry may have been the double of one that changed after it.
            if broken or not self._archive.collections.doubles(file.source)[1]:
                break
        collected = tally.collected(file.source)
        if broken is None:
            self._archive.collections.put(replace(wanted, outcome=outcome(collected)))
        return collected, broken

    def _fields_of(self, source: str) -> dict[str, str]:
        known = self._archive.collections.all().get(source)
        given: dict[str, str] = json.loads(known.given) if known else {}
        return given

    def _compared(
        self, path: Path, wanted: Collection, known: Collection | None
    ) -> tuple[Collected | None, Collection]:
        """Return the outcome to report for a collection that is as it was, else None; and it with its digest."""
        same = known is not None and known.digest != "" and _made(known) == _made(wanted)
        stamped = wanted.size is not None
        if known and same and stamped and (known.size, known.modified) == (wanted.size, wanted.modified):
            return self._unchanged(known), replace(wanted, digest=known.digest)
        with path.open("rb") as file:
            wanted = replace(wanted, digest=hashlib.file_digest(file, "sha256").hexdigest())
        if known and same and known.digest == wanted.digest:
            return self._unchanged(known), wanted
        return None, wanted

    def _unchanged(self, known: Collection) -> Collected:
        doubles, _ = self._archive.collections.doubles(known.source)
        return reported_again(known, self._archive.collections.count(known.source), doubles)

    def _read(
        self,
        file: CollectionFile,
        fields: Mapping[str, str],
        tally: Tally,
        *,
        prune: bool,
        progress: Progress | None,
    ) -> NoTextError | None:
        """Take the entries of a collection, and settle those that left it; return why it broke off, if it did."""
        seen: set[int] = set()
        size = file.path.stat().st_size if file.path.exists() else 0
        done = links = 0
        try:
            with Worker() as splitter:
                for item, read in splitter.split(file.path, fields):
                    match item:
                        case Mapped():
                            tally.fields = tuple(
                                (role, safe_name(name)) for role, name in item.fields.items()
                            )
                            continue
                        case Link():
                            links += 1
                            continue
                        case LeftOut():
                            tally.left_out[safe_name(item.what)] += 1
                        case Refused():
                            tally.refuse(safe_name(item.key), item.reason, item.detail)
                        case Entry():
                            self._entries.take(file, entry_name(file.source, item.key, seen), item, tally)
                    done += 1
                    if progress:
                        total = max(done + 1, round(done * size / read)) if read else done + 1
                        progress(done, total, f"{file.source}#{done}")
                    if done >= MOST_ENTRIES:
                        return NoTextError(Reason.TOO_LARGE, f"more than {MOST_ENTRIES:,} entries")
        except NoTextError as error:
            return error
        if not seen and not tally.left_out:
            if links:
                return NoTextError(
                    Reason.LINKS,
                    f"{links} addresses; give its own to fetch its pages: musnad ingest https://…",
                )
            if tally.refused:
                return None
            return NoTextError(Reason.NO_ARTICLE, "no records in it")
        for source in self._archive.collections.entries(file.source):
            if hash(source) not in seen:
                tally.fates["removed" if prune else "missing"] += 1
                if prune:
                    self._archive.remove_file(source)
        if progress:
            progress(done, done, file.source)
        return None

    def is_another(self, file: CollectionFile) -> bool:
        """Return whether a collection is not a later state of the one that the archive holds under its name.

        Two exports with one name often have the same keys too. Where most of the first entries that both have hold
        other texts, it is another one.
        """
        seen: set[int] = set()
        told = strange = 0
        try:
            with Worker() as splitter:
                for item, _ in splitter.split(file.path, self._fields_of(file.source)):
                    if not isinstance(item, Entry):
                        continue
                    source = entry_name(file.source, item.key, seen)
                    known = self._archive.origin(source)
                    if known is not None:
                        told += 1
                        strange += not self._entries.is_like(source, known.raw, item)
                    if told == _MOST_TOLD or len(seen) == _MOST_LOOKED_AT:
                        break
        except NoTextError:
            pass  # which `take` says
        return 2 * strange > told


def _made(collection: Collection) -> tuple[str, str, str, str]:
    return collection.path, collection.parser, collection.recipe, collection.given
