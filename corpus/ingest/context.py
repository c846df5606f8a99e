"""What is said and known of the sources of one ingest: given for it, said by folders, in the archive from before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from corpus import parse as parsing
from corpus.foldersettings import NOTHING, Settings
from corpus.ingest.collection import Ingesting
from corpus.ingest.found import CollectionFile
from corpus.ingest.sameness import digest_of
from corpus.ingest.tools import Tools


class Context:
    """The tools of an ingest, and what it knows of a source before it is read."""

    def __init__(self, tools: Tools, outlet: str | None = None) -> None:
        """``outlet`` is the one given for all that is taken in; see `corpus.ingest.ingest`."""
        archive = tools.archive
        self.tools = tools
        self.settings = Settings()
        self.known = archive.origins()
        """The origins that sources had before, by source. What is removed is no longer known."""
        self.known_collections = archive.collections.all()
        """The collections as they were before, by source."""
        self.names = {origin.path: source for source, origin in self.known.items() if origin.path}
        """The names of files and collections as they were before, by path."""
        self.names |= {each.path: source for source, each in self.known_collections.items() if each.path}
        self.recurring = {Path(path).parent: name for path, name in archive.recurring_outlets().items()}
        """Outlets that are named only by a line which recurs in a folder, by folder."""
        self._outlet = outlet

    def given(self, source: str) -> str | None:
        """Return the outlet given for a source, now or before."""
        known = self.known.get(source)
        return (known and known.outlet if self._outlet is None else self._outlet) or None

    def parser(self, source: str, path: Path | None) -> str:
        """Return what makes the articles of a source: the parser's version, and a digest of what is given for it."""
        said = self.settings.of(path.parent) if path else NOTHING
        given = replace(said, outlet=self.given(source) or said.outlet).digest
        return f"{parsing.VERSION} {given}".strip()

    def ingesting(self, collection: CollectionFile) -> Ingesting:
        """Return the ingest of a collection, with what is said of its folder and what is given for it."""
        known = self.known_collections.get(collection.source)
        outlet = (known.outlet if known and self._outlet is None else self._outlet) or None
        said = NOTHING if collection.sent else self.settings.of(collection.path.parent)
        given = replace(said, outlet=outlet or said.outlet).digest
        if collection.sent:
            claims = repr((collection.sent.url, collection.sent.publisher))
            given += digest_of(claims)[:8]
        return Ingesting(self.tools, f"{parsing.VERSION} {given}".strip(), said, outlet)

    def remove(self, source: str) -> None:
        """Remove a source from the archive and from what is known."""
        self.tools.archive.remove_file(source)
        del self.known[source]
