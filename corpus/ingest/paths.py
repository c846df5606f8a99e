"""Files found at and below the given paths, each under a name that no other has."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from corpus.decode import NoTextError, Reason
from corpus.files import check_file, is_gone, walk
from corpus.foldersettings import FILE as SETTINGS
from corpus.foldersettings import FolderSettingsError
from corpus.ingest.context import Context
from corpus.ingest.found import CollectionFile, File, Found, Stamp, stamp_of
from corpus.ingest.kinds import SUFFIXES, is_of_page, is_posts
from corpus.ingest.names import longer
from corpus.ingest.outcomes import Outcomes
from corpus.ingest.pages import Pages
from corpus.ocr import PICTURES
from corpus.parse import KINDS
from corpus.parse.collections import COLLECTIONS
from corpus.report import Skipped
from corpus.store import Origin
from corpus.store.passages import derivation

_MOST_SUFFIXES = 8  # named of a folder that holds nothing to read


class Paths:
    """The search of one ingest at and below paths."""

    def __init__(
        self,
        context: Context,
        found: Found,
        outcomes: Outcomes,
        pages: Pages,
        *,
        pictures: bool = False,
        leave: Collection[Path] = (),
    ) -> None:
        """``pictures``: whether those in folders are read, too; ``leave``: files in them that are not."""
        self._context = context
        self._found = found
        self._outcomes = outcomes
        self._pages = pages
        self._read_pictures = pictures
        self._leave = leave
        self._tried: set[Path] = set()
        self._of_pages: dict[Path, bool] = {}

    def find(self, given: Path) -> None:
        """Find the files at or below a given path."""
        if os.path.isdir(given):  # False where Path.is_dir raises
            root = Path(os.path.realpath(given))
            self._found.folders.append(root)
            self._find_below(root, str(given))
        elif given.suffix.lower() not in SUFFIXES and os.path.exists(given):
            self._outcomes.skip(
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
            known = suffix in SUFFIXES and (self._read_pictures or not picture)
            if problem and (known or os.path.isdir(path)):
                self._outcomes.skip(name, *problem)
            elif picture and self._is_of_page(path.parent):
                continue
            elif path in self._leave:
                pass
            elif known:
                self._find_file(path, name)
            else:
                self._outcomes.pictures += picture
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
            self._outcomes.skip(shown, Reason.NOTHING, f"by kind: {counted}" if counted else "it is empty")

    def _was_below(self, root: Path) -> bool:
        """Return whether the archive has anything from below a folder."""
        return any(Path(path).is_relative_to(root) for path in self._context.names)

    def _is_of_page(self, folder: Path) -> bool:
        if folder not in self._of_pages:
            self._of_pages[folder] = is_of_page(folder)
        return self._of_pages[folder]

    def _find_file(self, path: Path, name: str, shown: str | None = None) -> None:
        source = self._context.names.get(str(path), name)
        if path in self._tried:
            return
        self._tried.add(path)
        try:
            self._context.settings.of(path.parent)
        except FolderSettingsError as error:
            self._leave_out(error)
            return
        stamp = stamp_of(path)
        known = self._context.known.get(source)
        if path.suffix.lower() in COLLECTIONS or (known is None and is_posts(path)):
            self._find_collection(path, source, shown or source, stamp)
            return
        unread = known is not None and self._is_as_it_was(known, path, stamp, source)
        try:
            str(path).encode()
            digest = known.digest if known and unread else self._pages.read(path)
        except UnicodeEncodeError:
            self._outcomes.skip(ascii(name)[1:-1], Reason.NAME)
        except NoTextError as error:
            self._outcomes.skip(shown or source, error.reason, error.detail)
        else:
            for free in [source] if str(path) in self._context.names else longer(name, path):
                other = self._other(free, path)
                if other is None and not self._is_collection(free):
                    self._found.files[free] = File(free, path, digest, stamp=stamp, unread=unread)
                    return
                if other and other.digest == digest:
                    self._outcomes.double(str(path), free)
                    return
            self._outcomes.skip(shown or source, Reason.SAME_NAME, "rename it")

    def _leave_out(self, error: FolderSettingsError) -> None:
        """Report a folder's settings that cannot be used, once."""
        skipped = Skipped(str(error.path), Reason.SETTINGS, str(error))
        if skipped not in self._outcomes.skipped:
            self._outcomes.skipped.append(skipped)

    def _is_as_it_was(self, known: Origin, path: Path, stamp: Stamp, source: str) -> bool:
        """Return whether reading a file again would give the content that the archive has already."""
        made = (known.path, known.parser, known.recipe, known.size, known.modified)
        parser = self._context.parser(source, path)
        recipe = derivation(self._context.tools.recipe)
        return None not in stamp and made == (str(path), parser, recipe, *stamp)

    def _other(self, source: str, path: Path) -> File | None:
        """Return another file with this source name, from this run or, if it still exists, from before."""
        known = self._context.known.get(source)
        if source not in self._found.files and known and known.path != str(path):
            if not known.path:
                return File(source, None, known.digest)
            return None if is_gone(known.path) else File(source, Path(known.path), known.digest)
        return self._found.files.get(source)

    def _is_collection(self, source: str) -> bool:
        """Return whether a collection has this name, which is then no file's."""
        known = self._context.known_collections.get(source)
        return source in self._found.collections or (
            known is not None and not (known.path and is_gone(known.path))
        )

    def _find_collection(self, path: Path, source: str, shown: str, stamp: Stamp) -> None:
        try:
            str(path).encode()
            check_file(path)
        except UnicodeEncodeError:
            self._outcomes.skip(ascii(source)[1:-1], Reason.NAME)
        except NoTextError as error:
            self._outcomes.skip(shown, error.reason, error.detail)
        else:
            for name in [source] if str(path) in self._context.names else longer(source, path):
                if self._is_free(name, path):
                    self._found.collections[name] = CollectionFile(name, path, stamp)
                    return
            self._outcomes.skip(shown, Reason.SAME_NAME, "rename it")

    def _is_free(self, source: str, path: Path) -> bool:
        """Return whether a collection may have this name: no other has it, unless that one is gone."""
        if source in self._found:
            return False
        known = self._context.known_collections.get(source)
        return known is None or known.path == str(path) or (known.path != "" and is_gone(known.path))
