"""Lines of a scraped page: the offsets of each in the file, and the properties that its shape shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from corpus.arabic import fold_text
from corpus.arabic.boilerplate import boilerplate_words, boilerplate_words_as_written
from corpus.arabic.speech import folded_speech_verbs
from corpus.article import BlockKind
from corpus.parse.plain.wrapped import Row, goes_on

# What ends a line: all that str.splitlines() takes for an end.
NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# White space, and the marks that steer direction, joining and byte order.
_EDGE = r"\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x1f"
_CONTENT = re.compile(rf"[^{_EDGE}](?:.*[^{_EDGE}])?", re.DOTALL)
_TOKENS = re.compile(r"\d+|[^\W\d_]+")

_ITEM = re.compile(
    r"(?:[(\[]?\d{1,2}\s?[.)\]\-–](?![\d.])|[•●▪▫◦‣·*♦◆◇■□✓✔➤►▶–—]+\s*|-\s*|[أبجدهوزحط]\s?[)-]\s)(?=.*\w)",
    re.DOTALL,
)
_STOP = re.compile(r"[.؟?!…۔][\"'”’»)\]\s]*(?:[\[(]\d{1,3}[\])]\s*)*$")
_QUESTION_AND_ANSWER = re.compile(
    rf"(?:{'|'.join(boilerplate_words_as_written('question_and_answer'))})\s*\d*\s*[:/\-–]"
)
_TRUNCATIONS = ("...", "…", "[..", *boilerplate_words_as_written("more"))
_LONGEST_HEADING = 10  # words; longer lines without a full stop are ledes more often


@dataclass(slots=True, eq=False)
class Line:
    """A line that is not blank: ``[start, end)`` without surrounding white space, ``stop`` after its newline.

    ``reason`` says why the line is not part of the article, "" as long as it is; ``kind`` is its block kind
    there.
    """

    start: int
    end: int
    stop: int
    text: str
    after_blank: bool = False
    folded: str = ""
    bare: str = ""
    """Folded words and numbers separated by single spaces, nothing else; most rules match it."""
    words: tuple[str, ...] = ()
    reason: str = ""
    kind: BlockKind = "paragraph"
    span: tuple[int, int] = field(default=(0, 0))

    def __post_init__(self) -> None:
        self.folded = " ".join(fold_text(self.text).split())
        self.words = tuple(_TOKENS.findall(self.folded))
        self.bare = " ".join(self.words)

    @property
    def is_item(self) -> bool:
        """Whether the line is numbered or bulleted."""
        return bool(_ITEM.match(self.text))

    @property
    def is_stopped(self) -> bool:
        """Whether the line ends as a sentence does."""
        return bool(_STOP.search(self.text))

    @property
    def is_paragraph(self) -> bool:
        """Whether the line is reporting, unlike headlines, labels and lists: 15 words and a full stop, or 25."""
        return len(self.words) >= 25 or (len(self.words) >= 15 and self.is_stopped)

    @property
    def is_titular(self) -> bool:
        """Whether the line could be a headline or a label: not long, and no sentence with a full stop."""
        text = self.text.rstrip("\"'”’»)] ")
        return len(self.words) <= 25 and (not text.endswith(".") or text.endswith(".."))

    @property
    def is_truncated(self) -> bool:
        """Whether the line breaks off, as the summary of a teaser does."""
        return self.text.rstrip(" ]»\"'”").endswith(_TRUNCATIONS)

    @property
    def is_speech_line(self) -> bool:
        """Whether the line is a question, an answer, or «وقال الوزير:»: short, but no heading."""
        first = self.words[0].removeprefix("و") if self.words else ""
        return bool(_QUESTION_AND_ANSWER.match(self.text)) or first in folded_speech_verbs("opening")


def split(text: str, known: Collection[int] = ()) -> list[Line]:
    """Return the lines of a text that hold a letter, a digit or any other visible mark, in order.

    The lines of a paragraph that was wrapped at a column are one: ``text`` has blanks for the line breaks inside.
    ``known``: the offsets of lines whose kind is known, which are joined to none.
    """
    found: list[tuple[int, int, int, bool]] = []
    rows: list[Row] = []
    blank = False
    for start, end, stop in _raw(text):
        content = _CONTENT.search(text[start:end])
        if content is None:
            blank = True
            continue
        first, last = start + content.start(), start + content.end()
        found.append((first, last, stop, blank))
        is_item = bool(_ITEM.match(text[first:last]))
        rows.append(Row(text[start:last], blank, is_item, first in known))
        blank = False
    lines: list[Line] = []
    begun: tuple[int, bool] | None = None
    for (first, last, stop, after_blank), joined in zip(found, goes_on(rows), strict=True):
        first, after_blank = begun or (first, after_blank)
        begun = (first, after_blank) if joined else None
        if not joined:
            lines.append(Line(first, last, stop, _one_line(text[first:last]), after_blank=after_blank))
    return lines


def _one_line(text: str) -> str:
    """Return a text with a blank for each character of its line breaks."""
    return NEWLINE.sub(lambda found: " " * len(found[0]), text)


def _raw(text: str) -> Iterator[tuple[int, int, int]]:
    start = 0
    for end in NEWLINE.finditer(text):
        yield start, end.start(), end.end()
        start = end.end()
    if start < len(text):
        yield start, len(text), len(text)


def key(text: str) -> str:
    """Return the folded letters and digits of a text, for comparing headlines."""
    return "".join(_TOKENS.findall(fold_text(text)))


def mark_kinds(lines: list[Line]) -> None:
    """Mark the headings and list items among a body's lines, except lines whose kind was known before."""
    for at, line in enumerate(lines):
        if line.kind != "paragraph":
            continue
        before = lines[at - 1] if at else None
        after = lines[at + 1] if at + 1 < len(lines) else None
        if line.is_item:
            line.kind = "item"
        elif _is_heading(line, before, after):
            line.kind = "heading"


def _is_heading(line: Line, before: Line | None, after: Line | None) -> bool:
    if (
        after is None
        or after.kind == "reference"
        or len(line.words) > _LONGEST_HEADING
        or line.is_speech_line
    ):
        return False
    if line.text.endswith((":", "：")):
        # «وفي ما يلي البرنامج:» says that a list follows.
        listed = (
            after.is_item
            or after.kind == "item"
            or not (after.is_paragraph or after.is_stopped or after.text.endswith(":"))
        )
        return not listed and not boilerplate_words("list_follows") & frozenset(line.words)
    if line.is_stopped or line.text.endswith(("،", "؛", ",", ";")):
        return False
    # Short lines that follow each other are a poem or a plain list, not headings.
    return after.is_paragraph and (before is None or before.kind != "paragraph" or before.is_paragraph)
