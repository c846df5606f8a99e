"""The outcomes of a collection's entries, counted; and kept for as long as the collection stays as it is."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from corpus.report import Collected, Refusals
from corpus.store.collections import Collection

_MOST_NAMED = 3  # refused entries named for each reason


@dataclass(slots=True)
class Tally:
    """The outcomes of a collection's entries, counted."""

    fates: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    fields: tuple[tuple[str, str], ...] = ()

    def refuse(self, key: str, reason: str, detail: str) -> None:
        """Count an entry that was refused, and name it if it is among the first."""
        self.refused[reason] += 1
        named = self.first.setdefault(reason, [])
        if len(named) < _MOST_NAMED:
            named.append((key, detail))

    def collected(self, source: str) -> Collected:
        """Return what is to be reported."""
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


def outcome(collected: Collected) -> str:
    """Return what is to be reported again while a collection stays as it is, as JSON."""
    refused = [[each.reason, each.count, each.first] for each in collected.refused]
    kept = {"refused": refused, "left_out": collected.left_out, "fields": collected.fields}
    return json.dumps({**kept, "missing": collected.missing}, ensure_ascii=False)


def reported_again(known: Collection, entries: int, doubles: int) -> Collected:
    """Return what is to be reported of a collection that is as it was.

    ``entries`` is the number of those that the archive holds, ``doubles`` of those that it holds under other names.
    """
    kept = json.loads(known.outcome)
    missing = kept.get("missing", 0)
    return Collected(
        known.source,
        unchanged=entries - missing,
        duplicates=doubles,
        missing=missing,
        refused=tuple(
            Refusals(reason, count, tuple((key, detail) for key, detail in first))
            for reason, count, first in kept.get("refused", ())
        ),
        left_out=tuple((what, count) for what, count in kept.get("left_out", ())),
        fields=tuple((role, name) for role, name in kept.get("fields", ())),
    )
