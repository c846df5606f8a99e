"""What an ingest did, document by document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not taken in. What the archive has of it from before stays."""

    source: str
    reason: str
    """One of the phrases of `corpus.decode.Reason`."""
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
    """What an ingest did, by source names, and how many current articles the archive holds after it.

    `Archive.articles_of` gives the articles that were found under a source.
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

    @property
    def held(self) -> tuple[str, ...]:
        """The sources that went in or were there already: what `Archive.articles_of` has articles of."""
        return self.added + self.changed + self.unchanged

    def __add__(self, later: Report) -> Report:
        """What two ingests did, one after the other."""
        return Report(
            added=self.added + later.added,
            changed=self.changed + later.changed,
            unchanged=self.unchanged + later.unchanged,
            removed=self.removed + later.removed,
            missing=self.missing + later.missing,
            skipped=self.skipped + later.skipped,
            articles=later.articles,
            duplicates=self.duplicates + later.duplicates,
        )
