"""What recurs at the edges of an outlet's articles: comment policies, «رابط الخبر بصحيفة …», boxes about authors.

    pieces(article)              the sentences at its edges, each under the keys by which others can be the same
    groups(article)              whose articles it is counted among: its host's, its outlet's, its folder's
    needed(count, key)           in how many of a group's articles a key must stand
    is_reporting(…)              whether a recurring sentence is about what the articles are about: background
    recurring(article, known)    the spans of the article that are known to recur

Nothing here knows a phrase. A sentence is the same as another when it has the same words, whatever its dates,
addresses and punctuation are, and wherever it repeats the headline of its own article; a short line also as a form
that is filled in: with other numbers, or with the same beginning or end around a name. What recurs is told from a
paragraph of background that an outlet repeats by three things: its share of the articles, its place at their edges,
and that it stands in articles on any subject.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from itertools import groupby
from pathlib import PurePosixPath

from corpus.arabic import fold_text, sentences, stopwords, words
from corpus.arabic.affixes import articles
from corpus.arabic.calendar import hijri_months, months, weekdays
from corpus.article import Article, Block, Recurring, Span

VERSION = 1
"""Raised when an article would give other pieces, keys or groups: `Archive.clean` then collects them all again."""

HEAD, TAIL = 6, 12
"""Number of sentences at the top and at the end of an article in which the outlet itself may speak."""

SENTENCE, SHORT, FORM = range(3)
"""What a key is of, in its last two bits."""

_LONGEST_FORM = 20  # words of a line that is a form with a name in it
_STEMS = (2, 3, 5, 8)  # words at its beginning or end that are always the same
_FIXED = 0.4  # of the line's words, at least
_SHORT = 4  # words: fewer may be a name in a list or a heading in many articles
_INITIAL = 2  # letters, of an editor's name

_LEAST = 4  # articles
_SHARE, _SHARE_OF_FORMS = 0.2, 0.5  # of a group's articles; what is filled in may be news
_ENOUGH = 30  # articles: a large outlet changes its forms over the years, and has others in each section

_LIFT = 0.4  # of a word: its share of the articles with a sentence above that of the articles without
_SUBJECT = 0.45  # the share of the articles with a sentence in which two of its words are
_ABOUT, _FEW = 0.7, 6  # the share of a sentence's content words, of so many at least, that one article has
_FILLED = 0.5  # of the words that fill in a form


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence at an edge of a body, and the keys under which it is counted, the most exact first."""

    start: int
    end: int
    keys: tuple[int, ...]
    filled: tuple[str, ...]
    """For each key the words that it leaves open, with blanks between: the name in a form."""


@dataclass(frozen=True, slots=True)
class Known:
    """A key that recurs in the articles of ``group``, and in how many."""

    group: str
    articles: int


def pieces(article: Article) -> list[Piece]:
    """Return the sentences at the edges of an article, without references, in order; at most ``HEAD + TAIL``."""
    title = _tokens(article.title)
    found: list[Piece] = []
    for span, is_line in _outer(article):
        tokens = _masked(article.body[span.start : span.end], title, is_line)
        # Nothing but a score, a date or the headline is the article's own, however many have one.
        if any(token not in _SIGNS for token in tokens):
            found.append(Piece(span.start, span.end, *zip(*_keys(tokens, is_line), strict=True)))
    return found


def groups(article: Article) -> tuple[str, ...]:
    """Return the groups whose articles this one is counted among: its outlet, its host, its folder or collection.

    A folder ends with "/", which is the top one by itself; no outlet or host does.
    """
    folder = article.source.rpartition("#")[0] or f"{PurePosixPath(article.source).parent}"
    names = (article.publisher, article.site, ("" if folder == "." else folder.rstrip("/")) + "/")
    return tuple(dict.fromkeys(name for name in names if name))


def needed(count: int, key: int) -> int:
    """Return in how many of ``count`` articles of a group a key must stand to recur."""
    if key & 3 == FORM:
        return max(_LEAST + 1, round(count * _SHARE_OF_FORMS))
    share = max(_LEAST, round(count * _SHARE))
    return share if key & 3 == SHORT else min(share, _ENOUGH)


def recurring(article: Article, known: Mapping[int, Known]) -> tuple[Recurring, ...]:
    """Return the spans of an article whose keys are known, neighbouring ones of one paragraph as one.

    A sentence that this article is about stays, and so does an article of which nothing else would be left.
    """
    edges = pieces(article)
    of_outlet = [(piece.start, piece.end) for piece in edges if not known.keys().isdisjoint(piece.keys)]
    if not of_outlet:
        return ()
    rest = stems_outside(article, of_outlet)
    found = [
        (piece, of)
        for piece in edges
        if (of := _known(piece, known, article.title, rest))
        and not _is_about(content(article.body[piece.start : piece.end], article.title), rest)
    ]
    out = {(piece.start, piece.end) for piece, _ in found}
    if all((span.start, span.end) in out for span, _ in _sentences(article)):
        return ()
    merged: list[Recurring] = []
    for piece, of in found:
        last = merged[-1] if merged else None
        if last and _touch(article.body[last.end : piece.start]) and last.outlet == of.group:
            merged[-1] = Recurring(last.start, piece.end, min(last.articles, of.articles), of.group)
        else:
            merged.append(Recurring(piece.start, piece.end, of.articles, of.group))
    return tuple(merged)


def is_reporting(
    wanted: Collection[str], holders: Sequence[Collection[str]], others: Sequence[Collection[str]]
) -> bool:
    """Return whether a sentence with this content is about the articles that hold it.

    ``holders`` are the stems of those articles without it, ``others`` of articles of the same group that lack it. A
    paragraph of background stands in articles on its subject: one of its words is in them and seldom in the others,
    or, where the others are on that subject too, two of its words are in most of them. A comment policy stands in any.
    """
    if not holders:
        return False
    shares = {stem: _mean([stem], holders) for stem in wanted}
    if sum(share >= _SUBJECT for share in shares.values()) > 1:
        return True
    return bool(others) and any(share - _mean([stem], others) >= _LIFT for stem, share in shares.items())


def stems_outside(article: Article, spans: Iterable[tuple[int, int]]) -> frozenset[str]:
    """Return the stems of an article's headline and body outside some spans, in order."""
    found = {word.stem for word in words(article.title)}
    at = 0
    for start, end in [*sorted(spans), (len(article.body), len(article.body))]:
        found.update(word.stem for word in words(article.body, at, max(at, start)))
        at = max(at, end)
    return frozenset(found)


def content(line: str, title: str) -> frozenset[str]:
    """Return the stems of the words of a sentence that say what it is about, without a headline repeated in it."""
    found = frozenset(
        word.stem
        for word in words(line)
        if len(word.text) > 2 and word.text not in stopwords() and not word.text[0].isdigit()
    )
    if _TITLE in _masked(line, _tokens(title), False):
        return found - {word.stem for word in words(title)}
    return found


def _mean(wanted: Collection[str], articles: Sequence[Collection[str]]) -> float:
    return sum(sum(stem in article for stem in wanted) for article in articles) / len(wanted) / len(articles)


def _known(piece: Piece, known: Mapping[int, Known], title: str, rest: Collection[str]) -> Known | None:
    """Return what is known of the most exact key of a piece that its article does not fill in with its own words."""
    for key, filled in zip(piece.keys, piece.filled, strict=True):
        if key in known and not is_filled_with(filled, title, rest):
            return known[key]
    return None


def is_filled_with(filled: str, title: str, rest: Collection[str]) -> bool:
    """Return whether a form is filled in with what its article is about: a word of its headline, or half of the rest.

    ``rest`` are the stems of the article outside what recurs. A form that is so filled in is reporting.
    """
    wanted = content(filled, "")
    return bool(wanted) and (
        any(word.stem in wanted for word in words(title)) or _mean(wanted, [rest]) >= _FILLED
    )


def _is_about(wanted: Collection[str], rest: Collection[str]) -> bool:
    """Return whether one article tells itself of nearly all that a sentence with this content tells of."""
    return len(wanted) >= _FEW and _mean(wanted, [rest]) >= _ABOUT


def _touch(between: str) -> bool:
    return not between.strip() and "\n" not in between


# --- the sentences at the edges --------------------------------------------------------------------------


def _outer(article: Article) -> list[tuple[Span, bool]]:
    found = _sentences(article)
    return found if len(found) <= HEAD + TAIL else found[:HEAD] + found[-TAIL:]


def _sentences(article: Article) -> list[tuple[Span, bool]]:
    """Return the sentences of an article without references, and whether each is a line by itself."""
    blocks = article.blocks or (Block(0, len(article.body), "paragraph"),)
    found: list[tuple[Span, bool]] = []
    for block in blocks:
        if block.kind != "reference":
            inside = sentences(article.body, block.start, block.end)
            found += [(span, len(inside) == 1) for span in inside]
    return found


# --- keys ------------------------------------------------------------------------------------------------

_TOKENS = re.compile(r"\d+|[^\W\d_]+|[@#~]")
_DAY = re.compile(r"(?<!\d)(?:\d{1,4}([/.-])\d{1,2}\1\d{1,4}|\d{1,2}:\d\d(?::\d\d)?|(?:19|20)\d\d)(?!\d)")
_SIGNS = _NUMBER, _TITLE, _LINK, _DATE = "0", "#", "@", "~"
_LONGEST_TITLE = 60  # words


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(fold_text(text))


def _masked(text: str, title: Sequence[str], is_line: bool) -> list[str]:
    """Return the words of a sentence with one sign each for a date, an address and its article's headline.

    Of a short line by itself the other numbers are a sign too. Elsewhere they are what it tells.
    """
    parts = (_LINK if "@" in part or "://" in part else part for part in fold_text(text).split())
    tokens = _TOKENS.findall(_DAY.sub(f" {_DATE} ", " ".join(parts)))
    if 1 < len(title) <= _LONGEST_TITLE:
        tokens = list(_without(tokens, title))
    tokens = [_DATE if token in _calendar() else token for token in tokens]
    dated = [
        token.isdigit() and _DATE in (tokens[max(at - 1, 0)], *tokens[at + 1 : at + 2])
        for at, token in enumerate(tokens)
    ]
    tokens = [_DATE if is_date else token for token, is_date in zip(tokens, dated, strict=True)]
    tokens = [sign for sign, _ in groupby(tokens)]
    if is_line and len(tokens) <= _LONGEST_FORM:
        return [_NUMBER if token.isdigit() else token for token in tokens]
    return tokens


def _without(tokens: Sequence[str], title: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        if tokens[at] == title[0] and list(tokens[at : at + len(title)]) == list(title):
            yield _TITLE
            at += len(title)
        else:
            yield tokens[at]
            at += 1


@cache
def _calendar() -> frozenset[str]:
    """Return every word of the name of a month or a day, with and without the article, folded."""
    named = {word for name in (*months(), *weekdays(), *hijri_months()) for word in name.split()}
    return frozenset(named | {f"{article}{name}" for article in articles() for name in named})


def _keys(tokens: Sequence[str], is_line: bool) -> list[tuple[int, str]]:
    """Return the keys of a sentence, each with the words that it leaves open."""
    size = len(tokens)
    is_short = size < _SHORT and any(len(token) > _INITIAL for token in tokens)
    keys = [(_key(tokens, "whole", FORM if _NUMBER in tokens else SHORT if is_short else SENTENCE), "")]
    if is_line and size <= _LONGEST_FORM:
        for stem in reversed(_STEMS):
            if _FIXED * size <= stem < size:
                keys.append((_key(tokens[:stem], "first", FORM), " ".join(tokens[stem:])))
                keys.append((_key(tokens[-stem:], "last", FORM), " ".join(tokens[:-stem])))
    return keys


def _key(tokens: Sequence[str], place: str, kind: int) -> int:
    """Return a 63-bit number whose last two bits are its kind."""
    digest = blake2b(f"{place} {' '.join(tokens)}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 3 << 2 | kind
