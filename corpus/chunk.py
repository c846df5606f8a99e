"""Cut articles into passages of whole sentences, long enough to understand and short enough to find."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from corpus.arabic import sentences
from corpus.article import Article, Block, Chunk, Span

VERSION = 1
"""Increased whenever the same article would be cut differently; part of an index's recipe."""

CountTokens = Callable[[Sequence[str]], list[int]]
"""A function that counts each text's tokens with the embedding model's tokenizer, without special tokens."""

OVERLONG = 400
"""Number of tokens above which a sentence is cut at «؛» or «،»: a model reads about 500 at once."""

ENDLESS = 10_000
"""Number of characters above which a sentence is cut at a blank, or anywhere: no writer's sentence is so long."""

CONTEXT_WORDS = 40
_CONTEXT = 1000  # characters: what has more is no line of forty words


def chunks(
    article: Article, count_tokens: CountTokens, *, target: int = 160, limit: int = 200, overlap: int = 1
) -> list[Chunk]:
    """Return the article's passages, in order.

    A passage consists of whole sentences of neighbouring blocks, never of references, and comes as near to
    ``target`` tokens as its neighbours allow, at most ``limit``; a longer sentence is a passage by itself,
    and one longer than ``OVERLONG`` is cut at «؛» or «،» first, one longer than ``ENDLESS`` anywhere. Passages
    preferably end with a paragraph, not inside one. A heading is kept with the text that follows it (the last,
    if nothing follows, with the text before it) and is not among a passage's ``sentences`` unless its blocks
    hold nothing but headings.

    A passage begins with the last ``overlap`` sentences of the one before it, as many of them as leave room
    for its own first sentence with its headings. No two neighbours would fit into one passage.
    Token counts are summed over the single sentences; ``count_tokens`` is called once (once more when a
    sentence is overlong), or never when there is nothing to cut.
    """
    runs = [run for run in _runs(article) if run]
    if not runs:
        return []
    counts = iter(count_tokens([article.body[unit.start : unit.end] for run in runs for unit in run]))
    counted = [[replace(unit, tokens=next(counts)) for unit in run] for run in runs]
    if any(unit.tokens > OVERLONG for run in counted for unit in run):
        counted = [_cut_overlong(article.body, run, count_tokens, limit) for run in counted]
    cut = [run[first:end] for run in counted for first, end in _cut(run, target, limit, overlap)]
    return [_chunk(article.id, units) for units in cut]


def _chunk(article_id: str, units: list[_Unit]) -> Chunk:
    spans = tuple(Span(unit.start, unit.end) for unit in units if unit.is_sentence)
    return Chunk(article_id, units[0].start, units[-1].end, spans)


def context(article: Article) -> str:
    """Return the line "headline — outlet — date" put before a passage when it is embedded; never quotable.

    Parts that the article lacks are left out; the headline is cut so that the line has at most 40 words.
    """
    from corpus.dates import format_date  # not needed, and not loaded, where nothing is embedded

    published = article.published
    known = [article.publisher or article.site or ""]
    if published.date and published.precision:
        known.append(format_date(published.date, published.precision, "ar"))
    known = [" ".join(part.split()[:10]) for part in known if part.strip()]
    room = CONTEXT_WORDS - sum(len(part.split()) for part in known)
    headline = article.title.split()
    if len(headline) > room:
        headline = [*headline[: room - 1], "…"]
    return " — ".join(part for part in (" ".join(headline), *known) if part)[:_CONTEXT]


# --- what passages are made of ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or a heading, with its number of tokens and whether it ends its block."""

    start: int
    end: int
    is_sentence: bool
    ends_block: bool
    tokens: int = 0


def _runs(article: Article) -> Iterator[list[_Unit]]:
    """Yield the sentences and headings between references; an article without blocks is one paragraph."""
    for is_reference, run in groupby(_blocks(article), lambda block: block.kind == "reference"):
        if is_reference:
            continue
        blocks_of_run = list(run)
        only_headings = all(block.kind == "heading" for block in blocks_of_run)
        units: list[_Unit] = []
        for block in blocks_of_run:
            found = [
                part
                for sentence in sentences(article.body, block.start, block.end, wrapped=bool(article.blocks))
                for part in _cut_endless(article.body, sentence)
            ]
            if found and block.kind == "heading" and found[-1].end - found[0].start <= ENDLESS:
                found = [Span(found[0].start, found[-1].end)]
            is_sentence = block.kind != "heading" or only_headings
            units += [_Unit(span.start, span.end, is_sentence, span == found[-1]) for span in found]
        yield units


def _blocks(article: Article) -> Iterator[Block]:
    """Yield an article's blocks; what recurs in its outlet's articles is in no passage, as no reference is."""
    blocks = article.blocks or (Block(0, len(article.body), "paragraph"),)
    left = deque(article.recurring)
    for block in blocks:
        at = block.start
        while left and left[0].start < block.end:
            span = left.popleft()
            if at < span.start:
                yield Block(at, span.start, block.kind)
            yield Block(span.start, span.end, "reference")
            at = span.end
        if at < block.end:
            yield Block(at, block.end, block.kind)


def _cut_endless(body: str, sentence: Span) -> Iterator[Span]:
    """Yield a sentence, or its parts when it is endless."""
    start = sentence.start
    while sentence.end - start > ENDLESS:
        blank = body.rfind(" ", start + ENDLESS // 2, start + ENDLESS)
        end = blank if blank > 0 else start + ENDLESS
        if part := body[start:end].rstrip():
            yield Span(start, start + len(part))
        start = end + len(body[end : end + ENDLESS]) - len(body[end : end + ENDLESS].lstrip())
    if start < sentence.end:
        yield Span(start, sentence.end)


_CLAUSE = re.compile(r"\S.*?(?:[؛،][»”\"]?(?=\s)|\s*$)", re.DOTALL)


def _cut_overlong(body: str, run: list[_Unit], count_tokens: CountTokens, limit: int) -> list[_Unit]:
    """Return the run with overlong sentences cut, to at most ``limit`` tokens where their clauses allow."""
    overlong = [unit for unit in run if unit.tokens > OVERLONG and unit.is_sentence]
    clauses = [[match.span() for match in _CLAUSE.finditer(body, unit.start, unit.end)] for unit in overlong]
    texts = [body[start:end] for spans in clauses for start, end in spans]
    counts = iter(count_tokens(texts) if texts else ())
    parts: dict[_Unit, list[_Unit]] = {}
    for unit, spans in zip(overlong, clauses, strict=True):
        cut = parts[unit] = []
        for start, end in spans:
            tokens = next(counts)
            if cut and cut[-1].tokens + tokens <= limit:
                last = cut.pop()
                start, tokens = last.start, last.tokens + tokens
            cut.append(_Unit(start, end, True, unit.ends_block and end == unit.end, tokens))
    return [part for unit in run for part in parts.get(unit, [unit])]


# --- where passages end ----------------------------------------------------------------------------------

# What ending inside a paragraph costs; being a fifth off the target costs 0.04.
_INSIDE_PARAGRAPH = 0.05


def _cut(run: list[_Unit], target: int, limit: int, overlap: int) -> list[tuple[int, int]]:
    """Return the passages of a run as ``(first unit, past the last)``, repeated sentences included.

    Finds the cheapest cut: each passage costs the square of its relative distance from the target, plus a
    fixed amount above the cost of reaching the limit, so that neighbours that fit into one passage are one.
    """
    size = len(run)
    sums = [0, *accumulate(unit.tokens for unit in run)]
    shortest = _shortest(run)
    begins = _begins(run, sums, shortest, limit, overlap)
    one_more = (max(0, limit - target) / target) ** 2 + 0.01
    # For each first new unit the cost from there to the end of the run, and where its passage ends.
    cheapest: list[tuple[float, int]] = [(0.0, size)] * (size + 1)
    for first in range(size - 1, -1, -1):
        ways: list[tuple[float, int]] = []
        for end in range(shortest[first], size + 1):
            tokens = sums[end] - sums[begins[first]]
            if end > shortest[first] and tokens > limit:
                break
            if end == shortest[end - 1]:
                inside = end < size and not run[end - 1].ends_block
                cost = ((tokens - target) / target) ** 2 + one_more + _INSIDE_PARAGRAPH * inside
                ways.append((cost + cheapest[end][0], end))
        cheapest[first] = min(ways)
    passages: list[tuple[int, int]] = []
    first = 0
    while first < size:
        end = cheapest[first][1]
        passages.append((begins[first], end))
        first = end
    return passages


def _shortest(run: list[_Unit]) -> list[int]:
    """Return, for each unit, the end of the shortest passage that begins with it.

    That end is past the first sentence from there, and past headings that nothing follows. A passage may end
    at ``end`` if ``shortest[end - 1] == end``.
    """
    last = max((at for at, unit in enumerate(run) if unit.is_sentence), default=0)
    ends = [len(run)] * len(run)
    for at in range(last - 1, -1, -1):
        ends[at] = at + 1 if run[at].is_sentence else ends[at + 1]
    return ends


def _begins(run: list[_Unit], sums: list[int], shortest: list[int], limit: int, overlap: int) -> list[int]:
    """Return, for each unit, where a passage begins whose first new unit it is: at the sentences it repeats."""
    begins = list(range(len(run)))
    for first, end in enumerate(shortest):
        repeated = 0
        for at in range(first - 1, -1, -1):
            if repeated == overlap or sums[end] - sums[at] > limit:
                break
            if run[at].is_sentence:
                begins[first], repeated = at, repeated + 1
    return begins
