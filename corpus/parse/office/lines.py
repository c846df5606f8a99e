"""Lines of a document, as every format gives them, and the stored text that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.article import BlockKind, Published
from corpus.decode import NoTextError, Reason
from corpus.parse.page import Page, PageMetadata
from corpus.parse.plain.lines import key
from corpus.parse.written import write

_TITLE_WITHIN = 8  # lines: what may stand above a line that is styled as the document's title
_HEADING_WITHIN = 3  # above one that is styled as a heading of the first level
_SENTENCE = 12  # words: a cell that holds so long a line, and another one, is a place rather than a datum
_PARAGRAPH = 15  # words of cells that are paragraphs, side by side


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a document, or a row of a table. Its text has newlines where lines are broken within it."""

    text: str
    kind: BlockKind = "paragraph"
    heads: Literal["", "title", "heading"] = ""
    """Whether it is styled as the document's title, or as a heading of the first level."""
    joins: bool = False
    """Whether the next paragraph continues it: its mark was deleted, or is hidden."""
    row: bool = False
    """Whether it is a row of a table."""


def page_of(lines: Iterable[Line], claimed: str = "", **said: str | Published | None) -> Page:
    """Return the page of a document with these lines.

    ``claimed`` is the title in the document's properties, which counts only where one of the first lines says the same;
    ``said`` is other metadata of `PageMetadata`. Raises NoTextError when there are no lines.
    """
    found = [part for line in joined(lines) for part in _broken(line)]
    if not found:
        raise NoTextError(Reason.EMPTY)
    title = _title(found, claimed)
    text, kinds = write([(line.text, line.kind) for line in found if line.text != title], title)
    return Page(text, PageMetadata(title=title, kinds=kinds, **said))  # type: ignore[arg-type]


def joined(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines that hold text, those that join with the line they join."""
    before: list[str] = []
    last: Line | None = None
    for line in lines:
        last = line
        if line.joins:
            before.append(line.text)
            continue
        if before:
            line = replace(line, text="".join([*before, line.text]))
            before = []
        if line.text.strip():
            yield line
    if last and any(text.strip() for text in before):
        yield replace(last, text="".join(before), joins=False)


def _broken(line: Line) -> Iterator[Line]:
    """Yield a line's parts where it is broken; a heading broken in two is one."""
    parts = [part.strip() for part in line.text.splitlines() if part.strip()]
    if line.kind == "heading" and len(parts) > 1:
        parts = [" ".join(parts)]
    for part in parts:
        yield replace(line, text=part)


def _title(found: Sequence[Line], claimed: str) -> str:
    styled = [line for line in found[:_TITLE_WITHIN] if line.heads == "title"]
    headings = [line for line in found[:_HEADING_WITHIN] if line.heads]
    same = [line for line in found[:_TITLE_WITHIN] if key(claimed) and key(line.text) == key(claimed)]
    return next((line.text for line in [*styled, *headings, *same]), "")


def row_of(cells: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Yield the lines of a table's row: one, with tabs between its cells, or those of a row that only lays them out.

    Such a row has one cell, a cell of several lines with a sentence among them, or paragraphs side by side. Tables in
    its cells follow the row.
    """
    filled = [cell for cell in cells if any(line.text.strip() for line in cell)]
    if len(filled) == 1 or any(map(_is_place, filled)) or sum(map(_is_paragraph, filled)) > 1:
        for cell in filled:
            yield from cell
        return
    own = (" ".join(" ".join(line.text.split()) for line in cell if not line.row) for cell in filled)
    if text := "\t".join(each for each in own if each):
        yield Line(text, row=True)
    for cell in filled:
        yield from (line for line in cell if line.row)


def _is_place(cell: Sequence[Line]) -> bool:
    lines = [line for line in cell if not line.row and line.text.strip()]
    return len(lines) > 1 and any(line.heads or len(line.text.split()) >= _SENTENCE for line in lines)


def _is_paragraph(cell: Sequence[Line]) -> bool:
    return any(not line.row and len(line.text.split()) >= _PARAGRAPH for line in cell)
