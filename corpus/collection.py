"""Ingest a collection: a file that holds many articles, each a source of its own named «file#key».

The entries come from the worker one after another, and each is one transaction, so that no more than a few are in
memory and a run that was killed goes on where it was: an entry that is as it was is not read again. A collection
that is as it was (by size and time, or by its digest) is not opened.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.arabic import fold_text
from corpus.article import Article
from corpus.decode import NoTextError, Reason
from corpus.document import Document, safe_name
from corpus.errors import InconsistentArticleError
from corpus.foldersettings import NOTHING, FolderSettings
from corpus.parse import Page, ParseError
from corpus.parse.collections import Entry, LeftOut, Link, Mapped, Refused
from corpus.provenance import given as outlet_given
from corpus.report import Collected, Refusals
from corpus.store import Archive
from corpus.store.collections import Collection
from corpus.store.passages import Chunker, derivation
from corpus.worker import Worker

Progress = Callable[[int, int, str], None]
"""A callback that receives the number of files and entries done, the total, and the name of the one just done.

The total is an estimate while a collection is read: from the part of its file that was.
"""

MOST_ENTRIES = 2_000_000
"""Entries of one collection that are read: of each, some sixty bytes stay in memory until its end."""

_MOST_NAMED = 3  # refused entries named for each reason
_MOST_PASSES = 2
_MOST_TOLD = 40  # entries by which two collections of one name are told apart
_MOST_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class CollectionFile:
    """A collection found: its source name, its path, and its size and time, None where they say nothing."""

    source: str
    path: Path
    stamp: tuple[int | None, int | None]
    sent: Document | None = None
    """The document that it came as. Its path is then that of a copy, which nothing remembers."""


@dataclass(slots=True)
class _Tally:
    """The outcomes of a collection's entries, counted."""

    fates: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    fields: tuple[tuple[str, str], ...] = ()

    def refuse(self, key: str, reason: str, detail: str) -> None:
        self.refused[reason] += 1
        named = self.first.setdefault(reason, [])
        if len(named) < _MOST_NAMED:
            named.append((key, detail))

    def collected(self, source: str) -> Collected:
        return Collected(
            source,
            added=self.fates["added"],
            changed=self.fates["changed"],
            unchanged=self.fates["unchanged"],
            duplicates=self.fates["duplicate"],
            missing=self.fates["missing"],
            removed=self.fates["removed"],
            refused=tuple(
                Refusals(reason, count, tuple(self.first[reason]))
                for reason, count in self.refused.most_common()
            ),
            left_out=tuple(self.left_out.most_common()),
            fields=self.fields,
        )


class Ingesting:
    """The ingest of collections into an archive, whose lock is held."""

    def __init__(
        self,
        archive: Archive,
        chunk: Chunker,
        recipe: str,
        parser: str,
        worker: Worker,
        settings: FolderSettings = NOTHING,
        outlet: str | None = None,
    ) -> None:
        """``settings`` are those of the collection's folder, ``outlet`` is the one given for its articles."""
        self._settings = replace(settings, url=None)  # a pattern of files' addresses
        self._outlet = outlet
        self._archive = archive
        self._chunk = chunk
        self._recipe = recipe
        self._parser = parser
        self._worker = worker

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
        tally = _Tally()
        for turn in range(_MOST_PASSES):
            self._archive.collections.clear_doubles(file.source)
            again = _Tally() if turn else tally
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
            self._archive.collections.put(replace(wanted, outcome=_outcome(collected)))
        return collected, broken

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
        kept = json.loads(known.outcome)
        doubles, _ = self._archive.collections.doubles(known.source)
        missing = kept.get("missing", 0)
        return Collected(
            known.source,
            unchanged=self._archive.collections.count(known.source) - missing,
            duplicates=doubles,
            missing=missing,
            refused=tuple(
                Refusals(reason, count, tuple((key, detail) for key, detail in first))
                for reason, count, first in kept.get("refused", ())
            ),
            left_out=tuple((what, count) for what, count in kept.get("left_out", ())),
            fields=tuple((role, name) for role, name in kept.get("fields", ())),
        )

    def _read(
        self,
        file: CollectionFile,
        fields: Mapping[str, str],
        tally: _Tally,
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
                            self._take(file, self._name(file.source, item.key, seen), item, tally)
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
                    source = self._name(file.source, item.key, seen)
                    known = self._archive.origin(source)
                    if known is not None:
                        told += 1
                        strange += not self._is_like(source, known.raw, item)
                    if told == _MOST_TOLD or len(seen) == _MOST_LOOKED_AT:
                        break
        except NoTextError:
            pass  # which `take` says
        return 2 * strange > told

    def _fields_of(self, source: str) -> dict[str, str]:
        known = self._archive.collections.all().get(source)
        given: dict[str, str] = json.loads(known.given) if known else {}
        return given

    def _is_like(self, source: str, raw: str | None, entry: Entry) -> bool:
        if raw == _raw_digest(entry):
            return True
        try:
            text = self._worker.read(entry.data, entry.kind, url=entry.url, charset=entry.charset).text
        except NoTextError:
            return False
        return alike(text, self._archive.file_text(source))

    def _name(self, collection: str, key: str, seen: set[int]) -> str:
        """Return the source name of an entry; of several with one key the later ones are numbered, as documents are."""
        name = first = f"{collection}#{safe_name(key) or '?'}"
        number = 1
        while hash(name) in seen:
            number += 1
            name = f"{first} ({number})"
        seen.add(hash(name))
        return name

    def _articles(self, file: CollectionFile, source: str, page: Page) -> list[Article]:
        found = self._worker.parse(page.text, source, page.said)
        if file.sent:
            articles = [file.sent.complete(article, page.said) for article in found]
        else:
            articles = [self._settings.complete(article, file.path) for article in found]
        outlet = self._outlet
        return [outlet_given(article, outlet) for article in articles] if outlet else articles

    def _take(self, file: CollectionFile, source: str, entry: Entry, tally: _Tally) -> None:
        raw = _raw_digest(entry)
        known = self._archive.origin(source)
        made = (raw, self._parser, derivation(self._recipe))
        if known and (known.raw, known.parser, known.recipe) == made:
            tally.fates["unchanged"] += 1
            return
        try:
            read = self._worker.read(entry.data, entry.kind, url=entry.url, charset=entry.charset)
            page = entry.complete(read)
            digest = digest_of(page.text)
            holder = self._archive.holder(digest)
            if holder and holder != source and not (known and known.digest == digest):
                tally.fates["duplicate"] += 1
                self._archive.collections.put_double(source, file.source, digest)
                if known:
                    self._archive.remove_file(source)
                    tally.fates["removed"] += 1
                return
            added = self._archive.add_file(
                source,
                digest,
                page.text,
                self._articles(file, source, page),
                self._chunk,
                parser=self._parser,
                recipe=self._recipe,
                collection=file.source,
                raw=raw,
                outlet=self._outlet,
                anew=known is not None
                and known.digest != digest
                and entry.kind != ".txt"
                and is_other_parser(known.parser, self._parser),
            )
        except NoTextError as error:
            tally.refuse(safe_name(entry.key), error.reason, error.detail)
        except UnicodeEncodeError:  # half of a pair, in its name or its date
            tally.refuse(safe_name(entry.key), Reason.ENCODING, "bytes in the article that are no text")
        except (ParseError, InconsistentArticleError) as error:
            tally.refuse(safe_name(entry.key), Reason.NO_ARTICLE, str(error).removeprefix(f"{source}: "))
        else:
            tally.fates[added.status] += 1


def _made(collection: Collection) -> tuple[str, str, str, str]:
    return collection.path, collection.parser, collection.recipe, collection.given


def _outcome(collected: Collected) -> str:
    """Return what is to be reported again while a collection stays as it is."""
    refused = [[each.reason, each.count, each.first] for each in collected.refused]
    kept = {"refused": refused, "left_out": collected.left_out, "fields": collected.fields}
    return json.dumps({**kept, "missing": collected.missing}, ensure_ascii=False)


def _raw_digest(entry: Entry) -> str:
    """Return the digest of all that an entry's article is made from."""
    said = repr((entry.kind, entry.url, entry.charset, entry.said)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(said + b"\0" + entry.data).hexdigest()


def alike(text: str, other: str) -> bool:
    """Return whether two texts share half of their words: two states of one text do, two texts do not."""
    words, others = set(fold_text(text).split()), set(fold_text(other).split())
    return 2 * len(words & others) >= len(words | others)


def is_other_parser(one: str, other: str) -> bool:
    """Return whether two parsers, as a source's ``Origin`` names them, are of different versions."""
    return one.partition(" ")[0] != other.partition(" ")[0]


def digest_of(text: str) -> str:
    """Return the digest of a text, independent of its file's encoding."""
    return hashlib.sha256(text.encode()).hexdigest()
