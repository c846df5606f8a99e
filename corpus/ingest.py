"""Ingest files, folders and documents into the archive.

New files are added, changed ones become new versions, and those that cannot be read are reported without
stopping the rest.

A file's source name is its path below the given folder, with "/", or its own name when it was given by itself; where
another has that name, with as many of the folders above it as tell the two apart. A file that the archive knows by its
path keeps the name it has. A text that is in the archive under another
name is not ingested twice, or its quotes would come twice: it is reported as a duplicate.

Documents without a path are ingested the same way, under the source names they come with. Two with the same
name and without an address, most of whose words differ, are two documents, not versions: the second is called
«name (2)». One that is a collection is read from a copy in the data folder, which goes at the end.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path, PurePosixPath

from corpus import parse as parsing
from corpus.article import Article
from corpus.collection import CollectionFile, Ingesting, Progress, alike, digest_of, is_other_parser
from corpus.decode import NoTextError, Reason
from corpus.document import Document
from corpus.errors import InconsistentArticleError
from corpus.files import MAX_BYTES, check_file, is_gone, read_bytes, read_file, too_large, walk
from corpus.folderoutlets import LEAST, MOST_READ, names_in, outlet_among
from corpus.foldersettings import FILE as SETTINGS
from corpus.foldersettings import NOTHING, FolderSettingsError, Settings
from corpus.ocr import PICTURES, Ocr
from corpus.parse import KINDS, NAMED
from corpus.parse.collections import COLLECTIONS, may_be_posts
from corpus.parse.collections.streams import SUFFIXES as PACKED
from corpus.parse.page import Page, PageMetadata
from corpus.provenance import given
from corpus.report import Collected, Duplicate, Report, Skipped
from corpus.spool import Spool
from corpus.store import Archive, Origin
from corpus.store.passages import Chunker, derivation
from corpus.worker import Worker

__all__ = ["Document", "Duplicate", "Reason", "Report", "Skipped", "ingest", "ingest_documents"]


def ingest(
    paths: Sequence[Path],
    archive: Archive,
    chunk: Chunker,
    *,
    prune: bool = False,
    fields: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    recipe: str = "",
    outlet: str | None = None,
    ocr: bool = False,
    leave: Collection[Path] = (),
) -> Report:
    """Ingest the files at ``paths`` and below them into the archive.

    Each file is one transaction: after an ingest that is killed and run again, the archive is as if it had
    never been killed. Files that were ingested from below a given folder and are no longer there are reported
    as missing, or removed with ``prune``; files elsewhere are left alone. ``fields`` names the fields of
    collections by role (`corpus.arabic.fields.ROLES`), instead of a guess; they are remembered until others are
    given, and ``{}`` forgets them. ``recipe`` names the dependencies of ``chunk``, see ``Archive.add_file``.

    ``outlet`` is that of all the files, whatever they say; it is remembered for them until another is given, and ""
    forgets it. What a folder's `musnad.toml` says comes next; where that cannot be used, its folder is left out and
    the file reported. With ``ocr`` the text in pictures and in scanned PDF files is recognised. Files below the folders
    that ``leave`` names by their real paths are left as they are: someone is still writing to them.

    Raises ArchiveError when the archive cannot be written; a file never makes it raise.
    """
    with archive.lock(), Spool(archive.path.parent), _worker(ocr) as worker:
        run = _Run(archive, chunk, recipe, worker, outlet, pictures=ocr, leave=leave)
        for given in paths:
            run.find(given)
        run.settle_missing(prune)
        return run.take_all(progress, fields, prune)


def ingest_documents(
    documents: Iterable[Document],
    archive: Archive,
    chunk: Chunker,
    *,
    progress: Progress | None = None,
    recipe: str = "",
    outlet: str | None = None,
    ocr: bool = False,
) -> Report:
    """Ingest documents without a path into the archive, as `ingest` does files. No folder prunes them."""
    with archive.lock(), Spool(archive.path.parent) as spool, _worker(ocr) as worker:
        run = _Run(archive, chunk, recipe, worker, outlet)
        for document in documents:
            if document.kind in COLLECTIONS or (
                document.kind == ".html" and may_be_posts(document.data[:_HEAD])
            ):
                run.find_sent_collection(document, spool)
            else:
                run.find_document(document)
        return run.take_all(progress)


MOST_HELD = 4_000_000
"""Characters of the pages that were found and wait to be taken in."""


@contextmanager
def _worker(ocr: bool) -> Iterator[Worker]:
    """Yield a worker, with text recognition or without."""
    with ExitStack() as stack:
        yield stack.enter_context(Worker(ocr=stack.enter_context(Ocr()) if ocr else None))


@dataclass(frozen=True, slots=True)
class _File:
    """A file or document found: its name, its path if it has one, and the digest of its text."""

    source: str
    path: Path | None
    digest: str
    document: Document | None = None
    page: Page | None = None
    """The page read from a document."""
    stamp: tuple[int | None, int | None] = (None, None)
    unread: bool = False
    """Whether its size and time are the same as when it was ingested, and nothing need be done."""


class _Run:
    """State of one ingest: the sources that the archive knew before, the files found, and their outcomes."""

    def __init__(
        self,
        archive: Archive,
        chunk: Chunker,
        recipe: str,
        worker: Worker,
        outlet: str | None = None,
        *,
        pictures: bool = False,
        leave: Collection[Path] = (),
    ) -> None:
        """``pictures``: whether those in folders are read, too; ``leave``: files in them that are not."""
        self._leave = leave
        self._outlet = outlet
        self._read_pictures = pictures
        self._pictures_left = 0
        self._scanned = 0
        self._of_pages: dict[Path, bool] = {}
        self._settings = Settings()
        self._archive = archive
        self._chunk = chunk
        self._recipe = recipe
        self._worker = worker
        self._known = archive.origins()
        self._recurring = {Path(path).parent: name for path, name in archive.recurring_outlets().items()}
        self._names = {origin.path: source for source, origin in self._known.items() if origin.path}
        self._folders: list[Path] = []
        self._tried: set[Path] = set()
        self._pages: dict[Path, Page] = {}
        self._held = 0  # characters of these pages
        self._seen: dict[str, _File] = {}
        self._done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
        self._known_collections = archive.collections.all()
        self._names |= {each.path: source for source, each in self._known_collections.items() if each.path}
        self._collections: dict[str, CollectionFile] = {}
        self._collected: list[Collected] = []
        self._removed: list[str] = []
        self._missing: list[str] = []
        self._skipped: list[Skipped] = []
        self._duplicates: list[Duplicate] = []

    def take_all(
        self, progress: Progress | None, fields: Mapping[str, str] | None = None, prune: bool = False
    ) -> Report:
        """Update the archive with every file found, collections last, and return the report."""
        keepers = self.keepers()
        files = self.files()
        total = len(files) + len(self._collections)
        for done, file in enumerate(files, 1):
            self.take(file, keepers[file.digest])
            if progress:
                progress(done, total, file.source)
        self.find_recurring()
        done = len(files)
        for collection in self._collections.values():
            total -= 1
            counted = _after(progress, done, total)
            collected, broken = self._ingesting(collection).take(
                collection, fields, prune=prune, progress=counted
            )
            if broken:
                self._skip(collection.source, broken.reason, broken.detail)
            if collected != Collected(collection.source, fields=collected.fields) or not broken:
                self._collected.append(collected)
            done += collected.held
            total += collected.held
        return self.report()

    def find_recurring(self) -> None:
        """Read again the files that name no outlet but by a line that recurs in their folder."""
        folders: dict[Path, list[_File]] = {}
        for file in self._seen.values():
            if file.path:
                folders.setdefault(file.path.parent, []).append(file)
        taken = {*self._done["added"], *self._done["changed"]}
        for folder, files in folders.items():
            if folder in self._recurring or not any(file.source in taken for file in files):
                continue
            unsigned = [file for file in files if self._is_unsigned(file.source)]
            if len(unsigned) < LEAST:
                continue
            read = unsigned[:MOST_READ]
            texts = [names_in(self._archive.file_text(file.source)) for file in read]
            outlet = outlet_among(texts, len(files) * len(read) // len(unsigned))
            if outlet is not None:
                self._recurring[folder] = outlet
                for file in unsigned:
                    self._store(file)

    def _is_unsigned(self, source: str) -> bool:
        articles = self._archive.articles_of(source)
        return bool(articles) and articles[0].publisher is None

    def find_document(self, document: Document) -> None:
        """Read a document and record it under its own name or a numbered one that is free."""
        try:
            page = read_bytes(
                document.data, document.kind, self._worker, url=document.url, charset=document.charset
            )
            if not document.headed:
                page = replace(page, said=replace(page.said or PageMetadata(), headed=False))
        except NoTextError as error:
            self._skip(document.source, error.reason, error.detail)
            return
        digest = digest_of(page.text)
        source = next(
            name for name in _numbered(document.source) if self._may_be(name, page.text, digest, document.url)
        )
        if source in self._seen:
            self._duplicates.append(Duplicate(document.source, source))
        else:
            self._seen[source] = _File(source, None, digest, document, page)

    def find_sent_collection(self, document: Document, spool: Spool) -> None:
        """Record a document that is a collection, under its own name or a numbered one that is free."""
        document = replace(document, published=None)  # the day of the file is not that of its articles
        if len(document.data) > MAX_BYTES:
            self._skip(document.source, *too_large(len(document.data)))
            return
        try:
            path = spool.put(document.data, document.source, document.kind)
        except OSError as error:
            self._skip(document.source, Reason.UNREADABLE, error.strerror or "")
            return
        document = replace(document, data=b"")  # which is in the file now
        for name in _numbered(document.source):
            file = CollectionFile(name, path, (None, None), document)
            if self._may_be_collection(file):
                self._collections[name] = file
                return

    def _may_be_collection(self, file: CollectionFile) -> bool:
        """Return whether a collection that was sent may have its name: no other has it, or an earlier state of it."""
        if file.source in self._collections or file.source in self._seen or file.source in self._known:
            return False
        known = self._known_collections.get(file.source)
        if known is None:
            return True
        if known.path:
            return False
        return bool(file.sent and file.sent.url) or not self._ingesting(file).is_another(file)

    def _may_be(self, source: str, text: str, digest: str, url: str | None) -> bool:
        """Return whether a document may have this name: it is free, or an earlier version of the text has it."""
        if source in self._seen:
            return self._seen[source].digest == digest
        if source in self._collections or source in self._known_collections:
            return False
        known = self._known.get(source)
        if known is None:
            return True
        if known.path:
            return False
        return bool(url) or known.digest == digest or alike(text, self._archive.file_text(source))

    def find(self, given: Path) -> None:
        """Find the files at or below a given path."""
        if os.path.isdir(given):  # False where Path.is_dir raises
            root = Path(os.path.realpath(given))
            self._folders.append(root)
            self._find_below(root, str(given))
        elif given.suffix.lower() not in _NAMES and os.path.exists(given):
            self._skip(
                str(given), Reason.UNSUPPORTED, f"musnad reads {', '.join(sorted(KINDS | COLLECTIONS))}"
            )
        else:
            self._find_file(Path(os.path.realpath(given.parent), given.name), given.name, shown=str(given))

    def _find_below(self, root: Path, shown: str) -> None:
        """Find the files below a folder; where none of them is of a kind that is read, say so."""
        others: Counter[str] = Counter()
        nothing = True
        for path, problem in walk(root):
            name = path.relative_to(root).as_posix()
            suffix = path.suffix.lower()
            picture = suffix in PICTURES
            known = suffix in _NAMES and (self._read_pictures or not picture)
            if problem and (known or os.path.isdir(path)):
                self._skip(name, *problem)
            elif picture and self._is_of_page(path.parent):
                continue
            elif path in self._leave:
                pass
            elif known:
                self._find_file(path, name)
            else:
                self._pictures_left += picture
                others[suffix] += path.name != SETTINGS
                continue
            nothing = False
        if nothing and not self._was_below(root):
            counted = ", ".join(
                f"{ascii(suffix)[1:-1] or '-'}×{count}"
                for suffix, count in sorted(others.items(), key=lambda each: (-each[1], each[0]))[
                    :_MOST_SUFFIXES
                ]
                if count
            )
            self._skip(shown, Reason.NOTHING, f"by kind: {counted}" if counted else "it is empty")

    def _was_below(self, root: Path) -> bool:
        """Return whether the archive has anything from below a folder."""
        return any(Path(path).is_relative_to(root) for path in self._names)

    def _is_of_page(self, folder: Path) -> bool:
        if folder not in self._of_pages:
            self._of_pages[folder] = _is_of_page(folder)
        return self._of_pages[folder]

    def files(self) -> list[_File]:
        """Return the files found, in the order they were found."""
        return list(self._seen.values())

    def _find_file(self, path: Path, name: str, shown: str | None = None) -> None:
        source = self._names.get(str(path), name)
        if path in self._tried:
            return
        self._tried.add(path)
        try:
            self._settings.of(path.parent)
        except FolderSettingsError as error:
            self._leave_out(error)
            return
        stamp = _stamp(path)
        if path.suffix.lower() in COLLECTIONS or (source not in self._known and _is_posts(path)):
            self._find_collection(path, source, shown or source, stamp)
            return
        known = self._known.get(source)
        unread = known is not None and self._is_as_it_was(known, path, stamp, source)
        try:
            str(path).encode()
            digest = known.digest if known and unread else self._read(path)
        except UnicodeEncodeError:
            self._skip(ascii(name)[1:-1], Reason.NAME)
        except NoTextError as error:
            self._skip(shown or source, error.reason, error.detail)
        else:
            for free in [source] if str(path) in self._names else _longer(name, path):
                other = self._other(free, path)
                if other is None and not self._is_collection(free):
                    self._seen[free] = _File(free, path, digest, stamp=stamp, unread=unread)
                    return
                if other and other.digest == digest:
                    self._duplicates.append(Duplicate(str(path), free))
                    return
            self._skip(shown or source, Reason.SAME_NAME, "rename it")

    def _find_collection(
        self, path: Path, source: str, shown: str, stamp: tuple[int | None, int | None]
    ) -> None:
        try:
            str(path).encode()
            check_file(path)
        except UnicodeEncodeError:
            self._skip(ascii(source)[1:-1], Reason.NAME)
        except NoTextError as error:
            self._skip(shown, error.reason, error.detail)
        else:
            for name in [source] if str(path) in self._names else _longer(source, path):
                if self._is_free(name, path):
                    self._collections[name] = CollectionFile(name, path, stamp)
                    return
            self._skip(shown, Reason.SAME_NAME, "rename it")

    def _is_free(self, source: str, path: Path) -> bool:
        """Return whether a collection may have this name: no other has it, unless that one is gone."""
        if source in self._collections or source in self._seen:
            return False
        known = self._known_collections.get(source)
        return known is None or known.path == str(path) or (known.path != "" and is_gone(known.path))

    def _is_collection(self, source: str) -> bool:
        """Return whether a collection has this name, which is then no file's."""
        known = self._known_collections.get(source)
        return source in self._collections or (known is not None and not (known.path and is_gone(known.path)))

    def _other(self, source: str, path: Path) -> _File | None:
        """Return another file with this source name, from this run or, if it still exists, from before."""
        known = self._known.get(source)
        if source not in self._seen and known and known.path != str(path):
            if not known.path:
                return _File(source, None, known.digest)
            return None if is_gone(known.path) else _File(source, Path(known.path), known.digest)
        return self._seen.get(source)

    def settle_missing(self, prune: bool) -> None:
        """Report or remove the files that were ingested from below the given folders and are gone.

        A folder that is gone itself is no evidence: its disk may be unmounted.
        """
        for source, origin in list(self._known.items()):
            if source in self._seen or not origin.path or not is_gone(origin.path):
                continue
            if any(Path(origin.path).is_relative_to(folder) for folder in self._folders):
                if prune:
                    self._remove(source)
                else:
                    self._missing.append(source)
        for source, collection in self._known_collections.items():
            path = Path(collection.path)
            if not is_gone(collection.path) or not any(path.is_relative_to(each) for each in self._folders):
                continue
            if prune:
                for entry in self._archive.collections.entries(source):
                    self._archive.remove_file(entry)
                self._archive.collections.remove(source)
            (self._removed if prune else self._missing).append(source)

    def keepers(self) -> dict[str, str]:
        """Return, by digest, the source that is to hold each text.

        It is one that held the text and still does, one that the archive knows already, or the first.
        """
        found: dict[str, str] = {}
        now = {file.source: file.digest for file in self.files()}
        for source, origin in self._known.items():
            if now.get(source, origin.digest) == origin.digest:
                found.setdefault(origin.digest, source)
        for file in sorted(self.files(), key=lambda file: file.source not in self._known):
            if file.digest not in found and (entry := self._archive.holder(file.digest, entries=True)):
                found[file.digest] = entry
            found.setdefault(file.digest, file.source)
        return found

    def take(self, file: _File, keeper: str) -> None:
        """Update the archive with one file."""
        known = self._known.get(file.source)
        if keeper != file.source:
            self._duplicates.append(Duplicate(file.source, keeper))
            if known:
                self._remove(file.source)
            return
        if file.unread:
            self._done["unchanged"].append(file.source)
            return
        if status := self._store(file):
            self._done[status].append(file.source)

    def _store(self, file: _File) -> str:
        """Read, parse and store a file; return whether it was added, changed or unchanged, "" when it was skipped."""
        try:
            page = self._page(file)
            digest = digest_of(page.text)
            anew = self._is_read_otherwise(file, digest) and not self._read_anew(file, page)
            added = self._archive.add_file(
                file.source,
                digest,
                page.text,
                self._articles(file, page),
                self._chunk,
                path=file.path,
                stamp=file.stamp,
                parser=self._parser(file.source, file.path),
                recipe=self._recipe,
                outlet=self._given(file.source),
                raw=hashlib.sha256(file.document.data).hexdigest() if file.document else None,
                anew=anew,
            )
        except NoTextError as error:
            self._skip(file.source, error.reason, error.detail)
        except (parsing.ParseError, InconsistentArticleError) as error:
            self._skip(file.source, Reason.NO_ARTICLE, str(error).removeprefix(f"{file.source}: "))
        else:
            self._scanned += page.said.scanned if page.said else 0
            return added.status
        return ""

    def _is_read_otherwise(self, file: _File, digest: str) -> bool:
        """Return whether a file's text is another, and another parser read the older one."""
        known = self._known.get(file.source)
        parser = self._parser(file.source, file.path)
        return known is not None and known.digest != digest and is_other_parser(known.parser, parser)

    def _read_anew(self, file: _File, page: Page) -> bool:
        """Read a file's older text anew before the newer takes its place; return whether that can be done.

        What a newer parser makes of the older text is no difference between the two. Of what is no plain text the
        archive has only what the older parser took from it.
        """
        known = self._known[file.source]
        kind = file.document.kind if file.document else file.path.suffix.lower() if file.path else ""
        if kind != ".txt":
            return False
        text = self._archive.file_text(file.source)
        try:
            articles = self._articles(file, replace(page, text=text))
        except parsing.ParseError:
            return False
        self._archive.add_file(
            file.source,
            known.digest,
            text,
            articles,
            self._chunk,
            stamp=(known.size, known.modified),
            parser=self._parser(file.source, file.path),
            recipe=self._recipe,
            outlet=known.outlet,
            raw=known.raw,
        )
        return True

    def _page(self, file: _File) -> Page:
        """Return the page of a file found. Raises NoTextError."""
        if file.page is not None:
            return file.page
        assert file.path is not None  # nothing else is found without a page
        page = self._pages.pop(file.path, None)
        if page is None:
            return read_file(file.path, self._worker)
        self._held -= len(page.text)
        return page

    def _read(self, path: Path) -> str:
        """Read a file and return its text's digest. Raises NoTextError.

        Its page waits for its turn, unless many do: then it is read again, so that few texts are in memory.
        """
        page = read_file(path, self._worker)
        if self._held + len(page.text) <= MOST_HELD:
            self._pages[path] = page
            self._held += len(page.text)
        return digest_of(page.text)

    def _articles(self, file: _File, page: Page) -> list[Article]:
        said = page.said
        if file.path and (recurring := self._recurring.get(file.path.parent)):
            said = replace(said or PageMetadata(), recurring=recurring)
        articles = self._worker.parse(page.text, file.source, said)
        if file.document:
            articles = [file.document.complete(article, page.said) for article in articles]
        if file.path:
            settings = self._settings.of(file.path.parent)
            articles = [settings.complete(article, file.path) for article in articles]
        outlet = self._given(file.source)
        return [given(article, outlet) for article in articles] if outlet else articles

    def _given(self, source: str) -> str | None:
        """Return the outlet given for a source, now or before."""
        known = self._known.get(source)
        return (known and known.outlet if self._outlet is None else self._outlet) or None

    def _parser(self, source: str, path: Path | None) -> str:
        """Return what makes the articles of a source: the parser's version, and a digest of what is given for it."""
        said = self._settings.of(path.parent) if path else NOTHING
        given = replace(said, outlet=self._given(source) or said.outlet).digest
        return f"{parsing.VERSION} {given}".strip()

    def _is_as_it_was(
        self, known: Origin, path: Path, stamp: tuple[int | None, int | None], source: str
    ) -> bool:
        """Return whether reading a file again would give the content that the archive has already."""
        made = (known.path, known.parser, known.recipe, known.size, known.modified)
        parser = self._parser(source, path)
        return None not in stamp and made == (str(path), parser, derivation(self._recipe), *stamp)

    def _leave_out(self, error: FolderSettingsError) -> None:
        """Report a folder's settings that cannot be used, once."""
        skipped = Skipped(str(error.path), Reason.SETTINGS, str(error))
        if skipped not in self._skipped:
            self._skipped.append(skipped)

    def _ingesting(self, collection: CollectionFile) -> Ingesting:
        """Return the ingest of a collection, with what is said of its folder and what is given for it."""
        known = self._known_collections.get(collection.source)
        outlet = (known.outlet if known and self._outlet is None else self._outlet) or None
        said = NOTHING if collection.sent else self._settings.of(collection.path.parent)
        given = replace(said, outlet=outlet or said.outlet).digest
        if collection.sent:
            claims = repr((collection.sent.url, collection.sent.publisher))
            given += digest_of(claims)[:8]
        return Ingesting(
            self._archive,
            self._chunk,
            self._recipe,
            f"{parsing.VERSION} {given}".strip(),
            self._worker,
            said,
            outlet,
        )

    def report(self) -> Report:
        """Return the report of this ingest."""
        done = [source for sources in self._done.values() for source in sources]
        undated, unnamed = self._archive.count_lacking([*done, *(each.source for each in self._collected)])
        return Report(
            added=tuple(self._done["added"]),
            changed=tuple(self._done["changed"]),
            unchanged=tuple(self._done["unchanged"]),
            removed=tuple(self._removed),
            missing=tuple(self._missing),
            skipped=tuple(self._skipped),
            articles=self._archive.count_articles(),
            duplicates=tuple(self._duplicates),
            collections=tuple(self._collected),
            pictures=self._pictures_left,
            scanned=self._scanned,
            undated=undated,
            unnamed=unnamed,
        )

    def _remove(self, source: str) -> None:
        self._archive.remove_file(source)
        del self._known[source]
        self._removed.append(source)

    def _skip(self, source: str, reason: Reason, detail: str = "") -> None:
        self._skipped.append(Skipped(source, reason, detail))


def _longer(name: str, path: Path) -> Iterator[str]:
    """Yield the name of a file, then with more and more of the folders it is in: «a.html», «2015/a.html», …"""
    yield name
    folders = path.parts[1 : -len(PurePosixPath(name).parts)]
    for number in range(1, len(folders) + 1):
        yield "/".join((*folders[-number:], name))


_NAMES = KINDS | COLLECTIONS | NAMED.keys() | PICTURES
"""The suffixes of files that are read, or refused by name."""


def _is_of_page(folder: Path) -> bool:
    """Return whether a folder holds what belongs to a page saved beside it: «page.html» and «page_files»."""
    try:
        beside = [each.stem for each in folder.parent.iterdir() if each.suffix.lower() in _PAGES]
    except OSError:
        return False
    return any(folder.name.startswith((f"{stem}_", f"{stem}-", f"{stem}.")) for stem in beside)


_PAGES = frozenset({".html", ".htm", ".xhtml"})


def _numbered(source: str) -> Iterator[str]:
    """Yield a name and its numbered forms: «بيان.docx», «بيان (2).docx», …"""
    yield source
    suffix = PurePosixPath(source).suffix
    if suffix.lower() in PACKED:
        suffix = PurePosixPath(source.removesuffix(suffix)).suffix + suffix
    for number in count(2):
        yield f"{source.removesuffix(suffix)} ({number}){suffix}"


_MOST_SUFFIXES = 8  # named of a folder that holds nothing to read

_SETTLED = 2_000_000_000
"""Nanoseconds after a write during which a file may be written again within the same tick of its clock."""


def _stamp(path: Path) -> tuple[int | None, int | None]:
    """Return the size and time of a file; None for both if it was just written or cannot be accessed."""
    try:
        found = path.stat()
    except OSError:
        return None, None
    settled = time.time_ns() - found.st_mtime_ns >= _SETTLED
    return (found.st_size, found.st_mtime_ns) if settled else (None, None)


_HEAD = 64 * 1024  # bytes of a page that show what it is


def _is_posts(path: Path) -> bool:
    """Return whether a file is a page of a chat's posts, each an article of its own."""
    if path.suffix.lower() not in (".html", ".htm"):
        return False
    try:
        check_file(path)
        with path.open("rb") as file:
            return may_be_posts(file.read(_HEAD))
    except (OSError, NoTextError):
        return False


def _after(progress: Progress | None, done: int, others: int) -> Progress | None:
    """Return a callback for the entries of a collection that counts what was done before it and what is to come."""
    if progress is None:
        return None
    return lambda number, total, name: progress(done + number, done + total + others - done, name)
