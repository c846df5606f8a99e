"""The stored text of a document and the metadata that its format gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from corpus.article import BlockKind, Published

RECOGNISED = "recognised"
"""The kind of what `corpus.ocr` found in pictures. No file has it: suffixes begin with a full stop."""

_HALF = re.compile(r"[\ud800-\udfff]")
# Sequences that steer a terminal, controls, and what turns the direction of all that follows.
_STEERING = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]"
)


def is_whole(text: str) -> bool:
    """Return whether a text holds no half of a surrogate pair, which JSON can name and nothing can store."""
    return _HALF.search(text) is None


def shown(name: str) -> str:
    """Return a headline or a name as it is stored: on one line, without what steers a terminal or the direction."""
    return " ".join(_STEERING.sub("", name).split()) if _STEERING.search(name) else name


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """Article metadata from a page's markup.

    A republication notice or a header in the text takes precedence over it, except over its address; it takes
    precedence over a dateline or a stamp.
    """

    title: str = ""
    publisher: str | None = None
    site: str | None = None
    url: str | None = None
    published: Published | None = None
    headed: bool = True
    """Whether the first line may be a headline; a post's headline is made from its first words."""
    recurring: str | None = None
    """An outlet's name that recurs in the folder's files: where it signs the text too, it is the outlet."""
    leads: bool = False
    """Whether it takes precedence over all that the text says, as front matter of whoever keeps the file does."""
    scanned: int = 0
    """Number of its pages that are pictures, whose text is not in it."""
    machine_read: bool = False
    """Whether the text was recognised in a picture, and may differ from what is printed there."""
    confidence: int | None = None
    """Percent, on average over its letters, as the program that recognised them says; None for other texts."""
    kinds: Mapping[int, BlockKind] = field(default_factory=dict)
    """Line kinds by start offset; the kind of a line without an entry follows from its shape."""

    def __post_init__(self) -> None:
        """Replace halves of surrogate pairs: what a page says of itself is anything."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and not is_whole(value):
                object.__setattr__(self, each.name, _HALF.sub("\ufffd", value))
        if self.published and not is_whole(self.published.evidence):
            evidence = _HALF.sub("\ufffd", self.published.evidence)
            object.__setattr__(self, "published", replace(self.published, evidence=evidence))


@dataclass(frozen=True, slots=True)
class Page:
    """A document's stored text with the metadata from its markup.

    ``text`` is what the archive stores as the file's text: every ``Article.kept`` refers to it. For a text
    file it is the file itself, decoded. For any other format it is the readable text taken from the document,
    one paragraph per line, in the document's own characters.
    """

    text: str
    said: PageMetadata | None = None
