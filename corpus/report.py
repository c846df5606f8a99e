"""The report of an ingest, document by document."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not ingested. Its content from earlier ingests stays in the archive."""

    source: str
    reason: str
    """One of the phrases of `corpus.decode.Reason`."""
    detail: str = ""
    """The position or amount: ``not UTF-8 at byte 1043``."""

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file whose text the archive holds under another name, and that name."""

    source: str
    of: str


@dataclass(frozen=True, slots=True)
class Refusals:
    """The entries of a collection that were refused for one reason: their number, and the first of them."""

    reason: str
    """One of the phrases of `corpus.decode.Reason`."""
    count: int
    first: tuple[tuple[str, str], ...]
    """Keys, or numbers where there are none, and the details of some of them."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of the entries of a collection, by their number: there may be a million."""

    source: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    """Entries whose text the archive holds under another name."""
    missing: int = 0
    """Entries that left the collection, and are kept."""
    removed: int = 0
    """Entries that left the collection, and were pruned, or are now the duplicates of others."""
    refused: tuple[Refusals, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    """What is no article by what the collection says itself, such as drafts, with the number of each."""
    fields: tuple[tuple[str, str], ...] = ()
    """Which field was taken for what."""

    @property
    def held(self) -> int:
        return self.added + self.changed + self.unchanged


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an ingest by source names, and the number of current articles in the archive after it.

    `Archive.articles_of` returns the articles that were found under a source.
    """

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
    collections: tuple[Collected, ...] = ()
    """Files that hold many articles; they are in none of the other lists unless they could not be read to their end."""
    pictures: int = field(default=0, compare=False)
    """Number of pictures in folders that were not looked at, since text recognition is off."""
    scanned: int = field(default=0, compare=False)
    """Number of pages in PDF files that are pictures between pages of text, and were not read."""
    undated: int = field(default=0, compare=False)
    """Number of articles of what was ingested or there already that have no date."""
    unnamed: int = field(default=0, compare=False)
    """Number of those that have no outlet."""

    @property
    def held(self) -> tuple[str, ...]:
        """Return the sources that were ingested or there already: `Archive.articles_of` has articles of each."""
        return self.added + self.changed + self.unchanged

    @property
    def brought(self) -> bool:
        """Return whether anything is new in the archive."""
        return bool(
            self.added or self.changed or any(each.added or each.changed for each in self.collections)
        )

    def __add__(self, later: Report) -> Report:
        """Return the combined report of two ingests, one after the other."""
        return Report(
            added=self.added + later.added,
            changed=self.changed + later.changed,
            unchanged=self.unchanged + later.unchanged,
            removed=self.removed + later.removed,
            missing=self.missing + later.missing,
            skipped=self.skipped + later.skipped,
            articles=later.articles,
            duplicates=self.duplicates + later.duplicates,
            collections=self.collections + later.collections,
            pictures=self.pictures + later.pictures,
            scanned=self.scanned + later.scanned,
            undated=self.undated + later.undated,
            unnamed=self.unnamed + later.unnamed,
        )
