"""Exchange of words, numbers and years for like ones, so that a question is no longer answered."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from bot.answering.judges.reader.tokens import Tokenising
from corpus.article import Span
from tests.bench.reader.data import WORD, Data, Passage, overlaps, stem, words_of

COMMON = 80  # words of a language, the most frequent in its questions, that never count as left open


class Exchange:
    """Replacements for words, similar by the embedded model's word vectors."""

    def __init__(self, data: Data, tokenising: Tokenising, vectors: Tensor) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for source in data.train.values():
            for asked in source:
                counts[asked.language].update(WORD.findall(asked.question))
        for title, _ in data.headlines[:4000]:
            counts["ar"].update(WORD.findall(title))
        for question in data.news:
            counts["ar"].update(WORD.findall(question.question))
        self.common = {
            language: frozenset(stem(word) for word, _ in counter.most_common(COMMON))
            for language, counter in counts.items()
        }
        self.articles: dict[str, list[str]] = defaultdict(list)
        for source in data.train.values():
            for asked in source:
                self.articles[asked.passage.article] += [
                    word
                    for word in WORD.findall(asked.question)
                    if self.content(word, asked.language) and not any(map(str.isdigit, word))
                ]
        self.words: dict[str, list[str]] = {}
        self.rows: dict[str, dict[str, int]] = {}
        self.vectors: dict[str, NDArray[np.float32]] = {}
        for language, counter in counts.items():
            words = sorted(word for word in counter if self.content(word, language) and not word.isdigit())
            table = np.stack(
                [
                    vectors[encoding.ids or [3]].float().mean(0).numpy()
                    for encoding in tokenising.tokenizer.encode_batch(words, add_special_tokens=False)
                ]
            )
            table -= table.mean(0)
            table /= np.linalg.norm(table, axis=1, keepdims=True)
            self.words[language], self.vectors[language] = words, table
            self.rows[language] = {word: row for row, word in enumerate(words)}

    def content(self, word: str, language: str) -> bool:
        return len(word) > 1 and stem(word) not in self.common.get(language, frozenset())

    def other(self, word: str, language: str, passage: Passage, rng: random.Random) -> str | None:
        """Return a word like ``word`` that the passage does not hold, None without one."""
        if digits := re.search(r"\d+", word):
            return other_number(word, digits, passage, rng)
        row = self.rows.get(language, {}).get(word)
        if row is None:
            return None
        near = self.articles.get(passage.article, [])
        if near and rng.random() < 0.4:
            candidates = rng.sample(near, min(12, len(near)))
            known = [other for other in candidates if other in self.rows[language]]
            table = self.vectors[language]
            candidates = sorted(
                known, key=lambda other: -float(table[self.rows[language][other]] @ table[row])
            )[:4]
        else:
            likeness = self.vectors[language] @ self.vectors[language][row]
            best = np.argpartition(-likeness, 12)[:12]
            candidates = [self.words[language][i] for i in best]
        rng.shuffle(candidates)
        mine = stem(word)
        for other in candidates:
            theirs = stem(other)
            if theirs[:3] != mine[:3] and theirs not in passage.stems and not _alike(word, other):
                return other
        return None


def _alike(one: str, other: str) -> bool:
    """Return whether the words share most of their letters, as a plural and its singular do."""
    a, b = Counter(stem(one)), Counter(stem(other))
    return sum((a & b).values()) >= 0.7 * min(sum(a.values()), sum(b.values()))


def other_number(word: str, digits: re.Match[str], passage: Passage, rng: random.Random) -> str | None:
    value, width = int(digits.group()), len(digits.group())
    zero = next((z for z in "٠۰" if z <= digits.group()[0] <= chr(ord(z) + 9)), "0")
    for _ in range(8):
        if width == 4:
            new = value + rng.choice([-1, 1]) * rng.choice([1, 1, 2, 3, 4, 5, 7, 10, 12, 20])
        else:
            new = max(1, value + rng.choice([-1, 1]) * rng.randint(1, max(3, value // 2)))
        text = str(new).translate({ord("0") + i: chr(ord(zero) + i) for i in range(10)})
        if new != value and stem(text) not in passage.stems:
            return word[: digits.start()] + text + word[digits.end() :]
    return None


def swap(
    question: str, language: str, passage: Passage, exchange: Exchange, rng: random.Random
) -> tuple[str, tuple[Span, ...], tuple[int, ...]] | None:
    """Exchange one content word of the question; return the question, its words and a 1 for each one left open."""
    words = words_of(question)
    fit = [w for w in words if exchange.content(question[w.start : w.end], language)]
    rng.shuffle(fit)
    fit.sort(key=lambda w: not any(map(str.isdigit, question[w.start : w.end])) and rng.random() < 0.5)
    for word in fit:
        other = exchange.other(question[word.start : word.end], language, passage, rng)
        if other is not None:
            made = question[: word.start] + other + question[word.end :]
            new = Span(word.start, word.start + len(other))
            now = words_of(made)
            return made, now, tuple(int(overlaps(span, new)) for span in now)
    return None
