"""Marking of the lines that are not reporting in any article, and of references."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

from corpus.arabic.boilerplate import (
    boilerplate,
    boilerplate_as_written,
    boilerplate_words,
    boilerplate_words_as_written,
)
from corpus.parse.plain.boilerplate import reason_for
from corpus.parse.plain.lines import Line
from corpus.parse.plain.related import is_marker

NOTICE = re.compile(boilerplate_as_written("republication"))
"""Pattern for a republication notice.

«هذا الخبر بعنوان "…" نشر أولاً على موقع sana.sy وتم جلبه من مصدره الأصلي بتاريخ ٩ شباط ٢٠٢٦.»
"""
LINK = re.compile(boilerplate_as_written("link"), re.IGNORECASE)
_OTHER_NOTICE = re.compile(boilerplate_as_written("other_republication"))
_DISCLAIMER = re.compile(boilerplate_as_written("disclaimer_notice"))
_CREDIT_SEPARATOR = re.compile(boilerplate_as_written("credit_separator"))
_REPORTING = boilerplate_words_as_written("reporting")

_COMMENTS = re.compile(boilerplate("comments"))
_TAGS = re.compile(rf"(?:{boilerplate('tags')})(?![^ ])")
_REFERENCES = re.compile(boilerplate("references"))
_SOURCE = re.compile(boilerplate("source"))
_SOURCE_ALONE = re.compile(boilerplate("source_alone"))
_TAKEN_FROM = tuple(boilerplate_words("taken_from"))
_FOOTNOTE = re.compile(r"\[(\d{1,2})\]")
_HASHTAGS = re.compile(r"(?:#[\w]+[\s،,|]*)+")

# Rules that may fire inside a list of references, where links, names and dates belong.
_END_REFERENCES = frozenset(
    {
        "share",
        "follow us",
        "read also",
        "tags",
        "comments",
        "copyright",
        "breaking flash",
        "disclaimer",
        "cookie notice",
    }
)


def cut_notices(lines: Sequence[Line]) -> list[Line]:
    """Split off notices that share a line with other text, as on flattened pages."""
    cut: list[Line] = []
    for line in lines:
        cut.extend(_cut(line))
    return cut


def _cut(line: Line) -> list[Line]:
    notices = [(found, "republication notice") for found in NOTICE.finditer(line.text)]
    notices += [(found, "disclaimer") for found in _DISCLAIMER.finditer(line.text)]
    pieces: list[tuple[int, int, str]] = []
    at = 0
    for found, reason in sorted(notices, key=lambda notice: notice[0].start()):
        if found.start() >= at:
            pieces += [(at, found.start(), ""), (found.start(), found.end(), reason)]
            at = found.end()
    if not pieces:
        return [line]
    pieces.append((at, len(line.text), ""))
    cut: list[Line] = []
    for start, end, reason in pieces:
        text = line.text[start:end].strip()
        if text:
            first = line.start + line.text.index(text, start)
            blank = line.after_blank and not cut
            cut.append(Line(first, first + len(text), line.stop, text, after_blank=blank, reason=reason))
    for piece, following in pairwise(cut):
        piece.stop = following.start
    return cut


def mark(lines: list[Line]) -> None:
    """Give a reason to every line that is boilerplate in any position, and mark the references."""
    in_references = False
    reported = False  # whether a paragraph of reporting came before
    for at, line in enumerate(lines):
        if line.reason:
            continue
        reason = _reason(lines, at)
        if in_references and _ends_references(lines, at, reason):
            in_references = False
        if in_references:
            line.kind = "reference"
            line.reason = "ornament" if reason == "ornament" else ""
        elif reported and _opens_references(lines, at):
            in_references = True
            line.kind = "reference"
        else:
            line.reason = reason
        reported = reported or (not line.reason and line.is_paragraph)
    _mark_below(lines)
    _mark_footnotes(lines)


def credit_of(line: Line) -> str:
    """Return the credit in a source line: «وكالات» for «المصدر: وكالات»; "" when that line names nothing."""
    found = _SOURCE.fullmatch(line.folded)
    if not found:
        return ""
    parts = _CREDIT_SEPARATOR.split(line.text, maxsplit=1)
    return parts[1].lstrip(": ") if len(parts) == 2 else ""


def _reason(lines: Sequence[Line], at: int) -> str:
    line = lines[at]
    if is_marker(line):
        return "read also"
    if len(line.words) <= 40 and _OTHER_NOTICE.fullmatch(line.text) and not line.text.startswith(_REPORTING):
        return "republication notice"
    if LINK.fullmatch(line.text):
        return "link"
    if _HASHTAGS.fullmatch(line.text):
        return "tags"
    if _is_source(lines, at):
        return "source"
    if _COMMENTS.fullmatch(line.bare):
        return "comments"
    tags = _TAGS.match(line.bare)
    if tags and (
        tags.end() == len(line.bare) or (":" in line.text[: tags.end() + 3] and not line.is_stopped)
    ):
        return "tags"
    return reason_for(line, "anywhere")


def _is_source(lines: Sequence[Line], at: int) -> bool:
    line = lines[at]
    if _SOURCE.fullmatch(line.folded):
        return len(line.words) <= (7 if line.bare.startswith(_TAKEN_FROM) else 10)
    if _SOURCE_ALONE.fullmatch(line.bare):
        return at + 1 == len(lines) or len(lines[at + 1].words) <= 5
    return (
        at > 0
        and lines[at - 1].reason == "source"
        and not credit_of(lines[at - 1])
        and len(line.words) <= 5
        and (bool(_SOURCE_ALONE.fullmatch(lines[at - 1].bare)) and not line.is_item)
    )


def _opens_references(lines: Sequence[Line], at: int) -> bool:
    if not _REFERENCES.fullmatch(lines[at].bare):
        return False
    following = lines[at + 1] if at + 1 < len(lines) else None
    return following is not None and (
        following.is_item
        or "://" in following.text
        or len(following.words) > 5
        or bool(_FOOTNOTE.match(following.text))
    )


def _ends_references(lines: Sequence[Line], at: int, reason: str) -> bool:
    if reason in _END_REFERENCES:
        return True
    # After a numbered list, a full paragraph without a number is the article going on.
    before = lines[at - 1]
    line = lines[at]
    return (
        line.is_paragraph
        and line.is_stopped
        and not line.is_item
        and before.is_item
        and line.after_blank
        and len(line.words) >= 40
    )


def _mark_below(lines: Sequence[Line]) -> None:
    """Mark the lines below «الوسوم» and «التعليقات», once there was a paragraph of reporting."""
    reported = 0  # characters
    paragraphs = False
    lengths = [0, *accumulate(len(line.text) for line in lines)]
    markers = [at for at, line in enumerate(lines) if line.reason == "read also"] + [len(lines)]
    for at, line in enumerate(lines):
        if not line.reason:
            reported += len(line.text)
            paragraphs = paragraphs or line.is_paragraph
        elif paragraphs and line.reason == "tags" and _TAGS.fullmatch(line.bare):
            for tag in map(lines.__getitem__, range(at + 1, len(lines))):
                if tag.reason or tag.kind == "reference" or len(tag.words) > 5 or tag.is_stopped:
                    break
                tag.reason = "tags"
        elif paragraphs and line.reason == "comments" and lines[at - 1].reason != "comments":
            end = markers[bisect_left(markers, at + 1)]
            # More below than above is no readers' comments.
            if lengths[end] - lengths[at + 1] < reported:
                for other in lines[at + 1 : end]:
                    other.reason = other.reason or "comments"


def _mark_footnotes(lines: Sequence[Line]) -> None:
    """Mark lines that open with «[1] …» as notes when the same mark stands inside a line before."""
    seen: set[str] = set()
    for line in lines:
        opening = _FOOTNOTE.match(line.text)
        if not line.reason and opening and opening[1] in seen:
            line.kind = "reference"
        seen.update(mark[1] for mark in _FOOTNOTE.finditer(line.text) if mark.start() > 0)
