"""Verification: no quote leaves the program unless it is, character for character, a slice of a stored article.

Quotes are made only here, by ``cut``, which slices a stored body. ``verify_answer`` checks them again against the
archive at the moment of sending, whatever wrote the answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from bot.answer import Answer, Quote, Standing, UnverifiedQuoteError
from corpus.arabic import fold, fold_text
from corpus.article import Article, Span


class Articles(Protocol):
    """Stored articles and the current ones of a source; ``corpus.store.Archive`` is one."""

    def article(self, ref: str) -> Article: ...
    def articles_of(self, source: str) -> list[Article]: ...


def cut(article: Article, start: int, end: int, score: float = 0.0, words: Span | None = None) -> Quote:
    """Return the quote ``article.body[start:end]`` without blanks at its ends.

    Raises UnverifiedQuoteError when nothing is left, or when ``words`` are not in it.
    """
    text = article.body[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    return Quote(article=article, start=start, end=start + len(text), text=text, score=score, words=words)


def verify(quote: Quote, archive: Articles) -> Quote:
    """Return the quote cut anew from the archive's copy of its article, with its headline, outlet, date and link.

    The quote also says what has become of that article since. Raises UnverifiedQuoteError unless that copy holds
    the quote's text at the quote's position.
    """
    try:
        stored = archive.article(quote.article.id)
    except LookupError as error:
        raise UnverifiedQuoteError(f"the archive holds no article {quote.article.id}") from error
    inside = 0 <= quote.start < quote.end <= len(stored.body)
    published = stored.body[quote.start : quote.end] if inside else ""
    if not published or stored.id != quote.article.id or published != quote.text:
        raise UnverifiedQuoteError(
            f"{quote.article.id}[{quote.start}:{quote.end}] is not what the archive holds"
        )
    return Quote(
        stored,
        quote.start,
        quote.end,
        published,
        quote.score,
        quote.words,
        standing_of(stored, archive, published),
        _standing_also(quote, archive),
    )


def _standing_also(quote: Quote, archive: Articles) -> tuple[Article, ...]:
    """Return the copies of the quote's article that the archive still holds."""
    found = []
    for each in quote.also:
        with suppress(LookupError):
            found.append(archive.article(each.id))
    return tuple(each for each in found if each.current)


def standing_of(article: Article, archive: Articles, words: str = "") -> Standing:
    """Return what has become of an article in the archive.

    It was withdrawn when its outlet took its page away. It has changed when its file has a newer version of it, or
    another article that holds the ``words``: an article may move in its file. Else it was removed.
    """
    if article.current:
        return "withdrawn" if article.withdrawn else "same"
    since = archive.articles_of(article.source)
    if any(newer.part == article.part for newer in since):
        return "changed"
    return "changed" if words and any(locate(words, newer.body) for newer in since) else "removed"


def verify_answer(answer: Answer, archive: Articles) -> Answer:
    """Return the answer without the quotes that fail, the others as the archive has them.

    An answer with no quote left becomes a refusal. A "nearest" refusal with no quote left becomes one with the
    reason "no_evidence" and no text. The first line of an answer is removed when a quote failed on which it may
    have rested, and when it quotes («…») words that none of the quotes holds.
    """
    if answer.parts:
        answer = replace(answer, parts=tuple(verify_answer(part, archive) for part in answer.parts))
    quotes = _standing(answer.quotes, archive)
    related = _standing(answer.related, archive)
    text = answer.text
    if answer.status == "answered":
        if not quotes:
            return replace(
                answer, status="refused", reason="no_evidence", text="", quotes=(), related=related
            )
        if len(quotes) != len(answer.quotes) or not _said_by(quotes, text):
            text = ""
    elif answer.reason == "nearest" and not related:
        return replace(answer, reason="no_evidence", text="", quotes=(), related=(), open=())
    certain = len(quotes) == len(answer.quotes) and all(quote.standing == "same" for quote in quotes)
    independent = answer.independent if certain else 0
    return replace(answer, text=text, quotes=quotes, related=related, independent=independent)


def _standing(quotes: Iterable[Quote], archive: Articles) -> tuple[Quote, ...]:
    standing = []
    for quote in quotes:
        try:
            standing.append(verify(quote, archive))
        except UnverifiedQuoteError:
            continue
    return tuple(standing)


def _said_by(quotes: Iterable[Quote], text: str) -> bool:
    """Return whether each stretch of the text in quotation marks is, to the letter, in one of the quotes."""
    quoted = quotations(text)
    return quoted is not None and all(
        any(text[span.start : span.end] in quote.text for quote in quotes) for span in quoted
    )


def quotations(text: str) -> list[Span] | None:
    """Return the spans of a text inside quotation marks, without the marks; None when the marks do not pair."""
    spans = [Span(found.start(1), found.end(1)) for found in re.finditer("«([^«»]*)»", text)]
    outside = re.sub("«[^«»]*»", lambda found: " " * len(found[0]), text)
    marks = [found.start() for found in re.finditer('["“”„‟]', outside)]
    if len(marks) % 2 or "«" in outside or "»" in outside:
        return None
    return spans + [Span(first + 1, last) for first, last in zip(marks[::2], marks[1::2], strict=True)]


def locate(claim: str, body: str, start: int = 0, end: int | None = None) -> Span | None:
    """Return the span of ``body[start:end]`` that holds the claim; None when there is none.

    It matches exactly, or except for what search folds away (marks over letters, forms of alef, digits) and the
    kind of blanks and quotation marks.

    The span belongs to the body, so that the published text is then shown, never the claim. It separates no letter
    from its marks, and folds to the same text as the claim.
    """
    end = len(body) if end is None else end
    claim = claim.strip().strip("«»\"“”'").strip()
    wanted = _plain(fold_text(claim)).split()
    if not wanted:
        return None
    at = body.find(claim, start, end)
    while at >= 0:
        if not _cuts_marks(body, at, at + len(claim)):
            return Span(at, at + len(claim))
        at = body.find(claim, at + 1, end)
    folded = fold(body[start:end])
    plain = _plain(folded.text)
    pattern = re.compile(r"\s+".join(map(re.escape, wanted)))
    found = pattern.search(plain)
    while found is not None:
        span = folded.span(*found.span())
        span = Span(span.start + start, span.end + start)
        # Of a ligature no part can be cut out: the span then says more than the claim.
        if _plain(fold_text(body[span.start : span.end])).split() == wanted:
            return span
        found = pattern.search(plain, found.start() + 1)
    return None


def _cuts_marks(body: str, start: int, end: int) -> bool:
    """Return whether ``body[start:end]`` begins or ends between a letter and the marks over it."""
    return any(at < len(body) and unicodedata.combining(body[at]) for at in (start, end))


def _plain(text: str) -> str:
    """Replace every double or single quotation mark by one shape, without changing the length of the text."""
    return text.translate(_MARKS)


_MARKS = {ord(mark): '"' for mark in "«»“”„‟"} | {ord(mark): "'" for mark in "‘’‚‛"}
