"""Storage of the vectors of builds: one folder each, or one collection each on a Chroma server."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Protocol

from corpus.store.private import FOLDER, make_private_folder
from vectorstore.chroma import Chroma, FolderChroma, ServerChroma
from vectorstore.server import Address
from vectorstore.vectors import Build, Vectors


class Builds(Protocol):
    @property
    def place(self) -> str:
        """Name of the storage place; a build that was complete here may be outdated elsewhere."""

    def prepare(self) -> None:
        """Make room for builds, before a reindex."""

    def open(self, build: Build, dimension: int) -> Chroma: ...

    def keep(self, build: Build, chroma: Chroma) -> None:
        """Remove all builds but ``build``; ``chroma`` is the open store of that build."""


class FolderBuilds:
    """Builds stored in subfolders of ``folder``."""

    place = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        if not self._folder.is_dir():
            self._folder.unlink(missing_ok=True)

    def open(self, build: Build, dimension: int) -> FolderChroma:
        # Chroma makes its files for everybody. A folder that is none, or cannot be changed, is for it to name.
        with contextlib.suppress(OSError):
            make_private_folder(self._folder)
            self._folder.chmod(FOLDER)
        return FolderChroma(self._folder / build.folder, dimension)

    def keep(self, build: Build, chroma: Chroma) -> None:
        for each in self._folder.iterdir():
            if each.name != build.folder:
                shutil.rmtree(each, ignore_errors=True)


class ServerBuilds:
    """Builds stored in collections ``musnad-INDEX-BUILD`` on the server at ``url``.

    The collections of another archive carry the name of another index.
    """

    def __init__(self, url: str, vectors: Vectors) -> None:
        self._address = Address.of(url)
        self._vectors = vectors

    @property
    def place(self) -> str:
        return self._address.url

    def prepare(self) -> None:
        pass

    def open(self, build: Build, dimension: int) -> ServerChroma:
        return ServerChroma(self._address, f"{self._prefix}{build.folder}", dimension)

    def keep(self, build: Build, chroma: Chroma) -> None:
        assert isinstance(chroma, ServerChroma)
        chroma.drop_others(self._prefix)

    @property
    def _prefix(self) -> str:
        return f"musnad-{self._vectors.identity()}-"
