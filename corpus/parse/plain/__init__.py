"""Articles from scraped or plain text: which characters were published, and what the page says of them.

The path: cut the text into ``lines`` (those that were ``wrapped`` joined), mark those that are ``boilerplate``
(``marks``), find other articles glued below (``related``), then for each article read its headline, header and credits
(``facts``, with ``stamps``, ``dateline``, ``signatures``, ``outlets`` and ``sitevoice``), and keep the spans that are
left.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from corpus.article import Article, Block, Dropped, Published, Span
from corpus.dates import bound
from corpus.errors import MusnadError
from corpus.parse.page import PageMetadata
from corpus.parse.plain.facts import Facts, read_facts
from corpus.parse.plain.lines import NEWLINE, Line, mark_kinds, split
from corpus.parse.plain.marks import cut_notices, mark
from corpus.parse.plain.related import mark_related, teaser_start


class ParseError(MusnadError, ValueError):
    """A file from which no article can be read; the message says which file, why, and what to do."""


def parse_text(text: str, source: str, said: PageMetadata | None = None) -> list[Article]:
    """The articles of a text; see `corpus.parse.parse`."""
    lines = cut_notices(split(text, said.kinds if said else ()))
    for line in lines:
        line.kind = said.kinds.get(line.start, line.kind) if said else line.kind
    if not any(character.isalpha() for character in text):
        raise ParseError(f"{source}: holds no text to read. Check that the file was saved completely.")
    mark(lines)
    pages = _pages(lines)
    facts = [read_facts(page, None if at else said) for at, page in enumerate(pages)]
    found = [
        (page, fact) for page, fact in zip(pages, facts, strict=True) if any(not line.reason for line in page)
    ]
    if not found:
        raise ParseError(
            f"{source}: holds only what surrounds an article (section names, share lines, links), "
            "no reporting. Save the article's own text."
        )
    starts = [0] + [page[0].start for page, _ in found[1:]]
    regions = [Span(start, end) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    articles: list[Article] = []
    for part, ((page, fact), region) in enumerate(zip(found, regions, strict=True)):
        article = _article(text, source, part, page, fact, region)
        articles.append(_dated(article, fact, articles[0] if articles else None))
    return articles


def _pages(lines: list[Line]) -> list[list[Line]]:
    """The lines of each article, the first one's beginning with the page."""
    begins = mark_related(lines)
    pages: list[list[Line]] = []
    taken: list[Line] = []  # off the marker above
    start = 0
    for begin in [*begins, len(lines)]:
        page = [*taken, *lines[start:begin]]
        taken = []
        if begin < len(lines) and page and page[-1].reason == "read also":
            headline = _headline_on_marker(page[-1])
            if headline is not None:
                taken.append(headline)
        pages.append(page)
        start = begin
    return pages


def _headline_on_marker(marker: Line) -> Line | None:
    """Takes the headline off a line «اقرأ أيضاً: headline», as the first line of the article below it."""
    offset = teaser_start(marker)
    if offset >= len(marker.text):
        return None
    headline = Line(marker.start + offset, marker.end, marker.stop, marker.text[offset:])
    marker.end = marker.stop = headline.start
    return headline


def _article(text: str, source: str, part: int, page: list[Line], facts: Facts, region: Span) -> Article:
    left = [line for line in page if not line.reason]
    mark_kinds(left)
    kept = _kept(text, page, region)
    starts = [span.start for span in kept]
    offsets = [0]
    for span in kept:
        offsets.append(offsets[-1] + len(span))

    def in_body(at: int) -> int:
        run = bisect_right(starts, at) - 1
        return offsets[run] + at - starts[run]

    return Article(
        source=source,
        title=facts.title,
        body="".join(text[span.start : span.end] for span in kept),
        part=part,
        publisher=facts.publisher,
        site=facts.site,
        attribution=facts.attribution,
        url=facts.url,
        place=facts.place,
        published=facts.published or Published(),
        blocks=tuple(Block(in_body(line.start), in_body(line.end - 1) + 1, line.kind) for line in left),
        kept=tuple(kept),
        dropped=tuple(_dropped(text, page, kept, region)),
    )


def _kept(text: str, page: Sequence[Line], region: Span) -> list[Span]:
    """The spans of the lines that are left, with the newlines between them up to one blank line."""
    kept: list[Span] = []
    start: int | None = None
    for line, following in zip(page, [*page[1:], None], strict=True):
        if line.reason:
            continue
        start = line.start if start is None else start
        if following is None:
            kept.append(Span(start, line.end))
        elif following.reason:
            kept.append(Span(start, line.stop))
            start = None
        else:
            newlines = [end.end() for end in NEWLINE.finditer(text, line.end, following.start)]
            if len(newlines) > 2:
                kept.append(Span(start, newlines[1]))
                start = None
    last = next(line for line in reversed(page) if not line.reason)
    kept[-1] = Span(kept[-1].start, last.end)
    return kept


def _dropped(text: str, page: Sequence[Line], kept: Sequence[Span], region: Span) -> list[Dropped]:
    """Everything between the kept spans: each dropped line with its reason and the white space around it."""
    dropped: list[Dropped] = []
    if region.start:
        dropped.append(Dropped(0, region.start, "another article"))
    edges = [region.start, *(edge for span in kept for edge in (span.start, span.end)), region.end]
    left_out = [line for line in page if line.reason]
    places = [line.start for line in left_out]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        inside = left_out[bisect_left(places, start) : bisect_left(places, end)]
        cuts = [start, *(line.start for line in inside[1:]), end]
        reasons = [line.reason for line in inside] or ["blank"]
        dropped.extend(
            Dropped(first, last, reason)
            for first, last, reason in zip(cuts[:-1], cuts[1:], reasons, strict=True)
            if first < last
        )
    if region.end < len(text):
        dropped.append(Dropped(region.end, len(text), "another article"))
    return dropped


def _dated(article: Article, facts: Facts, host: Article | None) -> Article:
    """The article with what its text says of its age, when it does not say its date.

    It was out by the day its page was last changed; one glued below another by that one's day.
    """
    if facts.published is not None:
        return article
    published = bound(article.body)
    latest, words = None, ""
    if facts.updated is not None:
        latest, words = facts.updated.not_after, facts.updated.evidence
        earliest = facts.updated.not_before  # of a date in two calendars that do not agree
        if earliest and not (published.not_before and published.not_before > earliest):
            published = Published(not_before=earliest)
    elif host is not None:
        day = host.published.date if host.published.precision == "day" else None
        latest, words = day or host.published.not_after, host.published.evidence
    if latest and not (published.not_before and published.not_before > latest):
        evidence = " … ".join(part for part in (published.evidence, words) if part)
        published = replace(published, not_after=latest, evidence=evidence)
    return replace(article, published=published)
