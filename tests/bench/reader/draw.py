"""Drawing of examples from the data, which depends only on the seed and the number of the draw."""

from __future__ import annotations

import bisect
import math
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from corpus.article import Span
from tests.bench.reader.data import (
    LONGEST,
    SEED,
    WORD,
    Asked,
    Data,
    Example,
    NewsQuestion,
    Passage,
    make_passage,
    overlaps,
    stem,
    words_of,
)
from tests.bench.reader.exchange import Exchange, swap


class Alike:
    """An index of passages, by language, that finds those sharing a question's rare words."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages = list({id(passage): passage for passage in passages}.values())
        self.holding: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, passage in enumerate(self.passages):
            for word in passage.stems:
                self.holding[passage.language, word].append(number)

    def best(self, question: str, language: str, count: int, but: Callable[[Passage], bool]) -> list[Passage]:
        scores: dict[int, float] = defaultdict(float)
        for word in {stem(found) for found in WORD.findall(question)}:
            rows = self.holding.get((language, word), ())
            if 0 < len(rows) < 600:
                for row in rows:
                    rarity = math.log(len(self.passages) / len(rows))
                    scores[row] += rarity / (1 + len(self.passages[row].stems) / 100)
        found = []
        for row in sorted(scores, key=scores.__getitem__, reverse=True)[: count * 6]:
            if not but(self.passages[row]):
                found.append(self.passages[row])
                if len(found) == count:
                    break
        return found


_ADDED = {
    "ar": ("سنة {}", "عام {}", "في عام {}", "خلال {}"),
    "fa": ("در سال {}", "سال {}"),
    "it": ("nel {}", "durante il {}"),
    "en": ("in {}", "during {}"),
}


class Draw:
    """A source of examples, of which the ``index``-th is the same whenever it is drawn."""

    MIX = (
        ("fa", 0.31),
        ("fa-none", 0.12),
        ("it", 0.06),
        ("arcd", 0.13),
        ("dialects", 0.16),
        ("headlines", 0.11),
        ("unanswered", 0.09),
        ("answered", 0.02),
    )
    WITH_NEWS = (
        ("news", 0.72),
        ("fa", 0.07),
        ("fa-none", 0.03),
        ("arcd", 0.07),
        ("dialects", 0.06),
        ("headlines", 0.02),
        ("unanswered", 0.02),
        ("answered", 0.01),
    )

    def __init__(self, data: Data, exchange: Exchange) -> None:
        self.data, self.exchange = data, exchange
        self.alike = Alike(
            [asked.passage for source in data.train.values() for asked in source]
            + [passage for _, passage in data.headlines]
        )
        self.articles: dict[str, list[Passage]] = defaultdict(list)
        for passage in self.alike.passages:
            self.articles[passage.article].append(passage)
        self.holders: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for source in data.train.values():
            for asked in source:
                self.holders[asked.question, asked.passage.text] += asked.answers
        self.mix = self.WITH_NEWS if data.news else self.MIX
        self.shares = list(np.cumsum([share for _, share in self.mix]))
        self.answerable = [question for question in data.news if question.answers]
        self.near = [question for question in data.news if not question.answers]
        if data.news:
            others = [replace(passage, headline=title) for title, passage in data.headlines]
            others += [passage for q in data.news for passage in data.cuts[q.article][0]]
            self.others = Alike(others)

    def __call__(self, index: int) -> list[Example]:
        """Draw one example, or several of which at least one is answered (``somewhere``)."""
        rng = random.Random(f"{SEED}-{index}")
        while True:
            name = self.mix[min(bisect.bisect(self.shares, rng.random()), len(self.mix) - 1)][0]
            if name == "news":
                made = self.news(rng)
                if made:
                    return [made]
                continue
            found = self._draw(name, rng)
            if found:
                return [headlined(example, rng) for example in found]

    def _draw(self, name: str, rng: random.Random) -> list[Example]:
        if name == "headlines":
            title, passage = rng.choice(self.data.headlines)
            found = self.headline(title, passage, rng)
            return [found] if found else []
        if name == "unanswered":
            question, language, passages = rng.choice(self.data.unanswered)
            return [self.unknown(question, language, crop(rng.choice(passages), rng), rng)]
        if name == "answered":
            question, _, passages = rng.choice(self.data.answered)
            group = rng.sample(passages, len(passages))[:4]
            return [Example(question, words_of(question), crop(p, rng), somewhere=True) for p in group]
        asked = rng.choice(self.data.train[name])
        if not asked.answers:
            passage = crop(asked.passage, rng)
            return [self.unknown(asked.question, asked.language, drop_headline(passage, rng), rng)]
        made = self.variant(asked, rng)
        return [made] if made else []

    def news(self, rng: random.Random) -> Example | None:
        chance = rng.random()
        near = self.near and chance >= 0.63
        asked = rng.choice(self.near if near else self.answerable)
        passages = rng.choice(self.data.cuts[asked.article])
        if near and chance < 0.96:
            return self.near_miss(asked, passages, rng)
        holding = [passage for passage in passages if asked.found(passage.text)]
        if chance < 0.47:
            if not holding:
                return None
            passage = nearest(asked.question, holding)
            return Example(
                asked.question,
                words_of(asked.question),
                passage,
                asked.found(passage.text),
                opened=asked.missing,
            )
        if chance < 0.55:
            if not holding:
                return None
            passage = nearest(asked.question, holding)
            made = swap(asked.question, "ar", passage, self.exchange, rng)
            return Example(made[0], made[1], passage, opened=made[2]) if made else None
        if chance < 0.61:
            # The headline may well speak of what another passage answers: which words are open is not known.
            rest = [passage for passage in passages if passage not in holding]
            return Example(asked.question, words_of(asked.question), rng.choice(rest)) if rest else None

        def unfit(passage: Passage) -> bool:
            return passage.article == asked.article or bool(asked.found(passage.text))

        found = self.others.best(asked.question, "ar", 5, unfit)
        return self.unknown(asked.question, "ar", rng.choice(found), rng) if found else None

    def near_miss(
        self, asked: NewsQuestion, passages: Sequence[Passage], rng: random.Random
    ) -> Example | None:
        """Put a near miss to its nearest passage or to another, in which words that it lacks are unknown."""
        if not passages:
            return None
        best = nearest(asked.question, passages)
        passage = best if rng.random() < 0.5 else rng.choice(passages)
        words = words_of(asked.question)
        opened = tuple(
            value
            if value or passage is best or stem(asked.question[word.start : word.end]) in passage.stems
            else -1
            for word, value in zip(words, asked.missing, strict=True)
        )
        return Example(asked.question, words, passage, opened=opened)

    def variant(self, asked: Asked, rng: random.Random) -> Example | None:
        chance = rng.random()
        if chance < 0.56:
            return self.positive(asked, rng)
        if chance < 0.78:
            return self.swapped(asked, rng)
        if chance < 0.83:
            return self.added(asked, rng)
        if chance < 0.92:
            return self.elsewhere(asked, rng)
        return self.removed(asked, rng)

    def positive(self, asked: Asked, rng: random.Random) -> Example | None:
        passage, answers = crop_around(asked.passage, asked.answers, rng)
        if not answers:
            return None
        words = words_of(asked.question)
        return Example(asked.question, words, drop_headline(passage, rng), answers, opened=(0,) * len(words))

    def swapped(self, asked: Asked, rng: random.Random) -> Example | None:
        found = swap(asked.question, asked.language, asked.passage, self.exchange, rng)
        if found is None:
            return None
        question, words, opened = found
        passage, _ = crop_around(asked.passage, asked.answers, rng)
        return Example(question, words, drop_headline(passage, rng), opened=opened)

    def added(self, asked: Asked, rng: random.Random) -> Example | None:
        if asked.language not in _ADDED:
            return None
        year = str(rng.randint(1900, 2022) if rng.random() < 0.5 else rng.randint(2005, 2022))
        if rng.random() < 0.4 and any("۰" <= c <= "۹" for c in asked.passage.text):
            year = year.translate({ord("0") + i: chr(ord("۰") + i) for i in range(10)})
        if stem(year) in asked.passage.stems:
            return None
        question, mark = re.subn(r"\s*[؟?]\s*$", "", asked.question)
        question += " " + rng.choice(_ADDED[asked.language]).format(year) + ("؟" if mark else "")
        words = words_of(question)
        opened = tuple(int(question[w.start : w.end] == year) for w in words)
        passage, _ = crop_around(asked.passage, asked.answers, rng)
        return Example(question, words, drop_headline(passage, rng), opened=opened)

    def elsewhere(self, asked: Asked, rng: random.Random) -> Example | None:
        """Put the question to another passage: of the same article, or one that shares its words."""
        answers = {
            stem(asked.passage.text[span.start : span.end].split()[0])
            for span in asked.answers
            if asked.passage.text[span.start : span.end].split()
        }

        def unfit(passage: Passage) -> bool:
            return passage.text == asked.passage.text or bool(answers & passage.stems)

        found = [p for p in self.articles[asked.passage.article] if not unfit(p)]
        if asked.passage.article.startswith("dialects") or not found or rng.random() < 0.6:
            language = asked.passage.language
            found = self.alike.best(asked.question, language, 4, unfit) or found
        if not found:
            return None
        passage = crop(rng.choice(found), rng)
        return self.unknown(asked.question, asked.language, drop_headline(passage, rng), rng)

    def removed(self, asked: Asked, rng: random.Random) -> Example | None:
        """Put the question to its passage without the sentences that hold the answer, or the answer's words."""
        texts = [asked.passage.text[span.start : span.end] for span in asked.answers]
        kept = [
            asked.passage.text[span.start : span.end]
            for span in asked.passage.sentences
            if not any(overlaps(span, answer) for answer in asked.answers)
            and not any(text in asked.passage.text[span.start : span.end] for text in texts)
        ]
        if not kept:
            return None
        passage = make_passage(asked.passage.headline, " ".join(kept), asked.passage.language, "")
        return self.unknown(asked.question, asked.language, drop_headline(crop(passage, rng), rng), rng)

    def headline(self, title: str, passage: Passage, rng: random.Random) -> Example | None:
        """Use a headline as a question: its article answers it somewhere; with a word exchanged, none does."""
        if rng.random() < 0.3:
            title = f"هل {title}؟"
        chance = rng.random()
        words = words_of(title)
        if chance < 0.4:
            opened = tuple(0 if stem(title[word.start : word.end]) in passage.stems else -1 for word in words)
            if opened.count(0) < 0.5 * len(words):
                return None
            return Example(title, words, passage, somewhere=True, opened=opened)
        if chance < 0.75:
            found = swap(title, "ar", passage, self.exchange, rng)
            if found is None:
                return None
            question, words, opened = found
            known = tuple(
                value if value == 1 or stem(question[w.start : w.end]) in passage.stems else -1
                for w, value in zip(words, opened, strict=True)
            )
            return Example(question, words, passage, opened=known)
        others = self.alike.best(title, "ar", 3, lambda other: other.article == passage.article)
        # One that holds most of the headline's words may well say the same.
        own = [stem(title[word.start : word.end]) for word in words]
        others = [p for p in others if sum(word in p.stems for word in own) < 0.6 * len(own)]
        return self.unknown(title, "ar", rng.choice(others), rng) if others else None

    def unknown(self, question: str, language: str, passage: Passage, rng: random.Random) -> Example:
        """Return an unanswered example in which an unknown one of the content words is left open."""
        words = words_of(question)
        matters = tuple(
            -1 if self.exchange.content(question[w.start : w.end], language) else -2 for w in words
        )
        return Example(question, words, passage, opened=matters, weak=True)


def nearest(question: str, passages: Sequence[Passage]) -> Passage:
    """Return the passage that holds most words of the question."""
    stems = {stem(word) for word in WORD.findall(question)}
    return max(passages, key=lambda passage: len(stems & passage.stems))


def headlined(example: Example, rng: random.Random) -> Example:
    """Make the first sentence the headline, as in news, in a fifth of cases where it does not hold the answer."""
    passage = example.passage
    if example.somewhere or len(passage.sentences) < 3 or rng.random() > 0.2:
        return example
    first, second = passage.sentences[:2]
    if any(answer.start < second.start for answer in example.answers):
        return example
    by = second.start
    inside = tuple(Span(span.start - by, span.end - by) for span in passage.sentences[1:])
    made = replace(
        passage, headline=passage.text[first.start : first.end], text=passage.text[by:], sentences=inside
    )
    answers = tuple(Span(answer.start - by, answer.end - by) for answer in example.answers)
    return replace(example, passage=made, answers=answers)


def drop_headline(passage: Passage, rng: random.Random) -> Passage:
    return replace(passage, headline="") if rng.random() < 0.25 else passage


def crop(passage: Passage, rng: random.Random) -> Passage:
    return crop_around(passage, (), rng)[0]


def crop_around(
    passage: Passage, answers: Sequence[Span], rng: random.Random
) -> tuple[Passage, tuple[Span, ...]]:
    """Return the passage or, when it is long, a run of its sentences around one of the answers."""
    if len(passage.text) <= LONGEST or not passage.sentences:
        return passage, tuple(answers)
    spans = passage.sentences
    aim = rng.choice(answers) if answers else rng.choice(spans)
    at = next((i for i, span in enumerate(spans) if overlaps(span, aim)), 0)
    first = last = at
    while True:
        grown = [(a, b) for a, b in ((first - 1, last), (first, last + 1)) if a >= 0 and b < len(spans)]
        grown = [(a, b) for a, b in grown if spans[b].end - spans[a].start <= LONGEST]
        if not grown:
            break
        first, last = rng.choice(grown)
    start, end = spans[first].start, spans[last].end
    kept = tuple(Span(a.start - start, a.end - start) for a in answers if start <= a.start and a.end <= end)
    inside = tuple(Span(s.start - start, s.end - start) for s in spans[first : last + 1])
    return replace(passage, text=passage.text[start:end], sentences=inside), kept
