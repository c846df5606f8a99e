"""Measurements of the reader on held-out data."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from bot.answering.judges.reader.model import ReaderModel, Reading
from corpus.article import Span
from tests.bench.reader.data import SEED, WORD, Asked, Data, Passage, overlaps, stem, words_of
from tests.bench.reader.draw import Alike
from tests.bench.reader.exchange import Exchange, swap

MEASURED = ("standard", "levantine", "moroccan", "egyptian")


def auroc(high: Sequence[float], low: Sequence[float]) -> float:
    """Return the share of pairs in which the value from ``high`` is above the one from ``low``."""
    ranks = np.argsort(np.argsort([*low, *high])) + 1.0
    above = ranks[len(low) :].sum() - len(high) * (len(high) + 1) / 2
    return float(above / max(1, len(high) * len(low)))


def best_odds(reading: Reading) -> float:
    return max(reading.sentences, default=-1e9) - reading.null


def measures(model: ReaderModel, data: Data, exchange: Exchange, share: float) -> dict[str, float]:
    """Measure the reader on the held-out parts, or on a fixed ``share`` of each."""

    def some(asked: Iterable[Asked]) -> list[Asked]:
        pool = list(asked)
        return random.Random(SEED).sample(pool, math.ceil(share * len(pool)))

    read = _Read(model)
    found = _on_news(read, data)
    if not share:
        return {name: round(value, 3) for name, value in found.items()}
    arcd = some(asked for asked in data.dev["arcd"] if asked.answers)
    answerable = some(asked for asked in data.dev["fa"] if asked.answers)
    unanswerable = some(asked for asked in data.dev["fa"] if not asked.answers)
    found |= _by_article(read, arcd, data.dev["arcd"])
    found |= _by_variety(read, {variety: some(data.dev[variety]) for variety in MEASURED}, data)
    found |= _answerable(read, answerable, unanswerable)
    for name, source in (("arcd", arcd), ("pquad", answerable)):
        found |= {f"{name} {what}": value for what, value in _exchanged(read, source[:200], exchange).items()}
    return {name: round(value, 3) for name, value in found.items()}


def _on_news(read: _Read, data: Data) -> dict[str, float]:
    """Put each held-out news question to all passages of its article."""
    high: list[float] = []
    low: list[float] = []
    right: list[bool] = []
    top: list[bool] = []
    opened: list[float] = []
    closed: list[float] = []
    answered: list[float] = []
    for asked in data.news_dev:
        passages = data.cuts[asked.article][0]
        readings = read(asked.question, passages)
        best = max(range(len(passages)), key=lambda i: best_odds(readings[i]))
        passage, reading = passages[best], readings[best]
        if asked.answers:
            high.append(best_odds(reading))
            sentence = passage.sentences[int(np.argmax(reading.sentences))]
            right.append(any(overlaps(sentence, answer) for answer in asked.found(passage.text)))
            answered += reading.open
        else:
            low.append(best_odds(reading))
            top.append(bool(asked.missing[int(np.argmax(reading.open))]))
            for probability, value in zip(reading.open, asked.missing, strict=True):
                (opened if value else closed).append(probability)
    if not high or not low:
        return {}
    return {
        "news answerable": len(high),
        "news near misses": len(low),
        "news answerable/near miss": auroc(high, low),
        "news answerable above 0": float(np.mean([odds > 0 for odds in high])),
        "news near misses above 0": float(np.mean([odds > 0 for odds in low])),
        "news sentence right": float(np.mean(right)),
        "news most open is missing": float(np.mean(top)),
        "news missing/other words": auroc(opened, closed),
        "news missing/words of answerable": auroc(opened, answered),
        "news missing words open": float(np.mean([value > 0.5 for value in opened])),
        "news words of answerable open": float(np.mean([value > 0.5 for value in answered])),
    }


def _by_article(read: _Read, questions: Sequence[Asked], all_of_them: Sequence[Asked]) -> dict[str, float]:
    """Put each question to all passages of its article, and to those without its own."""
    articles: dict[str, dict[str, Passage]] = defaultdict(dict)
    for asked in all_of_them:
        articles[asked.passage.article].setdefault(asked.passage.text, asked.passage)
    first: list[bool] = []
    within: list[bool] = []
    spans: list[float] = []
    held: list[float] = []
    without: list[float] = []
    for asked in questions:
        passages = list(articles[asked.passage.article].values())
        readings = read(asked.question, passages)
        first.append(_first_right(asked, passages, readings))
        own = next(i for i, passage in enumerate(passages) if passage.text == asked.passage.text)
        right, overlap = _within(asked, readings[own])
        within.append(right)
        if overlap is not None:
            spans.append(overlap)
        odds = [best_odds(reading) for reading in readings]
        if len(odds) > 1:
            held.append(max(odds))
            without.append(max(odds[:own] + odds[own + 1 :]))
    return {
        "arcd first": float(np.mean(first)),
        "arcd within passage": float(np.mean(within)),
        "arcd span F1": float(np.mean(spans)),
        "arcd answered/neighbours": auroc(held, without),
        "arcd odds above 0": float(np.mean([odds > 0 for odds in held])),
        "arcd neighbours above 0": float(np.mean([odds > 0 for odds in without])),
    }


def _by_variety(read: _Read, questions: dict[str, list[Asked]], data: Data) -> dict[str, float]:
    """Put each question to its passage and the three held-out ones that share most of its words' rarity."""
    alike = Alike(asked.passage for asked in data.dev["standard"])
    beside = {
        asked.passage.text: alike.best(asked.question, "ar", 3, partial(_is, asked.passage.text))
        for asked in data.dev["standard"]
    }
    found = {}
    for variety, source in questions.items():
        first: list[bool] = []
        within: list[bool] = []
        for asked in source:
            passages = [asked.passage, *beside.get(asked.passage.text, [])]
            readings = read(asked.question, passages)
            first.append(_first_right(asked, passages, readings))
            within.append(_within(asked, readings[0])[0])
        found[f"{variety} first"] = float(np.mean(first))
        found[f"{variety} within passage"] = float(np.mean(within))
    return found


def _is(text: str, passage: Passage) -> bool:
    return passage.text == text


def _answerable(read: _Read, answerable: Sequence[Asked], unanswerable: Sequence[Asked]) -> dict[str, float]:
    readings = [read(asked.question, [asked.passage])[0] for asked in answerable]
    high = [best_odds(reading) for reading in readings]
    low = [best_odds(read(asked.question, [asked.passage])[0]) for asked in unanswerable]
    within = [_within(asked, reading)[0] for asked, reading in zip(answerable, readings, strict=True)]
    return {
        "pquad answerable/unanswerable": auroc(high, low),
        "pquad within passage": float(np.mean(within)),
        "pquad answerable above 0": float(np.mean([odds > 0 for odds in high])),
        "pquad unanswerable above 0": float(np.mean([odds > 0 for odds in low])),
    }


def _exchanged(read: _Read, questions: Sequence[Asked], exchange: Exchange) -> dict[str, float]:
    """Compare questions as they are with the same questions with a word exchanged."""
    before: list[float] = []
    after: list[float] = []
    opened: list[float] = []
    closed: list[float] = []
    top: list[bool] = []
    rng = random.Random(SEED)
    for asked in questions:
        made = swap(asked.question, asked.language, asked.passage, exchange, rng)
        if made is None:
            continue
        question, _, gold = made
        before.append(best_odds(read(asked.question, [asked.passage])[0]))
        reading = read(question, [asked.passage])[0]
        after.append(best_odds(reading))
        for probability, value in zip(reading.open, gold, strict=True):
            (opened if value else closed).append(probability)
        top.append(bool(gold[int(np.argmax(reading.open))]))
    return {
        "right/exchanged": auroc(before, after),
        "open words": auroc(opened, closed),
        "most open is the exchanged": float(np.mean(top)),
    }


class _Read:
    def __init__(self, model: ReaderModel) -> None:
        self.model = model

    def __call__(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        return self.model.read(question, words_of(question), [_given(passage) for passage in passages])


def _given(passage: Passage) -> tuple[str, str, tuple[Span, ...]]:
    return passage.headline, passage.text, passage.sentences


def _first_right(asked: Asked, passages: Sequence[Passage], readings: Sequence[Reading]) -> bool:
    """Return whether the sentence with the best odds of all holds the answer, or its very words."""
    ranked = [
        (logit - reading.null, passage, span)
        for passage, reading in zip(passages, readings, strict=True)
        for span, logit in zip(passage.sentences, reading.sentences, strict=True)
    ]
    _, passage, span = max(ranked, key=lambda row: row[0])
    if passage.text == asked.passage.text:
        return any(overlaps(span, answer) for answer in asked.answers)
    return any(
        asked.passage.text[a.start : a.end] in passage.text[span.start : span.end] for a in asked.answers
    )


def _within(asked: Asked, reading: Reading) -> tuple[bool, float | None]:
    """Return whether the best sentence of the passage holds the answer, and if so the F1 of its span's words."""
    best = int(np.argmax(reading.sentences))
    span = asked.passage.sentences[best]
    right = [answer for answer in asked.answers if overlaps(span, answer)]
    place = reading.spans[best]
    if not right or place is None:
        return False, None
    mine = Counter(map(stem, WORD.findall(asked.passage.text[place[0] : place[1]])))
    scores = []
    for answer in right:
        theirs = Counter(map(stem, WORD.findall(asked.passage.text[answer.start : answer.end])))
        both = sum((mine & theirs).values())
        scores.append(2 * both / max(1, sum(mine.values()) + sum(theirs.values())))
    return True, max(scores)
