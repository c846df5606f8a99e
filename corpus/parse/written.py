"""The text that is stored of a document that was not text."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.article import BlockKind


def write(lines: Iterable[tuple[str, BlockKind]], title: str = "") -> tuple[str, dict[int, BlockKind]]:
    """A document's lines as one text below its headline, and what is at which offset of it: list items stand
    close together, all else with an empty line between."""
    parts: list[str] = [title] if title else []
    kinds: dict[int, BlockKind] = {}
    at = len(title)
    before: BlockKind | None = None
    for text, kind in lines:
        if parts:
            gap = "\n" if before == kind == "item" else "\n\n"
            parts.append(gap)
            at += len(gap)
        if kind != "paragraph":
            kinds[at] = kind
        parts.append(text)
        at += len(text)
        before = kind
    return "".join(parts), kinds
