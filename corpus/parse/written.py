"""Assembly of the stored text for documents that are not plain text."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.article import BlockKind


def write(lines: Iterable[tuple[str, BlockKind]], title: str = "") -> tuple[str, dict[int, BlockKind]]:
    """Return a document's lines as one text below its headline, and the line kinds by offset.

    List items follow each other directly; all other lines have an empty line between them.
    """
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
