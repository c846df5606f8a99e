"""A document read from its format: its text as it is stored, and what the format says beside the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpus.article import BlockKind, Published


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page's markup says of its article.

    A republication notice or a header in the text goes before it, a dateline or a stamp after it.
    """

    title: str = ""
    publisher: str | None = None
    site: str | None = None
    url: str | None = None
    published: Published | None = None
    headed: bool = True
    """Whether the first line may be a headline; the headline of a post is made from its first words."""
    kinds: Mapping[int, BlockKind] = field(default_factory=dict)
    """What the lines are, by the offset where they begin; for lines that are not here their shape says it."""


@dataclass(frozen=True, slots=True)
class Page:
    """``text`` is what the archive stores as the file's text: every ``Article.kept`` refers to it.

    Of a text file it is the file itself, decoded. Of any other format it is the readable text taken from it,
    a paragraph a line, in the characters of the document.
    """

    text: str
    said: PageMetadata | None = None
