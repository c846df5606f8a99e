"""Detection of «اقرأ أيضاً»: teasers for other articles, and whole articles appended after the words.

A teaser is a headline, perhaps with a sentence, a date and a name. An article has a dateline or several full
paragraphs that follow each other. After a teaser in the middle of a page the host article continues.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from corpus.arabic import stopwords, words
from corpus.arabic.boilerplate import boilerplate
from corpus.parse.plain.boilerplate import reason_for
from corpus.parse.plain.dateline import read_dateline
from corpus.parse.plain.lines import Line

_MARKER = re.compile(f"(?P<always>{boilerplate('related')})|(?P<colon>{boilerplate('related_with_colon')})")
_ALONE = re.compile(boilerplate("related_line"))
_LONGEST_TEASER = 30  # words
_RESTATED = 0.5  # of a headline's words
_LONG_HEADLINE = 18  # words

# What stands below the end of an article and nowhere else.
ENDS = frozenset(
    {"source", "share", "tags", "comments", "copyright", "follow us", "end mark", "outlet name", "disclaimer"}
    | {"section name", "link", "short link label"}
)


def is_marker(line: Line) -> bool:
    """Return whether a line is «اقرأ أيضاً:» or the like, alone or with the headline it points to."""
    if _ALONE.fullmatch(line.bare):
        return True
    found = _MARKER.match(line.bare)
    if (
        not found
        or len(line.words) > _LONGEST_TEASER
        or (len(line.bare) > found.end() and line.bare[found.end()] != " ")
    ):
        return False
    after = teaser_start(line)
    separated = (
        line.text[:after].rstrip().endswith((":", "|", "：", "..", "…", "-", "–", "»", "›", "←", "<", ">"))
    )
    return bool(found["always"]) or separated


def teaser_start(line: Line) -> int:
    """Return the offset of the headline after «اقرأ أيضاً:» in a line; its length when nothing follows."""
    found = _MARKER.match(line.bare)
    if not found or _ALONE.fullmatch(line.bare):
        return len(line.text)
    count = len(found.group().split())
    token = re.compile(r"\d+|[^\W\d_][^\W\d_\u064b-\u065f\u0640]*(?:[\u064b-\u065f\u0640]+[^\W\d_]*)*")
    tokens = list(token.finditer(line.text))
    return tokens[count].start() if len(tokens) > count else len(line.text)


def mark_related(lines: Sequence[Line]) -> list[int]:
    """Mark markers and teasers; return the positions in ``lines`` where appended articles begin.

    An appended article begins at its headline (or at its dateline, when it has no headline).
    """
    begins: list[int] = []
    first = 0  # of the article we are in
    seen, ended = 0, False  # whether the article is over before the line ``seen``
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.reason != "read also":
            at += 1
            continue
        ended = _has_ended(lines, seen, at, ended)
        seen = at
        start, teasers = _after_marker(lines, first, at, ended)
        for teaser in lines[at + 1 : teasers]:
            teaser.reason = teaser.reason or "teaser"
        if start is not None:
            begins.append(start)
            first = seen = start
            ended = False
            at = max(start, at + 1)
        else:
            at = max(teasers, at + 1)
    return begins


def _after_marker(lines: Sequence[Line], first: int, marker: int, ended: bool) -> tuple[int | None, int]:
    """Return ``(start of an appended article or None, end of the teasers)`` for the lines after a marker.

    ``first`` is the first line of the host article, ``ended`` whether that is over before the marker.
    """
    limit = marker + 1
    while limit < len(lines) and lines[limit].reason != "read also":
        limit += 1
    clean = [at for at in range(marker + 1, limit) if not lines[at].reason]
    for at in clean:
        headline = _headline_above(lines, marker, at)
        if _begins_article(lines, at, headline, range(first, marker), ended):
            start = at if headline is None else headline
            return start, start
        if lines[at].is_paragraph and not ended:
            break  # the host goes on
    teasers = lines[marker + 1 : limit]
    inline = teaser_start(lines[marker]) < len(lines[marker].text)  # the marker's line holds its teaser
    if ended or _are_dated_teasers(teasers) or (not inline and _are_headlines(teasers)):
        return None, limit
    if inline:
        return None, marker + 1
    end = marker + 1
    for at in clean:
        line = lines[at]
        if not line.is_titular or line.text.endswith(":") or line.is_item or line.is_paragraph:
            break
        end = at + 1
    return None, end


def _headline_above(lines: Sequence[Line], marker: int, at: int) -> int | None:
    """Return the position of the headline above a paragraph and below a marker.

    A lede without a full stop, or a short one, may stand between the two: a shorter line above it is taken.
    """
    above = islice((before for before in range(at - 1, marker, -1) if not lines[before].reason), 3)
    fitting = [before for before in above if _could_head(lines[before])]
    short = [before for before in fitting if len(lines[before].words) <= _LONG_HEADLINE]
    return next(iter(short or fitting), None)


def _could_head(line: Line) -> bool:
    return line.is_titular and not line.text.endswith(":") and not line.is_item


def _begins_article(lines: Sequence[Line], at: int, headline: int | None, host: range, ended: bool) -> bool:
    """Return whether an article begins: with a dateline, or with full paragraphs once the host is over."""
    line = lines[at]
    if line.is_truncated:
        return False
    dateline = read_dateline(line.text)
    if dateline is not None and (line.is_paragraph or (dateline.agency and len(line.words) >= 8)):
        return True
    left = (lines[other] for other in range(at, len(lines)) if not lines[other].reason)
    following = list(islice(left, 2))
    if headline is None or len(following) < 2:
        return False
    if not all(other.is_paragraph and not other.is_truncated for other in following):
        return False
    own = next((lines[other] for other in host if not lines[other].reason), None)
    return ended or _is_restated(lines[headline], following, own)


def _has_ended(lines: Sequence[Line], start: int, marker: int, before: bool) -> bool:
    """Return whether the host is over before a marker: its source, a share line or its references came last.

    ``before`` says so for the line ``start``.
    """
    for at in range(marker - 1, start - 1, -1):
        if lines[at].reason in ENDS or lines[at].kind == "reference":
            return True
        if not lines[at].reason and lines[at].is_paragraph:
            return False
    return before


def _are_headlines(lines: Sequence[Line]) -> bool:
    """Return whether only headlines are left to the end."""
    left = [line for line in lines if not line.reason]
    return all(_could_head(line) and not line.is_paragraph and not line.is_stopped for line in left)


def _are_dated_teasers(lines: Sequence[Line]) -> bool:
    """Return whether the lines are headlines and summaries with separate dates between them."""
    left = [line for line in lines if not line.reason]
    dated = any(reason_for(line, "edge") == "date line" for line in lines)
    return dated and all(len(line.words) <= _LONGEST_TEASER for line in left)


def _is_restated(headline: Line, paragraphs: Sequence[Line], own: Line | None) -> bool:
    """Return whether paragraphs restate a headline, and restate it more than ``own``, the host's headline.

    The limit is half of the headline's words in two paragraphs: on 1,500 pairs of archive articles appended
    without any sign, it finds 85 of 100, and takes the host's own paragraphs for another article's in 1 of
    1,000 (in 75 of 1,000 when the teaser is the one nearest to the host in words).
    """
    said = _forms(" ".join(line.text for line in paragraphs))
    share = _share(headline, said)
    return share >= _RESTATED and (own is None or share > _share(own, said))


def _forms(text: str) -> set[str]:
    return {form for word in words(text) for form in (word.text, word.stem)}


def _share(headline: Line, said: set[str]) -> float:
    """Return the share of a headline's content words that are among those said."""
    wanted = [word for word in words(headline.text) if word.text not in stopwords() and len(word.text) > 2]
    found = sum(word.text in said or word.stem in said for word in wanted)
    return found / len(wanted) if len(wanted) >= 3 else 0.0
