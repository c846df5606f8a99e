"""Check of a claimed quote against the archive: published exactly, except for marks, or not at all.

Words that stand nearly everywhere are no quote, although they are published: a claim has to tell its place from others.
What its words tell is counted in bits by the passages that hold them, as search weighs them: `TELLING`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from bot.answer import Quote
from bot.quotes import cut, locate, verify
from corpus.arabic import fold_text, words
from corpus.article import Article, Span

if TYPE_CHECKING:
    from bot.build import Musnad
    from corpus.store import Archive
    from vectorstore.hit import Hit

PASSAGES = 200
"""Number of passages, best first by their words, whose articles are searched."""
_NEAR = 10  # passages, by meaning and by words, of which one may be nearest
_QUOTATION = "«»\"“”„‟'‘’‚‛"
_SENTENCES = 3  # a claim is held against as many sentences in a row

TELLING = 5.0
"""Least bits that the words of a claim tell together.

A word in one passage of thirty tells so much by itself, one in every second passage 1.6. In an archive of one passage
each word tells one bit.
"""

Verdict = Literal["exact", "alike", "machine", "slight", "absent"]
"""``machine``: held only by a text that was recognised in a picture, which proves no letter of the original.
``slight``: published, but too little to be a quote of one place."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Result of a check."""

    verdict: Verdict
    quote: Quote | None
    """The published text or, for an absent claim, the nearest published text."""
    earlier: Quote | None = None
    """For an absent claim: its text in an article that was changed or removed since; there is no ``quote`` then."""


@dataclass(frozen=True, slots=True)
class ClaimPart:
    """A run of words in a comparison: in both texts, only in the claim or only in the published text."""

    where: Literal["both", "claim", "published"]
    text: str


def check(claim: str, musnad: Musnad) -> Checked:
    """Check whether the archive's current articles hold the claim. Needs the model only when none does."""
    core = _core(claim)
    if not any(character.isalnum() for character in core):
        return Checked("absent", None)
    if found := published(claim, musnad.archive):
        return found if _tells(core, musnad.archive) >= TELLING else replace(found, verdict="slight")
    if earlier := _held_by(core, musnad.archive.retired()):
        return Checked("absent", None, verify(earlier.quote, musnad.archive) if earlier.quote else None)
    return Checked("absent", _nearest(core, musnad.index.search(core, _NEAR)))


def published(claim: str, archive: Archive) -> Checked | None:
    """Find the claim in the archive's current articles, exactly or except for marks; None when none has it."""
    core = _core(claim)
    if not any(character.isalnum() for character in core):
        return None
    return _held_by(core, _articles(core, archive))


def _tells(claim: str, archive: Archive) -> float:
    """Return the bits that the different words of a claim tell together, of the passage that they stand in."""
    told = sorted({word.text for word in words(claim)})
    frequency, size = archive.frequency(told), archive.size()
    return sum(math.log2(1 + size / max(frequency[word], 1)) for word in told)


def compare(claim: str, published: str) -> list[ClaimPart]:
    """Align the words of both texts in order. Words that differ only in marks are equal, given as published."""
    left, right = claim.split(), published.split()
    matcher = SequenceMatcher(
        None, [_bare(word) for word in left], [_bare(word) for word in right], autojunk=False
    )
    parts = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            parts.append(ClaimPart("both", " ".join(right[k:m])))
        if tag in ("delete", "replace"):
            parts.append(ClaimPart("claim", " ".join(left[i:j])))
        if tag in ("insert", "replace"):
            parts.append(ClaimPart("published", " ".join(right[k:m])))
    return parts


def _core(claim: str) -> str:
    return claim.strip().strip(_QUOTATION).strip()


def _held_by(claim: str, articles: Sequence[Article]) -> Checked | None:
    """Find a claim in articles, best first: exactly, else except for marks, else in a text recognised in a picture.

    None when none has it.
    """
    written = [article for article in articles if not article.machine_read]
    for article in written:
        if (at := article.body.find(claim)) >= 0:
            return Checked("exact", cut(article, at, at + len(claim)))
    for article in written:
        if span := locate(claim, article.body):
            return Checked("alike", cut(article, span.start, span.end))
    for article in articles:
        if article.machine_read and (span := locate(claim, article.body)):
            return Checked("machine", cut(article, span.start, span.end))
    return None


def _articles(claim: str, archive: Archive) -> list[Article]:
    """Return the articles that may hold the claim, best first; all of them when it has no word to search for."""
    from vectorstore.lexical import query

    sought = query(claim)
    if not sought.words:
        return archive.articles()
    chunks = archive.chunks([id for id, _ in archive.best(sought.words, sought.stems, PASSAGES)])
    found = archive.articles_by_id({chunk.article_id for chunk in chunks})
    return [found[id] for id in dict.fromkeys(chunk.article_id for chunk in chunks) if id in found]


def _nearest(claim: str, hits: Sequence[Hit]) -> Quote | None:
    """Return the run of sentences whose letters are most similar to the claim's; None when there are none."""
    from rapidfuzz.fuzz import ratio

    wanted = fold_text(claim)
    runs = [(hit.article, span) for hit in hits for span in _runs(hit.chunk.sentences)]
    if not runs:
        return None
    article, span = max(
        runs, key=lambda run: ratio(wanted, fold_text(run[0].body[run[1].start : run[1].end]))
    )
    return cut(article, span.start, span.end)


def _runs(sentences: Sequence[Span]) -> Iterator[Span]:
    for first in range(len(sentences)):
        for last in range(first, min(first + _SENTENCES, len(sentences))):
            yield Span(sentences[first].start, sentences[last].end)


def _bare(word: str) -> str:
    """Return the folded word's letters and digits, or the whole folded word when it has none."""
    folded = fold_text(word)
    return "".join(character for character in folded if character.isalnum()) or folded
