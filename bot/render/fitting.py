"""Fitting of text into Telegram messages: lengths as Telegram counts them, whole blocks, whole sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import unescape

from corpus.arabic import sentences
from corpus.article import Span

MOST_UNITS = 4096
"""Longest message, in UTF-16 code units after the markup is read."""
GAP = "\n\n"
"""Separator between two blocks."""


def visible_units(html: str) -> int:
    """Return the length that Telegram counts: UTF-16 units without tags."""
    return units(unescape(re.sub(r"<[^<>]*>", "", html)))


def packed(
    blocks: Iterable[str], before: Sequence[str] = (), label: str = "", *, labelled: bool = False
) -> list[str]:
    """Join blocks into as few messages as hold them whole, the first continuing the last of ``before``.

    The label stands ahead of the blocks in each message, unless ``before`` says it in its own words
    (``labelled``).
    """
    messages = list(before)
    for block in blocks:
        piece = block if labelled or not label else label + GAP + block
        if messages and visible_units(messages[-1] + GAP + piece) <= MOST_UNITS:
            messages[-1] += GAP + piece
        else:
            messages.append(label + GAP + block if label else block)
        labelled = True
    return messages


# Splitting: spans of a text that fit, each as many whole sentences as it holds


def slices(text: str, room: int) -> list[str]:
    return [text[span.start : span.end] for span in cuts(text, room)]


def cuts(text: str, room: int) -> list[Span]:
    """Return spans of at most ``room`` units, cut between sentences; inside one only where it alone is longer."""
    if units(text) <= room:
        return [Span(0, len(text))]
    found: list[Span] = []
    for sentence in sentences(text):
        if found and units(text[found[-1].start : sentence.end]) <= room:
            found[-1] = Span(found[-1].start, sentence.end)
        else:
            found += _within(text, sentence, room)
    return found


def _within(text: str, span: Span, room: int) -> list[Span]:
    """Split one sentence into spans of at most ``room`` units, cut at blanks where there are any."""
    found = []
    start, end = span.start, span.end
    while units(text[start:end]) > room:
        most = start
        left = room
        while left >= (size := units(text[most])):
            left -= size
            most += 1
        blank = max((at for at in range(start + 1, most + 1) if text[at].isspace()), default=0)
        cut = blank or _between_letters(text, start, most)
        found.append(Span(start, cut))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    return [*found, Span(start, end)] if start < end else found


def _between_letters(text: str, start: int, most: int) -> int:
    """Return a place at or before ``most`` that separates no mark from its letter."""
    at = most
    while at > start + 1 and (unicodedata.combining(text[at]) or "\u200d" in text[at - 1 : at + 1]):
        at -= 1
    return at if at > start + 1 else most


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
