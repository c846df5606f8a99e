"""What became of all that one ingest found, as it comes to be known."""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.decode import Reason
from corpus.report import Collected, Duplicate, Report, Skipped
from corpus.store import Archive


@dataclass(slots=True)
class Outcomes:
    """The parts of a report; see `corpus.report.Report`."""

    done: dict[str, list[str]] = field(default_factory=lambda: {"added": [], "changed": [], "unchanged": []})
    """The sources that are in the archive now, by what was done."""
    removed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    collected: list[Collected] = field(default_factory=list)
    pictures: int = 0
    scanned: int = 0

    def skip(self, source: str, reason: Reason, detail: str = "") -> None:
        """Note that a source was not ingested."""
        self.skipped.append(Skipped(source, reason, detail))

    def double(self, source: str, of: str) -> None:
        """Note that a text is in the archive, or comes into it, under another name."""
        self.duplicates.append(Duplicate(source, of))

    def report(self, archive: Archive) -> Report:
        """Return the report, with the figures of the archive as it is now."""
        done = [source for sources in self.done.values() for source in sources]
        undated, unnamed = archive.count_lacking([*done, *(each.source for each in self.collected)])
        return Report(
            added=tuple(self.done["added"]),
            changed=tuple(self.done["changed"]),
            unchanged=tuple(self.done["unchanged"]),
            removed=tuple(self.removed),
            missing=tuple(self.missing),
            skipped=tuple(self.skipped),
            articles=archive.count_articles(),
            duplicates=tuple(self.duplicates),
            collections=tuple(self.collected),
            pictures=self.pictures,
            scanned=self.scanned,
            undated=undated,
            unnamed=unnamed,
        )
