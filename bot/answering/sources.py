"""Which articles are one source: copies of one report are, however many outlets have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from bot.answer import Answer, Quote
from bot.answering.judges import Judged
from corpus.arabic import fold_text
from corpus.article import Article
from corpus.copies.compare import is_told_in, share
from corpus.copies.original import carrier
from corpus.store import Archive, Copies

_APART = 0.3
"""Most words in a row that two sentences of independent sources have in common, as a share of the shorter's pairs."""
_SURE = 0.9
"""Least certainty of the words that answer, for other articles that have the same to be counted."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The groups of copies among the articles of an answer."""

    groups: Mapping[str, Copies] = field(default_factory=dict)
    """The group of an article, by its id."""

    def key(self, article: Article) -> str:
        """Return the same for all articles of one report."""
        group = self.groups.get(article.id)
        return group.articles[0] if group else article.id

    def outlet(self, article: Article) -> str:
        """Return what stands for an article's outlet: copies are of one."""
        group = self.groups.get(article.id)
        return group.articles[0] if group else article.publisher or article.source

    def original(self, article: Article) -> str | None:
        """Return the id of the article that this one is a copy of, where that is certain."""
        group = self.groups.get(article.id)
        return group.original if group and group.original != article.id else None


def sources_of(archive: Archive, articles: Iterable[Article]) -> Sources:
    """Return the groups of copies of some articles: one query."""
    ids = list(dict.fromkeys(article.id for article in articles))
    found: dict[str, Copies] = {}
    for group in archive.copies_of(ids):
        for id in group.articles:
            found.setdefault(id, group)
    return Sources(found)


def with_copies(answer: Answer, sources: Sources, archive: Archive) -> Answer:
    """Return the answer whose quotes name the other articles in which their words stand, the earliest first."""
    quotes = (*answer.quotes, *answer.related)
    groups = [group for quote in quotes if (group := sources.groups.get(quote.article.id))]
    if not groups:
        return answer
    held = archive.articles_by_id({id for group in groups for id in group.articles})

    def named(quote: Quote) -> Quote:
        group = sources.groups.get(quote.article.id)
        others = [held[id] for id in group.articles if id in held and id != quote.article.id] if group else []
        also = [each for each in others if each.current and is_told_in(quote.text, each)]
        also.sort(key=lambda each: (each.published.date or "9", each.id))
        return replace(quote, also=tuple(also))

    return replace(answer, quotes=tuple(map(named, answer.quotes)), related=tuple(map(named, answer.related)))


def count_independent(
    judged: Sequence[Judged], best: Judged, least: float, sources: Sources, archive: Archive
) -> int:
    """Return how many independent outlets state the words that answer; 0 unless it is certain that they are several.

    It is for outlets that are known by more than their own claim, articles that are no copies of each other and credit
    none of the others, sentences that have few words in common, and words that are the same.
    """
    if best.words is None or best.certain < _SURE:
        return 0
    said = _words(best)
    telling: dict[str, Judged] = {}
    for each in (best, *judged):
        article = each.candidate.article
        if each.words is None or each.probability < least or _words(each) != said or not _is_sure(article):
            continue
        if all(
            share(each.candidate.text, other.candidate.text) <= _APART
            and sources.key(article) != sources.key(other.candidate.article)
            for other in telling.values()
        ):
            telling.setdefault(article.publisher or "", each)
    if best not in telling.values() or len(telling) < 2:
        return 0
    credits = archive.credits_of([each.candidate.article.id for each in telling.values()])
    for (one, first), (other, second) in combinations(telling.items(), 2):
        their = [credits.get(each.candidate.article.id) for each in (first, second)]
        if other == their[0] or one == their[1] or (their[0] and their[0] == their[1]):
            return 0
    return len(telling)


def _words(judged: Judged) -> str:
    words = judged.words
    return fold_text(judged.candidate.article.body[words.start : words.end]) if words else ""


def _is_sure(article: Article) -> bool:
    """Return whether an article's outlet is named, and the article does not stand in another."""
    if article.publisher is None or article.attribution == "recurring":
        return False
    return carrier(article.publisher, article.attribution, article.origin) == article.publisher
