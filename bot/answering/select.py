"""Select which judged sentences are shown, and how: as an answer, as the nearest there is, or not at all."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.answering import features
from bot.answering.judges import Judged
from bot.answering.matching import forms_of, view, words_of
from bot.answering.question import Query
from bot.answering.sources import Sources
from corpus.arabic import Word, values

Grade = Literal["answered", "nearest", "refused"]

MOST_QUOTES = 3
_TITLES = 1  # words between an office and its holder: «العميد»


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds of the grades; defaults chosen on the fitting half of the news questions: docs/evaluation.md."""

    answered: float = 0.6
    """Minimum probability of a sentence that answers."""
    borne_out: float = 0.75
    """Factor on ``answered`` that lowers it where other articles have sentences of about the same rank."""
    surer: float = 0.1
    """Margin over ``answered`` of the probability that one of those articles answers, needed for ``borne_out``."""
    near: float = 0.1
    """Minimum probability of a sentence shown as the nearest there is; ``touched`` is the alternative."""
    touched: float = 0.3
    """Alternative to ``near``: minimum share of the question that passage and headline name."""
    behind: float = 2.0
    """Log odds by which a further quote, or a newer figure, may rank below the best."""
    newer: float = 0.45
    """Minimum probability of a newer figure that replaces an older one that answers."""
    alike: float = 0.6
    """Minimum share of words at which two sentences say the same."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences to show and their grade."""

    grade: Grade
    chosen: tuple[Judged, ...] = ()
    """The sentences, best first; none when refused."""
    open: tuple[str, ...] = ()
    """With ``nearest``: words of the question that the first of the sentences leaves open."""


def select(
    query: Query,
    judged: Sequence[Judged],
    policy: Policy | None = None,
    most: int = MOST_QUOTES,
    sources: Sources | None = None,
) -> Selection:
    """Select the sentences to show. ``judged``: best first, as a judge returns them.

    ``sources``: which of their articles are copies of one report. These bear nothing out, and of a sentence that
    several of them have the original's is shown.
    """
    policy, sources = policy or Policy(), sources or Sources()
    # A question in an article answers nothing.
    judged = [each for each in judged if each.candidate.text.rstrip('»"” ')[-1:] not in "؟?"]
    least = policy.answered * (policy.borne_out if _is_borne_out(judged, policy, sources) else 1.0)
    sure = [each for each in judged if each.probability >= least]
    if sure and judged[0] in sure:
        best = _newest_first(query, sure, judged, policy)
        further = [
            each for each in best[1:] if most > MOST_QUOTES or each.rank >= best[0].rank - policy.behind
        ]
        chosen = _distinct([best[0], *further], most, policy, sources)
        return Selection("answered", _originals(chosen, judged, policy, sources))
    near = [each for each in judged if _is_near(query, each, policy)]
    if not near:
        return Selection("refused")
    chosen = _originals(_distinct(near, most, policy, sources), near, policy, sources)
    return Selection("nearest", chosen, _unmentioned(query, chosen))


def _is_borne_out(judged: Sequence[Judged], policy: Policy, sources: Sources) -> bool:
    """Return whether several articles have sentences of about the same rank and one is likely to answer."""
    each_articles: dict[str, float] = {}
    for each in judged:
        if each.rank >= judged[0].rank - policy.behind:
            source = sources.key(each.candidate.article)
            each_articles[source] = max(each_articles.get(source, 0.0), each.probability)
    one = 1.0 - math.prod(1.0 - probability for probability in each_articles.values())
    return len(each_articles) > 1 and one >= policy.answered + policy.surer


def _unmentioned(query: Query, chosen: Sequence[Judged]) -> tuple[str, ...]:
    """Return the words that the first sentence leaves open and no shown sentence mentions."""
    shown = functools.reduce(operator.or_, (view(each.candidate.text) for each in chosen))
    named = {word.text for word in query.words if word.value is None and word.match(shown)}
    return tuple(word for word in chosen[0].open if word not in named)


def _is_near(query: Query, each: Judged, policy: Policy) -> bool:
    if each.probability >= policy.near:
        return True
    around = view(each.candidate.article.title) | view(each.candidate.hit.text)
    return features.coverage(query, around) >= policy.touched


def _newest_first(
    query: Query, sure: Sequence[Judged], judged: Sequence[Judged], policy: Policy
) -> list[Judged]:
    """Put the latest published first of sentences of several articles that give different answers.

    Figures and offices change. Only sentences that answer nearly as well as the best count.
    """
    best = sure[0]
    if query.kind not in {"number", "who"}:
        return list(sure)
    rivals = [
        each
        for each in judged
        if _differs(query, each, best)
        and (
            (each.rank >= best.rank - policy.behind and each.probability >= policy.newer)
            or _says_anew(query, each, best, policy)
            or _succeeds(query, each, best)
        )
    ]
    newer = [each for each in rivals if _day(each) > _day(best)]
    newer.sort(key=_day, reverse=True)
    return [*newer, *(each for each in sure if each not in newer)]


def _differs(query: Query, each: Judged, best: Judged) -> bool:
    if each.candidate.article.id == best.candidate.article.id:
        return False
    if query.kind == "who":
        return True
    asked = {word.value for word in query.words}
    own, other = _values(each) - asked, _values(best) - asked
    return bool(own) and not own & other


def _says_anew(query: Query, each: Judged, best: Judged, policy: Policy) -> bool:
    """Return whether a sentence says the same as the best in nearly its words, so that only the figure is another.

    It has to name every word of the question that the best one names: of two towns it is not the other's.
    """
    own, other = view(each.candidate.text), view(best.candidate.text)
    named = all(word.match(own) for word in query.words if word.match(other))
    return named and _overlap(each, best) >= policy.alike


def _succeeds(query: Query, each: Judged, best: Judged) -> bool:
    """Return whether a sentence speaks of what is asked and of the person whom the best one calls the holder of it.

    Whoever is written of beside his predecessor comes after him, in whatever words it is said.
    """
    holder = _holder(query, best)
    own = view(each.candidate.text)
    return (
        bool(holder)
        and all(map(own.forms.intersection, holder))
        and all(word.match(own) for word in query.words)
    )


def _holder(query: Query, best: Judged) -> list[frozenset[str]]:
    """Return the forms of the words that answer where they stand right behind all that is asked, else nothing.

    «وزير النقل سامر الحلو» says who holds an office; of «افتتح سامر الحلو المتحف» no later report changes anything. A
    title may stand between.
    """
    span = best.words
    if query.kind != "who" or span is None:
        return []
    text = best.candidate.article.body[best.candidate.span.start : span.end]
    at = span.start - best.candidate.span.start
    words = words_of(text)
    # The words that answer may begin with what is asked: «وزير النقل سامر الحلو».
    own = list(itertools.dropwhile(lambda each: _is_asked(query, each), [w for w in words if w.start >= at]))
    before = words[: len(words) - len(own)][-len(query.words) - _TITLES :]
    named = [word for word in query.words if any(word.match(view(each.text)) for each in before)]
    if len(named) < len(query.words):
        return []
    return [forms_of(word.text) for word in own]


def _is_asked(query: Query, word: Word) -> bool:
    return any(each.match(view(word.text)) for each in query.words)


def _values(judged: Judged) -> set[float]:
    return {value for value, _, _ in values(words_of(judged.candidate.text))}


def _day(each: Judged) -> str:
    return each.candidate.article.published.date or ""


def _originals(
    chosen: Sequence[Judged], judged: Sequence[Judged], policy: Policy, sources: Sources
) -> tuple[Judged, ...]:
    """Return the sentences, each from the original where that was found too and says the same."""
    taken = list(chosen)
    for at, each in enumerate(chosen):
        original = sources.original(each.candidate.article)
        same = (
            other
            for other in judged
            if other.candidate.article.id == original and other not in taken and _same(each, other, policy)
        )
        if (found := next(same, None)) is not None:
            taken[at] = replace(found, probability=each.probability)
    return tuple(taken)


def _distinct(judged: Sequence[Judged], most: int, policy: Policy, sources: Sources) -> tuple[Judged, ...]:
    """Return one to ``most`` sentences that do not say the same twice, further ones of another outlet first."""
    pool = list(judged)
    chosen = [pool.pop(0)]
    while pool and len(chosen) < most:
        outlets = {sources.outlet(each.candidate.article) for each in chosen}
        pool = [each for each in pool if not any(_same(each, other, policy) for other in chosen)]
        pool.sort(key=lambda each: (sources.outlet(each.candidate.article) in outlets, -each.rank))
        if pool:
            chosen.append(pool.pop(0))
    return tuple(chosen)


def _same(one: Judged, other: Judged, policy: Policy) -> bool:
    if one.candidate.article.id == other.candidate.article.id and one.candidate.span == other.candidate.span:
        return True
    own, others = _values(one), _values(other)
    figures_differ = bool(own) and bool(others) and not own & others
    return not figures_differ and _overlap(one, other) >= policy.alike


def _overlap(one: Judged, other: Judged) -> float:
    """Return the share of the shorter sentence's stems that the other has too."""
    first, second = ({word.stem for word in words_of(each.candidate.text)} for each in (one, other))
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0
