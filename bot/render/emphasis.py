"""Emphasis of a quote's answering words: no letter is changed, and none is parted from those it joins."""

from __future__ import annotations

import re
import unicodedata

from bot.answer import Quote
from corpus.article import Span

_JOINERS = "\u200c\u200d"


def emphasised(quote: Quote) -> Span | None:
    """Return the span of the answering words in the quote's text, widened to whole words; None without any."""
    if quote.words is None:
        return None
    start, end = quote.words.start - quote.start, quote.words.end - quote.start
    while start > 0 and _in_word(quote.text, start):
        start -= 1
    while end < len(quote.text) and _in_word(quote.text, end):
        end += 1
    return Span(start, end)


def within(span: Span | None, start: int, end: int) -> Span | None:
    """Return the part of a span that lies in ``[start, end)``, counted from there; None when there is none."""
    if span is None or span.start >= end or span.end <= start:
        return None
    return Span(max(span.start, start) - start, min(span.end, end) - start)


def _in_word(text: str, at: int) -> bool:
    """Return whether no word ends or begins between the characters before and after a place."""
    return _is_letter(text[at - 1]) and _is_letter(text[at])


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.combining(character) > 0 or character in _JOINERS


def differing_pairs(was: str, now: str) -> list[tuple[str, str]]:
    """Return the runs of words in which two texts differ, of both; "" where one has none."""
    from difflib import SequenceMatcher

    old, new = was.split(), now.split()
    return [
        (" ".join(old[i:i_end]), " ".join(new[j:j_end]))
        for tag, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def differing_words(shown: str, other: str) -> list[Span]:
    """Return the spans of a text whose words do not stand in the other at that place."""
    from difflib import SequenceMatcher

    here, there = list(re.finditer(r"\S+", shown)), other.split()
    matcher = SequenceMatcher(None, there, [word[0] for word in here], autojunk=False)
    return [
        Span(here[first].start(), here[last - 1].end())
        for tag, _, _, first, last in matcher.get_opcodes()
        if tag != "equal" and first < last
    ]
