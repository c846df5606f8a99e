"""Articles, where they came from, and the spans they are cut into.

All offsets are Unicode code points, half-open: ``[start, end)``.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

Precision = Literal["day", "month", "year"]
BlockKind = Literal["paragraph", "heading", "item", "reference"]
Attribution = Literal["given", "host", "claimed", "recurring"]
"""What an outlet's name rests on: the keeper of the archive gave it; the page was fetched from the outlet's own host;
the text or the markup claims it; it recurs in the files of a folder."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of a text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Published:
    """The publication date of an article, or bounds on it, as far as its own text gives them.

    ``date`` is ISO ``YYYY-MM-DD``, the first day of the period when ``precision`` is month or year, and
    None when the text does not give it: then ``not_before`` / ``not_after`` bound it where the text allows.
    ``evidence`` holds the words, verbatim, that the date or the bound rests on ("" when there are none).
    """

    date: str | None = None
    precision: Precision | None = None
    evidence: str = ""
    not_before: str | None = None
    not_after: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or reference of a body: ``body[start:end]``, without its newline."""

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Dropped:
    """A span of the file's text left out of the article, with the reason (``section name``, ``share``, …)."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Recurring:
    """A span of a body that stands in many articles of an outlet: kept and shown, and never evidence.

    ``articles`` is their number when that was last counted; ``outlet`` the outlet's name or host, or the folder.
    """

    start: int
    end: int
    articles: int
    outlet: str


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one article.

    ``body`` is the published text untouched but for removals: the concatenation of the ``kept`` spans of the
    file's decoded text. The headline is not part of the body unless the article itself repeats it inside.
    """

    source: str
    """The file it was read from: its name, or its path below the folder that was ingested."""
    title: str
    body: str
    part: int = 0
    """0 for the first article of a file, 1 for one glued after it, and so on."""
    publisher: str | None = None
    """The outlet's name as a reader knows it; the original outlet where the file names one."""
    site: str | None = None
    """The outlet's host name where the file names it: ``sana.sy``."""
    origin: str | None = None
    """The host from which it was fetched, whatever it says itself (``t.me/somebody`` where anyone posts); None for a
    file."""
    attribution: Attribution | None = None
    """What ``publisher`` rests on; None where there is none, or in archives of older versions."""
    url: str | None = None
    """The article's own address, where the file gives one."""
    place: str | None = None
    """The place of a dateline: «دبي، الإمارات العربية المتحدة»."""
    published: Published = field(default_factory=Published)
    blocks: tuple[Block, ...] = ()
    kept: tuple[Span, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    recurring: tuple[Recurring, ...] = ()
    """Assigned by the archive, from all that it holds of the outlet; in order."""
    machine_read: bool = False
    """Whether its text was recognised in a picture: it may differ from the original, and no quote of it is verbatim."""
    confidence: int | None = None
    """Of a text that was recognised, how sure its letters are on average, in percent."""
    version: int = 1
    """Assigned by the archive: 1 for the first text seen under this source and part."""
    current: bool = True
    """False once a newer version replaced it or its file was pruned; its quotes stay resolvable."""
    withdrawn: bool = False
    """Whether its outlet took its page away, as far as the archive was told; it is searched all the same."""
    ingested: str | None = None
    """Time at which the archive first stored this version, ISO 8601 UTC."""
    id: str = field(init=False)
    """16 hexadecimal digits, hashed from the published content: permanently identifies this version."""

    def __post_init__(self) -> None:
        parts = (
            self.source,
            str(self.part),
            self.title,
            self.publisher or "",
            self.published.date or "",
            self.body,
        )
        object.__setattr__(self, "id", hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16])

    def recurs(self, span: Span) -> bool:
        """Return whether any of a span recurs in the outlet's articles."""
        return any(each.start < span.end and span.start < each.end for each in self.recurring)

    def block_at(self, at: int) -> int | None:
        """Return the index of the last block that begins at or before ``at``; None when there is none."""
        found = bisect_right(self.blocks, at, key=lambda block: block.start) - 1
        return found if found >= 0 else None

    def parted(self, start: int, end: int) -> bool:
        """Return whether the body's characters at ``start`` and ``end`` stand in different paragraphs."""
        if not self.blocks:
            return "\n" in self.body[start:end]
        return self.block_at(start) != self.block_at(end)

    def wraps(self, at: int) -> bool:
        """Return whether the character at an offset stands inside a paragraph: a line break there is a blank."""
        found = self.block_at(at)
        return found is not None and at < self.blocks[found].end

    def in_file(self, span: Span) -> tuple[Span, ...]:
        """Return a span of the body as spans of the file's text: several where text between was dropped."""
        found: list[Span] = []
        at = 0
        for kept in self.kept:
            start, end = max(span.start, at), min(span.end, at + len(kept))
            if start < end:
                found.append(Span(kept.start + start - at, kept.start + end - at))
            at += len(kept)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: ``[start, end)`` of its article's body, made of whole sentences."""

    article_id: str
    start: int
    end: int
    sentences: tuple[Span, ...]
    """The sentences of the passage, as spans of the body."""

    @property
    def id(self) -> str:
        return f"{self.article_id}:{self.start}-{self.end}"
