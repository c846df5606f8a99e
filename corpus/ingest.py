"""From files and folders into the archive: what is new goes in, what changed becomes a new version, what
cannot be read is named, and the rest goes on.

A file's source name is its path below the folder that was given, with "/", or its own name when it was given
by itself; a file that the archive knows by its place keeps the name it has. A text that is in the archive
under another name is not taken in twice, or its quotes would come twice: it is reported as a duplicate.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus import parse as parsing
from corpus.decode import NoTextError, Reason, decode
from corpus.errors import InconsistentArticleError
from corpus.passages import Chunker, derivation
from corpus.store import Archive

__all__ = ["Duplicate", "Reason", "Report", "Skipped", "ingest"]

SUFFIXES = frozenset({".txt"})
"""The formats that are read. Other files in a folder are passed over; given by themselves they are named."""

MAX_BYTES = 20 * 1024 * 1024
"""The largest file that is read: what Telegram hands to a bot, and a thousand times an article."""

Progress = Callable[[int, int, str], None]
"""Called with the files done, the files in all, and the name of the one just done."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not taken in. What the archive has of it from before stays."""

    source: str
    reason: str
    """One of the phrases of ``Reason``."""
    detail: str = ""
    """Where or how much: ``not UTF-8 at byte 1043``."""

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file whose text the archive holds under another name, and that name."""

    source: str
    of: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did, by source names, and how many current articles the archive holds after it."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Gone from a given folder, and pruned; or now the duplicate of another file."""
    missing: tuple[str, ...] = ()
    """Gone from a given folder, and kept."""
    skipped: tuple[Skipped, ...] = ()
    articles: int = 0
    duplicates: tuple[Duplicate, ...] = ()


def ingest(
    paths: Sequence[Path],
    archive: Archive,
    chunk: Chunker,
    *,
    prune: bool = False,
    progress: Progress | None = None,
    recipe: str = "",
) -> Report:
    """Take the files at ``paths`` and below them into the archive.

    Each file is one transaction: killed in the middle and run again, the archive is as if never killed. Files
    that were taken in from below a given folder and are no longer there are reported as missing, or removed
    with ``prune``; files elsewhere are left alone. ``recipe``: what ``chunk`` depends on, see
    ``Archive.add_file``. Raises ArchiveError when the archive cannot be written; a file never makes it raise.
    """
    with archive.lock():
        run = _Run(archive, chunk, recipe)
        for given in paths:
            run.find(given)
        run.settle_missing(prune)
        keepers = run.keepers()
        files = run.files()
        for done, file in enumerate(files, 1):
            run.take(file, keepers[file.digest])
            if progress:
                progress(done, len(files), file.source)
        return run.report()


@dataclass(frozen=True, slots=True)
class _File:
    source: str
    path: Path
    digest: str


class _Run:
    """One ingest under way: what the archive knew before, the files found, and what came of them."""

    def __init__(self, archive: Archive, chunk: Chunker, recipe: str) -> None:
        self._archive = archive
        self._chunk = chunk
        self._recipe = recipe
        self._parser = str(getattr(parsing, "VERSION", ""))
        self._known = archive.origins()
        self._names = {origin.path: source for source, origin in self._known.items() if origin.path}
        self._folders: list[Path] = []
        self._tried: set[Path] = set()
        self._seen: dict[str, _File] = {}
        self._done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
        self._removed: list[str] = []
        self._missing: list[str] = []
        self._skipped: list[Skipped] = []
        self._duplicates: list[Duplicate] = []

    def find(self, given: Path) -> None:
        """The files at or below a given path."""
        if os.path.isdir(given):  # False where Path.is_dir raises
            root = Path(os.path.realpath(given))
            self._folders.append(root)
            for path, problem in _walk(root):
                if problem:
                    self._skip(path.relative_to(root).as_posix(), Reason.UNREADABLE, problem)
                elif path.suffix.lower() in SUFFIXES:
                    self._find_file(path, path.relative_to(root).as_posix())
        elif given.suffix.lower() not in SUFFIXES and os.path.exists(given):
            self._skip(str(given), Reason.UNSUPPORTED, f"musnad reads {', '.join(sorted(SUFFIXES))}")
        else:
            self._find_file(Path(os.path.realpath(given.parent), given.name), given.name, shown=str(given))

    def files(self) -> list[_File]:
        """The files found, in the order they were found."""
        return list(self._seen.values())

    def _find_file(self, path: Path, name: str, shown: str | None = None) -> None:
        source = self._names.get(str(path), name)
        if path in self._tried:
            return
        self._tried.add(path)
        try:
            str(path).encode()
            digest = _digest(_read(path))
        except UnicodeEncodeError:
            self._skip(ascii(name)[1:-1], Reason.NAME)
        except NoTextError as error:
            self._skip(shown or source, error.reason, error.detail)
        else:
            other = self._other(source, path)
            if other is None:
                self._seen[source] = _File(source, path, digest)
            elif other.digest == digest:
                self._duplicates.append(Duplicate(str(path), source))
            else:
                self._skip(shown or source, Reason.SAME_NAME, f"{path} and {other.path}")

    def _other(self, source: str, path: Path) -> _File | None:
        """Another file that has this source name, in this run or, as long as it is there, from before."""
        known = self._known.get(source)
        if source not in self._seen and known and known.path and known.path != str(path):
            return None if _is_gone(known.path) else _File(source, Path(known.path), known.digest)
        return self._seen.get(source)

    def settle_missing(self, prune: bool) -> None:
        """Report or remove what was taken in from below the given folders and is gone. A folder that is gone
        itself says nothing: its disk may be out."""
        for source, origin in list(self._known.items()):
            if source in self._seen or not origin.path or not _is_gone(origin.path):
                continue
            if any(Path(origin.path).is_relative_to(folder) for folder in self._folders):
                if prune:
                    self._remove(source)
                else:
                    self._missing.append(source)

    def keepers(self) -> dict[str, str]:
        """Which source is to hold each text in the end: one that held it and still does, one that the archive
        knows already, or the first."""
        found: dict[str, str] = {}
        now = {file.source: file.digest for file in self.files()}
        for source, origin in self._known.items():
            if now.get(source, origin.digest) == origin.digest:
                found.setdefault(origin.digest, source)
        for file in sorted(self.files(), key=lambda file: file.source not in self._known):
            found.setdefault(file.digest, file.source)
        return found

    def take(self, file: _File, keeper: str) -> None:
        """Bring the archive up to one file."""
        known = self._known.get(file.source)
        if keeper != file.source and not (known and known.digest == file.digest):
            self._duplicates.append(Duplicate(file.source, keeper))
            if known:
                self._remove(file.source)
            return
        derived = (file.digest, str(file.path), self._parser, derivation(self._recipe))
        if self._parser and known and (known.digest, known.path, known.parser, known.recipe) == derived:
            self._done["unchanged"].append(file.source)
            return
        try:
            text = _read(file.path)
            articles = parsing.parse(text, file.source)
            added = self._archive.add_file(
                file.source,
                _digest(text),
                text,
                articles,
                self._chunk,
                path=file.path,
                parser=self._parser,
                recipe=self._recipe,
            )
        except NoTextError as error:
            self._skip(file.source, error.reason, error.detail)
        except (parsing.ParseError, InconsistentArticleError) as error:
            self._skip(file.source, Reason.NO_ARTICLE, str(error).removeprefix(f"{file.source}: "))
        else:
            self._done[added.status].append(file.source)

    def report(self) -> Report:
        """What came of it."""
        return Report(
            added=tuple(self._done["added"]),
            changed=tuple(self._done["changed"]),
            unchanged=tuple(self._done["unchanged"]),
            removed=tuple(self._removed),
            missing=tuple(self._missing),
            skipped=tuple(self._skipped),
            articles=self._archive.count_articles(),
            duplicates=tuple(self._duplicates),
        )

    def _remove(self, source: str) -> None:
        self._archive.remove_file(source)
        del self._known[source]
        self._removed.append(source)

    def _skip(self, source: str, reason: Reason, detail: str = "") -> None:
        self._skipped.append(Skipped(source, reason, detail))


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    """The files below a folder but for hidden ones, and the folders that cannot be listed, with the problem
    ("" for a file). Whatever links there are, each folder comes once, by its real name if that is below the
    root."""
    folders, links, visited = deque([root]), deque[Path](), set[Path]()
    while folders or links:
        folder = folders.popleft() if folders else links.popleft()
        real = Path(os.path.realpath(folder))
        if real in visited:
            continue
        visited.add(real)
        try:
            entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            yield folder, error.strerror or "cannot be listed"
            continue
        for entry in entries:
            if os.path.isdir(entry):
                (links if entry.is_symlink() else folders).append(entry)
            else:
                yield entry, ""


def _read(path: Path) -> str:
    """The text of a file. Raises NoTextError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NoTextError(Reason.NOT_A_FILE)
        if status.st_size > MAX_BYTES:
            raise NoTextError(Reason.TOO_LARGE, f"{status.st_size:,} bytes, the limit is {MAX_BYTES:,}")
        return decode(path.read_bytes())
    except FileNotFoundError as error:
        raise NoTextError(Reason.NOT_FOUND, "broken link" if path.is_symlink() else "") from error
    except OSError as error:
        raise NoTextError(Reason.UNREADABLE, error.strerror or "") from error


def _digest(text: str) -> str:
    """Names a text, whatever its file's encoding."""
    return hashlib.sha256(text.encode()).hexdigest()


def _is_gone(path: str) -> bool:
    """Nothing is there any more; False where that cannot be known."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
