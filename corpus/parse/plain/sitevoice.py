"""Paragraphs below an article in which the site speaks to its readers of itself: comment policies, terms, appeals.

Told by structure rather than by their phrases: below the reporting, with words of most of the kinds that such a
paragraph is made of (the site, its readers, what they send, its terms, its own voice), which the article above has
no use for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from corpus.arabic import fold_text, stem, stopwords
from corpus.arabic.boilerplate import boilerplate_words
from corpus.parse.plain.lines import Line

KINDS = ("site_itself", "its_readers", "what_they_send", "its_terms", "its_voice")
_LEAST_KINDS = 4  # of them in one paragraph
_SHARE = 0.3  # of its content words, at least, that are of some kind
_TOLD = 0.25  # of its content words, at most, that the article has too
_MOST_PARAGRAPHS = 4
_LONGEST = 150  # words


def mark_site_voice(page: Sequence[Line]) -> None:
    """Mark the last lines in which the site speaks of itself; what the article begins with is never one."""
    left = [line for line in page if not line.reason and line.kind != "reference"]
    for at in range(len(left) - 1, max(0, len(left) - 1 - _MOST_PARAGRAPHS), -1):
        line = left[at]
        if not is_site_voice(line, [other for other in left[:at] if not other.reason]):
            return
        line.reason = "site notice"


def is_site_voice(line: Line, article: Sequence[Line]) -> bool:
    """Return whether a line below an article is the site's own voice."""
    words = frozenset(line.words)
    if (
        not article
        or len(words) > _LONGEST
        or any(mark in line.text for mark in '«»“”"')
        or line.is_speech_line
    ):
        return False
    wanted = {stem(word) for word in words if len(word) > 2 and word not in stopwords()}
    found = [wanted & _stems(kind) for kind in KINDS]
    if sum(map(bool, found)) < _LEAST_KINDS or len(frozenset().union(*found)) < _SHARE * len(wanted):
        return False
    told = {stem(word) for other in article for word in other.words}
    return len(wanted & told) <= _TOLD * len(wanted)


@cache
def _stems(kind: str) -> frozenset[str]:
    return frozenset(stem(word) for entry in boilerplate_words(kind) for word in fold_text(entry).split())
